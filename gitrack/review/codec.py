"""
Frozen dataclasses as strict JSON, and back from JSON that nobody vouches for.

The dataclasses are the one description of the form: what is written, what is taken, and the
JSON Schema that is shipped all follow from their annotations.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as hints_of

T = TypeVar("T")
#: Beyond it, numbers are not the same to every reader of JSON.
_EXACT = 2**53
_DEFAULT_MOST = 100


class Most(NamedTuple):
    """How many characters or items a field may have."""

    n: int


class Shape(NamedTuple):
    """A field's annotation, taken apart: what it holds, how much, and whether it may be None."""

    kind: Any
    items: "Shape | None" = None
    most: int = _DEFAULT_MOST
    optional: bool = False


def to_plain(value: Any) -> Any:
    """Turn a dataclass into what JSON holds; a number that is not finite becomes null."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(of: Callable[..., T], value: Any, place: str = "") -> T:
    """
    Make a dataclass of what JSON held.

    Parameters
    ----------
    of : type
        The dataclass.
    value : Any
        What was read.
    place : str
        Where it stood, for the message.

    Raises
    ------
    ValueError
        If a field is missing, unknown, of another kind, or longer than it may be.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{place or 'it'} is no object")
    shapes = _shapes(of)
    if unknown := value.keys() - shapes:
        raise ValueError(f"{place or 'it'} has an unknown field {min(unknown)[:40]!r}")
    if missing := _required(of) - value.keys():
        raise ValueError(f"{place or 'it'} lacks {min(missing)}")
    taken = {
        name: _taken(shapes[name], item, f"{place}.{name}" if place else name)
        for name, item in value.items()
    }
    return of(**taken)


def schema_of(of: type) -> dict[str, Any]:
    """Describe a dataclass as a JSON Schema, draft 2020-12."""
    parts: dict[str, Any] = {}
    _describe(Shape(of), parts)
    top = parts.pop(of.__name__)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": of.__name__}
    return {**head, **top, "$defs": dict(sorted(parts.items()))}


def _taken(shape: Shape, value: Any, place: str) -> Any:
    if value is None and shape.optional:
        return None
    if shape.items is not None:
        if not isinstance(value, list) or len(value) > shape.most:
            raise ValueError(f"{place} is no list of at most {shape.most} items")
        return tuple(_taken(shape.items, item, f"{place}[{i}]") for i, item in enumerate(value))
    kind = shape.kind
    if get_origin(kind) is Literal:
        if value not in get_args(kind) or not isinstance(value, str):
            raise ValueError(f"{place} is none of {', '.join(get_args(kind))}")
        return value
    if _is_form(kind):
        return from_plain(kind, value, place)
    if kind is str:
        if not isinstance(value, str) or len(value) > shape.most:
            raise ValueError(f"{place} is no text of at most {shape.most} characters")
        return value
    return _taken_plain(kind, value, place)


def _taken_plain(kind: Any, value: Any, place: str) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{place} is neither true nor false")
        return value
    if isinstance(value, bool) or not isinstance(value, int | kind):
        raise ValueError(f"{place} is no {'whole ' * (kind is int)}number")
    if isinstance(value, int) and abs(value) > _EXACT:
        raise ValueError(f"{place} is too large a number")
    if not math.isfinite(value):
        raise ValueError(f"{place} is no finite number")
    return kind(value)


def _is_form(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _shapes(of: Any) -> Mapping[str, Shape]:
    return {name: _shape(hint) for name, hint in hints_of(of, include_extras=True).items()}


@cache
def _required(of: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(of) if field.default is MISSING)


def _shape(hint: Any) -> Shape:
    if get_origin(hint) is Annotated:
        inner, most = get_args(hint)
        return _shape(inner)._replace(most=most.n)
    if get_origin(hint) in (Union, UnionType):
        (kind,) = (part for part in get_args(hint) if part is not NoneType)
        return _shape(kind)._replace(optional=True)
    if get_origin(hint) is tuple:
        return Shape(tuple, items=_shape(get_args(hint)[0]))
    return Shape(hint)


def _describe(shape: Shape, parts: dict[str, Any]) -> dict[str, Any]:
    kind: Any = shape.kind
    if shape.items is not None:
        items = _describe(shape.items, parts)
        found: dict[str, Any] = {"type": "array", "items": items, "maxItems": shape.most}
    elif get_origin(kind) is Literal:
        found = {"enum": list(get_args(kind))}
    elif _is_form(kind):
        name = kind.__name__
        if name not in parts:
            parts[name] = {}
            shapes = _shapes(kind)
            parts[name] = {
                "type": "object",
                "properties": {key: _describe(one, parts) for key, one in shapes.items()},
                "required": sorted(_required(kind)),
                "additionalProperties": False,
            }
        found = {"$ref": f"#/$defs/{name}"}
    elif kind is str:
        found = {"type": "string", "maxLength": shape.most}
    elif kind is bool:
        found = {"type": "boolean"}
    else:
        found = {"type": "integer" if kind is int else "number"}
    return {"anyOf": [found, {"type": "null"}]} if shape.optional else found
