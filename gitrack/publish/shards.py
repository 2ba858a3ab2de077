"""The data scripts: a run each, a metric each in chunks of runs, and the index of a project."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gitrack.analysis import columns, downsample, goals
from gitrack.analysis.columns import Value, flatten, number_of, text_of
from gitrack.analysis.goals import goal_of
from gitrack.errors import BuildError, FormatError, GitrackError
from gitrack.model.run import Record
from gitrack.publish import series
from gitrack.publish.cache import Cache
from gitrack.publish.output import Output
from gitrack.publish.plan import Plan, Project
from gitrack.publish.series import TIMES, Curve, metrics_from_history
from gitrack.store.history import table_from_bytes
from gitrack.store.layout import HISTORY_FILE, PREVIEW_FILE
from gitrack.store.reader import Reader, stored_name

FORMAT = 1
#: Runs that share one data script of a metric.
CHUNK = 100
#: Code whose change makes the scripts of earlier builds void.
_MAKERS = (columns, downsample, goals, series, sys.modules[__name__])
_HEAD, _TAIL = b"gitrack.put(", b");\n"


@dataclass(frozen=True, slots=True)
class RunData:
    """
    A run's data script and what pages show of it.

    Attributes
    ----------
    shard : str or None
        Its script relative to the project's data folder; None if it logged nothing.
    curves : mapping of str to Curve
        Its metrics in the order in which they were first logged.
    preview : bool
        Whether they come of some of its rows alone, since the whole was not at hand.
    metrics : sequence of str
        The same and the times: what its script holds.
    """

    shard: str | None
    curves: Mapping[str, Curve]
    preview: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the series in its script."""
        return (*self.curves, *TIMES) if self.shard else ()


@dataclass(frozen=True, slots=True)
class ProjectData:
    """
    A project's data scripts.

    Attributes
    ----------
    runs : sequence of RunData
        In the order of the records.
    chunks : mapping of str to sequence of (str or None)
        Each metric's scripts, one a chunk of runs, None where no run of the chunk logged it.
    """

    runs: Sequence[RunData]
    chunks: Mapping[str, Sequence[str | None]]


