"""Meshes of glTF 2.0: glb, and gltf with its buffers inside."""

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gitrack.publish.shapes.mesh import MOST, Mesh, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC, _JSON, _BINARY = b"glTF", 0x4E4F534A, 0x004E4942
_KINDS = {5120: "i1", 5121: "u1", 5122: "i2", 5123: "u2", 5125: "u4", 5126: "f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_POINTS, _TRIANGLES, _STRIP, _FAN = 0, 4, 5, 6
_DEPTH = 64  # nodes in nodes
_WORD = 4


def mesh_from_gltf(content: bytes) -> Mesh:
    """
    Read all meshes of a scene as one, each where its node puts it.

    Colours are the vertices' own, or their material's base colour; textures, skins and animations
    are left out.

    Raises
    ------
    ValueError
        If it is damaged, too large, compressed, or points at other files.

    References
    ----------
    Khronos, "glTF 2.0 Specification", 2021.
    """
    import numpy as np

    try:
        scene = _Scene(content)
        parts = list(scene.parts())
    except (
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise ValueError(f"its structure is damaged ({error!r})") from error
    if not parts:
        raise ValueError("it has no mesh")
    starts = np.cumsum([0] + [len(part.positions) for part in parts])
    corners = [part.corners + start for part, start in zip(parts, starts, strict=False)]
    facing = [part.normals for part in parts if part.normals is not None]
    tints = [part.colours for part in parts if part.colours is not None]
    return checked(
        Mesh(
            np.concatenate([part.positions for part in parts]),
            np.concatenate(corners).astype(np.uint32),
            np.concatenate(facing) if len(facing) == len(parts) else None,
            np.concatenate(tints) if len(tints) == len(parts) else None,
        )
    )


class _Scene:
    """The JSON of a file, with its buffers."""

    def __init__(self, content: bytes) -> None:
        binary = b""
        if content.startswith(_MAGIC):
            chunks = dict(_chunks(content))
            content, binary = chunks[_JSON], chunks.get(_BINARY, b"")
        try:
            self.json: dict[str, Any] = json.loads(content.decode("utf-8"))
        except ValueError as error:
            raise ValueError("it is no JSON") from error
        if needed := self.json.get("extensionsRequired"):
            raise ValueError(f"it needs {', '.join(map(str, needed))}")
        self.buffers = [_buffer(one, binary) for one in self.json.get("buffers", [])]
        self.held = 0

    def parts(self) -> Iterator[Mesh]:
        """Yield the primitives of all meshes, moved."""
        import numpy as np

        nodes = self.json.get("nodes", [])
        inner = {child for node in nodes for child in node.get("children", [])}
        scenes = self.json.get("scenes")
        roots = (
            scenes[self.json.get("scene", 0)].get("nodes", [])
            if scenes
            else [place for place in range(len(nodes)) if place not in inner]
        )
        for root in roots:
            yield from self._node(root, np.eye(4), 0)

    def _node(self, place: int, moved: "NDArray[np.float64]", depth: int) -> Iterator[Mesh]:
        if depth > _DEPTH:
            raise ValueError("its nodes stand in one another without end")
        node = self.json["nodes"][_natural(place)]
        moved = moved @ _matrix(node)
        if "mesh" in node:
            for primitive in self.json["meshes"][_natural(node["mesh"])]["primitives"]:
                yield from self._primitive(primitive, moved)
        for child in node.get("children", []):
            yield from self._node(child, moved, depth + 1)

    def _primitive(self, primitive: dict[str, Any], moved: "NDArray[np.float64]") -> Iterator[Mesh]:
        import numpy as np

        mode = primitive.get("mode", _TRIANGLES)
        if mode not in (_POINTS, _TRIANGLES, _STRIP, _FAN):
            return
        attributes = primitive["attributes"]
        positions = self._values(attributes["POSITION"], 3)
        self.held += len(positions)
        if self.held > MOST:
            raise ValueError(f"more than {MOST:,} vertices are too many for a page")
        order = (
            self._values(primitive["indices"], 1).ravel().astype(np.int64)
            if "indices" in primitive
            else np.arange(len(positions))
        )
        turned = moved[:3, :3]
        normals = None
        if "NORMAL" in attributes:
            facing = self._values(attributes["NORMAL"], 3)
            inverse = np.linalg.pinv(turned).T
            normals = (facing @ inverse.T).astype(np.float32)
        yield Mesh(
            (positions @ turned.T + moved[:3, 3]).astype(np.float32),
            _triangles(order, mode),
            normals,
            self._colours(primitive, len(positions)),
        )

    def _colours(self, primitive: dict[str, Any], count: int) -> "NDArray[np.uint8]":
        import numpy as np

        if "COLOR_0" in primitive["attributes"]:
            values = self._values(primitive["attributes"]["COLOR_0"], None)[:, :3]
        else:
            material: dict[str, Any] = {}
            if "material" in primitive:
                material = self.json["materials"][_natural(primitive["material"])]
            base = material.get("pbrMetallicRoughness", {}).get("baseColorFactor", [0.8, 0.8, 0.8])
            values = np.tile(np.array(base[:3], float), (count, 1))
        # Colours of glTF are linear; a screen's are not.
        return (np.clip(np.nan_to_num(values), 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)

    def _values(self, place: int, width: int | None) -> "NDArray[np.float64]":
        """Read an accessor, of shape (n, width); whole numbers that stand for shares as such."""
        import numpy as np

        accessor = self.json["accessors"][_natural(place)]
        count, wide = _natural(accessor["count"]), _WIDTHS[accessor["type"]]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("it has sparse numbers")
        if (width is not None and wide != width) or count > 3 * MOST:
            raise ValueError("its numbers have another shape")
        view = self.json["bufferViews"][_natural(accessor["bufferView"])]
        kind = np.dtype("<" + _KINDS[accessor["componentType"]])
        start = _natural(view.get("byteOffset", 0)) + _natural(accessor.get("byteOffset", 0))
        stride = _natural(view.get("byteStride", 0)) or wide * kind.itemsize
        buffer = self.buffers[_natural(view["buffer"])]
        if count and start + stride * (count - 1) + wide * kind.itemsize > len(buffer):
            raise ValueError("it is cut short")
        rows = np.ndarray((count, wide), kind, buffer, start, (stride, kind.itemsize))
        values = rows.astype(np.float64)
        return values / np.iinfo(kind).max if accessor.get("normalized") else values


def _chunks(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + _WORD], "little")
        kind = int.from_bytes(content[at + _WORD : at + 8], "little")
        if at + 8 + length > len(content):
            raise ValueError("it is cut short")
        yield kind, content[at + 8 : at + 8 + length]
        at += 8 + length


def _buffer(buffer: dict[str, Any], binary: bytes) -> bytes:
    address = buffer.get("uri")
    if address is None:
        return binary
    if not address.startswith("data:") or ";base64," not in address[:200]:
        raise ValueError("its numbers stand in another file")
    return base64.b64decode(address.split(",", 1)[1])


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no place")
    return value


def _matrix(node: dict[str, Any]) -> "NDArray[np.float64]":
    """Return where a node stands, 4 x 4."""
    import numpy as np

    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    x, y, z, w = (float(part) for part in node.get("rotation", (0, 0, 0, 1)))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    made = np.eye(4)
    made[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), float)
    made[:3, 3] = np.array(node.get("translation", (0, 0, 0)), float)
    return made


def _triangles(order: "NDArray[Any]", mode: int) -> "NDArray[Any]":
    import numpy as np

    if mode == _POINTS:
        return np.zeros((0, 3), np.int64)
    if mode == _TRIANGLES:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    first, second, third = order[:-2], order[1:-1], order[2:]
    if mode == _FAN:
        return np.column_stack([np.full(len(second), order[0]), second, third])
    odd = np.arange(len(first)) % 2 == 1  # every second triangle of a strip is turned round
    return np.column_stack([np.where(odd, second, first), np.where(odd, first, second), third])
