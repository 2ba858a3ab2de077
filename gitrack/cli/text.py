"""Values as short text for a terminal."""

import time
from functools import lru_cache
from typing import Any


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
    day, minute = divmod(int(seconds // 60), 24 * 60)
    return f"{_day(day)} {minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=1024)
def _day(number: int) -> str:
    """Write the day so many days after the epoch; runs of one day are many."""
    return time.strftime("%Y-%m-%d", time.gmtime(number * 86_400))
