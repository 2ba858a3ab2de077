"""The MkDocs plugin ``gitrack``: experiments as pages of any MkDocs site."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from gitrack.publish.output import Output
from gitrack.publish.plan import Plan, plan_site
from gitrack.publish.reports.source import report_pictures
from gitrack.publish.shards import ShardWriter
from gitrack.publish.site import Site, shell_settings
from gitrack.resources import data_dir
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.publish.stamp import Prototype

_SITE = data_dir("site")


class GitrackOptions(Config):  # type: ignore[misc]  # MkDocs has no types that we follow
    """Options of the plugin in ``mkdocs.yml``."""

    #: The git repository, relative to ``mkdocs.yml``.
    repository = option.Type(str, default=".")
    #: A search line that the shown runs have to match.
    query = option.Type(str, default="")


class GitrackPlugin(BasePlugin[GitrackOptions]):  # type: ignore[misc]
    """
    Add the experiments of a repository to a site.

    Attributes
    ----------
    site : Site or None
        What to show; gathered by the plugin itself unless the builder gives it.
    prototypes : list of Prototype
        One a project, there after the build.
    """

    def __init__(self) -> None:
        super().__init__()
        self.site: Site | None = None
        self.prototypes: list[Prototype] = []
        self._plan: Plan | None = None
        self._writer: ShardWriter | None = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the records, and bring our part of the theme."""
        if self.site is None:
            folder = Path(config.config_file_path).parent / self.config.repository
            reader = Reader(Repository.find(folder))
            self._writer = ShardWriter(reader, Output(Path(config.site_dir), shared=True))
            self._plan = plan_site(reader, query=self.config.query)
        else:
            self._plan = self.site.plan
        config.extra["gitrack"] = shell_settings(self._plan)
        theme = str(_SITE / "theme")
        if theme not in config.theme.dirs:
            config.theme.dirs.insert(bool(config.theme.custom_dir), theme)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the generated pages, outside the navigation, and what they load."""
        if self._plan is not None and self._writer is not None:
            self.site = Site.gather(self._plan, self._writer)
        if self.site is not None:
            site = self.site
            config.extra["gitrack"] = shell_settings(site.plan, site.artifacts, site.reports)
            for source, path in report_pictures(site.writer.reader.repository.work_tree):
                if files.get_file_from_path(f"reports/{source}") is None:
                    picture = File.generated(config, f"reports/{source}", abs_src_path=str(path))
                    files.append(picture)
        for source, markdown in self.site.markdown() if self.site else ():
            if files.get_file_from_path(source) is None:
                home = source == "index.md"
                level = InclusionLevel.UNDEFINED if home else InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, source, content=markdown, inclusion=level))
        for path in sorted((_SITE / "docs" / "assets").rglob("*")):
            source = path.relative_to(_SITE / "docs").as_posix()
            if path.is_file() and files.get_file_from_path(source) is None:
                files.append(File.generated(config, source, abs_src_path=str(path)))
        return files

    def on_env(self, env: Environment, **_: object) -> Environment:
        """Keep the theme's templates compiled: that is a sixth of what MkDocs does."""
        if self.site is not None:
            folder = self.site.writer.reader.repository.own_dir / "cache" / "templates"
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                if os.access(folder, os.W_OK):
                    env.bytecode_cache = FileSystemBytecodeCache(str(folder))
        return env

    def on_page_content(self, html: str, *, page: Page, **_: object) -> str:
        """Put what runs recorded into the reports."""
        if self.site is None:
            return html
        return self.site.reports.finish(page.file.src_uri, html, page.toc)

    # After the search plugin wrote its index, before Material's offline plugin (-100) copies it.
    @event_priority(-50)  # type: ignore[untyped-decorator]
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Enter the run pages where they are looked for and, on our own, write them."""
        if self.site is None:
            return
        shell = Path(config.site_dir)
        self.prototypes = self.site.take_prototypes(shell)
        self.site.make_findable(shell, config.site_url)
        if self._writer is not None:
            output = self._writer.output
            for path, content in self.site.scripts():
                output.write(path, content)
            self.site.write_run_pages(output, self.prototypes)
            self._writer.cache.save()
            self._writer.cache.close()
