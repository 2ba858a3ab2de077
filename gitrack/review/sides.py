"""Which runs are compared: what the head's experiments branch added, and what the base has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitrack.errors import GitError, NameRefusedError, RepositoryError
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.model.run import Record, State
from gitrack.review.model import Side, cut
from gitrack.settings import ci_branch, read_settings
from gitrack.store.git import Git
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where one side's runs are.

    Attributes
    ----------
    ref : str
        What was asked for.
    branch : str
        The experiments branch, or the commit where none was named.
    commit : str or None
        Where it stands; None for a code branch that nothing was recorded for.
    """

    ref: str
    branch: str
    commit: str | None


@dataclass(frozen=True)
class Sides:
    """
    The runs of both sides, oldest first, archived ones left out.

    Attributes
    ----------
    base, head : Side
        In figures.
    base_records, added : sequence of Record
        All runs of the base; those of the head that it added.
    damaged : sequence of str
        What could not be read.
    """

    base: Side
    head: Side
    base_records: Sequence[Record]
    added: Sequence[Record]
    damaged: Sequence[str]


def find_place(repository: Repository, ref: str) -> Place:
    """
    Find the experiments that a name stands for.

    Parameters
    ----------
    repository : Repository
        Where to look.
    ref : str
        A code branch (``main``: its experiments here, else those of a remote), one of a remote
        (``origin/main``), an experiments branch by its own name, or a commit of one.

    Raises
    ------
    RepositoryError
        If there is no such branch.
    """
    git = repository.git
    remotes = _remotes(repository)
    for candidate in _candidates(ref, remotes):
        if commit := _commit(git, candidate):
            short = candidate.removeprefix(_HEADS).removeprefix(_REMOTES)
            return Place(ref, short, commit)
    if _COMMIT.fullmatch(ref) and (commit := _commit(git, ref)):
        return Place(ref, commit[:10], commit)
    name = ref.removeprefix(_HEADS)
    # CI checks out a commit, without its branch.
    if _code(git, name, remotes) or (name and name == ci_branch()):
        return Place(ref, f"{EXPERIMENTS}{name}", None)
    raise RepositoryError(
        f"no branch {ref!r} here, nor experiments of one: `git fetch` may bring them"
    )


def code_commit(repository: Repository, ref: str) -> str | None:
    """
    Find where the code of a branch stands.

    Parameters
    ----------
    repository : Repository
        Where to look.
    ref : str
        A code branch, one of a remote, or the experiments branch of either.

    Returns
    -------
    str or None
        None where no such branch is here.
    """
    remotes = _remotes(repository)
    name = ref.removeprefix(_HEADS).removeprefix(_REMOTES)
    for prefix in ("", *(f"{remote}/" for remote in remotes)):
        if name.startswith(f"{prefix}{EXPERIMENTS}"):
            name = prefix + name.removeprefix(f"{prefix}{EXPERIMENTS}")
            break
    return _code(repository.git, name, remotes)


def _code(git: Git, name: str, remotes: Sequence[str]) -> str | None:
    """Find where a code branch stands, here or else at a remote."""
    places = [f"{_HEADS}{name}", f"{_REMOTES}{name}", *(f"{_REMOTES}{r}/{name}" for r in remotes)]
    return next(filter(None, (_commit(git, place) for place in places)), None)


def _remotes(repository: Repository) -> list[str]:
    """Name the git remotes, the one that runs are sent to first."""
    first = read_settings(repository.work_tree).remote
    return sorted(repository.git.look("remote").split(), key=lambda name: (name != first, name))


def _candidates(ref: str, remotes: Sequence[str]) -> Iterator[str]:
    """Yield the full names of the refs that may be meant."""
    if ref.startswith(_REMOTES):
        ref = ref.removeprefix(_REMOTES)
    else:
        yield from _experiments(_HEADS, ref)
    for remote in remotes:
        if ref.startswith(f"{remote}/"):
            yield from _experiments(f"{_REMOTES}{remote}/", ref.removeprefix(f"{remote}/"))
    for remote in remotes:
        yield from _experiments(f"{_REMOTES}{remote}/", ref)


def _experiments(prefix: str, name: str) -> Iterator[str]:
    try:
        yield prefix + check_branch(name)
    except NameRefusedError:
        return


def _commit(git: Git, name: str) -> str | None:
    try:
        return git.look(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
    except GitError:
        return None


def gather(repository: Repository, base: Place, head: Place) -> Sides:
    """
    Read the runs of both sides.

    What the head added is what stands on it, not on the base, and not where the two parted: a
    run that the base removed since is not the head's.

    Raises
    ------
    GitError
        If git cannot read the repository.
    """
    git = repository.git
    at = {side: place.commit for side, place in (("base", base), ("head", head)) if place.commit}
    reader = Reader(repository, at=at)
    records = reader.records()
    on_base = _ids(repository, base.commit)
    added = _ids(repository, head.commit) - on_base
    if base.commit and head.commit:
        try:
            parted = git.look("merge-base", base.commit, head.commit)
        except GitError:  # they have no past in common
            parted = None
        added -= _ids(repository, parted)
    of_base = [record for record in records if record.run.id in on_base]
    of_head = [record for record in records if record.run.id in added]
    return Sides(
        _side(base, of_base),
        _side(head, of_head),
        [record for record in of_base if not record.run.archived],
        [record for record in of_head if not record.run.archived],
        [str(error) for error in reader.damaged],
    )


def _ids(repository: Repository, commit: str | None) -> set[str]:
    if not commit:
        return set()
    return {folder.name for folder in Reader(repository, at={"side": commit}).folders()}


def _side(place: Place, records: Sequence[Record]) -> Side:
    shown = [record.run.state for record in records if not record.run.archived]
    return Side(
        ref=cut(place.ref),
        branch=cut(place.branch),
        commit=place.commit or "",
        runs=len(shown),
        archived=len(records) - len(shown),
        **{state.value: shown.count(state) for state in State},
    )
