"""Move runs to another group, job type or project; their ids stay."""

import argparse

from gitrack.cli.choose import add_choice, chosen_runs, told
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.record.edit import clean_edit
from gitrack.store.edit import edit_runs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_choice(parser)
    parser.add_argument("--group", metavar="G", help="'' for none")
    parser.add_argument("--job-type", metavar="J", help="'' for none")
    parser.add_argument("--project", metavar="P", help="their files move to its folder")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Move, and say which branches took it."""
    where = {key: getattr(options, key) for key in ("group", "job_type", "project")}
    if all(value is None for value in where.values()):
        raise UsageError("say where to: --group, --job-type or --project")
    repository = repository_from(options)
    edit = clean_edit(repository, **where)
    chosen = chosen_runs(repository, options.runs, options.query)
    told("moved", len(chosen), edit_runs(repository, chosen, edit))
