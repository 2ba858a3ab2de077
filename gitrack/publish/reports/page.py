"""From Markdown that MkDocs rendered to a report's page: what was logged enters here, escaped."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from gitrack.analysis.quantities import Quantity
from gitrack.model.run import Record
from gitrack.publish.packing import ascii_json
from gitrack.publish.reports.figures import slots_of, values_of
from gitrack.publish.reports.story import Story, plain_text
from gitrack.publish.reports.told import Told, badge, origin, truth
from gitrack.publish.templates import Templates

_MARK = "\ue000[\ue010-\ue019]+\ue001"
#: Paragraphs of nothing but panels or tables, which are blocks of their own.
_PARAGRAPH = re.compile(f"<p>((?:\\s|<br ?/?>|{_MARK})+)</p>")
_FIGURES = re.compile(
    r"(?:<figure class=\"gt-exhibit\"(?:(?!</figure>).)*</figure>\s*){2,}", re.DOTALL
)
#: Where text is no text: within tags, and in what browsers read as something else.
_NO_TEXT = re.compile(
    r"<!--.*?-->|<(script|style|iframe|template|textarea|title)\b.*?</\1\s*>"
    r"|</?[a-zA-Z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)
_DECIMAL = re.compile("[0-9.,e+\N{MINUS SIGN}\\-]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """One entry of the contents; `level` is 2 or more."""

    id: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Piece:
    """
    What ``pages/report-piece.html.j2`` may use.

    Attributes
    ----------
    told : Told
        The thing.
    text : str
        Its words.
    href : str
        Where it leads; empty for nowhere.
    sources : sequence of (str, str)
        What was asked, and of whom the answer comes.
    rows : sequence of (str, str, Any)
        Of a table or a panel: each row's name, where it leads, its cells.
    facts : Any
        What else its kind has.
    """

    told: Told
    text: str = ""
    href: str = ""
    sources: Sequence[tuple[str, str]] = ()
    rows: Sequence[tuple[str, str, Any]] = ()
    facts: Any = None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """
    What ``pages/report.md.j2`` and ``pages/report.html.j2`` may use.

    Attributes
    ----------
    story : Story
        The report, told.
    project : str
        The one project that it is about; empty where there are several.
    records : sequence of (str, str)
        Each branch that it was read from, and the commit.
    claims : sequence of (str, bool or None, str)
        What each claim says, whether it holds, and what is true.
    held : int
        How many of them do.
    description : str
        One sentence for those who link to the page.
    content : str
        Its text, rendered.
    headings : sequence of Heading
        Its contents.
    data : str
        What its scripts draw from, as JSON without ``<``.
    up : str
        The list of all reports; empty where there is none.
    """

    story: Story
    project: str
    records: Sequence[tuple[str, str]]
    claims: Sequence[tuple[str, bool | None, str]]
    held: int
    description: str
    content: str = ""
    headings: Sequence[Heading] = ()
    data: str = ""
    up: str = ""


class Drawer:
    """
    Draws what was told.

    Parameters
    ----------
    story : Story
        The report.
    templates : Templates
        What it is drawn by.
    href : callable
        Gives a run's page, relative to the report's; empty for one that is not there.
    workspace : callable
        Likewise for the workspace of a project with a search line.
    """

    def __init__(
        self,
        story: Story,
        templates: Templates,
        href: Callable[[Record], str],
        workspace: Callable[[str, str], str],
    ) -> None:
        self.story = story
        self.templates = templates
        self.href = href
        self.workspace = workspace
        self.slots = slots_of(story.figures)

    def content(self, html: str) -> str:
        """Put what was told into rendered Markdown."""
        html = _PARAGRAPH.sub(self._unwrapped, html)
        parts: list[str] = []
        end = 0
        for match in _NO_TEXT.finditer(html):
            parts.append(self.story.filled(html[end : match.start()], self.draw))
            parts.append(self.story.filled(match[0], _in_tag))
            end = match.end()
        parts.append(self.story.filled(html[end:], self.draw))
        whole = "".join(parts)
        return _FIGURES.sub(lambda match: f'<div class="gt-exhibits">{match[0]}</div>', whole)

    def draw(self, told: Told) -> str:
        """Write one told thing as HTML, everything escaped."""
        return self.templates.render("report-piece.html.j2", self._piece(told)).strip()

    def headings(self, toc: Iterable[Any]) -> list[Heading]:
        """Flatten MkDocs's table of contents, values in it as plain text."""
        found: list[Heading] = []
        for item in toc:
            title = self.story.filled(Markup(item.title).striptags(), plain_text)  # noqa: S704  MkDocs rendered it
            found.append(Heading(item.id, title, max(2, int(item.level))))
            found += self.headings(item.children)
        return found

    def data(self, index: Callable[[str], str], runs: Callable[[Record], str]) -> str:
        """
        Write what the browser draws the panels from.

        Parameters
        ----------
        index : callable
            Names the script of a project's index.
        runs : callable
            Gives a run's page below the site's root; empty for one that is not there.
        """
        figures = [
            figure.described(index(figure.project.name), self.slots, runs)
            for figure in self.story.figures
        ]
        return ascii_json({"figures": figures}).decode("ascii").replace("<", "\\u003c")

    def _unwrapped(self, match: re.Match[str]) -> str:
        marks = re.findall(_MARK, match[1])
        kinds = {self.story.at(mark[1:-1]).kind for mark in marks}
        return "\n".join(marks) if marks and kinds <= {"figure", "table", "error"} else match[0]

    def _piece(self, told: Told) -> Piece:
        sources = [(quantity.what, origin(quantity)) for quantity in told.quantities]
        if told.kind == "run":
            return Piece(told, told.text, self.href(told.facts))
        if told.kind == "table":
            rows = [
                (name, self.href(record) if record else "", cells)
                for record, name, cells in told.facts.rows
            ]
            return Piece(told, rows=rows, facts=told.facts)
        if told.kind == "figure":
            return self._figure(told)
        if told.kind in ("claim", "stated"):
            facts = (told.facts, badge(told.facts), truth(told.facts))
            return Piece(told, told.says, self._leads(told.quantities), sources, facts=facts)
        return Piece(told, told.text, self._leads(told.quantities), sources, facts=told.facts)

    def _figure(self, told: Told) -> Piece:
        figure = told.facts
        head, body = values_of(figure)
        rows = [(record.run.name, self.href(record), cells) for record, cells in body]
        legend = [
            (self.slots[record.run.id] + 1, record.run.name, self.href(record))
            for record in figure.legend
        ]
        place = self.workspace(figure.project.name, figure.line)
        return Piece(told, href=place, rows=rows, facts=(figure, head, legend))

    def _leads(self, quantities: Sequence[Quantity]) -> str:
        """Find the page of a value's run, or the workspace that shows its runs."""
        for quantity in quantities[:1]:
            if quantity.chosen is not None:
                return self.href(quantity.chosen)
            projects = {record.run.project for record in quantity.records}
            if len(projects) == 1 and any(map(self.href, quantity.records)):
                return self.workspace(projects.pop(), _line_of(quantity))
        return ""


