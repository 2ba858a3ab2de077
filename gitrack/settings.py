"""What ``gitrack.toml`` and the environment say: the one place that reads them."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitrack.errors import ConfigError, NameRefusedError
from gitrack.model.names import check_branch

MODES = ("online", "offline", "disabled")
_VARIABLES = {
    "branch": "GITRACK_BRANCH",
    "entity": "GITRACK_ENTITY",
    "mode": "GITRACK_MODE",
    "project": "GITRACK_PROJECT",
}
# what CI says of the branch when it checks out a commit alone
_CI_BRANCHES = ("GITHUB_HEAD_REF", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Settings of one repository.

    Attributes
    ----------
    project, entity : str or None
        Used where ``init`` names none.
    mode : {"online", "offline", "disabled"}
        Used where ``init`` names none.
    branch : str or None
        The experiments branch to record on, whatever branch the code is on.
    """

    project: str | None = None
    entity: str | None = None
    mode: str = "online"
    branch: str | None = None


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
    environ = os.environ if environ is None else environ
    found: dict[str, Any] = {}
    origin: dict[str, str] = {}
    if folder is not None and (path := folder / "gitrack.toml").is_file():
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise ConfigError("gitrack.toml", str(error)) from error
        for key in _VARIABLES:
            if key in table:
                found[key], origin[key] = table[key], f"gitrack.toml: {key}"
    for key, variable in _VARIABLES.items():
        if environ.get(variable):
            found[key], origin[key] = environ[variable], variable
    for key, value in found.items():
        if not isinstance(value, str):
            raise ConfigError(origin[key], f"expected text, found {value!r}")
    if found.get("mode", "online") not in MODES:
        raise ConfigError(origin["mode"], f"expected one of {', '.join(MODES)}")
    if "branch" in found:
        try:
            found["branch"] = check_branch(found["branch"])
        except NameRefusedError as error:
            raise ConfigError(origin["branch"], str(error)) from error
    return Settings(**found)


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
