"""``wandb.init`` and the other functions of the module that stand before or beside a run."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

from gitrack.errors import GitrackError
from gitrack.interop.standin.environment import arguments_from, settings_from, translated
from gitrack.interop.standin.run import Run, RunDisabled
from gitrack.interop.standin.settings import Settings
from gitrack.record import session as recording
from gitrack.record.artifact import Artifact
from gitrack.record.begin import Kinds, join_run
from gitrack.record.capture import explain
from gitrack.record.notice import warn_once
from gitrack.record.session import session
from gitrack.store.repository import Repository

#: What runs are made of once the stand-in is imported.
KINDS = Kinds(Run, RunDisabled)

#: Arguments that ``init`` takes, or took once, and that say nothing here.
_SILENT = frozenset(("anonymous", "config_exclude", "force", "magic", "monitor_gym", "sync"))
_KNOWN = frozenset(
    """
    project entity config name id group job_type tags notes mode dir branch config_include_keys
    config_exclude_keys allow_val_change reinit resume resume_from fork_from save_code tensorboard
    sync_tensorboard
    """.split()
)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_ID = 128  # characters


def init(
    project: str | None = None,
    entity: str | None = None,
    config: Any = None,
    settings: Any = None,
    **given: Any,
) -> Run:
    """
    Begin a run: see `gitrack.init`, whose arguments it takes.

    What the script leaves open is taken from `settings`, then from ``WANDB_…`` variables. A run
    that is still open is given back, as W&B does, unless `reinit` says otherwise. A mode of
    "online" meant W&B's server: whether runs are pushed is gitrack's own setting.

    Parameters
    ----------
    project, entity, config : Any
        As in `gitrack.init`.
    settings : Settings or mapping, optional
        W&B's settings; those that mean nothing here are left out.
    **given : Any
        The other arguments; unknown ones are named once and left out.

    Returns
    -------
    Run
        The run, also a context manager that ends it.
    """
    from gitrack.interop.standin.trial import trial

    own = Settings.of(settings)
    asked = {"project": project, "entity": entity, "config": config, **given}
    arguments = {key: value for key, value in asked.items() if value is not None}
    for defaults in (own.arguments(), arguments_from(os.environ)):
        arguments = {**defaults, **arguments}
    reinit, before = arguments.get("reinit"), session.run
    if reinit in (None, False, "default"):
        reinit = "finish_previous" if hasattr(sys, "ps1") else "return_previous"
    elif reinit is True:
        reinit = "finish_previous"
    if reinit == "return_previous" and before is not None and before.is_open:
        return cast("Run", _again(before, arguments))
    arguments["reinit"] = reinit
    _name_unknown(arguments)
    arguments = {key: value for key, value in arguments.items() if key in _KNOWN}
    if "id" in arguments:
        arguments["id"] = fit_id(arguments["id"])
    if arguments.get("mode") in ("online", "shared", "run"):
        del arguments["mode"]
    if "dir" in arguments:
        arguments["dir"] = _place(arguments["dir"])
    own_settings = {**settings_from(os.environ), **translated(own.to_dict())}
    if trial.current is not None:
        own_settings["sweep"] = trial.current.sweep
        arguments = trial.current.arguments(arguments)
    session.kinds = KINDS
    run = cast("Run", recording.init(settings=own_settings, **arguments))
    _take_defaults(run)
    if trial.current is not None:
        trial.current.begun(run)
    return run


def _again(run: Any, arguments: Mapping[str, Any]) -> Any:
    """Give the open run back; a config that comes with the call is not lost."""
    warn_once("init again", f"wandb.init() again: run {run.name} is still open and is given back")
    if (config := arguments.get("config")) is not None:
        try:
            run.config.update(config)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("config", f"the config is not recorded: {explain(error)}")
    return run


def _take_defaults(run: Any) -> None:
    """Take the files of settings that W&B takes beneath what the script says."""
    named = os.environ.get("WANDB_CONFIG_PATHS", "").split(",")
    for path in (*filter(None, named), "config-defaults.yaml"):
        if Path(path).is_file():
            try:
                run.config.setdefaults(path)
            except Exception as error:  # noqa: BLE001 - tracking never ends a training
                warn_once(f"config {path}", f"{path} is not recorded: {explain(error)}")


def _name_unknown(arguments: Mapping[str, Any]) -> None:
    for name in arguments:
        if name not in _KNOWN and name not in _SILENT:
            warn_once(f"init {name}", f"wandb.init() takes no {name}: left out")


def fit_id(value: Any) -> str:
    """
    Return an id of W&B's as one that can stand in a path, the same at every call.

    Examples
    --------
    >>> fit_id("seed 1"), fit_id("a1b2c3d4")
    ('seed-1', 'a1b2c3d4')
    """
    return _UNFIT.sub("-", str(value))[:_ID].lstrip(".-") or "run"


def _place(folder: Any) -> Any:
    """
    Return the folder to record in: none of W&B's, but where the script stands in no repository.

    W&B's ``dir`` is where it puts its own files, a scratch disk say; the record belongs to the
    repository of the code.
    """
    try:
        return folder if Repository.around() is None and Path(folder).is_dir() else None
    except (GitrackError, OSError, TypeError, ValueError):
        return None


def login(*_arguments: Any, **_options: Any) -> bool:
    """Return True: there is no account to log in to."""
    return True


def setup(settings: Any = None) -> SimpleNamespace:
    """Return what has the settings; nothing is to be set up."""
    return SimpleNamespace(settings=Settings.of(settings))


def teardown(exit_code: int | None = None) -> None:
    """End the run that is open."""
    if session.run is not None:
        session.run.finish(exit_code)


def join(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run, by W&B's older word."""
    recording.finish(exit_code, quiet)


