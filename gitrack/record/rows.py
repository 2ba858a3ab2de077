"""From the arguments of ``log`` to a row: its values, its step, the row that it joins."""

from collections.abc import Mapping
from typing import Any

from gitrack.record.notice import warn_once
from gitrack.record.values import Taker, flatten
from gitrack.store.history import RESERVED

_STEPS = 2**62
_WHOLE = frozenset((bool, int, str))


class Cursor:
    """
    Where the next row stands.

    Parameters
    ----------
    first : int
        The step of the first row that names none.

    Attributes
    ----------
    step : int
        The step of the last row.
    next : int
        The step of the next row that names none: one more than the furthest so far.
    """

    def __init__(self, first: int = 0) -> None:
        self.step = first - 1
        self.next = first
        self._open = False  # may the next call add to the last row?
        self._joinable = False  # even a call without a step?

    def place(self, step: int | None, commit: bool | None) -> int:
        """Choose the row of a call: 1 if it joins the last row, else 0."""
        if step is None:
            joins = self._joinable
            if not joins:
                self.step = self.next
            self._open = self._joinable = commit is False
        else:
            step = _whole_step(step, self.next)
            joins = self._open and step == self.step
            self.step = step
            self._open = not commit
            self._joinable = commit is False
        if self.step >= self.next:
            self.next = self.step + 1
        return int(joins)

    def close(self) -> None:
        """Let nothing join the last row any more."""
        self._open = self._joinable = False


def is_simple(data: Any) -> bool:
    """Tell whether orjson keeps all values exactly: finite floats, ints, bools, texts."""
    if type(data) is not dict or not RESERVED.isdisjoint(data):
        return False
    for value in data.values():
        kind = type(value)
        if kind is float:
            if value - value != 0.0:  # NaN or an infinity
                return False
        elif kind not in _WHOLE:
            return False
    return True


def plain_row(data: Any, take: Taker) -> dict[str, Any]:
    """
    Return values in their plain form under flat names; `take` says what is media.

    Raises
    ------
    TypeError
        If `data` is no mapping.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"expected a dict of values, not a {type(data).__name__}")
    values = dict(flatten(data, take))
    for key in RESERVED.intersection(values):
        warn_once("reserved", f"{key} is gitrack's own column: yours is kept as logged/{key}")
        values[f"logged/{key}"] = values.pop(key)
    return values


def without_media(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of a row is no media; the same mapping where nothing is."""
    if dict not in map(type, values.values()):
        return values
    return {name: value for name, value in values.items() if type(value) is not dict}


def _whole_step(step: Any, default: int) -> int:
    try:
        whole = int(step)
    except (TypeError, ValueError, OverflowError):
        whole = None
    if whole is None or abs(whole) > _STEPS or whole != step:
        warn_once("step", f"a step is a whole number, not {step!r}: rows count on instead")
        return default if whole is None or abs(whole) > _STEPS else whole
    return whole
