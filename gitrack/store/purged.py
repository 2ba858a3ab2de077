"""What was purged here, so that no remote brings it back."""

from collections.abc import Iterable
from contextlib import suppress

from gitrack.errors import RepositoryError
from gitrack.store.repository import Repository

_LIST = "purged"


def remember_purged(repository: Repository, commits: Iterable[str]) -> None:
    """Note the first commits of a history that is to be forgotten."""
    with (repository.own_dir / _LIST).open("a", encoding="ascii") as file:
        file.writelines(f"{one}\n" for one in commits)


def refuse_purged(repository: Repository, theirs: str, ours: str | None, place: str) -> None:
    """
    Refuse a commit that would bring purged history back.

    Parameters
    ----------
    repository : Repository
        Ours.
    theirs : str
        The commit that is to be joined with ours.
    ours : str or None
        The commit that it is to be joined with; what that holds may come.
    place : str
        Where `theirs` is from, for the error's sake.

    Raises
    ------
    RepositoryError
        If it holds some.
    """
    noted: list[str] = []
    with suppress(OSError):
        noted = (repository.own_dir / _LIST).read_text("ascii").split()
    git = repository.git
    for commit in filter(None, git.ids(noted)):
        if git.contains(theirs, commit) and not (ours and git.contains(ours, commit)):
            raise RepositoryError(
                f"{place} still has runs that were purged here: `gitrack rm --purge` told how to "
                "push the new history there"
            )
