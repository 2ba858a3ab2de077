"""Which runs a command changes: those that are named, or those that a search line finds."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from gitrack.analysis.query import select, select_shown
from gitrack.cli.place import warn_of_damage
from gitrack.errors import RunNotFoundError, UsageError
from gitrack.store.holding import Holding, find_holding
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that choose runs."""
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="id, unique beginning of an id, or name"
    )
    parser.add_argument(
        "--query", metavar="LINE", help="all that a search line finds: --query 'lr<0.01 tag:old'"
    )


def chosen_runs(
    repository: Repository,
    names: Sequence[str],
    query: str | None,
    *,
    archived: bool = False,
) -> list[Holding]:
    """
    Find the runs to change; how many a search line finds is told.

    Parameters
    ----------
    repository : Repository
        Whose runs.
    names : sequence of str
        Runs by name.
    query : str or None
        A search line.
    archived : bool
        Whether it looks among archived runs alone; it looks among the others otherwise.

    Raises
    ------
    UsageError
        If neither or both are given.
    RunNotFoundError
        If there is no such run.
    """
    if bool(names) == (query is not None):
        raise UsageError("name the runs, or find them by --query: one of both")
    reader = Reader(repository)
    if query is None:
        return list(dict.fromkeys(find_holding(reader, name) for name in names))
    records = reader.records()
    warn_of_damage(reader)
    if archived:
        found = [record for record in select(records, query) if record.run.archived]
    else:
        found = select_shown(records, query)
    if not found:
        raise RunNotFoundError(query, "the search line finds none")
    print(f"{counted(len(found))} of {len(records)} match", file=sys.stderr)
    return [Holding.of(record) for record in found]


def counted(number: int) -> str:
    """
    Write a number of runs.

    Examples
    --------
    >>> counted(1), counted(12)
    ('1 run', '12 runs')
    """
    return f"{number} run" if number == 1 else f"{number} runs"


def told(what: str, number: int, commits: Mapping[str, str]) -> None:
    """Say what was done to how many runs, and on which branches."""
    if not commits:
        print("nothing to change")
        return
    places = ", ".join(f"{branch} ({commit[:10]})" for branch, commit in commits.items())
    print(f"{what} {counted(number)} on {places}")
