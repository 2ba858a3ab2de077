"""Recorded runs as ``wandb.Api`` gives them."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gitrack.analysis.access import LoadedRun
from gitrack.errors import NotHereError
from gitrack.interop.standin.absent import Complete
from gitrack.interop.standin.api.files import File, Files
from gitrack.interop.standin.api.filters import STATES
from gitrack.interop.standin.api.history import Rows, sampled
from gitrack.model.run import Record, page_of
from gitrack.record.notice import warn_once
from gitrack.store.artifacts import Artifacts
from gitrack.store.reader import Reader

if TYPE_CHECKING:
    import pandas as pd

    from gitrack.interop.standin.artifact import Artifact

_EDITED = ("name", "tags", "notes", "group", "job_type")
_OWN = ("_step", "_runtime", "_timestamp")


class Summary(dict[str, Any]):
    """A recorded run's results; changes to them are not recorded."""

    def update(self, *others: Any, **named: Any) -> None:
        """Change the copy here, and say that the record stays."""
        _stays("summary", bool(others) or bool(named))
        super().update(*others, **named)

    @property
    def _json_dict(self) -> dict[str, Any]:
        """A plain copy, by the name that many scripts take it."""
        return dict(self)


class Run(Complete):
    """
    One recorded run.

    Attributes
    ----------
    id : str
        Its id.
    config : dict
        Its settings, nested as logged, without keys that begin with ``_``.
    summary : Summary
        Its results, with ``_runtime`` and ``_timestamp``.
    name, tags, notes, group, job_type : Any
        As they stand; what is set here is recorded by `update`.
    """

    def __init__(self, reader: Reader, record: Record) -> None:
        self._reader = reader
        self._loaded = LoadedRun(reader, record)
        run = record.run
        self.id = run.id
        self.name = run.name
        self.tags = list(run.tags)
        self.notes = run.notes
        self.group = run.group
        self.job_type = run.job_type
        self.config = {k: v for k, v in record.config.items() if not k.startswith("_")}
        self.rawconfig = dict(record.config)
        own = {"_runtime": run.duration, "_timestamp": run.ended}
        self.summary = Summary({**own, **record.summary})

    @property
    def state(self) -> str:
        """How it stands, in W&B's words: running, finished, failed, crashed, killed."""
        state = self._loaded.run.state
        return STATES.get(state, state.value)

    @property
    def project(self) -> str:
        """Its project."""
        return self._loaded.run.project

    @property
    def entity(self) -> str | None:
        """The person or team that it names."""
        return self._loaded.run.entity

    @property
    def username(self) -> str | None:
        """The same."""
        return self.entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity or "", self.project, self.id]

    @property
    def url(self) -> str | None:
        """The address of its page, once ``gitrack build`` has made it."""
        tree = self._reader.repository.work_tree
        return (tree / "_site" / page_of(self.project, self.id)).as_uri() if tree else None

    @property
    def created_at(self) -> str:
        """When it began, ISO 8601, UTC."""
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(self._loaded.run.created, UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def commit(self) -> str | None:
        """The code's commit."""
        return self._loaded.run.code.commit

    @property
    def sweep_name(self) -> str | None:
        """The id of the sweep that it is a trial of."""
        return self._loaded.run.sweep

    @property
    def sweep(self) -> Any:
        """The sweep that it is a trial of, or None."""
        from gitrack.interop.standin.api.sweeps import Sweep

        return None if self.sweep_name is None else Sweep(self._reader, self.sweep_name)

    @property
    def metadata(self) -> dict[str, Any]:
        """How it was run, by W&B's names."""
        run = self._loaded.run
        return {
            "os": run.host.system,
            "python": run.python,
            "host": run.host.name,
            "args": list(run.command),
            "gpu": run.host.gpus[0] if run.host.gpus else None,
            "gpu_count": len(run.host.gpus),
            "cpu_count": run.host.cores,
            "git": {"remote": run.code.remote, "commit": run.code.commit},
            "startedAt": self.created_at,
        }

    @property
    def json_config(self) -> str:
        """The config as W&B's JSON."""
        return json.dumps({key: {"value": value} for key, value in self.rawconfig.items()})

    @property
    def summary_metrics(self) -> dict[str, Any]:
        """A copy of its results."""
        return dict(self.summary)

    @property
    def system_metrics(self) -> dict[str, Any]:
        """The last sample of the machine."""
        frame = self._loaded.system()
        return {} if frame.empty else {str(k): v for k, v in frame.iloc[-1].items()}

    @cached_property
    def _history(self) -> "pd.DataFrame":
        return self._loaded.history()

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802 - W&B's word
        """The step of its last row; -1 without any."""
        return int(self._history["_step"].iloc[-1]) if len(self._history) else -1

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: str = "default",
    ) -> "pd.DataFrame | list[dict[str, Any]]":
        """
        Return rows of its history.

        Parameters
        ----------
        samples : int
            How many at most, spread over the run evenly; `scan_history` gives all.
        keys : sequence of str, optional
            The metrics; rows that lack one are left out.
        x_axis : str
            The column beside them.
        pandas : bool
            False returns a list of dicts.
        stream : {"default", "system"}
            Whether samples of the machine are meant.

        Returns
        -------
        pandas.DataFrame or list of dict
            A row a step; NaN where a metric was not logged.
        """
        source = self._loaded.system() if stream == "system" else self._history
        frame = sampled(source, samples, keys, x_axis)
        if pandas:
            return frame
        return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1000,  # noqa: ARG002 - W&B's pages
        min_step: int | None = None,
        max_step: int | None = None,
        use_cache: bool = True,  # noqa: ARG002
    ) -> "Rows":
        """
        Return every row of its history.

        Parameters
        ----------
        keys : sequence of str, optional
            The metrics; rows that lack one are left out. All that a row has unless given.
        min_step, max_step : int, optional
            The first step, and the one before which it ends.
        """
        return Rows(self._history, keys, min_step, max_step)

    beta_scan_history = scan_history

    def files(
        self,
        names: Sequence[str] | None = None,
        pattern: str | None = None,
        per_page: int = 50,  # noqa: ARG002
    ) -> Files:
        """Return its files, all or those of some names or of a pattern."""
        return Files(self._loaded, names, pattern)

    def file(self, name: str) -> File:
        """Return one of its files."""
        return File(self._loaded, name)

    def logged_artifacts(self, per_page: int = 100) -> "list[Artifact]":  # noqa: ARG002
        """Return the versions of artifacts that it made."""
        return self._artifacts("output")

    def used_artifacts(self, per_page: int = 100) -> "list[Artifact]":  # noqa: ARG002
        """Return the versions of artifacts that it used."""
        return self._artifacts("input")

    def _artifacts(self, use: str) -> "list[Artifact]":
        from gitrack.interop.standin.artifact import Artifact

        repository = self._reader.repository
        shelves = Artifacts(repository, project=self.project)
        return [
            Artifact.from_stored(repository, shelves.find(f"{one.name}:v{one.version}"))
            for one in self._loaded.run.artifacts
            if one.use == use
        ]

    def update(self) -> None:
        """Record what was set of name, tags, notes, group and job type, in one commit."""
        run, record = self._loaded.run, self._loaded
        now: dict[str, Any] = {key: getattr(self, key) for key in _EDITED}
        before = {**{key: getattr(run, key) for key in _EDITED}, "tags": list(run.tags)}
        changed = {key: value for key, value in now.items() if value != before[key]}
        own = {k: v for k, v in record.config.items() if not k.startswith("_")}
        _stays("config", self.config != own)
        results = {k: v for k, v in self.summary.items() if k not in _OWN}
        _stays("summary", not _equal(results, record.summary))
        if changed:
            cleared: dict[str, Any] = {k: "" if v is None else v for k, v in changed.items()}
            record.edit(**cleared)

    def save(self) -> None:
        """Record changes: `update`."""
        self.update()

    def load(self, force: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """Return what W&B calls its attributes."""
        return {"id": self.id, "name": self.name, "state": self.state, "project": self.project}

    def wait_until_finished(self) -> None:
        """Return when it is over: what is recorded is."""

    def delete(self, delete_artifacts: bool = False) -> None:  # noqa: ARG002
        """
        Refuse.

        Raises
        ------
        NotHereError
            Always: people remove runs, and can bring them back.
        """
        raise NotHereError("run.delete()", f"`gitrack rm {self.id}` removes it, --undo brings back")

    def upload_file(self, path: str, root: str = ".") -> None:  # noqa: ARG002
        """
        Refuse.

        Raises
        ------
        NotHereError
            Always: a record gets no more files.
        """
        raise NotHereError("run.upload_file()", "log an artifact from a run: a record is complete")

    def __repr__(self) -> str:
        return f"<Run {'/'.join(part for part in self.path if part)} ({self.state})>"


def _equal(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return repr(dict(left)) == repr(dict(right))


def _stays(what: str, changed: bool) -> None:
    if changed:
        warn_once(f"record {what}", f"the {what} of a recorded run stays what it was")
