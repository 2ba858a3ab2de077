"""
The records of a ``.wandb`` file, taken together into what they say of a run.

References
----------
https://github.com/wandb/wandb/blob/main/wandb/proto/wandb_internal.proto
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitrack.model.run import Alert, Code, Host, MetricRule
from gitrack.record.metrics import metric_rule
from gitrack.record.wire import Content, fields, octets, signed, text

#: Numbers of the fields of a record.
_HISTORY, _SUMMARY, _OUTPUT, _CONFIG, _STATS = 2, 3, 4, 5, 7
_ARTIFACT, _ALERT, _METRIC, _RAW, _RUN, _EXIT, _ENVIRONMENT = 8, 10, 12, 13, 17, 18, 26
_KEY, _NESTED, _JSON = 1, 2, 16  # of an item of config and summary; history's JSON too
_SUMMARIES = {1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 7: "copy", 8: "first"}
_GOALS = {1: "minimize", 2: "maximize"}
_NANO = 1e-9

_Fields = Mapping[int, list[Content]]


@dataclass(frozen=True, slots=True)
class KeptArtifact:
    """
    An artifact that a run logged.

    Attributes
    ----------
    name, type : str
        What it is called.
    files : mapping of str to str
        By each file's path where it lay when it was logged; empty texts for references.
    """

    name: str
    type: str
    files: Mapping[str, str]


@dataclass
class Told:
    """
    What records tell of a run so far.

    Attributes
    ----------
    facts : dict of str to str
        ``run_id entity project group job_type name notes sweep host``, those that there are.
    config, summary : dict
        Nested.
    gone : set of str
        Names that were taken out of the summary.
    rows : list of dict
        The history, nested, with ``_step``, ``_timestamp`` and ``_runtime``.
    system : list of (float, dict)
        Times and metrics.
    console : list of str
        Pieces of what was printed.
    exit_code : int or None
        None for a run that ended without a word.
    """

    facts: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    started: float | None = None
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)
    system: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    rules: list[MetricRule] = field(default_factory=list)
    artifacts: list[KeptArtifact] = field(default_factory=list)
    exit_code: int | None = None
    runtime: float | None = None
    code: Code = field(default_factory=Code)
    host: Host = field(default_factory=Host)
    hardware: dict[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    python: str | None = None

    def take(self, record: bytes) -> None:
        """
        Take one record.

        Raises
        ------
        ValueError
            If it is none.
        """
        found = _grouped(record)
        for place, act in _ACTS.items():
            for content in found.get(place, ()):
                act(self, _grouped(octets(content)))


def _run(told: Told, found: _Fields) -> None:
    names = {
        1: "run_id", 2: "entity", 3: "project", 6: "group", 7: "job_type", 8: "name", 9: "notes",
        12: "sweep", 13: "host",
    }  # fmt: skip
    told.facts |= {name: value for place, name in names.items() if (value := _text(found, place))}
    if found.get(10):
        told.tags = tuple(text(tag) for tag in found[10])
    if (started := _time(found, 17)) is not None:
        told.started = started
    for content in found.get(4, ()):
        _config(told, _grouped(octets(content)))
    for content in found.get(5, ()):
        _summary(told, _grouped(octets(content)))
    for content in found.get(21, ()):
        git = _grouped(octets(content))
        told.code = Code(_text(git, 2) or None, remote=_text(git, 1) or None)


def _config(told: Told, found: _Fields) -> None:
    for way, value in _items(found, 1):
        _put(told.config, way, value)
    for way, _ in _items(found, 2):
        _drop(told.config, way)


def _summary(told: Told, found: _Fields) -> None:
    for way, value in _items(found, 1):
        _put(told.summary, way, value)
        told.gone.discard(way[0])
    for way, _ in _items(found, 2):
        _drop(told.summary, way)
        if len(way) == 1:
            told.gone.add(way[0])


def _history(told: Told, found: _Fields) -> None:
    row: dict[str, Any] = {}
    for way, value in _items(found, 1):
        _put(row, way, value)
    if "_step" not in row and found.get(2):
        row["_step"] = _number(_grouped(octets(found[2][-1])), 1)
    told.rows.append(row)


def _stats(told: Told, found: _Fields) -> None:
    values = {way[0]: value for way, value in _items(found, 3)}
    told.system.append((_time(found, 2) or 0.0, values))


def _raw(told: Told, found: _Fields) -> None:
    told.console.append(_text(found, 3))


def _output(told: Told, found: _Fields) -> None:
    line = _text(found, 3)
    told.console.append(line if line.endswith("\n") else f"{line}\n")


def _artifact(told: Told, found: _Fields) -> None:
    files: dict[str, str] = {}
    for manifest in found.get(12, ()):
        for content in _grouped(octets(manifest)).get(4, ()):
            entry = _grouped(octets(content))
            files[_text(entry, 1)] = _text(entry, 6)
    told.artifacts.append(KeptArtifact(_text(found, 5), _text(found, 4), files))


def _alert(told: Told, found: _Fields) -> None:
    seen = [told.started or 0.0]
    seen += [row["_timestamp"] for row in told.rows[-1:] if _is_number(row.get("_timestamp"))]
    level = _text(found, 3).upper()
    level = level if level in ("INFO", "WARN", "ERROR") else "INFO"
    told.alerts.append(Alert(_text(found, 1), _text(found, 2), level, seen[-1]))


def _metric(told: Told, found: _Fields) -> None:
    options = _grouped(octets(found[6][-1])) if found.get(6) else {}
    summary = _grouped(octets(found[7][-1])) if found.get(7) else {}
    step = _text(found, 4)
    if not step and (index := _number(found, 5)):
        step = told.rules[index - 1].name if index <= len(told.rules) else ""
    try:
        rule = metric_rule(
            _text(found, 1) or _text(found, 2),
            step or None,
            bool(_number(options, 2)),
            [word for place, word in _SUMMARIES.items() if _number(summary, place)],
            _GOALS.get(_number(found, 8)),
        )
    except ValueError:  # W&B has rules for its own columns
        return
    if not _number(found, 10):  # else it follows from a pattern that is told too
        told.rules.append(rule)


def _exit(told: Told, found: _Fields) -> None:
    told.exit_code = _number(found, 1)
    told.runtime = float(_number(found, 2))


def _environment(told: Told, found: _Fields) -> None:
    """Take what was looked up of machine and code; it comes in several pieces."""
    memory = _number(_grouped(octets(found[21][-1])), 1) if found.get(21) else 0
    cpu = _text(_grouped(octets(found[22][-1])), 1) if found.get(22) else ""
    gpus = [_text(_grouped(octets(one)), 1) for place in (24, 26) for one in found.get(place, ())]
    before = told.host
    told.host = Host(
        name=_text(found, 12) or before.name,
        system=_text(found, 1) or before.system,
        cpu=cpu or before.cpu,
        cores=_number(found, 17) or before.cores,
        memory=memory or before.memory,
        gpus=tuple(gpus) or before.gpus,
    )
    if version := _text(found, 25):
        told.hardware["cuda"] = version
    if version := _text(found, 2):
        told.python = version.split()[-1]
    if program := _text(found, 7) or _text(found, 6):
        told.command = ("python", program, *(text(word) for word in found.get(5, ())))
    for content in found.get(9, ()):
        git = _grouped(octets(content))
        told.code = Code(_text(git, 2) or None, remote=_text(git, 1) or None)


#: What is done with which field of a record, the run first: other records build on it.
_ACTS: Mapping[int, Callable[[Told, _Fields], None]] = {
    _RUN: _run,
    _CONFIG: _config,
    _SUMMARY: _summary,
    _HISTORY: _history,
    _STATS: _stats,
    _OUTPUT: _output,
    _RAW: _raw,
    _ARTIFACT: _artifact,
    _ALERT: _alert,
    _METRIC: _metric,
    _EXIT: _exit,
    _ENVIRONMENT: _environment,
}


def _grouped(message: bytes) -> dict[int, list[Content]]:
    found: dict[int, list[Content]] = defaultdict(list)
    for place, _, content in fields(message):
        found[place].append(content)
    return found


def _items(found: _Fields, place: int) -> Iterator[tuple[list[str], Any]]:
    """Yield the items of a config, a summary or a history: the way to each, and its value."""
    for content in found.get(place, ()):
        item = _grouped(octets(content))
        way = [text(part) for part in item.get(_NESTED, ())] or [_text(item, _KEY)]
        value = item.get(_JSON)
        yield way, json.loads(octets(value[-1])) if value else None


def _put(tree: dict[str, Any], way: list[str], value: Any) -> None:
    *above, last = way
    for part in above:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
    tree[last] = value


def _drop(tree: dict[str, Any], way: list[str]) -> None:
    *above, last = way
    for part in above:
        tree = tree.get(part, {})
        if not isinstance(tree, dict):
            return
    tree.pop(last, None)


def _text(found: _Fields, place: int) -> str:
    return text(found[place][-1]) if found.get(place) else ""


def _number(found: _Fields, place: int) -> int:
    return signed(found[place][-1]) if found.get(place) else 0


def _time(found: _Fields, place: int) -> float | None:
    """Read a `google.protobuf.Timestamp`."""
    if not found.get(place):
        return None
    moment = _grouped(octets(found[place][-1]))
    return _number(moment, 1) + _number(moment, 2) * _NANO


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
