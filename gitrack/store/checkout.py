"""Files of a run written out to a folder of the user's, from git or from DVC."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gitrack.errors import DataError, DataMissingError, UsageError
from gitrack.model.names import check_path
from gitrack.model.pointer import Pointer
from gitrack.model.run import Record
from gitrack.store.moved import Moved, Progress
from gitrack.store.reader import Reader, own_names, stored_name


@dataclass(frozen=True, slots=True)
class Choice:
    """
    Files of a run to write out.

    Attributes
    ----------
    record : Record
        The run.
    files : mapping of str to str
        Each file's or DVC folder's own path inside the run, by the path to write it to.
    is_file : bool
        Whether one file was asked for by its name.
    """

    record: Record
    files: Mapping[str, str]
    is_file: bool


def choose_files(record: Record, path: str = "") -> Choice:
    """
    Choose a run's files: all, those below a folder, or one.

    Raises
    ------
    UsageError
        If the run has no such file or folder.
    """
    names = own_names(record)
    path = path.strip("/")
    if path in names:
        return Choice(record, {path.rpartition("/")[2]: path}, is_file=True)
    below = f"{path}/" if path else ""
    files = {name.removeprefix(below): name for name in names if name.startswith(below)}
    if not files:
        raise UsageError(f"run {record.run.id} has no file or folder {path!r}")
    return Choice(record, files, is_file=False)


def write_out(
    reader: Reader,
    choice: Choice,
    folder: Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Moved:
    """
    Write files of a run to a folder, fetching what is not here.

    Nothing is written where a file would be replaced without `force`, or lie outside the folder.

    Parameters
    ----------
    reader : Reader
        Where the run is read.
    choice : Choice
        Which files.
    folder : pathlib.Path
        Where to; made where it is missing.
    force : bool
        Whether files that are there may be replaced.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    UsageError
        If a file is there already, or a link or a file stands where a folder should be.
    DataMissingError
        If data is neither here nor on the remote.
    DataError
        If a file cannot be written, or there is no remote.
    """
    record = choice.record
    pointers = {path: pointer for _, path, pointer in reader.pointers([record])}
    wanted = {to: pointers[name] for to, name in choice.files.items() if name in pointers}
    for target in choice.files:
        if target not in wanted or not wanted[target].is_folder:
            _check_target(folder, target, force=force)
    reader.data.pull([one for one in wanted.values() if not reader.data.has(one)], progress)
    targets = _expanded(reader, wanted)
    for target in targets:
        _check_target(folder, target, force=force)
    moved = Moved()
    plain = {target: name for target, name in choice.files.items() if target not in wanted}
    blobs = (record.blobs[stored_name(record, name) or name] for name in plain.values())
    for target, content in zip(plain, reader.read_many(blobs), strict=True):
        moved += _write(folder / target, content)
    for target, pointer in targets.items():
        moved += _checked_out(reader, pointer, folder / target, progress)
    return moved


def _expanded(reader: Reader, wanted: Mapping[str, Pointer]) -> dict[str, Pointer]:
    """Return the files to write that DVC keeps, those of folders one by one."""
    files: dict[str, Pointer] = {}
    for target, pointer in wanted.items():
        if pointer.is_folder:
            inner = reader.data.folder(pointer)
            files |= {f"{target}/{path}": one for path, one in inner.items()}
        else:
            files[target] = pointer
    return files


def _check_target(folder: Path, target: str, *, force: bool) -> None:
    place = folder / check_path(target)
    if place.is_dir() and not place.is_symlink():
        raise UsageError(f"{place} is a folder")
    if not force and (place.exists() or place.is_symlink()):
        raise UsageError(f"{place} is there already: --force replaces it")
    for parent in (folder / above for above in Path(target).parents[:-1]):
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            raise UsageError(f"{parent} is a link or a file: nothing is written through it")


def _checked_out(
    reader: Reader, pointer: Pointer, target: Path, progress: Progress | None
) -> Moved:
    try:
        return reader.data.checkout(pointer, target, progress)
    except DataMissingError:  # what was here was damaged, and the remote may have it whole
        reader.data.pull([pointer], progress)
        return reader.data.checkout(pointer, target, progress)


def _write(target: Path, content: bytes) -> Moved:
    partial = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        raise DataError(str(target), error.strerror or str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return Moved(1, len(content))
