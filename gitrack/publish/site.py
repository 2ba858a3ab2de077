"""A planned site with its data: everything that MkDocs and the builder write of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from gitrack.publish.bokehjs import bokeh_scripts, charts_script
from gitrack.publish.cache import Cache
from gitrack.publish.findable import Entry, extend_search, extend_sitemap, packed
from gitrack.publish.pages import Standing, home_page, run_page, workspace_page
from gitrack.publish.plan import Plan
from gitrack.publish.sections.base import Section
from gitrack.publish.sections.page import SectionWriter
from gitrack.publish.shards import ProjectData, ShardWriter, index_script
from gitrack.publish.stamp import PROTOTYPE, Prototype
from gitrack.publish.templates import Templates
from gitrack.store.layout import PACKAGES_FILE
from gitrack.store.reader import Reader

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
    sections : sequence of sequence of sequence of Section
        What scripts draw of each project's runs.
    reader : Reader
        Where the rest of a run's files is read.
    cache : Cache
        What earlier builds found out.
    """

    plan: Plan
    data: Sequence[ProjectData]
    sections: Sequence[Sequence[Sequence[Section]]]
    reader: Reader
    cache: Cache

    @classmethod
    def gather(cls, plan: Plan, writer: ShardWriter) -> "Site":
        """Write the data scripts of a plan's runs into the site's folder."""
        data = [writer.write(project.name, project.records) for project in plan.projects]
        maker = SectionWriter(writer.reader, writer.output, writer.cache)
        sections = [maker.write(project.records) for project in plan.projects]
        writer.damaged += maker.damaged
        return cls(plan, data, sections, writer.reader, writer.cache)

    def markdown(self) -> Iterator[tuple[str, str]]:
        """Yield the pages that MkDocs is to render, by their source paths."""
        render = self._templates.render
        standings = [
            Standing(project, data)
            for project, data in zip(self.plan.projects, self.data, strict=True)
        ]
        yield "index.md", render("home.md.j2", home_page(self.plan, standings))
        for project in self.plan.projects:
            page, folder = workspace_page(project), f"projects/{project.name}"
            yield f"{folder}/index.md", render("workspace.md.j2", page)
            yield f"{folder}/compare.md", render("compare.md.j2", page)
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
        """Yield BokehJS, the charts and the projects' indices."""
        for place, path in bokeh_scripts().items():
            yield place, path.read_bytes()
        yield "data/charts.js", charts_script(self.cache)
        for project, data in zip(self.plan.projects, self.data, strict=True):
            yield project.index, index_script(self.plan, project, data)

    def run_pages(self, prototypes: Sequence[Prototype]) -> Iterator[tuple[str, bytes]]:
        """Yield each run's page."""
        packages = self._packages()
        render = self._templates.render
        for project, data, sections, prototype in zip(
            self.plan.projects, self.data, self.sections, prototypes, strict=True
        ):
            for record, run_data, parts in zip(project.records, data.runs, sections, strict=True):
                run = record.run
                text = packages.get(record.blobs.get(PACKAGES_FILE, ""), "")
                page = run_page(project, record, run_data, text, parts)
                content = render("run.html.j2", page)
                place = project.page(run)
                stamped = prototype.page(
                    title=escape(run.name),
                    description=escape(f"Run {run.id} of {project.name}, {run.state}"),
                    file=Path(place).name,
                    content=content,
                )
                yield place, stamped.encode()

    @property
    def _prototypes(self) -> list[str]:
        return [f"projects/{project.name}/runs/{PROTOTYPE}" for project in self.plan.projects]

    @cached_property
    def _templates(self) -> Templates:
        return Templates()

    def _packages(self) -> Mapping[str, str]:
        """Read every ``requirements.txt`` once; runs of one machine share them."""
        blobs = {
            record.blobs[PACKAGES_FILE]
            for project in self.plan.projects
            for record in project.records
            if PACKAGES_FILE in record.blobs
        }
        wanted = sorted(blobs)
        contents = self.reader.read_many(wanted)
        return {
            blob: content.decode("utf-8", "replace")
            for blob, content in zip(wanted, contents, strict=True)
        }


def shell_settings(plan: Plan) -> dict[str, Any]:
    """Return what the theme knows of a site, ``config.extra.gitrack``."""
    return {
        "title": plan.title,
        "branches": [[name, sha] for name, sha in plan.branches.items()],
        "built": plan.built,
        "projects": [{"name": project.name, "href": project.home} for project in plan.projects],
        "version": plan.version,
        "bokeh": list(bokeh_scripts()),
    }


def _words(*texts: str | None) -> list[str]:
    return [text for text in texts if text]
