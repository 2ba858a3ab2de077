"""From a run's journal to a commit on its experiments branch, after an end or a crash alike."""

import contextlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from gitrack.errors import BranchBlockedError, GitrackError
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.model.run import Code, Host, Run, State
from gitrack.record.folder import RunFolder
from gitrack.record.journal import read_journal
from gitrack.record.notice import one_line
from gitrack.record.redaction import redact, redact_tree
from gitrack.store.branch import Branch
from gitrack.store.history import HistoryBuilder, table_to_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTORY_FILE,
    PACKAGES_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    id_from_folder,
    run_folder,
)
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_from_json, run_to_json, summary_to_json

_DETACHED = f"{EXPERIMENTS}detached"
_SAME_TIME = 1e-5  # seconds; a record keeps microseconds
_NUMBERS = frozenset((bool, float, int, type(None)))
_TITLE = 100  # characters of a name in a commit's first line


@dataclass
class Replay:
    """
    A run put together again from its journal.

    Attributes
    ----------
    run : Run
        As far as the journal tells; `CRASHED` unless it tells an end.
    config, summary : dict
        As they stood at the end.
    history : HistoryBuilder
        The logged rows.
    packages : list of str
        Lines of ``requirements.txt``.
    branch : str or None
        The experiments branch that the run asked for.
    code_branch : str or None
        The code branch when it began.
    own_id : bool
        Whether the caller chose the id.
    """

    run: Run
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    history: HistoryBuilder = field(default_factory=HistoryBuilder)
    packages: list[str] = field(default_factory=list)
    branch: str | None = None
    code_branch: str | None = None
    own_id: bool = False


def commit_folder(repository: Repository, folder: RunFolder) -> tuple[Run, str]:
    """
    Commit a run and remove its folder, whose lock the caller holds.

    Parameters
    ----------
    repository : Repository
        Where to.
    folder : RunFolder
        The run's folder; it stays if anything fails.

    Returns
    -------
    run : Run
        The run as committed.
    branch : str
        The branch it is on.

    Raises
    ------
    GitrackError
        If the run cannot be committed.
    """
    replay = replay_journal(folder)
    name = replay.branch or _branch_of(replay.code_branch)
    try:
        branch = Branch(repository, name)
        run = _commit(branch, replay)
    except BranchBlockedError:
        branch = Branch(repository, _beside(name))
        run = _commit(branch, replay)
    folder.remove()
    return run, branch.name


def replay_journal(folder: RunFolder) -> Replay:
    """
    Read a journal back into a run.

    Raises
    ------
    GitrackError
        If it has no beginning.
    """
    replay: Replay | None = None
    row: tuple[int, float, float, dict[str, Any]] | None = None
    for event in read_journal(folder.journal):
        if replay is None:
            if isinstance(event, dict) and "start" in event:
                replay = _started(event["start"])
            continue
        if isinstance(event, dict):
            for name, value in event.items():
                _apply(replay, name, value)
            continue
        timestamp, runtime, step, joins, values = event
        values = _clean(values)
        replay.summary.update(values)
        if joins and row is not None:
            row = (row[0], runtime, timestamp, {**row[3], **values})
        else:
            if row is not None:
                replay.history.add(*row)
            row = (step, runtime, timestamp, values)
    if replay is None:
        raise GitrackError(f"{folder.journal}: the journal has no beginning")
    if row is not None:
        replay.history.add(*row)
        if replay.run.state is State.CRASHED:
            replay.run = replace(replay.run, duration=row[1], ended=row[2])
    replay.run = replace(replay.run, rows=len(replay.history))
    return replay


