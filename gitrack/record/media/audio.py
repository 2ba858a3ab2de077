"""Audio: samples as WAV, or a file as it is."""

import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from gitrack.record.media.arrays import array_from, keep_array, kept_array
from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.values import text_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PCM, _FLOAT = 1, 3  # formats of a WAV file
_MOST_CHANNELS = 64


class Audio(Media):
    """
    A sound.

    Parameters
    ----------
    data_or_path : array_like or path
        Samples of shape (n_samples,) or (n_samples, n_channels): floats from -1 to 1 are kept as
        32-bit floats, whole numbers as 16 or 32 bits, each exactly. A file is kept as it is.
    sample_rate : int, optional
        Samples a second; needed for an array.
    caption : str, optional
        What stands below it.

    Raises
    ------
    ValueError
        If an array comes without its sample rate, or has no samples' shape.
    """

    type: ClassVar[str] = "audio"

    def __init__(
        self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None
    ) -> None:
        self._data = data_or_path
        self.sample_rate = sample_rate
        self.caption = None if caption is None else text_from(caption)
        if not isinstance(data_or_path, str | os.PathLike):
            if not sample_rate or int(sample_rate) <= 0:
                raise ValueError("audio from an array needs its sample_rate")
            shape: tuple[int, ...] = getattr(data_or_path, "shape", (len(data_or_path),))
            if len(shape) not in (1, 2) or (len(shape) > 1 and not 0 < shape[1] <= _MOST_CHANNELS):
                raise ValueError(f"an array of shape {tuple(shape)} is no audio")

    def spool(self, spool: Spool) -> Item:
        """Keep the samples or the file."""
        item: Item = {"type": self.type, "caption": self.caption, "sample_rate": self.sample_rate}
        if isinstance(self._data, str | os.PathLike):
            kept = {"name": spool.keep_file(self._data), "suffix": Path(self._data).suffix.lower()}
        else:
            kept = keep_array(array_from(self._data), spool)
        return {**item, **kept, "spooled": [kept["name"]]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write a WAV file."""
        made: Item = {"type": cls.type, "caption": item["caption"]}
        if "suffix" in item:
            suffix = item["suffix"] if item["suffix"][1:].isalnum() else ""
            made |= files.add(spool.path(item["name"]), suffix)
            return made | ({"sample_rate": item["sample_rate"]} if item["sample_rate"] else {})
        samples = kept_array(item, spool)
        channels = 1 if samples.ndim == 1 else samples.shape[1]
        rate = int(item["sample_rate"])
        return {
            **made,
            **files.add(_wav(samples, rate, channels), ".wav"),
            "sample_rate": rate,
            "channels": channels,
            "duration": len(samples) / rate,
        }


def _wav(samples: "NDArray[Any]", rate: int, channels: int) -> bytes:
    """
    Write samples as a WAV file.

    References
    ----------
    Microsoft, "Multiple Channel Audio Data and WAVE Files", 2007.
    """
    import numpy as np

    kind = samples.dtype
    if kind.kind == "f":
        form, samples = _FLOAT, samples.astype("<f4")
    elif kind.kind == "u" and kind.itemsize == 1:
        form = _PCM  # 8 bits are unsigned in WAV as well
    elif kind.kind in "iu" and kind.itemsize == 2 and kind.kind == "i":  # noqa: PLR2004
        form, samples = _PCM, samples.astype("<i2")
    else:
        info = np.iinfo(np.int16)
        fits = not samples.size or (samples.min() >= info.min and samples.max() <= info.max)
        form, samples = _PCM, samples.astype("<i2" if fits else "<i4")
    data = np.ascontiguousarray(samples).tobytes()
    width = samples.dtype.itemsize
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + len(data) + len(data) % 2, b"WAVE", b"fmt ", 16, form, channels, rate,
        rate * channels * width, channels * width, 8 * width, b"data", len(data),
    )  # fmt: skip
    return head + data + b"\0" * (len(data) % 2)
