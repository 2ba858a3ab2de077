"""The description of a panel that dashboards, reports and the site's own form share."""

import difflib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from reprlib import repr as brief
from typing import Any, NamedTuple

from gitrack.analysis.query import parse
from gitrack.errors import NameRefusedError, PanelError, QueryError
from gitrack.model.names import check_path


class Kind(NamedTuple):
    """
    What a kind of panel needs and may have, besides what all may.

    Attributes
    ----------
    needs : sequence of str
        Fields that it cannot be drawn without; of ``a|b`` one is enough.
    may : sequence of str
        Fields that change how it is drawn.
    """

    needs: Sequence[str]
    may: Sequence[str]


#: By name, in the order of the documentation.
KINDS: Mapping[str, Kind] = {
    "line": Kind(
        ("y",),
        (
            *("x", "group", "smooth", "smoothing", "log", "range", "xrange", "outliers"),
            *("aggregate", "band", "legend"),
        ),
    ),
    "scatter": Kind(("x", "y"), ("color", "size", "log", "range", "frontier")),
    "bar": Kind(("y",), ("group", "error", "range")),
    "histogram": Kind(("x",), ("group", "bins", "log")),
    "box": Kind(("y",), ("group", "log", "range")),
    "violin": Kind(("y",), ("group", "log", "range")),
    "heatmap": Kind(("y|key",), ("x", "bins", "log", "range")),
    "parallel": Kind(("columns",), ("color",)),
    "importance": Kind(("y",), ("columns",)),
    "correlation": Kind((), ("columns", "y")),
    "contour": Kind(("x", "y", "z"), ("log",)),
    "scalar": Kind(("y",), ("value",)),
    "markdown": Kind(("text",), ()),
    "media": Kind(("key",), ()),
    "table": Kind(("key|columns",), ()),
    "code": Kind((), ()),
    "bokeh": Kind(("key|file",), ()),
}
#: What every kind may have.
COMMON = ("title", "runs", "width", "height")

ERRORS = ("std", "stderr", "minmax")
LOGS = ("none", "x", "y", "xy")
SMOOTHINGS = ("time", "points", "mean", "gauss")
AGGREGATES = ("mean", "median", "min", "max")
BANDS = ("std", "stderr", "minmax", "none")
LEGENDS = ("auto", "names", "none")
VALUES = ("best", "mean", "median", "min", "max", "latest")
GOALS = ("min", "max")
_WIDTHS, _HEIGHTS, _BINS = (1, 4), (80, 2000), (2, 200)
_LONGEST = 20_000  # characters of a text
_MOST = 30  # names in a list


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One panel.

    Columns are named as in a search line: ``config.lr``, ``summary.val/acc``, or bare, which means
    a setting first and a result second; the fields of runs (``created``, ``duration``, ``group``)
    too. A metric is named as it was logged.

    Attributes
    ----------
    chart : str
        Its kind, one of `KINDS`.
    title : str
        Its heading; made of the other fields where empty.
    x, y, z : str
        Columns; the metric and its axis for ``line`` and ``heatmap``.
    color, size : str
        Columns that colour and size the points.
    group : sequence of str
        Columns whose equal values make a group.
    columns : sequence of str
        Columns of a parallel, importance or correlation panel, or of a table of runs.
    runs : str
        A search line that the shown runs have to match too.
    smooth : float in [0, 0.99] or None
        The weight of what came before, 0 for none; the page's choice where None.
    smoothing : str
        How curves are smoothed, one of `SMOOTHINGS`; the page's choice where empty, as for
        `aggregate` (what the line of a group is), `band` (what lies around it) and `legend`.
    log : {"", "none", "x", "y", "xy"}
        Axes that are logarithmic; for ``line`` the page's choice where empty.
    range, xrange : tuple of (float or None, float or None) or None
        The values between which the axis lies, None for an end that the values give.
    outliers : float in [0, 0.25] or None
        The share of values on either side that the y axis may leave out.
    bins : int
        How many; 0 for as many as the values call for.
    error : {"", "std", "stderr", "minmax"}
        The error bar of a group's mean; the deviation where empty.
    value : str
        Which of the runs' values a card shows; the best where a direction is known, else the mean.
    frontier : {"", "min", "max"}
        The line of the best y so far along x, and which way is better.
    text : str
        What a markdown panel says.
    key : str
        What was logged: media, a table, a chart, or histograms for ``heatmap``.
    file : str
        A chart in the repository, Bokeh's JSON.
    width : int in [1, 4]
        Columns of the page that it takes; 4 for all.
    height : int
        Pixels; 0 for the kind's usual.
    """

    chart: str
    title: str = ""
    x: str = ""
    y: str = ""
    z: str = ""
    color: str = ""
    size: str = ""
    group: Sequence[str] = ()
    columns: Sequence[str] = ()
    runs: str = ""
    smooth: float | None = None
    smoothing: str = ""
    log: str = ""
    range: tuple[float | None, float | None] | None = None
    xrange: tuple[float | None, float | None] | None = None
    outliers: float | None = None
    aggregate: str = ""
    band: str = ""
    legend: str = ""
    bins: int = 0
    error: str = ""
    value: str = ""
    frontier: str = ""
    text: str = ""
    key: str = ""
    file: str = ""
    width: int = 1
    height: int = 0

    def described(self) -> dict[str, Any]:
        """
        Return the description that makes this panel again, what is usual left out.

        Examples
        --------
        >>> panel_from({"chart": "bar", "y": "acc", "group": "lr", "width": 1}).described()
        {'chart': 'bar', 'y': 'acc', 'group': ['lr']}
        """
        values = ((field, getattr(self, field.name)) for field in fields(self))
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field, value in values
            if value != field.default
        }


def panel_from(description: object, place: str = "panel") -> Panel:
    """
    Read a panel's description, as YAML, TOML or JSON gave it.

    Parameters
    ----------
    description : object
        A mapping of the fields of `Panel`.
    place : str
        Where it stands, for errors.

    Raises
    ------
    PanelError
        If it is no mapping, lacks what its kind needs, has what its kind does not know, or a
        value is not of its kind.

    Examples
    --------
    >>> panel_from({"chart": "scatter", "x": "lr", "y": "val/acc", "log": "x"}).log
    'x'
    >>> panel_from({"chart": "scatter", "x": "lr", "y": "val/acc", "colour": "seed"})
    Traceback (most recent call last):
    gitrack.errors.PanelError: panel: a scatter has no 'colour'; the nearest is 'color'
    """
    if not isinstance(description, Mapping):
        raise PanelError(
            place, f"expected a mapping such as chart: line, found {brief(description)}"
        )
    chart = description.get("chart")
    if chart is None:
        raise PanelError(place, f"'chart' is missing: one of {', '.join(KINDS)}")
    if not isinstance(chart, str) or chart not in KINDS:
        raise PanelError(place, f"there is no chart {brief(chart)}{nearest(chart, KINDS)}")
    kind = KINDS[chart]
    needed = [name for need in kind.needs for name in need.split("|")]
    known = ["chart", *needed, *kind.may, *COMMON]
    values: dict[str, Any] = {"chart": chart}
    for name, value in description.items():
        if name not in known:
            raise PanelError(place, f"a {chart} has no {name!r}{nearest(name, known)}")
        if name != "chart" and value is not None:
            values[name] = _CHECKS[name](value, f"{place}: {name}")
    for need in kind.needs:
        if not any(values.get(name) for name in need.split("|")):
            raise PanelError(place, f"a {chart} needs {need.replace('|', ' or ')}")
    if chart == "parallel" and len(values["columns"]) < 2:  # noqa: PLR2004
        raise PanelError(place, "a parallel needs two columns or more")
    return Panel(**values)


def nearest(word: object, known: Collection[str]) -> str:
    """Say which known word is meant, as the end of a message."""
    found = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0)
    return f"; the nearest is {found[0]!r}" if found else ""


def plain_text(value: object, place: str) -> str:
    """
    Take a text, or refuse it.

    Raises
    ------
    PanelError
        If it is none, or too long for a page.
    """
    if not isinstance(value, str):
        raise PanelError(place, f"expected text, found {brief(value)}")
    if len(value) > _LONGEST:
        raise PanelError(place, f"{len(value):,} characters are too many for a page")
    return value


def texts(value: object, place: str) -> tuple[str, ...]:
    """Take a list of texts, or a single one; raises as `plain_text`."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple):
        raise PanelError(place, f"expected a text or a list of them, found {brief(value)}")
    if len(found) > _MOST:
        raise PanelError(place, f"{len(found)} names are too many: {_MOST} at most")
    return tuple(plain_text(one, place) for one in found)


