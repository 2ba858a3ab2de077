"""What ``git cat-file --batch`` prints."""

import contextlib
from collections.abc import Iterator
from io import BufferedReader
from typing import NamedTuple

_PIECE = 1 << 20  # bytes


class Object(NamedTuple):
    """What git keeps under an id: its kind ("blob", "tree" …) and its content."""

    id: str
    kind: str
    content: bytes


def objects_in(stream: BufferedReader) -> Iterator[Object | None]:
    """Read what ``cat-file --batch`` prints, until it ends or git stopped inside an object."""
    _widen(stream)
    # Three calls an object would cost more than all the rest where there are many small ones.
    read, place = b"", 0
    while True:
        end = read.find(b"\n", place)
        if end < 0:
            piece = stream.read1(_PIECE)
            if not piece:
                return
            read, place = read[place:] + piece, 0
            continue
        header = read[place:end]
        place = end + 1
        if header.endswith((b" missing", b" ambiguous")):
            yield None
            continue
        oid, kind, size = header.split()
        stop = place + int(size)
        if stop >= len(read):
            read += stream.read(stop + 1 - len(read))
        if read[stop : stop + 1] != b"\n":
            return
        yield Object(oid.decode(), kind.decode(), read[place:stop])
        place = stop + 1


def _widen(pipe: BufferedReader) -> None:
    """Let git be a piece ahead, so that it works while what it gave is read; where that can be."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIECE)