def require(*_arguments: Any, **_options: Any) -> None:
    """Do nothing: no feature has to be asked for."""


def ensure_configured() -> None:
    """Do nothing: there is nothing to configure."""


def termsetup(*_arguments: Any, **_options: Any) -> None:
    """Do nothing: lines go to stderr."""


def attach(attach_id: str | None = None, run_id: str | None = None, **_options: Any) -> Any:
    """
    Record into a run that this process or another one of this machine began.

    Parameters
    ----------
    attach_id, run_id : str, optional
        The run's id.

    Returns
    -------
    Run
        The run; where there is none of that id, one of its own.
    """
    wanted = attach_id or run_id
    if session.run is not None and session.run.is_open and wanted in (None, session.run.id):
        return session.run
    run = join_run(str(wanted), KINDS) if wanted else None
    if run is None:
        warn_once("attach", f"no run {wanted} is being recorded here: a new one begins")
        return init()
    session.begin(run, None)
    return run


def log(
    data: Mapping[str, Any] | None = None,
    step: int | None = None,
    commit: bool | None = None,
    **others: Any,
) -> None:
    """Append values to the current run's history: see `gitrack.log`."""
    if isinstance(session.run, Run):
        session.run.log(data, step, commit, **others)
    else:
        recording.log(data or {}, step, commit)


def mark_preempting() -> None:
    """Note that the machine is about to be taken away."""
    if session.run is not None:
        session.run.mark_preempting()


def link_artifact(
    artifact: Artifact, target_path: str, aliases: Sequence[str] | str | None = None
) -> Artifact | None:
    """Log an artifact: see `Run.link_artifact`."""
    run = _open("link_artifact()")
    return run.link_artifact(artifact, target_path, aliases) if run else None


def link_model(
    path: str | os.PathLike[str],
    registered_model_name: str,
    name: str | None = None,
    aliases: Sequence[str] | str | None = None,
) -> Artifact | None:
    """Log a model: see `Run.link_model`."""
    run = _open("link_model()")
    return run.link_model(path, registered_model_name, name, aliases) if run else None


def upsert_artifact(*arguments: Any, **options: Any) -> Artifact | None:
    """Begin an artifact: see `Run.upsert_artifact`."""
    run = _open("upsert_artifact()")
    return run.upsert_artifact(*arguments, **options) if run else None


def finish_artifact(*arguments: Any, **options: Any) -> Artifact | None:
    """Log an artifact that was begun: see `Run.finish_artifact`."""
    run = _open("finish_artifact()")
    return run.finish_artifact(*arguments, **options) if run else None


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,
    root: str | os.PathLike[str] | None = None,
) -> IO[str] | None:
    """Write a file of a recorded run to a folder, and open it: see `restored`."""
    from gitrack.interop.standin.files import restored

    return restored(name, run_path, session.run, root, replace=replace)


def _open(what: str) -> Run | None:
    if isinstance(session.run, Run):
        return session.run
    warn_once(what, f"{what} before init() does nothing: call wandb.init() first")
    return None
