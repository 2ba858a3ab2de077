"""Event files that a training writes, recorded into its run while it writes them."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from gitrack.record.capture import explain
from gitrack.record.notice import warn_once
from gitrack.record.tensorboard.events import Event, EventFile
from gitrack.record.tensorboard.logged import loggable
from gitrack.record.tensorboard.naming import Names
from gitrack.record.tensorboard.noticing import flush_writers, noticing
from gitrack.record.tensorboard.values import Ending, Settings, Tensor, Value

_PERIOD = 1.0  # seconds from one look to the next
_JOIN = 10.0
_FLUSH = 5.0
_GLOBAL_STEP = "global_step"


class Recording(Protocol):
    """The run that is recorded into."""

    @property
    def config(self) -> Any:
        """Its settings."""
        ...

    def define_metric(self, name: str, *, hidden: bool) -> object:
        """Say how a metric is drawn."""
        ...

    def log_at(
        self, data: dict[str, Any], step: int, timestamp: float, *, fresh: bool = False
    ) -> None:
        """Append values of another time."""
        ...


@dataclass
class _Row:
    """Values of one step that came one after the other."""

    step: int
    time: float
    values: dict[str, Any] = field(default_factory=dict)


class Follower:
    """
    Reads event files beside the training, about once a second and when the run ends.

    Steps and times are the events' own. Values of one step that follow one another make a row.

    Parameters
    ----------
    run : Recording
        The run.
    root : path, optional
        The folder that names of metrics are seen from: see `Names`.
    period : float
        Seconds from one look to the next.
    """

    def __init__(
        self, run: Recording, root: str | os.PathLike[str] = "", period: float = _PERIOD
    ) -> None:
        self._run = run
        self._names = Names(root)
        self._period = period
        self._files: list[EventFile] = []
        self._sizes: dict[str, int] = {}
        self._last: tuple[int, set[str]] = (0, set())  # the step and names of the row written last
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="gitrack-events", daemon=True)

    def start(self) -> None:
        """Begin."""
        import numpy  # noqa: F401, ICN001 - not in the thread: a fork must not meet half an import

        noticing.listen()
        self._run.define_metric(_GLOBAL_STEP, hidden=True)
        _current.follower = self
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter ends: all is read when the run does
            return

    def stop(self) -> None:
        """Read what is left, writers flushed, and end."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_JOIN)
        flush_writers(_FLUSH)
        self._read()
        for file in self._files:
            if file.damage:
                warn_once(f"events {file.path}", f"{file.path.name} {file.damage[0]}: passed over")
        noticing.give_back(self._files)
        if _current.follower is self:
            _current.follower = None

    def _follow(self) -> None:
        while not self._stop.wait(self._period):
            self._read()

    def _read(self) -> None:
        if not self._reading.acquire(timeout=_JOIN):  # the thread hangs on a disk that is away
            warn_once("events", "event files are not read to their ends: the disk does not answer")
            return
        try:
            if _current.follower is self:
                self._files += noticing.take()
            for row in self._rows():
                self._write(row)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("events", f"event files cannot be followed: {explain(error)}")
        finally:
            self._reading.release()

    def _rows(self) -> Iterator[_Row]:
        """Yield what is new as rows, the files' events in the order of their times."""
        events = [
            (event, str(file.path.parent)) for file in self._files for event in self._new(file)
        ]
        events.sort(key=lambda found: found[0].wall_time)
        row: _Row | None = None
        for event, folder in events:
            for tag, value in event.values.items():
                kept = self._kept(tag, value)
                if kept is None:
                    continue
                name = self._names.name(folder, tag)
                if row is not None and (row.step != event.step or name in row.values):
                    yield row
                    row = None
                row = row or _Row(event.step, event.wall_time)
                row.time = event.wall_time
                row.values[name] = kept
        if row is not None:
            yield row

    def _new(self, file: EventFile) -> Iterator[Event]:
        path = str(file.path)
        try:
            size = file.path.stat().st_size
            if self._sizes.get(path) == size:
                return
            yield from (event for event in file.events() if event.values)
        except OSError:  # it was removed
            return
        self._sizes[path] = size

    def _write(self, row: _Row) -> None:
        step, names = self._last
        fresh = step == row.step and not names.isdisjoint(row.values)
        if step != row.step or fresh:
            names = set()
        self._last = row.step, names | row.values.keys()
        values = {**row.values, _GLOBAL_STEP: row.step}
        self._run.log_at(values, row.step, row.time, fresh=fresh)

    def _kept(self, tag: str, value: Value) -> Any:
        if isinstance(value, Settings):
            self._run.config.setdefaults(dict(value.values))
            return None
        if isinstance(value, Ending):
            return None
        kept = loggable(value)
        if kept is None and isinstance(value, Tensor):
            shape = value.values.shape
            warn_once(f"event {tag}", f"{tag}: a tensor of shape {shape} is not recorded")
        return kept


class _Current:
    """The follower that files noticed from now on belong to."""

    follower: Follower | None = None


_current = _Current()
