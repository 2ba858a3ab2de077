"""Meshes of Wavefront's obj."""

from typing import TYPE_CHECKING

from gitrack.publish.shapes.mesh import MOST, Mesh, checked, fan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mesh_from_obj(content: bytes) -> Mesh:
    """
    Read vertices, their colours and normals, and faces; materials are files of their own.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    ValueError
        If it is damaged or too large.

    References
    ----------
    Wavefront, "Object Files (.obj)", Advanced Visualizer manual, appendix B1; colours behind the
    three coordinates are a custom of many programs.
    """
    import numpy as np

    positions: list[list[float]] = []
    colours: list[list[float]] = []
    normals: list[list[float]] = []
    places: dict[tuple[int, int], int] = {}
    corners: list[tuple[int, int, int]] = []
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        word, *rest = line.split() or [""]
        try:
            if word == "v":
                positions.append([float(part) for part in rest[:3]])
                if len(rest) >= 6:  # noqa: PLR2004  x y z r g b
                    colours.append([float(part) for part in rest[3:6]])
            elif word == "vn":
                normals.append([float(part) for part in rest[:3]])
            elif word == "f":
                face = [_corner(part, len(positions), len(normals)) for part in rest]
                corners += fan([places.setdefault(one, len(places)) for one in face])
        except (ValueError, IndexError) as error:
            raise ValueError(f"line {number} is damaged ({error})") from error
        if max(len(positions), len(corners), len(places)) > MOST:
            raise ValueError(f"more than {MOST:,} vertices or triangles are too many for a page")
    whole = np.array(positions, np.float32).reshape(-1, 3)
    tints = _bytes(colours) if colours and len(colours) == len(positions) else None
    if not places:
        return checked(Mesh(whole, np.zeros((0, 3), np.uint32), colours=tints))
    at = np.array(list(places), np.int64)
    facing = np.array(normals, np.float32).reshape(-1, 3)
    return checked(
        Mesh(
            whole[at[:, 0]],
            np.array(corners, np.uint32).reshape(-1, 3),
            facing[at[:, 1]] if (at[:, 1] >= 0).all() else None,
            None if tints is None else tints[at[:, 0]],
        )
    )


def _corner(part: str, positions: int, normals: int) -> tuple[int, int]:
    """Read ``v/vt/vn``, numbers from 1, or from the end where they are negative."""
    words = part.split("/")
    normal = words[2] if len(words) > 2 else ""  # noqa: PLR2004  v/vt/vn
    return _place(words[0], positions), _place(normal, normals) if normal else -1


def _place(word: str, count: int) -> int:
    number = int(word)
    place = number - 1 if number > 0 else count + number
    if not 0 <= place < count:
        raise ValueError(f"there is no {number}")
    return place


def _bytes(colours: list[list[float]]) -> "NDArray[np.uint8]":
    import numpy as np

    shares = np.clip(np.nan_to_num(np.array(colours)), 0, 1)
    return np.asarray((shares * 255).round(), np.uint8)
