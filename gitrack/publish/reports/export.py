"""A report as one file: all that it draws from and by is within it, and it asks nobody for more."""

import base64
import importlib.util
import mimetypes
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gitrack.errors import BuildError
from gitrack.publish.bokehjs import bokeh_scripts
from gitrack.publish.packing import ascii_json
from gitrack.publish.plan import projects_of
from gitrack.publish.reports.carried import carried
from gitrack.publish.reports.page import Drawer, report_page
from gitrack.publish.reports.shelf import Records, records_of
from gitrack.publish.reports.source import Source, report_pictures
from gitrack.publish.reports.story import Story, tell
from gitrack.publish.templates import Templates
from gitrack.resources import data_dir
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.version import VERSION

_STYLES = (
    "tokens shell controls guide table chart chartmenu datatable section-tables panels panelparts "
    "section-media section-code report"
).split()
#: Scripts of the site's shell, which a file of its own has not.
_SHELL = frozenset(("catalogue", "finder", "search"))
_IMAGE = re.compile(r'(?P<head><img\b[^>]*?\bsrc=")(?P<src>[^"]+)"')
_LARGEST_PICTURE = 1 << 20
_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "chromium-headless-shell",
)  # fmt: skip
_DRAWN_WITHIN = 20_000  # ms of the browser's own time
_PATIENCE = 120  # seconds


@dataclass(frozen=True, slots=True)
class ReportFile:
    """
    What ``pages/report-file.html.j2`` may use.

    Attributes
    ----------
    title, description, version : str
        What it is, and who made it.
    styles, scripts : sequence of str
        Their texts, in order.
    settings : str
        What the scripts know of the page, as JSON.
    icons, content : str
        HTML.
    data : sequence of (str, str)
        Data scripts and files by the paths that the page asks for.
    """

    title: str
    description: str
    version: str
    styles: Sequence[str]
    scripts: Sequence[str]
    settings: str
    icons: str
    content: str
    data: Sequence[tuple[str, str]]


def export_report(source: Source, repository: Repository) -> tuple[str, Story]:
    """
    Write a report as one file that opens anywhere.

    Parameters
    ----------
    source : Source
        The report.
    repository : Repository
        Whose runs.

    Returns
    -------
    tuple of (str, Story)
        The HTML, and the report as it was told.
    """
    reader = Reader(repository)
    there = records_of(source, repository)
    if there is None:
        records = reader.records()
        there = Records(reader.branches(), records, projects_of(records))
    story = tell(source, there.records, there.projects)
    parts = carried(story, reader)
    templates = Templates()
    drawer = Drawer(story, templates, lambda _: "", lambda _project, _line: "")
    html, toc = _rendered(story.markdown)
    page = report_page(
        story,
        list(there.branches.items())[:1],
        content=_with_pictures(drawer.content(html), repository.work_tree),
        headings=drawer.headings(toc),
        data=drawer.data(lambda project: f"data/{project}/index.js", lambda _: ""),
    )
    file = ReportFile(
        title=source.title,
        description=page.description,
        version=VERSION,
        styles=list(_styles()),
        scripts=list(map(_inlined, _scripts())),
        settings=ascii_json(
            {"base": ".", "kind": "report", "project": page.project, "projects": []}
        )
        .decode("ascii")
        .replace("<", "\\u003c"),
        icons=_asset("theme/partials/gitrack/icons.html").partition("#}")[2],
        content=templates.render("report.html.j2", page),
        data=[(path, text.replace("<", "\\u003c")) for path, text in parts.items()],
    )
    return templates.render("report-file.html.j2", file), story


def print_report(html: str, out: Path) -> None:
    """
    Let a browser print a file as PDF.

    Raises
    ------
    BuildError
        If there is none, or it does not do it.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise BuildError("a PDF needs Chromium or Chrome, which is not there: leave --pdf out")
    with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
        page, made = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, "utf-8")
        words = [
            *(browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
            *(f"--user-data-dir={folder}/profile", f"--virtual-time-budget={_DRAWN_WITHIN}"),
            # It refuses to run as root with its sandbox; the page may load nothing in any case.
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            *(f"--print-to-pdf={made}", f"{page.as_uri()}#gt-print"),
        ]
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=_PATIENCE)
        except (OSError, subprocess.SubprocessError) as error:
            raise BuildError(f"{Path(browser).name} could not print the report") from error
        if not made.is_file():
            raise BuildError(f"{Path(browser).name} printed nothing")
        shutil.copyfile(made, out)


def _rendered(markdown: str) -> tuple[str, Sequence[Any]]:
    """Render as MkDocs renders the site's pages, without building any."""
    import markdown as engine  # type: ignore[import-untyped]
    from mkdocs.config import load_config
    from mkdocs.structure.toc import get_toc

    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    config = load_config(str(data_dir("site") / "mkdocs.yml"))
    converter = engine.Markdown(
        extensions=config["markdown_extensions"], extension_configs=config["mdx_configs"]
    )
    html = converter.convert(markdown)
    return html, list(get_toc(getattr(converter, "toc_tokens", [])))


def _styles() -> Iterator[str]:
    found = importlib.util.find_spec("material")
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        for path in sorted(Path(folder).glob("templates/assets/stylesheets/*.min.css")):
            yield re.sub(r"/\*# sourceMappingURL=.*?\*/", "", path.read_text("utf-8"))
    for name in _STYLES:
        yield _asset(f"docs/assets/gitrack/{name}.css")
    yield f"@media print {{ {_asset('docs/assets/gitrack/print.css')} }}"


def _scripts() -> Iterator[str]:
    for path in bokeh_scripts().values():
        yield re.sub(r"//# sourceMappingURL=\S+", "", path.read_text("utf-8"))
    for name in script_names("report"):
        if name not in _SHELL:
            yield _asset(f"docs/assets/gitrack/{name}.js")


def script_names(kind: str) -> list[str]:
    """Name the scripts that the theme gives a kind of page, in their order."""
    import jinja2

    theme = _asset("theme/main.html")
    block = theme[theme.index("{% set names = [") : theme.index("{#- In order, all asked for")]
    kinds = theme[theme.index("{% set charts") : theme.index("{% block libs %}")]
    text = f"{kinds}{block}{{{{ names | join(' ') }}}}"
    environment = jinja2.Environment(autoescape=True)
    return environment.from_string(text).render(kind=kind, build={}).split()


def _asset(path: str) -> str:
    return (data_dir("site") / path).read_text("utf-8")


def _inlined(code: str) -> str:
    """Let nothing within a script end it, or begin what its end is not seen in."""
    return re.sub(r"<(?=!--|/?script)", r"\\x3c", code, flags=re.IGNORECASE)


def _with_pictures(html: str, work_tree: Path | None) -> str:
    """Put the pictures that stand beside the report into it."""
    there: Mapping[str, Path] = dict(report_pictures(work_tree))

    def put(match: re.Match[str]) -> str:
        path = there.get(unquote(unescape(match["src"])).removeprefix("./"))
        if path is None or path.stat().st_size > _LARGEST_PICTURE:
            return match[0]
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        return f'{match["head"]}data:{escape(kind)};base64,{data}"'

    return _IMAGE.sub(put, html)
