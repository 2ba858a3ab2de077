"""What a report in one file carries: scripts that its panels ask for, and files they show."""

import base64
import mimetypes
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from gitrack.publish.bokehjs import charts_script
from gitrack.publish.details import write_details
from gitrack.publish.index import index_script
from gitrack.publish.output import Output
from gitrack.publish.plan import Project
from gitrack.publish.reports.figures import Figure
from gitrack.publish.reports.shelf import cut
from gitrack.publish.reports.story import Story
from gitrack.publish.reports.told import Told
from gitrack.publish.sections.base import Section
from gitrack.publish.sections.code import code_section
from gitrack.publish.sections.histograms import histograms_section
from gitrack.publish.sections.media import media_section
from gitrack.publish.sections.page import Maker, SectionWriter
from gitrack.publish.sections.tables import tables_section
from gitrack.publish.shards import ShardWriter
from gitrack.publish.workers import Workers
from gitrack.store.reader import Reader

#: Bytes of media, tables, histograms and code; what is more stays on the site.
MOST = 25_000_000
#: Who lays out what the panels show that are not drawn from the index and curves.
_MAKERS: Mapping[str, Maker] = {
    "media": media_section,
    "table": tables_section,
    "heatmap": histograms_section,
    "code": code_section,
}
#: Those of them that may show the index or curves instead.
_OR_DRAWN = ("table", "heatmap")


def carried(story: Story, reader: Reader, most: int = MOST) -> dict[str, str]:
    """
    Gather what the panels of a report ask for.

    Panels whose media, tables, histograms or code would be more than a file should hold say so in
    the story instead, as do those that run code of their own.

    Parameters
    ----------
    story : Story
        The report; panels that stay on the site become errors in it.
    reader : Reader
        Where the runs' files are read.
    most : int
        Bytes of media, tables, histograms and code.

    Returns
    -------
    dict of str to str
        By their paths below the site's root: the text of scripts, and files as data URLs.
    """
    _leave_out(story, lambda figure: figure.panel.chart == "bokeh", "runs on the site alone")
    found = _gathered(story, reader)
    size = sum(len(text) for path, text in found.items() if _is_part(path))
    if size > most:
        why = f"with the others {size / 1e6:.0f} MB, more than a file should hold"
        _leave_out(story, _is_laid_out, why)
        found = _gathered(story, reader)
    return found


def _is_part(path: str) -> bool:
    """Tell whether a path is one of a section, not of the index or of curves."""
    return path.startswith("media/") or "/section/" in path


def _is_laid_out(figure: Figure) -> bool:
    panel = figure.panel
    return panel.chart in _MAKERS and (panel.chart not in _OR_DRAWN or bool(panel.key))


def _leave_out(story: Story, which: Callable[[Figure], bool], why: str) -> None:
    for at, told in enumerate(story.told):
        if told.kind == "figure" and which(told.facts):
            panel = told.facts.panel
            what = f"{panel.chart} {panel.key}".strip()
            story.told[at] = Told("error", facts=f"{what}: {why}")


def _gathered(story: Story, reader: Reader) -> dict[str, str]:
    metrics: dict[str, set[str]] = {}
    laid_out: dict[str, set[str]] = {}
    for figure in (told.facts for told in story.told if told.kind == "figure"):
        metrics.setdefault(figure.project.name, set()).update(figure.metrics)
        if _is_laid_out(figure):
            paths = (record.path for record in figure.records)
            laid_out.setdefault(figure.panel.chart, set()).update(paths)
    with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
        output = Output(Path(folder), shared=True)
        writer = ShardWriter(reader, output, Workers(1))
        try:
            found = {"data/charts.js": charts_script(writer.cache).decode("ascii")}
            for project in cut(story):
                data = writer.write(project.name, project.records)
                before = set(output.sizes)
                sections = _sections(project, laid_out, writer)
                details = write_details(project, data, sections, {}, output) if sections else ()
                found[project.index] = index_script(project, data, details).decode("ascii")
                curves = (
                    path
                    for chunk in data.chunks
                    for metric, path in chunk.scripts(f"data/{project.name}/")
                    if metric in metrics.get(project.name, ())
                )
                for path in (*curves, *(output.sizes.keys() - before)):
                    found[path] = _text(path, output.read(path))
            writer.cache.save()
        finally:
            writer.cache.close()
    return dict(sorted(found.items()))


def _sections(
    project: Project, laid_out: Mapping[str, set[str]], writer: ShardWriter
) -> dict[str, list[Section]]:
    """Lay out what the panels show, of the runs alone that they show it of."""
    sections: dict[str, list[Section]] = {}
    for chart, paths in laid_out.items():
        records = [record for record in project.records if record.path in paths]
        makers = (_MAKERS[chart],)
        maker = SectionWriter(writer.reader, writer.output, writer.cache, makers)
        for record, made in zip(records, maker.write(records), strict=True):
            sections.setdefault(record.path, []).extend(made)
    return sections


def _text(path: str, content: bytes) -> str:
    if path.endswith(".js"):
        return content.decode("ascii")
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
