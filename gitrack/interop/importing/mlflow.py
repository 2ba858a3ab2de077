"""Runs of MLflow, from a folder ``mlruns`` or an SQLite database."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitrack.errors import UsageError
from gitrack.interop.importing.found import FoundRun, ImportedRun, Row
from gitrack.interop.importing.within import Within
from gitrack.model.run import Code, State

_STATES = {
    "1": State.CRASHED, "2": State.CRASHED, "3": State.FINISHED, "4": State.FAILED,
    "5": State.STOPPED, "RUNNING": State.CRASHED, "SCHEDULED": State.CRASHED,
    "FINISHED": State.FINISHED, "FAILED": State.FAILED, "KILLED": State.STOPPED,
}  # fmt: skip
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"-?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WORDS = {"True": True, "False": False, "None": None}
_OWN = "mlflow."
_LABEL = 100  # characters of a tag that becomes a label
_MILLI = 1e-3
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric; the time in milliseconds since the epoch."""

    name: str
    value: float
    time: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MlflowFacts:
    """
    What a store tells of one run.

    Attributes
    ----------
    id, name, experiment : str
        The run's id and name, and its experiment's name.
    status : str
        MLflow's word or number.
    started, ended : int or None
        Milliseconds since the epoch.
    user : str or None
        Who ran it.
    params, tags : mapping of str to str
        As MLflow has them.
    points : sequence of Point
        All values of all metrics, in the order of the store.
    artifacts : Within or None
        The folder of its artifacts, where it may be read.
    """

    id: str
    name: str
    experiment: str
    status: str
    started: int | None
    ended: int | None
    user: str | None
    params: Mapping[str, str]
    tags: Mapping[str, str]
    points: Sequence[Point]
    artifacts: Within | None
    missing: Sequence[str] = ()
    damage: Sequence[str] = ()


def find_mlflow(place: Path, artifacts: Path | None = None) -> Iterable[FoundRun]:
    """
    Find the runs of a store; deleted ones are left out.

    Parameters
    ----------
    place : pathlib.Path
        A folder ``mlruns``, one that holds it, or a database.
    artifacts : pathlib.Path, optional
        The folder below which a database's artifacts are taken; its own unless given.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if place.is_file():
        with place.open("rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                raise UsageError(f"{place}: no SQLite database")
        from gitrack.interop.importing.mlflow_database import find_in_database

        return find_in_database(place, artifacts or place.parent)
    from gitrack.interop.importing.mlflow_files import find_in_files

    top = place / "mlruns" if (place / "mlruns").is_dir() else place
    if not top.is_dir():
        raise UsageError(f"{place}: no such folder")
    return find_in_files(top)


@dataclass
class Family:
    """Which runs stand below which, so that they come into one group."""

    names: dict[str, str] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)

    def add(self, run_id: str, name: str, parent: str | None) -> None:
        """Take a run of the store."""
        self.names[run_id] = name
        if parent:
            self.parents.add(parent)

    def group(self, run_id: str, parent: str | None) -> str | None:
        """Return the group of a run: what its parent is called, or itself where it has children."""
        if parent:
            return self.names.get(parent, parent)
        return self.names.get(run_id) if run_id in self.parents else None


def run_from(facts: MlflowFacts, family: Family) -> ImportedRun:
    """Turn what a store tells into a run."""
    tags = facts.tags
    own = {name: value for name, value in tags.items() if not name.startswith(_OWN)}
    labels = {name: f"{name}={value}" if value else name for name, value in own.items()}
    short = {name for name, label in labels.items() if len(label) <= _LABEL and label.isprintable()}
    config: dict[str, Any] = {name: setting(value) for name, value in facts.params.items()}
    if rest := {name: value for name, value in own.items() if name not in short}:
        config["tags"] = {**rest}
    started = None if facts.started is None else facts.started * _MILLI
    ended = None if facts.ended is None else facts.ended * _MILLI
    rows = rows_from(facts.points)
    last = max((row.time for row in rows if row.time is not None), default=None)
    times = [time for time in (ended, last) if time is not None]
    source = tags.get("mlflow.source.name")
    files: dict[str, Path] = {}
    missing = list(facts.missing)
    if facts.artifacts is not None:
        files, refused = facts.artifacts.files()
        missing += [f"artifacts: {line}" for line in refused]
    return ImportedRun(
        id=facts.id,
        name=facts.name,
        project=facts.experiment if facts.experiment != "Default" else None,
        entity=facts.user,
        group=family.group(facts.id, tags.get("mlflow.parentRunId")),
        tags=[labels[name] for name in own if name in short],
        notes=tags.get("mlflow.note.content"),
        state=_STATES.get(facts.status, State.CRASHED),
        created=started if started is not None else min(times, default=None),
        ended=times[0] if times else None,
        duration=times[0] - started if times and started is not None else None,
        config=config,
        rows=rows,
        files=files,
        command=("python", source) if source else (),
        code=Code(
            tags.get("mlflow.source.git.commit"),
            tags.get("mlflow.source.git.branch"),
            remote=tags.get("mlflow.source.git.repoURL"),
        ),
        missing=missing,
        damage=list(facts.damage),
    )


def rows_from(points: Iterable[Point]) -> list[Row]:
    """
    Put values that were logged one after the other, at one step, into one row.

    Examples
    --------
    >>> points = [Point("a", 1.0, 5, 0), Point("a", 2.0, 7, 1), Point("b", 3.0, 5, 0)]
    >>> [(row.step, row.values) for row in rows_from(points)]
    [(0, {'a': 1.0, 'b': 3.0}), (1, {'a': 2.0})]
    """
    rows: list[Row] = []
    values: dict[str, float] = {}
    before: Point | None = None
    for point in sorted(points, key=lambda point: (point.time, point.step)):
        if before is not None and (point.step != before.step or point.name in values):
            rows.append(Row(before.step, before.time * _MILLI, values))
            values = {}
        values[point.name] = point.value
        before = point
    if before is not None:
        rows.append(Row(before.step, before.time * _MILLI, values))
    return rows


def setting(text: str) -> Any:
    """
    Return a parameter, which MLflow keeps as a text, as what it was.

    Examples
    --------
    >>> [setting(text) for text in ("3", "0.1", "1e-3", "True", "None", "007", "relu", "nan")]
    [3, 0.1, 0.001, True, None, '007', 'relu', 'nan']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and not text.lstrip("-").isdigit():
        number = float(text)
        return number if math.isfinite(number) else text
    return text
