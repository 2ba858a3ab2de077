"""What ``WANDB_…`` variables say, in gitrack's words; also ``wandb.env``."""

import os
from collections.abc import Mapping
from typing import Any

#: Arguments of ``init`` by the variable that stands for one where the script gives none.
_ARGUMENTS = {
    "project": "PROJECT",
    "entity": "ENTITY",
    "name": "NAME",
    "notes": "NOTES",
    "group": "RUN_GROUP",
    "job_type": "JOB_TYPE",
    "tags": "TAGS",
    "id": "RUN_ID",
    "resume": "RESUME",
    "mode": "MODE",
    "dir": "DIR",
}
#: Gitrack's own variables, whose word counts for more.
_OWN = {"id": "RUN_ID"}
_TRUE = frozenset(("1", "true", "yes", "on", "t", "y"))
_RESUMES = {"true": "auto", "1": "auto", "false": None, "0": None}


def arguments_from(environ: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the arguments of ``init`` that variables stand for.

    Examples
    --------
    >>> arguments_from({"WANDB_PROJECT": "digits", "WANDB_TAGS": "a, b", "WANDB_RESUME": "true"})
    {'project': 'digits', 'tags': ['a', 'b'], 'resume': 'auto'}
    >>> arguments_from({"WANDB_NAME": "a", "GITRACK_NAME": "b"})
    {}
    """
    found: dict[str, Any] = {}
    for argument, name in _ARGUMENTS.items():
        text = environ.get(f"WANDB_{name}")
        if text and not environ.get(f"GITRACK_{_OWN.get(argument, argument.upper())}"):
            found[argument] = text
    if "tags" in found:
        found["tags"] = [tag for tag in (part.strip() for part in found["tags"].split(",")) if tag]
    if "resume" in found:
        found["resume"] = _RESUMES.get(found["resume"].lower(), found["resume"])
    if is_true(environ.get("WANDB_DISABLED")):
        found["mode"] = "disabled"
    if is_true(environ.get("WANDB_SAVE_CODE")):
        found["save_code"] = True
    return found


def settings_from(environ: Mapping[str, str]) -> dict[str, Any]:
    """
    Return gitrack's settings that variables stand for.

    Examples
    --------
    >>> settings_from({"WANDB_SILENT": "true", "WANDB_DISABLE_CODE": "1"})
    {'silent': True, 'code': 'commit'}
    """
    words = {
        "silent": "WANDB_SILENT",
        "quiet": "WANDB_QUIET",
        "disable_code": "WANDB_DISABLE_CODE",
        "disable_git": "WANDB_DISABLE_GIT",
        "console": "WANDB_CONSOLE",
    }
    given: dict[str, Any] = {key: environ[name] for key, name in words.items() if name in environ}
    given = {key: value if key == "console" else is_true(value) for key, value in given.items()}
    settings = translated(given)
    if sweep := environ.get("WANDB_SWEEP_ID"):
        settings["sweep"] = sweep
    return {
        key: value for key, value in settings.items() if f"GITRACK_{key.upper()}" not in environ
    }


def translated(given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return gitrack's settings for those of W&B that mean something here.

    Examples
    --------
    >>> translated({"console": "wrap_raw", "x_disable_stats": True, "start_method": "fork"})
    {'console': 'wrap', 'system_period': 0.0}
    """
    settings: dict[str, Any] = {}
    if given.get("silent") or given.get("quiet"):
        settings["silent"] = True
    if given.get("disable_code"):
        settings["code"] = "commit"
    if given.get("disable_git"):
        settings["code"] = "off"
    if console := given.get("console"):
        known = ("off", "redirect")
        settings["console"] = console if console in known else "wrap"
    if given.get("x_disable_stats") or given.get("_disable_stats"):
        settings["system_period"] = 0.0
    elif isinstance(period := given.get("x_stats_sampling_interval"), int | float):
        settings["system_period"] = float(period)
    return settings


def is_true(text: str | None) -> bool:
    """Tell whether a variable's text means yes."""
    return (text or "").strip().lower() in _TRUE


def is_offline() -> bool:
    """Tell that nothing is sent to a server."""
    return True


def get_project(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the project that the environment names."""
    return (os.environ if env is None else env).get("WANDB_PROJECT", default)


def get_entity(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the entity that the environment names."""
    return (os.environ if env is None else env).get("WANDB_ENTITY", default)


def get_dir(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the folder that the environment names."""
    return (os.environ if env is None else env).get("WANDB_DIR", default)


def set_project(value: str | None) -> None:
    """Set the project for runs to come."""
    _set("WANDB_PROJECT", value)


def set_entity(value: str | None) -> None:
    """Set the entity for runs to come."""
    _set("WANDB_ENTITY", value)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def __getattr__(name: str) -> str:
    """Return the name of a variable: ``wandb.env.MODE`` is "WANDB_MODE"."""
    if name.startswith("_") or not name.isupper():
        raise AttributeError(f"wandb.env has no {name!r}")
    return f"WANDB_{name}"
