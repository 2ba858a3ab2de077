"""Images: arrays, tensors, PIL images, matplotlib figures, files; with boxes and masks."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from gitrack.record.media.arrays import array_from, keep_array, kept_array
from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.media.masks import Classes, boxes_from, encode_mask, masks_from
from gitrack.record.values import text_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP"}
_SHOWN = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif"))
_BY_DEPTH = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WRITABLE = {
    "png": ("1", "L", "LA", "RGB", "RGBA", "I;16", "I"),
    "jpg": ("L", "RGB"),
    "jpeg": ("L", "RGB"),
}
_FLAT, _DEEP, _BATCH = 2, 3, 4  # dimensions
_A_ROW = 8  # images of a batch side by side
_MOST_PIXELS = 1 << 28
_DPI = 150


class Image(Media):
    """
    An image.

    Parameters
    ----------
    data_or_path : array_like, PIL.Image.Image, matplotlib figure, axes or pyplot, Image, or path
        An array of shape (height, width), (height, width, channels) or, from torch,
        (channels, height, width), with 1 to 4 channels; a batch from torch, (batch, channels,
        height, width), is tiled, eight in a row. Whole numbers are taken for 0 to 255,
        truth values for black and white, floats for 0 to 1, or -1 to 1 where some are negative;
        floats beyond that are stretched to their own range, and the record says so.
    mode : str, optional
        A mode of PIL to convert to, "L" or "RGB" say.
    caption : str, optional
        What stands below it.
    grouping : int, optional
        Taken for W&B's sake.
    classes : Classes or sequence of dict, optional
        ``id`` and ``name`` of each class that boxes and masks speak of.
    boxes, masks : mapping, optional
        Layers of bounding boxes and of masks, as W&B has them.
    file_type : {"png", "jpg", "webp", "gif", "bmp"}, optional
        How it is kept; PNG, which loses nothing, unless given.
    normalize : bool
        False takes floats for 0 to 255 as they are.

    Raises
    ------
    ValueError
        If there is nothing to show, or a box or mask cannot be read.
    """

    type: ClassVar[str] = "image"

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | None = None,
        grouping: int | None = None,
        classes: "Classes | Sequence[Mapping[str, Any]] | None" = None,
        boxes: Mapping[str, Mapping[str, Any]] | None = None,
        masks: Mapping[str, Mapping[str, Any]] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
    ) -> None:
        if file_type is not None and file_type.lower() not in _FORMATS:
            raise ValueError(f"file_type {file_type!r} is not one of {', '.join(_FORMATS)}")
        before: dict[str, Any] = vars(data_or_path) if isinstance(data_or_path, Image) else {}
        self._data = before.get("_data", data_or_path)
        self._mode = mode or before.get("_mode")
        self._normalize = normalize
        self._file_type = file_type.lower() if file_type else None
        caption = before.get("caption") if caption is None else caption
        self.caption = None if caption is None else text_from(caption)
        self.grouping = grouping
        named = classes if classes is None or isinstance(classes, Classes) else Classes(classes)
        self._boxes = {**before.get("_boxes", {}), **boxes_from(boxes, named)}
        self._masks = {**before.get("_masks", {}), **masks_from(masks, named)}

    def spool(self, spool: Spool) -> Item:
        """Keep the pixels; a figure is drawn now, since the script may close it next."""
        item: Item = {"type": self.type, "caption": self.caption, "spooled": []}
        for option in ("mode", "normalize", "file_type"):
            item[option] = getattr(self, f"_{option}")
        if self._boxes:
            item["boxes"] = self._boxes
        item |= self._content(spool)
        item["spooled"].append(item["name"])
        if self._masks:
            item["masks"] = {}
            for layer, (data, labels) in self._masks.items():
                kept = (
                    {"name": spool.keep_file(data), "file": True}
                    if isinstance(data, str | os.PathLike)
                    else keep_array(array_from(data), spool)
                )
                item["masks"][layer] = {**kept, "class_labels": labels}
                item["spooled"].append(kept["name"])
        return item

    def _content(self, spool: Spool) -> Item:
        data = self._data
        if isinstance(data, str | os.PathLike):
            suffix = Path(data).suffix.lower()
            return {"source": "file", "name": spool.keep_file(data), "suffix": suffix}
        if isinstance(data, ModuleType) or hasattr(data, "savefig") or hasattr(data, "figure"):
            return {"source": "drawn", "name": spool.keep(_drawn(data))}
        if hasattr(data, "tobytes") and hasattr(data, "getbands"):
            kept = data
            if data.mode == "P":
                kept = data.convert("RGBA" if "transparency" in data.info else "RGB")
            return {
                "source": "pil",
                "name": spool.keep(kept.tobytes()),
                "pil_mode": kept.mode,
                "pil_size": list(kept.size),
            }
        array = array_from(data)
        from_torch = hasattr(data, "detach")
        array = _tiled(array) if from_torch and array.ndim == _BATCH else _squeezed(array)
        first = from_torch and array.ndim == _DEEP and array.shape[0] in _BY_DEPTH
        if array.ndim not in (_FLAT, _DEEP) or 0 in array.shape:
            raise ValueError(f"an array of shape {array.shape} is no image")
        if array.shape[0] * array.shape[1] > _MOST_PIXELS:
            raise ValueError(f"an array of shape {array.shape} is too large for an image")
        depth = 1 if array.ndim == _FLAT else array.shape[0 if first else -1]
        if depth not in _BY_DEPTH:
            raise ValueError(f"an array of shape {array.shape} has no 1 to 4 channels")
        return {"source": "array", "channels_first": first, **keep_array(array, spool)}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the image, PNG unless asked otherwise; a file stays as it is, byte for byte."""
        made: Item = {"type": cls.type, "caption": item["caption"]}
        path = spool.path(item["name"])
        if item["source"] == "drawn":
            made |= files.add(path, ".png") | _size_of(path)
        elif item["source"] == "file":
            made |= _encode_file(item, path, files)
        else:
            made |= _encode_pixels(item, spool, files)
        if "boxes" in item:
            made["boxes"] = item["boxes"]
        if "masks" in item:
            made["masks"] = {
                layer: encode_mask(mask, spool, files) for layer, mask in item["masks"].items()
            }
        return made


