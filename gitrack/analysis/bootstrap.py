"""Where a difference lies, by drawing the seeds that there are again and again."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gitrack.analysis.distributions import normal_cdf, normal_quantile, t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Method = Literal["expanded", "percentile", "bca"]

_RESAMPLES = 9_999
_LEAST_RESAMPLES = 1_999
_CELLS = 2_000_000  # seeds that are drawn in all
_SEED = 20_261_101


class Interval(NamedTuple):
    """Where a difference lies; `low` and `high` in the metric's own unit."""

    low: float
    high: float


def bootstrap_interval(
    a: Sequence[float],
    b: Sequence[float],
    *,
    level: float = 0.95,
    method: Method = "expanded",
    median: bool = False,
) -> Interval | None:
    """
    Estimate where the difference of two means lies, by drawing seeds again.

    Parameters
    ----------
    a, b : sequence of float
        Finite values.
    level : float in (0, 1)
        How often such an interval holds the true difference.
    method : {"expanded", "percentile", "bca"}
        The plain percentile interval of a few seeds is too narrow. "expanded" takes percentiles
        further out, by as much as Student's t is wider than the normal distribution; "bca"
        corrects bias and skewness, which needs more than a few seeds.
    median : bool
        Whether medians are compared instead of means.

    Returns
    -------
    Interval or None
        None where a side has fewer than two values.

    References
    ----------
    Efron, Tibshirani: An Introduction to the Bootstrap, 1993, sections 13.3 and 14.3.
    Hesterberg: What teachers should know about the bootstrap. The American Statistician 69(4),
    2015, section 5.3.
    """
    import numpy as np

    n = min(len(a), len(b))
    if n < 2:  # noqa: PLR2004
        return None
    centre = np.median if median else np.mean
    one, other = np.array(a, np.float64), np.array(b, np.float64)
    drawn = centre(other[_draws(1, len(b))], axis=1) - centre(one[_draws(0, len(a))], axis=1)
    alpha = (1 - level) / 2
    if method == "bca":
        below, above = _bca_shares(one, other, drawn, centre, alpha)
    else:
        if method == "expanded":
            df = len(a) + len(b) - 2
            alpha = normal_cdf(math.sqrt(n / (n - 1)) * t_quantile(alpha, df))
        below, above = alpha, 1 - alpha
    low, high = np.quantile(drawn, [below, above])
    return Interval(float(low), float(high))


@lru_cache(maxsize=32)
def _draws(side: int, n: int) -> "NDArray[np.intp]":
    """Return which seeds are drawn: shape (resamples, n)."""
    import numpy as np

    count = min(_RESAMPLES, max(_LEAST_RESAMPLES, _CELLS // n))
    return np.random.default_rng([_SEED, side]).integers(0, n, (count, n))


def _bca_shares(
    one: "Floats", other: "Floats", drawn: "Floats", centre: Callable[..., Any], alpha: float
) -> tuple[float, float]:
    """Return the shares of resamples that lie below the ends of a BCa interval."""
    import numpy as np

    seen = centre(other) - centre(one)
    z0 = normal_quantile(float(((drawn < seen).mean() + (drawn <= seen).mean()) / 2))
    cubes = squares = 0.0
    for side, sign in ((one, -1), (other, 1)):
        n = len(side)
        without = np.array([centre(np.delete(side, i)) for i in range(n)]) * sign
        pull = (n - 1) * (without.mean() - without)
        cubes += float((pull**3).sum()) / n**3
        squares += float((pull**2).sum()) / n**2
    if squares == 0 or math.isinf(z0):
        return alpha, 1 - alpha
    skew = cubes / squares**1.5 / 6
    ends = (z0 + normal_quantile(share) for share in (alpha, 1 - alpha))
    below, above = (normal_cdf(z0 + end / (1 - skew * end)) for end in ends)
    return below, above
