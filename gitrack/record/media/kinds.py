"""Which class is which kind of media, and which foreign objects are one."""

import importlib
import sys
from collections.abc import Hashable
from functools import lru_cache
from types import ModuleType
from typing import Any, cast

from gitrack.record.media.base import Media

_HERE = "gitrack.record.media"
#: The class of each kind that the record knows, imported when it is first met.
_KINDS = {
    "audio": ("audio", "Audio"),
    "bokeh": ("figures", "BokehFigure"),
    "chart": ("chart", "Chart"),
    "embedding": ("embedding", "Embedding"),
    "graph": ("graph", "Graph"),
    "histogram": ("histogram", "Histogram"),
    "html": ("texts", "Html"),
    "image": ("image", "Image"),
    "markdown": ("texts", "Markdown"),
    "molecule": ("object3d", "Molecule"),
    "object3d": ("object3d", "Object3D"),
    "plotly": ("figures", "Plotly"),
    "table": ("table", "Table"),
    "tree": ("tree", "DecisionTree"),
    "video": ("video", "Video"),
}
#: Objects of other libraries that are media as they stand: module, class, our kind.
_FOREIGN = (
    ("matplotlib.artist", "Artist", "image"),
    ("PIL.Image", "Image", "image"),
    ("plotly.basedatatypes", "BaseFigure", "plotly"),
    ("bokeh.model", "Model", "bokeh"),
    ("pandas", "DataFrame", "table"),
)
_PYPLOT = "matplotlib.pyplot"


def kind_of(name: str) -> type[Media]:
    """
    Return the class of a kind.

    Raises
    ------
    KeyError
        If there is none.
    """
    module, attribute = _KINDS[name]
    found: type[Media] = getattr(importlib.import_module(f"{_HERE}.{module}"), attribute)
    return found


def media_from(value: Any) -> Media | None:
    """
    Return a value as media if it is some: ours, or a figure, an image, a frame of a library.

    No library is imported for it: an object of a library that is not there cannot come.
    """
    if isinstance(value, Media):
        return value
    kind = _foreign_kind(cast("Hashable", type(value)))
    if kind is None and isinstance(value, ModuleType) and value.__name__ == _PYPLOT:
        kind = "image"
    return None if kind is None else kind_of(kind)(value)  # type: ignore[call-arg]


@lru_cache(maxsize=256)
def _foreign_kind(cls: Hashable) -> str | None:
    """Name our kind for a class of another library; scalars of numpy and torch pass quickly."""
    for module, attribute, kind in _FOREIGN:
        foreign = getattr(sys.modules.get(module), attribute, None)
        if isinstance(foreign, type) and isinstance(cls, type) and issubclass(cls, foreign):
            return kind
    return None


def stand_in(value: Any) -> dict[str, Any] | None:
    """Return what stands for media in a row that nobody keeps."""
    several = value if isinstance(value, list | tuple) else (value,)
    return {} if any(media_from(one) is not None for one in several) else None
