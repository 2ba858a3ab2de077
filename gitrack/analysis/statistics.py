"""
Two groups of seeds compared: is there a difference, how large, and how sure is that.

Everywhere `a` is the base and `b` what is compared with it: a positive difference means that b
is larger. Nothing here draws from a clock: the same values give the same figures.
"""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from gitrack.analysis.distributions import normal_cdf, t_tail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_RESAMPLES = 9_999
_EXACT = 20_000  # regroupings that are all looked at
_CELLS = 8_000_000  # numbers in a matrix of resamples
_LEAST_RESAMPLES = 1_999
_EXACT_PAIRS = 1_600  # up to which ranks are counted out
_SEED = 20_261_101


class Welch(NamedTuple):
    """Welch's t test: the statistic, its degrees of freedom, and the two-sided p."""

    t: float
    df: float
    p: float


def permutation_test(a: Sequence[float], b: Sequence[float]) -> float:
    """
    Test whether two groups differ in their means, by regrouping the seeds.

    Every way to deal the values out to groups of these sizes is looked at where there are at
    most 20,000; else about ten thousand random ones, the one that was seen counted among them,
    so that p is never 0. No shape of the distribution is assumed, only that under the null the
    labels say nothing.

    Parameters
    ----------
    a, b : sequence of float
        Finite values, at least one each.

    Returns
    -------
    float in (0, 1]
        The two-sided p: twice the smaller of the one-sided ones.

    Examples
    --------
    >>> permutation_test([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]) == 2 / 70
    True
    """
    import numpy as np

    values = np.array([*a, *b], np.float64)
    contrasts, exact = _regroupings(len(a), len(b))
    # Values that are all of one sign and size would lose digits in the sums.
    values -= values.mean()
    seen = values[len(a) :].mean() - values[: len(a)].mean()
    differences = contrasts @ values
    slack = 1e-12 * float(np.abs(values).max(initial=0.0))
    counted = 0 if exact else 1
    sides = (
        np.count_nonzero(differences >= seen - slack),
        np.count_nonzero(differences <= seen + slack),
    )
    return min(1.0, 2 * (int(min(sides)) + counted) / (len(differences) + counted))


