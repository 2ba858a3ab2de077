"""A report told: its Markdown, with marks in place of all that was logged."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitrack.analysis.claims import Verdict, answer, judge, parse_ask, parse_number
from gitrack.analysis.goals import Goal
from gitrack.analysis.quantities import AGGREGATES, Quantities
from gitrack.errors import GitrackError, ReportError, UsageError
from gitrack.model.run import Record
from gitrack.publish import format as fmt
from gitrack.publish.plan import Project
from gitrack.publish.reports.figures import Figure, figure_from
from gitrack.publish.reports.sandbox import fill_in
from gitrack.publish.reports.source import Block, Source, split_blocks
from gitrack.publish.reports.tables import table_of
from gitrack.publish.reports.told import Told, truth

# Private characters: nothing of a mark is Markdown, a letter of an anchor, or can be typed by
# whoever logs, since what was logged never goes through Markdown at all.
_OPEN, _CLOSE, _ZERO = "\ue000", "\ue001", 0xE010
_MARK = re.compile("\ue000([\ue010-\ue019]+)\ue001")
_ALONE = re.compile(
    "^(?P<indent>[ \t>]*)(?P<mark>\ue000[\ue010-\ue019]+\ue001)[ \t]*$", re.MULTILINE
)
_PRIVATE = re.compile("[\ue000-\ue019]")
#: An empty line, or the next item of a list.
_PARAGRAPH_END = re.compile(r"\n\s*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LINE = "_line"


@dataclass(frozen=True, slots=True)
class Check:
    """
    A sentence that was held to the records.

    Attributes
    ----------
    place : str
        ``reports/lr.md:12``.
    sentence : str
        What is written there.
    stated : str
        What it states.
    verdict : Verdict
        Whether that holds.
    """

    place: str
    sentence: str
    stated: str
    verdict: Verdict

    def __str__(self) -> str:
        """Tell it in one line."""
        said = f"“{self.sentence}” states {self.stated}"
        return f"{self.place}: {said}; {truth(self.verdict)}"


@dataclass
class Story:
    """
    A report that was told.

    Attributes
    ----------
    source : Source
        The report.
    markdown : str
        Its text with marks.
    told : list of Told
        What the marks stand for.
    figures : list of Figure
        Its panels.
    checks : list of Check
        Its claims and stated numbers, in the order of the text.
    problems : list of str
        What could not be told, a line each.
    """

    source: Source
    markdown: str = ""
    told: list[Told] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold, or cannot be told."""
        return [check for check in self.checks if not check.verdict.holds]

    def mark(self, told: Told) -> str:
        """Keep something and return the mark that stands for it."""
        self.told.append(told)
        digits = "".join(chr(_ZERO + int(digit)) for digit in str(len(self.told) - 1))
        return f"{_OPEN}{digits}{_CLOSE}"

    def filled(self, text: str, write: Callable[[Told], str]) -> str:
        """Put what is written of each told thing in place of its mark."""
        return _MARK.sub(lambda match: write(self.at(match[1])), text)

    def at(self, digits: str) -> Told:
        """Return what a mark stands for."""
        return self.told[int("".join(str(ord(digit) - _ZERO) for digit in digits))]


def tell(source: Source, records: Sequence[Record], projects: Sequence[Project]) -> Story:
    """
    Tell a report.

    Parameters
    ----------
    source : Source
        As it was written.
    records : sequence of Record
        All runs that it may ask, oldest first.
    projects : sequence of Project
        Those whose runs its panels may draw.
    """
    return _Teller(source, records, projects).tell()


