"""The search line that ``gitrack ls``, the site's filter box and review rules share."""

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gitrack.analysis.columns import Value, flatten, number_of, text_of
from gitrack.errors import QueryError
from gitrack.model.run import Record, Run

Predicate = Callable[["Row"], bool]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ALIASES = {"tags": "tag", "job": "job_type"}
_NUMBERS = ("duration", "rows")
_PREFIXED = ("id", "commit")
_TEXTS: Mapping[str, Callable[[Run], str | None]] = {
    "id": lambda run: run.id,
    "name": lambda run: run.name,
    "project": lambda run: run.project,
    "state": lambda run: run.state.value,
    "group": lambda run: run.group,
    "job_type": lambda run: run.job_type,
    "notes": lambda run: run.notes,
    "branch": lambda run: run.code.branch,
    "commit": lambda run: run.code.commit,
    "dirty": lambda run: None if run.code.dirty is None else text_of(run.code.dirty),
    "host": lambda run: run.host.name,
    "entity": lambda run: run.entity,
}
_METADATA = (*_TEXTS, "tag", "created", *_NUMBERS)

_NUMBER = re.compile(
    r"[+-]?(inf(inity)?|nan|(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?)",
    re.ASCII | re.IGNORECASE,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d)?)?)?)?)?", re.ASCII)


class Row(NamedTuple):
    """A record with its settings and results as flat columns."""

    record: Record
    columns: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Term:
    """
    One token of a search line.

    Attributes
    ----------
    token : str
        As it was typed.
    negated : bool
        Whether a leading ``-`` turns it round.
    key : str or None
        What is compared; None for a bare word.
    operator : str
        How it is compared; empty for a bare word.
    value : str
        What it is compared to, or the word.
    """

    token: str
    negated: bool
    key: str | None
    operator: str
    value: str


def parse(line: str) -> tuple[Term, ...]:
    """
    Read a search line into its terms.

    Raises
    ------
    QueryError
        If a quote stays open or a comparison lacks its key or its value.

    Examples
    --------
    >>> [(term.key, term.operator, term.value) for term in parse('lr<0.01 name:"a b" seg')]
    [('lr', '<', '0.01'), ('name', ':', 'a b'), (None, '', 'seg')]
    """
    return tuple(_term(token) for token in re.findall(r'(?:[^\s"]|"[^"]*"?)+', line))


def select(records: Sequence[Record], line: str) -> list[Record]:
    """
    Keep the records that every term of a search line matches.

    Parameters
    ----------
    records : sequence of Record
        In any order, which is kept. A bare key names a config column if one of them has it,
        a summary column if not.
    line : str
        The search line; an empty one keeps all.

    Raises
    ------
    QueryError
        If the line cannot be read, or names a key that no record has.
    """
    terms = parse(line)
    if not terms:
        return list(records)
    rows = [Row(record, columns_of(record)) for record in records]
    keys = {key for row in rows for key in row.columns}
    # Without a record no key is known, and none is wrong.
    tests = [_predicate(term, keys) for term in terms] if rows else []
    return [row.record for row in rows if all(test(row) for test in tests)]


def columns_of(record: Record) -> dict[str, Value]:
    """Name a record's settings ``config.<key>`` and its results ``summary.<key>``, all flat."""
    config = {f"config.{key}": value for key, value in flatten(record.config).items()}
    return config | {f"summary.{key}": value for key, value in flatten(record.summary).items()}


def _term(token: str) -> Term:
    if token.count('"') % 2:
        raise QueryError(token, "the quote is not closed")
    negated = token.startswith("-") and len(token) > 1
    text = token[1:] if negated else token
    # What stands in quotes is meant as it is: no operator is looked for in there.
    blank = re.sub(r'"[^"]*"', lambda quoted: "\0" * len(quoted[0]), text)
    found = re.search(r"!=|<=|>=|[:=<>]", blank)
    if found is None:
        return Term(token, negated, None, "", text.replace('"', ""))
    key, value = text[: found.start()], text[found.end() :]
    if not key:
        raise QueryError(token, f"a key is missing before {found[0]}")
    if not value:
        raise QueryError(token, f"a value is missing after {found[0]}")
    return Term(token, negated, key.replace('"', ""), found[0], value.replace('"', ""))


def _predicate(term: Term, keys: set[str]) -> Predicate:
    test = _word(term.value) if term.key is None else _comparison(term, term.key, keys)
    return (lambda row: not test(row)) if term.negated else test


