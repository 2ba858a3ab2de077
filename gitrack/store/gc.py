"""What could be freed: data that no record names, old backups, caches, logs."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gitrack.errors import GitrackError
from gitrack.store.data import DataStore
from gitrack.store.fsck.leftovers import partial_files
from gitrack.store.references import KEPT_REFS, named_objects
from gitrack.store.repository import Repository

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Garbage:
    """
    One thing that could be freed.

    Attributes
    ----------
    kind : str
        "data", "backup", "cache", "log", "damaged" or "partial".
    name : str
        Which: a digest, a ref, a path.
    size : int
        Bytes on this machine; 0 where nobody knows.
    """

    kind: str
    name: str
    size: int = 0


class Collector:
    """
    Finds what could be freed in a repository, and frees it.

    Nothing that a record, an artifact, a branch of a remote, a backup or a run that is not
    committed names is ever found, nor what is younger than the days that are kept.

    Parameters
    ----------
    repository : Repository
        Where.
    days : float
        How long what nothing names any more is kept; days.

    Attributes
    ----------
    trouble : list of str
        Why some things cannot be told to be garbage.
    """

    def __init__(self, repository: Repository, days: float) -> None:
        self.repository = repository
        self.days = days
        self.trouble: list[str] = []
        self._store = DataStore(repository)

    def find(self) -> list[Garbage]:
        """Return what could be freed, and change nothing."""
        self.trouble = []
        return [
            *self._data(),
            *self._backups(),
            *self._folders(),
            *(
                Garbage("partial", str(path), _size(path))
                for path in partial_files(self.repository)
            ),
        ]

    def free(self, progress: Callable[[str], None] | None = None) -> list[Garbage]:
        """Free what could be freed by now, and return it."""
        freed = []
        # Asked again: what was garbage a minute ago may have been recorded since.
        for one in self.find():
            if progress is not None:
                progress(f"freeing {one.name}")
            if self._free(one):
                freed.append(one)
        return freed

    def _free(self, one: Garbage) -> bool:
        if one.kind == "backup":
            return self.repository.git.ask("update-ref", "-d", one.name) is not None
        path = self._store.objects.path(one.name) if one.kind == "data" else Path(one.name)
        if one.kind == "data" and not self._is_old(path):
            return False
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        return not path.exists()

    def _data(self) -> Iterator[Garbage]:
        objects = self._store.objects
        try:
            named = named_objects(self.repository, days=self.days)
        except GitrackError as error:
            self.trouble.append(f"no data is freed: {error}: gitrack fsck tells more")
            return
        unknown = [
            md5 for md5 in named if md5.endswith(".dir") and not objects.check(md5)
        ]  # fmt: skip
        if unknown and any(True for _ in objects.all()):
            what = f"what {len(unknown)} folders hold is not known here"
            self.trouble.append(f"no data is freed: {what}: gitrack pull --data")
            return
        for md5 in objects.all():
            path = objects.path(md5)
            if md5 not in named and self._is_old(path):
                yield Garbage("data", md5, _size(path))

    def _backups(self) -> Iterator[Garbage]:
        words = ("for-each-ref", "--format=%(refname) %(committerdate:unix)", *KEPT_REFS)
        for line in self.repository.git.text(*words).splitlines():
            ref, _, made = line.partition(" ")
            if made and int(made) < time.time() - self.days * _DAY:
                yield Garbage("backup", ref)

    def _folders(self) -> Iterator[Garbage]:
        own = self.repository.own_dir
        if (cache := own / "cache").is_dir():
            yield Garbage("cache", str(cache), _size(cache))
        store = self._store.objects.folder.parent.relative_to(own)
        for kind, pattern in (
            ("log", "*.log"),
            ("damaged", "damaged/*"),
            ("damaged", f"{store}/damaged/*"),
            ("cache", "ranks/*"),
        ):
            for path in sorted(own.glob(pattern)):
                if self._is_old(path):
                    yield Garbage(kind, str(path), _size(path))

    def _is_old(self, path: Path) -> bool:
        """Tell whether nobody has touched a file for as long as things are kept."""
        try:
            facts = path.stat()
        except OSError:
            return False
        # A link to an old file is new all the same: its inode changed.
        return max(facts.st_mtime, facts.st_ctime) < time.time() - self.days * _DAY


def _size(path: Path) -> int:
    paths = path.rglob("*") if path.is_dir() else (path,)
    size = 0
    for one in paths:
        try:
            size += one.lstat().st_size
        except OSError:
            continue
    return size
