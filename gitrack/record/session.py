"""The run of this process: ``init``, ``log``, ``finish``, and what happens at exit."""

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from gitrack.errors import GitrackError, NameRefusedError
from gitrack.model.names import (
    check_branch,
    check_run_id,
    folder_from_project,
    name_from_id,
    new_run_id,
)
from gitrack.record.capture import explain
from gitrack.record.disabled import DisabledRun
from gitrack.record.fields import Config, Summary, ignore
from gitrack.record.identity import Identity, redacted_texts, tags_from
from gitrack.record.notice import tell, warn_once
from gitrack.record.redaction import redact
from gitrack.record.run import Run
from gitrack.record.values import text_from
from gitrack.settings import MODES, Settings, read_settings
from gitrack.store.repository import Repository


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
    config : mapping, argparse.Namespace or dataclass instance, optional
        The settings.
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

    Returns
    -------
    Run
        The run, also a context manager that ends it.
    """
    if session.run is not None and session.run.recording:
        warn_once("init", "init() again: the run before is finished first")
        session.run.finish()
    repository, reason = _repository_around(dir)
    settings = _settings_of(repository)
    created = time.time()
    own_project = settings.project or (repository.name if repository else "runs")
    identity = Identity(
        id=new_run_id(created),
        created=created,
        name="",
        project=folder_from_project(_text(project) or own_project),
        entity=_text(entity) or settings.entity,
        group=_text(group),
        job_type=_text(job_type),
        notes=_text(notes),
        tags=tags_from(tags),
        branch=settings.branch,
    )
    if id is not None:
        try:
            identity = replace(identity, id=check_run_id(id), own_id=True)
        except GitrackError as error:
            tell(str(error))
    if branch is not None:
        try:
            identity = replace(identity, branch=check_branch(text_from(branch)))
        except GitrackError as error:
            tell(str(error))
    identity = replace(identity, name=_text(name) or name_from_id(identity.id))
    if mode is not None and mode not in MODES:
        tell(f"mode {mode!r} is not one of {', '.join(MODES)}: recording as usual")
        mode = None
    if (mode or settings.mode) == "disabled":
        run: Run = DisabledRun(identity)
    else:
        run = _begin(repository, reason, Identity(**redacted_texts(vars(identity))), settings)
    session.begin(run, config)
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


class Session:
    """
    The current run of the process and the hooks that end it.

    Attributes
    ----------
    run : Run or None
        The run begun last; it stays here after its end, as in W&B.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
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

    def begin(self, run: Run, config: Any) -> None:
        """Make a run the current one."""
        if self._early:
            run.config.update(self._early.as_dict())
            self._early = Config(ignore)
        if config is not None:
            try:
                run.config.update(config)
            except Exception as error:  # noqa: BLE001
                warn_once("config", f"the config is not recorded: {explain(error)}")
        self.run = run
        # An exit or an exception from before did not end the process.
        self._status, self._old_error = None, _uncaught()
        if not self._hooked and not run.disabled:
            self._hooked = True
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
        if error is None or error is self._old_error:
            error = SystemExit(self._status)
        self.run.fail(error)
        if isinstance(error, KeyboardInterrupt):
            # The interpreter's note that it is to die of SIGINT, as a shell expects, is lost
            # when `fail` imports modules that evaluate source text: make it again.
            with contextlib.suppress(KeyboardInterrupt):
                exec("raise KeyboardInterrupt")  # noqa: S102

    def _before_fork(self) -> None:
        if self.run is not None:
            self.run.settle()

    def _in_child(self) -> None:
        if self.run is not None:
            self.run.leave()


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


def _repository_around(start: str | os.PathLike[str] | None) -> tuple[Repository | None, str]:
    """Find the repository to record in, or say why there is none."""
    try:
        return Repository.around(None if start is None else Path(start)), "no git repository here"
    except (GitrackError, OSError, TypeError, ValueError) as error:
        return None, explain(error)


def _settings_of(repository: Repository | None) -> Settings:
    """Read the settings; where the file is broken the environment still counts."""
    for folder in (repository.work_tree if repository else None, None):
        try:
            return read_settings(folder)
        except GitrackError as error:
            warn_once(str(error), f"{error}; what it sets is not used")
    return Settings()


def _begin(
    repository: Repository | None, reason: str, identity: Identity, settings: Settings
) -> Run:
    """Begin recording here, or else in the user's own store."""
    if repository is not None:
        try:
            return _begin_in(repository, identity, settings)
        except OSError as error:
            reason = f"{repository.common_dir} cannot be written ({explain(error)})"
    try:
        store = Repository.own_store()
        run = _begin_in(store, identity, settings, repository)
    except (GitrackError, OSError) as error:
        tell(f"{reason}, and nothing is recorded: {explain(error)}")
        return DisabledRun(identity)
    tell(f"{reason}: recording in your own store, {store.common_dir}")
    return run


def _begin_in(
    repository: Repository, identity: Identity, settings: Settings, code: Repository | None = None
) -> Run:
    """Begin recording, under another id where a run of this one is being recorded."""
    try:
        return Run(repository, identity, code, settings)
    except NameRefusedError as error:
        other = replace(identity, id=new_run_id(identity.created), own_id=False)
        tell(f"{error}; this one is {other.id}")
        return Run(repository, other, code, settings)


def _text(value: Any) -> str | None:
    return None if value is None else redact(text_from(value))
