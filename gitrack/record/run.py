"""The run that a script talks to."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from gitrack.model.run import MetricRule, State
from gitrack.record.alert import Alerts
from gitrack.record.beside import Beside
from gitrack.record.capture import capture_command, explain, head_branch, python_version
from gitrack.record.commit import branch_for, commit_folder
from gitrack.record.fields import Config, Summary
from gitrack.record.folder import RunFolder
from gitrack.record.identity import Identity
from gitrack.record.journal import Journal, encode_row
from gitrack.record.metrics import MetricRules, metric_rule
from gitrack.record.notice import tell, warn_once
from gitrack.record.origin import Past
from gitrack.record.recovery import recover
from gitrack.record.redaction import redact
from gitrack.record.rows import Cursor, is_simple, plain_row, without_media
from gitrack.record.tools import Tools
from gitrack.record.values import no_media, text_from
from gitrack.settings import Settings
from gitrack.store.repository import Repository
from gitrack.version import VERSION

if TYPE_CHECKING:
    from gitrack.record.media.graph import Graph
    from gitrack.record.outbox import Outbox
    from gitrack.record.watch import WatchedModels

_ERROR = 10_000  # characters kept of what ended a run
_FORK_SECONDS = 5.0
_APPEND_NEWLINE = orjson.OPT_APPEND_NEWLINE


class Run(Tools):
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
    settings : Settings, optional
        What to capture beside the training.
    past : Past, optional
        The record that it goes on from.
    folder : RunFolder, optional
        The folder of a run that another process began, to record into.

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
        self,
        repository: Repository,
        identity: Identity,
        code_repository: Repository | None = None,
        settings: Settings | None = None,
        past: Past | None = None,
        folder: RunFolder | None = None,
    ) -> None:
        code_repository = code_repository or repository
        self._repository = repository
        self._identity = identity
        self._lock = threading.RLock()
        self._closed: str | None = None  # why nothing more is taken
        self._state = State.RUNNING
        self._past = past
        self._before_end: list[Callable[[], object]] = []
        self._at_end: list[tuple[Callable[[], object], bool]] = []
        self._began = time.monotonic() - (past.runtime if past else 0.0)
        self._cursor = Cursor(past.next_step if past else 0)
        self._starting_step = self._cursor.next
        self._rules = MetricRules()
        settings = settings or Settings()
        self._silent = settings.silent
        self._alerts = Alerts(settings.alert_webhook, settings.alert_command)
        self._watched: WatchedModels | None = None
        self._graph: Graph | None = None  # a model's structure, complete after a forward pass
        self._outbox: Outbox | None = None  # artifacts on their way, made for the first one
        self._threshold = settings.data_threshold
        self._folder = folder or RunFolder.create(repository, identity.id)
        self._journal = Journal(self._folder.journal)
        code_branch = head_branch(code_repository)
        self._branch = branch_for(identity.branch, code_branch)
        start = {
            "code_branch": code_branch,
            "command": capture_command(),
            "python": python_version(),
            "recorder": f"gitrack {VERSION}",
            "origin": asdict(past.origin) if past else None,
        }
        self._event("start", {**asdict(identity), **start})
        self._beside = Beside(
            self._folder.path,
            code_repository,
            None if self._folder.rank else settings,
            self._event,
            self._began,
            lambda: recover(repository),
        )
        self.config = Config(self._event)
        self.summary = Summary(self._event, self._rules, self._beside.media.take)
        if past is not None:
            summary: dict[str, Any] = {}
            past.seed(self._rules, summary)
            self.config.adopt(past.record.config)
            self.summary.adopt(summary)
        self._beside.start()

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
                if self._watched is not None and (found := self._watched.collect()):
                    data = {**found, **data}
                if self._graph is not None and self._graph.complete:
                    data = {"graph": self._graph, **data}
                    self._graph = None
                values, line, cursor = data, None, self._cursor
                if is_simple(data) and not self._rules:
                    joins = cursor.place(step, commit)
                    now, runtime = time.time(), time.monotonic() - self._began
                    try:
                        line = orjson.dumps(
                            (now, runtime, cursor.step, joins, data), None, _APPEND_NEWLINE
                        )
                    except TypeError:  # a key that is no text, a number beyond 64 bits
                        values = plain_row(data, no_media)
                        line = encode_row(now, runtime, cursor.step, joins, values)
                else:
                    values = plain_row(data, self._beside.media.take)
                    values.update(self._rules.complete(values))
                    joins = cursor.place(step, commit)
                    now, runtime = time.time(), time.monotonic() - self._began
                    line = encode_row(now, runtime, cursor.step, joins, values)
                    values = without_media(values)
                self._journal.write(line)
                self.summary.follow(values, joins=bool(joins))
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("log", f"a call of log() was not recorded: {explain(error)}")

    def log_at(
        self, data: Mapping[str, Any], step: int, timestamp: float, *, fresh: bool = False
    ) -> None:
        """
        Append values that were recorded elsewhere, at a time of their own.

        Parameters
        ----------
        data : mapping of str to Any
            Values by metric.
        step : int
            The row's step.
        timestamp : float
            When that was, seconds since the epoch, UTC.
        fresh : bool
            Whether they begin a row also where the last one has this step.
        """
        try:
            with self._lock:
                if self._closed is not None:
                    return
                values = plain_row(data, self._beside.media.take)
                values.update(self._rules.complete(values))
                if fresh:
                    self._cursor.close()
                joins = self._cursor.place(step, None)
                runtime = time.monotonic() - self._began - (time.time() - timestamp)
                self._journal.write(
                    encode_row(timestamp, max(runtime, 0.0), self._cursor.step, joins, values)
                )
                self.summary.follow(without_media(values), joins=bool(joins))
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("log", f"values of step {step} were not recorded: {explain(error)}")

    def define_metric(
        self,
        name: Any,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Sequence[str] | None = None,
        overwrite: bool | None = None,
        goal: str | None = None,
    ) -> MetricRule | None:
        """
        Say how a metric is drawn, and what the summary keeps of it.

        Parameters
        ----------
        name : str
            The metric, or with ``*`` at its end all that begin so.
        step_metric : str, optional
            The metric that it is drawn against.
        step_sync : bool, optional
            Whether a row without the step metric gets its last value; yes unless False.
        hidden : bool, optional
            Whether it is drawn only when asked for.
        summary : str or sequence of str, optional
            "min", "max", "mean", "last", "first", "best", "copy" or "none", comma-separated or
            in a sequence. NaN counts for the first and the last value alone.
        overwrite : bool, optional
            Whether an earlier definition is dropped, not completed.
        goal : {"minimize", "maximize"}, optional
            What "best" means; "minimize" unless given.

        Returns
        -------
        MetricRule or None
            What holds now; None where it was refused, with a warning.
        """
        try:
            rule = metric_rule(name, step_metric, hidden, summary, goal)
            with self._lock:
                rule = self._rules.define(rule, sync=step_sync, overwrite=overwrite)
                self._event("metric", {**asdict(rule), "sync": step_sync, "overwrite": overwrite})
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once(f"metric {name!r}", explain(error))
            return None
        return rule

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
    def step(self) -> int:
        """The step of the next row that names none."""
        return self._cursor.next

    @property
    def starting_step(self) -> int:
        """The step of its first row, beyond those that it goes on from."""
        return self._starting_step

    @property
    def resumed(self) -> bool:
        """Whether it goes on from its own earlier record."""
        return self._past is not None and self._past.origin.kind == "resume"

    @property
    def state(self) -> State:
        """How the run stands."""
        return self._state

    def status(self) -> State:
        """Return how the run stands."""
        return self._state

    def mark_preempting(self) -> None:
        """Note that the machine is about to be taken away; ``resume="auto"`` goes on later."""
        self._event("missing", "the machine was taken away")

    @property
    def is_open(self) -> bool:
        """Whether it has not ended, recorded or not."""
        return self._state is State.RUNNING

    @property
    def recording(self) -> bool:
        """Whether this process can still add to the run."""
        return self._closed is None

    def before_end(self, act: Callable[[], object]) -> None:
        """Do something when the run is about to end, and still takes rows."""
        self._before_end.append(act)

    def at_end(self, act: Callable[[], object], *, only_well: bool = False) -> None:
        """Do something when the run has been committed, or only when it has finished well."""
        self._at_end.append((act, only_well))

    def settle(self) -> None:
        """Let what works beside the run come to rest before a fork."""
        self._beside.settle()
        if self._outbox is not None:
            self._outbox.settle(_FORK_SECONDS)

    def leave(self) -> None:
        """Let go of the run in a forked child: it stays its parent's."""
        self._closed = "in a forked process"
        self._lock = threading.RLock()  # the thread that held it does not live on in the child
        self._beside.leave()

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

    def _end(
        self, state: State, *, exit_code: int | None, error: str | None = None, quiet: bool = False
    ) -> None:
        if self._closed is not None:
            return
        ended, duration = time.time(), time.monotonic() - self._began
        while self._before_end:
            self._before_end.pop()()
        self.unwatch()
        self._log_graph()
        self._beside.stop()
        if self._outbox is not None:
            self._outbox.drain()
        self._alerts.finish()
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
            self._rescue()
            self._journal.close()
        if not self._ends_last():
            return
        try:
            run, branch = commit_folder(self._repository, self._folder)
        except Exception as failure:  # noqa: BLE001
            self._folder.release()
            tell(f"{explain(failure)}; run {self.id} is kept, `gitrack recover` commits it")
        else:
            for act, only_well in self._at_end:
                if state is State.FINISHED or not only_well:
                    act()
            if not (quiet or self._silent):
                tell(f"{run.name} ({run.id}) {run.state}: {run.rows} rows on {branch}")

    def _ends_last(self) -> bool:
        """
        Tell whether the run is to be committed now.

        Where several processes record it, the last one to end commits it.
        """
        if self._folder.rank:
            self._folder.release()
            self._folder = RunFolder(self._folder.path)
            return self._folder.take()
        if self._folder.others_record():
            self._folder.release()
            return False
        return True

    def _rescue(self) -> None:
        """Move to the user's own store when the repository has vanished, with all rows."""
        if self._folder.journal.exists() or not hasattr(os, "pread"):
            return
        try:
            store = Repository.own_store()
            folder = RunFolder.create(store, self.id)
            self._journal.copy(folder.journal)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("rescue", f"{self._folder.path} is gone: {explain(error)}")
            return
        tell(f"{self._folder.path} is gone: the run goes to your own store, {store.common_dir}")
        self._folder.release()
        self._repository, self._folder = store, folder
