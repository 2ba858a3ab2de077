"""One thing logged that is more than a number, as ``media.jsonl`` holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MediaItem:
    """
    An image, a table, a chart …, logged under a key in one row of a run's history.

    Attributes
    ----------
    key : str
        The name it was logged under.
    step : int
        The row's step.
    runtime, timestamp : float
        The row's time: seconds since the run began, and since the epoch, UTC.
    type : str
        Its kind: "image", "video", "audio", "table", "chart" ….
    index : int or None
        Its place in the list that was logged; None when it was logged alone.
    path : str or None
        Its file inside the run's folder; None for what is all in `facts`.
    facts : mapping of str to Any
        What its kind says: caption, width, height, columns ….
    """

    key: str
    step: int
    runtime: float
    timestamp: float
    type: str
    index: int | None = None
    path: str | None = None
    facts: Mapping[str, Any] | None = None
