"""Send the experiments to a remote, joined with what others sent."""

import argparse
import sys

from gitrack.cli.outcome import add_sides, preferred, tell_outcome
from gitrack.cli.place import add_place, repository_from
from gitrack.record.notice import progress
from gitrack.record.online import push_waiting
from gitrack.settings import read_settings
from gitrack.store.repository import Repository
from gitrack.store.sync import push


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_place(parser)
    parser.add_argument("remote", nargs="?", help="the remote; origin unless settings name another")
    parser.add_argument(
        "--data", action="store_true", help="look at all large data, not only that of new records"
    )
    parser.add_argument(
        "--background",
        action="store_true",
        help='what mode="online" starts: send what waits, ask nobody, try again for some minutes',
    )
    add_sides(parser)


def run(options: argparse.Namespace) -> None:
    """Push, and say what was sent."""
    if options.background:
        push_waiting(Repository.find(options.repository), options.remote)
        return
    repository = repository_from(options)
    remote = options.remote or read_settings(repository.work_tree).remote
    with progress() as show:
        outcome = push(
            repository,
            remote,
            prefer=preferred(options),
            data=options.data,
            attended=sys.stdin is not None and sys.stdin.isatty(),
            progress=show,
        )
    if outcome.done:
        print(f"sent {', '.join(outcome.done)} to {remote}")
    elif not outcome.refused:
        print(f"{remote} has all runs" if outcome.same else "there are no runs to send")
    tell_outcome(outcome)
