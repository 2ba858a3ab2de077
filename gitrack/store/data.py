"""Large files and folders: kept in DVC's format beside the repository, moved by DVC's remotes."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitrack.errors import (
    DataError,
    DataMissingError,
    FormatError,
    GitrackError,
    NameRefusedError,
)
from gitrack.model.names import check_path
from gitrack.model.pointer import Pointer
from gitrack.store.moved import Moved, Progress, Report
from gitrack.store.objects import Objects
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.store.remotes import Remote

_CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"


class DataStore:
    """
    The large data of a repository's experiments.

    It lies in a DVC project of its own below the common git folder, so that nothing the user does
    with DVC in the same repository meets it. Pointers stand for it on the branch.

    Parameters
    ----------
    repository : Repository
        Whose data.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.root = repository.own_dir / "dvc"
        self.objects = Objects(self.root / ".dvc" / "cache" / "files" / "md5")

    def add(self, path: Path, name: str, progress: Progress | None = None) -> Pointer:
        """
        Keep a copy of a file.

        Parameters
        ----------
        path : pathlib.Path
            The file; what it holds while it is read is what is kept.
        name : str
            What the pointer calls it.
        progress : callable, optional
            Told in a few words what is going on.

        Raises
        ------
        NameRefusedError
            If the name is not plain.
        DataError
            If it cannot be read or kept.
        """
        report = Report(progress, f"keeping {name}")
        with _as_data_error(name):
            self._prepare()
            md5, size = self.objects.add(path, report.tick)
        return Pointer(_plain(name), md5, size)

    def keep(self, path: Path, name: str) -> Pointer:
        """Keep a file of gitrack's own, that nobody writes to any more: linked, not copied."""
        with _as_data_error(name):
            self._prepare()
            md5, size = self.objects.link(path)
        return Pointer(_plain(name), md5, size)

    def add_bytes(self, content: bytes, name: str) -> Pointer:
        """Keep content as a file, as `add` does."""
        with _as_data_error(name):
            self._prepare()
            return Pointer(_plain(name), self.objects.add_bytes(content), len(content))

    def add_folder(
        self, files: Mapping[str, Path], name: str, progress: Progress | None = None
    ) -> Pointer:
        """
        Keep a copy of a folder's files.

        Parameters
        ----------
        files : mapping of str to pathlib.Path
            Each file by its path inside the folder, with ``/``.
        name : str
            What the pointer calls the folder.
        progress : callable, optional
            Told in a few words what is going on.

        Raises
        ------
        NameRefusedError
            If a path is not plain and relative.
        DataError
            If a file cannot be read or kept, or one path is the folder of another.
        """
        _check_tree(files, name)
        report = Report(progress, f"keeping {name}", files=len(files))
        self._prepare()

        def keep(inner: str) -> tuple[str, int]:
            with _as_data_error(f"{name}/{inner}"):
                kept = self.objects.add(files[inner], report.tick)
            report.file_done()
            return kept

        kept = [keep(inner) for inner in files]
        entries = zip(files, (md5 for md5, _ in kept), strict=True)
        return self.put_folder(entries, name, sum(size for _, size in kept))

    def put_folder(self, entries: Iterable[tuple[str, str]], name: str, size: int) -> Pointer:
        """
        Keep the listing of a folder whose files are kept, or pointed to, already.

        Parameters
        ----------
        entries : iterable of (str, str)
            Each file's path inside the folder, and its digest.
        name : str
            What the pointer calls the folder.
        size : int
            Bytes of all files together.
        """
        import json

        # DVC digests these very bytes, spaces and order of keys included.
        tree = [{"md5": md5, "relpath": inner} for inner, md5 in sorted(entries)]
        with _as_data_error(name):
            md5 = self.objects.add_bytes(json.dumps(tree, sort_keys=True).encode(), folder=True)
        return Pointer(_plain(name), md5, size, len(tree))

    def has(self, pointer: Pointer) -> bool:
        """Tell whether data is here: of a folder, its listing and every file."""
        if not pointer.is_folder:
            return self.objects.has(pointer.md5)
        try:
            inner = self.listing(pointer)
        except (DataMissingError, FormatError):
            return False
        return all(map(self.objects.has, inner.values()))

    def path(self, pointer: Pointer) -> Path:
        """
        Return where a kept file lies, for reading alone.

        Raises
        ------
        DataMissingError
            If it is not on this machine.
        """
        found = self.objects.path(pointer.md5)
        with contextlib.suppress(OSError):
            if found.stat().st_size == pointer.size or pointer.is_folder:
                return found
            self.objects.drop(pointer.md5)
        raise self._missing(pointer)

    def read(self, pointer: Pointer) -> bytes:
        """
        Return a kept file's content.

        Raises
        ------
        DataMissingError
            If it is not on this machine, or what is here was damaged, and is removed.
        """
        try:
            return self.objects.read(pointer.md5)
        except ValueError as error:
            self.objects.drop(pointer.md5)
            raise self._missing(pointer) from error
        except OSError as error:
            raise self._missing(pointer) from error

    def folder(self, pointer: Pointer) -> dict[str, Pointer]:
        """
        Return a kept folder's files by their paths inside it; sizes are known of those here.

        Raises
        ------
        DataMissingError
            If its listing is not on this machine.
        FormatError
            If the listing is none.
        """
        found = {}
        for inner, md5 in self.listing(pointer).items():
            try:
                size = self.objects.path(md5).stat().st_size
            except OSError:
                size = 0
            found[inner] = Pointer(inner.rpartition("/")[2], md5, size)
        return found

    def listing(self, pointer: Pointer) -> dict[str, str]:
        """Return the digests of a kept folder's files by their paths inside it, as `folder`."""
        return _listing(self.read(pointer), pointer)

    def checkout(self, pointer: Pointer, target: Path, progress: Progress | None = None) -> Moved:
        """
        Write a kept file, or a kept folder's files, to a place of the user's.

        Parameters
        ----------
        pointer : Pointer
            Which.
        target : pathlib.Path
            The file or folder to write; files that stand there are replaced.
        progress : callable, optional
            Told in a few words what is going on.

        Raises
        ------
        DataMissingError
            If data is not on this machine, or what is here was damaged, and is removed.
        DataError
            If it cannot be written.
        """
        if not pointer.is_folder:
            report = Report(progress, f"writing {pointer.name}")
            return self._write(pointer, target, report)
        inner = self.folder(pointer)
        report = Report(progress, f"writing {pointer.name}", files=len(inner))
        moved = Moved()
        for path, one in inner.items():
            moved += self._write(one, target / path, report)
            report.file_done()
        return moved

    def _write(self, pointer: Pointer, target: Path, report: Report) -> Moved:
        if not self.objects.has(pointer.md5):
            raise self._missing(pointer)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return Moved(1, self.objects.copy(pointer.md5, target, report.tick))
        except ValueError as error:
            self.objects.drop(pointer.md5)
            raise self._missing(pointer) from error
        except OSError as error:
            raise DataError(str(target), error.strerror or str(error)) from error

    @property
    def remote(self) -> str | None:
        """
        Where data is sent to and fetched from, without credentials; None for nowhere.

        Raises
        ------
        ConfigError
            If the setting names nothing that there is.
        """
        return self._remote.shown if self._remote else None

    @cached_property
    def _remote(self) -> "Remote | None":
        from gitrack.store.remotes import find_remote

        return find_remote(self.repository)

    def branch_files(self, parent: str | None) -> dict[str, bytes]:
        """
        Return what a branch has to say so that plain ``dvc pull`` finds its data.

        Parameters
        ----------
        parent : str or None
            The commit that the next one builds on.

        Returns
        -------
        dict
            ``.dvc/config``; empty where the branch says so already, or there is no remote.

        Raises
        ------
        ConfigError
            If the setting names nothing that there is.
        """
        from gitrack.store.remotes import branch_config

        return branch_config(self.repository, self._remote, parent)

    def push(self, pointers: Iterable[Pointer], progress: Progress | None = None) -> Moved:
        """
        Send what the remote lacks.

        Once a folder's listing is there, all its files are. A push that was interrupted goes on
        where it ended.

        Raises
        ------
        DataMissingError
            If data is neither here nor there; everything else was sent.
        DataError
            If there is no remote, or it refuses.
        """
        from gitrack.store.transfer import push

        wanted = list(pointers)
        return push(self, self._remote_for(wanted), wanted, progress) if wanted else Moved()

    def pull(self, pointers: Iterable[Pointer], progress: Progress | None = None) -> Moved:
        """
        Fetch what is not here.

        Raises
        ------
        DataMissingError
            If the remote has not all of it either; everything else was fetched.
        DataError
            If there is no remote, or it cannot be read.
        """
        from gitrack.store.transfer import pull

        wanted = list(pointers)
        return pull(self, self._remote_for(wanted), wanted, progress) if wanted else Moved()

    def on_remote(self, ids: Iterable[str]) -> set[str]:
        """
        Return which objects the remote has; none where there is no remote.

        Raises
        ------
        DataError
            If it cannot be read.
        """
        from gitrack.store.transfer import present

        return present(self._remote, ids) if self._remote else set()

    def _remote_for(self, pointers: Sequence[Pointer]) -> "Remote":
        if self._remote is None:
            more = f" (and {len(pointers) - 1} more)" if len(pointers) > 1 else ""
            reason = "there is no remote for large data: set data_remote in gitrack.toml"
            raise DataError(f"{pointers[0].name}{more}", reason)
        return self._remote

    def _missing(self, pointer: Pointer) -> DataMissingError:
        return DataMissingError(pointer.name, "`gitrack pull --data` or `gitrack get` brings it")

    def _prepare(self) -> None:
        """Make the DVC project, where it is not there yet."""
        config = self.root / ".dvc" / "config"
        if config.is_file():
            return
        config.parent.mkdir(parents=True, exist_ok=True)
        partial = config.with_name(f"config.{os.getpid()}")
        partial.write_text(_CONFIG, "utf-8")
        partial.replace(config)


