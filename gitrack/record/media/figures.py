"""Interactive figures of Plotly and Bokeh, kept as their own JSON."""

import json
import os
from pathlib import Path
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool


class _Figure(Media):
    _suffix: ClassVar[str]
    _json: bytes
    _facts: Item

    def spool(self, spool: Spool) -> Item:
        """Keep the figure as it is now."""
        return {"type": self.type, **self._facts, "spooled": [spool.keep(self._json)]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the figure's JSON."""
        facts = {key: value for key, value in item.items() if key != "spooled"}
        return facts | files.add(spool.path(item["spooled"][0]), cls._suffix)


class Plotly(_Figure):
    """
    A figure of Plotly.

    Parameters
    ----------
    val : plotly figure, matplotlib figure or axes, dict, or path of a JSON file
        The figure; one of matplotlib is turned into one of Plotly, which must be installed.

    Raises
    ------
    ValueError
        If it is no figure.
    """

    type: ClassVar[str] = "plotly"
    _suffix = ".plotly.json"

    def __init__(self, val: Any) -> None:
        if hasattr(val, "savefig") or (hasattr(val, "figure") and not hasattr(val, "to_json")):
            from plotly.tools import mpl_to_plotly

            val = mpl_to_plotly(val if hasattr(val, "savefig") else val.figure)
        if isinstance(val, str | os.PathLike):
            text = Path(val).read_text("utf-8")
        elif hasattr(val, "to_json"):
            text = val.to_json()
        else:
            text = json.dumps(val)
        found = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("data"), list):
            raise ValueError("a Plotly figure has a list of traces under data")
        self._json = text.encode()
        title = (found.get("layout") or {}).get("title")
        self._facts = {
            "title": title.get("text") if isinstance(title, dict) else title,
            "traces": len(found["data"]),
        }


class BokehFigure(_Figure):
    """
    A figure of Bokeh, shown as itself.

    Parameters
    ----------
    model : bokeh.model.Model
        The figure or layout; the document it may be in stays as it is.
    """

    type: ClassVar[str] = "bokeh"
    _suffix = ".bokeh.json"

    def __init__(self, model: Any) -> None:
        import bokeh
        from bokeh.document import Document
        from bokeh.embed import json_item

        if model.document is None:
            item = json_item(model)
        else:
            copy = Document.from_json(model.document.to_json())
            item = json_item(copy.get_model_by_id(model.id))
        self._json = json.dumps(item).encode()
        self._facts = {"bokeh": bokeh.__version__}
