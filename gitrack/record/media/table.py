"""Tables: rows of anything, media too, kept as Parquet."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from gitrack.record.media.base import Item, Media, RecordFiles, Spool, encode_item
from gitrack.record.media.columns import MEDIA, column_from, to_json
from gitrack.record.media.kinds import media_from
from gitrack.record.notice import warn_once
from gitrack.record.redaction import redact, redact_tree
from gitrack.record.values import plain, text_from

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

_LOG_MODES = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
_PLACE = "tables"
_CELL = "\x00media"  # the one key of a cell that stands for media in the spool
_FLAT = 2
#: How a cell is read back that orjson would not keep as it was.
_READERS: dict[str, Callable[[str], Any]] = {"f": float, "i": int, "j": json.loads}


class Table(Media):
    """
    A table.

    Parameters
    ----------
    columns : sequence of str, optional
        The columns' names.
    data : sequence of rows, ndarray of shape (n_rows, n_columns), mapping or DataFrame, optional
        The content; a mapping holds a column under each name.
    rows : sequence of rows, optional
        The same.
    dataframe : DataFrame, optional
        The same; an index that has a name becomes a column.
    dtype, optional, allow_mixed_types
        Taken for W&B's sake: a column keeps whatever it is given.
    log_mode : {"IMMUTABLE", "MUTABLE", "INCREMENTAL"}
        What a second ``log`` keeps: the whole table, or with "INCREMENTAL" the rows since the
        last one.

    Raises
    ------
    ValueError
        If a row's length is not the number of columns.
    """

    type: ClassVar[str] = "table"

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Sequence[Sequence[Any]] | None = None,
        dataframe: "pd.DataFrame | None" = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = "IMMUTABLE",
    ) -> None:
        if log_mode not in (None, *_LOG_MODES):
            raise ValueError(f"log_mode {log_mode!r} is not one of {', '.join(_LOG_MODES)}")
        self.dtype, self.optional, self.allow_mixed_types = dtype, optional, allow_mixed_types
        self.log_mode = log_mode or "IMMUTABLE"
        self._logged = 0
        self._frame: Any = None
        self._rows: list[list[Any]] = []
        data = rows if data is None else data
        if type(columns).__name__ == "DataFrame":
            data, columns = columns, None
        self.columns: list[str] = [] if columns is None else [text_from(name) for name in columns]
        if dataframe is not None or type(data).__name__ == "DataFrame":
            frame = data if dataframe is None else dataframe
            if frame.index.name is not None or frame.index.nlevels > 1:
                frame = frame.reset_index()
            self._frame = frame
            self.columns = [text_from(name) for name in frame.columns]
        elif isinstance(data, Mapping):
            self.columns = [text_from(name) for name in data]
            self._rows = [list(row) for row in zip(*data.values(), strict=True)]
        elif getattr(data, "ndim", 0) == _FLAT and data.dtype.kind in "biuf":
            import pandas as pd

            self.columns = self.columns or [str(place) for place in range(data.shape[1])]
            if len(self.columns) != data.shape[1]:
                raise ValueError(
                    f"{data.shape[1]} columns of data in a table of {len(self.columns)}"
                )
            self._frame = pd.DataFrame(data, columns=self.columns, copy=True)
        elif data is not None:
            if not self.columns and len(data):
                self.columns = [str(place) for place in range(len(data[0]))]
            for row in data:
                self.add_data(*row)
        if not self.columns and not self._rows and self._frame is None and columns is None:
            self.columns = ["Input", "Output", "Expected"]

    @property
    def data(self) -> list[list[Any]]:
        """The rows, as they were given."""
        if self._frame is not None:
            self._rows = [list(row) for row in self._frame.itertuples(index=False, name=None)]
            self._frame = None
        return self._rows

    def add_data(self, *data: Any) -> None:
        """
        Append a row, a value a column.

        Raises
        ------
        ValueError
            If there are more or fewer values than columns.
        """
        if len(data) != len(self.columns):
            raise ValueError(f"a row of {len(data)} values in a table of {len(self.columns)}")
        self.data.append(list(data))

    def add_row(self, *row: Any) -> None:
        """Append a row: see `add_data`."""
        self.add_data(*row)

    def add_column(self, name: Any, data: Any, optional: bool = False) -> None:  # noqa: ARG002
        """
        Append a column, a value a row.

        Raises
        ------
        ValueError
            If there are more or fewer values than rows.
        """
        values = list(data)
        if self.columns and self.data and len(values) != len(self.data):
            raise ValueError(f"a column of {len(values)} values in a table of {len(self.data)}")
        if not self.data:
            self._rows = [[None] * len(self.columns) for _ in values]
        for row, value in zip(self.data, values, strict=True):
            row.append(value)
        self.columns.append(text_from(name))

    def get_column(self, name: str, convert_to: str | None = None) -> "list[Any] | NDArray[Any]":
        """
        Return a column's values, as an array with ``convert_to="numpy"``.

        Raises
        ------
        KeyError
            If there is no such column.
        ValueError
            If `convert_to` is something else.
        """
        if name not in self.columns:
            raise KeyError(name)
        place = self.columns.index(name)
        values = [row[place] for row in self.data]
        if convert_to is None:
            return values
        if convert_to != "numpy":
            raise ValueError(f"convert_to is None or 'numpy', not {convert_to!r}")
        import numpy as np

        return np.array(values)

    def get_dataframe(self) -> "pd.DataFrame":
        """Return the table as a DataFrame."""
        import pandas as pd

        if self._frame is not None:
            frame: pd.DataFrame = self._frame.copy()
            return frame
        return pd.DataFrame(self.data, columns=self.columns)

    def get_index(self) -> list[int]:
        """Return the rows' places."""
        return list(range(len(self.data)))

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield each row's place and values."""
        yield from enumerate(self.data)

    def __len__(self) -> int:
        return len(self._frame if self._frame is not None else self._rows)

    def __bool__(self) -> bool:
        return True

    def spool(self, spool: Spool) -> Item:
        """Keep the rows as they are now; numbers of a DataFrame without touching each cell."""
        item: Item = {"type": self.type, "columns": self.columns, "spooled": []}
        if self._frame is not None and (content := _arrow_stream(self._frame, self.columns)):
            item["form"] = "arrow"
        else:
            rows = self.data
            if self.log_mode == "INCREMENTAL":
                rows, item["first"] = rows[self._logged :], self._logged
                self._logged = len(self.data)
            item["form"] = "rows"
            content = b"".join(
                _encoded([_cell(value, spool, item["spooled"]) for value in row]) for row in rows
            )
        item["spooled"].insert(0, spool.keep(content))
        return item

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the table as Parquet."""
        import pyarrow.parquet as pq

        path = spool.path(item["spooled"][0])
        made: Item = {"type": cls.type, "columns": [redact(name) for name in item["columns"]]}
        if "first" in item:
            made["first"] = item["first"]
        if item["form"] == "arrow":
            table = _from_stream(path.read_bytes()).rename_columns(made["columns"])
        else:
            rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
            table, media = _from_rows(item["columns"], rows, spool, files)
            if media:
                made["media"] = media
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd", store_schema=True)
        kept = files.add(sink.getvalue(), ".parquet", _PLACE)
        return {**made, **kept, "rows": table.num_rows}


def _encoded(cells: list[Any]) -> bytes:
    try:
        return orjson.dumps([_spelled(cell) for cell in cells]) + b"\n"
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps([_spelled(cell, big=True) for cell in cells]) + b"\n"


def _spelled(cell: Any, *, big: bool = False) -> Any:
    """Wrap what orjson would not keep: NaN, infinities, large numbers, nested values."""
    if type(cell) is float and cell - cell != 0.0:
        return {"f": repr(cell)}
    if type(cell) is int and big:
        return {"i": str(cell)}
    if isinstance(cell, list) or (isinstance(cell, dict) and _CELL not in cell):
        return {"j": to_json(cell)}
    return cell


def _read(cell: Any) -> Any:
    """Undo `_spelled`."""
    if type(cell) is dict and _CELL not in cell:
        ((kind, text),) = cell.items()
        return _READERS[kind](text)
    return cell


def _cell(value: Any, spool: Spool, spooled: list[str]) -> Any:
    """Return a cell's plain form; media in it is kept beside the table."""
    kind = type(value)
    if kind is float or kind is int or kind is str or kind is bool or value is None:
        return plain(value, "table")
    if (media := media_from(value)) is not None:
        item = media.spool(spool)
        spooled += item.get("spooled", ())
        return {_CELL: item}
    return plain(value, "table")


