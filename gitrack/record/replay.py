"""A run put together again from its journal, after an end or a crash alike."""

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from gitrack.errors import GitrackError
from gitrack.model.artifact import ArtifactUse
from gitrack.model.media import MediaItem
from gitrack.model.run import Alert, Code, Host, MetricRule, Redaction, Run, State
from gitrack.record.folder import RunFolder
from gitrack.record.journal import read_journals
from gitrack.record.media.base import Item, RecordFiles, Spool
from gitrack.record.media.encoder import encode, spool_key
from gitrack.record.metrics import MetricRules
from gitrack.record.origin import Origin, Past, newest
from gitrack.record.redaction import redact, redact_tree
from gitrack.record.rows import without_media
from gitrack.record.versions import Draft
from gitrack.store.history import RUNTIME, STEP, TIMESTAMP, HistoryBuilder
from gitrack.store.media import HistogramsBuilder
from gitrack.store.repository import Repository

_NUMBERS = frozenset((bool, float, int, type(None)))
_HOST = frozenset(part.name for part in fields(Host))
_RULE = frozenset(part.name for part in fields(MetricRule))


@dataclass
class Replay:
    """
    What a journal tells.

    Attributes
    ----------
    run : Run
        As far as the journal tells; `CRASHED` unless it tells an end.
    config, summary : dict
        As they stood at the end.
    history, system : HistoryBuilder
        The logged rows, and the samples of the system metrics.
    media : list of MediaItem
        What was logged and is no number; its files stand in the folder already.
    histograms : HistogramsBuilder
        The logged histograms.
    packages : list of str
        Lines of ``requirements.txt``.
    artifacts : list of Draft or ArtifactUse
        What the run made and used, in order; a draft where its version is not known to be
        committed.
    branch : str or None
        The experiments branch that the run asked for.
    code_branch : str or None
        The code branch when it began.
    own_id : bool
        Whether the caller chose the id.
    past : Past or None
        The record that the run goes on from.
    """

    run: Run
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    rules: MetricRules = field(default_factory=MetricRules)
    history: HistoryBuilder = field(default_factory=HistoryBuilder)
    system: HistoryBuilder = field(default_factory=HistoryBuilder)
    media: list[MediaItem] = field(default_factory=list)
    histograms: HistogramsBuilder = field(default_factory=HistogramsBuilder)
    packages: list[str] = field(default_factory=list)
    artifacts: list[Draft | ArtifactUse] = field(default_factory=list)
    branch: str | None = None
    code_branch: str | None = None
    own_id: bool = False
    past: Past | None = None


def replay_journal(folder: RunFolder, repository: Repository, *, media: bool = True) -> Replay:
    """
    Read a journal back into a run, and encode the media that its process could not.

    Parameters
    ----------
    folder : RunFolder
        The run's folder.
    repository : Repository
        Where the record lies that the run goes on from, if it does.
    media : bool
        Whether media are collected; a living run's folder is its process's alone to write.

    Raises
    ------
    GitrackError
        If it has no beginning.
    """
    replay: Replay | None = None
    rows: Rows | None = None
    for event in read_journals(folder.journals):
        if replay is None or rows is None:
            if isinstance(event, dict) and "start" in event:
                replay = _started(event["start"], repository)
                rows = Rows(replay)
        elif isinstance(event, list):
            rows.take(*event)
        else:
            for name, value in event.items():
                if name == "encoded":
                    rows.encoded.update(value)
                elif name == "summary":
                    replay.summary.update(without_media(rows.summary_media(_clean(value))))
                else:
                    _apply(replay, name, value)
    if replay is None or rows is None:
        raise GitrackError(f"{folder.journal}: the journal has no beginning")
    rows.end()
    if media:
        rows.collect_media(folder)
    replay.run = replace(replay.run, rows=len(replay.history), metrics=replay.rules.rules)
    return replay


