"""Content by its digest, laid out as DVC 3 lays out its cache: ``files/md5/xx/…``."""

import contextlib
import hashlib
import io
import itertools
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

#: Told how many bytes more are done.
Tick = Callable[[int], None]

_PIECE = 1 << 22  # bytes
_FIRST = 1 << 16  # bytes; most files of a large folder have no more
_MODE = 0o444  # how DVC marks what it need not digest again
_STALE = 86_400.0  # seconds
_DIR = ".dir"


class Objects:
    """
    A folder of objects.

    Whoever writes here, and however it dies, an object that stands under its name is whole.

    Parameters
    ----------
    folder : pathlib.Path
        Where ``xx/…`` stand: the ``files/md5`` of a cache or of a remote.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._partial = folder.parent / "partial"
        self._names: Iterator[str] | None = None

    def path(self, md5: str) -> Path:
        """Return an object's place, whether or not it is there."""
        return Path(self._place(md5))

    def has(self, md5: str) -> bool:
        """Tell whether an object is there."""
        return os.path.isfile(self._place(md5))  # noqa: PTH113 - see _take

    def _place(self, md5: str) -> str:
        return f"{self.folder}{os.sep}{md5[:2]}{os.sep}{md5[2:]}"

    def add(self, source: Path, tick: Tick | None = None) -> tuple[str, int]:
        """
        Keep a copy of a file, digested as it is copied.

        A file that changes meanwhile is kept as it was read. What already stands under the digest
        is replaced: this content is known to be right.

        Returns
        -------
        md5 : str
            Its digest.
        size : int
            Bytes.

        Raises
        ------
        OSError
            If it cannot be read, or the copy cannot be written.
        """
        with open(source, "rb", buffering=0) as stream:  # noqa: PTH123 - see _take
            return self._take(stream, tick=tick)

    def link(self, source: Path, tick: Tick | None = None) -> tuple[str, int]:
        """
        Keep a file of our own, that nobody writes to any more, without a second copy of it.

        Where links cannot be made it is copied, as `add` does.
        """
        partial = self.partial_path()
        try:
            partial.hardlink_to(source)
        except OSError:
            return self.add(source, tick)
        try:
            with partial.open("rb") as stream:
                md5, size = copy_digested(stream, None, tick)
            partial.chmod(_MODE)
            self._settle(str(partial), md5)
        finally:
            partial.unlink(missing_ok=True)
        return md5, size

    def add_bytes(self, content: bytes, *, folder: bool = False) -> str:
        """Keep content, that of a folder's listing under a name of its own; returns its digest."""
        return self._take(io.BytesIO(content), suffix=_DIR if folder else "")[0]

    def take(self, source: Path, md5: str, tick: Tick | None = None) -> int:
        """
        Keep a copy of a file that should have a digest; returns its bytes.

        Raises
        ------
        ValueError
            If it has another one.
        OSError
            If it cannot be read, or the copy cannot be written.
        """
        with open(source, "rb", buffering=0) as stream:  # noqa: PTH123 - see _take
            return self._take(stream, expected=md5, tick=tick)[1]

    def adopt(self, partial: Path, md5: str) -> int:
        """
        Make a file of `partial_path` an object; returns its bytes.

        Raises
        ------
        ValueError
            If its digest is another one.
        """
        with partial.open("rb") as stream:
            found, size = copy_digested(stream, None)
        if found != md5.removesuffix(_DIR):
            raise ValueError(f"its digest is {found}")
        partial.chmod(_MODE)
        self._settle(str(partial), md5)
        return size

    def read(self, md5: str) -> bytes:
        """
        Return an object's content.

        Raises
        ------
        ValueError
            If it is damaged.
        OSError
            If it is not there.
        """
        content = self.path(md5).read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5.removesuffix(_DIR):
            raise ValueError("it is damaged")
        return content

    def copy(self, md5: str, target: Path, tick: Tick | None = None) -> int:
        """
        Write an object to a file, which appears whole or not at all; returns its bytes.

        Raises
        ------
        ValueError
            If it is damaged.
        OSError
            If it is not there, or the file cannot be written.
        """
        partial = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with self.path(md5).open("rb") as stream, partial.open("xb") as file:
                found, size = copy_digested(stream, file, tick)
            if found != md5.removesuffix(_DIR):
                raise ValueError("it is damaged")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return size

    def check(self, md5: str, tick: Tick | None = None) -> bool:
        """Tell whether an object is there and whole, by reading all of it."""
        try:
            with self.path(md5).open("rb") as stream:
                return copy_digested(stream, None, tick)[0] == md5.removesuffix(_DIR)
        except OSError:
            return False

    def drop(self, md5: str) -> None:
        """Put an object by that is damaged: whoever has no other copy may still want it."""
        aside = self.folder.parent / "damaged"
        with contextlib.suppress(OSError):
            aside.mkdir(exist_ok=True)
            self.path(md5).replace(aside / md5)

    def all(self) -> Iterator[str]:
        """Yield the digests of all objects."""
        for prefix in sorted(os.listdir(self.folder)) if self.folder.is_dir() else ():
            if len(prefix) == 2:  # noqa: PLR2004
                for rest in sorted(os.listdir(self.folder / prefix)):
                    yield prefix + rest

    def partial_path(self) -> Path:
        """Return a new file's place for content that is not an object yet."""
        return Path(self._new_partial())

    def _new_partial(self) -> str:
        if self._names is None:
            self._partial.mkdir(parents=True, exist_ok=True)
            self._sweep()
            stem = f"{self._partial}{os.sep}{secrets.token_hex(8)}"
            self._names = (f"{stem}-{number}" for number in itertools.count())
        return f"{next(self._names)}-{os.getpid()}"  # a forked process counts on from here

    def _take(
        self,
        stream: IO[bytes],
        *,
        expected: str | None = None,
        suffix: str = "",
        tick: Tick | None = None,
    ) -> tuple[str, int]:
        # Folders of many small files come through here: no pathlib, no call that is not needed.
        partial = self._new_partial()
        try:
            with open(partial, "xb") as file:  # noqa: PTH123
                found, size = copy_digested(stream, file, tick)
                os.fchmod(file.fileno(), _MODE)
            md5 = expected or found + suffix
            if found != md5.removesuffix(_DIR):
                raise ValueError(f"its digest is {found}")  # noqa: TRY301
            self._settle(partial, md5)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        return md5, size

    def _settle(self, partial: str, md5: str) -> None:
        place = self._place(md5)
        try:
            os.replace(partial, place)  # noqa: PTH105
        except FileNotFoundError:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            os.replace(partial, place)  # noqa: PTH105

    def _sweep(self) -> None:
        """Remove what processes left that were killed."""
        oldest = time.time() - _STALE
        for entry in os.scandir(self._partial):
            with contextlib.suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(facts.st_mode) and facts.st_mtime < oldest:
                    Path(entry.path).unlink()


