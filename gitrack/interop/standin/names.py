"""What scripts take from ``wandb.util``."""

import importlib
import json
import secrets
from types import ModuleType
from typing import Any

from gitrack.record.values import plain

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def generate_id(length: int = 8) -> str:
    """Return a fresh id: `length` characters of ``a-z 0-9``."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def random_string(length: int = 12) -> str:
    """Return a fresh text of that many characters."""
    return generate_id(length)


def get_module(
    name: str,
    required: str | bool | None = None,
    lazy: bool = True,  # noqa: ARG001 - W&B's
) -> ModuleType | None:
    """
    Import a module; None where it is not installed.

    Raises
    ------
    ImportError
        If it is not installed and `required` says what to do about it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if required:
            raise ImportError(required if isinstance(required, str) else str(error)) from error
        return None


def to_json(obj: Any) -> str:
    """Return a value as JSON, tensors and arrays as numbers."""
    return json.dumps(plain(obj, "value"))


def make_artifact_name_safe(name: str) -> str:
    """
    Return a name that an artifact may have.

    Examples
    --------
    >>> make_artifact_name_safe("runs/best model!")
    'runs_best_model_'
    """
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)[:128]
