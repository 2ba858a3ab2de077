"""Values as short text for a terminal."""

import math
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 32
_MINUTE, _HOUR = 60, 3600


def printable(value: str | None) -> str:
    """Return a text in one line, without anything that a terminal would act on."""
    text = value or ""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def short_number(value: Any) -> str:
    """
    Write a value in about six digits.

    Examples
    --------
    >>> short_number(0.123456789), short_number(3), short_number(None), short_number(1e-07)
    ('0.123457', '3', '', '1e-07')
    """
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def short_time(seconds: float | None) -> str:
    """Write a time in UTC to the minute."""
    if seconds is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


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


def sparkline(values: Sequence[Any]) -> str:
    """
    Draw numbers as bars, at most 32 of them, each the mean of its stretch.

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
    count = min(_WIDTH, len(numbers))
    edges = [len(numbers) * i // count for i in range(count + 1)]
    means = [sum(numbers[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    return "".join(_BARS[round((mean - low) / span * (len(_BARS) - 1))] for mean in means)
