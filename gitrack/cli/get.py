"""Write out the files of a run or an artifact, fetching large ones that are not here."""

import argparse
from pathlib import Path

from gitrack.cli.artifacts import write_artifact
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import RunNotFoundError
from gitrack.record.notice import progress
from gitrack.store.artifacts import Artifacts, Stored
from gitrack.store.checkout import choose_files, write_out
from gitrack.store.moved import short_bytes
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "run",
        metavar="RUN[:PATH]|ARTIFACT[:ALIAS]",
        help="a run's id, unique beginning of an id, or name, then one of its files or folders; "
        "or an artifact, then a version or an alias",
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
    repository = repository_from(options)
    reader = Reader(repository)
    name, _, path = options.run.partition(":")
    try:
        record = reader.find(name)
    except RunNotFoundError:
        stored = _artifact(repository, options.run)
        if stored is None:
            raise
        write_artifact(stored, repository, options.out or Path(stored.manifest.name))
        return
    choice = choose_files(record, path)
    folder = options.out
    if folder is None:
        own = path.strip("/").rpartition("/")[2] or record.run.id
        folder = Path.cwd() if choice.is_file else Path(own)
    with progress() as show:
        moved = write_out(reader, choice, folder, force=options.force, progress=show)
    what = "1 file" if moved.files == 1 else f"{moved.files:,} files"
    print(f"{what}, {short_bytes(moved.bytes)}, in {folder}")


def _artifact(repository: Repository, name: str) -> Stored | None:
    """Find an artifact; None where there is none of that name at all."""
    artifacts = Artifacts(repository)
    base = name.partition("@")[0].partition(":")[0].rpartition("/")[2]
    if base not in (one.rpartition("/")[2] for one in artifacts.names()):
        return None
    return artifacts.find(name)
