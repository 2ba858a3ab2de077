"""A run's files, as one commit on its experiments branch."""

import contextlib
from dataclasses import replace
from pathlib import Path

from gitrack.errors import BranchBlockedError, DataMissingError, GitrackError
from gitrack.model.artifact import ArtifactUse
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.model.pointer import Pointer
from gitrack.model.run import Run, State
from gitrack.model.text import printable
from gitrack.record.console import console_text
from gitrack.record.folder import RECORD, RunFolder
from gitrack.record.large import Kept, LargeFiles, stored_files
from gitrack.record.notice import warn_once
from gitrack.record.readme import readme_files
from gitrack.record.redaction import report
from gitrack.record.replay import Replay, replay_journal
from gitrack.record.saved import SavedFiles
from gitrack.record.versions import beside, commit_draft, used
from gitrack.settings import Settings, read_settings
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
    if replay.run.state is State.CRASHED:
        SavedFiles(folder.path).finish()
    large = LargeFiles.of(repository)
    name = branch_for(replay.branch, replay.code_branch)
    replay.run = _with_artifacts(repository, replay, name, large.threshold)
    try:
        branch = Branch(repository, name)
        run = _commit(branch, replay, folder.path / RECORD, large)
    except BranchBlockedError:
        branch = Branch(repository, beside(name))
        run = _commit(branch, replay, folder.path / RECORD, large)
    if trouble := branch.signer.trouble:
        warn_once("signing", f"runs are committed without a signature: {trouble}")
    large.rescue_left(run.id)
    folder.remove()
    return run, branch.name


def _commit(branch: Branch, replay: Replay, recorded: Path, large: LargeFiles) -> Run:
    run = replay.run
    branch.check_free()  # before anything large is kept for it
    resumed = replay.past is not None and replay.past.origin.kind == "resume"
    if replay.own_id and not resumed:
        run = replace(run, id=_free_id(branch, run))
    files = files_of(run, replay, recorded, large)
    folder = run_folder(run)
    title = printable(run.name)[:_TITLE]
    message = f"Run {title} ({run.state})\n\nRun-Id: {run.id}\nProject: {run.project}\n"
    stored = stored_files(files, replaced=resumed)
    branch.add(
        {f"{folder}/{name}": content for name, content in stored.items()},
        message,
        also=large.branch_files if any(isinstance(f, Pointer) for f in files.values()) else None,
    )
    return run


def files_of(run: Run, replay: Replay, recorded: Path, large: LargeFiles) -> dict[str, Kept]:
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
    large : LargeFiles
        Takes what is too large for git.
    """
    files: dict[str, Kept] = {
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
    files = large.set_aside(files)
    # Only now is it known what was taken out of all that.
    missing = (*run.missing, *large.trouble)
    run = replace(run, redacted=(*run.redacted, *report()), missing=missing)
    files[RUN_FILE] = run_to_json(run, replay.summary)
    return {**files, **_for_hosts(large.store.repository, run, replay)}


def _for_hosts(repository: Repository, run: Run, replay: Replay) -> dict[str, bytes]:
    """Return what hosts draw of a run, or nothing where that fails: the record is whole without."""
    try:
        wanted = read_settings(repository.work_tree).run_readme
    except GitrackError:
        wanted = Settings().run_readme
    if not wanted:
        return {}
    try:
        return readme_files(run, replay.config, replay.summary, replay.history)
    except Exception as error:  # noqa: BLE001 - whatever was logged, it is committed
        warn_once("readme", f"a run's README could not be written: {error!r}")
        return {}


def branch_for(asked: str | None, code_branch: str | None) -> str:
    """
    Name the experiments branch that a run goes to.

    Parameters
    ----------
    asked : str or None
        The branch that was asked for.
    code_branch : str or None
        The branch of the code; one that git cannot hold below ours goes to "detached".

    Examples
    --------
    >>> branch_for(None, "feature/x"), branch_for(None, None)
    ('experiments/feature/x', 'experiments/detached')
    """
    if asked or not code_branch:
        return asked or _DETACHED
    with contextlib.suppress(GitrackError):
        return check_branch(code_branch)
    return _DETACHED


def _with_artifacts(repository: Repository, replay: Replay, branch: str, threshold: int) -> Run:
    """Return the run with what it made and used, committing what a crash kept from that."""
    found: list[ArtifactUse] = list(replay.run.artifacts)
    missing = list(replay.run.missing)
    for one in replay.artifacts:
        if isinstance(one, ArtifactUse):
            found.append(one)
            continue
        try:
            manifest, _ = commit_draft(repository, branch, one, threshold, again=True)
            found.append(used(manifest, one.use))
        except DataMissingError as error:
            missing.append(str(error))
    once = {(use.id, use.use): use for use in found}
    return replace(replay.run, artifacts=tuple(once.values()), missing=tuple(missing))


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
