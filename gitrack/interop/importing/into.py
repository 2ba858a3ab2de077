"""Bringing found runs onto an experiments branch, many in a commit, each once."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from gitrack.errors import BranchBlockedError, GitrackError, NameRefusedError
from gitrack.interop.importing.found import FoundRun, ImportedRun
from gitrack.interop.importing.record import DAMAGED, Recording, identified
from gitrack.model.names import EXPERIMENTS, check_run_id
from gitrack.model.run import Record, Run
from gitrack.model.text import printable
from gitrack.record.capture import explain
from gitrack.record.large import LargeFiles
from gitrack.record.redaction import redact, report
from gitrack.record.versions import beside
from gitrack.store.branch import Branch, Content
from gitrack.store.layout import run_folder
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_RUNS, _BYTES = 500, 64 << 20  # of a commit
_ID, _TAIL = 100, 8  # characters of an id, and of what tells two of one id apart
_TITLE = 100  # characters of a name in a commit's first line
_TOOLS = {"tensorboard": "TensorBoard", "wandb": "W&B", "mlflow": "MLflow", "csv": "CSV"}


@dataclass
class Outcome:
    """
    What an import did.

    Attributes
    ----------
    added, changed : list of Run
        Runs that were not here before, and runs whose source has changed.
    unchanged : int
        Runs that are here as their source has them.
    branches : dict of str to str
        The last commit on each branch that took runs.
    damage : list of str
        What could not be read, a line each.
    """

    added: list[Run] = field(default_factory=list)
    changed: list[Run] = field(default_factory=list)
    unchanged: int = 0
    branches: dict[str, str] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)


def import_runs(
    repository: Repository,
    runs: Iterable[FoundRun],
    *,
    branch: str,
    project: str,
    always: bool = False,
    again: bool = False,
    show: Callable[[str], None] | None = None,
) -> Outcome:
    """
    Record runs that another tool kept.

    A run that is here already is read again only where its source has changed; then its record is
    replaced, but what people edited of it stays.

    Parameters
    ----------
    repository : Repository
        Where to.
    runs : iterable of FoundRun
        The runs.
    branch : str
        The experiments branch.
    project : str
        The project of runs whose source names none; of all with `always`.
    always : bool
        Whether `project` wins over what the source says.
    again : bool
        Whether runs are read again whose source has not changed.
    show : callable, optional
        Takes a line about what is going on.

    Raises
    ------
    GitrackError
        If nothing can be written.
    """
    with _Import(repository, branch, project, always=always, again=again) as work:
        for number, run in enumerate(runs, 1):
            if show is not None:
                show(f"{number:,} {run.where}")
            work.take(run)
        work.flush()
    return work.outcome


@dataclass
class _Batch:
    """What the next commit on a branch will hold."""

    runs: list[Run] = field(default_factory=list)
    files: dict[str, Content] = field(default_factory=dict)
    points: bool = False  # does a pointer to large data stand in it?


class _Import:
    def __init__(
        self, repository: Repository, branch: str, project: str, *, always: bool, again: bool
    ) -> None:
        self.outcome = Outcome()
        self._repository = repository
        self._branch = branch
        self._project = project
        self._always = always
        self._again = again
        self._large = LargeFiles.of(repository)
        self._batches: dict[str, _Batch] = {}
        self._waiting, self._bytes = 0, 0
        self._by_key: dict[str, Record] = {}
        self._ids: set[str] = set()
        self._seen: dict[str, tuple[str, str]] = {}  # each run's place and content

    def __enter__(self) -> Self:
        for record in Reader(self._repository).records():
            self._ids.add(record.run.id)
            if key := record.run.imported.get("key"):
                self._by_key[str(key)] = record
        self._scratch = Path(tempfile.mkdtemp(prefix="gitrack-"))
        self._recording = Recording(self._large, self._scratch)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def take(self, found: FoundRun) -> None:
        """Take one run; what is wrong with it is noted."""
        report()  # what was taken out for others before
        try:
            digest = found.digest()
            where, other = self._seen.setdefault(found.key, (found.where, digest))
            if where == found.where:
                self._take(found, digest)
            elif other == digest:  # a copy
                self.outcome.unchanged += 1
            else:
                self.outcome.damage.append(f"{found.where}: is {where} with another content")
        except (GitrackError, OSError) as error:
            self.outcome.damage.append(_line(found, error))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's file holds, the others go on
            self.outcome.damage.append(_line(found, error))

    def _take(self, found: FoundRun, digest: str) -> None:
        before = self._by_key.get(found.key)
        same = before is not None and before.run.imported.get("digest") == digest
        if before is not None and same and not self._again:
            self.outcome.unchanged += 1
            known = [line for line in before.run.missing if line.startswith(DAMAGED)]
            self.outcome.damage += [f"{found.where}: {line[len(DAMAGED) :]}" for line in known]
            return
        told = found.read()
        run_id = before.run.id if before is not None else self._id(found, told)
        project = (not self._always and told.project) or self._project
        earlier = before.run if before is not None else None
        run = identified(run_id, found, told, digest, earlier, project)
        run, files = self._recording.files(run, told)
        self._large.rescue_left(run_id)
        self.outcome.damage += [f"{found.where}: {line}" for line in told.damage]
        self._ids.add(run_id)
        self._put(run, files, before)

    def _id(self, found: FoundRun, told: ImportedRun) -> str:
        """Choose the id: what the source would like, as far as it can be and is free."""
        tail = found.key[:_TAIL]
        wish = redact(told.id)[:_ID]
        with contextlib.suppress(NameRefusedError):
            if check_run_id(wish) not in self._ids:
                return wish
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in wish)
        with contextlib.suppress(NameRefusedError):
            return check_run_id(f"{plain.strip('-.')}-{tail}")
        return check_run_id(f"{found.source}-{tail}")

    def _put(self, run: Run, files: dict[str, Content], before: Record | None) -> None:
        folder, name = run_folder(run), self._branch
        stored: dict[str, Content] = {}
        if before is None:
            self.outcome.added.append(run)
        else:
            self.outcome.changed.append(run)
            if before.branch.startswith(EXPERIMENTS):
                name = before.branch
            stored = {f"{before.path}/{inner}": None for inner in before.blobs}
        stored |= {f"{folder}/{inner}": content for inner, content in files.items()}
        batch = self._batches.setdefault(name, _Batch())
        batch.runs.append(run)
        batch.files |= stored
        batch.points |= any(inner.endswith(SUFFIX) for inner in files)
        self._waiting += 1
        self._bytes += sum(map(_size, files.values()))
        if self._waiting >= _RUNS or self._bytes >= _BYTES:
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        for name, batch in self._batches.items():
            self._commit(name, batch)
        self._batches.clear()
        self._waiting = self._bytes = 0
        for folder in self._scratch.iterdir():
            shutil.rmtree(folder, ignore_errors=True)

    def _commit(self, name: str, batch: _Batch) -> None:
        also = self._large.branch_files if batch.points else None
        message = _message(batch.runs)
        branch = Branch(self._repository, name)
        try:
            commit = branch.add(batch.files, message, also=also)
        except BranchBlockedError:
            branch = Branch(self._repository, beside(name))
            commit = branch.add(batch.files, message, also=also)
        self.outcome.branches[branch.name] = commit


def _message(runs: list[Run]) -> str:
    tool = _TOOLS.get(str(runs[0].imported["source"]), "elsewhere")
    what = printable(runs[0].name)[:_TITLE] if len(runs) == 1 else f"{len(runs)} runs"
    projects = dict.fromkeys(run.project for run in runs)
    trailers = [*(f"Run-Id: {run.id}" for run in runs), *(f"Project: {one}" for one in projects)]
    return f"Import {what} from {tool}\n\n" + "".join(f"{line}\n" for line in trailers)


def _line(found: FoundRun, error: Exception) -> str:
    text = explain(error)
    return text if found.where in text else f"{found.where}: {text}"


def _size(content: Content) -> int:
    if isinstance(content, Path):
        return content.stat().st_size
    return len(content) if isinstance(content, bytes) else 0
