"""Fewer points for the same curve."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Points that a chart of a few hundred pixels can still tell apart.
LIMIT = 1_000


def kept_points(y: "NDArray[np.float64]", limit: int = LIMIT) -> "NDArray[np.intp]":
    """
    Choose the points of a curve that its picture needs.

    The series is cut into equal stretches, and of each the smallest and the largest value stay
    where they were (min-max, the half of M4 that a pixel column shows), so that no spike is
    lost. The first and the last point stay; so do NaN and infinities, evenly thinned when they
    would take more than a tenth of the points.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Values, NaN and infinities among them.
    limit : int
        At least 8.

    Returns
    -------
    ndarray of int, shape (min(n, limit),) at most
        Strictly increasing positions.

    References
    ----------
    Jugel, Jerzak, Hackenbroich, Markl: M4, a visualization-oriented time series data
    aggregation. PVLDB 7(10), 2014.
    """
    import numpy as np

    n = len(y)
    if n <= limit:
        return np.arange(n)
    finite = np.isfinite(y)
    odd = np.flatnonzero(~finite)
    room = min(max(limit // 10, limit - 2 - int(finite.sum())), limit - 4)
    if len(odd) > room:
        odd = odd[np.linspace(0, len(odd) - 1, room).astype(np.intp)]
    even = np.flatnonzero(finite)
    extremes = even[_extremes(y[even], (limit - 2 - len(odd)) // 2)] if len(even) else even
    return np.unique(np.concatenate([[0, n - 1], odd, extremes]).astype(np.intp))


def _extremes(y: "NDArray[Any]", stretches: int) -> "NDArray[np.intp]":
    import numpy as np

    size = -(-len(y) // stretches)
    rows = -(-len(y) // size)
    padded = np.full(rows * size, y[-1])
    padded[: len(y)] = y
    table = padded.reshape(rows, size)
    starts = np.arange(rows) * size
    found = np.concatenate([starts + table.argmin(axis=1), starts + table.argmax(axis=1)])
    return np.asarray(np.minimum(found, len(y) - 1))
