"""Recorded runs as ``wandb.Api`` gives them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gitrack.analysis.access import LoadedRun
from gitrack.errors import NotHereError
from gitrack.interop.standin.absent import Complete
from gitrack.interop.standin.api.files import File, Files
from gitrack.interop.standin.api.filters import STATES, matches, order_key
from gitrack.interop.standin.errors import CommError
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
        import numpy as np

        frame = _floats(self._loaded.system() if stream == "system" else self._history)
        if keys is not None:
            wanted = list(dict.fromkeys([x_axis, *keys]))
            if not set(wanted) <= set(frame.columns):
                frame = frame.iloc[:0].reindex(columns=wanted)
            else:
                frame = frame[wanted].dropna(subset=[key for key in wanted if key != x_axis])
        if 0 < samples < len(frame):
            places = np.unique(np.linspace(0, len(frame) - 1, samples).round().astype(int))
            frame = frame.iloc[places]
        frame = frame.reset_index(drop=True)
        return (
            frame
            if pandas
            else [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
        )

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


class Rows:
    """Every row of a history, as dicts of what it has."""

    def __init__(
        self,
        frame: "pd.DataFrame",
        keys: Sequence[str] | None,
        first: int | None,
        end: int | None,
    ) -> None:
        self._frame = frame
        self._keys = None if keys is None else list(keys)
        self._first, self._end = first, end

    def __iter__(self) -> Iterator[dict[str, Any]]:
        import pandas as pd

        names = [str(name) for name in self._frame.columns]
        if self._keys is not None and not set(self._keys) <= set(names):
            return
        columns = [self._frame[name].tolist() for name in names]
        for values in zip(*columns, strict=True):
            row = {k: v for k, v in zip(names, values, strict=True) if v is not pd.NA}
            step = row["_step"]
            if self._first is not None and step < self._first:
                continue
            if self._end is not None and step >= self._end:
                continue
            if self._keys is None:
                yield {key: value for key, value in row.items() if value is not None}
            elif all(row.get(key) is not None for key in self._keys):
                yield {key: row[key] for key in self._keys}


class Runs(Complete, Sequence[Run]):
    """
    Recorded runs that filters describe, in an order.

    Parameters
    ----------
    reader : Reader
        Where they are recorded.
    project : str or None
        Their project.
    entity : str or None
        Their entity; runs that name none are among them.
    filters : mapping
        See `matches`.
    order : str
        See `order_key`.
    """

    def __init__(
        self,
        reader: Reader,
        project: str | None = None,
        entity: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str | None = "+created_at",
    ) -> None:
        self._reader = reader
        self._project = project
        self._entity = entity
        self._filters = filters or {}
        self._order = order

    @cached_property
    def _records(self) -> list[Record]:
        everything = self._reader.records()
        of_project = [
            one
            for one in everything
            if self._project in (None, one.run.project)
            and (self._entity is None or one.run.entity in (None, self._entity))
        ]
        if self._project is not None and not of_project:
            raise MissingProjectError("/".join(filter(None, (self._entity, self._project))))
        place = order_key(self._order)
        found = [record for record in of_project if matches(record, self._filters)]
        return sorted(found, key=place)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        if isinstance(place, slice):
            return [Run(self._reader, record) for record in self._records[place]]
        return Run(self._reader, self._records[place])

    def histories(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        format: str = "default",  # noqa: A002 - W&B's word
        stream: str = "default",
    ) -> Any:
        """Return the histories of all of them, each row with its ``run_id``: see `Run.history`."""
        import pandas as pd

        frames = []
        for run in self:
            frame = run.history(samples, keys, x_axis, pandas=True, stream=stream)
            frames.append(pd.DataFrame(frame).assign(run_id=run.id))
        whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        return whole if format == "pandas" else whole.to_dict("records")

    def __repr__(self) -> str:
        return f"<Runs {self._project or ''}>"


class MissingProjectError(CommError, ValueError):
    """
    A project that has no runs here.

    Parameters
    ----------
    project : str
        Its name.
    """

    def __init__(self, project: str) -> None:
        self.project = project
        super().__init__(f"project {project!r} has no runs here: `gitrack ls` lists what there is")


def _floats(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a history as W&B has it: what was not logged is NaN, numbers are numpy's."""
    import pandas as pd

    columns = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.ArrowDtype) and pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.astype("float64")
        elif isinstance(column.dtype, pd.ArrowDtype):
            columns[name] = column.astype(object).where(column.notna(), None)
        else:
            columns[name] = column
    return pd.DataFrame(columns, columns=frame.columns)


def _equal(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return repr(dict(left)) == repr(dict(right))


def _stays(what: str, changed: bool) -> None:
    if changed:
        warn_once(f"record {what}", f"the {what} of a recorded run stays what it was")
