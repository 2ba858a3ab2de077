"""Figures, verdicts and notes of a review in words: nothing here is anybody else's text."""

import math

from gitrack.review.model import CodeChange, LeftOut, Metric, RuleResult, Side

_MINUS = "\N{MINUS SIGN}"
_MOST_DECIMALS = 8
_LARGE = 1e7
_MARKS = {
    "better": "▲ better",
    "worse": "**▼ worse**",
    "no difference": "= no difference",
    "cannot tell": "? cannot tell",
}
_ARROWS = {"max": " ↑", "min": " ↓", None: ""}


def decimals(metric: Metric) -> int:
    """Return how many decimals show two digits of the spread, or of the difference."""
    sizes = (metric.base_std, metric.head_std, metric.difference)
    known = [abs(size) for size in sizes if size]
    if not known:
        return 4
    return max(0, min(_MOST_DECIMALS, 1 - math.floor(math.log10(min(known)))))


def figure(value: float | None, places: int) -> str:
    """
    Write a number with some decimals.

    Examples
    --------
    >>> figure(0.78291, 3), figure(-0.5, 1), figure(3.2e9, 2), figure(1e-12, 3), figure(None, 1)
    ('0.783', '−0.5', '3.2e+09', '1e-12', '–')
    """
    if value is None:
        return "\N{EN DASH}"
    small = 0 < abs(value) < 0.5 * 10**-places
    text = f"{value:.3g}" if small or abs(value) >= _LARGE else f"{value:.{places}f}"
    return _MINUS + text[1:] if text.startswith("-") else text


def signed(value: float | None, places: int) -> str:
    """
    Write a difference with its sign.

    Examples
    --------
    >>> signed(0.0139, 4), signed(-2, 0), signed(0.0, 2)
    ('+0.0139', '−2', '±0.00')
    """
    if value is None:
        return figure(None, places)
    sign = "+" if value > 0 else "±" if value == 0 else ""
    return sign + figure(value, places)


def spread(mean: float | None, std: float | None, places: int) -> str:
    """Write a mean with its standard deviation, where there is one."""
    return figure(mean, places) + (f" ± {figure(std, places)}" if std is not None else "")


def interval(metric: Metric, places: int) -> str:
    """Write where a difference lies."""
    if metric.low is None or metric.high is None:
        return "\N{EN DASH}"
    return f"[{signed(metric.low, places)}, {signed(metric.high, places)}]"


def arrow(metric: Metric) -> str:
    """Say which way a metric is better."""
    return _ARROWS[metric.goal]


def mark(metric: Metric) -> str:
    """Return a verdict as a table shows it."""
    return _MARKS[metric.verdict]


def why(metric: Metric) -> str:
    """Say why a verdict is no more than it is, and what would help."""
    n = min(metric.base_n, metric.head_n)
    if metric.reason == "too few seeds":
        counts = f"{metric.base_n} against {metric.head_n} seeds can tell nothing"
        return f"{counts}; {metric.seeds} a side could" if metric.seeds else counts
    if metric.reason == "may be chance":
        if metric.seeds is None:
            return "may be chance"
        more = f"about {counted(metric.seeds - n, 'more seed')} a side would tell"
        return f"may be chance; {more} a difference of this size"
    if metric.reason == "no goal":
        return "which way is better is not known"
    if metric.reason == "no value":
        return f"no value on the {'head' if metric.base_n else 'base'}"
    if metric.reason == "within the margin":
        return f"within ±{metric.margin:g}"
    return ""


def rule_words(result: RuleResult, places: int = 4) -> str:
    """Say what decided on a rule."""
    if result.why == "no value":
        return "no finished run of the head has a value"
    if result.why == "too few seeds":
        return f"{counted(result.seeds or 0, 'seed')} on the {result.side}, {result.least} needed"
    allowed = f"{result.allowed:g} allowed"
    if result.why == "worse":
        return f"worse by {figure(result.loss, places)}, {allowed}"
    if result.why == "within what is allowed":
        return f"worse by {figure(result.loss, places)}, which is within the {allowed}"
    if result.why == "nothing to hold it against":
        return "the base has no value to hold it against"
    return result.why


def side_words(side: Side) -> str:
    """
    Count the runs of a side that did not finish.

    Examples
    --------
    >>> side_words(Side("x", "x", "", 5, 3, 1, 1, 0, 0, 0))
    ' (1 failed, 1 crashed)'
    """
    states = (
        (side.failed, "failed"),
        (side.crashed, "crashed"),
        (side.stopped, "stopped"),
        (side.running, "running"),
        (side.archived, "more archived and left out"),
    )
    words = ", ".join(f"{count} {what}" for count, what in states if count)
    return f" ({words})" if words else ""


def code_words(code: CodeChange) -> str:
    """Say what is not known of the code, and what no commit holds."""
    words = []
    for note in code.notes:
        side = note.rpartition(" ")[2]
        if note.startswith("no commit"):
            words.append(f"the {side}'s newest run names no commit")
        elif note == "not in this clone":
            words.append("one of the commits is not in this clone")
        elif note.startswith("several"):
            words.append(f"the {side}'s runs are of several commits: the newest run's is meant")
        else:
            lines = code.base_patch if side == "base" else code.head_patch
            size = "" if lines is None else f" ({counted(lines, 'line')} in its patch)"
            words.append(f"the {side}'s tree had changes that no commit holds{size}")
    return "; ".join(words)


def left_out_words(left_out: tuple[LeftOut, ...]) -> str:
    """Say what a review does not hold."""
    return ", ".join(f"{one.count} {one.what}" for one in left_out)


def counted(count: int, what: str) -> str:
    """
    Write a number of things.

    Examples
    --------
    >>> counted(1, "run"), counted(1200, "seed")
    ('1 run', '1,200 seeds')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