def _from_rows(
    names: list[str], rows: list[list[Any]], spool: Spool, files: RecordFiles
) -> "tuple[pa.Table, list[str]]":
    """Make the table and name the columns that hold media."""
    import pyarrow as pa

    fields, arrays, media = [], [], []
    for place, name in enumerate(names):
        cells = [_read(row[place]) for row in rows]
        if any(type(cell) is dict and _CELL in cell for cell in cells):
            made = [
                redact_tree(encode_item(cell[_CELL], spool, files))
                if type(cell) is dict and _CELL in cell
                else None
                if cell is None
                else {"type": "value", "value": redact_tree(cell)}
                for cell in cells
            ]
            column = pa.array([None if cell is None else to_json(cell) for cell in made])
            metadata: dict[bytes, bytes] | None = MEDIA
            media.append(redact(name))
        else:
            column, metadata = column_from([redact_tree(cell) for cell in cells])
        fields.append(pa.field(redact(name), column.type, metadata=metadata))
        arrays.append(column)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields)), media


def _arrow_stream(frame: Any, names: list[str]) -> bytes | None:
    """Return a DataFrame as an Arrow stream; None where some of its cells need a closer look."""
    import pandas as pd
    import pyarrow as pa

    simple = all(
        pd.api.types.is_numeric_dtype(kind)
        or pd.api.types.is_datetime64_any_dtype(kind)
        or pd.api.types.is_bool_dtype(kind)
        for kind in frame.dtypes
    )
    if not simple:
        return None
    try:
        arrays = [pa.array(frame.iloc[:, place], from_pandas=False) for place in range(len(names))]
        table = pa.Table.from_arrays(arrays, names=names)
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    except (pa.ArrowException, TypeError, ValueError) as error:
        warn_once("dataframe", f"a DataFrame is read cell by cell ({type(error).__name__})")
        return None
    return sink.getvalue()


def _from_stream(content: bytes) -> "pa.Table":
    import pyarrow as pa

    with pa.ipc.open_stream(pa.BufferReader(content)) as reader:
        return reader.read_all()
