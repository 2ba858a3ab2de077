"""A run's history as Parquet: exact values, few bytes, readable by anything."""

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

STEP, RUNTIME, TIMESTAMP = "_step", "_runtime", "_timestamp"
RESERVED = frozenset((STEP, RUNTIME, TIMESTAMP))
#: Field metadata of a column whose values are of several kinds, kept as JSON text.
_JSON = {b"gitrack": b"json"}
_INT64, _UINT64, _EXACT, _OFFSETS = 2**63, 2**64, 2**53, 2**31 - 1
_FLOATS = 2**1023


class HistoryBuilder:
    """
    Collects rows and makes the table.

    Rows come in order; a metric's column begins with the first row that has it.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._runtimes: list[float] = []
        self._timestamps: list[float] = []
        self._columns: dict[str, tuple[list[int], list[Any]]] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, step: int, runtime: float, timestamp: float, values: Mapping[str, Any]) -> None:
        """
        Append a row.

        Parameters
        ----------
        step : int
            Its step; may go back.
        runtime, timestamp : float
            Seconds since the run began, and since the epoch.
        values : mapping of str to Any
            Plain values; None counts as not logged.
        """
        row = len(self._steps)
        self._steps.append(step)
        self._runtimes.append(runtime)
        self._timestamps.append(timestamp)
        for key, value in values.items():
            if value is None:
                continue
            column = self._columns.get(key)
            if column is None:
                column = self._columns[key] = ([], [])
            column[0].append(row)
            column[1].append(value)

    def numbers(self, key: str) -> "NDArray[np.float64]":
        """Return the numbers among the values of a metric, in order."""
        import numpy as np

        _, values = self._columns.get(key, ((), ()))
        with contextlib.suppress(ValueError, OverflowError):  # lists of several lengths
            found = np.asarray(values)
            if found.dtype.kind in "fiu" and found.ndim == 1:
                return found.astype(np.float64)
        kept = [v for v in values if isinstance(v, int | float) and abs(v) < _FLOATS]
        return np.array(kept, dtype=np.float64)

    def table(self) -> "pa.Table":
        """Make the table: ``_step``, ``_runtime``, ``_timestamp``, then a column a metric."""
        import numpy as np
        import pyarrow as pa

        every = np.arange(len(self))
        columns: list[tuple[str, Any, Any, Any, list[Any]]] = [
            (STEP, pa.int64(), None, every, self._steps),
            (RUNTIME, pa.float64(), None, every, self._runtimes),
            (TIMESTAMP, pa.float64(), None, every, self._timestamps),
        ]
        for key, (rows, values) in self._columns.items():
            kind, metadata, stored = _column(values)
            columns.append((key, kind, metadata, np.array(rows, dtype=np.intp), stored))
        fields = [
            pa.field(key, kind, nullable=key not in RESERVED, metadata=metadata)
            for key, kind, metadata, _, _ in columns
        ]
        arrays = [_array(kind, rows, stored, len(self)) for _, kind, _, rows, stored in columns]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _column(values: list[Any]) -> tuple["pa.DataType", dict[bytes, bytes] | None, list[Any]]:
    """Choose the narrowest kind that keeps every value of a column exactly."""
    import pyarrow as pa

    kinds = set(map(type, values))
    if kinds == {float}:
        return pa.float64(), None, values
    if kinds == {bool}:
        return pa.bool_(), None, values
    if kinds == {str}:
        return pa.string(), None, values
    if kinds == {int}:
        low, high = min(values), max(values)
        if low >= -_INT64 and high < _INT64:
            return pa.int64(), None, values
        if low >= 0 and high < _UINT64:
            return pa.uint64(), None, values
    elif kinds == {int, float}:
        whole = (value for value in values if type(value) is int)
        if all(-_EXACT <= value <= _EXACT for value in whole):
            return pa.float64(), None, [float(value) for value in values]
    return pa.string(), _JSON, [json.dumps(value) for value in values]


def _array(
    kind: "pa.DataType", rows: "NDArray[np.intp]", values: list[Any], count: int
) -> "pa.Array":
    """
    Lay values out at their rows, the others null.

    Built from buffers: ``pyarrow.array`` would import pandas, which costs a short run more time
    than all the rest of its end.
    """
    import numpy as np
    import pyarrow as pa

    there = np.zeros(count, dtype=bool)
    there[rows] = True
    validity = None if there.all() else _bits(there)
    if pa.types.is_string(kind):
        texts = [value.encode() for value in values]
        lengths = np.zeros(count + 1, dtype=np.int64)
        lengths[rows + 1] = [len(text) for text in texts]
        offsets = lengths.cumsum()
        if offsets[-1] > _OFFSETS:
            raise OverflowError("more than 2 GiB of text in one metric")
        buffers = [validity, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(b"".join(texts))]
    else:
        laid = np.zeros(count, dtype=kind.to_pandas_dtype())
        laid[rows] = values
        buffers = [validity, _bits(laid) if pa.types.is_boolean(kind) else pa.py_buffer(laid)]
    return pa.Array.from_buffers(kind, count, buffers)


def _bits(truth: "NDArray[np.bool_]") -> "pa.Buffer":
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(truth, bitorder="little"))


def table_to_bytes(table: "pa.Table") -> bytes:
    """Write a history: zstd, no dictionary, split floats, delta-packed whole numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    encoding = {}
    for field in table.schema:
        if pa.types.is_floating(field.type):
            encoding[field.name] = "BYTE_STREAM_SPLIT"
        elif pa.types.is_integer(field.type):
            encoding[field.name] = "DELTA_BINARY_PACKED"
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=9,
        use_dictionary=False,
        column_encoding=encoding,
        write_statistics=False,
        store_schema=True,
    )
    return sink.getvalue()


