"""Reading every recorded run: all experiments branches at once, a run once."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gitrack.errors import AmbiguousRunError, DataMissingError, FormatError, RunNotFoundError
from gitrack.model.names import EXPERIMENTS
from gitrack.model.pointer import Pointer
from gitrack.model.run import Record, Run
from gitrack.store import cache
from gitrack.store.columns import runs_from_json
from gitrack.store.history import HistoryBuilder, table_from_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTORY_FILE,
    PREVIEW_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    id_from_folder,
    is_for_hosts,
)
from gitrack.store.pointers import SUFFIX, name_on_branch, own_name, pointer_from_dvc
from gitrack.store.repository import Repository
from gitrack.store.schema import config_from_yaml, summary_from_json
from gitrack.store.trees import Folder, lost_object, run_files, run_folders

if TYPE_CHECKING:
    import pyarrow as pa

    from gitrack.store.data import DataStore

_HEADS = ("refs/heads/experiments", "refs/remotes")
_AT_ONCE = 1000  # runs
_READ = (RUN_FILE, CONFIG_FILE, SUMMARY_FILE)
_REF = re.compile(r"refs/(?:heads|remotes/.+?)/(experiments/.+)")


class Reader:
    """
    The runs of one repository.

    Parameters
    ----------
    repository : Repository
        Where to read.
    at : mapping of str to str, optional
        Commits to read by branch, instead of the branches as they stand.

    Attributes
    ----------
    damaged : list of FormatError
        Runs that `records` had to leave out, and why.
    """

    def __init__(self, repository: Repository, *, at: Mapping[str, str] | None = None) -> None:
        self.repository = repository
        self.git = repository.git
        self._at = at
        self.damaged: list[FormatError] = []

    @cached_property
    def data(self) -> "DataStore":
        """Where the large files of runs are kept."""
        from gitrack.store.data import DataStore

        return DataStore(self.repository)

    def branches(self) -> dict[str, str]:
        """
        Return the experiments branches and the commits they stand at.

        A branch of a remote that is also here, at another commit, is named ``remote/branch``; it
        is left out where ours contains it, since what ours has not any more was removed here.
        """
        if self._at is not None:
            return dict(self._at)
        found: dict[str, str] = {}
        for ref, name, oid in self._refs():  # local ones come first
            if ref.startswith("refs/remotes/") and found.get(name, oid) != oid:
                if self.git.contains(found[name], oid):
                    continue
                name = ref.removeprefix("refs/remotes/")  # noqa: PLW2901
            found[name] = oid
        return dict(sorted(found.items()))

    def tips(self) -> set[str]:
        """Return the commits that experiments branches stand at, every remote's too."""
        return {oid for _, _, oid in self._refs()}

    def _refs(self) -> Iterator[tuple[str, str, str]]:
        """Yield the experiments branches: ref, short name, commit."""
        lines = self.git.look("for-each-ref", "--format=%(objectname) %(refname)", *_HEADS)
        for line in lines.splitlines():
            oid, _, ref = line.partition(" ")
            if match := _REF.fullmatch(ref):
                yield ref, match[1], oid

    def records(self) -> list[Record]:
        """
        Return all runs, each once, oldest first.

        What was read before and has not changed is taken from a cache. A run whose files
        cannot be read is left out and named in `damaged`.

        Raises
        ------
        GitError
            If git cannot read the repository.
        """
        branches = self.branches()
        place = self.repository.own_dir / "cache" / "records.json"
        self.damaged = []
        if not branches:
            return []
        found = cache.load(place)
        lost: list[FormatError] = []
        if found.branches != branches:
            with cache.without_collector():
                found = self._snapshot(branches, found, lost)
            if self._at is None:  # other commits' runs would push today's out of the cache
                cache.save(place, found)
        self.damaged = [*lost, *(error for _, error in found.broken)]
        return found.records

    def with_id(self, run_id: str) -> Record:
        """
        Return the run of an id, without reading others.

        Raises
        ------
        RunNotFoundError
            If there is none.
        FormatError
            If its files cannot be read.
        """
        for folder in self.folders(run_id):
            if folder.name == run_id:
                return self._one(folder)
        raise RunNotFoundError(run_id)

    def folders(self, beginning: str = "") -> list[Folder]:
        """List the folders of all runs whose ids begin so; what git cannot read is passed over."""
        return run_folders(self.git, _local_first(self.branches()), [], beginning)

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
        tree = self.git.ask("rev-parse", "--verify", "--quiet", f"{commit}:{path}")
        if tree is None:
            raise RunNotFoundError(id_from_folder(path))
        return self._one(Folder(commit, path, tree))

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
        with contextlib.suppress(RunNotFoundError, FormatError):
            return self.with_id(name)
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

    def _snapshot(
        self, branches: Mapping[str, str], before: cache.Snapshot, lost: list[FormatError]
    ) -> cache.Snapshot:
        """Read every run's folder that was not read before; `lost` takes what git cannot read."""
        known: dict[tuple[str, str], Record | FormatError] = {
            (folder.path, folder.tree): error for folder, error in before.broken
        }
        for record, tree in zip(before.records, before.trees, strict=True):
            known[record.path, tree] = record
        folders = run_folders(self.git, _local_first(branches), lost)
        fresh = [folder for folder in folders if (folder.path, folder.tree) not in known]
        known.update({(f.path, f.tree): record for f, record in self._read(fresh, lost)})
        records: list[tuple[Record, str]] = []
        broken: list[tuple[Folder, FormatError]] = []
        for folder in folders:
            found = known.get((folder.path, folder.tree))
            if isinstance(found, Record):
                if found.branch != folder.branch:
                    found = replace(found, branch=folder.branch)
                records.append((found, folder.tree))
            elif found is not None:
                broken.append((folder, found))
        records.sort(key=lambda pair: (pair[0].run.created, pair[0].run.id))
        return cache.Snapshot(
            # Objects that are missing today may be fetched tomorrow.
            {} if lost else branches,
            [record for record, _ in records],
            [tree for _, tree in records],
            broken,
        )

    def _read(
        self, folders: list[Folder], lost: list[FormatError]
    ) -> Iterator[tuple[Folder, Record | FormatError]]:
        """Read runs' folders; one without ``run.json`` is no run."""
        listed = run_files(self.git, folders, lost)
        runs = [
            (folder, blobs)
            for folder in folders
            if (blobs := listed.get(folder.tree)) and RUN_FILE in blobs
        ]
        objects = self.git.objects(
            blobs[name] for _, blobs in runs for name in _READ if name in blobs
        )
        for first in range(0, len(runs), _AT_ONCE):
            there = []
            for folder, blobs in runs[first : first + _AT_ONCE]:
                found = {name: next(objects) for name in _READ if name in blobs}
                contents = {name: one.content for name, one in found.items() if one is not None}
                if missing := found.keys() - contents:
                    lost.append(lost_object(self.git, f"{folder.path}/{min(missing)}"))
                else:
                    there.append((folder, blobs, contents))
            files = [
                (contents[RUN_FILE], f"{folder.path}/{RUN_FILE}") for folder, _, contents in there
            ]
            for (folder, blobs, contents), run in zip(there, runs_from_json(files), strict=True):
                try:
                    yield folder, _record(folder, blobs, contents, run)
                except FormatError as error:
                    yield folder, error

    def _one(self, folder: Folder) -> Record:
        lost: list[FormatError] = []
        for _, record in self._read([folder], lost):
            if isinstance(record, Record):
                return record
            lost.append(record)
        raise lost[0] if lost else RunNotFoundError(folder.name)


