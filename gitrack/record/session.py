"""The run of this process: ``init``, ``log``, ``finish``, and what happens at exit."""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from gitrack.errors import UsageError
from gitrack.model.run import MetricRule
from gitrack.record.begin import Kinds, Wish, begin_run
from gitrack.record.capture import explain
from gitrack.record.config_source import chosen, config_from
from gitrack.record.fields import Config, Summary, ignore
from gitrack.record.notice import warn_once
from gitrack.record.run import Run
from gitrack.record.staging import staging

if TYPE_CHECKING:
    from gitrack.record.artifact import Artifact
    from gitrack.record.media.graph import Graph


def init(
    project: str | None = None,
    entity: str | None = None,
    config: Any = None,
    name: str | None = None,
    id: str | None = None,  # noqa: A002 - W&B's word
    group: str | None = None,
    job_type: str | None = None,
    tags: Sequence[str] | None = None,
    notes: str | None = None,
    mode: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002
    branch: str | None = None,
    config_include_keys: Sequence[str] | None = None,
    config_exclude_keys: Sequence[str] | None = None,
    allow_val_change: bool | None = None,
    force: bool | None = None,  # noqa: ARG001
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,  # noqa: ARG001
    settings: Any = None,
    anonymous: Any = None,  # noqa: ARG001
) -> Run:
    """
    Begin a run.

    Arguments that cannot be used are named in one line and replaced; a training never ends here.

    Parameters
    ----------
    project : str, optional
        The project; the repository's name unless given here or in ``gitrack.toml``.
    entity : str, optional
        A person or a team, recorded as it is.
    config : mapping, namespace, flags, dataclass instance, OmegaConf or path, optional
        The settings: see `gitrack.record.config_source.config_from`.
    name : str, optional
        What people call the run; a name of two words and a number unless given.
    id : str, optional
        1 to 128 of ``A-Z a-z 0-9 . _ -``; made from the time unless given.
    group, job_type : str, optional
        What the run belongs to, and what it does.
    tags : sequence of str, optional
        Labels.
    notes : str, optional
        Free text.
    mode : {"online", "offline", "disabled"}, optional
        "disabled" records nothing.
    dir : path, optional
        A folder inside the repository to record in; the current one unless given.
    branch : str, optional
        The experiments branch; the code branch's own unless given.
    config_include_keys, config_exclude_keys : sequence of str, optional
        The settings to take, or not to take.
    allow_val_change : bool, optional
        False keeps what a resumed run was configured with.
    reinit : bool or {"finish_previous", "return_previous", "create_new"}, optional
        What happens to a run that is still open: it is finished first, unless "return_previous"
        gives it back, or "create_new" lets both go on.
    resume : bool or {"allow", "must", "never", "auto"}, optional
        "allow" and "must" go on with the run of this `id`; "never" refuses to. "auto" and True
        also go on, without an `id`, with the run that this very command began last and that did
        not finish well.
    resume_from, fork_from : str, optional
        ``<run id>?_step=<n>``: a new run that begins with the rows of another one up to that
        step. The rewound one is superseded and stays as it was.
    save_code : bool, optional
        True keeps the code of the current folder with the run, beside the snapshot.
    settings : mapping, optional
        Settings for this run alone, by their names in ``gitrack.toml``: ``{"console": "off"}``.
    tensorboard, sync_tensorboard : bool, optional
        True records what the process writes to event files of TensorBoard too.
    monitor_gym, force, anonymous : Any
        Taken for W&B's sake.

    Returns
    -------
    Run
        The run, also a context manager that ends it.
    """
    open_run = session.run if session.run is not None and session.run.recording else None
    if open_run is not None and reinit == "return_previous":
        return open_run
    if open_run is not None and reinit != "create_new":
        if reinit is None:
            warn_once("init", "init() again: the run before is finished first")
        open_run.finish()
    run = begin_run(
        Wish(
            id=id,
            project=project,
            entity=entity,
            name=name,
            group=group,
            job_type=job_type,
            notes=notes,
            tags=tags,
            mode=mode,
            branch=branch,
            dir=dir,
            resume=resume,
            resume_from=resume_from,
            fork_from=fork_from,
            settings=settings,
        ),
        session.kinds,
    )
    session.begin(run, config, config_include_keys, config_exclude_keys, allow_val_change)
    if save_code:
        run.log_code()
    if tensorboard or sync_tensorboard or session.event_root is not None:
        session.follow_events(run)
    return run


