"""Claims of a report: a sentence's comparison of what runs say, held to what they say."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gitrack.analysis.quantities import AGGREGATES, Quantities, Quantity
from gitrack.errors import UsageError

_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_NUMBER = re.compile(
    r"(?P<digits>[+\-\N{MINUS SIGN}]?(?:\d+(?:\.(?P<fraction>\d*))?|\.(?P<bare>\d+)))"
    r"(?:e(?P<power>[+-]?\d{1,3}))?(?P<percent>%?)",
    re.ASCII | re.IGNORECASE,
)
_WORDS: Mapping[str, str] = {
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{NOT EQUAL TO}": "!=",
    "\N{ALMOST EQUAL TO}": "=",
    "==": "=",
    "is": "=",
}
_COMPARE: Mapping[str, Callable[[float, float, float], bool]] = {
    ">": lambda left, right, _: left > right and not _alike(left, right),
    "<": lambda left, right, _: left < right and not _alike(left, right),
    ">=": lambda left, right, _: left >= right or _alike(left, right),
    "<=": lambda left, right, _: left <= right or _alike(left, right),
    "=": lambda left, right, slip: abs(left - right) <= slip,
    "!=": lambda left, right, slip: abs(left - right) > slip,
}
_TOLERANCE = ("\N{PLUS-MINUS SIGN}", "+-", "within")
_SIGNS = {"+": 1, "-": -1, "\N{MINUS SIGN}": -1}
_ROUNDING = 1 + 1e-9  # 0.125 written as 0.13 is off by more than half of a digit in binary


@dataclass(frozen=True, slots=True)
class Number:
    """
    A number as it was written.

    Attributes
    ----------
    value : float
        Its value.
    slip : float
        Half of its last digit, by which rounding may move it.
    """

    value: float
    slip: float


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of which runs; see `Quantities.ask`. A ``count`` has no metric."""

    aggregate: str
    metric: str
    selector: str


#: Terms with their signs, added up.
Side = Sequence[tuple[int, Number | Ask]]


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One comparison.

    Attributes
    ----------
    text : str
        As it was written.
    left, right : sequence of (int, Number or Ask)
        Both sides.
    comparison : {">", "<", ">=", "<=", "=", "!="}
        What is said of them.
    slip : float
        How far apart equal sides may be.
    """

    text: str
    left: Side
    comparison: str
    right: Side
    slip: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What the runs say of a claim.

    Attributes
    ----------
    text : str
        The claim.
    holds : bool or None
        Whether it does; None where it cannot be told.
    left, right : float
        What both sides are; NaN where it cannot be told.
    comparison : str
        As in `Claim`.
    quantities : sequence of Quantity
        What was asked, in order.
    why : str
        Why it cannot be told; empty where it can.
    """

    text: str
    holds: bool | None
    left: float = math.nan
    right: float = math.nan
    comparison: str = ""
    quantities: Sequence[Quantity] = field(default_factory=tuple)
    why: str = ""

    @property
    def compares(self) -> bool:
        """Whether runs stand on both sides, so that their difference tells more than a value."""
        return len(self.quantities) > 1


def parse_claim(text: str) -> Claim:
    """
    Read a claim.

    Parameters
    ----------
    text : str
        ``SIDE COMPARISON SIDE``, with spaces around the comparison. A side is a number or
        ``[best|mean|…] METRIC of RUNS``, more of them added by ``+`` or ``-``; after the first,
        ``RUNS`` alone asks them for the same. RUNS is an id, a name or a search line; the report's
        own where ``of`` is missing. Of several runs the mean is meant unless another is named.
        ``=`` holds when the number is what the value rounds to, or within ``± NUMBER``.

    Raises
    ------
    UsageError
        If it cannot be read.

    Examples
    --------
    >>> claim = parse_claim("best val/acc of group:a - group:b >= 0.01")
    >>> claim.comparison, claim.left[1]
    ('>=', (-1, Ask(aggregate='best', metric='val/acc', selector='group:b')))
    """
    words = _TOKEN.findall(text)
    if any(word.count('"') % 2 for word in words):
        raise UsageError(f"cannot read the claim {text!r}: a quote is not closed")
    found = [(at, _WORDS.get(word, word)) for at, word in enumerate(words)]
    places = [(at, word) for at, word in found if word in _COMPARE]
    if len(places) != 1:
        raise UsageError(
            f"cannot read the claim {text!r}: it needs one comparison with spaces around it, "
            "such as 'val/acc of A > 0.9'"
        )
    at, comparison = places[0]
    right, tolerance = _tolerance(words[at + 1 :], text)
    if tolerance is not None and comparison not in ("=", "!="):
        raise UsageError(f"cannot read the claim {text!r}: only = and != take a tolerance")
    left_side = _side(words[:at], text, None)
    right_side = _side(right, text, _last_ask(left_side))
    if not any(isinstance(term, Ask) for _, term in (*left_side, *right_side)):
        raise UsageError(f"the claim {text!r} asks no run")
    slip = tolerance if tolerance is not None else _slip(right_side)
    return Claim(text, left_side, comparison, right_side, slip * _ROUNDING)


