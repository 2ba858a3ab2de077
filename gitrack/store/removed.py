"""Runs that were removed, as history still has them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from gitrack.errors import (
    AmbiguousRunError,
    FormatError,
    NameRefusedError,
    RepositoryError,
    RunNotFoundError,
)
from gitrack.model.names import check_run_id
from gitrack.store.branch import Content, Kept
from gitrack.store.edit import commit_on, message_of
from gitrack.store.git import Git
from gitrack.store.holding import Holding, local_tips, run_folders
from gitrack.store.layout import RUN_FILE, id_from_folder, split_path
from gitrack.store.repository import Repository
from gitrack.store.schema import run_from_json


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


def removed_runs(repository: Repository, run_id: str | None = None) -> list[Removed]:
    """
    Search the history of the local branches for runs that these have not any more.

    Parameters
    ----------
    repository : Repository
        Where to look.
    run_id : str, optional
        One run, whose last removal ends the search.
    """
    git = repository.git
    found = []
    for branch, tip in local_tips(repository).items():
        here = {id_from_folder(folder) for folder in run_folders(repository, tip)}
        words = ["log", "-z", "--diff-filter=D", "--no-renames", "--name-only", "--format=%x01%H"]
        words += ["-1"] if run_id else []
        words += [tip, "--", f":(glob)*/runs/*/{run_id or '*'}/{RUN_FILE}"]
        commit = ""
        for part in git.run(*words).decode("utf-8", "replace").split("\0"):
            if part.startswith("\1"):
                commit = f"{part[1:]}^"
            elif (split := split_path(part.strip("\n"))) and id_from_folder(split[0]) not in here:
                run = Holding(id_from_folder(split[0]), split[0])
                here.add(run.id)  # the newest removal counts
                found.append(Removed(run, branch, commit))
    return found


def find_removed(repository: Repository, name: str) -> list[Removed]:
    """
    Find a removed run by its id, a unique beginning of it, or its name.

    Returns
    -------
    list of Removed
        One for each branch that it was removed from.

    Raises
    ------
    RunNotFoundError
        If no such run was removed.
    AmbiguousRunError
        If there are several.
    """
    with suppress(NameRefusedError):
        if found := removed_runs(repository, check_run_id(name)):
            return found
    there = removed_runs(repository)
    ids = dict.fromkeys(one.run.id for one in there)
    for chosen in (
        [i for i in ids if name and i.startswith(name)],
        _named(repository, there, name),
    ):
        if len(chosen) == 1:
            return [one for one in there if one.run.id == chosen[0]]
        if chosen:
            raise AmbiguousRunError(name, chosen)
    raise RunNotFoundError(name, "no such run was removed from a branch here")


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
    chosen: dict[str, dict[Holding, Removed]] = {}
    for name in names:
        for one in find_removed(repository, name):
            chosen.setdefault(one.branch, {})[one.run] = one
    commits: dict[str, str] = {}
    for branch, back in chosen.items():
        places = (f"{one.commit}:{run.folder}" for run, one in back.items())
        trees = dict(zip(back, map(str, repository.git.ids(places)), strict=True))
        plan = partial(_restored, repository.git, trees)
        commits |= commit_on(
            repository, {branch: list(back)}, message_of("restore", list(back)), plan
        )
    return list(dict.fromkeys(run.id for back in chosen.values() for run in back)), commits


def _restored(
    git: Git, trees: Mapping[Holding, str], parent: str, here: Sequence[Holding]
) -> dict[str, Content]:
    """Put folders back where there is nothing."""
    files: dict[str, Content] = {}
    for run, other in zip(here, git.ids(f"{parent}:{run.folder}" for run in here), strict=True):
        if other is None:
            files[run.folder] = Kept.folder(trees[run])
        elif other != trees[run]:
            raise RepositoryError(f"{run.folder}: another run of this id is there now")
    return files


def _named(repository: Repository, there: Sequence[Removed], name: str) -> list[str]:
    """Return the ids of the removed runs of a name."""
    git = repository.git
    blobs = git.ids(f"{one.commit}:{one.run.record}" for one in there)
    held = {oid: one for oid, one in zip(blobs, there, strict=True) if oid is not None}
    found = []
    for one, content in zip(held.values(), git.blobs(held), strict=True):
        with suppress(FormatError):
            if run_from_json(content, one.run.record)[0].name == name:
                found.append(one.run.id)
    return list(dict.fromkeys(found))
