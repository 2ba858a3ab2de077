"""The distributions of a sweep's parameters, each by its quantiles."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from gitrack.errors import SweepError

_HALVINGS = 60  # of an interval whose quantile is looked for
_TERMS, _TINY = 200, 1e-300
_MOST_GRID = 100_000  # values of one parameter in a grid


@dataclass(frozen=True)
class Distribution:
    """
    How one parameter is chosen.

    Attributes
    ----------
    kind : str
        Its name in W&B, without ``q_``.
    values : sequence
        What a categorical one chooses from; the one value of a constant.
    weights : sequence of float
        How often each is chosen; empty where all are alike.
    low, high : float
        The ends of an interval, or the two parameters of the others: mu and sigma, a and b.
    step : float or None
        What results are rounded to a multiple of.
    whole : bool
        Whether results are whole numbers.
    """

    kind: str
    values: Sequence[Any] = ()
    weights: Sequence[float] = ()
    low: float = 0.0
    high: float = 1.0
    step: float | None = None
    whole: bool = False

    def quantile(self, u: float) -> Any:
        """
        Return the value below which a fraction `u` of all lie.

        Examples
        --------
        >>> Distribution("log_uniform_values", low=1e-4, high=1.0).quantile(0.5)
        0.01
        >>> [Distribution("categorical", ("a", "b")).quantile(u) for u in (0.1, 0.9)]
        ['a', 'b']
        """
        if self.kind in ("constant", "categorical"):
            return self._chosen(u)
        if self.whole and self.kind == "int_uniform":
            return min(int(self.low + u * (self.high - self.low + 1)), int(self.high))
        return self._rounded(self._continuous(u))

    def grid(self) -> list[Any]:
        """
        Return every value.

        Raises
        ------
        SweepError
            If there is no end of them.
        """
        if self.kind in ("constant", "categorical"):
            return list(self.values)
        if self.kind == "int_uniform":
            if self.high - self.low < _MOST_GRID:
                return list(range(int(self.low), int(self.high) + 1))
        elif self.kind == "uniform" and self.step:
            count = int((self.high - self.low) / self.step + 1e-9) + 1
            if count <= _MOST_GRID:
                return [self._rounded(self.low + place * self.step) for place in range(count)]
        raise SweepError(self.kind, "a grid needs values: name them, or choose method random")

    def _chosen(self, u: float) -> Any:
        if not self.weights:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        bounds = itertools.accumulate(self.weights)
        total = sum(self.weights)
        for value, bound in zip(self.values, bounds, strict=True):
            if u * total < bound:
                return value
        return self.values[-1]

    def _continuous(self, u: float) -> float:
        low, high = self.low, self.high
        inside = min(max(u, 1e-12), 1 - 1e-12)
        if self.kind == "uniform":
            return low + u * (high - low)
        if self.kind == "log_uniform":
            return math.exp(low + u * (high - low))
        if self.kind == "log_uniform_values":
            return math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
        if self.kind == "inv_log_uniform":
            return math.exp(-(low + u * (high - low)))
        if self.kind == "inv_log_uniform_values":
            return 1 / math.exp(math.log(1 / high) + u * (math.log(1 / low) - math.log(1 / high)))
        if self.kind == "normal":
            return NormalDist(low, high).inv_cdf(inside)
        if self.kind == "log_normal":
            return math.exp(NormalDist(low, high).inv_cdf(inside))
        return _beta_quantile(low, high, inside)

    def _rounded(self, value: float) -> Any:
        if not self.step:
            return float(f"{value:.15g}")
        rounded = round(value / self.step) * self.step
        if float(self.step).is_integer():
            return int(rounded)
        return float(f"{rounded:.12g}")


#: Kinds by what they are described with.
_INTERVALS = frozenset(
    "uniform log_uniform log_uniform_values inv_log_uniform inv_log_uniform_values".split()
)
_SHAPES = {"normal": ("mu", "sigma"), "log_normal": ("mu", "sigma"), "beta": ("a", "b")}
_DEFAULTS = {"mu": 0.0, "sigma": 1.0, "a": 1.0, "b": 1.0}


def distribution_from(name: str, given: Any) -> Distribution:
    """
    Read the description of one parameter.

    Parameters
    ----------
    name : str
        The parameter, for the error's sake.
    given : mapping
        ``value``, or ``values`` and perhaps ``probabilities``, or ``min`` and ``max``, or
        ``distribution`` and what belongs to it.

    Raises
    ------
    SweepError
        If it is none.
    """
    if not isinstance(given, Mapping):
        raise SweepError(name, f"is described by value, values or min and max, not {given!r}")
    kind = str(given.get("distribution") or _implied(name, given))
    if kind in ("constant", "categorical", "categorical_w_probabilities"):
        return _listed(name, kind, given)
    stepped = kind.startswith("q_")
    base = kind.removeprefix("q_")
    step = _number(name, "q", given.get("q", 1)) if stepped else None
    if step is not None and step <= 0:
        raise SweepError(name, f"q is above 0, not {step:g}")
    if base == "int_uniform" or base in _INTERVALS:
        low, high = (_number(name, key, given.get(key)) for key in ("min", "max"))
        if low > high:
            raise SweepError(name, f"min {low:g} is above max {high:g}")
        if base.endswith("_values") and low <= 0:
            raise SweepError(name, f"{kind} needs min above 0")
        whole = base == "int_uniform"
        if whole and not (low.is_integer() and high.is_integer()):
            raise SweepError(name, "int_uniform goes from one whole number to another")
        return Distribution(base, low=low, high=high, step=step, whole=whole)
    if base in _SHAPES:
        first, second = (
            _number(name, key, given.get(key, _DEFAULTS[key])) for key in _SHAPES[base]
        )
        if second <= 0 or (base == "beta" and first <= 0):
            raise SweepError(name, f"{_SHAPES[base][1]} is above 0")
        return Distribution(base, low=first, high=second, step=step)
    raise SweepError(name, f"no distribution {kind!r}")


def _implied(name: str, given: Mapping[str, Any]) -> str:
    """Name the distribution of a description that does not."""
    if "value" in given:
        return "constant"
    if "values" in given:
        return "categorical"
    if "min" in given and "max" in given:
        whole = all(type(given[key]) is int for key in ("min", "max"))
        return "int_uniform" if whole else "uniform"
    if "mu" in given or "sigma" in given:
        return "normal"
    raise SweepError(name, "says neither value, values, min and max, nor a distribution")


def _listed(name: str, kind: str, given: Mapping[str, Any]) -> Distribution:
    if kind == "constant":
        if "value" not in given:
            raise SweepError(name, "a constant has a value")
        return Distribution("constant", (given["value"],))
    values, weights = given.get("values"), given.get("probabilities") or ()
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise SweepError(name, f"values is a list of what to choose from, not {values!r}")
    if weights:
        weights = [_number(name, "probabilities", weight) for weight in weights]
        if len(weights) != len(values) or min(weights) < 0 or not sum(weights):
            raise SweepError(name, "probabilities has a number for each of values")
    return Distribution("categorical", tuple(values), tuple(weights))


def _number(name: str, key: str, value: Any) -> float:
    # YAML reads 1e-4 as a text
    try:
        number = math.nan if isinstance(value, bool | None) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise SweepError(name, f"{key} is a number, not {value!r}")
    return number


def _beta_quantile(a: float, b: float, u: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _beta_below(a, b, middle) < u:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_below(a: float, b: float, x: float) -> float:
    """
    Return the share of a beta distribution below `x`.

    References
    ----------
    The continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, its mirror does not
        return 1 - _beta_below(b, a, 1 - x)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    value, c, d = 1.0, 1.0, 0.0
    for term in range(_TERMS):
        m = term // 2
        if term == 0:
            part = 1.0
        elif term % 2 == 0:
            part = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            part = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _not_zero(1 + part * d)
        c = _not_zero(1 + part / c)
        value *= c * d
        if abs(c * d - 1) < 1e-14:  # noqa: PLR2004
            break
    return front * (value - 1)


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
