"""Runs of TensorBoard: each folder with event files is one."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitrack.errors import FormatError, UsageError
from gitrack.interop.importing.found import FoundRun, ImportedRun, Row, digest_of
from gitrack.model.names import new_run_id
from gitrack.model.run import State
from gitrack.record.tensorboard.events import EVENTS, Event, EventFile
from gitrack.record.tensorboard.logged import loggable
from gitrack.record.tensorboard.records import RecordFile
from gitrack.record.tensorboard.values import Ending, Settings, Tensor, Value

#: How PyTorch names the folder of ``add_hparams``: by the time.
_SESSION = re.compile(r"\d{9,11}\.\d+")
_FAILED = 2


@dataclass(frozen=True, slots=True)
class _File:
    """An event file of a run; `series` is what its one tag is called in the run, if renamed."""

    path: Path
    series: str | None = None


@dataclass
class TensorBoardRun(FoundRun):
    """
    The event files of one folder, with those below it that PyTorch split off.

    Attributes
    ----------
    folder : pathlib.Path
        The folder.
    where : str
        Its path below the one that was named.
    """

    folder: Path
    where: str
    source: str = "tensorboard"
    files: list[_File] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The first file's name, which holds time, host and process."""
        return self.files[0].path.name

    @property
    def identity(self) -> str:
        """The first file's name, and its first record, which holds the time exactly."""
        for _, content in RecordFile(self.files[0].path).records():
            return f"{self.id} {content.hex()}"
        return self.id

    def digest(self) -> str:
        """Return a digest of the event files."""
        return digest_of(one.path for one in self.files)

    def read(self) -> ImportedRun:
        """
        Read the events.

        Raises
        ------
        FormatError
            If no file holds any.
        """
        return _Reading(self).told()


def find_tensorboard(place: Path) -> list[TensorBoardRun]:
    """
    Find the runs below a folder, in the order of their paths; links are not followed.

    PyTorch's ``add_hparams`` and ``add_scalars`` write folders of their own: what they hold is
    part of the run above.

    Parameters
    ----------
    place : pathlib.Path
        A folder, or one event file.

    Raises
    ------
    UsageError
        If there is no event file.
    """
    top = place if place.is_dir() else place.parent
    found: dict[Path, list[Path]] = {}
    if place.is_dir():
        for here, folders, names in os.walk(place):
            folders.sort()
            paths = [Path(here, name) for name in sorted(names) if EVENTS in name]
            if kept := [path for path in paths if path.is_file() and not path.is_symlink()]:
                found[Path(here)] = kept
    elif place.is_file():
        found[top] = [place]
    if not found:
        raise UsageError(f"{place}: no event files of TensorBoard there")
    runs: dict[Path, TensorBoardRun] = {}
    for folder, paths in found.items():
        above = runs.get(folder.parent)
        if above is not None and (parts := _part_of_run(folder.name, paths)):
            above.files += parts
            continue
        where = folder.relative_to(top).as_posix()
        where = where if where != "." else folder.resolve().name
        ordered = sorted(paths, key=lambda path: (_began(path), path.name))
        runs[folder] = TensorBoardRun(folder, where, files=[_File(path) for path in ordered])
    return list(runs.values())


def _part_of_run(name: str, paths: Iterable[Path]) -> list[_File] | None:
    """Return the files as parts of the run in the folder above; None where they are a run."""
    if _SESSION.fullmatch(name):
        return [_File(path) for path in paths]
    parts = []
    for path in paths:
        tags = next((e.values for e in _events(EventFile(path)) if e.values), {})
        tag = next(iter(tags), "")
        prefix = f"{tag.replace('/', '_')}_"
        if len(tags) != 1 or not name.startswith(prefix) or name == prefix:
            return None
        parts.append(_File(path, f"{tag}/{name.removeprefix(prefix)}"))
    return parts


def _events(file: EventFile) -> Iterator[Event]:
    with contextlib.suppress(OSError):
        yield from file.events()


def _began(path: Path) -> float:
    return next((event.wall_time for event in _events(EventFile(path))), 0.0)


class _Reading:
    """One run being read: rows, settings and end come from the same events."""

    def __init__(self, found: TensorBoardRun) -> None:
        self._found = found
        self._config: dict[str, Any] = {}
        self._rows: list[Row] = []
        self._times: list[float] = []
        self._ending: Ending | None = None
        self._group = ""
        self._damage: list[str] = []
        self._missing: dict[str, None] = {}

    def told(self) -> ImportedRun:
        for file in self._found.files:
            self._read(file)
        if not self._times:
            reason = self._damage[0] if self._damage else "holds no events"
            raise FormatError(self._found.where, reason)
        created, ended = min(self._times), max(self._times)
        parent = self._found.where.rpartition("/")[0]
        failed = self._ending is not None and self._ending.status == _FAILED
        return ImportedRun(
            id=_id_from(created, self._found.key),
            name=self._found.where,
            group=self._group or parent or None,
            state=State.FAILED if failed else State.FINISHED,
            created=created,
            ended=ended,
            duration=ended - created,
            config=self._config,
            rows=self._rows,
            missing=list(self._missing),
            damage=self._damage,
        )

    def _read(self, file: _File) -> None:
        events = EventFile(file.path)
        step, time = 0, 0.0
        values: dict[str, Any] = {}
        for event in events.events():
            self._times.append(event.wall_time)
            for tag, value in event.values.items():
                kept = self._kept(tag, value)
                if kept is None:
                    continue
                name = file.series or tag
                # A row ends where its step does, or where it has the metric already.
                if values and (event.step != step or name in values):
                    self._rows.append(Row(step, time, values))
                    values = {}
                step, time = event.step, event.wall_time
                values[name] = kept
        if values:
            self._rows.append(Row(step, time, values))
        name = file.path.name
        self._damage += [f"{name} {damage}" for damage in events.damage]
        if events.left:
            self._damage.append(f"{name} ends in the middle of a record, at byte {events.offset}")

    def _kept(self, tag: str, value: Value) -> Any:
        if isinstance(value, Settings):
            self._config.update(value.values)
            self._group = value.group or self._group
            return None
        if isinstance(value, Ending):
            self._ending = value
            return None
        kept = loggable(value)
        if kept is None and isinstance(value, Tensor):
            self._missing[f"{tag}: a tensor of shape {value.values.shape}"] = None
        return kept


def _id_from(created: float, key: str) -> str:
    try:
        stem = new_run_id(created).rpartition("-")[0]
    except (ValueError, OverflowError, OSError):  # a time that is none
        stem = "tensorboard"
    return f"{stem}-{key[:8]}"
