"""The run that a script talks to."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

import orjson

from gitrack.model.run import State
from gitrack.record.capture import Capture, capture_command, explain, head_branch, python_version
from gitrack.record.commit import commit_folder
from gitrack.record.fields import Config, Summary, ignore
from gitrack.record.folder import RunFolder
from gitrack.record.journal import Journal, encode_row
from gitrack.record.notice import tell, warn_once
from gitrack.record.recovery import recover
from gitrack.record.redaction import redact
from gitrack.record.values import flatten, text_from
from gitrack.store.history import RESERVED
from gitrack.store.repository import Repository
from gitrack.version import VERSION

_CAPTURE_SECONDS = 60.0
_FORK_SECONDS = 5.0
_STEPS = 2**62
_ERROR = 10_000  # characters kept of what ended a run
_WHOLE = frozenset((bool, int, str))
_APPEND_NEWLINE = orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True)
class Identity:
    """
    Who a run is, checked and complete.

    Attributes
    ----------
    id, project, name : str
        As in the record.
    created : float
        Seconds since the epoch, UTC.
    own_id : bool
        Whether the caller chose the id.
    branch : str or None
        The experiments branch asked for; None for the code branch's own.
    """

    id: str
    project: str
    name: str
    created: float
    entity: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    own_id: bool = False
    branch: str | None = None


class Run:
    """
    A run being recorded.

    `log` costs one encoding and one write; what takes longer happens in another thread or at
    the end. No method raises because recording went wrong: it warns once and goes on.

    Parameters
    ----------
    repository : Repository
        Where the run will be committed.
    identity : Identity
        Who it is.
    code_repository : Repository, optional
        Where the code lies, if that is elsewhere.

    Attributes
    ----------
    config : Config
        Its settings, by attribute or item.
    summary : Summary
        Its results, by attribute or item.

    Raises
    ------
    OSError
        If its folder cannot be made.
    """

    disabled = False

    def __init__(
        self, repository: Repository, identity: Identity, code_repository: Repository | None = None
    ) -> None:
        code_repository = code_repository or repository
        self._repository = repository
        self._identity = identity
        self._lock = threading.RLock()
        self._closed: str | None = None  # why nothing more is taken
        self._state = State.RUNNING
        self._began = time.monotonic()
        self._step = -1
        self._next = 0
        self._open = False  # may the next call add to the last row?
        self._joinable = False  # even a call without a step?
        self._folder = RunFolder.create(repository, identity.id)
        self._journal = Journal(self._folder.journal)
        start = {
            "code_branch": head_branch(code_repository),
            "command": capture_command(),
            "python": python_version(),
            "recorder": f"gitrack {VERSION}",
        }
        self._event("start", {**asdict(identity), **start})
        self.config = Config(self._event)
        self.summary = Summary(self._event)
        self._capture = Capture(code_repository, self._event, lambda: recover(repository))
        self._capture.start()

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """
        Append values to the history; they are on disk when the call returns.

        Parameters
        ----------
        data : mapping of str to Any
            Values by metric; nested mappings become ``a/b`` names.
        step : int, optional
            The row's step; one more than the furthest so far unless given. A step that goes
            back is recorded as it is, and calls in a row with one step make one row.
        commit : bool, optional
            False lets the next call without a step add to this row. True closes the row.
        """
        try:
            with self._lock:
                if self._closed is not None:
                    self._refuse("log()")
                    return
                values, line = data, None
                if _is_simple(data):
                    joins = self._place(step, commit)
                    now, runtime = time.time(), time.monotonic() - self._began
                    try:
                        line = orjson.dumps(
                            (now, runtime, self._step, joins, data), None, _APPEND_NEWLINE
                        )
                    except TypeError:  # a key that is no text, a number beyond 64 bits
                        values = _plain_row(data)
                        line = encode_row(now, runtime, self._step, joins, values)
                else:
                    values = _plain_row(data)
                    joins = self._place(step, commit)
                    now, runtime = time.time(), time.monotonic() - self._began
                    line = encode_row(now, runtime, self._step, joins, values)
                self._journal.write(line)
                self.summary.follow(values)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("log", f"a call of log() was not recorded: {explain(error)}")

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """
        End the run and commit it; a second call does nothing.

        Parameters
        ----------
        exit_code : int, optional
            Anything but 0 marks the run as failed.
        quiet : bool, optional
            True prints nothing about success.
        """
        try:
            status = int(exit_code or 0)
        except (TypeError, ValueError):
            status = 1
        self._end(State.FAILED if status else State.FINISHED, exit_code=status, quiet=bool(quiet))

    def fail(self, error: BaseException) -> None:
        """End the run by the exception that ended the script."""
        if isinstance(error, SystemExit):
            if isinstance(error.code, int | None):
                self.finish(exit_code=error.code)
            else:  # Python prints anything else and ends with 1
                self._end(State.FAILED, exit_code=1, error=text_from(error.code))
        elif isinstance(error, KeyboardInterrupt):
            self._end(State.STOPPED, exit_code=130, error="KeyboardInterrupt")
        else:
            self._end(State.FAILED, exit_code=1, error=explain(error))

    @property
    def id(self) -> str:
        """The run's id."""
        return self._identity.id

    @property
    def project(self) -> str:
        """The project's folder on the branch."""
        return self._identity.project

    @property
    def entity(self) -> str | None:
        """The person or team, as the caller gave it."""
        return self._identity.entity

    @property
    def group(self) -> str | None:
        """The group of runs that belong together."""
        return self._identity.group

    @property
    def job_type(self) -> str | None:
        """What the run does: "train", "eval" say."""
        return self._identity.job_type

    @property
    def name(self) -> str:
        """What people call the run; may be set."""
        return self._identity.name

    @name.setter
    def name(self, value: str) -> None:
        self._update(name=text_from(value))

    @property
    def notes(self) -> str | None:
        """Free text; may be set."""
        return self._identity.notes

    @notes.setter
    def notes(self, value: str | None) -> None:
        self._update(notes=None if value is None else text_from(value))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels; may be set."""
        return tuple(self._identity.tags)

    @tags.setter
    def tags(self, value: Sequence[str]) -> None:
        self._update(tags=tags_from(value))

    @property
    def step(self) -> int:
        """The step of the next row that names none."""
        return self._next

    @property
    def state(self) -> State:
        """How the run stands."""
        return self._state

    @property
    def recording(self) -> bool:
        """Whether this process can still add to the run."""
        return self._closed is None

    def settle(self) -> None:
        """Let the capture end before a fork: half an import would leave the child hanging."""
        if self._capture is not threading.current_thread():
            self._capture.join(_FORK_SECONDS)

    def leave(self) -> None:
        """Let go of the run in a forked child: it stays its parent's."""
        self._closed = "in a forked process"
        self._lock = threading.RLock()  # the thread that held it does not live on in the child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.fail(error)

    def __repr__(self) -> str:
        return f"<Run {self.id} {self.name!r} {self._state}>"

    def _place(self, step: int | None, commit: bool | None) -> int:
        """Choose the row of a call: 1 if it joins the last row, else 0."""
        if step is None:
            joins = self._joinable
            if not joins:
                self._step = self._next
            self._open = self._joinable = commit is False
        else:
            step = _whole_step(step, self._next)
            joins = self._open and step == self._step
            self._step = step
            self._open = not commit
            self._joinable = commit is False
        if self._step >= self._next:
            self._next = self._step + 1
        return int(joins)

    def _event(self, name: str, value: Any) -> None:
        """Write an event; one that comes after the end is dropped with a warning."""
        if self._closed is not None:
            self._refuse("a change")
            return
        try:
            with self._lock:
                self._journal.event(name, value)
        except Exception as error:  # noqa: BLE001
            warn_once(name, f"{name} was not recorded: {explain(error)}")

    def _refuse(self, what: str) -> None:
        warn_once(f"closed {what}", f"{what} {self._closed} is not recorded")

    def _update(self, **values: Any) -> None:
        self._identity = Identity(**{**asdict(self._identity), **values})
        self._event("update", redacted_texts(values))

    def _end(
        self, state: State, *, exit_code: int | None, error: str | None = None, quiet: bool = False
    ) -> None:
        if self._closed is not None:
            return
        ended, duration = time.time(), time.monotonic() - self._began
        self._capture.join(_CAPTURE_SECONDS)
        with self._lock:
            if self._closed is not None:
                return
            end = {
                "state": state,
                "exit_code": exit_code,
                "error": redact(error)[:_ERROR] if error else None,
                "ended": ended,
                "duration": duration,
            }
            self._event("finish", end)
            self._state, self._closed = state, "after finish()"
            self._journal.close()
        try:
            run, branch = commit_folder(self._repository, self._folder)
        except Exception as failure:  # noqa: BLE001
            self._folder.release()
            tell(f"{explain(failure)}; run {self.id} is kept, `gitrack recover` commits it")
        else:
            if not quiet:
                tell(f"{run.name} ({run.id}) {run.state}: {run.rows} rows on {branch}")