def judge(text: str, quantities: Quantities) -> Verdict:
    """
    Hold a claim to what the runs say; one that cannot be told says why.

    Parameters
    ----------
    text : str
        See `parse_claim`.
    quantities : Quantities
        Whom to ask.
    """
    try:
        claim = parse_claim(text)
        asked: list[Quantity] = []
        left = _sum(claim.left, quantities, asked)
        right = _sum(claim.right, quantities, asked)
    except UsageError as error:
        return Verdict(text, None, why=str(error))
    if math.isnan(left) or math.isnan(right):
        return Verdict(text, None, left, right, claim.comparison, asked, "a side is no number")
    holds = _COMPARE[claim.comparison](left, right, claim.slip)
    return Verdict(text, holds, left, right, claim.comparison, asked)


def parse_ask(text: str) -> Ask:
    """
    Read a question, whose ``of`` may be left out.

    Raises
    ------
    UsageError
        If nothing is asked for.

    Examples
    --------
    >>> parse_ask("best val/acc group:x tag:y")
    Ask(aggregate='best', metric='val/acc', selector='group:x tag:y')
    """
    words = _TOKEN.findall(text)
    aggregate = words.pop(0) if words and words[0] in (*AGGREGATES, "count") else ""
    metric = "" if aggregate == "count" or not words else words.pop(0).replace('"', "")
    if words and words[0] == "of":
        words.pop(0)
    if not metric and aggregate != "count":
        raise UsageError(f"{text!r} asks for nothing: 'best val/acc of group:x' would")
    return Ask(aggregate, metric, " ".join(words))


def answer(ask: Ask, quantities: Quantities) -> Quantity:
    """Answer a question; raises as `Quantities.ask`."""
    if ask.aggregate == "count":
        return quantities.count(ask.selector)
    return quantities.ask(ask.aggregate, ask.metric, ask.selector)


def parse_number(text: str) -> Number | None:
    """
    Read a number as it is written in a text; None if it is none.

    Examples
    --------
    >>> parse_number("0.93"), parse_number("93%")
    (Number(value=0.93, slip=0.005), Number(value=0.93, slip=0.005))
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    power = int(match["power"] or 0) - (2 if match["percent"] else 0)
    fraction = match["fraction"] or match["bare"] or ""
    written = match["digits"].replace("\N{MINUS SIGN}", "-")
    return Number(float(f"{written}e{power}"), float(f"5e{power - len(fraction) - 1}"))


def _alike(left: float, right: float) -> bool:
    """Tell whether only the last bits of sums differ: 0.91 - 0.8 is no less than 0.11."""
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)


def _side(words: Sequence[str], text: str, asked: Ask | None) -> Side:
    terms: list[tuple[int, Number | Ask]] = []
    sign, part = 1, list[str]()
    for word in (*words, None):
        if word is not None and word not in _SIGNS:
            part.append(word)
            continue
        if not part:
            raise UsageError(f"cannot read the claim {text!r}: a side is missing")
        term = _term(part, asked)
        terms.append((sign, term))
        asked = term if isinstance(term, Ask) else asked
        sign, part = _SIGNS.get(word or "", 1), []
    return terms


def _term(words: Sequence[str], asked: Ask | None) -> Number | Ask:
    number = parse_number(words[0]) if len(words) == 1 else None
    if number is not None:
        return number
    alone = asked is not None and "of" not in words and words[0] not in (*AGGREGATES, "count")
    if asked is not None and alone:
        return Ask(asked.aggregate, asked.metric, " ".join(words))
    if "of" in words:
        return parse_ask(" ".join(words))
    return Ask(*_head(words), "")


def _head(words: Sequence[str]) -> tuple[str, str]:
    if words[0] in (*AGGREGATES, "count"):
        return words[0], " ".join(words[1:]).replace('"', "")
    return "", " ".join(words).replace('"', "")


def _tolerance(words: Sequence[str], text: str) -> tuple[Sequence[str], float | None]:
    if len(words) < 2 or words[-2] not in _TOLERANCE:  # noqa: PLR2004  a word and its number
        return words, None
    number = parse_number(words[-1])
    if number is None or number.value < 0:
        raise UsageError(f"cannot read the claim {text!r}: {words[-1]!r} is no tolerance")
    return words[:-2], number.value


def _last_ask(side: Side) -> Ask | None:
    asks = [term for _, term in side if isinstance(term, Ask)]
    return asks[-1] if asks else None


def _slip(side: Side) -> float:
    return sum(term.slip for _, term in side if isinstance(term, Number))


def _sum(side: Side, quantities: Quantities, asked: list[Quantity]) -> float:
    total = 0.0
    for sign, term in side:
        if isinstance(term, Number):
            total += sign * term.value
            continue
        quantity = answer(term, quantities)
        asked.append(quantity)
        total += sign * quantity.number
    return total
