"""Embeddings that a run logged: their projections, labels and, where they are few, vectors."""

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError
from gitrack.model.media import MediaItem
from gitrack.publish.packing import pack_array, pack_numbers, pack_texts
from gitrack.publish.sections.base import Section, Source
from gitrack.store.history import column_values, read_parquet

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

#: Points that are drawn, numbers of vectors that travel, images that are published, columns.
_POINTS, _NUMBERS, _IMAGES, _COLUMNS = 50_000, 1_000_000, 2_000, 32
_TEXT = 300  # characters of a label
_FLAT = 2


def embeddings_section(source: Source) -> Section | None:
    """
    Lay out embeddings by key, two scripts each: what is drawn, and the vectors themselves.

    The section's script holds ``keys``: ``key`` and ``items`` with ``step``, ``index``, ``name``,
    ``vectors`` (how many), ``dimensions``, ``script`` or ``why``. An item's script is what
    `_drawn` gives.
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    for item in source.media:
        if item.type == "embedding":
            keys.setdefault(item.key, []).append(_item(source, item))
    if not keys:
        return None
    data = {"keys": [{"key": key, "items": items} for key, items in keys.items()]}
    return Section("embeddings", "Embeddings", source.script(data), sum(map(len, keys.values())))


def _item(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    shown = {
        "step": item.step,
        "index": item.index,
        "name": facts.get("name"),
        "vectors": facts.get("vectors"),
        "dimensions": facts.get("dimensions"),
    }
    shown = {key: value for key, value in shown.items() if value is not None}
    try:
        return shown | {"script": source.script(_drawn(source, item))}
    except ValueError as error:
        return shown | {"why": str(error)}


def _drawn(source: Source, item: MediaItem) -> dict[str, Any]:
    """
    Return what an embedding's script holds.

    Returns
    -------
    dict
        ``projections``: ``name``, ``facts`` and packed ``at`` of shape (n, 3), or ``why``;
        ``columns``: ``name``, ``kind`` ("number", "text", "image") and packed ``values``;
        ``every``: which points these are; ``vectors``: the script with packed ``values`` of shape
        (n, ``dimensions``), None where they are too many or not at hand.

    Raises
    ------
    ValueError
        If no projection can be drawn.
    """
    import numpy as np

    facts = item.facts or {}
    if "error" in facts:
        raise ValueError(str(facts["error"]))
    projections: list[dict[str, Any]] = []
    count = None
    for name, one in _mapping(facts.get("projections")).items():
        if "error" in one:
            projections.append({"name": name, "why": str(one["error"])})
            continue
        points = _array(source, one.get("path"))
        if points is None:
            projections.append({"name": name, "why": "its data is not on this site"})
            continue
        if points.shape[1] != 3 or count not in (None, len(points)):  # noqa: PLR2004
            raise ValueError("its projections do not fit")
        count = len(points)
        kept = points[:: _every(count)].astype(np.float32)
        known = {key: value for key, value in one.items() if key in _FACTS}
        projections.append(
            {"name": name, "facts": known, "at": pack_array(np.nan_to_num(kept))},
        )
    if count is None:
        reasons = [f"{one['name']}: {one['why']}" for one in projections]
        raise ValueError("; ".join(reasons) or "it has no projection")
    vectors = _array(source, item.path) if count * _natural(facts) <= _NUMBERS else None
    kept_vectors = None
    if vectors is not None and len(vectors) == count and vectors.size <= _NUMBERS:
        values = pack_array(vectors[:: _every(count)].astype(np.float32))
        kept_vectors = source.script({"values": values})
    return {
        "projections": projections,
        "columns": _columns(source, _mapping(facts.get("labels")).get("path"), count),
        "every": _every(count),
        "vectors": kept_vectors,
        "dimensions": 0 if vectors is None else vectors.shape[1],
    }


_FACTS = ("explained_variance_ratio", "neighbors", "min_dist", "perplexity", "seed")


def _every(count: int) -> int:
    return -(-count // _POINTS) or 1


def _natural(facts: Mapping[str, Any]) -> int:
    dimensions = facts.get("dimensions")
    return dimensions if type(dimensions) is int and dimensions > 0 else _NUMBERS + 1


def _array(source: Source, path: Any) -> "NDArray[Any] | None":
    """Read numbers of shape (n, d); None where they are not on this machine."""
    import numpy as np

    content = source.read(path) if isinstance(path, str) else None
    if content is None:
        return None
    try:
        found = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{path} is no array ({error})") from error
    if not isinstance(found, np.ndarray) or found.ndim != _FLAT or found.dtype.kind not in "fiub":
        raise ValueError(f"{path} holds no vectors")
    return found


def _columns(source: Source, path: Any, count: int) -> list[dict[str, Any]]:
    """Return the labels' columns, those rows alone that are drawn; none where they do not fit."""
    content = source.read(path) if isinstance(path, str) else None
    if content is None:
        return []
    try:
        table = read_parquet(content, str(path))
    except FormatError as error:
        raise ValueError(f"its labels are damaged ({error})") from error
    if len(table) != count:
        raise ValueError(f"it has {len(table):,} labels for {count:,} vectors")
    return [
        _column(source, table, place, _every(count))
        for place in range(min(table.num_columns, _COLUMNS))
    ]


def _column(source: Source, table: "pa.Table", place: int, every: int) -> dict[str, Any]:
    field = table.schema.field(place)
    values = column_values(table.select([place]), field.name)[::every]
    if (field.metadata or {}).get(b"gitrack") == b"media":
        cells = [None if value is None else _mapping(_json(value)) for value in values]
        if any(cell and cell.get("type") == "image" for cell in cells):
            places = [
                source.publish(cell["path"]) if cell and isinstance(cell.get("path"), str) else None
                for cell in cells[:_IMAGES]
            ]
            places += [None] * (len(cells) - len(places))
            return {"name": field.name, "kind": "image", "values": pack_texts(places)}
    if all(value is None or type(value) in (int, float) for value in values):
        return {"name": field.name, "kind": "number", "values": pack_numbers(values)}
    texts = [None if value is None else str(value)[:_TEXT] for value in values]
    return {"name": field.name, "kind": "text", "values": pack_texts(texts)}


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
