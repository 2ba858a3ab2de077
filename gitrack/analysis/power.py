"""How many seeds a difference needs before it can be told from chance."""

import math

from gitrack.analysis.distributions import normal_quantile

#: More than anybody trains.
MOST = 10_000


def least_p(n_a: int, n_b: int) -> float:
    """
    Return the smallest p that a two-sided test by regrouping or by ranks can give.

    Two against two is 1/3 at best, however far apart they lie.

    Examples
    --------
    >>> [round(least_p(n, n), 4) for n in (1, 2, 3, 4, 5)]
    [1.0, 0.3333, 0.1, 0.0286, 0.0079]
    """
    return min(1.0, 2 / math.comb(n_a + n_b, n_a))


def least_seeds(alpha: float) -> int:
    """
    Return how many seeds a side must have before any difference at all can be told.

    Parameters
    ----------
    alpha : float in (0, 1)
        The level, after the correction over metrics.

    Examples
    --------
    >>> [least_seeds(alpha) for alpha in (0.05, 0.01, 0.001)]
    [4, 5, 7]
    """
    return next((n for n in range(1, MOST) if least_p(n, n) <= alpha), MOST)


def seeds_needed(effect: float, alpha: float, power: float = 0.8) -> int | None:
    """
    Return how many seeds a side would tell an effect of this size.

    Parameters
    ----------
    effect : float
        The difference in standard deviations, Hedges' g say.
    alpha : float in (0, 1)
        The two-sided level, after the correction over metrics.
    power : float in (0, 1)
        How often it is to be told.

    Returns
    -------
    int or None
        At least `least_seeds`; None where it is more than 10,000.

    References
    ----------
    Guenther: Sample size formulas for normal theory t tests. The American Statistician 35(4),
    1981.

    Examples
    --------
    >>> seeds_needed(1.0, 0.05), seeds_needed(3.0, 0.05), seeds_needed(0.001, 0.05)
    (17, 4, None)
    """
    z = normal_quantile(1 - alpha / 2)
    wanted = z + normal_quantile(power)
    if effect == 0 or 2 * (wanted / effect) ** 2 > MOST:
        return None
    return max(math.ceil(2 * (wanted / effect) ** 2 + z * z / 4), least_seeds(alpha))
