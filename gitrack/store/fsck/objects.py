"""Git's objects one after another, damaged ones included, and whole trees of them."""

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from gitrack.errors import GitError
from gitrack.store.git import Git

TREE, SYMLINK, SUBMODULE = "40000", "120000", "160000"
_PIECE = 1 << 20
_MOST = 64 << 20  # bytes of a file that is parsed; a larger one is digested alone
_BROKEN = re.compile(r"\b(?:missing (?:\w+ )?|error: )([0-9a-f]{40,64})\b")
_FIELDS = 3
_MISSING, _DAMAGED = "is missing", "is damaged"


@dataclass(frozen=True, slots=True)
class Found:
    """
    What reading one object gave.

    Attributes
    ----------
    oid : str
        The object's id.
    size : int
        Bytes.
    content : bytes or None
        What it holds, where that was asked for.
    sha256 : str or None
        The digest of what it holds.
    trouble : str or None
        Why it cannot be read: "is missing", "is damaged".
    """

    oid: str
    size: int = 0
    content: bytes | None = None
    sha256: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder, link or submodule below a tree, by its path from the branch's top."""

    path: str
    mode: str
    oid: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


def read_objects(git: Git, wanted: Sequence[tuple[str, bool]]) -> Iterator[Found]:
    """
    Read objects in order, each held against its own id.

    Parameters
    ----------
    git : Git
        The repository.
    wanted : sequence of (str, bool)
        Ids, and whether the content is wanted, or its digest alone.
    """
    place = 0
    while place < len(wanted):
        # git gives up at an object that it cannot unpack: what follows is asked of another.
        with git.batch(oid for oid, _ in wanted[place:]) as process:
            # A broken pack is named again for each of its objects, more than a pipe can hold.
            threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
            for oid, keep in wanted[place:]:
                found = _next(process.stdout, oid, keep=keep)
                place += 1
                stuck = found.trouble == _DAMAGED
                if found.trouble and (git.objects_dir / oid[:2] / oid[2:]).is_file():
                    # Of a file that it cannot unpack git may say that there is none.
                    found = replace(found, trouble=_DAMAGED)
                yield found
                if stuck:
                    break


def _drain(stream: IO[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):  # closed when all was read
        while stream.read(_PIECE):
            pass


def _next(stream: IO[bytes], oid: str, *, keep: bool) -> Found:
    header = stream.readline().split()
    if len(header) == 2 and header[1] == b"missing":  # noqa: PLR2004
        return Found(oid, trouble=_MISSING)
    if len(header) != _FIELDS:
        return Found(oid, trouble=_DAMAGED)
    size = left = int(header[2])
    own = hashlib.new("sha1" if len(oid) == 40 else "sha256", usedforsecurity=False)  # noqa: PLR2004
    own.update(header[1] + b" " + header[2] + b"\0")
    digest = hashlib.sha256()
    pieces = []
    while left and (piece := stream.read(min(left, _PIECE))):
        own.update(piece)
        digest.update(piece)
        left -= len(piece)
        if keep and size <= _MOST:
            pieces.append(piece)
    stream.read(1)
    if left or own.hexdigest() != oid:
        return Found(oid, size, trouble=_DAMAGED)
    content = b"".join(pieces) if keep and size <= _MOST else None
    return Found(oid, size, content, digest.hexdigest())


def entries_of(tree: bytes, folder: str, id_bytes: int) -> Iterator[Entry]:
    """Read a tree's own lines."""
    place = 0
    while place < len(tree):
        space = tree.index(b" ", place)
        end = tree.index(b"\0", space)
        name = tree[space + 1 : end].decode("utf-8", "surrogateescape")
        oid = tree[end + 1 : end + 1 + id_bytes].hex()
        yield Entry(f"{folder}/{name}" if folder else name, tree[place:space].decode(), oid)
        place = end + 1 + id_bytes


def broken_in_history(git: Git, tips: Iterable[str]) -> list[str]:
    """Return the ids of objects that the history of commits needs and git cannot read."""
    words = ("fsck", "--connectivity-only", "--no-dangling", "--no-reflogs", "--no-progress")
    try:
        said = git.text(*words, *tips)
    except GitError as error:
        said = f"{error.stderr}\n{error.stdout}"
    return list(dict.fromkeys(_BROKEN.findall(said)))


def broken_packs(common_dir: Path) -> Iterator[Path]:
    """Yield packs that are not what their index describes, as after a copy that was cut short."""
    for index in sorted((common_dir / "objects" / "pack").glob("*.idx")):
        pack = index.with_suffix(".pack")
        for width in (20, 32):  # bytes of a digest
            if index.stem.removeprefix("pack-") and len(index.stem) - 5 == 2 * width:
                break
        try:
            if _tail(pack, width) != _tail(index, 2 * width)[:width]:
                yield pack
        except OSError:
            yield pack


def _tail(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - count, 0))
        return file.read(count)
