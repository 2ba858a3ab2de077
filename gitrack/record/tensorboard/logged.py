"""Values of event files as what ``log`` takes."""

from collections.abc import Sequence
from typing import Any

from gitrack.record.media.encoded import EncodedAudio, EncodedImage
from gitrack.record.media.histogram import Histogram
from gitrack.record.media.table import Table
from gitrack.record.media.texts import Markdown
from gitrack.record.tensorboard.values import Bins, Images, Sounds, Tensor, Texts, Value

_MOST_BINS = 512  # of a histogram
_MOST_VALUES = 1000  # of a tensor that is kept as a list
_FLAT = 2
_CURVE = ("true positives", "false positives", "true negatives", "false negatives",
          "precision", "recall")  # fmt: skip


def loggable(value: Value) -> Any:
    """
    Return a value as ``log`` takes it.

    Parameters
    ----------
    value : Value
        A value of an event.

    Returns
    -------
    Any
        A number as it is, a `Histogram`, an image, a sound, a `Markdown` text, a `Table`, a list of
        numbers, or a list of media where there were several. None for what is shown as nothing of
        these: settings, endings, meshes, tensors of more than 1,000 numbers.
    """
    if isinstance(value, int | float):
        return value
    if isinstance(value, Bins):
        return _histogram(value) if value.counts else None
    if isinstance(value, Images):
        return _one_or_all([EncodedImage(content) for content in value.contents])
    if isinstance(value, Sounds):
        return _one_or_all([EncodedAudio(content) for content in value.contents])
    if isinstance(value, Texts):
        return _texts(value)
    if isinstance(value, Tensor):
        return _tensor(value)
    return None


def _one_or_all(media: list[Any]) -> Any:
    return (media if len(media) > 1 else media[0]) if media else None


def _texts(value: Texts) -> Any:
    if len(value.shape) == _FLAT:
        width = value.shape[1]
        if not width or len(value.texts) != value.shape[0] * width:
            return None
        rows = [value.texts[at : at + width] for at in range(0, len(value.texts), width)]
        return Table(columns=[str(place) for place in range(width)], data=rows)
    return _one_or_all([Markdown(text) for text in value.texts])


def _tensor(value: Tensor) -> Any:
    values = value.values
    if value.plugin == "pr_curves" and values.ndim == _FLAT and len(values) == len(_CURVE):
        return Table(columns=_CURVE, data=values.T.tolist())
    if value.plugin == "mesh" or values.size > _MOST_VALUES or values.dtype.kind not in "fiub":
        return None
    return values.tolist()


def _histogram(value: Bins) -> Histogram:
    """Return a histogram, neighbours together where there are too many bins."""
    counts, edges = list(value.counts), list(value.edges)
    if len(counts) > _MOST_BINS:
        counts, edges = _without_gaps(counts, edges)
    several = -(-len(counts) // _MOST_BINS)
    if several > 1:
        starts = range(0, len(counts), several)
        counts = [sum(counts[at : at + several]) for at in starts]
        edges = [*(edges[at] for at in starts), edges[-1]]
    return Histogram(np_histogram=(counts, edges))


def _without_gaps(
    counts: Sequence[float], edges: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Make one bin of empty ones that lie side by side, which loses nothing."""
    kept, ends = [counts[0]], [edges[0], edges[1]]
    for count, end in zip(counts[1:], edges[2:], strict=True):
        if count == 0 == kept[-1]:
            ends[-1] = end
        else:
            kept.append(count)
            ends.append(end)
    return kept, ends
