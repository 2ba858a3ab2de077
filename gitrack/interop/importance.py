"""The importance of features, as the tree libraries tell it."""

from collections.abc import Mapping
from typing import Any

from gitrack.record.media.chart import Chart
from gitrack.record.media.table import Table
from gitrack.record.plot import bar
from gitrack.record.values import text_from

_MOST = 50  # bars


def importance_chart(
    found: Mapping[Any, Any], kind: str, most: int = _MOST, what: str = "Feature importance"
) -> Chart:
    """
    Draw features by their importance, the greatest first.

    Parameters
    ----------
    found : mapping of str to float
        The importance of each feature.
    kind : str
        What importance means.
    most : int
        How many are drawn.
    what : str
        What the title begins with.
    """
    numbers = {text_from(name): float(value) for name, value in found.items()}
    ranked = sorted(numbers.items(), key=lambda item: -item[1])
    table = Table(columns=["feature", "importance"], data=[list(one) for one in ranked[:most]])
    title = f"{what} ({kind})"
    if len(ranked) > most:
        title += f", the first {most} of {len(ranked)}"
    return bar(table, "feature", "importance", title)