class DisabledRun(Run):
    """A run that records nothing, for ``mode="disabled"`` or where nothing can be written."""

    disabled = True

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._state = State.RUNNING
        self._closed = "disabled"
        self._step, self._next = -1, 0
        self._open = self._joinable = False
        self.config = Config(ignore)
        self.summary = Summary(ignore)

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Keep the step and the summary, which the script may ask for."""
        try:
            values = data if _is_simple(data) else _plain_row(data)
            self._place(step, commit)
            self.summary.follow(values)
        except Exception as error:  # noqa: BLE001 - as where it is recorded
            warn_once("log", f"a call of log() cannot be read: {explain(error)}")

    def settle(self) -> None:
        """Do nothing: there is no capture."""

    def leave(self) -> None:
        """Do nothing: a forked child has its own copy."""

    def _event(self, name: str, value: Any) -> None:
        pass

    def _end(self, state: State, **_how: Any) -> None:
        self._state = state


def tags_from(tags: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return tags as a tuple of different texts, in their order."""
    if tags is None:
        return ()
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        tags = (tags,)
    return tuple(dict.fromkeys(text_from(tag) for tag in tags))


def redacted_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with secrets taken out of texts and lists of texts."""
    cleaned: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, str):
            cleaned[key] = redact(value)
        elif isinstance(value, tuple):
            cleaned[key] = [redact(item) for item in value]
        else:
            cleaned[key] = value
    return cleaned


def _is_simple(data: Any) -> bool:
    """Tell whether orjson keeps all values exactly: finite floats, ints, bools, texts."""
    if type(data) is not dict or not RESERVED.isdisjoint(data):
        return False
    for value in data.values():
        kind = type(value)
        if kind is float:
            if value - value != 0.0:  # NaN or an infinity
                return False
        elif kind not in _WHOLE:
            return False
    return True


def _plain_row(data: Any) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise TypeError(f"expected a dict of values, not a {type(data).__name__}")
    values = dict(flatten(data))
    for key in RESERVED.intersection(values):
        warn_once("reserved", f"{key} is gitrack's own column: yours is kept as logged/{key}")
        values[f"logged/{key}"] = values.pop(key)
    return values


def _whole_step(step: Any, default: int) -> int:
    try:
        whole = int(step)
    except (TypeError, ValueError, OverflowError):
        whole = None
    if whole is None or abs(whole) > _STEPS or whole != step:
        warn_once("step", f"a step is a whole number, not {step!r}: rows count on instead")
        return default if whole is None or abs(whole) > _STEPS else whole
    return whole
