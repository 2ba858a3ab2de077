"""Tables that a run logged, key by key, each in a script of its own."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError
from gitrack.model.media import MediaItem
from gitrack.publish.sections.base import Section, Source
from gitrack.publish.sections.columns import columns_of, table_data
from gitrack.store.history import read_parquet

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of one table that a page shows, of all tables of a key, and of each however many they are.
_MOST, _TOGETHER, _LEAST = 10_000, 100_000, 100
AWAY = "its data is not on this site"


def tables_section(source: Source) -> Section | None:
    """
    Lay the tables out by key, each with its steps.

    The script holds ``run`` and ``tables``: ``key``, and ``items`` with ``step``, ``path``, and
    ``script`` (the table's own: see `table_data`) or ``why`` (why it cannot be shown). A table
    that was logged in growing parts stands there once, whole, at its last step.
    """
    keys: dict[tuple[str, int | None], list[MediaItem]] = {}
    for item in source.media:
        if item.type == "table":
            keys.setdefault((item.key, item.index), []).append(item)
    if not keys:
        return None
    tables = []
    for (key, index), items in keys.items():
        chains = list(_chains(items))
        most = max(_LEAST, min(_MOST, _TOGETHER // len(chains)))
        name = key if index is None else f"{key} [{index}]"
        tables.append({"key": name, "items": [_table(source, chain, most) for chain in chains]})
    data = {"run": source.record.run.id, "tables": tables}
    return Section("tables", "Tables", source.script(data), len(tables))


def read_rows(
    source: Source, items: Sequence[MediaItem], most: int, *, sampled: bool = False
) -> dict[str, Any]:
    """
    Read a table, or the parts it was logged in, and write its script.

    Parameters
    ----------
    source : Source
        The run.
    items : sequence of MediaItem
        The table, or its parts in order.
    most : int
        Rows that the script may hold.
    sampled : bool
        Whether rows are left out evenly, rather than at the end.

    Returns
    -------
    dict
        ``script``, ``rows`` (those in it) and ``of``; or ``why``.
    """
    parts: list[pa.Table] = []
    try:
        for item in items:
            content = source.read(item.path) if item.path else None
            if content is None:
                return {"why": AWAY if item.path else "it has no file"}
            parts.append(read_parquet(content, f"{source.record.path}/{item.path}"))
        data = _data(source, parts, items[-1], most, sampled=sampled)
    except FormatError as error:
        source.damaged.append(str(error))
        return {"why": "its file is damaged"}
    return {"script": source.script(data), "rows": data["rows"], "of": data["of"]}


def _data(
    source: Source, parts: "Sequence[pa.Table]", last: MediaItem, most: int, *, sampled: bool
) -> dict[str, Any]:
    of = sum(part.num_rows for part in parts)
    kept: list[pa.Table] = []
    room = most
    for part in parts:
        cut = part.take(_evenly(part.num_rows, most, of)) if sampled else part.slice(0, room)
        room -= cut.num_rows
        kept.append(cut)
    columns = columns_of(source, kept, f"{source.record.path}/{last.path}")
    return table_data(columns, of, sampled=sampled and of > most)


def _table(source: Source, chain: Sequence[MediaItem], most: int) -> dict[str, Any]:
    last = chain[-1]
    return {"step": last.step, "path": last.path} | read_rows(source, chain, most)


def _chains(items: Sequence[MediaItem]) -> Iterator[list[MediaItem]]:
    """Put the parts of a table that grew together: each tells the place of its first row."""
    chain = [items[0]]
    for before, item in pairwise(items):
        if _first(item) <= _first(before):
            yield chain
            chain = []
        chain.append(item)
    yield chain


def _first(item: MediaItem) -> int:
    first = (item.facts or {}).get("first")
    return first if type(first) is int else 0


def _evenly(rows: int, most: int, of: int) -> list[int]:
    """
    Choose rows so that no rhythm of theirs is met: by the golden ratio's multiples.

    Rows that alternate between two lines would lose one of them if every second were kept.
    """
    share = min(1.0, most / of) if of else 1.0
    golden = (5**0.5 - 1) / 2
    return [row for row in range(rows) if share == 1.0 or row * golden % 1 < share]
