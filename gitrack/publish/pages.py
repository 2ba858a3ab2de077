"""From records to what the templates of the pages may use."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from gitrack.analysis.columns import Value, flatten, number_of
from gitrack.analysis.downsample import kept_points
from gitrack.analysis.goals import Goal, goal_of, is_held_out, key_metric
from gitrack.model.run import Record, State
from gitrack.publish import format as fmt
from gitrack.publish.catalogue import Catalogue, rows_of
from gitrack.publish.chunks import metric_key
from gitrack.publish.contexts import (
    AboutPage,
    ArtifactRow,
    ArtifactsPage,
    HomePage,
    Pair,
    ProjectCard,
    RunPage,
    RunRow,
    SummaryRow,
    WorkspacePage,
)
from gitrack.publish.environment import environment, steps_again
from gitrack.publish.packing import ascii_json
from gitrack.publish.plan import Plan, Project
from gitrack.publish.provenance import commit_href, reproduce_line
from gitrack.publish.sections.base import Section
from gitrack.publish.series import TIMES, Curve
from gitrack.publish.shards import ProjectData
from gitrack.publish.tree import shown_text, tree_of
from gitrack.store.layout import HISTORY_FILE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LATEST = 12
_DOTS = 300
_UNFOLDED = 8  # results that a run's page shows at once
_FIRST = 10  # settings that a run's page shows before its scripts do
_WIDTH, _HEIGHT = 100.0, 40.0


@dataclass(frozen=True)
class Standing:
    """
    A project's runs by the metric that stands for it.

    Attributes
    ----------
    project : Project
        The project.
    data : ProjectData
        Its data scripts and curves.
    """

    project: Project
    data: ProjectData

    @cached_property
    def key(self) -> str:
        """The metric; empty where nothing was logged."""
        return key_metric(self.data.logged) or ""

    @cached_property
    def goal(self) -> Goal | None:
        """Which way it gets better."""
        return goal_of(self.key)

    @cached_property
    def values(self) -> Sequence[float | None]:
        """Each run's result, finite, None for the runs without one."""
        return [_finite(self.result(at)) for at in range(len(self.project.records))]

    def result(self, at: int) -> float | None:
        """Return what a run reached: its summary's word, or the last value that was logged."""
        value = number_of(self.project.records[at].summary.get(self.key))
        if value is None and self.key in self.data.metrics(at):
            return self.data.curves(at)[self.key].last
        return value

    @cached_property
    def best(self) -> float | None:
        """The best result of all; without a goal, the latest."""
        there = [value for value in self.values if value is not None]
        if not there:
            return None
        return min(there) if self.goal == "min" else max(there) if self.goal else there[-1]


def home_page(plan: Plan, standings: Sequence[Standing]) -> HomePage:
    """Describe the home page."""
    records = [record for project in plan.projects for record in project.records]
    rows = [(standing, at) for standing in standings for at in range(len(standing.project.records))]
    rows.sort(key=lambda row: _age(row[0].project.records[row[1]]), reverse=True)
    return HomePage(
        title=plan.title,
        branches=list(plan.branches),
        runs=len(records),
        running=_count(records, State.RUNNING),
        projects=[_card(standing) for standing in standings],
        latest=[_row(standing, at) for standing, at in rows[:_LATEST]],
    )


def workspace_page(project: Project) -> WorkspacePage:
    """Describe a workspace; the comparison and the prototype of run pages take the same."""
    return WorkspacePage(project=project.name, runs=len(project.records), data=project.index)


def artifacts_page(project: Project, catalogue: Catalogue) -> ArtifactsPage:
    """Describe the page of a project's artifacts."""
    rows = [
        ArtifactRow(
            name=last.manifest.name,
            type=last.manifest.type,
            latest=f"v{last.manifest.version}",
            versions=count,
            size=fmt.size(last.manifest.size),
            created=fmt.moment(last.manifest.created),
        )
        for last, count in rows_of(catalogue)
    ]
    versions = sum(row.versions for row in rows)
    return ArtifactsPage(
        project=project.name,
        description=f"{len(rows)} artifacts of {project.name} in {versions} versions",
        data=project.catalogue,
        rows=rows,
    )


def run_page(
    project: Project,
    data: ProjectData,
    at: int,
    packages: tuple[str, int],
    sections: Sequence[Section],
    *,
    live: bool = False,
) -> RunPage:
    """
    Describe a run's page.

    Parameters
    ----------
    project : Project
        Its project.
    data : ProjectData
        The project's data scripts and curves.
    at : int
        The run's place in the project.
    packages : tuple of (str, int)
        The script of its ``requirements.txt`` and how many lines it has; empty without one.
    sections : sequence of Section
        What scripts draw of it.
    live : bool
        Whether it is recorded on this machine now.
    """
    record, curves = project.records[at], data.curves(at)
    run = record.run
    settings = flatten(record.config)
    script, count = packages
    return RunPage(
        run=run,
        started=fmt.moment(run.created),
        duration="" if run.duration is None else fmt.duration(run.duration),
        seen=fmt.moment(run.ended) if live and run.state is State.RUNNING else "",
        code_href=commit_href(run.code.remote, run.code.commit),
        reproduce=reproduce_line(run),
        summary=_summary(record, curves),
        unfolded=_UNFOLDED,
        config=[Pair(key, shown_text(settings[key])) for key in sorted(settings)[:_FIRST]],
        keys=len(settings),
        environment=environment(record),
        packages=script,
        package_count=count,
        sections=sections,
        data=_page_data(project, data, at),
        charts=len(curves),
        preview=f"gitrack get {run.id}:{HISTORY_FILE}" if run.id in data.previews else "",
    )


