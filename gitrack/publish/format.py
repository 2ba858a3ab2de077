"""Numbers, times and amounts as people read them, the same in every locale."""

import math
from datetime import UTC, datetime

MISSING = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: float | None) -> str:
    """
    Write a number with four significant digits, whole ones whole.

    Examples
    --------
    >>> [number(value) for value in (0.78713, 412.62, 1797, 3e-05, 1234567.8, 12)]
    ['0.7871', '412.6', '1797', '3e\u22125', '1.235e6', '12']
    >>> [number(value) for value in (-0.5, float("nan"), float("-inf"), None)]
    ['\u22120.5', 'NaN', '\u2212∞', '\u2013']
    """
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{_MINUS}∞"
    size = abs(value)
    if size < 1e6 and value == int(value):  # noqa: PLR2004  seven digits are read as a power
        text = str(int(value))
    elif 1e-4 <= size < 1e6:  # noqa: PLR2004
        text = f"{value:.4g}" if size < 1e3 else f"{value:.1f}"  # noqa: PLR2004
    else:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text.replace("-", _MINUS)


def difference(value: float) -> str:
    """
    Write a difference with its sign.

    Examples
    --------
    >>> [difference(value) for value in (0.0172, -1, 0.0)]
    ['+0.0172', '\u22121', '±0']
    """
    if value == 0:
        return "±0"
    return f"+{number(value)}" if value > 0 else number(value)


def count(value: int | None) -> str:
    """
    Write a step or an amount, thousands as k and millions as M.

    Examples
    --------
    >>> [count(value) for value in (999, 9999, 38200, 2500000, None)]
    ['999', '9999', '38.2k', '2.5M', '\u2013']
    """
    if value is None:
        return MISSING
    for bound, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if abs(value) >= bound:
            divisor = 10**3 if unit == "k" else bound
            return f"{value / divisor:.1f}".removesuffix(".0").replace("-", _MINUS) + unit
    return str(value).replace("-", _MINUS)


def duration(seconds: float | None) -> str:
    """
    Write a time span in its two largest units.

    Examples
    --------
    >>> [duration(value) for value in (0.31, 12, 754, 6789, 273600, None)]
    ['0.3 s', '12 s', '12 min 34 s', '1 h 53 min', '3 d 4 h', '\u2013']
    """
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return MISSING
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{int(seconds)} s"  # noqa: PLR2004
    whole = int(seconds)
    for large, small, unit, part in (
        (_DAY, _HOUR, "d", "h"),
        (_HOUR, _MINUTE, "h", "min"),
        (_MINUTE, 1, "min", "s"),
    ):
        if whole >= large:
            rest = whole % large // small
            return f"{whole // large} {unit}" + (f" {rest} {part}" if rest else "")
    return f"{whole} s"


def moment(epoch: float | None) -> str:
    """
    Write a moment in UTC.

    Examples
    --------
    >>> moment(1795269753.5), moment(None), moment(1e300)
    ('21 Nov 2026, 14:02', '\u2013', '\u2013')
    """
    at = _utc(epoch)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}" if at else MISSING


def memory(size: int | None) -> str:
    """
    Write an amount of memory.

    Examples
    --------
    >>> memory(135_000_000_000), memory(None)
    ('126 GiB', '\u2013')
    """
    return MISSING if size is None else f"{size / 2**30:.0f} GiB"


def size(amount: int) -> str:
    """
    Write a number of bytes, as disks and hosts count them.

    Examples
    --------
    >>> [size(amount) for amount in (0, 999, 12_345, 1_000_000_000)]
    ['0 B', '999 B', '12.3 kB', '1.0 GB']
    """
    if amount < 1000:  # noqa: PLR2004
        return f"{amount} B"
    value = float(amount)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:  # noqa: PLR2004  what would be written as 1000.0
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def _utc(epoch: float | None) -> datetime | None:
    try:
        return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, OSError, ValueError):
        return None
