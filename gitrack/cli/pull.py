"""Take in the experiments of a remote, or of somebody's fork."""

import argparse
import sys

from gitrack.analysis.query import select
from gitrack.cli.outcome import add_sides, count_of_runs, preferred, tell_outcome
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.errors import UsageError
from gitrack.record.notice import progress
from gitrack.settings import read_settings
from gitrack.store.moved import short_bytes
from gitrack.store.peer import shown_address
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.sync import data_of_artifacts, pull


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_place(parser)
    parser.add_argument(
        "source", nargs="?", help="a remote, or the address of a fork; origin unless told otherwise"
    )
    parser.add_argument("--data", action="store_true", help="fetch the large data too")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="QUERY",
        help="fetch the large data of the runs that this search line finds, and no other",
    )
    add_sides(parser)


def run(options: argparse.Namespace) -> None:
    """Pull, and say what came."""
    if options.only and not options.data:
        raise UsageError("--only chooses what --data fetches: give both")
    repository = repository_from(options)
    remote = read_settings(repository.work_tree).remote
    source = options.source or remote
    with progress() as show:
        outcome = pull(
            repository,
            source,
            foreign=source != remote,
            prefer=preferred(options),
            attended=sys.stdin is not None and sys.stdin.isatty(),
            progress=show,
        )
    shown = shown_address(source)
    if outcome.done:
        runs = count_of_runs(outcome) or "no other runs"
        print(f"joined {', '.join(outcome.done)} with {shown}: {runs}")
    elif not outcome.refused:
        print(f"nothing new on {shown}")
    if options.data:
        _pull_data(repository, " ".join(options.only))
    tell_outcome(outcome)


def _pull_data(repository: Repository, query: str) -> None:
    """Fetch the large data of some runs, or of all runs and artifacts."""
    reader = Reader(repository)
    pointers = [one for _, _, one in reader.pointers(select(reader.records(), query))]
    warn_of_damage(reader)
    if not query:
        pointers += data_of_artifacts(repository)
    with progress() as show:
        moved = reader.data.pull(pointers, show) if pointers else None
    if moved is None:
        print("there is no large data")
    else:
        print(
            f"fetched {moved.files} large files ({short_bytes(moved.bytes)}), {moved.already} here"
        )
