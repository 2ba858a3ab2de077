"""W&B's filters and orders of runs, which are MongoDB's, over recorded runs."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gitrack.errors import QueryError, UsageError
from gitrack.model.run import Record, State

#: W&B's words for how a run stands, where they are others.
STATES = {State.STOPPED: "killed"}

_TIMES = frozenset(("created", "ended"))
_FIELDS = {
    "state": "state",
    "group": "group",
    "jobtype": "job_type",
    "tags": "tags",
    "notes": "notes",
    "entity": "entity",
    "project": "project",
    "sweep": "sweep",
    "sweepname": "sweep",
    "displayname": "name",
    "createdat": "created",
    "startedat": "created",
    "heartbeatat": "ended",
    "updatedat": "ended",
    "finishedat": "ended",
    "duration": "duration",
    "commit": "commit",
    "host": "host",
    "username": "user",
    "user": "user",
}


def matches(record: Record, filters: Mapping[str, Any]) -> bool:
    """
    Tell whether a run is one that filters describe.

    Parameters
    ----------
    record : Record
        The run.
    filters : mapping
        Conditions by key, all of which hold: a value, or operators ``$eq $ne $gt $gte $lt $lte
        $in $nin $exists $regex $not $all``. Keys are ``config.<key>``, ``summary_metrics.<key>``,
        ``state``, ``tags``, ``group``, ``display_name``, ``created_at`` …; ``$and``, ``$or`` and
        ``$nor`` join mappings.

    Raises
    ------
    QueryError
        If an operator or a key is none of these.
    """
    for key, condition in filters.items():
        if key in _JOINS:
            parts = [matches(record, part) for part in condition]
            if not _JOINS[key](parts):
                return False
        elif not _holds(key, values_of(record, key), condition):
            return False
    return True


_JOINS: Mapping[str, Callable[[Sequence[bool]], bool]] = {
    "$and": all,
    "$or": any,
    "$nor": lambda parts: not any(parts),
}


def values_of(record: Record, key: str) -> list[Any]:
    """
    Return what a run has under a filter's key: nothing, one value, or several of a list.

    Raises
    ------
    QueryError
        If no run has such a key.
    """
    head, dot, rest = key.partition(".")
    if dot and head == "config":
        return _inside(record.config, rest.removesuffix(".value"))
    if dot and head in ("summary", "summary_metrics", "summaryMetrics"):
        return _inside(_with_own(record), rest)
    run, word = record.run, key.replace("_", "").lower()
    if word in ("name", "id", "runid"):  # W&B's filters mean the id by "name"
        return [run.id] if word != "name" else [run.id, run.name]
    field = _FIELDS.get(word)
    if field is None:
        raise QueryError(key, "runs are filtered by config.…, summary_metrics.…, state, tags …")
    if field == "state":
        return [STATES.get(run.state, run.state.value)]
    if field == "commit":
        return _given(run.code.commit)
    if field == "host":
        return _given(run.host.name)
    if field == "user":
        return _given(run.entity)
    value = getattr(run, field)
    return list(value) if field == "tags" else _given(value)


def order_key(order: str | None) -> Callable[[Record], Any]:
    """
    Return what runs are sorted by; those that have nothing there come last.

    Parameters
    ----------
    order : str or None
        ``+key`` or ``-key``, the key as in a filter; ``+created_at`` where it is None.
    """
    text = order or "+created_at"
    downward, key = text.startswith("-"), text.lstrip("+-")
    first = -1 if downward else 1

    def place(record: Record) -> tuple[bool, int, Any]:
        found = values_of(record, key)
        value = found[0] if found else None
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return True, 0, 0.0  # last, whichever way
        if isinstance(value, bool | int | float):
            return False, 0, first * float(value)
        return False, 1, _Downward(str(value)) if downward else str(value)

    return place


class _Downward(str):
    """A text that comes before those it usually comes after."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def _given(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _with_own(record: Record) -> Mapping[str, Any]:
    """Return the summary with what W&B has in it beside."""
    own = {"_runtime": record.run.duration, "_timestamp": record.run.ended}
    return {**own, **record.summary}


