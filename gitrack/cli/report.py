"""Write, list, check and export reports: Markdown whose values come of the runs."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.errors import DisagreementError, ReportError, UsageError
from gitrack.model.text import printable
from gitrack.record.notice import progress
from gitrack.record.notice import tell as say
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.publish.reports.source import Source
    from gitrack.publish.reports.story import Story


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of reports, and their options."""
    places = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    new = places.add_parser("new", help="write a first version of a report, to be edited")
    new.add_argument("name", metavar="NAME", help="its file below reports/, without .md")
    new.add_argument(
        "--runs", default="", metavar="QUERY", help="the search line of its runs (default: all)"
    )
    new.add_argument("--title", metavar="TEXT", help="its title (default: the name)")
    new.set_defaults(act=_new)

    listing = places.add_parser("list", help="list the reports, and how many claims hold")
    listing.add_argument("--json", action="store_true", help="print everything, as JSON")
    listing.set_defaults(act=_list)

    check = places.add_parser(
        "check", help="hold every claim to the runs; 1 is the exit code where text and runs differ"
    )
    check.add_argument("names", nargs="*", metavar="NAME", help="which reports (default: all)")
    check.add_argument("--json", action="store_true", help="print every claim, as JSON")
    check.set_defaults(act=_check)

    export = places.add_parser("export", help="write a report as one file that opens anywhere")
    export.add_argument("name", metavar="NAME", help="which report")
    export.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="where to (default: NAME.html)"
    )
    export.add_argument(
        "--pdf", action="store_true", help="as PDF, which an installed Chromium prints"
    )
    export.set_defaults(act=_export)
    for one in (new, listing, check, export):
        add_place(one)


def run(options: argparse.Namespace) -> None:
    """Do what was asked for."""
    options.act(options)


def _new(options: argparse.Namespace) -> None:
    from gitrack.publish.reports.scaffold import first_draft
    from gitrack.publish.reports.source import check_name, reports_folder

    repository = _with_tree(options)
    folder = reports_folder(repository.work_tree)
    if folder is None:
        raise UsageError("the reports' folder is a link: reports are not written through one")
    name = check_name(options.name)
    reader = Reader(repository)
    records = reader.records()
    warn_of_damage(reader)
    author = repository.git.ask("config", "user.name") or ""
    path = folder / f"{name}.md"
    first_draft(path, options.title or name, options.runs, records, printable(author))
    print(f"{path}: edit it, then: gitrack build")


def _list(options: argparse.Namespace) -> None:
    stories, lost = _told(_with_tree(options), ())
    for line in lost:
        say(f"left out: {line}")
    rows = [
        {
            "name": story.source.name,
            "title": story.source.title,
            "author": story.source.author,
            "date": story.source.date,
            "pin": story.source.pin,
            "claims": len(story.checks),
            "hold": len(story.checks) - len(story.failed),
            "problems": story.problems,
        }
        for story in stories
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        held = f"{row['hold']} of {row['claims']} claims hold" if row["claims"] else "no claims"
        print(printable(f"{row['name']}  {row['title']}  {row['date']}  {held}"))
    if not rows:
        say("no reports: gitrack report new NAME writes one")


def _check(options: argparse.Namespace) -> None:
    stories, lost = _told(_with_tree(options), options.names)
    checks = [check for story in stories for check in story.checks]
    wrong = [check for story in stories for check in story.failed]
    troubles = [*lost, *(problem for story in stories for problem in story.problems)]
    if options.json:
        print(json.dumps([_as_json(story) for story in stories], indent=1))
    else:
        for line in (*map(str, wrong), *troubles):
            print(printable(line))
        reports = "1 report" if len(stories) == 1 else f"{len(stories)} reports"
        print(f"{reports}, {len(checks) - len(wrong)} of {len(checks)} claims hold")
    if wrong or troubles:
        raise DisagreementError(len(wrong), len(checks), len(troubles))


def _export(options: argparse.Namespace) -> None:
    from gitrack.publish.reports.export import export_report, print_report

    repository = _with_tree(options)
    (source,) = _sources(repository, [options.name])
    out: Path = options.out or Path(f"{source.name}.{'pdf' if options.pdf else 'html'}")
    with progress() as show:
        if show:
            show("gathering what the report draws")
        html, story = export_report(source, repository)
        if show and options.pdf:
            show("printing")
        if options.pdf:
            print_report(html, out)
        else:
            out.write_text(html, "utf-8")
    for problem in story.problems:
        say(problem)
    print(f"{out}: {out.stat().st_size:,} bytes, which ask nobody for more")


def _with_tree(options: argparse.Namespace) -> Repository:
    repository = repository_from(options)
    if repository.work_tree is None:
        raise UsageError("reports stand in a work tree, and this repository has none")
    return repository


def _sources(repository: Repository, names: Sequence[str]) -> "Sequence[Source]":
    """Read the reports that are named, or all; what cannot be read is told."""
    from gitrack.publish.reports.source import check_name, read_reports

    found = read_reports(repository.work_tree)
    if not names:
        for line in found.damaged:
            say(f"left out: {line}")
        return found.good
    by_name = {source.name: source for source in found.good}
    wanted = [check_name(Path(name).name) for name in names]
    for name in wanted:
        if name not in by_name:
            damaged = [line for line in found.damaged if f"/{name}.md" in line]
            known = ", ".join(by_name) or "none"
            raise UsageError(damaged[0] if damaged else f"no report {name!r}; there are: {known}")
    return [by_name[name] for name in wanted]


def _told(repository: Repository, names: Sequence[str]) -> "tuple[list[Story], list[str]]":
    """Tell reports; one whose pin is not there is named, and costs no other."""
    from gitrack.publish.plan import projects_of
    from gitrack.publish.reports.shelf import Records, records_of
    from gitrack.publish.reports.story import tell

    sources = _sources(repository, names)
    if not sources:
        return [], []
    reader = Reader(repository)
    records = reader.records()
    warn_of_damage(reader)
    own = Records(reader.branches(), records, projects_of(records))
    stories: list[Story] = []
    lost: list[str] = []
    for source in sources:
        try:
            there = records_of(source, repository) or own
        except ReportError as error:
            lost.append(str(error))
            continue
        stories.append(tell(source, there.records, there.projects))
    return stories, lost


def _as_json(story: "Story") -> dict[str, object]:
    claims = [
        {
            "place": check.place,
            "sentence": check.sentence,
            "states": check.stated,
            "holds": check.verdict.holds,
            "left": _finite(check.verdict.left),
            "right": _finite(check.verdict.right),
            "why": check.verdict.why,
        }
        for check in story.checks
    ]
    return {"name": story.source.name, "claims": claims, "problems": story.problems}


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
