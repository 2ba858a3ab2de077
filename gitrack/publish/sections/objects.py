"""Point clouds with boxes, meshes and molecules that a run logged, as flat arrays for WebGL."""

import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitrack.model.media import MediaItem
from gitrack.publish.packing import pack_array
from gitrack.publish.sections.base import Section, Source
from gitrack.publish.shapes.gltf import mesh_from_gltf
from gitrack.publish.shapes.mesh import Mesh
from gitrack.publish.shapes.molecule import molecule_from
from gitrack.publish.shapes.obj import mesh_from_obj
from gitrack.publish.shapes.ply import mesh_from_ply
from gitrack.publish.shapes.stl import mesh_from_stl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Points that are drawn of a cloud, and bytes of a file that is read.
_POINTS, _BYTES = 300_000, 64_000_000
_BOXES = 5_000
_CORNERS = 8
_SAME = 1e-3  # share of a box's size within which corners are one
_MESHES: dict[str, Callable[[bytes], Mesh]] = {
    "obj": mesh_from_obj,
    "stl": mesh_from_stl,
    "ply": mesh_from_ply,
    "glb": mesh_from_gltf,
    "gltf": mesh_from_gltf,
}


def objects_section(source: Source) -> Section | None:
    """
    Lay out what was logged in three dimensions by key, a script an object.

    The section's script holds ``keys``: ``key`` and ``items`` with ``step``, ``index``,
    ``caption``, ``words`` (how large it is), ``script`` or ``why`` (what cannot be shown). An
    object's script holds ``points``, ``mesh`` or ``atoms``, each of packed arrays, with ``boxes``
    and ``vectors``.
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    for item in source.media:
        if item.type in ("object3d", "molecule"):
            keys.setdefault(item.key, []).append(_item(source, item))
    if not keys:
        return None
    data = {"keys": [{"key": key, "items": items} for key, items in keys.items()]}
    return Section("objects", "3D", source.script(data), sum(map(len, keys.values())))


def _item(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    shown = {"step": item.step, "index": item.index, "caption": facts.get("caption")}
    shown = {key: value for key, value in shown.items() if value is not None}
    content = source.read(item.path) if item.path and "error" not in facts else None
    if content is None:
        return shown | {"why": str(facts.get("error", "its data is not on this site"))}
    try:
        words, data = shape_of(content, str(facts.get("format", "")), facts)
    except ValueError as error:
        return shown | {"why": str(error)}
    return shown | {"words": words, "script": source.script(data)}


def shape_of(content: bytes, kind: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """
    Turn a recorded object into what the browser draws.

    Parameters
    ----------
    content : bytes
        Its file.
    kind : str
        Its format as recorded: "points", "glb", "pdb" ….
    facts : mapping
        ``boxes`` and ``vectors`` of a scene of points.

    Returns
    -------
    words : str
        How large it is.
    data : dict
        What its script holds.

    Raises
    ------
    ValueError
        If it cannot be drawn; the message says why.
    """
    import numpy as np

    if len(content) > _BYTES:
        raise ValueError(f"{len(content):,} bytes are too many for a page")
    with np.errstate(all="ignore"):
        if kind == "points":
            return _cloud(_array(content), facts)
        if kind == "pts.json":
            return _pts(content)
        if kind in _MESHES:
            return _mesh(_MESHES[kind](content))
        return _molecule(content, kind)


def _array(content: bytes) -> "NDArray[Any]":
    import numpy as np

    try:
        points = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"it is no array ({error})") from error
    if not isinstance(points, np.ndarray):
        raise ValueError("it is no array")
    return points


def _pts(content: bytes) -> tuple[str, dict[str, Any]]:
    """Read W&B's file of points: a list of them, or a scene."""
    import numpy as np

    try:
        scene = json.loads(content.decode("utf-8"))
        scene = {"points": scene} if isinstance(scene, list) else scene
        points = np.array(scene["points"], float)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"it holds no points ({error})") from error
    return _cloud(points, scene)


