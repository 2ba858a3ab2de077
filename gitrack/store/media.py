"""``media.jsonl`` and ``histograms.parquet``: what of a run's history is no number."""

import io
import json
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError, NameRefusedError
from gitrack.model.media import MediaItem
from gitrack.model.names import check_path
from gitrack.store.history import RUNTIME, STEP, TIMESTAMP, read_parquet
from gitrack.store.schema import finite_json, strict_json

if TYPE_CHECKING:
    import pyarrow as pa

_KEY, _COUNTS, _EDGES = "key", "counts", "edges"
_WORDS = "not_finite"


def media_to_jsonl(items: Sequence[MediaItem]) -> bytes:
    """
    Write media, one strict JSON object a line.

    NaN and infinities in the facts become words, whose places ``not_finite`` lists as in
    ``run.json``.
    """
    return b"".join(_line(item) for item in items)


def media_from_jsonl(content: bytes, path: str = "media.jsonl") -> list[MediaItem]:
    """
    Read media.

    Raises
    ------
    FormatError
        If a line is no media; the message names it.
    """
    items = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            items.append(_item(json.loads(line)))
        except (
            ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
            NameRefusedError,
        ) as error:  # fmt: skip
            raise FormatError(f"{path}:{number}", f"is no media ({error})") from error
    return items


def _line(item: MediaItem) -> bytes:
    line: dict[str, Any] = {
        "key": item.key,
        "step": item.step,
        "runtime": item.runtime,
        "timestamp": item.timestamp,
        "type": item.type,
    }
    if item.index is not None:
        line["index"] = item.index
    if item.path is not None:
        line["path"] = item.path
    line["facts"], words = strict_json(item.facts or {})
    if words:
        line[_WORDS] = words
    text = json.dumps(line, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _item(line: Any) -> MediaItem:
    index, path = line.get("index"), line.get("path")
    return MediaItem(
        key=_checked(line["key"], str),
        step=_checked(line["step"], int),
        runtime=float(_checked(line["runtime"], float | int)),
        timestamp=float(_checked(line["timestamp"], float | int)),
        type=_checked(line["type"], str),
        index=None if index is None else _checked(index, int),
        path=None if path is None else check_path(_checked(path, str)),
        facts=finite_json(_checked(line.get("facts", {}), dict), line.get(_WORDS, [])),
    )


def _checked(value: Any, kind: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{value!r} is of another kind")
    return value


class HistogramsBuilder:
    """Collects histograms and makes the table: a row each, 8 bytes a number while it grows."""

    def __init__(self) -> None:
        self._steps: array[int] = array("q")
        self._runtimes: array[float] = array("d")
        self._timestamps: array[float] = array("d")
        self._keys: array[int] = array("i")
        self._names: dict[str, int] = {}
        self._counts: array[float] = array("d")
        self._edges: array[float] = array("d")
        self._counts_until: array[int] = array("i", [0])
        self._edges_until: array[int] = array("i", [0])

    def __len__(self) -> int:
        return len(self._steps)

    def add(
        self,
        step: int,
        runtime: float,
        timestamp: float,
        key: str,
        counts: Sequence[float],
        edges: Sequence[float],
    ) -> None:
        """
        Append a histogram.

        Parameters
        ----------
        step : int
            Its row's step.
        runtime, timestamp : float
            Seconds since the run began, and since the epoch.
        key : str
            The name it was logged under.
        counts : sequence of float, of length n_bins
            How much lies in each bin.
        edges : sequence of float, of length n_bins + 1
            Where the bins begin and end.
        """
        self._steps.append(step)
        self._runtimes.append(runtime)
        self._timestamps.append(timestamp)
        self._keys.append(self._names.setdefault(key, len(self._names)))
        self._counts.extend(counts)
        self._edges.extend(edges)
        self._counts_until.append(len(self._counts))
        self._edges_until.append(len(self._edges))

    def to_bytes(self) -> bytes:
        """Write the table: zstd, keys by dictionary, split floats."""
        import pyarrow.parquet as pq

        sink = io.BytesIO()
        floats = [RUNTIME, TIMESTAMP, f"{_COUNTS}.list.element", f"{_EDGES}.list.element"]
        pq.write_table(
            self.table(),
            sink,
            compression="zstd",
            compression_level=9,
            use_dictionary=[_KEY],
            column_encoding={
                STEP: "DELTA_BINARY_PACKED",
                **dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
            },
            write_statistics=False,
            store_schema=True,
        )
        return sink.getvalue()

    def table(self) -> "pa.Table":
        """Make the table: ``_step _runtime _timestamp key counts edges``."""
        import pyarrow as pa

        rows = len(self)
        kinds = (pa.int64(), pa.float64(), pa.float64())
        plain = [
            pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(values)])
            for kind, values in zip(
                kinds, (self._steps, self._runtimes, self._timestamps), strict=True
            )
        ]
        indices = pa.Array.from_buffers(pa.int32(), rows, [None, pa.py_buffer(self._keys)])
        texts = [name.encode("utf-8", "backslashreplace") for name in self._names]
        until = array("i", [0])
        for text in texts:
            until.append(until[-1] + len(text))
        names = pa.Array.from_buffers(
            pa.string(), len(texts), [None, pa.py_buffer(until), pa.py_buffer(b"".join(texts))]
        )
        return pa.Table.from_arrays(
            [
                *plain,
                names.take(indices),
                _lists(self._counts_until, self._counts),
                _lists(self._edges_until, self._edges),
            ],
            names=[STEP, RUNTIME, TIMESTAMP, _KEY, _COUNTS, _EDGES],
        )


def histograms_from_bytes(content: bytes, path: str = "histograms.parquet") -> "pa.Table":
    """
    Read histograms.

    Raises
    ------
    FormatError
        If it is no Parquet file with the columns that histograms have.
    """
    import pyarrow as pa

    table = read_parquet(content, path)
    numbers = pa.list_(pa.float64())
    expected = [pa.int64(), pa.float64(), pa.float64(), pa.string(), numbers, numbers]
    if table.column_names != [STEP, RUNTIME, TIMESTAMP, _KEY, _COUNTS, _EDGES] or any(
        not table.column(place).type.equals(kind) or table.column(place).null_count
        for place, kind in enumerate(expected)
    ):
        raise FormatError(path, "has other columns than histograms have")
    return table


def _lists(until: "array[int]", values: "array[float]") -> "pa.Array":
    import pyarrow as pa

    inner = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])
    offsets = pa.Array.from_buffers(pa.int32(), len(until), [None, pa.py_buffer(until)])
    return pa.ListArray.from_arrays(offsets, inner)
