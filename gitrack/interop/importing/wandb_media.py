"""What W&B logs beside numbers, as gitrack's own media."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError
from gitrack.interop.importing.within import Within
from gitrack.record import plot
from gitrack.record.capture import explain
from gitrack.record.media.audio import Audio
from gitrack.record.media.base import Media
from gitrack.record.media.figures import Plotly
from gitrack.record.media.histogram import Histogram
from gitrack.record.media.image import Image
from gitrack.record.media.object3d import Molecule, Object3D
from gitrack.record.media.table import Table
from gitrack.record.media.texts import Html
from gitrack.record.media.video import Video

_KIND = "_type"
_IMAGES = "images/separated"
#: Lists of media hold their items under the name of their kind.
_LISTS = frozenset("audio videos html plotly object3D molecule".split())
_TABLES = ("table-file", "incremental-table-file")
_JSON = 256 << 20  # bytes of a table's file that is read
_CHARTS: Mapping[str, tuple[Callable[..., Media], Sequence[str]]] = {
    "line": (plot.line, ("x", "y", "stroke")),
    "scatter": (plot.scatter, ("x", "y")),
    "bar": (plot.bar, ("label", "value")),
    "histogram": (plot.histogram, ("value",)),
}


class WandbMedia:
    """
    Reads the media of one run.

    Parameters
    ----------
    files : Within
        The run's folder ``files``.
    charts : mapping
        The charts that the run's config tells of, by their key.

    Attributes
    ----------
    used : set of str
        The files that became media.
    missing : list of str
        What could not be had, a line each.
    """

    def __init__(self, files: Within, charts: Mapping[str, Any]) -> None:
        self._files = files
        self._charts = {f"{key}_table": (key, chart) for key, chart in charts.items()}
        self.used: set[str] = set()
        self.missing: list[str] = []

    def row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row's values with media in place of what stands for it."""
        found: dict[str, Any] = {}
        for key, value in values.items():
            if not isinstance(value, dict):
                found[key] = value
            elif isinstance(value.get(_KIND), str):
                name, media = self._charted(key, self._taken(key, value))
                if media is not None and media != []:
                    found[name] = media
            else:
                found[key] = self.row(value)
        return found

    def _taken(self, key: str, value: Mapping[str, Any]) -> Any:
        try:
            return self._media(value)
        except (GitrackError, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            self.missing.append(f"{key}: {explain(error)}")
            return None

    def _media(self, value: Mapping[str, Any]) -> Any:
        kind = value[_KIND]
        if kind == _IMAGES:
            return self._images(value)
        if kind in _LISTS:
            items = _items(kind, value)
            captions = value.get("captions") or [None] * len(items)
            return [
                self._media({"caption": caption, **one})
                for one, caption in zip(items, captions, strict=False)
            ]
        if kind == "histogram":
            return _histogram(value)
        if kind in _TABLES:
            return self._table(self._path(value))
        path, caption = self._path(value), value.get("caption")
        match kind:
            case "image-file":
                return self._image(path, value)
            case "audio-file":
                return Audio(path, caption=caption)
            case "video-file":
                return Video(path, caption=caption)
            case "html-file":
                return Html(path)
            case "plotly-file":
                return Plotly(path)
            case "object3D-file" | "object3d-file":
                return Object3D(path, caption=caption)
            case "molecule-file":
                return Molecule(path, caption=caption)
        self.used.discard(str(value["path"]))
        raise ValueError(f"a {kind} of W&B's stays a file: files/{value['path']}")

    def _path(self, value: Mapping[str, Any]) -> Path:
        name = value["path"]
        path = self._files.file(name)
        self.used.add(name)
        return path

    def _images(self, value: Mapping[str, Any]) -> list[Media]:
        count = len(value["filenames"])
        captions = value.get("captions") or [None] * count
        boxes, masks = (value.get(key) or [None] * count for key in ("all_boxes", "all_masks"))
        found: list[Media] = []
        for name, caption, box, mask in zip(
            value["filenames"], captions, boxes, masks, strict=True
        ):
            one = {"path": name, "caption": caption, "boxes": box, "masks": mask}
            found.append(self._image(self._path(one), one))
        return found

    def _image(self, path: Path, value: Mapping[str, Any]) -> Image:
        boxes = {
            layer: json.loads(self._path(one).read_bytes())
            for layer, one in (value.get("boxes") or {}).items()
        }
        masks = {
            layer: {"path": self._path(one)} for layer, one in (value.get("masks") or {}).items()
        }
        return Image(path, caption=value.get("caption"), boxes=boxes, masks=masks)

    def _table(self, path: Path) -> Table:
        if path.stat().st_size > _JSON:
            raise ValueError(f"{path.name} is too large for a table")
        found = json.loads(path.read_bytes())
        rows = [[self._cell(cell) for cell in row] for row in found["data"]]
        return Table(columns=[str(name) for name in found["columns"]], data=rows)

    def _cell(self, cell: Any) -> Any:
        if not isinstance(cell, dict) or not isinstance(cell.get(_KIND), str):
            return cell
        try:
            return self._media(cell)
        except (GitrackError, OSError, ValueError, TypeError, KeyError):
            return cell.get("path", cell[_KIND])  # media of a table lie in W&B's cache, as a rule

    def _charted(self, key: str, media: Any) -> tuple[str, Any]:
        """Return the chart that a table was logged for, under the chart's key."""
        if key not in self._charts or not isinstance(media, Table):
            return key, media
        name, chart = self._charts[key]
        try:
            config = chart["panel_config"]
            kind = config["panelDefId"].partition("wandb/")[2].partition("/")[0]
            draw, columns = _CHARTS[kind]
            named = [config["fieldSettings"].get(column) for column in columns]
            title = config.get("stringSettings", {}).get("title", "")
            return name, draw(media, *named, title=title)
        except (KeyError, TypeError, ValueError, AttributeError):
            return key, media  # a chart of another kind: its table is kept


def _items(kind: str, value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is said of each of several media, with its path."""
    items = [one for one in value.get(kind) or value.get("objects") or () if isinstance(one, dict)]
    if not (names := value.get("filenames")):
        return items
    items = items or [{}] * len(names)
    paired = zip(items, names, strict=True)
    # Names of 3D objects lack their folder.
    folder = "media/object3D/" if kind == "object3D" else ""
    return [
        {**one, _KIND: f"{kind}-file", "path": name if "/" in name else folder + name}
        for one, name in paired
    ]


def _histogram(value: Mapping[str, Any]) -> Histogram:
    if "packedBins" in value:
        packed = value["packedBins"]
        low, size, count = (float(packed[name]) for name in ("min", "size", "count"))
        edges = [low + size * place for place in range(int(count) + 1)]
    else:
        edges = value["bins"]
    return Histogram(np_histogram=(value["values"], edges))