def _line_of(quantity: Quantity) -> str:
    """Return the search line of a quantity's runs; a name is found by its word."""
    names = {record.run.name for record in quantity.records}
    return f'name:"{quantity.line}"' if names == {quantity.line} else quantity.line


def _in_tag(told: Told) -> str:
    """Write what stands within a tag: a number, and nothing that somebody could have logged."""
    text = plain_text(told)
    return text if _DECIMAL.fullmatch(text) else ""


def run_href(pages: Callable[[Record], str]) -> Callable[[Record], str]:
    """Make paths below the site's root relative to a report's page."""

    def href(record: Record) -> str:
        page = pages(record)
        return f"../{quote(page)}" if page else ""

    return href


def workspace_href(project: str, line: str) -> str:
    """Return a project's workspace with a search line, relative to a report's page."""
    query = f"?q={quote(line)}" if line else ""
    return f"../projects/{quote(project)}/index.html{query}"


def report_page(
    story: Story, branches: Sequence[tuple[str, str]], *, content: str = "", **parts: Any
) -> ReportPage:
    """Describe a report's page."""
    checks = story.checks
    projects = {figure.project.name for figure in story.figures} or {
        record.run.project for told in story.told for q in told.quantities for record in q.records
    }
    held = sum(bool(check.verdict.holds) for check in checks)
    said = f"{held} of {len(checks)} claims hold" if checks else ""
    source = story.source
    about = ", ".join(filter(None, (source.author, source.date, said)))
    return ReportPage(
        story=story,
        project=source.project or (projects.pop() if len(projects) == 1 else ""),
        records=branches,
        claims=[(c.verdict.text, c.verdict.holds, truth(c.verdict)) for c in checks],
        held=held,
        description=source.description
        or f"Report: {source.title}" + (f" ({about})" if about else ""),
        content=Markup(content),  # noqa: S704  rendered by `Drawer.content`
        **parts,
    )