class Rows:
    """The rows of a journal, joined as they were logged, and the media in them."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._row: tuple[int, float, float, dict[str, Any]] | None = None
        self._media: list[tuple[str, int, float, float, Any]] = []
        self.encoded: dict[str, Item] = {}

    def take(
        self, timestamp: float, runtime: float, step: int, joins: int, values: dict[str, Any]
    ) -> None:
        """Take a line: a row of its own, or more of the last one."""
        values = _clean(values)
        plain = without_media(values)
        if self._replay.rules:
            self._replay.rules.follow(self._replay.summary, plain, joins=bool(joins))
        else:
            self._replay.summary.update(plain)
        if joins and self._row is not None:
            self._row = (self._row[0], runtime, timestamp, {**self._row[3], **values})
        else:
            self._add()
            self._row = (step, runtime, timestamp, values)

    def summary_media(self, values: dict[str, Any]) -> dict[str, Any]:
        """Take the media of a summary: it stands at the step that was the last."""
        step, runtime, timestamp, _ = self._row or (0, 0.0, self._replay.run.created, {})
        for key, value in values.items():
            if type(value) is dict:
                self._media.append((key, step, runtime, timestamp, value["media"]))
        return values

    def end(self) -> None:
        """Take the last row; a run that ended without a word lasted until then."""
        last = self._row
        self._add()
        run = self._replay.run
        if last is not None and run.state is State.CRASHED:
            self._replay.run = replace(run, duration=last[1], ended=last[2])

    def collect_media(self, folder: RunFolder) -> None:
        """Make the lines of ``media.jsonl``, encoding what has not been."""
        spool, files = Spool(folder.path), RecordFiles(folder.path)
        for key, step, runtime, timestamp, media in self._media:
            several = isinstance(media, list)
            for index, item in enumerate(media if several else [media]):
                made = item
                if "spooled" in item:
                    made = self.encoded.get(spool_key(item)) or encode(item, spool, files)
                known = {name: fact for name, fact in made.items() if fact is not None}
                facts = redact_tree(known, where=_clean_name(key))
                kind, path = facts.pop("type"), facts.pop("path", None)
                if kind == "histogram" and "counts" in facts:
                    self._replay.histograms.add(
                        step, runtime, timestamp, key, facts["counts"], facts["edges"]
                    )
                    continue
                place = index if several else None
                self._replay.media.append(
                    MediaItem(key, step, runtime, timestamp, kind, place, path, facts)
                )

    def _add(self) -> None:
        if self._row is None:
            return
        step, runtime, timestamp, values = self._row
        plain = without_media(values)
        if plain is not values:
            for key, value in values.items():
                if type(value) is dict:
                    self._media.append((key, step, runtime, timestamp, value["media"]))
        self._replay.history.add(step, runtime, timestamp, plain)
        self._row = None


def _started(start: dict[str, Any], repository: Repository) -> Replay:
    names = ("branch", "code_branch", "own_id", "origin")
    own = {key: start.pop(key, None) for key in names}
    start["tags"] = tuple(start.get("tags") or ())
    start["command"] = tuple(start.get("command") or ())
    run = Run(**{**start, "state": State.CRASHED})
    if own["code_branch"]:
        run = replace(run, code=Code(branch=own["code_branch"]))
    replay = Replay(
        run, branch=own["branch"], code_branch=own["code_branch"], own_id=bool(own["own_id"])
    )
    if own["origin"]:
        _go_on(replay, Past(repository, newest(repository, Origin(**own["origin"]))))
    return replay


def _go_on(replay: Replay, past: Past) -> None:
    """Begin with what an earlier record holds."""
    replay.past = past
    before, run = past.record.run, replay.run
    if past.origin.kind == "resume":
        replay.run = replace(
            run,
            created=before.created,
            sessions=before.sessions + 1,
            missing=before.missing,
            alerts=before.alerts,
            redacted=before.redacted,
            artifacts=before.artifacts,
            forked_from=before.forked_from,
            forked_at=before.forked_at,
            supersedes=before.supersedes,
        )
    else:
        replay.run = replace(
            run,
            forked_from=before.id,
            forked_at=past.origin.step,
            supersedes=before.id if past.origin.kind == "rewind" else None,
        )
    replay.config.update(past.record.config)
    past.seed(replay.rules, replay.summary)
    for row in past.rows:
        replay.history.add(*row)
    for sample in past.samples():
        replay.system.add(*sample)
    replay.media += past.media()
    names = (STEP, RUNTIME, TIMESTAMP, "key", "counts", "edges")
    for histogram in past.histograms():
        replay.histograms.add(*(histogram[name] for name in names))


def _apply(replay: Replay, name: str, value: Any) -> None:
    """Take one event over; one of a kind that is not known says nothing."""
    run = replay.run
    match name:
        case "config":
            replay.config.update(value)
        case "config-":
            replay.config.pop(value, None)
        case "summary-":
            replay.summary.pop(value, None)
        case "metric":
            replay.rules.define(_rule(value), sync=value["sync"], overwrite=value["overwrite"])
        case "update":
            replay.run = replace(run, **value)
        case "capture":
            _take_capture(replay, value)
        case "system":
            timestamp, runtime, metrics = value
            replay.system.add(len(replay.system), runtime, timestamp, metrics)
        case "alert":
            replay.run = replace(run, alerts=(*run.alerts, Alert(**value)))
        case "redacted":
            found = (Redaction(**one) for one in value)
            replay.run = replace(run, redacted=(*run.redacted, *found))
        case "artifact" | "versioned" | "used":
            _take_artifact(replay, name, value)
        case "missing":
            replay.run = replace(run, missing=(*run.missing, value))
        case "finish":
            replay.run = replace(run, **{**value, "state": State(value["state"])})


def _rule(event: dict[str, Any]) -> MetricRule:
    """Read what ``define_metric`` said; secrets are taken out of names as they are in rows."""
    rule = {key: part for key, part in event.items() if key in _RULE}
    rule["summary"] = tuple(rule["summary"])
    for part in ("name", "step_metric"):
        rule[part] = rule[part] and _clean_name(rule[part])
    return MetricRule(**rule)


def _take_artifact(replay: Replay, name: str, value: Any) -> None:
    """Take over what was made and used; a draft that got its version gives way to that."""
    if name == "artifact":
        replay.artifacts.append(Draft.from_event(value))
    elif name == "used":
        replay.artifacts.append(ArtifactUse(**value))
    else:
        draft, use = value
        replay.artifacts = [
            ArtifactUse(**use) if isinstance(one, Draft) and one.id == draft else one
            for one in replay.artifacts
        ]


def _take_capture(replay: Replay, pieces: dict[str, Any]) -> None:
    """Take over what was looked up beside the training."""
    for name, found in pieces.items():
        run = replay.run
        match name:
            case "code":
                # The snapshot's facts come before or after, from the same thread.
                code = replace(Code(**found), snapshot=run.code.snapshot)
                replay.run = replace(run, code=replace(code, left_out=run.code.left_out))
                replay.code_branch = replay.code_branch or code.branch
            case "snapshot":
                left_out = tuple(": ".join(map(str, one)) for one in found.get("left_out", ()))
                code = replace(run.code, snapshot=found.get("commit"), left_out=left_out)
                replay.run = replace(run, code=code)
            case "host":
                host = {key: part for key, part in found.items() if key in _HOST}
                host["gpus"] = tuple(host.get("gpus", ()))
                replay.run = replace(run, host=Host(**host))
            case "hardware":
                replay.run = replace(run, hardware={**run.hardware, **found})
            case "environment":
                replay.run = replace(run, environment={**run.environment, **found})
            case "packages":
                replay.packages = found


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """Take secrets out of names and texts; numbers, the most of a history, pass by."""
    return {
        _clean_name(name): value
        if type(value) in _NUMBERS
        else redact_tree(value, where=_clean_name(name))
        for name, value in values.items()
    }


@lru_cache(maxsize=100_000)
def _clean_name(name: str) -> str:
    return redact(name)
