"""Write runs as files for other tools: CSV, Parquet, JSON lines, TensorBoard."""

import argparse
from pathlib import Path

from gitrack.cli.choose import counted
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.errors import RunNotFoundError, UsageError
from gitrack.interop.exporting.out import FORMATS, export_runs
from gitrack.record.notice import progress, tell
from gitrack.store.moved import short_bytes
from gitrack.store.reader import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "query", nargs="*", help="a search line: the runs to write (default: all of them)"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv", help="the format (csv)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument("--all", action="store_true", help="archived runs too")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """
    Write the files, and say how many.

    Raises
    ------
    RunNotFoundError
        If no run is found.
    UsageError
        If not all could be written.
    """
    from gitrack.analysis.query import select_shown

    reader = Reader(repository_from(options))
    records = reader.records()
    warn_of_damage(reader)
    line = " ".join(options.query)
    chosen = select_shown(records, line, archived=options.all)
    if not chosen:
        raise RunNotFoundError(line, "the search line finds none" if line else "nothing is here")
    with progress() as show:
        done = export_runs(
            reader, chosen, options.format, options.out, force=options.force, show=show
        )
    for left in done.left_out:
        tell(f"left out: {left}")
    size = short_bytes(done.bytes)
    print(f"{counted(len(chosen))}: {done.files:,} files, {size}, in {options.out}")
    if done.left_out:
        raise UsageError(f"the rows of {counted(len(done.left_out))} are not in it")
