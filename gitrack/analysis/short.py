"""Curves and durations in a few characters."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
_MINUTE, _HOUR = 60, 3600


def short_duration(seconds: float | None) -> str:
    """
    Write a duration in its two largest units.

    Examples
    --------
    >>> [short_duration(s) for s in (0.25, 75, 7500)]
    ['0.2s', '1m15s', '2h05m']
    """
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return f"{seconds:.1f}s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m{int(seconds % _MINUTE):02}s"
    return f"{int(seconds // _HOUR)}h{int(seconds % _HOUR // _MINUTE):02}m"


def sparkline(values: Sequence[Any], width: int = 32) -> str:
    """
    Draw numbers as bars, at most `width` of them, each the mean of its stretch.

    Examples
    --------
    >>> sparkline([0, 1, 2, 3, float("nan")])
    '▁▃▆█'
    """
    numbers = [
        float(value)
        for value in values
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ]
    if not numbers:
        return ""
    count = min(width, len(numbers))
    # Sums and spans of the largest floats would not be finite.
    scale = max(map(abs, numbers)) or 1.0
    numbers = [number / scale for number in numbers]
    edges = [len(numbers) * i // count for i in range(count + 1)]
    means = [sum(numbers[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    return "".join(_BARS[round((mean - low) / span * (len(_BARS) - 1))] for mean in means)
