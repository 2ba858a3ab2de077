"""The reports of a site, told by its records or by those of their pins, and drawn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError, ReportError
from gitrack.model.run import Record
from gitrack.publish.details import write_details
from gitrack.publish.index import index_script
from gitrack.publish.packing import digest
from gitrack.publish.plan import Plan, Project, projects_of
from gitrack.publish.reports.page import Drawer, ReportPage, report_page, run_href, workspace_href
from gitrack.publish.reports.source import Source, read_reports
from gitrack.publish.reports.story import Story, tell
from gitrack.publish.revision import branches_at
from gitrack.publish.sections.page import SectionWriter
from gitrack.publish.shards import ShardWriter
from gitrack.publish.templates import Templates
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

LIST = "reports/index"


@dataclass(frozen=True, slots=True)
class Records:
    """
    What a report is told by.

    Attributes
    ----------
    branches : mapping of str to str
        Commit by branch.
    records : sequence of Record
        All runs there, oldest first.
    projects : sequence of Project
        Those whose runs its panels may draw.
    """

    branches: Mapping[str, str]
    records: Sequence[Record]
    projects: Sequence[Project]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in the list of all, as ``pages/reports.md.j2`` may use it."""

    href: str
    title: str
    project: str
    author: str
    date: str
    held: int
    claims: int


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """What ``pages/reports.md.j2`` may use."""

    title: str
    rows: Sequence[ReportRow]


@dataclass(frozen=True)
class Shelf:
    """
    All reports of a site.

    Attributes
    ----------
    stories : sequence of Story
        Those that could be read, by name.
    branches : mapping of str to mapping of str to str
        What each was told by: commit by branch, by the report's name.
    indices : mapping of str to mapping of str to str
        Of pinned reports the index scripts, by the report's name and the project's.
    pinned : mapping of str to bytes
        These scripts and what belongs to them.
    pages : mapping of str to str
        The page of every run of the site, by its folder on the branch.
    damaged : sequence of str
        What could not be read or told, a line each.
    """

    stories: Sequence[Story] = ()
    branches: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    indices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pinned: Mapping[str, bytes] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    damaged: Sequence[str] = ()

    @classmethod
    def gather(cls, plan: Plan, writer: ShardWriter) -> "Shelf":
        """
        Tell the reports of a work tree, and write what pinned ones draw.

        Parameters
        ----------
        plan : Plan
            The site.
        writer : ShardWriter
            Who writes curves, and where records are read.
        """
        repository = writer.reader.repository
        sources = read_reports(repository.work_tree)
        if not sources.good:
            return cls(damaged=sources.damaged)
        own = Records(plan.branches, writer.reader.records(), plan.projects)
        stories: list[Story] = []
        damaged = list(sources.damaged)
        branches: dict[str, Mapping[str, str]] = {}
        indices: dict[str, Mapping[str, str]] = {}
        pinned: dict[str, bytes] = {}
        for source in sources.good:
            try:
                there = records_of(source, repository) or own
            except ReportError as error:
                damaged.append(str(error))
                continue
            story = tell(source, there.records, there.projects)
            stories.append(story)
            damaged += story.problems
            branches[source.name] = there.branches
            if there is not own:
                indices[source.name] = _write_pinned(story, writer, pinned)
        pages = {
            record.path: project.page(record.run)
            for project in plan.projects
            for record in project.records
        }
        return cls(stories, branches, indices, pinned, pages, damaged)

    def markdown(self, title: str) -> Iterator[tuple[str, str]]:
        """Yield the pages that MkDocs is to render, by their source paths."""
        if self.stories:
            yield f"{LIST}.md", self._templates.render("reports.md.j2", self._list(title))
        for story in self.stories:
            head = self._templates.render("report.md.j2", self._page(story))
            yield _source_path(story.source), f"{head}\n{story.markdown}"

    def finish(self, path: str, html: str, toc: Iterable[Any]) -> str:
        """
        Make a report's page of its rendered Markdown; other pages stay as they are.

        Parameters
        ----------
        path : str
            The page's source path.
        html : str
            What MkDocs made of it.
        toc : iterable
            MkDocs's table of contents.
        """
        story = self._by_path.get(path)
        if story is None:
            return html
        drawer = Drawer(story, self._templates, run_href(self._run_page), workspace_href)
        indices = self.indices.get(story.source.name, {})
        page = self._page(
            story,
            up="index.html",
            content=drawer.content(html),
            headings=drawer.headings(toc),
            data=drawer.data(
                lambda project: indices.get(project, f"data/{project}/index.js"), self._run_page
            ),
        )
        return self._templates.render("report.html.j2", page)

    def _page(self, story: Story, **parts: Any) -> ReportPage:
        return report_page(story, list(self.branches[story.source.name].items())[:1], **parts)

    def _list(self, title: str) -> ReportsPage:
        rows = []
        for story in self.stories:
            page, source = self._page(story), story.source
            rows.append(
                ReportRow(
                    href=f"{source.name}.html",
                    title=source.title,
                    project=page.project,
                    author=source.author,
                    date=source.date,
                    held=page.held,
                    claims=len(page.claims),
                )
            )
        return ReportsPage(title, rows)

    def _run_page(self, record: Record) -> str:
        return self.pages.get(record.path, "")

    @cached_property
    def _by_path(self) -> Mapping[str, Story]:
        return {_source_path(story.source): story for story in self.stories}

    @cached_property
    def _templates(self) -> Templates:
        return Templates()


def records_of(source: Source, repository: Repository) -> Records | None:
    """
    Read the records that a report is pinned to; None for one that is not.

    Raises
    ------
    ReportError
        If there is no such revision.
    """
    if not source.pin:
        return None
    try:
        branches = branches_at(repository, source.pin)
    except GitrackError as error:
        raise ReportError(f"{source.place}: pin", str(error)) from error
    records = Reader(repository, at=branches).records()
    return Records(branches, records, projects_of(records))


def cut(story: Story) -> Iterator[Project]:
    """Yield the projects of a report's panels, with the runs alone that are drawn."""
    wanted: dict[str, dict[str, Record]] = {}
    for figure in story.figures:
        own = wanted.setdefault(figure.project.name, {})
        own |= {record.run.id: record for record in figure.records}
    for name, records in sorted(wanted.items()):
        yield Project(name, sorted(records.values(), key=lambda r: (r.run.created, r.run.id)))


def _write_pinned(
    story: Story, writer: ShardWriter, scripts: dict[str, bytes]
) -> Mapping[str, str]:
    """Write the runs as they were, beside those of today."""
    indices: dict[str, str] = {}
    for project in cut(story):
        blobs = [sorted(record.blobs.items()) for record in project.records]
        folder = f"{project.name}/pin-{digest(repr(blobs).encode())}"
        data = writer.write(folder, project.records)
        maker = SectionWriter(writer.reader, writer.output, writer.cache)
        made = maker.write(project.records)
        sections = {r.path: parts for r, parts in zip(project.records, made, strict=True)}
        details = write_details(project, data, sections, {}, writer.output)
        indices[project.name] = f"data/{folder}/index.js"
        scripts[indices[project.name]] = index_script(project, data, details)
    return indices


def _source_path(source: Source) -> str:
    return Path(source.page).with_suffix(".md").as_posix()
