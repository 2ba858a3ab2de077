"""What lies over an image: classes, bounding boxes, masks."""

import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

from gitrack.record.media.arrays import kept_array
from gitrack.record.media.base import Item, RecordFiles, Spool
from gitrack.record.values import plain, text_from

_CORNERS = ("minX", "minY", "maxX", "maxY")
_FLAT = 2
_MOST = 1 << 16


class Classes:
    """
    The classes that boxes and masks speak of.

    Parameters
    ----------
    class_set : sequence of mapping
        ``id`` (int) and ``name`` (str) of each.

    Raises
    ------
    ValueError
        If one lacks its id or its name.
    """

    def __init__(self, class_set: Sequence[Mapping[str, Any]]) -> None:
        self.names: dict[str, str] = {}
        for one in class_set:
            if not isinstance(one, Mapping) or "id" not in one or "name" not in one:
                raise ValueError(f"a class has an id and a name, not {one!r}")
            self.names[str(int(one["id"]))] = text_from(one["name"])


def boxes_from(
    layers: Mapping[str, Mapping[str, Any]] | None, classes: Classes | None
) -> dict[str, Any]:
    """
    Check layers of bounding boxes.

    Returns
    -------
    dict
        By layer: ``class_labels`` and ``boxes``, each with ``position`` (minX, minY, maxX, maxY),
        ``domain`` ("pixel", or "fraction" of the image), ``class_id``, ``caption``, ``scores``.

    Raises
    ------
    ValueError
        If a box has no position.
    """
    found: dict[str, Any] = {}
    for layer, content in (layers or {}).items():
        boxes = content.get("box_data") if isinstance(content, Mapping) else None
        if not isinstance(boxes, list | tuple):
            raise ValueError(f"boxes[{layer!r}] has no list box_data")
        found[text_from(layer)] = {
            "class_labels": _labels(content.get("class_labels"), classes),
            "boxes": [_box(box, f"boxes[{layer!r}][{index}]") for index, box in enumerate(boxes)],
        }
    return found


def masks_from(
    layers: Mapping[str, Mapping[str, Any]] | None, classes: Classes | None
) -> dict[str, tuple[Any, dict[str, str]]]:
    """
    Check layers of masks.

    Returns
    -------
    dict
        By layer: an array of shape (height, width) or a path, and the names of the classes.

    Raises
    ------
    ValueError
        If a layer has neither ``mask_data`` nor ``path``.
    """
    found: dict[str, tuple[Any, dict[str, str]]] = {}
    for layer, content in (layers or {}).items():
        data = content.get("mask_data", content.get("path"))
        if data is None:
            raise ValueError(f"masks[{layer!r}] has neither mask_data nor path")
        if not isinstance(data, str | os.PathLike) and len(getattr(data, "shape", (0, 0))) != _FLAT:
            raise ValueError(f"masks[{layer!r}] is no array of shape (height, width)")
        found[text_from(layer)] = (data, _labels(content.get("class_labels"), classes))
    return found


def encode_mask(mask: Item, spool: Spool, files: RecordFiles) -> Item:
    """Write a mask as a grey PNG whose values are the class ids; 16 bits where 8 do not do."""
    labels = {"class_labels": mask["class_labels"]}
    if mask.get("file"):
        return files.add(spool.path(mask["name"]), ".png") | labels
    import numpy as np
    from PIL import Image as Pillow

    array = kept_array(mask, spool)
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= _MOST:
        raise ValueError(f"a mask's classes go from 0 to {_MOST - 1}, not from {low} to {high}")
    narrow = array.astype(np.uint8 if high < 256 else np.uint16)  # noqa: PLR2004
    sink = io.BytesIO()
    Pillow.fromarray(narrow).save(sink, "PNG")
    return files.add(sink.getvalue(), ".png") | labels


def _labels(labels: Any, classes: Classes | None) -> dict[str, str]:
    own = {str(key): text_from(name) for key, name in dict(labels or {}).items()}
    return {**(classes.names if classes else {}), **own}


def _box(box: Any, name: str) -> Item:
    position = box.get("position") if isinstance(box, Mapping) else None
    if not isinstance(position, Mapping):
        raise ValueError(f"{name} has no position")
    try:
        if "middle" in position:
            (x, y), width, height = position["middle"], position["width"], position["height"]
            corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        else:
            corners = [position[corner] for corner in _CORNERS]
        numbers = [float(corner) for corner in corners]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name}: a position has {', '.join(_CORNERS)}") from error
    made: Item = {
        "position": dict(zip(_CORNERS, numbers, strict=True)),
        "domain": "pixel" if box.get("domain") == "pixel" else "fraction",
    }
    for key, ours in (("class_id", "class_id"), ("box_caption", "caption"), ("scores", "scores")):
        if box.get(key) is not None:
            made[ours] = plain(box[key], name)
    return made