def _encode_file(item: Item, path: Path, files: RecordFiles) -> Item:
    suffix = item["suffix"] if item["suffix"][1:].isalnum() else ""
    kept = files.add(path, suffix)
    if suffix == ".svg":
        return kept
    size = _size_of(path)
    if suffix in _SHOWN and item["mode"] is None:
        return kept | size
    from PIL import Image as Pillow

    with Pillow.open(path) as image:
        shown = _written(image.convert(item["mode"] or "RGBA"), "png")
    return files.add(shown, ".png") | size | {"original": kept["path"]}


def _encode_pixels(item: Item, spool: Spool, files: RecordFiles) -> Item:
    from PIL import Image as Pillow

    facts: Item = {}
    if item["source"] == "pil":
        content = spool.path(item["name"]).read_bytes()
        image = Pillow.frombytes(item["pil_mode"], tuple(item["pil_size"]), content)
    else:
        array = kept_array(item, spool)
        if item["channels_first"]:
            array = array.transpose(1, 2, 0)
        pixels, scaled = _as_bytes(array, normalize=item["normalize"])
        if scaled is not None:
            facts["scaled"] = scaled
        depth = 1 if pixels.ndim == _FLAT else pixels.shape[-1]
        pixels = pixels[..., 0] if pixels.ndim == _DEEP and depth == 1 else pixels
        image = Pillow.fromarray(pixels, _BY_DEPTH[depth])
    if item["mode"]:
        image = image.convert(item["mode"])
    kind = item["file_type"] or "png"
    content = _written(image, kind)
    return {
        **files.add(content, f".{kind}"),
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
        **facts,
    }


def _squeezed(array: "NDArray[Any]") -> "NDArray[Any]":
    """Drop what stands before an image with a length of 1."""
    while array.shape[:1] == (1,) and array.ndim >= _DEEP:
        if array.ndim == _DEEP and array.shape[-1] in _BY_DEPTH:
            break
        array = array[0]
    return array


def _tiled(batch: "NDArray[Any]") -> "NDArray[Any]":
    """Lay images of shape (batch, channels, height, width) out in a grid, black where none is."""
    import numpy as np

    count, depth, height, width = batch.shape
    columns = max(min(count, _A_ROW), 1)
    rows = -(-count // columns)
    grid = np.zeros((rows * columns, depth, height, width), batch.dtype)
    grid[:count] = batch
    grid = grid.reshape(rows, columns, depth, height, width).transpose(2, 0, 3, 1, 4)
    return grid.reshape(depth, rows * height, columns * width)


def _as_bytes(
    array: "NDArray[Any]", *, normalize: bool
) -> tuple["NDArray[Any]", list[float] | None]:
    """
    Turn values into 0 to 255.

    Returns
    -------
    pixels : ndarray of uint8
        The same shape.
    scaled : list of two floats, or None
        The values that became 0 and 255; None where nothing was scaled.
    """
    import numpy as np

    if array.dtype == np.uint8:
        return np.ascontiguousarray(array), None
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255), None
    if array.dtype.kind in "iu":
        scaled = [float(array.min()), float(array.max())]
        if scaled[0] >= 0 and scaled[1] <= 255:  # noqa: PLR2004
            return array.astype(np.uint8), None
    elif not normalize:
        return np.nan_to_num(array).clip(0, 255).astype(np.uint8), None
    else:
        finite = array[np.isfinite(array)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if low >= 0 and high <= 1:
            scaled = [0.0, 1.0]
        elif low >= -1 and high <= 1:
            scaled = [-1.0, 1.0]
        else:
            scaled = [low, high]
    span = (scaled[1] - scaled[0]) or 1.0
    wide = array.astype(np.float64)
    wide = np.nan_to_num(wide, nan=scaled[0], posinf=scaled[1], neginf=scaled[0])
    return ((wide - scaled[0]) / span * 255).round().clip(0, 255).astype(np.uint8), scaled


def _written(image: Any, kind: str) -> bytes:
    sink = io.BytesIO()
    if image.mode not in _WRITABLE.get(kind, (image.mode,)):
        image = image.convert("RGB")
    image.save(sink, _FORMATS[kind])
    return sink.getvalue()


def _size_of(path: Path) -> Item:
    """Return a file's width, height and mode, which makes sure that it is an image."""
    from PIL import Image as Pillow

    with Pillow.open(path) as image:
        return {"width": image.width, "height": image.height, "mode": image.mode}


def _drawn(value: Any) -> bytes:
    """Draw a figure of matplotlib without touching the script's own state."""
    figure = value
    if isinstance(value, ModuleType):
        figure = value.gcf()
    elif not hasattr(value, "savefig"):
        figure = value.figure
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=_DPI, bbox_inches="tight")
    return sink.getvalue()
