"""What a value of a summary is, in the words of numbers, bytes and texts."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitrack.record.tensorboard.tensors import STRING, tensor_from
from gitrack.record.wire import BYTES, Content, WireError, fields, number, octets, signed, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Numbers of fields: those of a summary's value, of a tensor, of hparams.
_SIMPLE, _IMAGE, _HISTOGRAM, _SOUND, _TENSOR = 2, 4, 5, 6, 8
_ENCODED = 4  # of an image and of a sound alike
_HIGH, _LIMITS, _COUNTS = 2, 6, 7
_START, _END, _GROUP, _TIME, _OF_KEY = 3, 4, 4, 2, 2

_UNBOUNDED = 1e300  # writers end the last bucket at the largest double
_EDGES = 3  # columns of a histogram that is a tensor: left, right, count
_SIZES = 2  # texts before the images of a tensor: width and height
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Bins:
    """
    A histogram.

    Attributes
    ----------
    counts : sequence of float, of length n_bins
        How much lies in each bin.
    edges : sequence of float, of length n_bins + 1
        Where the bins begin and end.
    """

    counts: Sequence[float]
    edges: Sequence[float]


@dataclass(frozen=True, slots=True)
class Images:
    """Encoded images, PNG as a rule, in the order they were given."""

    contents: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Sounds:
    """Encoded sounds, WAV as a rule."""

    contents: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Texts:
    """
    Texts, Markdown as a rule.

    Attributes
    ----------
    texts : sequence of str
        Row by row.
    shape : sequence of int
        Of the tensor that they stood in; empty for a single one.
    """

    texts: Sequence[str]
    shape: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Tensor:
    """
    Numbers that no other kind of value takes.

    Attributes
    ----------
    values : ndarray
        Of any shape.
    plugin : str
        TensorBoard's plugin that draws it, "pr_curves" say; empty where none is named.
    """

    values: "NDArray[Any]"
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Hyperparameters: what the hparams plugin shows.

    Attributes
    ----------
    values : mapping of str to Any
        By name: numbers, texts, truth values, lists.
    group : str
        The name of the group of sessions; empty where none is named.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """
    How a session of the hparams plugin ended.

    Attributes
    ----------
    status : int
        0 unknown, 1 success, 2 failure, 3 running.
    time : float
        Seconds since the epoch, UTC; 0 where it is not told.
    """

    status: int
    time: float


#: What a tag has in an event; whole numbers stand in tensors only.
Value = float | Bins | Images | Sounds | Texts | Tensor | Settings | Ending


def value_from(
    found: Mapping[int, tuple[int, Content]], plugin: str, content: bytes
) -> Value | None:
    """
    Read the value of a summary.

    Parameters
    ----------
    found : mapping of int to tuple
        Wire type and content of the summary value's fields, by their number.
    plugin : str
        The tag's plugin; empty where none is named.
    content : bytes
        What the plugin's metadata says, which is all that hparams have.

    Returns
    -------
    Value or None
        None for what shows nothing: a graph, a layout, an empty value.

    Raises
    ------
    WireError
        If it is damaged.
    """
    if plugin == "hparams":
        return _hparams(content)
    if _SIMPLE in found:
        return number(*found[_SIMPLE])
    if _TENSOR in found:
        return _from_tensor(octets(found[_TENSOR][1]), plugin)
    if _HISTOGRAM in found:
        return _bins(octets(found[_HISTOGRAM][1]))
    if _IMAGE in found:
        return Images([_encoded(found[_IMAGE][1])])
    if _SOUND in found:
        return Sounds([_encoded(found[_SOUND][1])])
    return None


def _encoded(message: Content) -> bytes:
    """Return the file that an image's or a sound's message holds."""
    found = b""
    for place, _, content in fields(octets(message)):
        if place == _ENCODED:
            found = octets(content)
    return found


def _bins(message: bytes) -> Bins:
    low = high = 0.0
    counts: list[float] = []
    limits: list[float] = []
    for place, kind, content in fields(message):
        if place == 1:
            low = number(kind, content)
        elif place == _HIGH:
            high = number(kind, content)
        elif place in (_LIMITS, _COUNTS):
            into = limits if place == _LIMITS else counts
            into += _doubles(kind, content)
    if len(limits) != len(counts):
        raise WireError(f"a histogram of {len(limits)} limits and {len(counts)} counts")
    if not limits:
        return Bins([], [])
    if abs(limits[-1]) >= _UNBOUNDED:
        limits[-1] = max([high, *limits[-2:-1]])
    if len(limits) > 1 and counts[0] == 0:
        # A writer of NumPy's bins puts an empty one before the first, which tells its left edge.
        return Bins(counts[1:], limits)
    return Bins(counts, [min(low, limits[0]), *limits])


def _doubles(kind: int, content: Content) -> list[float]:
    if kind != BYTES:
        return [number(kind, content)]
    import numpy as np

    packed = octets(content)
    if len(packed) % 8:
        raise WireError("numbers that are not complete")
    doubles: list[float] = np.frombuffer(packed, "<f8").tolist()
    return doubles


def _from_tensor(message: bytes, plugin: str) -> Value | None:
    kind, shape, texts, values = tensor_from(message)
    if kind == STRING:
        return _from_texts(texts, shape, plugin)
    if values is None:
        return None
    if plugin == "histograms" and values.ndim == _PAIR and values.shape[-1] == _EDGES:
        if not len(values):
            return Bins([], [])
        columns = values.astype(float).T.tolist()
        return Bins(columns[2], [*columns[0], columns[1][-1]])
    if values.size == 1 and plugin in ("scalars", "") and values.dtype.kind in "fiub":
        # float16 and float32 are doubles without a loss; a whole number stays one.
        found: float = values.reshape(()).item()
        return found
    return Tensor(values, plugin)


def _from_texts(texts: list[bytes], shape: tuple[int, ...], plugin: str) -> Value | None:
    if plugin == "images":
        return Images(texts[_SIZES:])
    if plugin == "audio":
        pairs = len(shape) > 1 and shape[-1] == _PAIR  # a sound and what is said of it
        return Sounds(texts[::_PAIR] if pairs else texts)
    if plugin in ("text", ""):
        return Texts([one.decode("utf-8", "backslashreplace") for one in texts], shape)
    return None  # a layout of custom scalars, a mesh's settings


def _hparams(content: bytes) -> Settings | Ending | None:
    for place, _, message in fields(content):
        if place == _START:
            return _session_start(octets(message))
        if place == _END:
            status, ended = 0, 0.0
            for inner, kind, value in fields(octets(message)):
                if inner == 1:
                    status = signed(value)
                elif inner == _TIME:
                    ended = number(kind, value)
            return Ending(status, ended)
    return None


def _session_start(message: bytes) -> Settings:
    values: dict[str, Any] = {}
    group = ""
    for place, _, content in fields(message):
        if place == 1:
            name, value = "", None
            for inner, _, part in fields(octets(content)):
                if inner == 1:
                    name = text(part)
                elif inner == _OF_KEY:
                    value = _plain(octets(part))
            values[name] = value
        elif place == _GROUP:
            group = text(content)
    return Settings(values, group)


def _plain(message: bytes, depth: int = 0) -> Any:
    """Read a `google.protobuf.Value`."""
    if depth > 32:  # noqa: PLR2004 - as protobuf itself stops at some depth
        raise WireError("a value that is nested too deeply")
    found: Any = None
    for place, kind, content in fields(message):
        match place:
            case 2:
                found = number(kind, content)
                with contextlib.suppress(ValueError, OverflowError):
                    # A settings' whole number travels as a double.
                    found = int(found) if found == int(found) and abs(found) < 2**53 else found
            case 3:
                found = text(content)
            case 4:
                found = bool(content)
            case 5:
                found = {}
                for _, _, entry in fields(octets(content)):
                    parts = {inner: part for inner, _, part in fields(octets(entry))}
                    found[text(parts.get(1, b""))] = _plain(octets(parts.get(2, b"")), depth + 1)
            case 6:
                found = [_plain(octets(part), depth + 1) for _, _, part in fields(octets(content))]
    return found
