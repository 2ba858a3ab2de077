"""Build the site: a folder that any browser or web server opens."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.model.text import printable
from gitrack.record.notice import progress, tell
from gitrack.settings import read_settings
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.publish.workers import Workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_out(parser)
    parser.add_argument(
        "--rev",
        metavar="REV",
        help="the site as of a commit, a tag, or a day: @{2026-11-01}, main@{2026-11-01}",
    )
    add_shown(parser)
    parser.add_argument(
        "--base-url",
        default="",
        metavar="URL",
        help="where the site will stand, for canonical links and the sitemap",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_place(parser)


def add_out(parser: argparse.ArgumentParser) -> None:
    """Add where to build and by how many processes."""
    parser.add_argument("-o", "--out", type=Path, help="where to (default: _site)")
    parser.add_argument(
        "-j", "--jobs", type=int, metavar="N", help="processes that encode (default: one a core)"
    )


def add_shown(parser: argparse.ArgumentParser) -> None:
    """Add which runs a site shows."""
    parser.add_argument(
        "--only", default="", metavar="QUERY", help="only the runs that a search line finds"
    )
    parser.add_argument("--all", action="store_true", help="with archived runs")


def run(options: argparse.Namespace) -> None:
    """Build, and say where."""
    repository = repository_from(options)
    build_site(
        repository,
        options.out or default_out(repository),
        revision=options.rev,
        only=options.only,
        archived=options.all,
        base_url=options.base_url,
        jobs=options.jobs,
        as_json=options.json,
    )


def default_out(repository: Repository) -> Path:
    """Return the folder that a site goes to unless told otherwise."""
    return (repository.work_tree or Path.cwd()) / "_site"


def workers_from(repository: Repository, jobs: int | None) -> "Workers":
    """
    Return who encodes, by the option or else the settings.

    Raises
    ------
    UsageError
        If there are to be less than none.
    """
    from gitrack.publish.workers import Workers

    settings = read_settings(repository.work_tree)
    if jobs is not None and jobs < 0:
        raise UsageError(f"--jobs {jobs}: give a number of processes, 0 for one a core")
    return Workers(settings.build_jobs if jobs is None else jobs, settings.build_backend)


def build_site(
    repository: Repository,
    out: Path,
    *,
    revision: str | None = None,
    only: str = "",
    archived: bool = False,
    base_url: str = "",
    jobs: int | None = None,
    as_json: bool = False,
) -> None:
    """Build a site with progress on a terminal, and say where and how large it is."""
    from gitrack.publish.build import build
    from gitrack.publish.revision import branches_at
    from gitrack.store.reader import Reader

    at = branches_at(repository, revision) if revision is not None else None
    with progress() as show:
        report = build(
            repository,
            out,
            reader=Reader(repository, at=at),
            only=only,
            archived=archived,
            base_url=base_url,
            workers=workers_from(repository, jobs),
            budget=read_settings(repository.work_tree).site_budget,
            progress=show,
        )
    for line in report.damaged:
        tell(f"left out: {line}")
    if report.warning:
        tell(report.warning)
    index = (out / "index.html").resolve().as_uri()
    if as_json:
        print(json.dumps(report.as_json() | {"index": index}, indent=1))
        return
    print(
        f"{report.runs} runs, {report.pages} pages and {report.shards} data files written "
        f"in {report.seconds:.1f} s: {index}"
    )
    for line in report.lines():
        print(f"  {printable(line)}")
