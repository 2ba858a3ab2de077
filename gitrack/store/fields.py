"""What each field of a run takes, and taking it from a record's JSON."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from gitrack.model.run import Code, Host, Run, State

TIMES = ("created", "ended")
_PARTS = {"code": Code, "host": Host}


def _fields(of: type, values: Any) -> dict[str, Any]:
    """Take the fields that a class knows, each of the kind that it declares."""
    if not isinstance(values, dict):
        raise TypeError(f"{of.__name__.lower()} is {values!r}")
    fields = {}
    for name, (plain, kind, optional, many) in field_kinds(of).items():
        if name in values:
            value = values[name]
            if many and value == []:
                value = ()
            elif type(value) not in plain:
                value = field_from(name, value, kind, optional=optional, many=many)
            fields[name] = value
    return fields


def field_from(name: str, value: Any, kind: type, *, optional: bool, many: bool) -> Any:
    """
    Take one field of a kind.

    Raises
    ------
    TypeError
        If it is of another.
    """
    if many:
        if is_dataclass(kind) and isinstance(value, list):
            return tuple(kind(**_fields(kind, item)) for item in value)
        if isinstance(value, list) and all(isinstance(item, kind) for item in value):
            return tuple(value)
    elif kind is Mapping:
        if isinstance(value, dict):
            return value
    elif value is None and optional:
        return None
    elif kind is float and type(value) is int:
        return float(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise TypeError(f"{name} is {value!r}")


class Kind(NamedTuple):
    """
    What a field of a run takes.

    Attributes
    ----------
    plain : frozenset of type
        Types whose values are taken as they are.
    type : type
        The declared one; of a list, that of its items.
    optional, many : bool
        Whether it may be None; whether it is a list.
    """

    plain: frozenset[type]
    type: type
    optional: bool
    many: bool


@cache
def field_kinds(of: type) -> dict[str, Kind]:
    """Tell what each of a class's fields takes."""
    kinds: dict[str, Kind] = {}
    for name, hint in get_type_hints(of).items():
        if get_origin(hint) is Mapping:
            kinds[name] = Kind(frozenset((dict,)), Mapping, optional=False, many=False)
            continue
        choices = get_args(hint)
        kind, optional, many = (
            choices[0] if choices else hint,
            NoneType in choices,
            len(choices) == 1,
        )
        plain = () if many else (kind, NoneType) if optional else (kind,)
        kinds[name] = Kind(frozenset(plain), kind, optional, many)
    return kinds


def run_field(name: str, value: Any) -> Any:
    """
    Take a field of a run from a record's JSON.

    Raises
    ------
    TypeError, ValueError, KeyError, AttributeError
        If it is not of its kind.
    """
    if name in _PARTS:
        return _part(_PARTS[name], value)
    if name == "state":
        return State(value)
    _, kind, optional, many = field_kinds(Run)[name]
    if name in TIMES:
        value = seconds_from(value)
    elif many and value == []:
        return ()
    return field_from(name, value, kind, optional=optional, many=many)


def run_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """
    Take the fields that a run knows, with times and state as they are, from plain values.

    Raises
    ------
    TypeError
        If one is not of its kind.
    """
    made = {key: _part(kind, values[key]) for key, kind in _PARTS.items() if key in values}
    return _fields(Run, {**values, **made})


def _part(kind: type, values: Any) -> Any:
    """Make a part of a run, one for all runs that have the same."""
    import orjson

    try:
        return _same_part(kind, orjson.dumps(values))
    except TypeError:  # of another kind, or with integers of more than 64 bits
        return kind(**_fields(kind, values))


@lru_cache(maxsize=256)
def _same_part(kind: type, content: bytes) -> Any:
    import orjson

    return kind(**_fields(kind, orjson.loads(content)))


def seconds_from(text: str | None) -> float | None:
    """Read a time as seconds since the epoch."""
    return None if text is None else datetime.fromisoformat(text).timestamp()
