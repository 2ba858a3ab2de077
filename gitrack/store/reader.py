"""Reading every recorded run: all experiments branches at once, a run once."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from gitrack.errors import AmbiguousRunError, DataMissingError, FormatError, RunNotFoundError
from gitrack.model.pointer import Pointer
from gitrack.model.run import Record, Run
from gitrack.store.data import DataStore
from gitrack.store.history import HistoryBuilder, table_from_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTORY_FILE,
    PREVIEW_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    id_from_folder,
    split_path,
)
from gitrack.store.pointers import SUFFIX, name_on_branch, own_name, pointer_from_dvc
from gitrack.store.repository import Repository
from gitrack.store.schema import config_from_yaml, run_from_json, summary_from_json

if TYPE_CHECKING:
    import pyarrow as pa

_HEADS = ("refs/heads/experiments", "refs/remotes")
_REF = re.compile(r"refs/(?:heads|remotes/.+?)/(experiments/.+)")


class Reader:
    """
    The runs of one repository.

    Parameters
    ----------
    repository : Repository
        Where to read.

    Attributes
    ----------
    damaged : list of FormatError
        Runs that `records` had to leave out, and why.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.git = repository.git
        self.data = DataStore(repository)
        self.damaged: list[FormatError] = []

    def branches(self) -> dict[str, str]:
        """
        Return the experiments branches and the commits they stand at.

        A branch of a remote that is also here, at another commit, is named ``remote/branch``; it
        is left out where ours contains it, since what ours has not any more was removed here.
        """
        found: dict[str, str] = {}
        lines = self.git.text("for-each-ref", "--format=%(objectname) %(refname)", *_HEADS)
        for line in lines.splitlines():  # local ones come first
            oid, _, ref = line.partition(" ")
            if match := _REF.fullmatch(ref):
                name = match[1]
                if ref.startswith("refs/remotes/") and found.get(name, oid) != oid:
                    if self._contains(found[name], oid):
                        continue
                    name = ref.removeprefix("refs/remotes/")
                found[name] = oid
        return dict(sorted(found.items()))

    def records(self) -> list[Record]:
        """
        Return all runs, each once, oldest first.

        A run whose files cannot be read is left out and named in `damaged`.

        Raises
        ------
        GitError
            If git cannot read the repository.
        """
        found = self._folders()
        wanted = [
            (
                folder,
                branch,
                blobs,
                [n for n in (RUN_FILE, CONFIG_FILE, SUMMARY_FILE) if n in blobs],
            )
            for folder, branch, blobs in found
            if RUN_FILE in blobs
        ]
        contents = self.read_many(blobs[name] for _, _, blobs, names in wanted for name in names)
        self.damaged = []
        records = []
        for folder, branch, blobs, names in wanted:
            files = {name: next(contents) for name in names}
            try:
                records.append(_record(folder, branch, blobs, files))
            except FormatError as error:
                self.damaged.append(error)
        records.sort(key=lambda record: (record.run.created, record.run.id))
        return records

    def record_at(self, commit: str, path: str) -> Record:
        """
        Return the run of a folder, as a commit has it.

        Raises
        ------
        RunNotFoundError
            If there is none.
        FormatError
            If its files cannot be read.
        """
        blobs: dict[str, str] = {}
        for name, oid in self._tree(commit, path):
            if (split := split_path(name)) and split[0] == path:
                blobs[split[1]] = oid
        names = [name for name in (RUN_FILE, CONFIG_FILE, SUMMARY_FILE) if name in blobs]
        if RUN_FILE not in names:
            raise RunNotFoundError(id_from_folder(path))
        contents = self.read_many(blobs[name] for name in names)
        return _record(path, commit, blobs, dict(zip(names, contents, strict=True)))

    def find(self, name: str) -> Record:
        """
        Return the run of an id, of a unique beginning of one, or of a name.

        Raises
        ------
        RunNotFoundError
            If there is none.
        AmbiguousRunError
            If there are several.
        """
        records = self.records()
        rules: tuple[Callable[[Run], bool], ...] = (
            lambda run: run.id == name,
            lambda run: bool(name) and run.id.startswith(name),
            lambda run: run.name == name,
        )
        several: list[str] = []
        for choose in rules:
            chosen = [record for record in records if choose(record.run)]
            if len(chosen) == 1:
                return chosen[0]
            several = several or [record.run.id for record in chosen]
        if several:
            raise AmbiguousRunError(name, several)
        raise RunNotFoundError(name)

    def read(self, record: Record, *paths: str) -> list[bytes | None]:
        """
        Return files of a run's folder, None for those that it has not.

        Raises
        ------
        DataMissingError
            If a file is kept by DVC, and is not on this machine.
        FormatError
            If what stands in its place is no pointer.
        """
        stored = {path: name for path in paths if (name := stored_name(record, path))}
        blobs = self.read_many(record.blobs[name] for name in stored.values())
        contents = {
            path: self._content(record, name, blob) if name.endswith(SUFFIX) else blob
            for (path, name), blob in zip(stored.items(), blobs, strict=True)
        }
        return [contents.get(path) for path in paths]

    def pointers(
        self, records: Iterable[Record], path: str | None = None
    ) -> Iterator[tuple[Record, str, Pointer]]:
        """
        Yield what DVC keeps of runs: the run, the file's or folder's path in it, the pointer.

        What stands in a file's place and is no pointer is left out, and named in `damaged`.

        Parameters
        ----------
        records : iterable of Record
            The runs.
        path : str, optional
            That file alone.
        """
        found = [
            (record, name)
            for record in records
            for name in ([name_on_branch(path) + SUFFIX] if path else record.blobs)
            if name.endswith(SUFFIX) and name in record.blobs
        ]
        blobs = self.read_many(record.blobs[name] for record, name in found)
        for (record, name), blob in zip(found, blobs, strict=True):
            try:
                yield record, own_name(name), _pointer(record, name, blob)
            except FormatError as error:
                self.damaged.append(error)

    def _content(self, record: Record, name: str, blob: bytes) -> bytes:
        pointer = _pointer(record, name, blob)
        try:
            return self.data.read(pointer)
        except DataMissingError as error:
            raise data_missing(record, own_name(name)) from error

    def read_many(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Stream blobs by their git object ids, in order."""
        return self.git.blobs(ids)

    def history(self, record: Record) -> "pa.Table":
        """
        Return a run's history, or its preview where DVC keeps it and it is not here.

        Returns
        -------
        pyarrow.Table
            ``_step`` int64, ``_runtime`` and ``_timestamp`` float64 (seconds), then a column a
            metric; null where a row did not log it. Of a preview, some rows alone: `is_preview`.

        Raises
        ------
        FormatError
            If the file is damaged.
        DataMissingError
            If it is not here, and has no preview.
        """
        name = HISTORY_FILE
        try:
            (content,) = self.read(record, name)
        except DataMissingError:
            name = PREVIEW_FILE
            (content,) = self.read(record, name)
            if content is None:
                raise
        if content is None:
            return HistoryBuilder().table()
        return table_from_bytes(content, f"{record.path}/{name}")

    def previews(self, records: Iterable[Record]) -> set[str]:
        """Return the ids of the runs of which `history` has but a preview."""
        kept = self.pointers(records, HISTORY_FILE)
        return {record.run.id for record, _, one in kept if not self.data.has(one)}

    def is_preview(self, record: Record) -> bool:
        """Tell whether `history` has but a preview, since the whole is not on this machine."""
        return bool(self.previews([record]))

    def _contains(self, commit: str, other: str) -> bool:
        return self.git.ask("merge-base", "--is-ancestor", other, commit) is not None

    def _folders(self) -> list[tuple[str, str, dict[str, str]]]:
        """List each run's folder with its branch and its files' blob ids."""
        found: dict[str, tuple[str, str, dict[str, str]]] = {}
        trees: dict[str, str] = {}
        # Local branches are asked first, so that what a remote has as well counts as ours.
        for branch, tip in sorted(self.branches().items(), key=_remote_last):
            trees.setdefault(tip, branch)
        for tip, branch in trees.items():
            here: dict[str, tuple[str, str, dict[str, str]]] = {}
            for path, oid in self._tree(tip):
                if (split := split_path(path)) is None:
                    continue
                folder, inner = split
                entry = here.setdefault(id_from_folder(folder), (folder, branch, {}))
                entry[2][inner] = oid
            for run_id, entry in here.items():
                found.setdefault(run_id, entry)
        return list(found.values())

    def _tree(self, commit: str, *paths: str) -> Iterator[tuple[str, str]]:
        words = ("ls-tree", "-r", "-z", "--full-tree", commit, *(("--", *paths) if paths else ()))
        for line in self.git.run(*words).split(b"\0"):
            info, _, path = line.partition(b"\t")
            if b" blob " in info:  # no submodule
                yield path.decode("utf-8", "replace"), info.rsplit(b" ", 1)[1].decode()


def own_names(record: Record) -> list[str]:
    """Return a run's files by their own names, whether git or DVC keeps them."""
    names = set(map(own_name, record.blobs))
    if HISTORY_FILE in names:
        names.discard(PREVIEW_FILE)
    return sorted(names)


def stored_name(record: Record, path: str) -> str | None:
    """Return the name that a file has on the branch: its pointer's, its own, or None."""
    plain = name_on_branch(path)
    return next((n for n in (plain + SUFFIX, plain, path) if n in record.blobs), None)


def data_missing(record: Record, path: str) -> DataMissingError:
    """Say which file of a run is not on this machine, and what brings it."""
    name = f"{record.run.id}:{path}"
    return DataMissingError(name, f"`gitrack get {name}` brings it")


def _pointer(record: Record, name: str, blob: bytes) -> Pointer:
    pointer = pointer_from_dvc(blob, f"{record.path}/{name}")
    if pointer.name != name.removesuffix(SUFFIX).rpartition("/")[2]:
        raise FormatError(f"{record.path}/{name}", f"points at another file, {pointer.name!r}")
    return pointer


def _remote_last(branch: tuple[str, str]) -> tuple[bool, str]:
    return (not branch[0].startswith("experiments/"), branch[0])


def _record(folder: str, branch: str, blobs: dict[str, str], files: dict[str, bytes]) -> Record:
    run, not_finite = run_from_json(files[RUN_FILE], f"{folder}/{RUN_FILE}")
    project, run_id = folder.split("/", maxsplit=1)[0], id_from_folder(folder)
    if (run.project, run.id) != (project, run_id):
        raise FormatError(f"{folder}/{RUN_FILE}", f"names run {run.project}/{run.id}")
    config = config_from_yaml(files.get(CONFIG_FILE, b""), f"{folder}/{CONFIG_FILE}")
    summary = summary_from_json(
        files.get(SUMMARY_FILE, b"{}"), not_finite, f"{folder}/{SUMMARY_FILE}"
    )
    return Record(run, config, summary, branch, folder, blobs)
