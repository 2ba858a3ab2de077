"""A logged table as columns that a browser sorts, filters and draws."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError
from gitrack.model.media import MediaItem
from gitrack.publish.packing import pack_numbers, pack_texts
from gitrack.publish.sections.base import Source
from gitrack.publish.sections.media import shown
from gitrack.store.history import holds_json

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT = 2**53
#: Characters of one cell, and of all cells of a table, that travel to a browser.
_CELL, _TEXTS = 20_000, 4_000_000
#: Pictures, sounds and pages of one table that are copied into the site.
_MEDIA = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of a table.

    Attributes
    ----------
    name : str
        What it is called.
    kind : {"number", "bool", "text", "time", "json", "media"}
        ``time`` counts seconds since the epoch, UTC; ``json`` holds compact JSON texts, where
        cells are nested or of several kinds; ``media`` holds mappings as `media_section` has them.
    cells : sequence
        A value a row, None where there is none.
    """

    name: str
    kind: str
    cells: Sequence[Any]


def columns_of(source: Source, tables: "Sequence[pa.Table]", path: str) -> list[Column]:
    """
    Read the columns of a table, or of the parts that it was logged in.

    Parameters
    ----------
    source : Source
        The run, whose media in cells are copied into the site.
    tables : sequence of pyarrow.Table
        The parts, in order.
    path : str
        What an error names.

    Raises
    ------
    FormatError
        If a cell is damaged.
    """
    budget = [_MEDIA]
    parts = [_columns(source, table, path, budget) for table in tables]
    first, *others = parts
    for other in others:
        first = [_joined(*pair) for pair in zip(first, other, strict=False)]
    return first


def table_data(columns: Sequence[Column], of: int, *, sampled: bool = False) -> dict[str, Any]:
    """
    Pack columns for a data script.

    Parameters
    ----------
    columns : sequence of Column
        At least all that is to be shown.
    of : int
        Rows of the whole table.
    sampled : bool
        Whether rows were left out here and there, rather than at the end.

    Returns
    -------
    dict
        ``rows`` (those that are here), ``of``, ``sampled``, and ``columns``: ``name``, ``kind``,
        ``values``. Rows whose texts would be too many for a page are left out at the end.
    """
    columns = [Column(one.name, one.kind, _shortened(one)) for one in columns]
    rows = _affordable(columns)
    packed = [
        {"name": one.name, "kind": one.kind, "values": _PACK[one.kind](one.cells[:rows])}
        for one in columns
    ]
    return {"rows": rows, "of": of, "sampled": sampled, "columns": packed}


def _columns(source: Source, table: "pa.Table", path: str, budget: list[int]) -> list[Column]:
    columns = []
    for place, field in enumerate(table.schema):
        try:
            kind, cells = _cells(source, field, table.column(place), budget)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise FormatError(path, f"the column {field.name!r} is damaged ({error})") from error
        columns.append(Column(field.name, kind, cells))
    return columns


def _cells(
    source: Source, field: "pa.Field", column: "pa.ChunkedArray", budget: list[int]
) -> tuple[str, list[Any]]:
    from pyarrow import types

    if (field.metadata or {}).get(b"gitrack") == b"media":
        return "media", [_media(source, text, budget) for text in column.to_pylist()]
    if holds_json(field):
        return _mixed([None if one is None else json.loads(one) for one in column.to_pylist()])
    if types.is_boolean(field.type):
        return "bool", column.to_pylist()
    if types.is_integer(field.type) or types.is_floating(field.type):
        return _mixed(column.to_pylist())
    if types.is_string(field.type) or types.is_large_string(field.type):
        return "text", column.to_pylist()
    if types.is_timestamp(field.type):
        import pyarrow as pa

        exact = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_pylist()
        return "time", [None if one is None else one / 1e6 for one in exact]
    return "json", [None if one is None else _compact(one) for one in column.to_pylist()]


def _mixed(values: list[Any]) -> tuple[str, list[Any]]:
    """Tell numbers that a browser holds exactly from all else, which is kept as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and all(
        type(value) is not int or -_EXACT <= value <= _EXACT for value in values
    ):
        return "number", values
    return "json", [None if value is None else _compact(value) for value in values]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _media(source: Source, text: str | None, budget: list[int]) -> dict[str, Any] | None:
    if text is None:
        return None
    found = json.loads(text)
    kind = found.pop("type")
    if kind == "value":
        return {"type": "value", "text": _compact(found["value"])}
    path = found.pop("path", None)
    command = {"path": path} if isinstance(path, str) else {}
    if budget[0] <= 0:
        why = f"the first {_MEDIA:,} media of a table are on this site"
        return {"type": kind, "why": why} | command
    budget[0] -= 1
    drawn = shown(source, MediaItem("", 0, 0.0, 0.0, kind, None, path, found))
    return (drawn or {"type": kind, "why": "a cell does not show this kind"}) | command


def _joined(one: Column, other: Column) -> Column:
    if one.kind == other.kind:
        return Column(one.name, one.kind, [*one.cells, *other.cells])
    if not any(cell is not None for cell in one.cells):
        return Column(one.name, other.kind, [*one.cells, *other.cells])
    if not any(cell is not None for cell in other.cells):
        return Column(one.name, one.kind, [*one.cells, *other.cells])
    cells = [
        cell if column.kind == "json" or cell is None else _compact(cell)
        for column in (one, other)
        for cell in column.cells
    ]
    return Column(one.name, "json", cells)


def _shortened(column: Column) -> Sequence[Any]:
    if column.kind not in {"text", "json"}:
        return column.cells
    return [
        f"{cell[:_CELL]}… ({len(cell):,} characters)" if cell and len(cell) > _CELL else cell
        for cell in column.cells
    ]


def _affordable(columns: Sequence[Column]) -> int:
    """Count the rows whose texts a page can hold."""
    texts = [map(_weight, one.cells) for one in columns if one.kind in {"text", "json", "media"}]
    rows = max((len(one.cells) for one in columns), default=0)
    sums = accumulate(map(sum, zip(*texts, strict=True)))
    return next((max(1, row) for row, total in enumerate(sums) if total > _TEXTS), rows)


def _weight(cell: Any) -> int:
    if isinstance(cell, dict):
        return len(cell.get("text", "")) + len(cell.get("src", ""))
    return len(cell or "")


_PACK: dict[str, Callable[[Any], object]] = {
    "number": pack_numbers,
    "time": pack_numbers,
    "text": pack_texts,
    "json": pack_texts,
    "bool": list,
    "media": list,
}