def _page_data(project: Project, data: ProjectData, at: int) -> str:
    """Write what the page's scripts need at once, as JSON that can stand in a page."""
    record, run = project.records[at], project.records[at].run
    told = {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "created": run.created,
        "preview": run.id in data.previews,
        "index": project.index,
        "curves": _where(data, at),
        "config": tree_of(record.config),
        "summary": tree_of(record.summary),
        "again": [(step.label, step.value) for step in steps_again(record)],
    }
    return ascii_json(told).decode().replace("<", "\\u003c")


def _where(data: ProjectData, at: int) -> dict[str, Any] | None:
    """Tell the browser where the curves of one run lie."""
    chunk, names = data.chunk_of[at], data.metrics(at)
    if not names:
        return None
    metrics = [[name, metric_key(name)] for name in (*names, *TIMES)]
    return {"chunk": chunk.name, "at": at - chunk.first, "metrics": metrics}


def about_page(plan: Plan, data: Sequence[ProjectData], damaged: Sequence[str]) -> AboutPage:
    """Describe the page of the site's own: all that the records decide, nothing of the clock."""
    pairs = list(zip(plan.projects, data, strict=True))
    sizes = [sum(sum(chunk.sizes.values()) for chunk in one.chunks) for _, one in pairs]
    facts = [
        ("newest commit", fmt.moment(plan.built) if plan.built else fmt.MISSING),
        ("runs", f"{plan.runs:,}"),
        ("projects", f"{len(plan.projects):,}"),
        ("curves", fmt.size(sum(sizes))),
        ("gitrack", plan.version),
        *((name, version(name)) for name in ("bokeh", "mkdocs", "mkdocs-material")),
    ]
    return AboutPage(
        title=plan.title,
        facts=[Pair(label, value) for label, value in facts],
        branches=[Pair(name, commit) for name, commit in plan.branches.items()],
        projects=[
            (project.name, f"{len(project.records):,}", fmt.size(size))
            for (project, _), size in zip(pairs, sizes, strict=True)
        ],
        damaged=damaged,
    )


def _card(standing: Standing) -> ProjectCard:
    project, records = standing.project, standing.project.records
    points, steps = _progress(standing.values, standing.goal)
    return ProjectCard(
        name=project.name,
        href=project.home,
        runs=len(records),
        running=_count(records, State.RUNNING),
        crashed=_count(records, State.CRASHED),
        key=standing.key,
        goal=standing.goal,
        best=fmt.number(standing.best),
        latest=fmt.moment(records[-1].run.created),
        points=points,
        steps=steps,
    )


def _row(standing: Standing, at: int) -> RunRow:
    run, value, best = standing.project.records[at].run, standing.values[at], standing.best
    curve = standing.data.curves(at).get(standing.key)
    behind = None
    if standing.goal is not None and value is not None and best is not None:
        behind = value - best
    return RunRow(
        run=run,
        href=standing.project.page(run),
        key=standing.key,
        last=fmt.number(standing.result(at)),
        to_best="" if behind is None else fmt.difference(behind),
        is_best=behind == 0,
        spark=curve.spark if curve else "",
        duration=fmt.duration(run.duration),
        seen=fmt.moment(run.ended or run.created),
    )


def _progress(
    values: Sequence[float | None], goal: Goal | None
) -> tuple[list[tuple[float, float]], str]:
    """Draw one dot a run and the best value so far, oldest first."""
    there = [(at, value) for at, value in enumerate(values) if value is not None]
    if not there:
        return [], ""
    low, high = min(value for _, value in there), max(value for _, value in there)
    height, last = high - low, max(len(values) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        up = (value - low) / height if 0 < height < math.inf else 0.5
        return round(_WIDTH * at / last, 1), round(_HEIGHT * (1 - up), 1)

    points = [place(*there[at]) for at in kept_points(_array(there), _DOTS)]
    if goal is None:
        return points, ""
    best = there[0][1]
    corners = [place(*there[0])]
    for at, value in there:
        if (value < best) if goal == "min" else (value > best):
            corners += [place(at, best), place(at, value)]
            best = value
    corners.append(place(last, best))
    return points, " ".join(f"{x:g},{y:g}" for x, y in corners)


def _summary(record: Record, curves: Mapping[str, Curve]) -> list[SummaryRow]:
    """Describe the results; a page's scripts draw the curves of what is folded at first."""
    results = flatten(record.summary)
    keys = sorted({*results, *curves}, key=lambda key: (not is_held_out(key), key))
    return [
        SummaryRow(
            key=key,
            last=_last(results, curves, key),
            best=fmt.number(curves[key].best) if key in curves else fmt.MISSING,
            best_step=fmt.count(curves[key].best_step) if key in curves else fmt.MISSING,
            goal=goal_of(key),
            spark=curves[key].spark if key in curves and at < _UNFOLDED else "",
        )
        for at, key in enumerate(keys)
    ]


def _last(results: Mapping[str, Value], curves: Mapping[str, Curve], key: str) -> str:
    if key not in results:
        return fmt.number(curves[key].last)
    value = number_of(results[key])
    return shown_text(results[key]) if value is None else fmt.number(value)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _array(points: Sequence[tuple[int, float]]) -> "NDArray[np.float64]":
    import numpy as np

    return np.array([value for _, value in points])


def _count(records: Sequence[Record], state: State) -> int:
    return sum(record.run.state == state for record in records)


def _age(record: Record) -> tuple[float, str]:
    return record.run.created, record.run.id
