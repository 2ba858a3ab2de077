"""A planned site with its data: everything that MkDocs and the builder write of it."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import Any

from gitrack.analysis import columns
from gitrack.model.run import Record
from gitrack.publish.bokehjs import bokeh_scripts, charts_script
from gitrack.publish.catalogue import Catalogue, catalogues
from gitrack.publish.commits import commits_script
from gitrack.publish.dashboards import dashboards_script
from gitrack.publish.details import write_details
from gitrack.publish.findable import Entry, extend_search, extend_sitemap, packed
from gitrack.publish.index import index_script
from gitrack.publish.output import Output
from gitrack.publish.ownfigures import own_figures
from gitrack.publish.packing import ascii_json, digest, script
from gitrack.publish.pages import (
    about_page,
    artifacts_page,
    home_page,
    run_page,
    workspace_page,
)
from gitrack.publish.plan import Plan, Project
from gitrack.publish.reports.shelf import LIST, Shelf
from gitrack.publish.sections.base import Section, section_row
from gitrack.publish.sections.page import SectionWriter
from gitrack.publish.shards import ProjectData, ShardWriter
from gitrack.publish.stamp import ICONS, PROTOTYPE, Prototype, icons_script
from gitrack.publish.standing import Standing
from gitrack.publish.templates import Templates
from gitrack.resources import data_dir
from gitrack.store.artifacts import Artifacts
from gitrack.store.layout import PACKAGES_FILE

_SEARCH_INDEX = Path("search", "search_index.json")


@dataclass(frozen=True)
class Site:
    """
    A plan and the data scripts that were written for it.

    Attributes
    ----------
    plan : Plan
        What is shown.
    data : sequence of ProjectData
        Each project's data, in the plan's order.
    writer : ShardWriter
        Who wrote them, and where the rest of a run's files is read.
    packages : mapping of str to (str, int)
        The script of each ``requirements.txt`` and its lines, by git object id.
    sections : mapping of str to sequence of Section
        What scripts draw of each run, by its folder on the branch.
    artifacts : mapping of str to Catalogue
        The artifacts of the projects that have any.
    details : mapping of str to sequence of str
        The scripts of what a comparison asks of runs, one a chunk, by project.
    commits : mapping of str to str
        The scripts of the files that changed between the codes of runs, by project.
    reports : Shelf
        The reports of the work tree.
    """

    plan: Plan
    data: Sequence[ProjectData]
    writer: ShardWriter
    packages: Mapping[str, tuple[str, int]]
    sections: Mapping[str, Sequence[Section]]
    artifacts: Mapping[str, Catalogue]
    details: Mapping[str, Sequence[str]]
    commits: Mapping[str, str]
    reports: Shelf

    @classmethod
    def gather(cls, plan: Plan, writer: ShardWriter, before: "Site | None" = None) -> "Site":
        """
        Write the data scripts of a plan's runs into the site's folder.

        Parameters
        ----------
        plan : Plan
            What is to be shown.
        writer : ShardWriter
            Who writes.
        before : Site, optional
            A site of the same recorded runs, whose packages and sections still stand.
        """
        data = [
            writer.write(project.name, project.records, alone=plan.live)
            for project in plan.projects
        ]
        packages = before.packages if before else _packages(plan, writer)
        sections = before.sections if before else _sections(plan, writer)
        artifacts = before.artifacts if before else _artifacts(plan, writer)
        commits = before.commits if before else _commits(plan, writer)
        reports = before.reports if before else Shelf.gather(plan, writer)
        details = {
            project.name: write_details(project, one, sections, packages, writer.output)
            for project, one in zip(plan.projects, data, strict=True)
        }
        return cls(plan, data, writer, packages, sections, artifacts, details, commits, reports)

    @property
    def damaged(self) -> Sequence[str]:
        """What could not be read, a line each."""
        lines = [*map(str, self.writer.reader.damaged), *self.writer.damaged]
        lines += (*self.plan.dashboards.damaged, *self.reports.damaged)
        return list(dict.fromkeys(lines))

    def markdown(self) -> Iterator[tuple[str, str]]:
        """Yield the pages that MkDocs is to render, by their source paths."""
        render = self._templates.render
        standings = [
            Standing(project, data)
            for project, data in zip(self.plan.projects, self.data, strict=True)
        ]
        yield "index.md", render("home.md.j2", home_page(self.plan, standings, self.artifacts))
        about = about_page(self.plan, self.data, self.damaged)
        yield Path(self.plan.about).with_suffix(".md").as_posix(), render("about.md.j2", about)
        yield from self.reports.markdown(self.plan.title)
        for project in self.plan.projects:
            page, folder = workspace_page(project), f"projects/{project.name}"
            yield f"{folder}/index.md", render("workspace.md.j2", page)
            yield f"{folder}/compare.md", render("compare.md.j2", page)
            if catalogue := self.artifacts.get(project.name):
                there = artifacts_page(project, catalogue)
                yield f"{folder}/artifacts.md", render("artifacts.md.j2", there)
            prototype = f"{folder}/runs/{Path(PROTOTYPE).stem}.md"
            yield prototype, render("run.md.j2", page)

    def take_prototypes(self, shell: Path) -> list[Prototype]:
        """Read each project's prototype of a run page and remove it from MkDocs's output."""
        prototypes = []
        for path in (shell / place for place in self._prototypes):
            prototypes.append(Prototype(path.read_text("utf-8")))
            path.unlink()
        return prototypes

    def make_findable(self, shell: Path, site_url: str | None) -> None:
        """Enter the run pages in the search index and the sitemap that MkDocs wrote."""
        entries = [
            Entry(project.page(run), run.name, " ".join(_words(run.id, run.notes, *run.tags)))
            for project in self.plan.projects
            for run in (record.run for record in project.records)
        ]
        index = shell / _SEARCH_INDEX
        if index.is_file():
            found = extend_search(index.read_bytes(), entries, without=self._prototypes)
            index.write_bytes(found)
        sitemap = shell / "sitemap.xml"
        if site_url and sitemap.is_file():
            text = extend_sitemap(
                sitemap.read_text("utf-8"), entries, site_url=site_url, without=self._prototypes
            )
            sitemap.write_text(text, "utf-8")
            sitemap.with_suffix(".xml.gz").write_bytes(packed(text))

    def scripts(self) -> Iterator[tuple[str, bytes]]:
        """Yield BokehJS, the charts, the projects' indices and what the site was built from."""
        for place, path in bokeh_scripts().items():
            yield place, path.read_bytes()
        yield ICONS, icons_script()
        yield "data/charts.js", charts_script(self.writer.cache)
        for project, data in zip(self.plan.projects, self.data, strict=True):
            name = project.name
            yield (
                project.index,
                index_script(project, data, self.details[name], self.commits.get(name)),
            )
            if catalogue := self.artifacts.get(name):
                yield project.catalogue, catalogue.script()
            dashboards = self.plan.dashboards.of(name)
            figures = own_figures(self.writer.reader.repository.work_tree, dashboards)
            yield from figures.scripts.items()
            yield project.dashboards, dashboards_script(dashboards, figures.found)
        yield from self.reports.pinned.items()
        built = {"built": self.plan.built, "branches": list(self.plan.branches.items())}
        yield "data/site.js", script({**built, "version": self.plan.version})

    def write_run_pages(self, output: Output, prototypes: Sequence[Prototype]) -> None:
        """Write the page of every run; one that was made of the same stands as it is."""
        for project, data, prototype in zip(self.plan.projects, self.data, prototypes, strict=True):
            made_by = f"{prototype.key} {_templates_key()}"
            for at, record in enumerate(project.records):
                place = project.page(record.run)
                key = self._page_key(made_by, record, data, at)
                if not output.stands(place, key):
                    page = self._run_page(project, data, at, prototype)
                    output.write(place, page.encode(), key)

    def _page_key(self, made_by: str, record: Record, data: ProjectData, at: int) -> str:
        chunk = data.chunk_of[at]
        parts = [made_by, record.branch, chunk.key, chunk.name, at - chunk.first]
        sections = [section_row(section) for section in self.sections.get(record.path, ())]
        return digest(ascii_json([parts, sections, sorted(record.blobs.items())]))

    def _run_page(self, project: Project, data: ProjectData, at: int, prototype: Prototype) -> str:
        record = project.records[at]
        run = record.run
        packages = self.packages.get(record.blobs.get(PACKAGES_FILE, ""), ("", 0))
        sections = self.sections.get(record.path, ())
        page = run_page(project, data, at, packages, sections, live=run.id in self.plan.live)
        return prototype.page(
            title=escape(run.name),
            description=escape(page.description),
            file=Path(project.page(run)).name,
            content=self._templates.render("run.html.j2", page),
        )

    @property
    def _prototypes(self) -> list[str]:
        return [f"projects/{project.name}/runs/{PROTOTYPE}" for project in self.plan.projects]

    @cached_property
    def _templates(self) -> Templates:
        return Templates()