class _Teller:
    def __init__(
        self, source: Source, records: Sequence[Record], projects: Sequence[Project]
    ) -> None:
        self.story = Story(source)
        self.source = source
        self.projects = projects
        own = [record for record in records if source.project in ("", record.run.project)]
        self.quantities = Quantities(own, source.runs)
        self.open: list[tuple[int, str, Told]] = []  # line, what is stated, the told claim

    def tell(self) -> Story:
        blocks: dict[str, Block] = {}
        text = "".join(
            part if isinstance(part, str) else self._stands_for(part, blocks)
            for part in split_blocks(_PRIVATE.sub("", self.source.text))
        )
        try:
            text = fill_in(text, self._functions(), self.story.mark)
        except UsageError as error:
            line = re.match(r"line (\d+): ", str(error))
            reason = str(error)[line.end() :] if line else str(error)
            self._trouble(int(line[1]) if line else 1, reason)
            # The text is shown as it was written, its panels are drawn.
            said = self.story.mark(Told("error", facts=reason))
            text = f"{said}\n\n" + re.sub(r"\{#\n*#\}", "", text)
        self.story.markdown = _ALONE.sub(lambda match: _paragraph(match, blocks), text)
        self._check()
        return self.story

    def _stands_for(self, block: Block, blocks: dict[str, Block]) -> str:
        """Return a mark in place of a block; a comment keeps the count of the lines."""
        indent = block.whole[: len(block.whole) - len(block.whole.lstrip(" \t>"))]
        told = self._figure(block) if block.is_panel else Told("block")
        mark = self.story.mark(told)
        blocks[mark] = block
        lines = "\n" * (block.whole.count("\n") - 1)
        return f"{{#{lines}#}}{indent}{mark}\n"

    def _figure(self, block: Block) -> Told:
        place = self._place(block.line)
        number = len(self.story.figures)
        try:
            figure = figure_from(block.content, number, place, self.source, self.projects)
        except GitrackError as error:
            said = str(error) if str(error).startswith(place) else f"{place}: {error}"
            self.story.problems.append(said)
            return Told("error", facts=said)
        self.story.figures.append(figure)
        return Told("figure", facts=figure)

    def _functions(self) -> Mapping[str, Callable[..., Any]]:
        functions: dict[str, Callable[..., Any]] = {
            name: self._aggregate(name) for name in AGGREGATES
        }
        functions |= {
            "value": self._aggregate(""),
            "count": self._count,
            "run": self._run,
            "runs": self._runs,
            "table": self._table,
            "claim": self._claim,
            "stated": self._stated,
        }
        return {name: self._guarded(name, one) for name, one in functions.items()}

    def _guarded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a call that cannot be answered cost itself alone."""
        signature = inspect.signature(function)

        def call(*arguments: Any, **named: Any) -> Any:
            line = named.pop(_LINE)
            try:
                bound = signature.bind(*arguments, **named)
            except TypeError as error:
                wanted = ", ".join(word for word in signature.parameters if word != "line")
                self._trouble(line, f"{name}({wanted}): {error}")
                return Told("error", facts=f"{name}: {error}")
            try:
                told = function(*bound.args, **bound.kwargs)
            except (UsageError, TypeError, ValueError, OverflowError) as error:
                self._trouble(line, str(error))
                return Told("error", facts=str(error))
            if isinstance(told, Told) and told.kind in ("claim", "stated"):
                self.open.append((line, told.what, told))
            return told

        return call

    def _aggregate(self, aggregate: str) -> Callable[..., Told]:
        def ask(
            metric: str, runs: Any = "", goal: Goal | None = None, digits: int | None = None
        ) -> Told:
            if goal not in (None, "min", "max"):
                raise UsageError("goal is 'min' or 'max'")
            quantity = self.quantities.ask(aggregate, _text(metric), _which(runs), goal=goal)
            if quantity.what.startswith("mean ") and not aggregate:
                raise UsageError(f"value asks one run, and {quantity.line!r} finds several")
            return Told("value", quantity.value, [quantity], quantity.what, digits=_digits(digits))

        return ask

    def _count(self, runs: Any = "") -> Told:
        quantity = self.quantities.count(_which(runs))
        return Told("value", quantity.value, [quantity], quantity.what)

    def _run(self, runs: Any = "") -> Told:
        found = self.quantities.runs(_which(runs))
        if len(found) > 1:
            raise UsageError(f"run names one run, and {_which(runs)!r} finds {len(found)}")
        return _told_run(found[0])

    def _runs(self, runs: Any = "") -> list[Told]:
        return [_told_run(record) for record in self.quantities.runs(_which(runs))]

    def _table(
        self, runs: Any = "", columns: Any = (), group: str = "", sort: str = "", limit: int = 20
    ) -> Told:
        found = table_of(self.quantities, _which(runs), columns, _text(group), _text(sort), limit)
        return Told("table", facts=found)

    def _claim(self, text: str, says: str = "") -> Told:
        verdict = judge(_text(text), self.quantities)
        told = Told("claim", verdict.holds, verdict.quantities, verdict.text, facts=verdict)
        told.says = _text(says)
        return told

    def _stated(self, number: Any, question: str, digits: int | None = None) -> Told:
        written = number if isinstance(number, str) else repr(number)
        read = parse_number(written)
        if read is None or isinstance(number, bool):
            raise UsageError(f"{number!r} is no number that can be stated")
        text = f"{_text(question)} = {written}"
        slip = read.slip if _digits(digits) is None else 0.5 * 10.0 ** -int(digits or 0)
        try:
            quantity = answer(parse_ask(question), self.quantities)
            holds = abs(quantity.number - read.value) <= slip * (1 + 1e-9)
            verdict = Verdict(text, holds, quantity.number, read.value, "=", [quantity])
        except UsageError as error:
            verdict = Verdict(text, None, right=read.value, comparison="=", why=str(error))
        told = Told("stated", verdict.holds, verdict.quantities, verdict.text, facts=verdict)
        told.says = written.replace("-", "\N{MINUS SIGN}")
        return told

    def _check(self) -> None:
        """Find the sentences that claims stand in; one in a loop is checked every time."""
        for line, stated, told in self.open:
            sentence = _sentence_of(told, self.story)
            verdict = told.facts
            self.story.checks.append(Check(self._place(line), sentence, stated, verdict))

    def _place(self, line: int) -> str:
        return f"{self.source.place}:{self.source.first + line - 1}"

    def _trouble(self, line: int, reason: str) -> None:
        self.story.problems.append(str(ReportError(self._place(line), reason)))


def _paragraph(match: re.Match[str], blocks: Mapping[str, Block]) -> str:
    """Give what stands alone in a line a paragraph of its own, and code its block back."""
    indent, mark = match["indent"], match["mark"]
    block = blocks.get(mark)
    if block is not None and not block.is_panel:
        return block.whole.rstrip("\n")
    rest = indent.rstrip()
    return f"{rest}\n{indent}{mark}\n{rest}"


def _sentence_of(told: Told, story: Story) -> str:
    mark = next((story_mark for story_mark, one in _marks(story) if one is told), None)
    if mark is None:  # computed, and never written
        return told.what
    paragraph = next((part for part in _PARAGRAPH_END.split(story.markdown) if mark in part), "")
    sentences = _SENTENCE_END.split(" ".join(paragraph.split()))
    at = next(at for at, sentence in enumerate(sentences) if mark in sentence)
    # A claim may stand behind the full stop of its own sentence.
    at -= bool(at and not told.says and sentences[at].startswith(mark))
    plain = story.filled(sentences[at], plain_text)
    return " ".join(plain.lstrip("#>*-+| ").split()) or told.what


def _marks(story: Story) -> list[tuple[str, Told]]:
    return [(match[0], story.at(match[1])) for match in _MARK.finditer(story.markdown)]


def plain_text(told: Told) -> str:
    """Write something told without markup: for a table of contents, a search index, a sentence."""
    if told.kind in ("claim", "stated"):
        return told.says
    if told.kind == "value":
        return told.text
    return told.value if told.kind == "run" and isinstance(told.value, str) else ""


def _told_run(record: Record) -> Told:
    return Told("run", record.run.name, what=record.run.id, facts=record)


def _which(runs: Any) -> str:
    """Take a search line, or a run that a loop gave."""
    if isinstance(runs, Told) and runs.kind == "run":
        return runs.what
    return _text(runs)


def _text(value: Any) -> str:
    if isinstance(value, Told) and isinstance(value.value, str):
        return value.value
    if not isinstance(value, str):
        raise UsageError(f"expected a text, found {fmt.MISSING if value is None else value!r}")
    return value


def _digits(digits: Any) -> int | None:
    if digits is None:
        return None
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 15:  # noqa: PLR2004
        raise UsageError("digits is a number of decimals from 0 to 15")
    return digits
