"""Curves over steps, means of several runs, and what their processes took of memory."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gitrack.errors import FormatError, GitrackError
from gitrack.model.run import Record
from gitrack.review.model import POINTS, Curve, cut
from gitrack.store.history import RESERVED, STEP, holds_json, table_from_bytes
from gitrack.store.layout import HISTORY_FILE, SYSTEM_FILE
from gitrack.store.reader import Reader, stored_name

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Runs whose curves are read, a side: a mean of these is a picture, no evidence.
READ = 10
_LEAST_POINTS = 2


class Curves:
    """
    The histories of a side's runs.

    Parameters
    ----------
    reader : Reader
        Where they are read.
    records : sequence of Record
        The runs, oldest first; the newest ten are read.
    """

    def __init__(self, reader: Reader, records: Sequence[Record]) -> None:
        self._reader = reader
        self.records = list(records[-READ:])
        self._tables = list(self._histories())

    def _histories(self) -> Iterator["pa.Table"]:
        for record, table in self._read(HISTORY_FILE):
            if table is not None:
                yield table
                continue
            # What DVC keeps has a preview in git, which is enough for a picture.
            try:
                yield self._reader.history(record)
            except GitrackError:
                continue

    def _read(self, path: str) -> Iterator[tuple[Record, "pa.Table | None"]]:
        """Yield what is in git, all in one go; None for what is elsewhere or damaged."""
        here = [record for record in self.records if stored_name(record, path) == path]
        found = self._reader.git.objects(record.blobs[path] for record in here)
        contents = {r.run.id: one.content for r, one in zip(here, found, strict=True) if one}
        for record in self.records:
            content = contents.get(record.run.id)
            try:
                yield record, None if content is None else table_from_bytes(content, path)
            except FormatError:
                yield record, None

    def memory(self) -> float | None:
        """Return the mean of the runs' peaks, in bytes, None where nothing was sampled."""
        import numpy as np

        peaks = []
        for _, table in self._read(SYSTEM_FILE):
            if table is None:
                continue
            own, children = (_column(table, f"memory.{part}") for part in ("process", "children"))
            if own is not None and len(own):
                whole = own if children is None else own + np.nan_to_num(children)
                peaks.append(float(np.nan_to_num(whole).max()))
        return sum(peaks) / len(peaks) if peaks else None

    def lines(self, metric: str) -> list[tuple["Floats", "Floats"]]:
        """Return steps and values of each run that logged a metric at two steps or more."""
        import numpy as np

        found = []
        for table in self._tables:
            values = _column(table, metric)
            if values is None:
                continue
            kept = np.isfinite(values)
            steps, order = np.unique(_column(table, STEP)[kept], return_index=True)  # type: ignore[index]
            if len(steps) >= _LEAST_POINTS:
                found.append((steps, values[kept][order]))
        return found


def mean_curve(lines: Sequence[tuple["Floats", "Floats"]], at: "Floats") -> tuple[float, ...]:
    """Return the mean of lines at some steps, straight between their points."""
    import numpy as np

    return tuple(np.mean([np.interp(at, *line) for line in lines], axis=0).tolist())


def steps_of(lines: Sequence[tuple["Floats", "Floats"]]) -> "Floats | None":
    """Return even steps that all lines have, at most forty; None where there are none."""
    import numpy as np

    if not lines:
        return None
    first, last = max(x[0] for x, _ in lines), min(x[-1] for x, _ in lines)
    count = min(POINTS, max(len(x) for x, _ in lines))
    return np.linspace(first, last, count) if first < last else None


def shared_curve(metric: str, base: Curves, head: Curves) -> Curve | None:
    """Draw a metric of both sides over the steps that they have in common."""
    lines, others = base.lines(metric), head.lines(metric)
    if not lines or not others or (at := steps_of([*lines, *others])) is None:
        return None
    return Curve(
        metric=cut(metric),
        first=float(at[0]),
        last=float(at[-1]),
        base=mean_curve(lines, at),
        head=mean_curve(others, at),
        base_runs=len(lines),
        head_runs=len(others),
    )


def sparklines(head: Curves, metrics: Sequence[str]) -> Mapping[str, tuple[float, ...]]:
    """Return the head's mean curve of each metric that has one."""
    found = {}
    for metric in metrics:
        lines = head.lines(metric)
        if (at := steps_of(lines)) is not None:
            found[metric] = mean_curve(lines, at)
    return found


def _column(table: "pa.Table", name: str) -> "Floats | None":
    """Return a column as floats, NaN where it holds none; None where there is no such metric."""
    import numpy as np
    import pyarrow as pa

    if name not in table.column_names:
        return None
    field = table.schema.field(name)
    if name not in RESERVED and holds_json(field):
        return None
    column = table.column(name)
    if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
        return None
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
