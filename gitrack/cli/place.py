"""Where a command works: the repository around, with what a crash left in it committed."""

import argparse
from pathlib import Path

from gitrack.errors import RepositoryError
from gitrack.record.notice import tell
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_NAMED = 10


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the repository."""
    parser.add_argument(
        "-C",
        "--repository",
        type=Path,
        default=None,
        metavar="DIR",
        help="a folder inside the repository (default: the current one)",
    )


def untouched_repository_from(options: argparse.Namespace) -> Repository:
    """
    Open the repository that a command works on, and leave what crashed there as it is.

    Raises
    ------
    RepositoryError
        If the folder that was named does not exist.
    """
    start = options.repository
    if start is not None and not start.is_dir():
        raise RepositoryError(f"{start}: no such folder")
    return Repository.find(start)


def repository_from(options: argparse.Namespace) -> Repository:
    """
    Open the repository that a command works on, and recover what crashed there.

    Raises
    ------
    RepositoryError
        If the folder that was named does not exist.
    """
    repository = untouched_repository_from(options)
    if repository.has_living_runs():
        from gitrack.record.recovery import recover

        for run, branch in recover(repository):
            tell(f"recovered {run.name} ({run.id}): {run.rows} rows on {branch}")
    if repository.push_state.exists():
        from gitrack.record.online import failed_push

        if failure := failed_push(repository):
            tell(failure)
    return repository


def warn_of_damage(reader: Reader) -> None:
    """Name the runs that could not be read, the first of them where they are many."""
    for error in reader.damaged[:_NAMED]:
        tell(f"left out: {error}")
    if (more := len(reader.damaged) - _NAMED) > 0:
        tell(f"left out: {more} more")
