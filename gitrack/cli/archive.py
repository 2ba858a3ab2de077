"""Leave runs out of lists and sites, without removing them."""

import argparse

from gitrack.cli.choose import add_choice, chosen_runs, told
from gitrack.cli.place import add_place, repository_from
from gitrack.model.edit import Edit
from gitrack.store.edit import edit_runs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_choice(parser)
    parser.add_argument("--undo", action="store_true", help="show them again")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Archive, and say which branches took it."""
    repository = repository_from(options)
    chosen = chosen_runs(repository, options.runs, options.query, archived=options.undo)
    commits = edit_runs(repository, chosen, Edit(archived=not options.undo))
    told("back from the archive:" if options.undo else "archived", len(chosen), commits)