def _packages(plan: Plan, writer: ShardWriter) -> Mapping[str, tuple[str, int]]:
    """Write every ``requirements.txt`` once, as a script; runs of one machine share them."""
    blobs = {
        record.blobs[PACKAGES_FILE]
        for project in plan.projects
        for record in project.records
        if PACKAGES_FILE in record.blobs
    }
    found: dict[str, tuple[str, int]] = {}
    for blob in sorted(blobs):
        path, count = writer.cache.find("packages", blob) or ("", 0)
        if path and writer.output.has(path):
            found[blob] = path, count
    missing = sorted(blobs - found.keys())
    for blob, content in zip(missing, writer.reader.read_many(missing), strict=True):
        text = content.decode("utf-8", "replace")
        whole = script({"text": text})
        path = f"data/text/{digest(whole)}.js"
        found[blob] = path, sum(bool(line.strip()) for line in text.split("\n"))
        writer.output.write_new(path, whole)
        writer.cache.keep("packages", blob, found[blob])
    return found


def _sections(plan: Plan, writer: ShardWriter) -> Mapping[str, Sequence[Section]]:
    """Write the sections of every recorded run; of one that still runs, no files are there yet."""
    maker = SectionWriter(writer.reader, writer.output, writer.cache)
    found: dict[str, Sequence[Section]] = {}
    for project in plan.projects:
        records = [record for record in project.records if record.run.id not in plan.live]
        made = maker.write(records)
        found |= {record.path: parts for record, parts in zip(records, made, strict=True)}
    writer.damaged += maker.damaged
    return found