@lru_cache(maxsize=8)
def _regroupings(n_a: int, n_b: int) -> "tuple[Floats, bool]":
    """Return contrasts of shape (n, n_a + n_b) whose product with values is a difference."""
    import numpy as np

    total = n_a + n_b
    exact = math.comb(total, n_b) <= _EXACT
    if exact:
        chosen = np.array(list(itertools.combinations(range(total), n_b)), np.intp)
    else:
        count = min(_RESAMPLES, max(_LEAST_RESAMPLES, _CELLS // total))
        order = np.tile(np.arange(total), (count, 1))
        chosen = np.random.default_rng(_SEED).permuted(order, axis=1)[:, :n_b]
    contrasts = np.full((len(chosen), total), -1 / n_a)
    np.put_along_axis(contrasts, chosen, 1 / n_b, axis=1)
    return contrasts, exact


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """
    Test whether one of two groups tends to larger values, by ranks.

    Exact where no values are equal and there are at most 1,600 pairs; else by the normal
    approximation with corrections for ties and continuity.

    Parameters
    ----------
    a, b : sequence of float
        Finite values, at least one each.

    Returns
    -------
    float in (0, 1]
        The two-sided p.

    References
    ----------
    Mann, Whitney: On a test of whether one of two random variables is stochastically larger
    than the other. Annals of Mathematical Statistics 18(1), 1947.

    Examples
    --------
    >>> round(mann_whitney([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), 3)
    0.1
    """
    import numpy as np

    m, n = len(a), len(b)
    values, ties = np.unique(np.array([*a, *b], np.float64), return_counts=True)
    wins = _wins(a, b)
    larger = max(wins, m * n - wins)
    if len(values) == m + n and m * n <= _EXACT_PAIRS:
        tail = sum(_ways_to_win(min(m, n), max(m, n))[round(larger) :]) / math.comb(m + n, n)
    else:
        tied = float((ties.astype(np.float64) ** 3 - ties).sum())
        variance = m * n / 12 * (m + n + 1 - tied / ((m + n) * (m + n - 1)))
        if variance <= 0:
            return 1.0
        tail = normal_cdf(-(larger - m * n / 2 - 0.5) / math.sqrt(variance))
    return min(1.0, 2 * tail)


def _wins(a: Sequence[float], b: Sequence[float]) -> float:
    """Count the pairs in which b is larger; a tie is half a win."""
    import numpy as np

    ordered, others = np.sort(np.array(a, np.float64)), np.array(b, np.float64)
    below = np.searchsorted(ordered, others, "left") + np.searchsorted(ordered, others, "right")
    return float(below.sum()) / 2


@lru_cache(maxsize=32)
def _ways_to_win(m: int, n: int) -> tuple[int, ...]:
    """
    Count, for each number of wins from 0 to m·n, the orders of two groups that have it.

    These are the coefficients of Gauss's binomial: the product of (1 - q^(n+i)) / (1 - q^i).
    """
    ways = [1] + [0] * (m * n)
    for i in range(1, m + 1):
        for k in range(m * n, n + i - 1, -1):
            ways[k] -= ways[k - n - i]
        for k in range(i, m * n + 1):
            ways[k] += ways[k - i]
    return tuple(ways)


def welch(a: Sequence[float], b: Sequence[float]) -> Welch | None:
    """
    Test whether two means differ, for values that are about normal; None below two a side.

    Examples
    --------
    >>> round(welch([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).p, 4)
    0.0213
    """
    if min(len(a), len(b)) < 2:  # noqa: PLR2004
        return None
    difference, error, df = _spread(a, b)
    if error == 0:
        t = math.copysign(math.inf, difference) if difference else 0.0
        return Welch(t, df, float(difference == 0))
    t = difference / error
    return Welch(t, df, 2 * t_tail(abs(t), df))


def equivalence(a: Sequence[float], b: Sequence[float], margin: float) -> float:
    """
    Test whether two means differ by less than a margin: two one-sided t tests.

    Returns
    -------
    float in [0, 1]
        The larger of the two p: small where the difference is inside the margin on both
        sides; 1 below two values a side.

    References
    ----------
    Schuirmann: A comparison of the two one-sided tests procedure and the power approach.
    Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.
    """
    if min(len(a), len(b)) < 2:  # noqa: PLR2004
        return 1.0
    difference, error, df = _spread(a, b)
    if error == 0:
        return float(abs(difference) >= margin)
    return t_tail((margin - abs(difference)) / error, df)


def _spread(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """Return the difference of the means, its standard error, and Welch's degrees of freedom."""
    import numpy as np

    parts = [float(np.var(side, ddof=1)) / len(side) for side in (a, b)]
    total = sum(parts)
    below = sum(p * p / (len(side) - 1) for p, side in zip(parts, (a, b), strict=True))
    df = total * total / below if below else float(len(a) + len(b) - 2)
    return float(np.mean(b) - np.mean(a)), math.sqrt(total), df


def hedges_g(a: Sequence[float], b: Sequence[float]) -> float | None:
    """
    Return the difference of the means in pooled standard deviations, corrected for few seeds.

    None below two values a side, and where no value differs from its mean.

    References
    ----------
    Hedges: Distribution theory for Glass's estimator of effect size. Journal of Educational
    Statistics 6(2), 1981.

    Examples
    --------
    >>> round(hedges_g([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), 3)
    2.394
    """
    import numpy as np

    if min(len(a), len(b)) < 2:  # noqa: PLR2004
        return None
    df = len(a) + len(b) - 2
    squares = sum(float(np.var(side)) * len(side) for side in (a, b))
    if squares == 0:
        return None
    log_bias = math.lgamma(df / 2) - math.lgamma((df - 1) / 2) - math.log(df / 2) / 2
    return float(np.mean(b) - np.mean(a)) / math.sqrt(squares / df) * math.exp(log_bias)


def cliffs_delta(a: Sequence[float], b: Sequence[float]) -> float:
    """
    Return how much more often b is larger than a than the other way round.

    Returns
    -------
    float in [-1, 1]
        1 where every value of b is larger than every one of a.

    Examples
    --------
    >>> round(cliffs_delta([1.0, 2.0, 3.0], [2.0, 5.0, 6.0]), 3)
    0.667
    """
    return 2 * _wins(a, b) / (len(a) * len(b)) - 1


def holm(ps: Sequence[float]) -> list[float]:
    """
    Correct p values so that even one false finding among all is rare.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """
    Correct p values so that few among the findings are false.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    adjusted, smallest = [0.0] * len(ps), 1.0
    falling = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    for rank, place in enumerate(falling):
        smallest = min(smallest, ps[place] * len(ps) / (len(ps) - rank))
        adjusted[place] = smallest
    return adjusted
