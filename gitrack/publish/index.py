"""A project's index script: its runs, their settings and results, and where their curves lie."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gitrack.analysis.columns import Value, flatten, number_of, text_of
from gitrack.analysis.goals import goal_of
from gitrack.model.run import Record, Run
from gitrack.publish.chunks import metric_key
from gitrack.publish.packing import pack_numbers, pack_texts, script
from gitrack.publish.plan import Project
from gitrack.publish.shards import ProjectData, all_metrics

FORMAT = 2

_TEXTS: Mapping[str, Callable[[Run], str | None]] = {
    "id": lambda run: run.id,
    "name": lambda run: run.name,
    "state": lambda run: run.state.value,
    "group": lambda run: run.group,
    "job_type": lambda run: run.job_type,
    "notes": lambda run: run.notes,
    "entity": lambda run: run.entity,
    "branch": lambda run: run.code.branch,
    "commit": lambda run: run.code.commit,
    "error": lambda run: run.error,
    "host": lambda run: run.host.name,
}
_NUMBERS: Mapping[str, Callable[[Run], float | None]] = {
    "created": lambda run: run.created,
    "duration": lambda run: run.duration,
    "rows": lambda run: run.rows,
}


def index_script(
    project: Project, data: ProjectData, details: Sequence[str] = (), commits: str | None = None
) -> bytes:
    """
    Write a project's index.

    Parameters
    ----------
    project : Project
        Its runs.
    data : ProjectData
        Its data scripts and curves.
    details : sequence of str
        Each chunk's script of what a comparison asks of its runs.
    commits : str or None
        The script of the files that changed between their codes.
    """
    runs = [record.run for record in project.records]
    return script(
        {
            "format": FORMAT,
            "project": project.name,
            "runs": {
                **{name: pack_texts([take(run) for run in runs]) for name, take in _TEXTS.items()},
                **{
                    name: pack_numbers([take(run) for run in runs])
                    for name, take in _NUMBERS.items()
                },
                "tags": [list(run.tags) for run in runs],
                "dirty": [run.code.dirty for run in runs],
                "preview": [run.id in data.previews for run in runs],
                "archived": [run.archived for run in runs],
            },
            "columns": list(columns(project.records)),
            "metrics": list(_metrics(data)),
            "chunks": {
                "first": [chunk.first for chunk in data.chunks],
                "name": [chunk.name for chunk in data.chunks],
                "details": list(details),
            },
            "commits": commits,
        }
    )


def columns(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield the columns of config and summary, as they stand in the index."""
    yield from _columns("config", [flatten(record.config) for record in records])
    yield from _columns("summary", [flatten(record.summary) for record in records])


def _columns(kind: str, rows: Sequence[Mapping[str, Value]]) -> Iterator[dict[str, Any]]:
    for key in sorted({key for row in rows for key in row}):
        there = [row[key] for row in rows if key in row]
        # Of most columns one look tells: results are floats.
        if set(map(type, there)) == {float} or all(number_of(one) is not None for one in there):
            # What is missing is None; a number never is.
            values = pack_numbers([row.get(key) for row in rows])  # type: ignore[misc]
            column = {"key": f"{kind}.{key}", "kind": "number", "values": values}
        else:
            texts = pack_texts([text_of(row[key]) if key in row else None for row in rows])
            column = {"key": f"{kind}.{key}", "kind": "text", "values": texts}
        yield column | ({"goal": goal_of(key)} if kind == "summary" else {})


def _metrics(data: ProjectData) -> Iterator[dict[str, Any]]:
    """Yield each metric with the chunks that hold it; None where all do that hold anything."""
    filled = [at for at, chunk in enumerate(data.chunks) if chunk.name]
    for name in all_metrics(data):
        there = [at for at in filled if name in data.chunks[at].sizes]
        yield {
            "name": name,
            "key": metric_key(name),
            "goal": goal_of(name),
            "logged": data.logged.get(name, 0),
            "in": None if there == filled else there,
        }