def _artifacts(plan: Plan, writer: ShardWriter) -> Mapping[str, Catalogue]:
    """Gather the artifacts as the branches of the plan have them."""
    artifacts = Artifacts(writer.reader.repository, branches=plan.branches)
    found = catalogues(plan, artifacts, writer.output)
    writer.damaged += map(str, artifacts.damaged)
    return found


def _commits(plan: Plan, writer: ShardWriter) -> Mapping[str, str]:
    """Write what changed between the codes of each project's runs."""
    found: dict[str, str] = {}
    for project in plan.projects:
        whole = commits_script(project, writer.reader.git, writer.cache)
        if whole is not None:
            found[project.name] = f"data/{project.name}/commits/{digest(whole)}.js"
            writer.output.write_new(found[project.name], whole)
    return found


@cache
def _templates_key() -> str:
    """Tell everything by which run pages are made, so that none outlives a change of it."""
    whole = hashlib.sha256()
    folders = (Path(__file__).parent, Path(columns.__file__).parent, data_dir("templates"))
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".py", ".j2"}:
                whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def shell_settings(
    plan: Plan, artifacts: Collection[str] = (), reports: Shelf | None = None
) -> dict[str, Any]:
    """
    Return what the theme knows of a site, ``config.extra.gitrack``.

    Parameters
    ----------
    plan : Plan
        What the site shows.
    artifacts : collection of str
        The projects that have a page of artifacts.
    reports : Shelf, optional
        The reports, which have a page of their own where there are any.
    """
    return {
        "title": plan.title,
        "about": plan.about,
        "reports": f"{LIST}.html" if reports and reports.stories else None,
        "projects": [
            {
                "name": project.name,
                "href": project.home,
                "artifacts": project.artifacts if project.name in artifacts else None,
            }
            for project in plan.projects
        ],
        "version": plan.version,
        "bokeh": list(bokeh_scripts()),
    }


def _words(*texts: str | None) -> list[str]:
    return [text for text in texts if text]