def search_line(value: object, place: str) -> str:
    """Take a search line that can be read; raises as `plain_text`."""
    line = plain_text(value, place)
    try:
        parse(line)
    except QueryError as error:
        raise PanelError(place, str(error)) from error
    return line


def _file(value: object, place: str) -> str:
    path = plain_text(value, place)
    try:
        check_path(path)
    except NameRefusedError as error:
        raise PanelError(place, str(error)) from error
    if PurePosixPath(path).suffix != ".json":
        raise PanelError(place, f"expected a chart in JSON, found {path!r}")
    return path


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PanelError(place, f"expected a number, found {brief(value)}")
    return value


def _share(low: float, high: float) -> Callable[[object, str], float]:
    def check(value: object, place: str) -> float:
        if not low <= (share := float(_number(value, place))) <= high:
            raise PanelError(place, f"expected a number from {low:g} to {high:g}, found {share:g}")
        return share

    return check


def _interval(value: object, place: str) -> tuple[float | None, float | None]:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004  its ends
        raise PanelError(place, f"expected [lowest, highest], found {brief(value)}")
    low, high = (None if end is None else _number(end, place) for end in value)
    if low is not None and high is not None and not low < high:
        raise PanelError(place, f"expected the lower end first, found {brief(list(value))}")
    return low, high


def _whole(bounds: tuple[int, int]) -> Callable[[object, str], int]:
    low, high = bounds

    def check(value: object, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise PanelError(
                place, f"expected a whole number from {low} to {high}, found {brief(value)}"
            )
        return value

    return check


def _one_of(words: Sequence[str]) -> Callable[[object, str], str]:
    def check(value: object, place: str) -> str:
        if value not in words:
            raise PanelError(place, f"expected one of {', '.join(words)}, found {brief(value)}")
        return str(value)

    return check


_CHECKS: Mapping[str, Callable[[object, str], Any]] = {
    **dict.fromkeys(("title", "x", "y", "z", "color", "size", "text", "key"), plain_text),
    **dict.fromkeys(("group", "columns"), texts),
    "runs": search_line,
    "smooth": _share(0, 0.99),
    "smoothing": _one_of(SMOOTHINGS),
    "log": _one_of(LOGS),
    **dict.fromkeys(("range", "xrange"), _interval),
    "outliers": _share(0, 0.25),
    "aggregate": _one_of(AGGREGATES),
    "band": _one_of(BANDS),
    "legend": _one_of(LEGENDS),
    "bins": _whole(_BINS),
    "error": _one_of(ERRORS),
    "value": _one_of(VALUES),
    "frontier": _one_of(GOALS),
    "file": _file,
    "width": _whole(_WIDTHS),
    "height": _whole(_HEIGHTS),
}
