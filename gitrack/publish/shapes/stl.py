"""Meshes of stl, in text and in binary."""

import re

from gitrack.publish.shapes.mesh import MOST, Mesh, checked

_HEAD, _FACET = 84, 50  # bytes
_VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)")


def mesh_from_stl(content: bytes) -> Mesh:
    """
    Read triangles; equal corners become one vertex.

    Raises
    ------
    ValueError
        If it is damaged or too large.

    References
    ----------
    Burns, "Automated Fabrication", 1993, section 6.5: the StL format.
    """
    import numpy as np

    count = int.from_bytes(content[_HEAD - 4 : _HEAD], "little")
    if len(content) >= _HEAD and len(content) >= _HEAD + _FACET * count and not _is_text(content):
        if count > MOST:
            raise ValueError(f"{count:,} triangles are too many for a page ({MOST:,})")
        kind = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
        corners = np.frombuffer(content, kind, count, _HEAD)["corners"].reshape(-1, 3)
    elif _is_text(content):
        try:
            rows = [[float(part) for part in found.groups()] for found in _VERTEX.finditer(content)]
        except ValueError as error:
            raise ValueError(f"a vertex is damaged ({error})") from error
        if len(rows) % 3:
            raise ValueError("a triangle is cut short")
        corners = np.array(rows, np.float32).reshape(-1, 3)
    else:
        raise ValueError("it is cut short")
    # As bytes, rows are compared far faster; adding 0 makes 0 of -0.
    whole = np.ascontiguousarray(corners + np.float32(0), "<f4")
    _, first, at = np.unique(whole.view("V12").ravel(), return_index=True, return_inverse=True)
    return checked(Mesh(whole[first], at.reshape(-1, 3).astype(np.uint32)))


def _is_text(content: bytes) -> bool:
    """Tell text from a binary file whose free head begins with "solid" as well."""
    return content.lstrip()[:5].lower() == b"solid" and b"facet" in content[:1000]