def _inside(tree: Any, path: str) -> list[Any]:
    """Return the value at a path of keys with dots, which may stand in keys too."""
    if isinstance(tree, Mapping):
        if path in tree:
            value = tree[path]
            return [value, *value] if isinstance(value, list | tuple) else [value]
        parts = path.split(".")
        for count in range(len(parts) - 1, 0, -1):
            head = ".".join(parts[:count])
            if head in tree:
                return _inside(tree[head], ".".join(parts[count:]))
    return []


def _holds(key: str, values: list[Any], condition: Any) -> bool:
    if not isinstance(condition, Mapping) or not any(
        isinstance(word, str) and word.startswith("$") for word in condition
    ):
        return _any_equal(key, values, condition)
    for operator, wanted in condition.items():
        if operator == "$not":
            if _holds(key, values, wanted):
                return False
        elif operator == "$options":  # belongs to $regex beside it
            continue
        elif operator == "$regex":
            flags = re.IGNORECASE if "i" in str(condition.get("$options", "")) else 0
            try:
                pattern = re.compile(str(wanted), flags)
            except re.error as error:
                raise QueryError(str(wanted), f"no regular expression ({error})") from error
            if not any(isinstance(value, str) and pattern.search(value) for value in values):
                return False
        elif operator in _OPERATORS:
            if not _OPERATORS[operator](key, values, wanted):
                return False
        else:
            raise QueryError(str(operator), f"is not one of {', '.join(_OPERATORS)}, $not, $regex")
    return True


def _any_equal(key: str, values: list[Any], wanted: Any) -> bool:
    if wanted is None:
        return all(value is None for value in values)
    wanted = _comparable(key, wanted)
    return any(_same(value, wanted) for value in values)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) != isinstance(wanted, bool):
        return False
    try:
        return bool(value == wanted)
    except (TypeError, ValueError):
        return False


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[str, list[Any], Any], bool]:
    def check(key: str, values: list[Any], wanted: Any) -> bool:
        limit = _comparable(key, wanted)
        for value in values:
            both = (value, limit)
            numbers = all(isinstance(x, int | float) for x in both)
            if (numbers or all(isinstance(x, str) for x in both)) and compare(value, limit):
                return True
        return False

    return check


def _several(wanted: Any) -> Sequence[Any]:
    if isinstance(wanted, str) or not isinstance(wanted, Sequence | set | frozenset):
        raise UsageError(f"$in, $nin and $all take a list, not {wanted!r}")
    return list(wanted)


_OPERATORS: Mapping[str, Callable[[str, list[Any], Any], bool]] = {
    "$eq": _any_equal,
    "$ne": lambda key, values, wanted: not _any_equal(key, values, wanted),
    "$gt": _ordered(lambda a, b: a > b),
    "$gte": _ordered(lambda a, b: a >= b),
    "$lt": _ordered(lambda a, b: a < b),
    "$lte": _ordered(lambda a, b: a <= b),
    "$in": lambda key, values, wanted: any(
        _any_equal(key, values, one) for one in _several(wanted)
    ),
    "$nin": lambda key, values, wanted: (
        not any(_any_equal(key, values, one) for one in _several(wanted))
    ),
    "$all": lambda key, values, wanted: all(
        _any_equal(key, values, one) for one in _several(wanted)
    ),
    "$exists": lambda _key, values, wanted: (
        any(value is not None for value in values) == bool(wanted)
    ),
}


def _comparable(key: str, wanted: Any) -> Any:
    """Turn a date in a filter into seconds, as runs have them."""
    if _FIELDS.get(key.replace("_", "").lower()) not in _TIMES or not isinstance(wanted, str):
        return wanted
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError as error:
        raise QueryError(wanted, "a moment is written as 2026-11-30T18:00:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