def _word(word: str) -> Predicate:
    sought = word.lower()

    def test(row: Row) -> bool:
        run = row.record.run
        fields = (run.id, run.name, run.notes, run.group, *run.tags)
        return any(field is not None and sought in field.lower() for field in fields)

    return test


def _comparison(term: Term, typed: str, keys: set[str]) -> Predicate:
    key = _ALIASES.get(typed, typed)
    if key == "created":
        return _created(term)
    if key in _NUMBERS:
        return _quantity(term, key)
    if key == "tag":
        return _texts(term, lambda run: run.tags)
    if key in _TEXTS:
        field, prefixed = _TEXTS[key], key in _PREFIXED
        return _texts(
            term, lambda run: () if (text := field(run)) is None else (text,), prefixed=prefixed
        )
    return _column(term, _resolve(term, key, keys))


def _resolve(term: Term, key: str, keys: set[str]) -> str:
    for name in (key, f"config.{key}", f"summary.{key}"):
        if name in keys:
            return name
    known = [*_METADATA, *sorted(keys), *sorted({name.partition(".")[2] for name in keys})]
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0)
    raise QueryError(term.token, f"no run has {key!r}; the nearest is {nearest[0]!r}")


def _texts(
    term: Term, fields: Callable[[Run], Sequence[str]], *, prefixed: bool = False
) -> Predicate:
    if term.operator in _ORDERS:
        raise QueryError(term.token, f"{term.key} has no order: compare it with : or !=")
    equal, wanted = _equals(term.value), term.value.lower()
    differs = term.operator == "!="

    def test(row: Row) -> bool:
        texts = fields(row.record.run)
        if differs:
            return bool(texts) and not any(map(equal, texts))
        return any(equal(text) or (prefixed and text.lower().startswith(wanted)) for text in texts)

    return test


def _column(term: Term, name: str) -> Predicate:
    right = _number(term.value)
    order = _ORDERS.get(term.operator)
    if order is not None:
        if right is None:
            raise QueryError(term.token, f"{term.operator} needs a number")
        bound = right
        return lambda row: (left := _number_in(row, name)) is not None and order(left, bound)
    equal, differs = _equals(term.value), term.operator == "!="

    def test(row: Row) -> bool:
        if name not in row.columns:
            return False
        left = _number_in(row, name)
        if left is not None and math.isnan(left):
            return not differs and right is not None and math.isnan(right)
        same = equal(text_of(row.columns[name])) or (left is not None and left == right)
        return same != differs

    return test


def _number_in(row: Row, name: str) -> float | None:
    value = row.columns.get(name)
    number = number_of(value)
    # A column of both numbers and text reaches the browser as text, so numbers are read there.
    return _number(text_of(value)) if number is None and value is not None else number


def _quantity(term: Term, key: str) -> Predicate:
    unit = _DURATION.fullmatch(term.value) if key == "duration" else None
    right = float(unit[1]) * _SECONDS[unit[2]] if unit else _number(term.value)
    if right is None:
        raise QueryError(term.token, f"{key} needs a number")
    bound = right
    order = _ORDERS.get(term.operator)
    differs = term.operator == "!="

    def test(row: Row) -> bool:
        left = row.record.run.duration if key == "duration" else row.record.run.rows
        if left is None or math.isnan(left):
            return left is not None and not differs and order is None and math.isnan(bound)
        return order(left, bound) if order else (left == bound) != differs

    return test


def _created(term: Term) -> Predicate:
    if _MOMENT.fullmatch(term.value) is None:
        raise QueryError(term.token, "created needs a date such as 2026-11-01 or 2026-11-01T10:30")
    right = term.value.replace(" ", "T")
    order, differs = _ORDERS.get(term.operator), term.operator == "!="

    def test(row: Row) -> bool:
        # A day, an hour, a minute is all of it: as much of the moment counts as was typed.
        left = _moment(row.record.run.created)[: len(right)]
        if not left:
            return False
        return order(left, right) if order else (left == right) != differs

    return test


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(math.floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return ""


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _equals(pattern: str) -> Callable[[str], bool]:
    wanted = pattern.lower()
    if not {"*", "?"} & set(wanted):
        return lambda text: text.lower() == wanted
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in wanted)
    glob = re.compile("".join(parts), re.DOTALL)
    return lambda text: glob.fullmatch(text.lower()) is not None
