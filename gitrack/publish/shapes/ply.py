"""Meshes and point clouds of Stanford's ply, in text and in binary."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitrack.publish.shapes.mesh import MOST, Mesh, checked, fan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KINDS = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_LETTERS = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_HEAD = 100_000  # bytes that a head may have
_THREE = 3
_FACES = ("vertex_indices", "vertex_index")


@dataclass
class Element:
    """
    A kind of thing in the file.

    Attributes
    ----------
    name : str
        "vertex", "face" or another.
    count : int
        How many there are.
    properties : list of (str, str, str or None)
        Name, kind, and of a list the kind of its length.
    """

    name: str
    count: int
    properties: list[tuple[str, str, str | None]] = field(default_factory=list)


def mesh_from_ply(content: bytes) -> Mesh:
    """
    Read vertices with colours and normals, and faces where there are some.

    Raises
    ------
    ValueError
        If it is damaged or too large.

    References
    ----------
    Turk, "The PLY Polygon File Format", 1994.
    """
    import numpy as np

    order, elements, start = _head(content)
    vertices: dict[str, Any] = {}
    are_shares = False
    corners = np.zeros((0, 3), np.int64)
    read = _texts(content[start:], elements) if order == "" else _binary(content, start, order)
    for element in elements:
        if element.count > 2 * MOST:
            raise ValueError(f"{element.count:,} of {element.name} are too many for a page")
        columns = read(element)
        if element.name == "vertex":
            vertices = columns
            are_shares = any(name == "red" and of[0] == "f" for name, of, _ in element.properties)
        elif element.name == "face":
            faces: Any = next((columns[name] for name in _FACES if name in columns), [])
            corners = _triangles(faces)
    try:
        positions = np.column_stack([vertices[axis] for axis in "xyz"]).astype(np.float32)
    except KeyError as error:
        raise ValueError(f"its vertices have no {error}") from error
    if (corners < 0).any():
        raise ValueError("a triangle names a vertex that is not there")
    normals = _columns(vertices, ("nx", "ny", "nz"))
    colours = _columns(vertices, ("red", "green", "blue"))
    if colours is not None:
        colours = np.clip(np.nan_to_num(colours) * (255 if are_shares else 1), 0, 255).astype(
            np.uint8
        )
    return checked(
        Mesh(
            positions,
            corners.astype(np.uint32),
            None if normals is None else normals.astype(np.float32),
            colours,
        )
    )


def _triangles(faces: Any) -> "NDArray[np.int64]":
    import numpy as np

    if isinstance(faces, np.ndarray):
        return faces.astype(np.int64)
    cut = [corner for face in faces for corner in fan([int(place) for place in face])]
    return np.array(cut, np.int64).reshape(-1, 3)


def _columns(vertices: dict[str, Any], names: Sequence[str]) -> Any:
    import numpy as np

    if not all(name in vertices for name in names):
        return None
    return np.column_stack([vertices[name] for name in names])


def _head(content: bytes) -> tuple[str, list[Element], int]:
    """Return the order of the bytes, "" for text, what the file holds, and where it begins."""
    end = content.find(b"end_header", 0, _HEAD)
    if not content.startswith(b"ply") or end < 0:
        raise ValueError("it has no head")
    start = content.index(b"\n", end) + 1 if b"\n" in content[end:] else len(content)
    order: str | None = None
    elements: list[Element] = []
    for line in content[:end].decode("ascii", "replace").splitlines():
        words = line.split()
        try:
            if words[:1] == ["format"]:
                order = _ORDERS[words[1]]
            elif words[:1] == ["element"]:
                elements.append(Element(words[1], int(words[2])))
            elif words[:2] == ["property", "list"]:
                of = elements[-1].properties
                of.append((words[4], _KINDS[words[3]], _KINDS[words[2]]))
            elif words[:1] == ["property"]:
                elements[-1].properties.append((words[2], _KINDS[words[1]], None))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"its head is damaged: {line[:80]!r}") from error
    if order is None or any(element.count < 0 for element in elements):
        raise ValueError("its head is damaged")
    return order, elements, start


def _texts(content: bytes, elements: Sequence[Element]) -> Any:
    """Return a reader of elements in text: a line each."""
    lines = iter(content.decode("ascii", "replace").splitlines())
    if not elements:
        raise ValueError("it holds nothing")

    def read(element: Element) -> dict[str, Any]:
        columns: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
        for number in range(element.count):
            words = iter(next(lines, "").split())
            try:
                for name, _, length in element.properties:
                    if length is None:
                        columns[name].append(float(next(words)))
                    else:
                        columns[name].append([float(next(words)) for _ in range(int(next(words)))])
            except (StopIteration, RuntimeError, ValueError) as error:
                raise ValueError(f"{element.name} {number} is damaged") from error
        return columns

    return read


def _binary(content: bytes, start: int, order: str) -> Any:
    """Return a reader of elements in binary, one after the other."""
    import numpy as np

    at = start

    def triples(element: Element) -> dict[str, Any] | None:
        """Read lists that all are of three, as most faces are, in one go; None for others."""
        nonlocal at
        ((name, of, length),) = element.properties
        kind = np.dtype([("many", f"{order}{length}"), ("corners", order + of, 3)])
        if at + kind.itemsize * element.count > len(content):
            return None
        rows = np.frombuffer(content, kind, element.count, at)
        if (rows["many"] != _THREE).any():
            return None
        at += kind.itemsize * element.count
        return {name: rows["corners"]}

    def read(element: Element) -> dict[str, Any]:
        nonlocal at
        if all(length is None for _, _, length in element.properties):
            kind = np.dtype([(name, order + of) for name, of, _ in element.properties])
            if at + kind.itemsize * element.count > len(content):
                raise ValueError("it is cut short")
            rows = np.frombuffer(content, kind, element.count, at)
            at += kind.itemsize * element.count
            return {name: rows[name] for name, _, _ in element.properties}
        if len(element.properties) == 1 and (found := triples(element)) is not None:
            return found
        columns: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
        try:
            for _ in range(element.count):
                for name, of, length in element.properties:
                    many = 1
                    if length is not None:
                        (many,) = struct.unpack_from(order + _LETTERS[length], content, at)
                        at += int(length[1])
                        if not 0 <= many <= MOST:
                            raise ValueError("a list is damaged")
                    values = struct.unpack_from(f"{order}{many}{_LETTERS[of]}", content, at)
                    at += int(of[1]) * many
                    columns[name].append(values[0] if length is None else values)
        except struct.error as error:
            raise ValueError("it is cut short") from error
        return columns

    return read
