"""A run's files, as one commit on its experiments branch."""

import contextlib
from dataclasses import replace
from pathlib import Path

from gitrack.errors import BranchBlockedError, GitrackError
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.model.run import Run
from gitrack.record.console import console_text
from gitrack.record.folder import RECORD, RunFolder
from gitrack.record.notice import one_line
from gitrack.record.redaction import report
from gitrack.record.replay import Replay, replay_journal
from gitrack.store.branch import Branch
from gitrack.store.history import table_to_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    CONSOLE_FILE,
    HISTOGRAMS_FILE,
    HISTORY_FILE,
    MEDIA_FILE,
    PACKAGES_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    SYSTEM_FILE,
    run_folder,
)
from gitrack.store.media import media_to_jsonl
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_from_json, run_to_json, summary_to_json

_DETACHED = f"{EXPERIMENTS}detached"
_SAME_TIME = 1e-5  # seconds; a record keeps microseconds
_STEM = 120  # characters of an id that a number is put after where the id is taken
_TITLE = 100  # characters of a name in a commit's first line


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
    replay = replay_journal(folder, repository)
    name = replay.branch or _branch_of(replay.code_branch)
    try:
        branch = Branch(repository, name)
        run = _commit(branch, replay, folder.path / RECORD)
    except BranchBlockedError:
        branch = Branch(repository, _beside(name))
        run = _commit(branch, replay, folder.path / RECORD)
    folder.remove()
    return run, branch.name


def _commit(branch: Branch, replay: Replay, recorded: Path) -> Run:
    run = replay.run
    if replay.own_id and not (replay.past and replay.past.origin.kind == "resume"):
        run = replace(run, id=_free_id(branch, run))
    files = files_of(run, replay, recorded)
    folder = run_folder(run)
    title = one_line(run.name)[:_TITLE]
    message = f"Run {title} ({run.state})\n\nRun-Id: {run.id}\nProject: {run.project}\n"
    branch.add({f"{folder}/{name}": content for name, content in files.items()}, message)
    return run


def files_of(run: Run, replay: Replay, recorded: Path) -> dict[str, bytes | Path]:
    """
    Return a run's files by their path inside its folder on the branch.

    Parameters
    ----------
    run : Run
        The run as it is to be committed.
    replay : Replay
        What its journal told.
    recorded : pathlib.Path
        A folder whose files stand in the run's folder as they are.
    """
    files: dict[str, bytes | Path] = {
        path.relative_to(recorded).as_posix(): path
        for path in sorted(recorded.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    files |= {
        CONFIG_FILE: config_to_yaml(replay.config),
        SUMMARY_FILE: summary_to_json(replay.summary),
    }
    if run.rows:
        files[HISTORY_FILE] = table_to_bytes(replay.history.table())
    if len(replay.system):
        files[SYSTEM_FILE] = table_to_bytes(replay.system.table())
    if replay.media:
        files[MEDIA_FILE] = media_to_jsonl(replay.media)
    if len(replay.histograms):
        files[HISTOGRAMS_FILE] = replay.histograms.to_bytes()
    console = console_text(recorded.parent)
    if replay.past is not None:
        files = {**replay.past.files(), **files}
        if console is not None:
            console = replay.past.console() + console
    if console is not None:
        files[CONSOLE_FILE] = console
    if replay.packages:
        files[PACKAGES_FILE] = "".join(f"{line}\n" for line in replay.packages).encode()
    # Only now is it known what was taken out of all that.
    run = replace(run, redacted=(*run.redacted, *report()))
    files[RUN_FILE] = run_to_json(run, replay.summary)
    return files


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
    stem = run.id[:_STEM]
    folders = Reader(branch.repository).folders(stem)
    taken = {folder.name: f"{folder.tree}:{RUN_FILE}" for folder in folders}
    number, candidate = 1, run.id
    while candidate in taken and not _is_run(branch, taken[candidate], run):
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def _is_run(branch: Branch, place: str, run: Run) -> bool:
    """Tell whether a record is the run's own, from a process that died before it could tidy up."""
    try:
        found, _ = run_from_json(branch.git.run("cat-file", "blob", place), place)
    except GitrackError:
        return False
    return found.project == run.project and abs(found.created - run.created) < _SAME_TIME
