"""Runs that were removed, as history still has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitrack.errors import AmbiguousRunError, FormatError, RepositoryError, RunNotFoundError
from gitrack.model.names import EXPERIMENTS
from gitrack.store.branch import Content, Kept
from gitrack.store.edit import commit_on, message_of
from gitrack.store.holding import Holding, run_folders
from gitrack.store.layout import RUN_FILE, id_from_folder, split_path
from gitrack.store.repository import Repository
from gitrack.store.schema import run_from_json

_RECORDS = f":(glob)*/runs/*/*/{RUN_FILE}"


@dataclass(frozen=True, slots=True)
class Removed:
    """
    A run that a branch had.

    Attributes
    ----------
    run : Holding
        The run, and the folder that it stood in.
    branch : str
        The branch's short name.
    commit : str
        The last commit that has it.
    """

    run: Holding
    branch: str
    commit: str


def removed_runs(repository: Repository) -> list[Removed]:
    """Search the history of the local branches for runs that these have not any more."""
    git = repository.git
    refs = git.text("for-each-ref", "--format=%(refname)", f"refs/heads/{EXPERIMENTS}").split()
    found = []
    for ref in refs:
        here = {id_from_folder(folder) for folder in run_folders(repository, ref)}
        words = ("log", "-z", "--diff-filter=D", "--no-renames", "--name-only", "--format=%x01%H")
        commit = ""
        for part in git.run(*words, ref, "--", _RECORDS).decode("utf-8", "replace").split("\0"):
            if part.startswith("\1"):
                commit = f"{part[1:]}^"
            elif (split := split_path(part.strip("\n"))) and id_from_folder(split[0]) not in here:
                run = Holding(id_from_folder(split[0]), split[0])
                here.add(run.id)  # the newest removal counts
                found.append(Removed(run, ref.removeprefix("refs/heads/"), commit))
    return found


def restore_runs(repository: Repository, names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """
    Bring removed runs back as they were last, each to the branches that it was removed from.

    Parameters
    ----------
    repository : Repository
        Whose runs.
    names : sequence of str
        Ids, unique beginnings of ids, or names.

    Returns
    -------
    ids : list of str
        The runs.
    commits : dict of str to str
        The commits by branch.

    Raises
    ------
    RunNotFoundError
        If no such run was removed.
    AmbiguousRunError
        If there are several.
    RepositoryError
        If git cannot write, or another run of the id was recorded meanwhile.
    """
    there = removed_runs(repository)
    chosen: dict[str, list[Removed]] = {}
    for name in names:
        run_id = _id_of(repository, there, name)
        for one in there:
            if one.run.id == run_id:
                chosen.setdefault(one.branch, []).append(one)
    commits: dict[str, str] = {}
    for branch, back in chosen.items():
        kept = repository.git.ids(f"{one.commit}:{one.run.folder}" for one in back)
        trees = {one.run: str(tree) for one, tree in zip(back, kept, strict=True)}

        def plan(
            parent: str, here: Sequence[Holding], trees: dict[Holding, str] = trees
        ) -> Mapping[str, Content]:
            taken = repository.git.ids(f"{parent}:{run.folder}" for run in here)
            for run, other in zip(here, taken, strict=True):
                if other is not None and other != trees[run]:
                    raise RepositoryError(f"{run.folder}: another run of this id is there now")
            return {
                run.folder: Kept.folder(trees[run])
                for run, other in zip(here, taken, strict=True)
                if other is None
            }

        message = message_of("restore", list(trees))
        commits |= commit_on(repository, {branch: list(trees)}, message, plan)
    return list(dict.fromkeys(one.run.id for back in chosen.values() for one in back)), commits


def removed_id(repository: Repository, name: str) -> str:
    """
    Return the id of a removed run.

    Raises
    ------
    RunNotFoundError
        If no such run was removed.
    AmbiguousRunError
        If there are several.
    """
    return _id_of(repository, removed_runs(repository), name)


def _id_of(repository: Repository, there: Sequence[Removed], name: str) -> str:
    ids = dict.fromkeys(one.run.id for one in there)
    if name in ids:
        return name
    for found in ([i for i in ids if name and i.startswith(name)], _named(repository, there, name)):
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousRunError(name, found)
    raise RunNotFoundError(name, "no such run was removed from a branch here")


def _named(repository: Repository, there: Sequence[Removed], name: str) -> list[str]:
    git = repository.git
    blobs = git.ids(f"{one.commit}:{one.run.record}" for one in there)
    found = []
    contents = git.blobs(oid for oid in blobs if oid)
    for one, oid in zip(there, blobs, strict=True):
        if oid is None:
            continue
        try:
            run, _ = run_from_json(next(contents), one.run.record)
        except FormatError:
            continue
        if run.name == name:
            found.append(one.run.id)
    return list(dict.fromkeys(found))
