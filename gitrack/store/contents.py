"""An artifact's files on this machine: written, fetched where they are missing, and checked."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from gitrack.errors import ArtifactNotFoundError, DataError, DigestError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.names import check_path
from gitrack.model.pointer import Pointer
from gitrack.store.artifacts import Stored
from gitrack.store.data import DataStore
from gitrack.store.external import fetch
from gitrack.store.moved import Progress, Report
from gitrack.store.repository import Repository


def write_files(
    repository: Repository,
    stored: Stored,
    root: Path,
    prefix: str = "",
    *,
    allow_missing_references: bool = False,
    progress: Progress | None = None,
) -> list[str]:
    """
    Write a version's files below a folder; what stands there and is right is left alone.

    Each file appears whole or not at all. What this machine lacks is fetched from DVC's remote,
    and references from where they point.

    Parameters
    ----------
    repository : Repository
        Where the version is recorded.
    stored : Stored
        The version.
    root : pathlib.Path
        The folder; made if it is not there.
    prefix : str
        Only files whose path begins so.
    allow_missing_references : bool
        Whether references that cannot be had are left out.
    progress : callable, optional
        Told in a few words what is going on.

    Returns
    -------
    list of str
        The references that were left out, each with the reason.

    Raises
    ------
    ArtifactNotFoundError
        If no file begins with `prefix`.
    DataMissingError, DataError
        If data is not here and cannot be fetched, or a file cannot be written.
    DigestError
        If what was fetched is not what the manifest says.
    """
    files = [file for file in stored.manifest.files if file.path.startswith(prefix)]
    if prefix and not files:
        there = [file.path for file in stored.manifest.files]
        raise ArtifactNotFoundError(f"{stored.manifest.label}/{prefix}", there)
    try:
        root.mkdir(parents=True, exist_ok=True)
        wanted = [file for file in files if not is_right(root, file)]
    except OSError as error:
        raise DataError(str(root), error.strerror or str(error)) from error
    contents = _Contents(repository, stored, progress)
    contents.bring([file for file in wanted if file.ref is None])
    left_out = []
    report = Report(progress, f"writing {stored.manifest.label}", files=len(wanted))
    for file in wanted:
        try:
            _write(contents, file, root, report)
        except (DataError, DigestError) as error:
            if file.ref is None or not allow_missing_references:
                raise
            left_out.append(str(error))
        except OSError as error:
            raise DataError(f"{root}/{file.path}", error.strerror or str(error)) from error
        report.file_done()
    return left_out


def is_right(root: Path, file: ArtifactFile) -> bool:
    """Tell whether a file stands below a folder with the content that the manifest says."""
    target = root / check_path(file.path)
    md5 = file.md5 or file.digest
    if md5 is None or target.is_symlink() or not target.is_file():
        return False
    return target.stat().st_size == (file.size or target.stat().st_size) and _md5(target) == md5


def verify_files(manifest: Manifest, root: Path) -> int:
    """
    Compare a folder with a manifest; returns how many references could not be compared.

    Raises
    ------
    DigestError
        If a file is missing, differs, or is none of the artifact's.
    """
    own = {file.path for file in manifest.files}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and name not in own:
            raise DigestError(str(path), f"nothing of {manifest.label}", "there")
    for file in manifest.files:
        if file.md5 and not is_right(root, file):
            target = root / file.path
            found = _md5(target) if target.is_file() else "missing"
            raise DigestError(str(target), file.md5, found)
    return sum(file.ref is not None for file in manifest.files)


class _Contents:
    """Where each file of a version can be read."""

    def __init__(self, repository: Repository, stored: Stored, progress: Progress | None) -> None:
        self._git = repository.git
        self._data = DataStore(repository)
        self._in_git = stored.in_git
        self._progress = progress

    def bring(self, files: Sequence[ArtifactFile]) -> None:
        """Fetch what is not here, all of it at once."""
        pointers = [_pointer(file) for file in files if file.path not in self._in_git]
        if missing := [one for one in pointers if not self._data.has(one)]:
            self._data.pull(missing, self._progress)

    def write(self, file: ArtifactFile, target: Path, report: Report) -> None:
        """Write one file to a place where nothing stands in the way."""
        if oid := self._in_git.get(file.path):
            (content,) = self._git.blobs([oid])
            found = hashlib.md5(content, usedforsecurity=False).hexdigest()
            if found != file.md5:
                raise DigestError(file.path, str(file.md5), found)
            target.write_bytes(content)
            report.tick(len(content))
        else:
            self._data.checkout(_pointer(file), target)
            report.tick(file.size or 0)


def _write(contents: _Contents, file: ArtifactFile, root: Path, report: Report) -> None:
    target = root / check_path(file.path)
    _make_folders(root, target)
    if target.is_dir() and not target.is_symlink():
        raise DataError(str(target), "a folder stands in the file's place")
    partial = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        if file.ref is not None:
            fetch(file, partial, report.tick)
        else:
            contents.write(file, partial, report)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _make_folders(root: Path, target: Path) -> None:
    """Make the folders from the root to a file; a link among them could lead anywhere."""
    place = root
    for part in target.relative_to(root).parts[:-1]:
        place /= part
        if place.is_symlink():
            raise DataError(str(place), "a link stands in a folder's place, and is not followed")
        place.mkdir(exist_ok=True)


def _pointer(file: ArtifactFile) -> Pointer:
    return Pointer(file.path.rpartition("/")[2], str(file.md5), file.size or 0)


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
