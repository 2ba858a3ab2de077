"""From what scripts log to what the record keeps: numbers, texts, truth values, lists."""

import math
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_SIZE = 10_000  # values kept of a list, an array or a tree of them
_BITS = 14_000  # Python turns no number of more than 4,300 digits into text
_BYTES = (bytes, bytearray, memoryview)
_PLAIN = frozenset((bool, float, int, str, type(None)))
_MISSING = frozenset(("NAType", "NaTType", "MaskedConstant"))  # "no value" in pandas and numpy


#: Turns a value that is media into what stands for it in a row; None for any other.
Taker = Callable[[Any], Any]


def no_media(_value: Any) -> None:
    """Take nothing for media."""


def flatten(
    data: Mapping[Any, Any],
    take: Taker = no_media,
    prefix: str = "",
    above: tuple[int, ...] = (),
) -> Iterator[tuple[str, Any]]:
    """
    Give nested dicts ``a/b`` names and every value its plain form.

    Parameters
    ----------
    data : mapping
        The values.
    take : callable, optional
        Called with every value that is not plain already; what it returns, unless that is
        None, stands for the value.

    Yields
    ------
    tuple of (str, Any)
        A name, and a bool, int, float, str, None or list of such, or what `take` returned.

    Examples
    --------
    >>> dict(flatten({"val": {"loss": 0.5, 3: True}}))
    {'val/loss': 0.5, 'val/3': True}
    """
    above = above or (id(data),)
    for key, value in data.items():
        name = prefix + text_from(key)
        if type(value) in _PLAIN:
            yield name, plain(value, name)
            continue
        try:
            taken = take(value)
        except Exception as error:  # noqa: BLE001 - a stranger's content may do anything
            reason = f"{type(error).__name__}: {error}"
            warn_once(f"media {name}", f"{name}: a {type(value).__name__} is left out ({reason})")
            yield name, None
            continue
        if taken is not None:
            yield name, taken
            continue
        inner = _items(value)
        if inner is None:
            yield name, plain(value, name)
        elif id(value) in above or len(above) > _DEPTH:
            warn_once(f"deep {name}", f"{name}: a dict inside itself, or too deep: left out")
        else:
            yield from flatten(inner, take, f"{name}/", (*above, id(value)))


def plain(value: Any, name: str) -> Any:
    """
    Turn any value into plain JSON types, exactly where that is possible.

    Parameters
    ----------
    value : Any
        Scalars of Python, numpy, torch, JAX or TensorFlow; arrays and lists; anything else
        becomes its text, with a warning. What cannot be read is None, with a warning.
    name : str
        The key it was logged under, for the warning.
    """
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value
    try:
        return _Reading(name).plain(value)
    except _TooLargeError as error:
        reason = f"{error} is more than a row takes ({_SIZE} values), left out"
    except Exception as error:  # noqa: BLE001 - a stranger's value may do anything when asked
        reason = f"a {kind.__name__} cannot be read ({type(error).__name__}), left out"
    warn_once(f"value {name}", f"{name}: {reason}")
    return None


class _TooLargeError(Exception):
    """Says that a value is more than a row takes."""


class _Reading:
    """One value being read, with what stands above the part that is read now."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._above: list[int] = []
        self._left = _SIZE

    def plain(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return self._scalar(value)
        if kind.__name__ in _MISSING:
            return None
        if isinstance(value, Enum):
            return self.plain(value.value)
        for base in (bool, int, float):
            if isinstance(value, base):
                return self._scalar(base(value))
        if isinstance(value, str | PathLike):
            return text_from(str(value))
        if isinstance(value, date | time):
            return value.isoformat()
        if isinstance(value, Decimal | Fraction):
            return _float_from(value)
        if (shape := _shape(value)) is not None:
            return self._from_array(value, shape)
        if (items := mapping_from(value)) is not None:
            self._take(len(items))
            inner = self._inside(value, items.values())
            return dict(zip(map(text_from, items), inner, strict=True))
        if isinstance(value, Sequence | set | frozenset) and not isinstance(value, _BYTES):
            self._take(len(value))
            ordered = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
            return self._inside(value, ordered)
        return _text_of_object(value, self._name)

    def _scalar(self, value: Any) -> Any:
        if type(value) is int and value.bit_length() > _BITS:
            raise _TooLargeError(f"a number of {value.bit_length()} bits")
        return text_from(value) if type(value) is str else value

    def _inside(self, outer: Any, values: Iterable[Any]) -> list[Any]:
        if id(outer) in self._above or len(self._above) > _DEPTH:
            return [text_from(type(outer).__name__) for _ in values]
        self._above.append(id(outer))
        inner = [self.plain(value) for value in values]
        self._above.pop()
        return inner

    def _take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _TooLargeError(f"{_SIZE - self._left} values or more")

    def _from_array(self, value: Any, shape: tuple[int, ...]) -> Any:
        size = math.prod(shape)
        if size == 1:
            number = value.item() if hasattr(value, "item") else value.numpy().item()
            # numpy's long double is its own item
            return float(number) if _shape(number) is not None else self.plain(number)
        if size > self._left:
            raise _TooLargeError(f"an array of shape {shape}")
        return self.plain(value.tolist() if hasattr(value, "tolist") else value.numpy().tolist())


def mapping_from(value: Any) -> dict[Any, Any] | None:
    """Return the items of a mapping, a namespace or a dataclass instance; None of others."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Namespace):
        return vars(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def _items(value: Any) -> dict[Any, Any] | None:
    try:
        return mapping_from(value)
    except Exception:  # noqa: BLE001 - reading it as a value says what is wrong with it
        return None


def text_from(value: Any) -> str:
    """Return a key's or a string's text, fit for UTF-8; what has no text, by its kind."""
    try:
        text = value if type(value) is str else str(value)
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    except Exception:  # noqa: BLE001 - a stranger's __str__ may do anything
        return f"<{type(value).__name__}>"
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


def _float_from(value: Decimal | Fraction) -> float:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _text_of_object(value: Any, name: str) -> str:
    warn_once(f"type {name}", f"{name}: a {type(value).__name__} is kept as its text")
    return text_from(value)[:_TEXT]
