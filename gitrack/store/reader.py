"""Reading every recorded run: all experiments branches at once, a run once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gitrack.errors import AmbiguousRunError, FormatError, RunNotFoundError
from gitrack.model.run import Record, Run
from gitrack.store.history import HistoryBuilder, table_from_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTORY_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    id_from_folder,
    split_path,
)
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

    def branches(self) -> dict[str, str]:
        """
        Return the experiments branches and the commits they stand at.

        A branch of a remote that is also here, at another commit, is named ``remote/branch``.
        """
        if self._at is not None:
            return dict(self._at)
        found: dict[str, str] = {}
        lines = self.git.text("for-each-ref", "--format=%(objectname) %(refname)", *_HEADS)
        for line in lines.splitlines():  # local ones come first
            oid, _, ref = line.partition(" ")
            if match := _REF.fullmatch(ref):
                name = match[1]
                if ref.startswith("refs/remotes/") and found.get(name, oid) != oid:
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
        """Return files of a run's folder, None for those that it has not."""
        there = [path for path in paths if path in record.blobs]
        contents = dict(zip(there, self.read_many(record.blobs[p] for p in there), strict=True))
        return [contents.get(path) for path in paths]

    def read_many(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Stream blobs by their git object ids, in order."""
        return self.git.blobs(ids)

    def history(self, record: Record) -> "pa.Table":
        """
        Return a run's history.

        Returns
        -------
        pyarrow.Table
            ``_step`` int64, ``_runtime`` and ``_timestamp`` float64 (seconds), then a column a
            metric; null where a row did not log it.

        Raises
        ------
        FormatError
            If the file is damaged.
        """
        (content,) = self.read(record, HISTORY_FILE)
        if content is None:
            return HistoryBuilder().table()
        return table_from_bytes(content, f"{record.path}/{HISTORY_FILE}")

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
