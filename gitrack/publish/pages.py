"""From records to what the templates of the pages may use."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from gitrack.analysis.columns import Value, flatten, number_of
from gitrack.analysis.goals import goal_of, is_held_out
from gitrack.model.run import Record, Run, State
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
from gitrack.publish.standing import Standing
from gitrack.publish.tree import shown_text, tree_of
from gitrack.publish.week import Week
from gitrack.store.layout import HISTORY_FILE

_LATEST = 12
_TOLD = 3  # results that a link's preview tells
_UNFOLDED = 8  # results that a run's page shows at once
_FIRST = 10  # settings that a run's page shows before its scripts do


def home_page(
    plan: Plan, standings: Sequence[Standing], artifacts: Mapping[str, Catalogue]
) -> HomePage:
    """Describe the home page."""
    week = Week(plan.built)
    records = [record for project in plan.projects for record in project.records]
    rows = [(standing, at) for standing in standings for at in range(len(standing.project.records))]
    rows.sort(key=lambda row: _age(row[0].project.records[row[1]]), reverse=True)
    return HomePage(
        title=plan.title,
        description=_told(plan.title, records),
        branches=list(plan.branches),
        runs=len(records),
        running=_count(records, State.RUNNING),
        days=_bars(week.days(records)),
        week=week.span,
        projects=[_card(standing, week) for standing in standings],
        changes=[
            change
            for standing in standings
            for change in week.changes(standing, artifacts.get(standing.project.name))
        ],
        latest=[_row(standing, at) for standing, at in rows[:_LATEST]],
    )


def workspace_page(project: Project) -> WorkspacePage:
    """Describe a workspace; the comparison and the prototype of run pages take the same."""
    return WorkspacePage(
        project=project.name,
        description=_told(project.name, project.records),
        runs=len(project.records),
        data=project.index,
    )


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
    summary = _summary(record, curves)
    return RunPage(
        run=run,
        description=_described(run, summary),
        started=fmt.moment(run.created),
        duration="" if run.duration is None else fmt.duration(run.duration),
        seen=fmt.moment(run.ended) if live and run.state is State.RUNNING else "",
        code_href=commit_href(run.code.remote, run.code.commit),
        reproduce=reproduce_line(run),
        summary=summary,
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


def _described(run: Run, summary: Sequence[SummaryRow]) -> str:
    """Say in a sentence what a run was and came to, for those who link to its page."""
    told = [f"{row.key} {row.last}" for row in summary[:_TOLD]]
    lasted = [] if run.duration is None else [fmt.duration(run.duration)]
    words = f"{run.state.capitalize()} run {run.id} of {run.project}"
    return f"{words}: {', '.join(told + lasted)}" if told or lasted else words


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


def _card(standing: Standing, week: Week) -> ProjectCard:
    project, records = standing.project, standing.project.records
    points, steps = standing.progress()
    first = week.first_of(records)
    before, best = standing.best_before(first), standing.best
    return ProjectCard(
        name=project.name,
        href=project.home,
        runs=len(records),
        running=_count(records, State.RUNNING),
        crashed=_count(records, State.CRASHED),
        key=standing.key,
        goal=standing.goal,
        best=fmt.number(standing.best),
        gained="" if before is None or best is None else fmt.difference(best - before),
        is_better=before != best,
        new=len(records) - first,
        since=standing.across(first) if first < len(records) else None,
        latest=fmt.moment(records[-1].run.created),
        seen=records[-1].run.created,
        points=points,
        steps=steps,
    )


def _told(name: str, records: Sequence[Record]) -> str:
    """Say in a sentence what a page is of, for those who link to it."""
    runs = f"{len(records):,} {'run' if len(records) == 1 else 'runs'}"
    latest = max(records, key=_age, default=None)
    return f"{name}: {runs}" + (f", the latest {latest.run.name}" if latest else "")


def _bars(counts: Sequence[int]) -> list[float]:
    """Turn amounts into heights from 0 to 24, what is there at least 2 high."""
    most = max(counts, default=0)
    return [round(2 + 22 * count / most, 1) if count else 0.0 for count in counts]


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


def _count(records: Sequence[Record], state: State) -> int:
    return sum(record.run.state == state for record in records)


def _age(record: Record) -> tuple[float, str]:
    return record.run.created, record.run.id
