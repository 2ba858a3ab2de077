"""What ``gitrack.toml`` and the environment say: the one place that reads them."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from gitrack.errors import ConfigError, NameRefusedError
from gitrack.model.names import check_branch, check_path

MODES = ("online", "offline", "disabled")
PUBLISH = ("artifact", "pages", "none")
_TRUE = frozenset(("1", "true", "yes", "on"))
_FALSE = frozenset(("0", "false", "no", "off"))
# what CI says of the branch when it checks out a commit alone
_CI_BRANCHES = ("GITHUB_HEAD_REF", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Settings of one repository: a line of ``gitrack.toml`` each, or ``GITRACK_<NAME>``.

    Attributes
    ----------
    project, entity, name, notes, group, job_type : str or None
        Used where ``init`` names none.
    tags : sequence of str
        Likewise; comma-separated in the environment.
    run_id : str or None
        The run's id, for several processes that record one run, or a job that is restarted.
    resume : str or None
        As ``init``'s: "allow", "must", "never", "auto".
    mode : {"online", "offline", "disabled"}
        Used where ``init`` names none; "online" pushes every run after its end.
    push : bool
        The same, whatever the mode.
    remote : str
        The git remote that runs are sent to and fetched from.
    branch : str or None
        The experiments branch to record on, whatever branch the code is on.
    code : {"snapshot", "patch", "commit", "off"}
        What is kept of the code.
    code_max_file, code_max_total : int
        The largest changed or untracked file that a snapshot takes, and all of them together;
        bytes.
    data_threshold : int
        The size above which a file of a run goes to DVC, with a pointer in its place; bytes.
    data_remote : str or None
        Where large data is sent: an address or a path that DVC knows, or the name of a remote of
        the user's own DVC project. That project's default remote where none is named.
    environment : sequence of str
        More variables of the environment to record, ``*`` for any letters.
    console : {"wrap", "redirect", "off"}
        How the console is recorded.
    system_period : float
        Seconds between two samples of the system metrics; 0 for none.
    ranks : {"zero", "group", "shared"}
        What the processes of a distributed training record: rank 0 alone, a run each in one
        group, or all into one run.
    secrets : sequence of str
        Regular expressions of more secrets to take out.
    alert_webhook, alert_command : str or None
        Where an alert is posted to, and what it runs.
    sign : {"auto", "always", "never"}
        Whether commits of runs are signed: where git's ``commit.gpgSign`` says so, or else.
    silent : bool
        Whether nothing but warnings is printed.
    build_jobs : int
        Processes that encode curves when a site is built; 0 for one a core.
    build_backend : str
        Where they run, in joblib's words: "loky" here, "dask", "ray" or "threading".
    site_budget : int
        Bytes that a site may have; a build warns from four fifths on. 0 for any.
    publish : {"artifact", "pages", "none"}
        What the workflows of ``gitrack init`` do with the site.
    publish_branch : str
        The code branch whose pushes publish.
    publish_install : str or None
        What they install, in pip's words; this version unless given.
    run_readme : bool
        Whether a run's folder has what a git host draws: a README, small curves, a CSV.
    branch_workflow : bool
        Whether a new experiments branch carries a workflow of its own, so that its push publishes.
    reports : str
        The folder of the work tree that holds the reports.
    sweep : str or None
        The search for good settings that a run is a trial of.
    """

    project: str | None = None
    entity: str | None = None
    name: str | None = None
    notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] = ()
    run_id: str | None = None
    resume: str | None = None
    mode: str = "offline"
    push: bool = False
    remote: str = "origin"
    branch: str | None = None
    code: str = "snapshot"
    code_max_file: int = 1 << 20
    code_max_total: int = 50 << 20
    data_threshold: int = 1 << 20
    data_remote: str | None = None
    environment: Sequence[str] = ()
    console: str = "wrap"
    system_period: float = 15.0
    ranks: str = "zero"
    secrets: Sequence[str] = ()
    alert_webhook: str | None = None
    alert_command: str | None = None
    sign: str = "auto"
    silent: bool = False
    build_jobs: int = 0
    build_backend: str = "loky"
    site_budget: int = 1_000_000_000
    publish: str = "artifact"
    publish_branch: str = "main"
    publish_install: str | None = None
    run_readme: bool = True
    branch_workflow: bool = True
    reports: str = "reports"
    sweep: str | None = None


_CHOICES = {
    "mode": MODES,
    "resume": ("allow", "must", "never", "auto"),
    "code": ("snapshot", "patch", "commit", "off"),
    "console": ("wrap", "redirect", "off"),
    "ranks": ("zero", "group", "shared"),
    "sign": ("auto", "always", "never"),
    "publish": PUBLISH,
}
_LEAST = {"data_threshold": 1}
_CHECKED_NAMES: Mapping[str, Callable[[str], str]] = {
    "branch": check_branch,
    "reports": check_path,
}
#: What a repository's file must not say: it would make a stranger's checkout run a command.
_ENVIRONMENT_ONLY = frozenset(("run_id", "resume", "alert_command", "sweep"))


