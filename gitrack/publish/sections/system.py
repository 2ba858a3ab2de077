"""How busy the machine was: charts of system metrics, devices as lines of one chart."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gitrack.publish.packing import packed_series
from gitrack.publish.sections.base import Section, Source
from gitrack.publish.series import TIMES, Series, metrics_from_history
from gitrack.store.history import table_from_bytes
from gitrack.store.layout import SYSTEM_FILE

_GIGA, _MEGA = 1e9, 1e6
_FEW = 8  # samples that come closer together, since a run has just begun
#: Charts in the order of the page: title, unit, what one of it counts, lines by their columns.
_CHARTS: Sequence[tuple[str, str, float, Mapping[str, str]]] = (
    ("GPU use", "%", 1, {r"gpu\.(\d+)\.use": r"gpu \1"}),
    ("GPU memory", "%", 1, {r"gpu\.(\d+)\.memory": r"gpu \1"}),
    (
        "GPU memory used",
        "GB",
        _GIGA,
        {r"gpu\.(\d+)\.memory\.used": r"gpu \1", r"gpu\.(\d+)\.process\.memory": r"gpu \1, own"},
    ),
    ("GPU power", "W", 1, {r"gpu\.(\d+)\.power": r"gpu \1"}),
    ("GPU temperature", "°C", 1, {r"gpu\.(\d+)\.temperature": r"gpu \1"}),
    (
        "GPU clocks",
        "MHz",
        1,
        {r"gpu\.(\d+)\.clock\.sm": r"gpu \1", r"gpu\.(\d+)\.clock\.memory": r"gpu \1, memory"},
    ),
    ("CPU", "% of all cores", 1, {"cpu": "machine"}),
    ("Process CPU", "% of a core", 1, {r"cpu\.process": "process"}),
    ("Memory", "%", 1, {"memory": "machine"}),
    (
        "Memory used",
        "GB",
        _GIGA,
        {
            r"memory\.used": "machine",
            r"memory\.process": "process",
            r"memory\.children": "children",
        },
    ),
    ("Disk traffic", "MB/s", _MEGA, {r"disk\.(read|written)": r"\1"}),
    ("Disk", "% in use", 1, {"disk": "disk"}),
    ("Network", "MB/s", _MEGA, {r"network\.(received|sent)": r"\1"}),
    ("Load", "", 1, {"load": "load"}),
    ("Threads", "", 1, {"threads": "threads"}),
)


def system_section(source: Source) -> Section | None:
    """
    Lay out the system metrics as charts over time.

    The script holds ``charts``, each ``{"title", "unit", "lines": [[name, place]]}``, where place
    is a line's among the packed series; the run's time stands at ``runtime``, the wall's at
    ``timestamp``. A column that is not known has a chart of its own.

    Raises
    ------
    FormatError
        If the file is damaged.
    """
    content = source.read(SYSTEM_FILE)
    if not content:
        return None
    table = table_from_bytes(content, f"{source.record.path}/{SYSTEM_FILE}")
    known = {metric.name: metric.series for metric in metrics_from_history(table)}
    times = [known.pop(name, None) for name in TIMES]
    if not known or None in times:
        return None
    charts, series = [], list(times)
    for title, unit, scale, lines in _charts(known):
        places = []
        for name, one in lines:
            places.append([name, len(series)])
            series.append(_scaled(one, scale))
        charts.append({"title": title, "unit": unit, "lines": places})
    data = {"charts": charts, **packed_series(series)}
    return Section("system", "System", source.script(data), len(charts), _every(times[0]))


def _charts(
    known: Mapping[str, Series],
) -> Iterator[tuple[str, str, float, list[tuple[str, Series]]]]:
    left = dict(known)
    for title, unit, scale, patterns in _CHARTS:
        lines = [
            (match.expand(name), left.pop(column))
            for pattern, name in patterns.items()
            for column in sorted(left, key=_natural)
            if (match := re.fullmatch(pattern, column))
        ]
        if lines:
            yield title, unit, scale, lines
    for column, one in left.items():
        yield column, "", 1, [(column, one)]


def _natural(column: str) -> list[tuple[int, str]]:
    """Order gpu.2 before gpu.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in column.split(".")]


def _scaled(series: Series, scale: float) -> Series:
    return series if scale == 1 else replace(series, y=series.y / series.y.dtype.type(scale))


def _every(times: Series | None) -> str:
    """Say how often the machine was asked, by the middle of the gaps."""
    import numpy as np

    if times is None or len(times.y) <= _FEW:
        return ""
    return f"every {np.median(np.diff(times.y)):.0f} s"
