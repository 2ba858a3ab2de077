"""Values as short text for a terminal."""

import time
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
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