def table_from_bytes(content: bytes, path: str = "history.parquet") -> "pa.Table":
    """
    Read a history.

    Raises
    ------
    FormatError
        If it is no Parquet file, lacks the three columns that every history has, or holds
        columns of a kind that no history has.
    """
    import pyarrow as pa

    table = read_parquet(content, path)
    names = table.column_names
    kinds = (pa.int64(), pa.float64(), pa.float64())
    if names[:3] != [STEP, RUNTIME, TIMESTAMP] or any(
        table.column(index).type != kind or table.column(index).null_count
        for index, kind in enumerate(kinds)
    ):
        raise FormatError(path, f"lacks {STEP}, {RUNTIME} and {TIMESTAMP}")
    if len(set(names)) != len(names):
        raise FormatError(path, "has two columns of one name")
    for field in table.schema:
        if not any(known(field.type) for known in _known_kinds()):
            raise FormatError(path, f"the column {field.name!r} is of kind {field.type}")
    return table


def read_parquet(content: bytes, path: str) -> "pa.Table":
    """
    Read a Parquet file whole.

    Raises
    ------
    FormatError
        If it is none, or is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's threads, still starting when a short command ends, abort the interpreter.
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(path, f"is no Parquet file ({error})") from error
    return table


def _known_kinds() -> tuple[Callable[["pa.DataType"], bool], ...]:
    from pyarrow import types

    return types.is_integer, types.is_floating, types.is_boolean, types.is_string


def holds_json(field: "pa.Field") -> bool:
    """Tell whether a column's values are of several kinds, kept as JSON text."""
    return (field.metadata or {}).get(b"gitrack") == b"json"


def column_values(table: "pa.Table", name: str) -> list[Any]:
    """
    Return a column's values as they were logged, None where a row has none.

    Raises
    ------
    FormatError
        If it should hold JSON texts and does not.
    """
    values: list[Any] = table.column(name).to_pylist()
    if not holds_json(table.schema.field(name)):
        return values
    try:
        return [None if value is None else json.loads(value) for value in values]
    except (ValueError, TypeError, RecursionError) as error:
        raise FormatError(name, f"is no column of JSON texts ({error})") from error