def _listing(content: bytes, pointer: Pointer) -> dict[str, str]:
    """Read a folder's listing, made by whomever."""
    import json

    from gitrack.store.pointers import check_md5

    try:
        entries = _list(json.loads(content))
        found = {entry["relpath"]: check_md5(entry["md5"]) for entry in entries}
        _check_tree(found, pointer.name)
    except (
        ValueError, KeyError, TypeError, AttributeError, RecursionError, GitrackError,
    ) as error:  # fmt: skip
        raise FormatError(pointer.name, f"is no listing of a folder ({error})") from error
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("it is no list")
    return value


def _check_tree(files: Iterable[str], name: str) -> None:
    """Refuse paths that are not plain, or of which one is the folder of another."""
    paths = set(map(check_path, files))
    for path in paths:
        head = path
        while head := head.rpartition("/")[0]:
            if head in paths:
                raise DataError(f"{name}/{head}", "is a file and a folder at once")


def _plain(name: str) -> str:
    if "/" in check_path(name):
        raise NameRefusedError("name", name, "a pointer names one thing beside it, without '/'")
    return name


@contextlib.contextmanager
def _as_data_error(name: str) -> Iterator[None]:
    """Name what could not be kept."""
    try:
        yield
    except OSError as error:
        raise DataError(name, f"it cannot be kept: {error.strerror or error}") from error
