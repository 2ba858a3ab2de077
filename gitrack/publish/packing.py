"""Numbers and texts as the data scripts hold them: few bytes, and quick for a browser to read."""

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gitrack.publish.series import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD, TAIL = b"gitrack.put(", b");\n"
#: Levels above save one byte in a hundred of a noisy curve and take four times as long.
_LEVEL = 1
_FEW = 8  # values that a list writes as shortly as any packing


def script(value: object) -> bytes:
    """Write the one call that a data script is."""
    return HEAD + ascii_json(value) + TAIL


def ascii_json(value: object) -> bytes:
    """Write JSON as a script takes it: plain ASCII, NaN and infinities as literals."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def digest(content: bytes) -> str:
    """Name content: 16 hex digits."""
    return hashlib.sha256(content).hexdigest()[:16]


def pack_series(metric: str, series: Sequence[Series | None]) -> bytes:
    """
    Write the script of one metric of several runs.

    Parameters
    ----------
    metric : str
        Its name.
    series : sequence of (Series or None)
        One a run, None where the run did not log it.

    Returns
    -------
    bytes
        A script of ``metric`` and what `packed_series` makes.
    """
    return script({"metric": metric, **packed_series(series)})


def packed_series(series: Sequence[Series | None]) -> dict[str, Any]:
    """
    Pack series so that a browser reads them at once.

    Returns
    -------
    dict
        ``heads``, ``series``, ``data``: distinct heads, each series' head, and all numbers as
        base64 of deflate; float64 before float32, each kind byte plane by byte plane, so that
        what is alike in neighbours stands together.
    """
    heads: list[dict[str, Any]] = []
    known: dict[bytes, int] = {}
    places: list[int | None] = []
    wide: list[NDArray[Any]] = []
    narrow: list[NDArray[Any]] = []
    for one in series:
        if one is None:
            places.append(None)
            continue
        precise = one.y.dtype.itemsize == 8  # noqa: PLR2004  bytes
        regular = [kept if isinstance(kept, tuple) else None for kept in (one.rows, one.steps)]
        head = {
            "n": len(one.y),
            "of": one.of,
            "rows": regular[0],
            "steps": regular[1],
            "t": "f8" if precise else "f4",
        }
        places.append(known.setdefault(ascii_json(head), len(heads)))
        if places[-1] == len(heads):
            heads.append(head)
        wide += [kept for kept in (one.rows, one.steps) if not isinstance(kept, tuple)]
        (wide if precise else narrow).append(one.y)
    data = base64.b64encode(_deflated(_planes(wide) + _planes(narrow))).decode("ascii")
    return {"heads": heads, "series": places, "data": data}


def pack_array(values: "NDArray[Any]") -> dict[str, Any]:
    """
    Pack numbers of one kind, of any shape.

    Parameters
    ----------
    values : ndarray of float32, float64, int32, uint8, uint16 or uint32
        The numbers, in the order of C.

    Returns
    -------
    dict
        ``t``, their kind ("f4", "u2" …), ``n``, how many, and ``z``, base64 of deflate of their
        little-endian bytes, plane by plane.
    """
    flat = values.astype(values.dtype.newbyteorder("<"), copy=False).ravel()
    kind = f"{flat.dtype.kind}{flat.dtype.itemsize}"
    data = base64.b64encode(_deflated(_planes([flat]))).decode("ascii")
    return {"t": kind, "n": len(flat), "z": data}


def _deflated(content: bytes) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(content) + deflate.flush()


def _planes(arrays: "Sequence[NDArray[Any]]") -> bytes:
    import numpy as np

    if not arrays:
        return b""
    whole = np.concatenate(arrays)
    return whole.view(np.uint8).reshape(-1, whole.dtype.itemsize).T.tobytes()


def pack_numbers(values: Sequence[float | None]) -> object:
    """
    Pack numbers of a table's column.

    Returns
    -------
    object
        The list itself where it is short; else ``{"f8": …}``, base64 of float64, with
        ``"none": …``, base64 of one byte a value, where some are missing.
    """
    import numpy as np

    if len(values) <= _FEW:
        return list(values)
    missing = np.array([value is None for value in values], np.uint8)
    numbers = np.array([0.0 if value is None else value for value in values], "<f8")
    return {"f8": _base64(numbers)} | ({"none": _base64(missing)} if missing.any() else {})


def pack_texts(values: Sequence[str | None]) -> object:
    """
    Pack texts of a table's column.

    Returns
    -------
    object
        The list itself, or ``{"of": …, "at": …}`` where texts return: the distinct ones, and
        each value's place among them as base64 of uint32.
    """
    import numpy as np

    distinct = list(dict.fromkeys(values))
    if len(values) <= _FEW or len(distinct) * 2 > len(values):
        return list(values)
    place = {text: at for at, text in enumerate(distinct)}
    return {"of": distinct, "at": _base64(np.array([place[text] for text in values], "<u4"))}


def _base64(values: "NDArray[Any]") -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
