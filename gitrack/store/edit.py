"""Edits of recorded runs: a commit on each branch that holds them, and all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gitrack.errors import FormatError, RepositoryError, RunNotFoundError
from gitrack.model.edit import Edit
from gitrack.model.run import Run
from gitrack.model.text import printable
from gitrack.store.branch import Branch, Content, Kept
from gitrack.store.git import Git
from gitrack.store.holding import Holding, branches_of, check_at_rest
from gitrack.store.layout import RUN_FILE
from gitrack.store.repository import Repository
from gitrack.store.schema import edited_run_json

#: Takes a commit and the runs that its branch holds; returns what to write on top.
Plan = Callable[[str, Sequence[Holding]], Mapping[str, Content]]

_TITLE = 100  # characters of a commit's first line


def edit_runs(repository: Repository, runs: Sequence[Holding], edit: Edit) -> dict[str, str]:
    """
    Change recorded runs, in one commit on each local branch that holds them.

    Fields of ``run.json`` that are not named stay, whoever wrote them. An edit that meets another
    one is made again on top of it.

    Parameters
    ----------
    repository : Repository
        Whose runs.
    runs : sequence of Holding
        Which.
    edit : Edit
        What is to change.

    Returns
    -------
    dict of str to str
        The commits by branch; nothing of a branch where nothing changed.

    Raises
    ------
    RunNotFoundError
        If a run is gone.
    RunActiveError
        If a run is being recorded here.
    FormatError
        If a record cannot be read, or a newer gitrack wrote it.
    RepositoryError
        If git cannot write, or there is a run at the place that one is to move to.
    """

    def plan(parent: str, here: Sequence[Holding]) -> Mapping[str, Content]:
        return _edited(repository.git, parent, here, edit)

    return commit_on_each(repository, runs, message_of(edit.kind, runs, edit.detail), plan)


def remove_runs(repository: Repository, runs: Sequence[Holding]) -> dict[str, str]:
    """
    Take runs off every local branch that holds them, in one commit each; history keeps them.

    Raises
    ------
    RunNotFoundError, RunActiveError, RepositoryError
        As `edit_runs`.
    """

    def plan(parent: str, here: Sequence[Holding]) -> Mapping[str, Content]:
        trees = repository.git.ids(f"{parent}:{run.folder}" for run in here)
        return {run.folder: None for run, tree in zip(here, trees, strict=True) if tree}

    return commit_on_each(repository, runs, message_of("rm", runs), plan)


def commit_on_each(
    repository: Repository, runs: Sequence[Holding], message: str, plan: Plan
) -> dict[str, str]:
    """Commit a plan on each local branch that holds the runs; see `edit_runs`."""
    check_at_rest(repository, (run.id for run in runs))
    return commit_on(repository, branches_of(repository, runs), message, plan)


def commit_on(
    repository: Repository, places: Mapping[str, Sequence[Holding]], message: str, plan: Plan
) -> dict[str, str]:
    """Commit a plan on some branches, and return the commits of those where it says anything."""
    commits = {}
    for name, here in places.items():
        planned: Mapping[str, Content] = {}

        def files(parent: str | None, here: Sequence[Holding] = here) -> Mapping[str, Content]:
            nonlocal planned
            if parent is None:
                raise RunNotFoundError(here[0].id)
            planned = plan(parent, here)
            return planned

        commit = Branch(repository, name).change(files, message)
        if planned:
            commits[name] = commit
    return commits


def message_of(kind: str, runs: Sequence[Holding], detail: str = "") -> str:
    """
    Write an edit's message: what was done, to which runs, and the same as trailers.

    Examples
    --------
    >>> print(message_of("tag", [Holding("r1", "digits/runs/2026-11-23/r1")], "+good"))
    Tag run r1: +good
    <BLANKLINE>
    Edit: tag
    Run-Id: r1
    <BLANKLINE>
    """
    verb = "remove" if kind == "rm" else kind
    what = f"run {runs[0].id}" if len(runs) == 1 else f"{len(runs)} runs"
    title = printable(f"{what}: {detail}".rstrip(": "))
    title = title if len(title) <= _TITLE else f"{title[:_TITLE]}…"
    trailers = "".join(f"Run-Id: {run.id}\n" for run in runs)
    return f"{verb.capitalize()} {title}\n\nEdit: {kind}\n{trailers}"


def _edited(git: Git, parent: str, here: Sequence[Holding], edit: Edit) -> dict[str, Content]:
    """Return what an edit makes of the runs of a commit."""
    blobs = git.ids(f"{parent}:{run.record}" for run in here)
    there = [oid for oid in blobs if oid is not None]
    if len(there) < len(here):
        raise RunNotFoundError(here[blobs.index(None)].id)
    files: dict[str, Content] = {}
    moving = []
    for run, content in zip(here, git.blobs(there), strict=True):
        new = edited_run_json(content, run.record, partial(_fields, edit, run))
        if new == content:
            continue
        folder = run.folder
        if edit.project is not None and not folder.startswith(f"{edit.project}/"):
            folder = f"{edit.project}/{folder.partition('/')[2]}"
            moving.append((run.folder, folder))
        files[f"{folder}/{RUN_FILE}"] = new
    return {**_moved(git, parent, moving), **files}


def _fields(edit: Edit, run: Holding, found: Run) -> dict[str, object]:
    if (found.project, found.id) != (run.folder.partition("/")[0], run.id):
        raise FormatError(run.record, f"names run {found.project}/{found.id}")
    return edit.of(found)


def _moved(git: Git, parent: str, moving: Sequence[tuple[str, str]]) -> dict[str, Content]:
    """Move folders as they are."""
    trees = git.ids(f"{parent}:{old}" for old, _ in moving)
    taken = git.ids(f"{parent}:{new}" for _, new in moving)
    files: dict[str, Content] = {}
    for (old, new), tree, other in zip(moving, trees, taken, strict=True):
        if other is not None:
            raise RepositoryError(f"{new} is there already: two runs of one id cannot stand there")
        files |= {old: None, new: Kept.folder(str(tree))}
    return files
