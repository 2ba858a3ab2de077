"""
The frames of a TFRecord file: a length, its checksum, the content, its checksum.

References
----------
https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEADER, _FOOTER = struct.Struct("<QI"), struct.Struct("<I")
_LENGTH = struct.Struct("<Q")
_POLYNOMIAL = 0x82F63B78  # Castagnoli's, bits reversed
_ZEROS = re.compile(rb"\0{4,}")
_MASK = 0xA282EAD8
_WORD = 0xFFFFFFFF
_LANES = 1024
_LARGE = 64 << 10  # bytes from which on many lanes are quicker than one
_MOST = 256 << 20  # bytes of one record
_SEARCHED = 64 << 20  # bytes that are looked through for the next whole record


@dataclass(frozen=True, slots=True)
class Damage:
    """
    A place where a file is not what it should be.

    Attributes
    ----------
    offset : int
        Where it begins, in bytes.
    reason : str
        What is wrong there.
    """

    offset: int
    reason: str

    def __str__(self) -> str:
        return f"at byte {self.offset} {self.reason}"


class RecordFile:
    """
    A TFRecord file, read as far as it is complete, and further once it has grown.

    A record that is only begun at the end of the file is left for later. A damaged one is noted
    and passed over.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Attributes
    ----------
    offset : int
        Where the next record begins, in bytes.
    damage : list of Damage
        What was passed over so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.damage: list[Damage] = []

    def records(self) -> Iterator[tuple[int, bytes]]:
        """
        Yield the records that are complete and were not yielded before, each with its offset.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        with self.path.open("rb") as file:
            file.seek(0, 2)
            end = file.tell()
            file.seek(self.offset)
            while self.offset + _HEADER.size + _FOOTER.size <= end:
                at = self.offset
                header = file.read(_HEADER.size)
                length, check = _HEADER.unpack(header)
                if masked(header[:8]) != check or length > _MOST:
                    if not self._search(file, end):
                        return
                    continue
                until = at + _HEADER.size + length + _FOOTER.size
                if until > end:
                    return
                content = file.read(length)
                (check,) = _FOOTER.unpack(file.read(_FOOTER.size))
                self.offset = until
                if masked(content) == check:
                    yield at, content
                else:
                    self.damage.append(Damage(at, "a record does not match its checksum"))

    @property
    def left(self) -> int:
        """How many bytes at the end belong to a record that is not complete."""
        return max(self.path.stat().st_size - self.offset, 0)

    def _search(self, file: IO[bytes], end: int) -> bool:
        """Go on at the next header that its checksum confirms; False where there is none."""
        at = self.offset
        self.damage.append(Damage(at, "no record begins"))
        file.seek(at + 1)
        content = file.read(_SEARCHED)
        # The upper half of a length is zero, which is quicker to find than a checksum; no record
        # is empty, so that of many zeros only the first can be meant.
        for zeros in _ZEROS.finditer(content, 4):
            last = min(zeros.end() - 4, zeros.start() + 3)
            for place in range(zeros.start() - 4, last - 3):
                header = content[place : place + _HEADER.size]
                if len(header) < _HEADER.size:
                    break
                length, check = _HEADER.unpack(header)
                if 0 < length <= _MOST and masked(header[:8]) == check:
                    self.offset = at + 1 + place
                    file.seek(self.offset)
                    return True
        self.offset = end
        return False


def framed(content: bytes) -> bytes:
    """Return content as a record of a TFRecord file."""
    length = _LENGTH.pack(len(content))
    return b"".join((length, _FOOTER.pack(masked(length)), content, _FOOTER.pack(masked(content))))


def masked(content: bytes) -> int:
    """
    Return the checksum of content as TFRecord files have it: CRC-32C, turned and moved.

    Examples
    --------
    >>> hex(masked(b"123456789"))
    '0xc78ab0e5'
    """
    check = crc32c(content)
    return ((check >> 15 | check << 17) + _MASK) & _WORD


def crc32c(content: bytes) -> int:
    """
    Return the CRC-32C of content.

    Examples
    --------
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    table = _table()
    if len(content) < _LARGE:
        check = _WORD
        for byte in content:
            check = table[(check ^ byte) & 0xFF] ^ check >> 8
        return check ^ _WORD
    return _by_lanes(content)


def _by_lanes(content: bytes) -> int:
    """Check many equal pieces side by side, then put their checksums together."""
    import numpy as np

    size = len(content) // _LANES
    lanes = np.frombuffer(content, np.uint8, size * _LANES).reshape(_LANES, size)
    table = np.array(_table(), np.uint32)
    checks = np.zeros(_LANES, np.uint32)
    checks[0] = _WORD
    for column in np.ascontiguousarray(lanes.T):
        checks = table[(checks ^ column) & 0xFF] ^ checks >> np.uint32(8)
    moved = _moved(size)
    whole = int(checks[0])
    for check in checks[1:].tolist():
        whole = (
            moved[0][whole & 0xFF]
            ^ moved[1][whole >> 8 & 0xFF]
            ^ moved[2][whole >> 16 & 0xFF]
            ^ moved[3][whole >> 24]
            ^ check
        )
    plain = _table()
    for byte in content[size * _LANES :]:
        whole = plain[(whole ^ byte) & 0xFF] ^ whole >> 8
    return whole ^ _WORD


def _moved(size: int) -> list[list[int]]:
    """Return, byte by byte, what becomes of a checksum behind which `size` zero bytes follow."""
    import numpy as np

    # Moving is linear: 32 single bits say it all.
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    result, step = bits.copy(), _one_zero(bits)
    while size:
        if size & 1:
            result = _applied(step, result)
        step = _applied(step, step)
        size >>= 1
    tables = []
    for place in range(4):
        values = np.arange(256, dtype=np.uint32) << np.uint32(8 * place)
        tables.append(_applied(result, values).tolist())
    return tables


def _one_zero(values: "NDArray[np.uint32]") -> "NDArray[np.uint32]":
    import numpy as np

    table = np.array(_table(), np.uint32)
    moved: NDArray[np.uint32] = table[values & 0xFF] ^ values >> np.uint32(8)
    return moved


def _applied(operator: "NDArray[np.uint32]", values: "NDArray[np.uint32]") -> "NDArray[np.uint32]":
    """Apply what an operator makes of the 32 bits to values of any bits."""
    import numpy as np

    made = np.zeros_like(values)
    for bit in range(32):
        made ^= np.where(values >> np.uint32(bit) & np.uint32(1), operator[bit], np.uint32(0))
    return made


@cache
def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        check = value
        for _ in range(8):
            check = check >> 1 ^ (_POLYNOMIAL if check & 1 else 0)
        table.append(check)
    return tuple(table)
