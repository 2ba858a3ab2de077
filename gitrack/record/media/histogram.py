"""A histogram: counts between edges."""

from collections.abc import Sequence
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, Spool

_BINS = 64
_MOST = 512


class Histogram(Media):
    """
    A histogram of values, or one counted elsewhere.

    Parameters
    ----------
    sequence : array_like, optional
        The values, of any shape; NaN and infinities are not counted.
    np_histogram : tuple of (counts, edges), optional
        What ``numpy.histogram`` returned, in place of values.
    num_bins : int
        How many bins to count in, at most 512.

    Attributes
    ----------
    histogram : list of float
        Counts, of length n_bins.
    bins : list of float
        Edges, of length n_bins + 1.

    Raises
    ------
    ValueError
        If there is neither or both, or the counts and edges do not fit.
    """

    type: ClassVar[str] = "histogram"

    def __init__(
        self,
        sequence: Any = None,
        np_histogram: tuple[Sequence[float], Sequence[float]] | None = None,
        num_bins: int = _BINS,
    ) -> None:
        if (sequence is None) == (np_histogram is None):
            raise ValueError("a histogram takes either values or np_histogram=(counts, edges)")
        if np_histogram is not None:
            counts, edges = np_histogram
            self.histogram = [float(count) for count in counts]
            self.bins = [float(edge) for edge in edges]
        else:
            self.histogram, self.bins = _counted(sequence, num_bins)
        if len(self.bins) != len(self.histogram) + 1 or len(self.histogram) > _MOST:
            raise ValueError(
                f"{len(self.histogram)} counts and {len(self.bins)} edges: "
                f"there is one edge more than counts, and at most {_MOST} counts"
            )

    def spool(self, spool: Spool) -> Item:  # noqa: ARG002 - it is small enough for the journal
        """Return counts and edges as they are."""
        return {"type": self.type, "counts": self.histogram, "edges": self.bins}


def _counted(values: Any, bins: int) -> tuple[list[float], list[float]]:
    import numpy as np

    if hasattr(values, "detach"):  # a tensor of torch, maybe on a GPU or in bfloat16
        values = values.detach().cpu()
        values = values.float() if values.is_floating_point() else values
    array = np.asarray(values)
    if array.dtype == object:
        array = array.astype(float)
    flat = array.ravel()
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    elif flat.dtype.kind == "b":
        flat = flat.astype(np.uint8)
    counts, edges = np.histogram(flat, bins=min(int(bins), _MOST))
    return counts.astype(float).tolist(), edges.astype(float).tolist()