def log(data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
    """
    Append values to the current run's history: see `Run.log`.

    Parameters
    ----------
    data : mapping of str to Any
        Values by metric.
    step : int, optional
        The row's step.
    commit : bool, optional
        Whether the row is complete.
    """
    run = session.run
    if run is None:
        warn_once("no run", "log() before init() is not recorded: call gitrack.init() first")
    else:
        run.log(data, step, commit)


def follow_tensorboard(root_logdir: str | os.PathLike[str] = "") -> None:
    """
    Record what the process writes to event files: into the current run, or the next one.

    Parameters
    ----------
    root_logdir : path, optional
        The folder that names of metrics are seen from: ``train/loss`` for the tag ``loss`` of the
        files in ``<root_logdir>/train``.
    """
    session.event_root = root_logdir
    if session.run is not None and session.run.recording:
        session.follow_events(session.run)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """
    End the current run and commit it: see `Run.finish`.

    Parameters
    ----------
    exit_code : int, optional
        Anything but 0 marks the run as failed.
    quiet : bool, optional
        True prints nothing about success.
    """
    if session.run is not None:
        session.run.finish(exit_code, quiet)


def define_metric(
    name: str,
    step_metric: Any = None,
    step_sync: bool | None = None,
    hidden: bool | None = None,
    summary: str | Sequence[str] | None = None,
    overwrite: bool | None = None,
    goal: str | None = None,
) -> MetricRule | None:
    """Say how a metric of the current run is drawn and summed up: see `Run.define_metric`."""
    if run := _current("define_metric()"):
        return run.define_metric(name, step_metric, step_sync, hidden, summary, overwrite, goal)
    return None


def alert(
    title: str, text: str = "", level: Any = None, wait_duration: float | timedelta | None = None
) -> None:
    """Tell a person: see `Run.alert`."""
    if run := _current("alert()"):
        run.alert(title, text, level, wait_duration)


def save(
    glob_str: str | os.PathLike[str],
    base_path: str | os.PathLike[str] | None = None,
    policy: str = "live",
    glob: bool = True,
) -> list[str]:
    """Keep files with the current run: see `Run.save`."""
    run = _current("save()")
    return run.save(glob_str, base_path, policy, glob) if run else []


def log_code(
    root: str | os.PathLike[str] | None = ".",
    name: str | None = None,
    include_fn: Callable[..., bool] | None = None,
    exclude_fn: Callable[..., bool] | None = None,
) -> list[str]:
    """Keep code with the current run: see `Run.log_code`."""
    run = _current("log_code()")
    return run.log_code(root, name, include_fn, exclude_fn) if run else []


def watch(
    models: Any,
    criterion: Any = None,
    log: str | Sequence[str] | None = "gradients",
    log_freq: int = 1000,
    idx: int | None = None,
    log_graph: bool = False,
) -> "Graph | None":
    """Record a model while it trains: see `Run.watch`."""
    run = _current("watch()")
    return run.watch(models, criterion, log, log_freq, idx, log_graph) if run else None


def unwatch(models: Any = None) -> None:
    """Stop watching some models, or all: see `Run.unwatch`."""
    if run := _current("unwatch()"):
        run.unwatch(models)


def log_artifact(
    artifact_or_path: "Artifact | str | os.PathLike[str]",
    name: str | None = None,
    type: str | None = None,  # noqa: A002 - W&B's word
    aliases: Sequence[str] | str | None = None,
    tags: Sequence[str] | str | None = None,
) -> "Artifact | None":
    """Record an artifact as made by the current run: see `Run.log_artifact`."""
    run = _current("log_artifact()")
    return run.log_artifact(artifact_or_path, name, type, aliases, tags) if run else None


def use_artifact(
    artifact_or_name: "Artifact | str",
    type: str | None = None,  # noqa: A002
    aliases: Sequence[str] | str | None = None,
    use_as: str | None = None,
) -> "Artifact":
    """
    Record that the current run uses an artifact, and return it: see `Run.use_artifact`.

    Raises
    ------
    UsageError
        If there is no run.
    GitrackError
        If there is no such artifact.
    """
    if session.run is None:
        raise UsageError("use_artifact() before init(): call gitrack.init() first")
    return session.run.use_artifact(artifact_or_name, type, aliases, use_as)


def log_model(
    path: str | os.PathLike[str],
    name: str | None = None,
    aliases: Sequence[str] | str | None = None,
) -> None:
    """Record a model as made by the current run: see `Run.log_model`."""
    if run := _current("log_model()"):
        run.log_model(path, name, aliases)


def use_model(name: str) -> str:
    """
    Record that the current run uses a model, and return its path: see `Run.use_model`.

    Raises
    ------
    UsageError
        If there is no run.
    GitrackError
        If there is no such model.
    """
    if session.run is None:
        raise UsageError("use_model() before init(): call gitrack.init() first")
    return session.run.use_model(name)


def _current(what: str) -> Run | None:
    if session.run is None:
        warn_once(what, f"{what} before init() does nothing: call gitrack.init() first")
    return session.run


class Session:
    """
    The current run of the process and the hooks that end it.

    Attributes
    ----------
    run : Run or None
        The run begun last; it stays here after its end, as in W&B.
    kinds : Kinds
        The classes that its runs are made of.
    event_root : path or None
        Where names of metrics in event files are seen from; None where these are followed only
        if ``init`` says so.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.kinds = Kinds()
        self.event_root: str | os.PathLike[str] | None = None
        self._open: list[Run] = []
        self._followed: Run | None = None
        self._early = Config(ignore)
        self._hooked = False
        self._status: Any = None
        self._old_error: BaseException | None = None

    @property
    def config(self) -> Config:
        """The run's config; before the first ``init`` one that the next run takes over."""
        return self._early if self.run is None else self.run.config

    @property
    def summary(self) -> Summary:
        """The run's summary; before the first ``init`` one that nobody keeps."""
        return Summary(ignore) if self.run is None else self.run.summary

    def begin(
        self,
        run: Run,
        config: Any,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        allow_val_change: bool | None = None,
    ) -> None:
        """Make a run the current one."""
        if self._early:
            run.config.update(self._early.as_dict())
            self._early = Config(ignore)
        if config is not None:
            try:
                settings = chosen(config_from(config), include, exclude)
                run.config.update(settings, allow_val_change=allow_val_change)
            except Exception as error:  # noqa: BLE001
                warn_once("config", f"the config is not recorded: {explain(error)}")
        self.run = staging.run = run
        self._open = [one for one in self._open if one.recording] + [run]
        if threading.main_thread().is_alive():
            # An exit or an exception from before did not end the process.
            self._status, self._old_error = None, _uncaught()
        if not run.disabled:
            self.listen()

    def follow_events(self, run: Run) -> None:
        """Record the event files that the process writes into a run."""
        if not run.recording or run is self._followed:
            return
        try:
            from gitrack.record.tensorboard.follow import Follower

            self._followed = run
            follower = Follower(run, self.event_root or "")
            follower.start()
            run.before_end(follower.stop)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("tensorboard", f"event files are not followed: {explain(error)}")

    def listen(self, status: Any = None) -> None:
        """
        Be told of the end of the process from now on; a second call does nothing.

        Parameters
        ----------
        status : Any
            What ``sys.exit`` was called with before, by a script that is over.
        """
        if not self._hooked:
            self._hooked = True
            self._status = status
            self._hook()

    def _hook(self) -> None:
        """
        Be told of ``sys.exit``, of the interpreter's end, and of forks.

        A bare ``raise SystemExit(3)`` outside the run's ``with`` tells nobody: it counts as a
        good end.
        """
        leave = sys.exit

        def remember_exit(status: Any = None, /) -> NoReturn:
            if threading.current_thread() is threading.main_thread():
                self._status = status
            leave(status)

        sys.exit = remember_exit
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._before_fork, after_in_child=self._in_child)

    def _at_exit(self) -> None:
        error = _uncaught()
        if self.run is None:
            return
        others = [run for run in self._open if run is not self.run]
        if error is None or error is self._old_error:
            error = SystemExit(self._status)
        for run in (*others, self.run):
            run.fail(error)
        if isinstance(error, KeyboardInterrupt):
            # The interpreter's note that it is to die of SIGINT, as a shell expects, is lost
            # when `fail` imports modules that evaluate source text: make it again.
            with contextlib.suppress(KeyboardInterrupt):
                exec("raise KeyboardInterrupt")  # noqa: S102

    def _before_fork(self) -> None:
        for run in self._open:
            if run.recording:
                run.settle()

    def _in_child(self) -> None:
        for run in self._open:
            run.leave()


session = Session()


def _uncaught() -> BaseException | None:
    """
    Return the exception that the interpreter printed as uncaught, if any.

    It is noted before ``sys.excepthook`` is called, whoever set that. At a prompt an exception
    ends nothing.
    """
    if hasattr(sys, "ps1"):
        return None
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
