"""Student's t and the normal distribution, as far as comparing a few seeds needs them."""

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_ROUNDS = 300


def normal_cdf(z: float) -> float:
    """
    Return P(Z <= z).

    Examples
    --------
    >>> round(normal_cdf(1.96), 4)
    0.975
    """
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_quantile(p: float) -> float:
    """
    Return the z below which a share p lies; infinite at 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.975), 4)
    1.96
    """
    if not 0 < p < 1:
        return math.inf if p >= 1 else -math.inf
    return _NORMAL.inv_cdf(p)


def t_tail(t: float, df: float) -> float:
    """
    Return P(T > t) of Student's t.

    Parameters
    ----------
    t : float
        Infinities are fine.
    df : float
        Degrees of freedom, above 0; need not be whole.

    Examples
    --------
    >>> round(t_tail(2.776, 4), 4)
    0.025
    """
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    half = 0.5 * _incomplete_beta(df / 2, 0.5, df / (df + t * t))
    return half if t > 0 else 1 - half


@lru_cache(maxsize=256)
def t_quantile(p: float, df: float) -> float:
    """
    Return the t below which a share p lies, by bisection.

    Examples
    --------
    >>> round(t_quantile(0.975, 4), 3)
    2.776
    """
    if p < 0.5:  # noqa: PLR2004  it is symmetric
        return -t_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while t_tail(high, df) > 1 - p:
        low, high = high, 2 * high
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_tail(middle, df) > 1 - p else (low, middle)
    return high


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """
    Return the regularized incomplete beta function, by Lentz's continued fraction.

    References
    ----------
    Press, Teukolsky, Vetterling, Flannery: Numerical Recipes, 3rd edition, section 6.4.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side alone
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = a * math.log(x) + b * math.log1p(-x)
    front += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ROUNDS):
        before = value
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + top * d)
            c = _away_from_zero(1 + top / c)
            value *= c * d
        if math.isclose(before, value, rel_tol=1e-15):
            break
    return math.exp(front) * value / a


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
