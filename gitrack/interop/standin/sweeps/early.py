"""Trials that end before their time: W&B's ``early_terminate``."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitrack.errors import SweepError

_ETA = 3
_MOST = 10**9  # iterations


@dataclass(frozen=True)
class Hyperband:
    """
    When trials are compared, and how many go on.

    Attributes
    ----------
    bands : sequence of int
        How often the metric has been logged when a trial is compared, ascending.
    eta : float
        One in so many goes on.
    """

    bands: Sequence[int]
    eta: float = _ETA

    def goes_on(self, value: float, reached: Sequence[float], *, maximize: bool) -> bool:
        """
        Tell whether a trial is among those that go on.

        Parameters
        ----------
        value : float
            Its best value up to the band.
        reached : sequence of float
            Those of all trials that came to the band, its own among them.
        maximize : bool
            Whether more is better.

        Examples
        --------
        >>> band = Hyperband((3,), eta=3)
        >>> [band.goes_on(v, (1.0, 2.0, 3.0), maximize=False) for v in (1.0, 2.0)]
        [True, False]
        >>> band.goes_on(5.0, (5.0,), maximize=False)
        True
        """
        if math.isnan(value):
            return False
        better = sum(one > value if maximize else one < value for one in reached)
        return better < math.ceil(len(reached) / self.eta)


def hyperband_from(given: Any) -> Hyperband | None:
    """
    Read ``early_terminate``: ``min_iter``, or ``max_iter`` and ``s``, and ``eta``.

    Raises
    ------
    SweepError
        If it is described otherwise.

    Examples
    --------
    >>> hyperband_from({"type": "hyperband", "max_iter": 27, "s": 2}).bands
    (3, 9)
    >>> hyperband_from({"type": "hyperband", "min_iter": 3}).bands[:3]
    (3, 9, 27)
    """
    if not given:
        return None
    if not isinstance(given, Mapping) or given.get("type") != "hyperband":
        raise SweepError("early_terminate", f"has the type hyperband, not {given!r}")
    eta = _number(given, "eta", _ETA)
    if eta <= 1:
        raise SweepError("early_terminate", f"eta is above 1, not {eta:g}")
    if "max_iter" in given:
        longest, count = _number(given, "max_iter", 0), _number(given, "s", 1)
        bands = {int(longest / eta**place) for place in range(1, int(count) + 1)}
    elif "min_iter" in given:
        first = _number(given, "min_iter", 0)
        count = int(math.log(_MOST / first, eta)) if first >= 1 else 0
        bands = {int(first * eta**place) for place in range(count + 1)}
    else:
        raise SweepError("early_terminate", "says min_iter, or max_iter and s")
    kept = tuple(sorted(band for band in bands if band >= 1))
    if not kept:
        raise SweepError("early_terminate", "compares trials at no iteration")
    return Hyperband(kept, eta)


class Stopper:
    """
    Follows the metric of one trial, and says when the trial is to end.

    Parameters
    ----------
    hyperband : Hyperband
        When it is compared.
    metric : str
        What is followed.
    maximize : bool
        Whether more is better.
    compare : callable
        Takes a band and the trial's value; returns the values of all that came there.
    """

    def __init__(
        self,
        hyperband: Hyperband,
        metric: str,
        compare: Callable[[int, float], Sequence[float]],
        *,
        maximize: bool,
    ) -> None:
        self._hyperband = hyperband
        self._metric = metric
        self._compare = compare
        self._maximize = maximize
        self._seen = 0
        self._best = math.nan

    def ends(self, row: Mapping[str, Any]) -> bool:
        """Take a logged row; True where the trial is to end."""
        value: Any = _inside(row, self._metric)
        try:  # numbers of numpy and torch have `item`
            value = float(value.item() if hasattr(value, "item") else value)
        except (TypeError, ValueError, RuntimeError):
            return False
        self._seen += 1
        better = value > self._best if self._maximize else value < self._best
        if math.isnan(self._best) or better:
            self._best = value
        if self._seen not in self._hyperband.bands:
            return False
        reached = self._compare(self._seen, self._best)
        return not self._hyperband.goes_on(self._best, reached, maximize=self._maximize)


def _inside(row: Mapping[str, Any], name: str) -> Any:
    """Return a row's value under a name of the history: ``val/loss`` may be nested."""
    if name in row:
        return row[name]
    head, _, rest = name.partition("/")
    inner = row.get(head)
    return _inside(inner, rest) if rest and isinstance(inner, Mapping) else None


def _number(given: Mapping[str, Any], key: str, default: float) -> float:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
        raise SweepError("early_terminate", f"{key} is a number above 0, not {value!r}")
    return value