def _cloud(points: "NDArray[Any]", facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Draw points, thinned evenly where they are too many; those that are not finite left out."""
    import numpy as np

    if points.ndim != 2 or points.shape[1] not in (3, 4, 6) or points.dtype.kind not in "fiu":  # noqa: PLR2004
        raise ValueError(f"points of shape {points.shape} cannot be drawn")
    every = -(-len(points) // _POINTS) or 1
    kept = points[::every]
    kept = kept[np.isfinite(kept).all(axis=1)]
    words = f"{len(points):,} points" + (f", every {every}. drawn" if every > 1 else "")
    drawn: dict[str, Any] = {"at": pack_array(kept[:, :3].astype(np.float32))}
    if kept.shape[1] == 6:  # noqa: PLR2004  x y z r g b
        drawn["colours"] = pack_array(np.clip(kept[:, 3:], 0, 255).astype(np.uint8))
    elif kept.shape[1] == 4:  # noqa: PLR2004  x y z category
        names, places = np.unique(kept[:, 3], return_inverse=True)
        drawn["categories"] = [float(name) for name in names[:1000]]
        drawn["category"] = pack_array(np.minimum(places, 999).astype(np.uint16))
    boxes = [box for one in _list(facts.get("boxes")) if (box := _box(one))][:_BOXES]
    vectors = [ends for one in _list(facts.get("vectors")) if (ends := _vector(one))][:_BOXES]
    if boxes:
        words += f", {len(boxes)} {'box' if len(boxes) == 1 else 'boxes'}"
    if not (len(kept) or boxes or vectors):
        raise ValueError("it has no points")
    return words, {"points": drawn, "boxes": boxes, "vectors": vectors, "up": "z"}


def _mesh(mesh: Mesh) -> tuple[str, dict[str, Any]]:
    import numpy as np

    if not len(mesh.corners):
        columns = mesh.positions.astype(float)
        if mesh.colours is not None:
            columns = np.column_stack([columns, mesh.colours])
        return _cloud(columns, {})
    packed = {
        "at": pack_array(mesh.positions),
        "corners": pack_array(mesh.corners),
        "normals": None if mesh.normals is None else pack_array(_units(mesh.normals)),
        "colours": None if mesh.colours is None else pack_array(mesh.colours),
    }
    words = f"{len(mesh.positions):,} vertices, {len(mesh.corners):,} triangles"
    return words, {"mesh": packed, "boxes": [], "vectors": [], "up": "y"}


def _units(normals: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.nan_to_num(normals / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _molecule(content: bytes, kind: str) -> tuple[str, dict[str, Any]]:
    import numpy as np

    molecule = molecule_from(content, kind)
    names = sorted(set(molecule.elements))
    if len(names) > 255:  # noqa: PLR2004  there are no more elements than half of these
        raise ValueError("its elements are none")
    place = {name: at for at, name in enumerate(names)}
    atoms = {
        "at": pack_array(np.array(molecule.positions, np.float32)),
        "elements": names,
        "element": pack_array(np.array([place[one] for one in molecule.elements], np.uint8)),
        "bonds": pack_array(np.array(molecule.bonds, np.uint32).reshape(-1, 2)),
    }
    words = f"{len(molecule.elements):,} atoms, {len(molecule.bonds):,} bonds"
    return words, {"atoms": atoms, "boxes": [], "vectors": [], "up": "y"}


def _box(box: Any) -> dict[str, Any] | None:
    """Return a box with 8 corners that are finite; else None."""
    box = box if isinstance(box, Mapping) else {}
    corners = [_place(corner) for corner in _list(box.get("corners"))]
    if len(corners) != _CORNERS or None in corners:
        return None
    colour = _place(box.get("color")) or (86.0, 140.0, 246.0)
    made: dict[str, Any] = {"corners": in_order([corner for corner in corners if corner])}
    made["colour"] = [int(min(max(part, 0), 255)) for part in colour]
    if box.get("label") is not None:
        made["label"] = str(box["label"])
    if type(box.get("score")) in (int, float):
        made["score"] = box["score"]
    return made


def in_order(corners: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """
    Order the corners of a box, which W&B takes in any order, as a counter of three bits.

    What is no parallelepiped stays as it is.

    Examples
    --------
    >>> cube = [(0, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 1)]
    >>> ordered = in_order([*cube, (1, 1, 1)])
    >>> ordered[0], ordered[3], ordered[7]
    ((0, 0, 0), (1, 0, 1), (1, 1, 1))
    """
    import numpy as np

    first, *others = np.array(corners, float)
    size = float(np.abs(np.array(others) - first).max()) or 1.0
    for sides in itertools.combinations([other - first for other in others], 3):
        wanted = [
            first + sum(side for bit, side in zip(bits, sides, strict=True) if bit)
            for bits in itertools.product((0, 1), repeat=3)
        ]
        distances = np.linalg.norm(np.array(wanted)[:, None] - np.array(corners), axis=2)
        places = distances.argmin(axis=1)
        if distances.min(axis=1).max() < _SAME * size and len(set(places.tolist())) == _CORNERS:
            return [corners[place] for place in places]
    return list(corners)


def _vector(vector: Any) -> list[tuple[float, ...]] | None:
    vector = vector if isinstance(vector, Mapping) else {}
    ends = [_place(vector.get(name)) for name in ("start", "end")]
    return [end for end in ends if end is not None] if None not in ends else None


def _place(value: Any) -> tuple[float, ...] | None:
    import math

    parts = _list(value)
    if len(parts) != 3 or not all(type(part) in (int, float) for part in parts):  # noqa: PLR2004
        return None
    return tuple(map(float, parts)) if all(map(math.isfinite, parts)) else None


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
