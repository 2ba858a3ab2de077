"""The panels of a report: what each of them draws, of which runs, and its values as a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitrack.analysis.columns import number_of, text_of
from gitrack.analysis.panel import Panel, panel_from, plain_text
from gitrack.analysis.query import columns_of, select_shown
from gitrack.errors import GitrackError, ReportError
from gitrack.model.run import Record
from gitrack.publish import format as fmt
from gitrack.publish.plan import Project
from gitrack.publish.reports.source import Source
from gitrack.publish.series import TIMES
from gitrack.store.schema import config_from_yaml

SHOWN = 50  # runs that a panel draws
NAMED = 10  # runs that its legend names
_COLOURED = frozenset(("line", "scatter", "bar", "parallel"))
_AT_ENDS = 6  # lines whose ends carry their names
_SLOTS = 10
_AXES = ("_step", *TIMES)


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One panel of a report.

    Attributes
    ----------
    number : int
        Its place in the report, from 0 on.
    panel : Panel
        What is drawn.
    project : Project
        Whose runs.
    line : str
        The search line that finds them.
    records : sequence of Record
        The runs that are drawn, the newest first.
    found : int
        How many the line finds.
    caption : str
        What the author says of it.
    """

    number: int
    panel: Panel
    project: Project
    line: str
    records: Sequence[Record]
    found: int
    caption: str

    @property
    def legend(self) -> Sequence[Record]:
        """The runs that a legend names: those of panels in which a run has a colour."""
        drawn = not self.panel.group and self.panel.chart in _COLOURED
        return self.records[:NAMED] if drawn else ()

    @property
    def metrics(self) -> set[str]:
        """The metrics whose curves it draws, the times that may be its axis among them."""
        panel = self.panel
        if panel.chart not in ("line", "heatmap", "scalar") or not panel.y:
            return set()
        return {panel.y, *([panel.x] if panel.x not in ("", *_AXES) else []), *_AXES}

    def described(
        self, index: str, slots: Mapping[str, int], runs: Callable[[Record], str]
    ) -> dict[str, Any]:
        """
        Return what the browser draws it from.

        Parameters
        ----------
        index : str
            The script of the project's index.
        slots : mapping of str to int
            The colour of each run of the report, by its id.
        runs : callable
            Gives a run's page.
        """
        drawn = [record.run.id for record in self.records]
        return {
            "panel": self.panel.described(),
            "project": self.project.name,
            "index": index,
            "runs": [[run, slots[run]] for run in drawn],
            "linked": any(map(runs, self.records)),
        }


def figure_from(
    content: str, number: int, place: str, source: Source, projects: Sequence[Project]
) -> Figure:
    """
    Read the block of a panel.

    Parameters
    ----------
    content : str
        YAML: the fields of `Panel`, and ``project`` and ``caption``.
    number : int
        Its place in the report.
    place : str
        Where it stands, for errors.
    source : Source
        The report.
    projects : sequence of Project
        Those of the site.

    Raises
    ------
    GitrackError
        If it is no panel, or draws no run.
    """
    described = dict(config_from_yaml(content.encode(), place))
    chosen = plain_text(described.pop("project", source.project), f"{place}: project")
    caption = plain_text(described.pop("caption", ""), f"{place}: caption")
    panel = panel_from(described, place)
    if panel.file:
        raise ReportError(place, "a report shows what was logged: a chart by its key, no file")
    line = panel.runs or source.runs
    project, found = _project_of(chosen, line, place, projects)
    if panel.chart == "line" and not panel.group and len(found) <= _AT_ENDS:
        panel = replace(panel, legend=panel.legend or "names")
    # The line stands over the runs already.
    panel = replace(panel, runs="")
    return Figure(number, panel, project, line, found[:SHOWN], len(found), caption)


def _project_of(
    chosen: str, line: str, place: str, projects: Sequence[Project]
) -> tuple[Project, list[Record]]:
    """Find the project that is meant, and its runs, the newest first."""
    found: list[tuple[Project, list[Record]]] = []
    trouble: GitrackError | None = None
    for project in projects:
        if chosen not in ("", project.name):
            continue
        try:
            records = select_shown(project.records, line)
        except GitrackError as error:  # a key that another project may have
            trouble = error
            continue
        if records:
            found.append((project, records))
    if not found:
        if trouble is not None:
            raise ReportError(place, str(trouble)) from trouble
        where = f" in the project {chosen!r}" if chosen else ""
        raise ReportError(place, f"no run is found by {line!r}{where}")
    if len(found) > 1:
        names = ", ".join(project.name for project, _ in found)
        raise ReportError(place, f"its runs are of several projects ({names}): say project: NAME")
    project, records = found[0]
    return project, sorted(records, key=lambda record: record.run.created, reverse=True)


def slots_of(figures: Sequence[Figure]) -> dict[str, int]:
    """Deal each run of a report its colour, the same in all of its panels."""
    slots: dict[str, int] = {}
    for figure in figures:
        for record in figure.records:
            slots.setdefault(record.run.id, len(slots) % _SLOTS)
    return slots


def values_of(figure: Figure) -> tuple[list[str], Iterator[tuple[Record, list[str]]]]:
    """Return a panel's values as the head and the rows of a table: what stands without scripts."""
    panel = figure.panel
    named = [panel.x, panel.y, panel.z, panel.color, panel.size, *panel.columns, *panel.group]
    names = [name for name in dict.fromkeys(named) if name and name not in _AXES]
    rows = ((record, _cells(record, names)) for record in figure.records)
    return names, rows


def _cells(record: Record, names: Sequence[str]) -> list[str]:
    columns = columns_of(record)
    cells = []
    for name in names:
        keys = (name, f"config.{name}", f"summary.{name}")
        value = next((columns[key] for key in keys if key in columns), None)
        number = number_of(value)
        cells.append(
            fmt.number(number) if number is not None or value is None else text_of(value)[:200]
        )
    return cells
