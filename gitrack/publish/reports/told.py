"""What a text of a report is told: values that know where they come from, and verdicts."""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from gitrack.analysis.claims import Verdict
from gitrack.analysis.columns import Value, number_of, text_of
from gitrack.analysis.quantities import Quantity
from gitrack.publish import format as fmt

_LONGEST = 300  # characters of a text that was logged


class Told:
    """
    Something in a text.

    The sandbox lets a template compare and reckon with it, and see nothing inside.

    Parameters
    ----------
    kind : {"value", "run", "claim", "stated", "table", "figure", "error"}
        How it is drawn.
    value : bool, int, float, str or None
        What it is.
    quantities : sequence of Quantity
        What was asked for it.
    what : str
        The question, for people.
    digits : int or None
        Decimals that are written; four digits in all where None.
    facts : Any
        What its kind draws besides.
    """

    __hash__ = None  # type: ignore[assignment]  # it is compared by what it is worth

    def __init__(
        self,
        kind: str,
        value: Value = None,
        quantities: Sequence[Quantity] = (),
        what: str = "",
        *,
        digits: int | None = None,
        facts: Any = None,
    ) -> None:
        self.kind = kind
        self.value = value
        self.quantities = quantities
        self.what = what
        self.digits = digits
        self.facts = facts
        self.says = ""  # the words that a claim underlines, or the number that is stated

    @property
    def text(self) -> str:
        """The value for people."""
        number = number_of(self.value)
        if number is None:
            return text_of(self.value)[:_LONGEST]
        return written(number, self.digits)

    @property
    def number(self) -> float:
        """The value as a number; NaN where it is none."""
        number = number_of(self.value)
        return math.nan if number is None else number

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return self.number

    def __int__(self) -> int:
        return int(self.number)

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Told) else other)

    def __lt__(self, other: Any) -> bool:
        return self.number < float(other)

    def __le__(self, other: Any) -> bool:
        return self.number <= float(other)

    def __gt__(self, other: Any) -> bool:
        return self.number > float(other)

    def __ge__(self, other: Any) -> bool:
        return self.number >= float(other)

    def __add__(self, other: Any) -> "Told":
        return self._with(operator.add, "+", self, other)

    def __radd__(self, other: Any) -> "Told":
        return self._with(operator.add, "+", other, self)

    def __sub__(self, other: Any) -> "Told":
        return self._with(operator.sub, "\N{MINUS SIGN}", self, other)

    def __rsub__(self, other: Any) -> "Told":
        return self._with(operator.sub, "\N{MINUS SIGN}", other, self)

    def __mul__(self, other: Any) -> "Told":
        return self._with(operator.mul, "×", self, other)

    def __rmul__(self, other: Any) -> "Told":
        return self._with(operator.mul, "×", other, self)

    def __truediv__(self, other: Any) -> "Told":
        return self._with(operator.truediv, "/", self, other)

    def __rtruediv__(self, other: Any) -> "Told":
        return self._with(operator.truediv, "/", other, self)

    def __neg__(self) -> "Told":
        return self._with(operator.sub, "\N{MINUS SIGN}", 0, self)

    def __abs__(self) -> "Told":
        return Told("value", abs(self.number), self.quantities, self.what, digits=self.digits)

    def __round__(self, digits: int = 0) -> "Told":
        return Told("value", self.value, self.quantities, self.what, digits=max(digits, 0))

    @staticmethod
    def _with(reckon: Callable[[float, float], float], sign: str, left: Any, right: Any) -> "Told":
        sides = [one if isinstance(one, Told) else Told("value", one) for one in (left, right)]
        value = reckon(*(side.number for side in sides))
        quantities = [quantity for side in sides for quantity in side.quantities]
        what = f" {sign} ".join(side.what or side.text for side in sides)
        return Told("value", value, quantities, what)


def written(number: float, digits: int | None = None) -> str:
    """
    Write a number for people, with decimals where somebody asked for them.

    Examples
    --------
    >>> written(0.92871), written(0.92871, 2), written(-1.5, 0)
    ('0.9287', '0.93', '\u22122')
    """
    if digits is None or not math.isfinite(number):
        return fmt.number(number)
    return f"{number:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def badge(verdict: Verdict) -> str:
    """Write the number that a claim's mark shows."""
    if verdict.holds is None:
        return "cannot be told"
    if verdict.compares and verdict.comparison not in ("=", "!="):
        return fmt.difference(verdict.left - verdict.right)
    return fmt.number(verdict.left) if verdict.holds else f"now {fmt.number(verdict.left)}"


def truth(verdict: Verdict) -> str:
    """
    Write what the runs say of a claim, in words.

    Examples
    --------
    >>> truth(Verdict("val/acc of A > 0.9", False, 0.87, 0.9, ">"))
    'it is 0.87'
    """
    if verdict.holds is None:
        return f"it cannot be told: {verdict.why}"
    if verdict.compares:
        apart = fmt.difference(verdict.left - verdict.right)
        return f"it is {fmt.number(verdict.left)} against {fmt.number(verdict.right)} ({apart})"
    return f"it is {fmt.number(verdict.left)}"


def origin(quantity: Quantity) -> str:
    """Tell in a few words where a value comes from."""
    count = len(quantity.records)
    told = [f"1 run of {count}" if quantity.chosen and count > 1 else _runs(count)]
    if not math.isnan(quantity.spread):
        told.append(f"±{fmt.number(quantity.spread)}")
    if quantity.left:
        told.append(f"{quantity.left} without a number left out")
    chosen = quantity.chosen
    who = f"{chosen.run.name} ({chosen.run.id}); " if chosen is not None else ""
    return f"{who}{', '.join(told)}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
