"""A curve as a PNG of some 250 bytes, drawn without an imaging library."""

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

_WIDTH, _HEIGHT = 96, 20
_STROKE = 1.6  # pixels
_SAMPLES = 4  # of the curve in a column of pixels
_LEVELS = 3  # of coverage, above none; two bits a pixel
_COLOUR = (0x2F, 0x7E, 0xD8)  # on a host's light and dark pages alike


def sparkline_png(values: "Sequence[float] | NDArray[np.float64]") -> bytes | None:
    """
    Draw numbers from left to right, the least at the bottom.

    Parameters
    ----------
    values : sequence of float, or ndarray
        NaN and infinities are left out.

    Returns
    -------
    bytes or None
        A PNG of 96 x 20 pixels on a transparent ground, the same for the same values; None of
        fewer than two finite ones.
    """
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) < 2:  # noqa: PLR2004
        return None
    low, high = numbers.min(), numbers.max()
    # halved, since the widest doubles lie further apart than a double can tell
    span = high / 2 - low / 2
    share = (numbers / 2 - low / 2) / span if span > 0 else np.full(len(numbers), 0.5)
    upper, lower = _columns((1 - share) * (_HEIGHT - _STROKE) + _STROKE / 2)
    row = np.arange(_HEIGHT)[:, None]
    bottom = np.minimum(lower + _STROKE / 2, row + 1)
    covered = np.clip(bottom - np.maximum(upper - _STROKE / 2, row), 0, 1)
    return _png(np.rint(covered * _LEVELS).astype(np.uint8))


def _columns(heights: "NDArray[np.float64]") -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return how far up and down the curve goes in each column of pixels."""
    import numpy as np

    count = len(heights)
    if count <= _WIDTH * _SAMPLES:
        at = np.linspace(0, count - 1, _WIDTH * _SAMPLES + 1)
        heights = np.interp(at, np.arange(count), heights)
        edges = np.arange(_WIDTH) * _SAMPLES
    else:
        edges = np.arange(_WIDTH) * count // _WIDTH
    upper, lower = np.minimum.reduceat(heights, edges), np.maximum.reduceat(heights, edges)
    # A column goes to where the next begins, so that no gap is seen.
    beyond = heights[np.append(edges[1:], len(heights) - 1)]
    return np.minimum(upper, beyond), np.maximum(lower, beyond)


def _png(levels: "NDArray[np.uint8]") -> bytes:
    """Write an image of four levels of one colour; see the PNG specification, 11.2."""
    import numpy as np

    height, width = levels.shape
    fours = levels.reshape(height, width // 4, 4).astype(np.uint8)
    packed = fours[..., 0] << 6 | fours[..., 1] << 4 | fours[..., 2] << 2 | fours[..., 3]
    rows = np.hstack([np.zeros((height, 1), np.uint8), packed])  # each begins with its filter, none
    opacity = bytes(255 * level // _LEVELS for level in range(_LEVELS + 1))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 2, 3, 0, 0, 0)),
        (b"PLTE", bytes(_COLOUR) * (_LEVELS + 1)),
        (b"tRNS", opacity),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
