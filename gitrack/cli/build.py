"""Build the site: a folder that any browser or web server opens."""

import argparse
from pathlib import Path

from gitrack.cli.place import add_place, repository_from
from gitrack.cli.progress import progress_line
from gitrack.record.notice import tell
from gitrack.store.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("-o", "--out", type=Path, help="where to (default: _site)")
    parser.add_argument("--all", action="store_true", help="with archived runs")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Build, and say where."""
    repository = repository_from(options)
    build_site(repository, options.out or default_out(repository), archived=options.all)


def default_out(repository: Repository) -> Path:
    """Return the folder that a site goes to unless told otherwise."""
    return (repository.work_tree or Path.cwd()) / "_site"


def build_site(repository: Repository, out: Path, *, archived: bool = False) -> None:
    """Build a site with progress on a terminal, and say where it is."""
    from gitrack.publish.build import build

    with progress_line() as progress:
        report = build(repository, out, archived=archived, progress=progress)
    for line in report.damaged:
        tell(f"left out: {line}")
    print(
        f"{report.runs} runs, {report.pages} pages and {report.shards} data files written "
        f"in {report.seconds:.1f} s: {(out / 'index.html').resolve().as_uri()}"
    )
