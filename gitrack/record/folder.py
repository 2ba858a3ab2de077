"""The folder of a run that is not committed yet, and the lock that its process holds."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import filelock

from gitrack.errors import NameRefusedError
from gitrack.store.repository import Repository

#: The folder whose files are committed as they stand, and the one for what is not encoded yet.
RECORD, SPOOL = "record", "spool"
_JOURNAL = "journal.jsonl"
_LOCK = "lock"
_FRESH = ".new-"
_DAY = 86_400.0


class RunFolder:
    """
    A run's folder below ``<git common dir>/gitrack/runs/``.

    While its lock is held, the run is alive, or somebody is committing it.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    rank : int
        Which of the processes that record the run together; 0 where there is one.
    """

    def __init__(self, path: Path, rank: int = 0) -> None:
        self.path = path
        self.rank = rank
        self._lock = filelock.FileLock(path / _ranked(_LOCK, rank), timeout=0, thread_local=False)

    @classmethod
    def join(cls, repository: Repository, run_id: str, rank: int) -> "RunFolder":
        """
        Enter the folder of a run that another process began, under a lock of one's own.

        Raises
        ------
        OSError
            If there is no such folder, or it cannot be written.
        """
        folder = cls(repository.runs_dir / run_id, rank)
        if not folder.path.is_dir():
            raise FileNotFoundError(f"{folder.path}: rank 0 has not begun its run")
        folder._lock.acquire()
        return folder

    @classmethod
    def create(cls, repository: Repository, run_id: str) -> "RunFolder":
        """
        Make a folder, locked from the first moment that others can see it.

        Raises
        ------
        NameRefusedError
            If a run of this id is there, alive or waiting for recovery.
        OSError
            If the repository cannot be written.
        """
        runs = repository.runs_dir
        runs.mkdir(parents=True, exist_ok=True)
        fresh = runs / f"{_FRESH}{run_id}-{os.getpid()}"
        fresh.mkdir()
        folder = cls(fresh)
        try:
            folder._lock.acquire()
            fresh.rename(runs / run_id)
        except OSError as error:
            folder._lock.release()
            shutil.rmtree(fresh, ignore_errors=True)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                rule = "a run of this id is being recorded here"
                raise NameRefusedError("run id", run_id, rule) from error
            raise
        folder.path = runs / run_id
        return folder

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """The journal's path."""
        return self.path / _ranked(_JOURNAL, self.rank)

    @property
    def journals(self) -> list[Path]:
        """The journals of all processes that recorded the run, that of rank 0 first."""
        stem, dot, suffix = _JOURNAL.partition(".")
        return [self.path / _JOURNAL, *sorted(self.path.glob(f"{stem}-*{dot}{suffix}"))]

    def take(self) -> bool:
        """Take the lock of a run whose process is gone; False while anyone holds it."""
        try:
            self._lock.acquire()
        except (filelock.Timeout, OSError):
            return False
        # Whoever held it may have committed the run and removed the folder meanwhile.
        if not self.journal.is_file() or self.others_record():
            self.release()
            return False
        return True

    def others_record(self) -> bool:
        """Tell whether another process still records the run."""
        for path in self.path.glob(f"{_LOCK}-*"):
            lock = filelock.FileLock(path, timeout=0, thread_local=False)
            try:
                lock.acquire()
            except (filelock.Timeout, OSError):
                return True
            lock.release()
        return False

    def release(self) -> None:
        """Let go of the lock."""
        self._lock.release(force=True)

    def remove(self) -> None:
        """Delete the folder of a committed run, then let go."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()


def abandoned(repository: Repository) -> Iterator[RunFolder]:
    """Yield the folders that no living process holds, each with its lock taken."""
    runs = repository.runs_dir
    try:
        names = sorted(os.listdir(runs))
    except OSError:
        return
    for name in names:
        if name.startswith(_FRESH) or not _is_begun(runs / name):
            _sweep(runs / name)
        else:
            folder = RunFolder(runs / name)
            if folder.take():
                yield folder


def alive(repository: Repository) -> Iterator[RunFolder]:
    """Yield the folders of runs that a living process holds."""
    runs = repository.runs_dir
    try:
        names = sorted(os.listdir(runs))
    except OSError:
        return
    for name in names:
        folder = RunFolder(runs / name)
        if name.startswith(_FRESH) or not _is_begun(runs / name):
            continue
        if folder.take():
            folder.release()
        else:
            yield folder


def _ranked(name: str, rank: int) -> str:
    """Name a process's own file: ``journal-3.jsonl``."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}-{rank}{dot}{suffix}" if rank else name


def _is_begun(folder: Path) -> bool:
    try:
        return (folder / _JOURNAL).stat().st_size > 0
    except OSError:
        return False


def _sweep(path: Path) -> None:
    """Remove what a process left that died before it wrote a journal's first line."""
    try:
        if time.time() - path.stat().st_mtime > _DAY:
            folder = RunFolder(path)
            folder._lock.acquire()  # noqa: SLF001 - a full disk may keep a living run's journal empty
            folder.remove()
    except OSError:  # a lock that is held is one
        return
