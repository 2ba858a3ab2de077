"""Images, videos, audio, pages and texts that a run logged, key by key."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

from gitrack.model.media import MediaItem
from gitrack.publish.sections.base import Section, Source

#: Colours of the classes of masks and boxes, in the order of their ids.
CLASS_COLOURS = (
    "#0b84e0", "#e8a33d", "#12a37f", "#de5064", "#6b5dd3", "#a18192", "#546f42", "#bb3b0b",
    "#137598", "#aa3d85",
)  # fmt: skip
_FILL = 71  # of 255: the 28 % of a class's inside; its outline is opaque
_CLASSES = 64  # of one mask; what has more is no segmentation
#: Bytes up to which a text travels in the script.
_TEXT = 1_000_000


def media_section(source: Source) -> Section | None:
    """
    Lay out what was logged by key, each with its steps.

    The script holds ``keys``: ``key``, and ``items`` with ``step``, ``index``, ``type``,
    ``caption``, ``src`` (a place in the site), ``text`` or ``why`` (what cannot be shown).
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    for item in source.media:
        if (drawn := shown(source, item)) is not None:
            place = {"step": item.step, "index": item.index}
            keys.setdefault(item.key, []).append(
                {name: value for name, value in place.items() if value is not None} | drawn
            )
    if not keys:
        return None
    data = {"keys": [{"key": key, "items": items} for key, items in keys.items()]}
    count = sum(map(len, keys.values()))
    return Section("media", "Media", source.script(data), count)


def shown(source: Source, item: MediaItem) -> dict[str, Any] | None:
    """Lay one item out: ``type``, ``caption`` and what it is drawn from; None for other kinds."""
    if (show := _SHOWN.get(item.type)) is None:
        return None
    facts = item.facts or {}
    caption = facts.get("caption") or facts.get("title")
    named = {"type": item.type} if caption is None else {"type": item.type, "caption": caption}
    return named | show(source, item)


def _file(source: Source, item: MediaItem) -> dict[str, Any]:
    """Show a file as it is; one that a browser would run travels as data."""
    facts = item.facts or {}
    if "error" in facts or item.path is None:
        return {"why": str(facts.get("error", "it has no file"))}
    sizes = {name: facts[name] for name in ("width", "height") if type(facts.get(name)) is int}
    if item.path.endswith(".svg"):
        content = source.read(item.path)
        if content is None:
            return {"why": "its data is not on this site"}
        return {"src": f"data:image/svg+xml;base64,{base64.b64encode(content).decode('ascii')}"}
    place = source.publish(item.path)
    return sizes | ({"src": place} if place else {"why": "its data is not on this site"})


def _image(source: Source, item: MediaItem) -> dict[str, Any]:
    """Show an image with its boxes and, a picture a class, its masks."""
    shown, facts = _file(source, item), item.facts or {}
    labels: dict[str, str] = {}
    boxes = []
    for layer, content in _mapping(facts.get("boxes")).items():
        labels |= _labels(content)
        for box in content.get("boxes", []):
            position = _mapping(box.get("position"))
            corners = [position.get(name) for name in ("minX", "minY", "maxX", "maxY")]
            if all(type(corner) in (int, float) for corner in corners):
                fraction = box.get("domain") != "pixel"
                boxes.append(
                    [layer, box.get("class_id"), corners, fraction, box.get("caption") or ""]
                )
    masks = []
    for layer, content in _mapping(facts.get("masks")).items():
        labels |= _labels(content)
        path = content.get("path")
        picture = source.read(path) if isinstance(path, str) else None
        if picture is not None:
            masks += [
                [layer, number, source.keep(png, ".png")] for number, png in layers_of(picture)
            ]
    if boxes:
        shown["boxes"] = boxes
    if masks:
        shown["masks"] = masks
    if boxes or masks:
        shown["classes"] = sorted(labels.items())
    return shown


def layers_of(picture: bytes) -> list[tuple[int, bytes]]:
    """
    Cut a mask into one transparent picture a class, with its outline.

    Parameters
    ----------
    picture : bytes
        A grey PNG whose values are class ids; 0 is the background.

    Returns
    -------
    list of (int, bytes)
        Class id and PNG; empty for what is no mask.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as opened:
            values = np.asarray(opened.convert("I"))
    except (OSError, ValueError, Image.DecompressionBombError):
        return []
    numbers = [int(number) for number in np.unique(values) if number > 0]
    if len(numbers) > _CLASSES:
        return []
    layers = []
    for number in numbers:
        inside = np.pad(values == number, 1)
        inner = (
            inside[1:-1, 1:-1]
            & inside[:-2, 1:-1]
            & inside[2:, 1:-1]
            & inside[1:-1, :-2]
            & inside[1:-1, 2:]
        )
        places = (inside[1:-1, 1:-1].astype(np.uint8) * 2) - inner.astype(np.uint8)
        image = Image.fromarray(places, "P")
        colour = CLASS_COLOURS[(number - 1) % len(CLASS_COLOURS)]
        image.putpalette(list(bytes.fromhex(colour[1:])) * 3)
        sink = io.BytesIO()
        image.save(sink, "PNG", transparency=bytes([0, _FILL, 255]), optimize=True)
        layers.append((number, sink.getvalue()))
    return layers


def _text(source: Source, item: MediaItem) -> dict[str, Any]:
    """Show a page or a text, which travels inside the script and never is a file of its own."""
    content = source.read(item.path) if item.path else None
    if content is None:
        return {"why": "its data is not on this site"}
    if len(content) > _TEXT:
        return {"why": f"{len(content):,} bytes are too many for a page"}
    return {"text": content.decode("utf-8", "replace")}


def _labels(content: Mapping[str, Any]) -> dict[str, str]:
    names = _mapping(content.get("class_labels"))
    return {str(number): str(name) for number, name in names.items()}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


_SHOWN: dict[str, Callable[[Source, MediaItem], dict[str, Any]]] = {
    "image": _image,
    "video": _file,
    "audio": _file,
    "html": _text,
    "markdown": _text,
}
