"""
The framing of a ``.wandb`` file: LevelDB's log, with a head and a checksum of its own.

References
----------
https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from gitrack.errors import FormatError

_HEAD, _IDENT = struct.Struct("<4sHB"), b":W&B"
_MAGIC = 0xBEE1
_FRAME = struct.Struct("<IHB")
_BLOCK = 32 << 10
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_KINDS = frozenset((_FULL, _FIRST, _MIDDLE, _LAST))
_MOST = 256 << 20  # bytes of one record


class LogFile:
    """
    A file of records.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Attributes
    ----------
    damage : list of str
        What was passed over, a line each, once `records` has been read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[str] = []
        self._parts: list[bytes] | None = None  # of a record that is not complete

    def records(self) -> Iterator[bytes]:
        """
        Yield the records; what is damaged is passed over, up to the next block.

        Raises
        ------
        FormatError
            If it is no such file.
        OSError
            If it cannot be read.
        """
        with self.path.open("rb") as file:
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size or _HEAD.unpack(head)[:2] != (_IDENT, _MAGIC):
                raise FormatError(self.path.name, "is no file of W&B's")
            block = head + file.read(_BLOCK - len(head))
            start, at = 0, _HEAD.size
            while block:
                yield from self._of_block(block, at, start)
                start += len(block)
                block, at = file.read(_BLOCK), 0
        if self._parts is not None:
            self.damage.append(f"ends in the middle of a record, at byte {start}")

    def _of_block(self, block: bytes, at: int, start: int) -> Iterator[bytes]:
        while at + _FRAME.size <= len(block):
            check, size, kind = _FRAME.unpack_from(block, at)
            begin, end = at + _FRAME.size, at + _FRAME.size + size
            if check == size == kind == 0 and not any(block[at:]):
                return  # a block that was set aside and not written
            if end > len(block) and len(block) < _BLOCK:
                self._parts = None
                self.damage.append(f"ends in the middle of a record, at byte {start + at}")
                return
            content = block[begin:end]
            whole = kind in _KINDS and end <= len(block)
            if not whole or zlib.crc32(content, zlib.crc32(bytes((kind,)))) != check:
                self._parts = None
                self.damage.append(f"at byte {start + at} a record does not match its checksum")
                if not whole:
                    return  # the length cannot be trusted: on at the next block
            elif (record := self._joined(kind, content, start + at)) is not None:
                yield record
            at = end
        if len(block) < _BLOCK and at < len(block):
            self.damage.append(f"ends in the middle of a record, at byte {start + at}")

    def _joined(self, kind: int, content: bytes, place: int) -> bytes | None:
        """Return a record that is complete with this part."""
        if kind in (_FULL, _FIRST):
            if self._parts is not None:
                self.damage.append(f"at byte {place} a record has no end")
            self._parts = None if kind == _FULL else [content]
            return content if kind == _FULL else None
        if self._parts is None:
            return None  # its beginning was damaged, which is noted already
        self._parts.append(content)
        if sum(map(len, self._parts)) > _MOST:
            self._parts = None
            self.damage.append(f"at byte {place} a record is too large")
        if kind == _MIDDLE or self._parts is None:
            return None
        whole, self._parts = b"".join(self._parts), None
        return whole
