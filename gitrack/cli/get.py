"""Write a run's files out to a folder, fetching large ones that are not here."""

import argparse
from pathlib import Path

from gitrack.cli.place import add_place, repository_from
from gitrack.cli.progress import progress_line
from gitrack.store.checkout import choose_files, write_out
from gitrack.store.moved import short_bytes
from gitrack.store.reader import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "run",
        metavar="RUN[:PATH]",
        help="a run's id, unique beginning of an id, or name; then one of its files or folders",
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="DIR",
        help="where to (default: here for a file, a new folder of its name for anything else)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Write the files, and say where."""
    reader = Reader(repository_from(options))
    name, _, path = options.run.partition(":")
    record = reader.find(name)
    choice = choose_files(record, path)
    folder = options.out
    if folder is None:
        own = path.strip("/").rpartition("/")[2] or record.run.id
        folder = Path.cwd() if choice.is_file else Path(own)
    with progress_line() as progress:
        moved = write_out(reader, choice, folder, force=options.force, progress=progress)
    what = "1 file" if moved.files == 1 else f"{moved.files:,} files"
    print(f"{what}, {short_bytes(moved.bytes)}, in {folder}")
