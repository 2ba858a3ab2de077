"""Where an artifact's content goes before it is logged: into the cache, as it is at that moment."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from gitrack.errors import GitrackError
from gitrack.model.artifact import ArtifactFile
from gitrack.record.notice import progress
from gitrack.store.data import DataStore
from gitrack.store.repository import Repository

_LARGE = 64 << 20  # bytes; copying less is over before anyone asks


class Recording(Protocol):
    """The run that content is kept for."""

    disabled: bool

    @property
    def repository(self) -> Repository:
        """Where it is recorded."""
        ...

    def log_artifact(self, artifact_or_path: Any) -> Any:
        """Log an artifact."""
        ...


class Staging:
    """
    Keeps content for artifacts of the process's current run.

    Attributes
    ----------
    run : Recording or None
        The current run.
    """

    def __init__(self) -> None:
        self.run: Recording | None = None

    def data(self) -> DataStore | None:
        """
        Return where content is kept; None where nothing is recorded.

        Before a run begins it is the repository around, or the user's own store.

        Raises
        ------
        RepositoryError
            If there is neither.
        """
        if self.run is not None:
            repository = None if self.run.disabled else self.run.repository
        else:
            repository = Repository.find()
        return None if repository is None else DataStore(repository)


staging = Staging()


def keep(data: DataStore | None, source: Path, path: str) -> ArtifactFile:
    """
    Keep a file as it is now, or only digest it.

    Raises
    ------
    GitrackError
        If it cannot be read or kept.
    """
    if data is None:
        return _digested(source, path)
    name = path.rpartition("/")[2]
    if source.stat().st_size < _LARGE:
        pointer = data.add(source, name)
    else:
        with progress() as show:
            pointer = data.add(source, name, show)
    return ArtifactFile(path, pointer.md5, pointer.size)


def keep_all(data: DataStore, files: Iterable[tuple[ArtifactFile, Path]]) -> None:
    """
    Keep files that another store kept, or none; what is here already is left alone.

    Parameters
    ----------
    data : DataStore
        Where to.
    files : iterable of (ArtifactFile, pathlib.Path)
        Each file, and where its content lies.

    Raises
    ------
    GitrackError
        If a file is gone, or is not what it was.
    """
    for file, source in files:
        if not data.objects.has(str(file.md5)) and keep(data, source, file.path).md5 != file.md5:
            raise GitrackError(f"{source}: it was changed since it was added")


def _digested(source: Path, path: str) -> ArtifactFile:
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return ArtifactFile(path, digest.hexdigest(), source.stat().st_size)