def own_names(record: Record) -> list[str]:
    """
    Return a run's files by their own names, whether git or DVC keeps them.

    What only shows the others, a preview or a page for hosts, is none of them.
    """
    names = {own_name(name) for name in record.blobs if not is_for_hosts(name)}
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


def _local_first(branches: Mapping[str, str]) -> list[tuple[str, str]]:
    """Order branches so that what a remote has as well counts as ours."""
    return sorted(branches.items(), key=lambda b: (not b[0].startswith(EXPERIMENTS), b[0]))


def _record(
    folder: Folder,
    blobs: dict[str, str],
    files: Mapping[str, bytes],
    read: tuple[Run, list[str]] | FormatError,
) -> Record:
    if isinstance(read, FormatError):
        raise read
    run, not_finite = read
    path = folder.path
    if (run.project, run.id) != (path.partition("/")[0], folder.name):
        raise FormatError(f"{path}/{RUN_FILE}", f"names run {run.project}/{run.id}")
    config = config_from_yaml(files.get(CONFIG_FILE, b""), f"{path}/{CONFIG_FILE}")
    summary = summary_from_json(
        files.get(SUMMARY_FILE, b"{}"), not_finite, f"{path}/{SUMMARY_FILE}"
    )
    return Record(run, config, summary, folder.branch, path, blobs)
