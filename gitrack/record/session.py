"""The run of this process: ``init``, ``log``, ``finish``, and what happens at exit."""

import atexit
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from gitrack.errors import GitrackError, NameRefusedError
from gitrack.model.names import (
    check_branch,
    check_run_id,
    folder_from_project,
    name_from_id,
    new_run_id,
)
from gitrack.record.capture import explain
from gitrack.record.fields import Config, Summary, ignore
from gitrack.record.notice import tell, warn_once
from gitrack.record.redaction import redact
from gitrack.record.run import DisabledRun, Identity, Run, redacted_texts, tags_from
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
    repository, settings = _surroundings(dir)
    created = time.time()
    identity = Identity(
        id=new_run_id(created),
        created=created,
        name="",
        project=folder_from_project(
            text_from(project or settings.project or (repository.name if repository else "runs"))
        ),
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
    disabled = (mode or settings.mode) == "disabled"
    run = DisabledRun(identity) if disabled else _begin(repository, identity)
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
        self._exit_hook: Callable[..., Any] | None = None
        self._status: Any = None

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
        if self._exit_hook is None and not run.disabled:
            self._hook()

    def _hook(self) -> None:
        """Learn how the interpreter ends: by an exception, by ``sys.exit``, or well."""
        show, leave = sys.excepthook, sys.exit

        def excepthook(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            show(kind, error, trace)
            self._fail(error)

        def remember_exit(status: Any = None, /) -> Any:
            self._status = status
            leave(status)

        self._exit_hook = excepthook
        sys.excepthook = excepthook
        sys.exit = remember_exit
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave)

    def _leave(self) -> None:
        if self.run is not None:
            self.run.leave()

    def _fail(self, error: BaseException) -> None:
        if self.run is not None:
            self.run.fail(error)

    def _at_exit(self) -> None:
        if self.run is not None:
            self.run.fail(SystemExit(self._status))


session = Session()


def _surroundings(start: str | os.PathLike[str] | None) -> tuple[Repository | None, Settings]:
    """Find the repository around, if any, and what is set there."""
    repository = None
    try:
        repository = Repository.around(None if start is None else Path(start))
        return repository, read_settings(repository.work_tree if repository else None)
    except (GitrackError, OSError, TypeError, ValueError) as error:
        tell(f"{explain(error)}; default settings are used")
    return repository, Settings()


def _begin(repository: Repository | None, identity: Identity) -> Run:
    """Begin recording where that is possible: here, else in the user's own store."""
    kept = Identity(**redacted_texts(vars(identity)))
    why = "no git repository here"
    try:
        if repository is not None:
            return Run(repository, kept)
    except NameRefusedError as error:
        fresh = new_run_id(identity.created)
        tell(f"{error}; this one is {fresh}")
        return _begin(repository, replace(kept, id=fresh, own_id=False))
    except OSError as error:
        why = f"{repository and repository.common_dir} cannot be written ({explain(error)})"
    try:
        store = Repository.own_store()
        tell(f"{why}: recording in your own store, {store.common_dir}")
        return Run(store, kept, repository)
    except (GitrackError, OSError) as error:
        tell(f"nothing is recorded: {explain(error)}")
        return DisabledRun(identity)


def _text(value: Any) -> str | None:
    return None if value is None else redact(text_from(value))
