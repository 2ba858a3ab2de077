"""Video: frames as H.264 where an encoder is there, else as animated WebP; files as they are."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from gitrack.record.media.arrays import array_from, keep_array, kept_array
from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.values import text_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMATS = ("gif", "mp4", "webm", "ogg")
_DEFAULT_FPS = 4
_FRAMES, _BATCH = 4, 5  # dimensions
_QUALITY = 90


class Video(Media):
    """
    A video.

    Parameters
    ----------
    data_or_path : array_like, path or binary file
        Frames of shape (time, channels, height, width), or (batch, time, channels, height,
        width), which is tiled; 1 or 3 channels, 0 to 255. A file (gif, mp4, webm, ogg) is kept as
        it is.
    caption : str, optional
        What stands below it.
    fps : int, optional
        Frames a second, of an array; 4 unless given.
    format : {"gif", "mp4", "webm", "ogg"}, optional
        How to keep an array: "gif" as GIF; everything else as H.264 in mp4 where ffmpeg or
        imageio-ffmpeg is there, and as animated WebP elsewhere. Both play in every browser. Of a
        binary file, its format.

    Raises
    ------
    ValueError
        If the format or the shape is unknown.
    """

    type: ClassVar[str] = "video"

    def __init__(
        self,
        data_or_path: Any,
        caption: str | None = None,
        fps: int | None = None,
        format: str | None = None,  # noqa: A002 - W&B's word
    ) -> None:
        if format is not None and format not in _FORMATS:
            raise ValueError(f"a video's format is one of {', '.join(_FORMATS)}, not {format!r}")
        self._data = data_or_path
        self._fps = fps or _DEFAULT_FPS
        self._format = format
        self.caption = None if caption is None else text_from(caption)
        if isinstance(data_or_path, str | os.PathLike):
            if Path(data_or_path).suffix.lower()[1:] not in _FORMATS:
                raise ValueError(f"{data_or_path} is none of {', '.join(_FORMATS)}")
        elif hasattr(data_or_path, "read"):
            if format is None:
                raise ValueError("a video from an open file needs its format")
        else:
            shape = tuple(getattr(data_or_path, "shape", ()))
            if len(shape) not in (_FRAMES, _BATCH) or 0 in shape or shape[-3] not in (1, 3):
                raise ValueError(f"an array of shape {shape} is no video: (time, 1 or 3, h, w)")

    def spool(self, spool: Spool) -> Item:
        """Keep the frames or the file."""
        data = self._data
        item: Item = {"type": self.type, "caption": self.caption}
        if isinstance(data, str | os.PathLike):
            kept: Item = {"name": spool.keep_file(data), "suffix": Path(data).suffix.lower()}
        elif hasattr(data, "read"):
            if hasattr(data, "seek"):
                data.seek(0)
            kept = {"name": spool.keep(data.read()), "suffix": f".{self._format}"}
        else:
            kept = keep_array(array_from(data), spool)
            kept |= {"fps": self._fps, "format": self._format}
        return {**item, **kept, "spooled": [kept["name"]]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the video."""
        made: Item = {"type": cls.type, "caption": item["caption"]}
        if "suffix" in item:
            return made | files.add(spool.path(item["name"]), item["suffix"])
        frames = _frames(kept_array(item, spool))
        count, height, width, _ = frames.shape
        encoder = None if item["format"] == "gif" else _ffmpeg()
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            if encoder is not None:
                path = Path(folder) / "video.mp4"
                _write_h264(encoder, frames, item["fps"], path)
            else:
                path = Path(folder) / ("video.gif" if item["format"] == "gif" else "video.webp")
                _write_animation(frames, item["fps"], path)
            made |= files.add(path, path.suffix)
            made["format"] = path.suffix[1:]
        return {
            **made,
            "frames": count,
            "fps": item["fps"],
            "duration": count / item["fps"],
            "width": width,
            "height": height,
        }


def _frames(array: "NDArray[Any]") -> "NDArray[Any]":
    """Return frames of shape (time, height, width, 3); a batch stands in a grid."""
    import numpy as np

    if array.ndim == _BATCH:
        batch, time, depth, height, width = array.shape
        columns = int(np.ceil(np.sqrt(batch)))
        rows = -(-batch // columns)
        blank = np.zeros((rows * columns - batch, time, depth, height, width), array.dtype)
        grid = np.concatenate([array, blank]).reshape(rows, columns, time, depth, height, width)
        array = grid.transpose(2, 3, 0, 4, 1, 5).reshape(
            time, depth, rows * height, columns * width
        )
    if array.dtype != np.uint8:
        if array.dtype.kind == "f" and array.size and float(np.nanmax(array)) <= 1:
            array = array * 255
        array = np.nan_to_num(array).clip(0, 255).astype(np.uint8)
    array = array.transpose(0, 2, 3, 1)
    return array.repeat(3, axis=3) if array.shape[3] == 1 else array


def _ffmpeg() -> str | None:
    """Find an encoder: imageio-ffmpeg's own, or the one on the path."""
    try:
        import imageio_ffmpeg
    except ImportError:
        return shutil.which("ffmpeg")
    try:
        found: str = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        return shutil.which("ffmpeg")
    return found


def _write_h264(encoder: str, frames: "NDArray[Any]", fps: float, path: Path) -> None:
    """Pipe frames through ffmpeg: yuv420p with even sides, which every browser decodes."""
    import numpy as np

    _, height, width, _ = frames.shape
    words = f"-y -loglevel error -f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {fps} -i -"
    words += " -an -c:v libx264 -pix_fmt yuv420p -crf 18 -movflags +faststart"
    even = "pad=ceil(iw/2)*2:ceil(ih/2)*2"
    command = [encoder, *words.split(), "-vf", even, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            for frame in frames:
                process.stdin.write(np.ascontiguousarray(frame).data)  # type: ignore[union-attr]
        except BrokenPipeError:
            pass
        _, said = process.communicate()
    if process.returncode:
        raise ValueError(f"ffmpeg: {said.decode(errors='replace').strip()[-200:]}")


def _write_animation(frames: "NDArray[Any]", fps: float, path: Path) -> None:
    from PIL import Image as Pillow

    first, *rest = (Pillow.fromarray(frame) for frame in frames)
    options: dict[str, Any] = {} if path.suffix == ".gif" else {"quality": _QUALITY, "method": 2}
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=round(1000 / fps),
        loop=0,
        **options,
    )