def _commit(branch: Branch, replay: Replay) -> Run:
    run = replay.run
    if replay.own_id:
        run = replace(run, id=_free_id(branch, run))
    files = {
        RUN_FILE: run_to_json(run, replay.summary),
        CONFIG_FILE: config_to_yaml(replay.config),
        SUMMARY_FILE: summary_to_json(replay.summary),
    }
    if run.rows:
        files[HISTORY_FILE] = table_to_bytes(replay.history.table())
    if replay.packages:
        files[PACKAGES_FILE] = "".join(f"{line}\n" for line in replay.packages).encode()
    folder = run_folder(run)
    title = one_line(run.name)[:_TITLE]
    message = f"Run {title} ({run.state})\n\nRun-Id: {run.id}\nProject: {run.project}\n"
    branch.add({f"{folder}/{name}": content for name, content in files.items()}, message)
    return run


def _started(start: dict[str, Any]) -> Replay:
    own = {key: start.pop(key, None) for key in ("branch", "code_branch", "own_id")}
    start["tags"] = tuple(start.get("tags") or ())
    start["command"] = tuple(start.get("command") or ())
    run = Run(**{**start, "state": State.CRASHED})
    if own["code_branch"]:
        run = replace(run, code=Code(branch=own["code_branch"]))
    return Replay(
        run, branch=own["branch"], code_branch=own["code_branch"], own_id=bool(own["own_id"])
    )


def _apply(replay: Replay, name: str, value: Any) -> None:
    """Take one event over."""
    run = replay.run
    match name:
        case "config":
            replay.config.update(value)
        case "config-":
            replay.config.pop(value, None)
        case "summary":
            replay.summary.update(_clean(value))
        case "summary-":
            replay.summary.pop(value, None)
        case "update":
            replay.run = replace(run, **value)
        case "capture":
            if "code" in value:
                code = Code(**value["code"])
                replay.run = replace(run, code=code)
                replay.code_branch = replay.code_branch or code.branch
            if "host" in value:
                host = {**value["host"], "gpus": tuple(value["host"]["gpus"])}
                replay.run = replace(run, host=Host(**host))
            if "packages" in value:
                replay.packages = value["packages"]
        case "missing":
            replay.run = replace(run, missing=(*run.missing, value))
        case "finish":
            replay.run = replace(run, **{**value, "state": State(value["state"])})


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """Take secrets out of names and texts; numbers, the most of a history, pass by."""
    return {
        _clean_name(name): value if type(value) in _NUMBERS else redact_tree(value)
        for name, value in values.items()
    }


@lru_cache(maxsize=100_000)
def _clean_name(name: str) -> str:
    return redact(name)


def _branch_of(code_branch: str | None) -> str:
    """Name the experiments branch of a code branch; one that git cannot hold goes to detached."""
    if code_branch:
        with contextlib.suppress(GitrackError):
            return check_branch(code_branch)
    return _DETACHED


def _beside(name: str) -> str:
    """Name the branch for runs that `name` cannot take; readers show the union of both."""
    rest = name.removeprefix(EXPERIMENTS)
    return EXPERIMENTS + rest.replace("/", "-") + "-runs"


def _free_id(branch: Branch, run: Run) -> str:
    """Return the run's id, or the next free one where another run has it on any branch."""
    taken: dict[str, str] = {}
    for tip in set(Reader(branch.repository).branches().values()):
        folders = branch.git.text("ls-tree", "-r", "-d", "--name-only", "-z", tip)
        for path in folders.split("\0"):
            taken.setdefault(id_from_folder(path), f"{tip}:{path}/{RUN_FILE}")
    number, candidate = 1, run.id
    while candidate in taken and not _is_run(branch, taken[candidate], run):
        number += 1
        candidate = f"{run.id[:120]}-{number}"
    return candidate


def _is_run(branch: Branch, place: str, run: Run) -> bool:
    """Tell whether a record is the run's own, from a process that died before it could tidy up."""
    try:
        found, _ = run_from_json(branch.git.run("cat-file", "blob", place), place)
    except GitrackError:
        return False
    return found.project == run.project and abs(found.created - run.created) < _SAME_TIME
