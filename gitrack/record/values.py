"""From what scripts log to what the record keeps: numbers, texts, truth values, lists."""

import math
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from os import PathLike
from typing import Any

from gitrack.record.notice import warn_once

_DEPTH = 64
_TEXT = 10_000  # characters kept of an object's own text
_LIST = 10_000  # values kept of a list or an array
_PLAIN = frozenset((bool, float, int, str, type(None)))


def flatten(data: Mapping[Any, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """
    Give nested dicts ``a/b`` names and every value its plain form.

    Yields
    ------
    tuple of (str, Any)
        A name, and a bool, int, float, str, None or list of such.

    Examples
    --------
    >>> dict(flatten({"val": {"loss": 0.5, 3: True}}))
    {'val/loss': 0.5, 'val/3': True}
    """
    for key, value in data.items():
        name = prefix + (text_from(key) or "unnamed")
        if isinstance(value, Mapping) and depth < _DEPTH:
            yield from flatten(value, f"{name}/", depth + 1)
        else:
            yield name, plain(value, name)


def plain(value: Any, name: str, depth: int = 0) -> Any:
    """
    Turn any value into plain JSON types, exactly where that is possible.

    Parameters
    ----------
    value : Any
        Scalars of Python, numpy, torch, JAX or TensorFlow; arrays and lists; anything else
        becomes its text, with a warning.
    name : str
        The key it was logged under, for the warning.
    depth : int
        How deep inside other values it stands.
    """
    if type(value) in _PLAIN:
        return text_from(value) if type(value) is str else value
    if depth > _DEPTH:
        return text_from(type(value).__name__)
    if isinstance(value, Enum):
        return plain(value.value, name, depth + 1)
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, str | PathLike):
        return text_from(str(value))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return _float_from(value)
    if (shape := _shape(value)) is not None:
        return _from_array(value, shape, name, depth)
    if (items := mapping_from(value)) is not None:
        return {text_from(k): plain(v, name, depth + 1) for k, v in items.items()}
    if isinstance(value, list | tuple | set | frozenset | range):
        if len(value) > _LIST:
            return _refused(f"{len(value)} values", name)
        ordered = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [plain(item, name, depth + 1) for item in ordered]
    return _text_of_object(value, name)


def mapping_from(value: Any) -> dict[Any, Any] | None:
    """Return the items of a mapping, a namespace or a dataclass instance; None of others."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Namespace):
        return vars(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def text_from(value: Any) -> str:
    """Return a key's or a string's text, fit for UTF-8."""
    text = value if type(value) is str else str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an array or a tensor of any library, None of anything else."""
    shape = getattr(value, "shape", None)
    if shape is None or not (hasattr(value, "item") or hasattr(value, "numpy")):
        return None
    try:
        return tuple(int(length) for length in shape)
    except (TypeError, ValueError):
        return None


def _from_array(value: Any, shape: tuple[int, ...], name: str, depth: int) -> Any:
    size = math.prod(shape)
    if size == 1:
        number = value.item() if hasattr(value, "item") else value.numpy().item()
        if _shape(number) is None:
            return plain(number, name, depth + 1)
        return _text_of_object(number, name)
    if size > _LIST:
        return _refused(f"an array of shape {shape}", name)
    items = value.tolist() if hasattr(value, "tolist") else value.numpy().tolist()
    return plain(items, name, depth + 1)


def _float_from(value: Decimal | Fraction) -> float:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _refused(what: str, name: str) -> None:
    warn_once(f"large {name}", f"{name}: {what} is more than a row takes ({_LIST}), left out")


def _text_of_object(value: Any, name: str) -> str | None:
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    warn_once(f"type {name}", f"{name}: a {type(value).__name__} is kept as its text")
    try:
        return text_from(str(value))[:_TEXT]
    except Exception:  # noqa: BLE001 - a stranger's __str__ may do anything
        return f"<{type(value).__name__}>"