class ShardWriter:
    """
    Writes the data scripts of runs and metrics, those alone that are not there yet.

    Parameters
    ----------
    reader : Reader
        Where histories are read.
    output : Output
        Where scripts are written; script names tell their content.

    Attributes
    ----------
    cache : Cache
        Which script came of which history.
    damaged : list of FormatError
        Histories that could not be read; their runs stand without one.
    """

    def __init__(self, reader: Reader, output: Output) -> None:
        self.reader = reader
        self.output = output
        self.cache = Cache(reader.repository.own_dir / "cache" / "site.json", _MAKERS)
        self.damaged: list[FormatError] = []

    def write(self, project: str, records: Sequence[Record]) -> ProjectData:
        """Write what is missing of one project's scripts, a chunk of runs in memory at a time."""
        folder = f"data/{project}/"
        runs: list[RunData] = []
        chunks: dict[str, list[str | None]] = {}
        for first in range(0, len(records), CHUNK):
            group = records[first : first + CHUNK]
            found, fresh = self._runs(folder, group)
            runs += found
            for metric in _union(found):
                names = chunks.setdefault(metric, [])
                names += [None] * (first // CHUNK - len(names))
                names.append(self._chunk(folder, metric, first, found, fresh))
        count = -(-len(records) // CHUNK)
        for metric, names in chunks.items():
            chunks[metric] = names + [None] * (count - len(names))
        return ProjectData(runs, chunks)

    def _runs(
        self, folder: str, records: Sequence[Record]
    ) -> tuple[list[RunData], dict[str, dict[str, bytes]]]:
        """Return each run's data, and the encoded series of those that were made just now."""
        fresh: dict[str, dict[str, bytes]] = {}
        found: dict[str, RunData] = {}
        missing = []
        away = self.reader.previews(records)
        for record in records:
            preview = record.run.id in away
            name = PREVIEW_FILE if preview else stored_name(record, HISTORY_FILE)
            if name is None or name not in record.blobs:
                found[record.run.id] = RunData(None, {}, preview)
                continue
            entry = self.cache.run(_key(record, name))
            if entry and self.output.has(folder + entry[0]):
                found[record.run.id] = RunData(*entry, preview)
            else:
                missing.append((record, name))
        for (record, name), content in zip(missing, self._contents(missing), strict=True):
            data = found[record.run.id] = self._encode(folder, record, name, content, fresh)
            if data.shard:
                self.cache.add_run(_key(record, name), data.shard, data.curves)
        return [found[record.run.id] for record in records], fresh

    def _contents(self, wanted: Sequence[tuple[Record, str]]) -> Iterator[bytes]:
        """Stream histories; one that DVC keeps is read where it lies."""
        blobs = self.reader.read_many(record.blobs[name] for record, name in wanted)
        for (record, name), blob in zip(wanted, blobs, strict=True):
            if name in (HISTORY_FILE, PREVIEW_FILE):
                yield blob
            else:
                try:
                    (content,) = self.reader.read(record, HISTORY_FILE)
                except GitrackError:  # damaged on this disk; nothing is told as what it is not
                    content = None
                yield content or b""

    def _encode(
        self,
        folder: str,
        record: Record,
        name: str,
        content: bytes,
        fresh: dict[str, dict[str, bytes]],
    ) -> RunData:
        path = f"{record.path}/{name}"
        try:
            metrics = list(metrics_from_history(table_from_bytes(content, path)))
        except FormatError as error:
            self.damaged.append(error)
            return RunData(None, {})
        except (ValueError, LookupError, TypeError) as error:
            # A Parquet file of the right columns and the wrong kinds, made by other hands.
            self.damaged.append(FormatError(path, f"is no history ({error})"))
            return RunData(None, {})
        if not metrics:
            return RunData(None, {})
        series = {metric.name: orjson.dumps(metric.series) for metric in metrics}
        script = b'%s{"run":%s,"metrics":%s,"series":[%s]}%s' % (
            _HEAD,
            _ascii(record.run.id),
            _ascii(list(series)),
            b",".join(series.values()),
            _TAIL,
        )
        shard = _run_script_name(script)
        self.output.write(folder + shard, script)
        fresh[shard] = series
        curves = {metric.name: metric.curve for metric in metrics if metric.curve is not None}
        return RunData(shard, curves, name == PREVIEW_FILE)

    def _chunk(
        self,
        folder: str,
        metric: str,
        first: int,
        runs: Sequence[RunData],
        fresh: dict[str, dict[str, bytes]],
    ) -> str:
        key = _digest(orjson.dumps([metric, first, [run.shard for run in runs]]))
        name = self.cache.chunk(key)
        if name is None or not self.output.has(folder + name):
            series = (
                self._series(folder, run.shard, fresh).get(metric, b"null")
                if run.shard
                else b"null"
                for run in runs
            )
            script = b'%s{"metric":%s,"first":%d,"series":[%s]}%s' % (
                _HEAD,
                _ascii(metric),
                first,
                b",".join(series),
                _TAIL,
            )
            name = f"metric/{_digest(script)}.js"
            self.output.write(folder + name, script)
            self.cache.add_chunk(key, name)
        return name

    def _series(
        self, folder: str, shard: str, fresh: dict[str, dict[str, bytes]]
    ) -> dict[str, bytes]:
        if shard not in fresh:
            script = self.output.read(folder + shard)
            if shard != _run_script_name(script):
                raise BuildError(f"{folder}{shard} was changed by other hands: remove it")
            found = orjson.loads(script[len(_HEAD) : -len(_TAIL)])
            fresh[shard] = dict(
                zip(found["metrics"], map(orjson.dumps, found["series"]), strict=True)
            )
        return fresh[shard]


def index_script(plan: Plan, project: Project, data: ProjectData) -> bytes:
    """Write a project's index: its runs, their settings and results, and where the data lies."""
    records = project.records
    runs = [record.run for record in records]
    index = {
        "format": FORMAT,
        "project": project.name,
        "chunk": CHUNK,
        "built": {
            "time": plan.built,
            "branches": list(plan.branches.items()),
            "version": plan.version,
        },
        "runs": {
            "id": [run.id for run in runs],
            "name": [run.name for run in runs],
            "state": [run.state.value for run in runs],
            "created": [run.created for run in runs],
            "duration": [run.duration for run in runs],
            "group": [run.group for run in runs],
            "job_type": [run.job_type for run in runs],
            "tags": [list(run.tags) for run in runs],
            "notes": [run.notes for run in runs],
            "entity": [run.entity for run in runs],
            "branch": [run.code.branch for run in runs],
            "commit": [run.code.commit for run in runs],
            "dirty": [run.code.dirty for run in runs],
            "error": [run.error for run in runs],
            "host": [run.host.name for run in runs],
            "rows": [run.rows for run in runs],
            "preview": [run.preview for run in data.runs],
        },
        "columns": [
            *_columns("config", [flatten(record.config) for record in records]),
            *_columns("summary", [flatten(record.summary) for record in records]),
        ],
        "metrics": [
            {
                "name": name,
                "goal": goal_of(name),
                "logged": sum(name in run.metrics for run in data.runs),
                "chunks": data.chunks[name],
            }
            for name in sorted(data.chunks, key=lambda name: (name in TIMES, name))
        ],
        "shards": [run.shard for run in data.runs],
    }
    return _HEAD + _ascii(index) + _TAIL


def _columns(kind: str, rows: Sequence[Mapping[str, Value]]) -> Iterator[dict[str, Any]]:
    for key in sorted({key for row in rows for key in row}):
        there = [row[key] for row in rows if key in row]
        numbers = all(number_of(value) is not None for value in there)
        column: dict[str, Any] = {
            "key": f"{kind}.{key}",
            "kind": "number" if numbers else "text",
            "values": [
                None if key not in row else row[key] if numbers else text_of(row[key])
                for row in rows
            ],
        }
        yield column | ({"goal": goal_of(key)} if kind == "summary" else {})


def _key(record: Record, name: str) -> str:
    """Name what a run's script is made from."""
    return f"{record.run.project}/{record.run.id} {record.blobs[name]}"


def _run_script_name(script: bytes) -> str:
    return f"run/{_digest(script)}.js"


def _union(runs: Sequence[RunData]) -> list[str]:
    return list(dict.fromkeys(metric for run in runs for metric in run.metrics))


def _ascii(value: object) -> bytes:
    # orjson writes NaN as null and text as UTF-8; a script wants NaN, and plain ASCII.
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
