"""Give a run another name; its id stays."""

import argparse

from gitrack.cli.choose import told
from gitrack.cli.place import add_place, repository_from
from gitrack.record.edit import clean_edit
from gitrack.store.edit import edit_runs
from gitrack.store.holding import find_holding
from gitrack.store.reader import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("run", metavar="RUN", help="id, unique beginning of an id, or name")
    parser.add_argument("name", metavar="NAME", help="the new name; runs may share one")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Rename, and say which branches took it."""
    repository = repository_from(options)
    edit = clean_edit(repository, name=options.name)
    place = find_holding(Reader(repository), options.run)
    told("renamed", 1, edit_runs(repository, [place], edit))
