"""What a mesh is here, and the limits that each has to keep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Vertices and triangles that a page can be asked to hold.
MOST = 1_000_000


@dataclass(frozen=True)
class Mesh:
    """
    Triangles, or points alone.

    Attributes
    ----------
    positions : ndarray of shape (n, 3), float32
        The vertices.
    corners : ndarray of shape (m, 3), uint32
        Each triangle's vertices; of no row where there are points alone.
    normals : ndarray of shape (n, 3), float32, or None
        Which way the surface faces at each vertex.
    colours : ndarray of shape (n, 3), uint8, or None
        Red, green, blue of each vertex.
    """

    positions: "NDArray[np.float32]"
    corners: "NDArray[np.uint32]"
    normals: "NDArray[np.float32] | None" = None
    colours: "NDArray[np.uint8] | None" = None


def checked(mesh: Mesh) -> Mesh:
    """
    Return a mesh that can be drawn.

    Raises
    ------
    ValueError
        If it is empty, too large, or its triangles name vertices that are not there.
    """
    import numpy as np

    count = len(mesh.positions)
    if not count:
        raise ValueError("it has no vertices")
    for number, what in ((count, "vertices"), (len(mesh.corners), "triangles")):
        if number > MOST:
            raise ValueError(f"{number:,} {what} are too many for a page ({MOST:,})")
    if not np.isfinite(mesh.positions).all():
        raise ValueError("a vertex is not finite")
    if len(mesh.corners) and int(mesh.corners.max()) >= count:
        raise ValueError("a triangle names a vertex that is not there")
    for extra in (mesh.normals, mesh.colours):
        if extra is not None and len(extra) != count:
            raise ValueError("normals or colours are not as many as the vertices")
    return mesh


def fan(face: "list[int]") -> "list[tuple[int, int, int]]":
    """
    Cut a face of many corners into triangles around its first one.

    Examples
    --------
    >>> fan([4, 5, 6, 7])
    [(4, 5, 6), (4, 6, 7)]
    """
    return [(face[0], face[at], face[at + 1]) for at in range(1, len(face) - 1)]
