"""A run's history as the series that charts draw, and the numbers that pages show of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitrack.analysis.downsample import kept_points
from gitrack.analysis.goals import goal_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Places = tuple[int, int] | NDArray[np.float64]

#: Times that every history has; charts may stand on them as on a metric.
TIMES = ("_runtime", "_timestamp")

_SPARK_POINTS = 24
_SPARK_WIDTH, _SPARK_HEIGHT = 100, 48
#: What single precision may lose of a curve's own height before double precision is taken.
_TOLERANCE = 1e-4
_WHOLE = 2**24


@dataclass(frozen=True, slots=True)
class Curve:
    """
    What pages say of one metric of one run.

    Attributes
    ----------
    last : float
        The last value, NaN and infinities as logged.
    best : float or None
        The best finite one; None without a known goal or a finite value.
    best_step : int or None
        Where it was first reached.
    spark : str
        ``points`` of a polyline in a box of 100 x 48; empty for fewer than two finite points.
    """

    last: float
    best: float | None
    best_step: int | None
    spark: str


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """
    The points of one metric of one run that a chart needs.

    Attributes
    ----------
    of : int
        How many points were logged.
    rows, steps : tuple of (int, int) or ndarray of float64, shape (n,)
        Where they stand: start and stride where one stride leads through them all.
    y : ndarray of float32 or float64, shape (n,)
        Values; double precision where single would change the picture.
    """

    of: int
    rows: "Places"
    steps: "Places"
    y: "NDArray[Any]"


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric of one run, as its data script and its page need it.

    Attributes
    ----------
    name : str
        As logged, or one of `TIMES`.
    series : Series
        Its points.
    curve : Curve or None
        None for `TIMES`.
    """

    name: str
    series: Series
    curve: Curve | None


def metrics_from_history(history: "pa.Table") -> Iterator[Metric]:
    """
    Encode every metric of a history that a chart can draw, the times last.

    Parameters
    ----------
    history : pyarrow.Table
        Columns ``_step``, ``_runtime``, ``_timestamp`` and one a metric; null = not logged.
        Text columns are passed over.
    """
    import pyarrow as pa

    steps = _array(history.column("_step"))
    names = [name for name in history.column_names if name not in {"_step", *TIMES}]
    for name in (*names, *TIMES):
        column = history.column(name)
        kind = column.type
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if not (numeric or pa.types.is_boolean(kind)) or column.null_count == len(column):
            continue
        rows, y = _logged(column)
        exact = name in TIMES or (
            pa.types.is_integer(kind) and bool(abs(y).max(initial=0.0) > _WHOLE)
        )
        kept = kept_points(y)
        at = steps[rows]
        series = _series(rows[kept], at[kept], y[kept], of=len(y), exact=exact)
        yield Metric(name, series, None if name in TIMES else _curve(name, at, y))


def _logged(column: "pa.ChunkedArray") -> "tuple[NDArray[np.int64], NDArray[np.float64]]":
    import numpy as np

    y = _array(column.drop_null()).astype(np.float64)
    if column.null_count == 0:
        return np.arange(len(y)), y
    return np.flatnonzero(_array(column.is_valid())), y


def _array(column: "pa.ChunkedArray") -> "NDArray[Any]":
    import numpy as np
    import pyarrow as pa

    whole = column.combine_chunks()
    if pa.types.is_boolean(whole.type):
        whole = whole.cast(pa.uint8())
    # pyarrow's own to_numpy() would import pandas for it.
    return np.from_dlpack(whole)


def _series(
    rows: "NDArray[Any]", steps: "NDArray[Any]", y: "NDArray[Any]", *, of: int, exact: bool
) -> Series:
    precise = exact or not _fits_single(y)
    return Series(of, _places(rows), _places(steps), y.astype("<f8" if precise else "<f4"))


def _places(places: "NDArray[np.int64]") -> "Places":
    """Write whole numbers as start and stride where one stride leads through them all."""
    import numpy as np

    start = int(places[0])
    stride = int(places[1]) - start if len(places) > 1 else 1
    if len(places) < 3 or bool((np.diff(places) == stride).all()):  # noqa: PLR2004
        return start, stride
    return places.astype("<f8")


def _fits_single(y: "NDArray[np.float64]") -> bool:
    import numpy as np

    finite = y[np.isfinite(y)]
    if not len(finite):
        return True
    with np.errstate(over="ignore", under="ignore"):
        single = finite.astype(np.float32).astype(np.float64)
    if not np.isfinite(single).all() or ((single == 0) & (finite != 0)).any():
        # It would leave the chart, or a logarithmic axis.
        return False
    lost = float(np.abs(single - finite).max())
    return lost <= _TOLERANCE * float(np.ptp(finite) or abs(finite[0]))


def _curve(name: str, steps: "NDArray[np.int64]", y: "NDArray[np.float64]") -> Curve:
    import numpy as np

    finite = np.flatnonzero(np.isfinite(y))
    goal = goal_of(name)
    best = best_step = None
    if goal is not None and len(finite):
        values = y[finite]
        at = finite[values.argmin() if goal == "min" else values.argmax()]
        best, best_step = float(y[at]), int(steps[at])
    return Curve(float(y[-1]), best, best_step, _spark(finite, y[finite]))


def _spark(rows: "NDArray[np.intp]", y: "NDArray[np.float64]") -> str:
    import numpy as np

    if len(y) < 2:  # noqa: PLR2004  one point is no line
        return ""
    kept = kept_points(y, _SPARK_POINTS)
    x, low, height = rows[kept], float(y.min()), float(y.max()) - float(y.min())
    across = (x - x[0]) * (_SPARK_WIDTH / (x[-1] - x[0]))
    up = (y[kept] - low) / height if 0 < height < float("inf") else kept * 0.0 + 0.5
    places = np.stack([across, (1 - up) * _SPARK_HEIGHT], axis=1)
    # Whole numbers, and one format for all: a page has dozens of these curves.
    return ("%.0f,%.0f " * len(kept) % tuple(places.ravel().tolist())).rstrip()
