"""Send the experiments to a remote, joined with what others sent."""

import argparse

from gitrack.cli.place import add_place
from gitrack.store.repository import Repository
from gitrack.store.sync import push


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_place(parser)
    parser.add_argument("remote", nargs="?", default="origin", help="the remote; origin by default")


def run(options: argparse.Namespace) -> None:
    """Push, and say what was sent."""
    sent = push(Repository.find(options.repository), options.remote)
    print(f"sent {', '.join(sent)} to {options.remote}" if sent else "there are no runs to send")
