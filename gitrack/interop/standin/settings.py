"""``wandb.Settings``: taken whole, used where it means something here."""

from collections.abc import Mapping
from typing import Any, Self

#: Arguments of ``init`` that a setting of W&B stands for.
_ARGUMENTS = {
    "project": "project",
    "entity": "entity",
    "mode": "mode",
    "resume": "resume",
    "reinit": "reinit",
    "resume_from": "resume_from",
    "fork_from": "fork_from",
    "save_code": "save_code",
    "root_dir": "dir",
    "run_id": "id",
    "run_name": "name",
    "run_group": "group",
    "run_job_type": "job_type",
    "run_notes": "notes",
    "run_tags": "tags",
}


class Settings:
    """
    Settings of W&B; one that was not given is None.

    Parameters
    ----------
    **values : Any
        Any of W&B's.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def of(cls, given: Any) -> Self:
        """Return what ``init(settings=…)`` was given, a mapping or settings, as settings."""
        values = given if isinstance(given, Mapping) else getattr(given, "__dict__", {})
        return cls(**{str(key): value for key, value in values.items()})

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of ``init`` that are among them."""
        found = {argument: self.__dict__.get(key) for key, argument in _ARGUMENTS.items()}
        return {argument: value for argument, value in found.items() if value is not None}

    def update_from_dict(self, settings: Mapping[str, Any]) -> None:
        """Take more of them."""
        self.__dict__.update(settings)

    def to_dict(self) -> dict[str, Any]:
        """Return those that were given."""
        return dict(self.__dict__)

    model_dump = to_dict

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"settings have no {name!r}")
        return None

    def __repr__(self) -> str:
        values = ", ".join(f"{key}={value!r}" for key, value in self.__dict__.items())
        return f"Settings({values})"
