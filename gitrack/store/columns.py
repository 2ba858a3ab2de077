"""Many runs at once, a field of all of them at a time: half of what one after the other costs."""

import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from gitrack.errors import FormatError
from gitrack.model.run import Run
from gitrack.store.fields import field_kinds, run_field
from gitrack.store.schema import record_from_json, run_from_json

_T = TypeVar("_T")
_FIELDS = tuple(Run.__slots__)
_ABSENT = object()
_WRONG = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def made(of: type[_T], columns: Mapping[str, Sequence[Any]], n: int) -> list[_T]:
    """
    Make `n` objects of a class with slots, of one column a slot.

    Raises
    ------
    ValueError
        If a column is shorter or longer.
    """
    if {len(column) for column in columns.values()} - {n}:
        raise ValueError("a column is short")
    all_of_them = list(map(of.__new__, itertools.repeat(of, n)))
    for name, column in columns.items():
        deque(map(getattr(of, name).__set__, all_of_them, column), maxlen=0)
    return all_of_them


def runs_from_json(
    files: Sequence[tuple[bytes, str]],
) -> list[tuple[Run, list[str]] | FormatError]:
    """
    Read what `run_from_json` reads, and as it does, of many files.

    Parameters
    ----------
    files : sequence of (bytes, str)
        The content of each ``run.json``, and where it lies.

    Returns
    -------
    list
        For each file what `run_from_json` returns, or the error that it raises.
    """
    records = [_record(content, path) for content, path in files]
    places = [place for place, record in enumerate(records) if isinstance(record, dict)]
    plain = [records[place] for place in places]
    odd: set[int] = set()
    columns = {name: _column(name, plain, odd) for name in _FIELDS}
    found: list[Any] = records
    for at, (place, run) in enumerate(zip(places, made(Run, columns, len(plain)), strict=True)):
        words = records[place].get("not_finite", [])
        found[place] = (
            (run, words) if at not in odd and type(words) is list else _alone(*files[place])
        )
    return found


def _record(content: bytes, path: str) -> Any:
    try:
        return record_from_json(content, path)
    except FormatError as error:
        return error


def _alone(content: bytes, path: str) -> tuple[Run, list[str]] | FormatError:
    try:
        return run_from_json(content, path)
    except FormatError as error:
        return error


def _column(name: str, records: Sequence[Mapping[str, Any]], odd: set[int]) -> list[Any]:
    """Take a field of all records; `odd` takes the numbers of those that have it not so."""
    column = [record.get(name, _ABSENT) for record in records]
    kind = field_kinds(Run)[name]
    if kind.plain.issuperset(map(type, column)):
        return column
    if kind.many and (kind.type is str or not any(column)):
        texts = tuples_of_text(column)
        if texts is not None:
            return texts
    default = _DEFAULTS[name]
    for at, value in enumerate(column):
        try:
            column[at] = default() if value is _ABSENT else run_field(name, value)
        except _WRONG:
            odd.add(at)
    return column


def tuples_of_text(column: Sequence[Any]) -> list[tuple[str, ...]] | None:
    """Make tuples of lists of texts; None where one is anything else."""
    if {list}.issuperset(map(type, column)):
        texts = itertools.chain.from_iterable(column)
        if {str}.issuperset(map(type, texts)):
            return list(map(tuple, column))
    return None


def _required() -> Any:
    raise KeyError


def _default(of: Any) -> Any:
    if of.default_factory is not MISSING:
        return of.default_factory
    return _required if of.default is MISSING else lambda: of.default


_DEFAULTS = {field.name: _default(field) for field in fields(Run)}