def copy_digested(
    source: IO[bytes], target: IO[bytes] | None, tick: Tick | None = None
) -> tuple[str, int]:
    """
    Read a stream once: its digest and its bytes, and a copy if a target is given.

    What is large is digested by a thread of its own while it is written.

    Returns
    -------
    md5 : str
        Of what was read.
    size : int
        Bytes.
    """
    digest, size = hashlib.md5(usedforsecurity=False), 0
    pending: Future[None] | None = None
    with ExitStack() as stack:
        pool: ThreadPoolExecutor | None = None
        ask = _FIRST
        while piece := source.read(ask):
            if len(piece) == ask:
                ask = _PIECE
            if pending is not None:
                pending.result()
            pending = None
            if len(piece) == _PIECE:
                pool = pool or stack.enter_context(ThreadPoolExecutor(1))
                pending = _submit(pool, digest.update, piece)
            else:
                digest.update(piece)
            if target is not None:
                target.write(piece)
            size += len(piece)
            if tick is not None:
                tick(len(piece))
    return digest.hexdigest(), size


def _submit(
    pool: ThreadPoolExecutor, act: Callable[[bytes], None], piece: bytes
) -> "Future[None] | None":
    try:
        return pool.submit(act, piece)
    except RuntimeError:  # the interpreter is ending, and starts no more threads
        act(piece)
        return None
