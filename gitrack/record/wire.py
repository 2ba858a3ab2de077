"""
The protobuf wire format, as far as reading and writing known messages needs it.

References
----------
https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterator

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
_MOST_SHIFT = 63  # a varint has at most ten bytes
_SIGN = 1 << 63
_WORD = (1 << 64) - 1
_CONTINUED = 0x80
_HIGHEST = 0x7F
_NUMBERS = {EIGHT: struct.Struct("<d"), FOUR: struct.Struct("<f")}

#: A field's content: a number of 64 bits, or the bytes of anything else.
Content = int | bytes


class WireError(ValueError):
    """Bytes that are no message."""


def fields(message: bytes) -> Iterator[tuple[int, int, Content]]:
    r"""
    Yield a message's fields in order: number, wire type, content.

    Parameters
    ----------
    message : bytes
        The encoded message.

    Yields
    ------
    tuple of (int, int, int or bytes)
        A varint's content is its value without a sign, that of the others its bytes.

    Raises
    ------
    WireError
        If the bytes are no message.

    Examples
    --------
    >>> list(fields(b"\x08\x96\x01"))
    [(1, 0, 150)]
    """
    at, end = 0, len(message)
    while at < end:
        key, at = varint(message, at)
        kind = key & 7
        number = key >> 3
        if kind == VARINT:
            value, at = varint(message, at)
            yield number, kind, value
            continue
        if kind == BYTES:
            size, at = varint(message, at)
        elif kind == EIGHT:
            size = 8
        elif kind == FOUR:
            size = 4
        else:
            raise WireError(f"a field of wire type {kind} at byte {at}")
        if number == 0 or at + size > end:
            raise WireError(f"a field that ends beyond its message at byte {at}")
        yield number, kind, message[at : at + size]
        at += size


def signed(value: Content) -> int:
    """
    Return a varint as the signed whole number that it stands for.

    Examples
    --------
    >>> signed(2**64 - 1)
    -1
    """
    if isinstance(value, bytes):
        raise WireError("text where a number should be")
    return value - (1 << 64) if value & _SIGN else value


def number(kind: int, value: Content) -> float:
    """Return a double, a float or a whole number as a float."""
    if isinstance(value, int):
        return float(signed(value))
    if kind not in _NUMBERS:
        raise WireError("text where a number should be")
    return float(_NUMBERS[kind].unpack(value)[0])


def text(value: Content) -> str:
    """Return a text; what is no UTF-8 in it is escaped."""
    return octets(value).decode("utf-8", "backslashreplace")


def octets(value: Content) -> bytes:
    """Return the bytes of a field that holds a text, bytes or a message."""
    if isinstance(value, int):
        raise WireError("a number where text should be")
    return value


def varints(value: Content) -> Iterator[int]:
    """Yield the signed whole numbers of a repeated field, packed or not."""
    if isinstance(value, int):
        yield signed(value)
        return
    at = 0
    while at < len(value):
        one, at = varint(value, at)
        yield signed(one)


def field(number: int, kind: int, content: float | bytes | str) -> bytes:
    r"""
    Encode one field.

    Parameters
    ----------
    number : int
        The field's number.
    kind : int
        Its wire type: `VARINT`, `EIGHT` (a double), `FOUR` (a float) or `BYTES`.
    content : int, float, bytes or str
        What it holds.

    Examples
    --------
    >>> field(1, VARINT, 150)
    b'\x08\x96\x01'
    """
    head = _encoded(number << 3 | kind)
    if kind == VARINT:
        return head + _encoded(int(content) & _WORD)
    if kind != BYTES:
        return head + _NUMBERS[kind].pack(content)
    body = content.encode() if isinstance(content, str) else content
    if not isinstance(body, bytes):
        raise WireError("a number where text should be")
    return head + _encoded(len(body)) + body


def varint(message: bytes, at: int) -> tuple[int, int]:
    """
    Read a number of 64 bits without a sign, and return it with the place behind it.

    Raises
    ------
    WireError
        If it is not complete, or too long.
    """
    try:
        byte = message[at]
        at += 1
        if byte < _CONTINUED:
            return byte, at
        value, shift = byte & _HIGHEST, 7
        while shift <= _MOST_SHIFT:
            byte = message[at]
            at += 1
            value |= (byte & _HIGHEST) << shift
            if byte < _CONTINUED:
                return value & _WORD, at
            shift += 7
    except IndexError:
        raise WireError(f"a number that is not complete at byte {at}") from None
    raise WireError(f"a number of more than ten bytes at byte {at}")


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > _HIGHEST:
        out.append(value & _HIGHEST | _CONTINUED)
        value >>= 7
    out.append(value)
    return bytes(out)
