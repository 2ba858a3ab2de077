"""Tensors as protobuf holds them."""

import math
from typing import TYPE_CHECKING, Any

from gitrack.record.wire import BYTES, WireError, fields, octets, signed
from gitrack.record.wire import varints as whole_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KIND, _SHAPE, _CONTENT, _TEXTS = 1, 2, 4, 8
_MOST = 1 << 26  # values of one tensor
_REPEATED = 1 << 20  # values of one that are all told by the last
#: NumPy's name of a tensor's type, by its number.
_TYPES = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 8: "<c8", 9: "<i8", 10: "|b1",
    17: "<u2", 18: "<c16", 19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip
STRING, _BFLOAT16, _HALF = 7, 14, 19
#: Which field holds the values of a tensor, where they are not in one piece, and their encoding.
_PIECES = {5: "<f4", 6: "<f8", 9: "<c8", 12: "<c16"}
_WHOLE = (7, 10, 11, 13, 16, 17)


def tensor_from(
    message: bytes,
) -> tuple[int, tuple[int, ...], list[bytes], "NDArray[Any] | None"]:
    """
    Read a tensor.

    Returns
    -------
    kind : int
        The number of its type; `STRING` for texts.
    shape : tuple of int
        Its shape.
    texts : list of bytes
        Its texts.
    values : ndarray or None
        Its numbers; None for texts, for types that are not known, and for too many.

    Raises
    ------
    WireError
        If it is damaged.
    """
    import numpy as np

    kind = 0
    shape: tuple[int, ...] = ()
    whole = b""
    texts: list[bytes] = []
    pieces: dict[int, list[Any]] = {}
    for place, wire, content in fields(message):
        if place == _KIND:
            kind = signed(content)
        elif place == _SHAPE:
            shape = _shape(octets(content))
        elif place == _CONTENT:
            whole = octets(content)
        elif place == _TEXTS:
            texts.append(octets(content))
        elif place in _PIECES:
            packed, dtype = octets(content), np.dtype(_PIECES[place])
            if len(packed) % (4 if wire != BYTES else dtype.itemsize):
                raise WireError("numbers that are not complete")
            pieces.setdefault(place, []).extend(np.frombuffer(packed, dtype).tolist())
        elif place in _WHOLE:
            pieces.setdefault(place, []).extend(whole_numbers(content))
    if kind == STRING:
        return kind, shape, texts, None
    size = math.prod(shape)
    if size > _MOST or (kind not in _TYPES and kind != _BFLOAT16):
        return kind, shape, texts, None
    return kind, shape, texts, _filled(kind, shape, whole, next(iter(pieces.values()), []))


def _filled(kind: int, shape: tuple[int, ...], whole: bytes, values: list[Any]) -> "NDArray[Any]":
    import numpy as np

    size = math.prod(shape)
    bits = "<u2" if kind in (_BFLOAT16, _HALF) else _TYPES[kind]
    try:
        if whole:
            flat = np.frombuffer(whole, bits)
        else:
            with np.errstate(all="ignore"):  # NaN where a whole number should be
                flat = np.array(values).astype(bits)
            if 0 < len(flat) < size <= _REPEATED:  # the last one stands for all that follow
                flat = np.concatenate([flat, np.repeat(flat[-1:], size - len(flat))])
        if kind == _BFLOAT16:
            flat = (flat.astype(np.uint32) << np.uint32(16)).view(np.float32)
        elif kind == _HALF:
            flat = flat.view(np.float16)
        return flat.reshape(shape)
    except (ValueError, OverflowError) as error:
        raise WireError(f"a tensor of shape {shape} with other values ({error})") from error


def _shape(message: bytes) -> tuple[int, ...]:
    sizes = []
    for place, _, content in fields(message):
        if place == 2:  # noqa: PLR2004 - one dimension
            size = 0
            for inner, _, length in fields(octets(content)):
                if inner == 1:
                    size = signed(length)
            if size < 0:
                raise WireError("a tensor of a size below zero")
            sizes.append(size)
    return tuple(sizes)