def read_settings(folder: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read ``gitrack.toml``, then the environment, which wins.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where ``gitrack.toml`` may stand; None where there is no work tree.
    environ : mapping of str to str, optional
        The environment; the process's own unless given.

    Raises
    ------
    ConfigError
        If the file cannot be parsed, or a value is not of its kind.
    """
    return Settings(**{key: value for key, value, _ in settings_in_force(folder, environ)})


def settings_in_force(
    folder: Path | None, environ: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Any, str]]:
    """
    Yield each setting that is set, its value, and where it stands; see `read_settings`.

    Raises
    ------
    ConfigError
        If the file cannot be parsed, or a value is not of its kind.
    """
    environ = os.environ if environ is None else environ
    table = {} if folder is None else read_table(folder / "gitrack.toml")
    for field in fields(Settings):
        key, source, value = field.name, f"gitrack.toml: {field.name}", table.get(field.name)
        if value is not None and key in _ENVIRONMENT_ONLY:
            raise ConfigError(source, f"is set by GITRACK_{key.upper()} alone")
        if text := environ.get(f"GITRACK_{key.upper()}"):
            source, value = f"GITRACK_{key.upper()}", _from_text(text, type(field.default))
        if value is not None:
            yield key, _checked(key, value, type(field.default), source), source


def checked_setting(name: str, value: Any, source: str) -> Any:
    """
    Return a value that one setting may have.

    Parameters
    ----------
    name : str
        The setting.
    value : Any
        The value, as TOML would give it.
    source : str
        Where it was said, for the error.

    Raises
    ------
    ConfigError
        If there is no such setting, or the value is not of its kind.
    """
    kinds = {field.name: type(field.default) for field in fields(Settings)}
    if name not in kinds:
        raise ConfigError(source, f"there is no setting {name!r}")
    return _checked(name, value, kinds[name], f"{source}: {name}")


def read_tables(folder: Path, name: str) -> list[Any]:
    """
    Read an array of tables of ``gitrack.toml``, ``[[dashboard]]`` say; empty where it has none.

    Raises
    ------
    ConfigError
        If the file cannot be parsed, or the name stands for something else.
    """
    found = read_table(folder / "gitrack.toml").get(name, [])
    if not isinstance(found, list):
        raise ConfigError(f"gitrack.toml: {name}", f"expected tables, each under [[{name}]]")
    return found


def read_table(path: Path) -> dict[str, Any]:
    """
    Read a ``gitrack.toml``; one that is not there says nothing.

    Raises
    ------
    ConfigError
        If it cannot be parsed.
    """
    if not path.is_file():
        return {}
    try:
        return table_from(path.read_text("utf-8"))
    except (UnicodeDecodeError, OSError) as error:
        raise ConfigError("gitrack.toml", str(error)) from error


def table_from(text: str) -> dict[str, Any]:
    """
    Parse what a ``gitrack.toml`` says.

    Raises
    ------
    ConfigError
        If it cannot be parsed.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("gitrack.toml", str(error)) from error


def _from_text(text: str, kind: type) -> Any:
    """Turn a variable into a setting's kind; what cannot be turned is refused as it stands."""
    if kind is tuple:
        return [part for part in (part.strip() for part in text.split(",")) if part]
    if kind is bool:
        word = text.lower()
        return True if word in _TRUE else False if word in _FALSE else text
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    return text


def _checked(key: str, value: Any, kind: type, source: str) -> Any:
    """Take a value of its setting's kind, or refuse it."""
    if kind is tuple:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ConfigError(source, f"expected a list of texts, found {value!r}")
        return tuple(value)
    if kind is bool:
        if not isinstance(value, bool):
            raise ConfigError(source, f"expected true or false, found {value!r}")
        return value
    if kind in (int, float):
        least = _LEAST.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int | kind) or not value >= least:
            raise ConfigError(source, f"expected a number of at least {least}, found {value!r}")
        return kind(value)
    if not isinstance(value, str):
        raise ConfigError(source, f"expected text, found {value!r}")
    if key in _CHOICES and value not in _CHOICES[key]:
        raise ConfigError(source, f"expected one of {', '.join(_CHOICES[key])}")
    check = _CHECKED_NAMES.get(key)
    try:
        return check(value) if check else value
    except NameRefusedError as error:
        raise ConfigError(source, str(error)) from error


def ci_branch(environ: Mapping[str, str] | None = None) -> str | None:
    """Name the code branch that CI checked out without a branch, or None."""
    environ = os.environ if environ is None else environ
    for variable in _CI_BRANCHES:
        if environ.get(variable):
            return environ[variable]
    if environ.get("GITHUB_REF_TYPE") == "branch":
        return environ.get("GITHUB_REF_NAME")
    return None


def user_store() -> Path:
    """Return the folder of the user's own store, a repository for runs outside any other."""
    if chosen := os.environ.get("GITRACK_HOME"):
        return Path(chosen).expanduser().absolute() / "store.git"
    from platformdirs import user_data_path

    return user_data_path("gitrack", appauthor=False) / "store.git"
