"""Commit the runs whose processes died."""

import argparse

from gitrack.cli.place import add_place
from gitrack.record.recovery import recover
from gitrack.store.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Recover, and say what was found."""
    recovered = recover(Repository.find(options.repository))
    for one, branch in recovered:
        print(f"{one.id}  {one.name}  {one.state}, {one.rows} rows on {branch}")
    if not recovered:
        print("nothing to recover")
