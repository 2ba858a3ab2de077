"""Texts that are shown: HTML and Markdown."""

import os
from pathlib import Path
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.redaction import redact
from gitrack.record.values import text_from


class _Text(Media):
    _suffix: ClassVar[str]

    def __init__(self, text: str, caption: str | None = None) -> None:
        self._text = text_from(text)
        self.caption = caption

    def spool(self, spool: Spool) -> Item:
        """Keep the text."""
        kept = spool.keep(self._text.encode())
        return {"type": self.type, "caption": self.caption, "spooled": [kept]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the text, secrets taken out."""
        text = redact(spool.path(item["spooled"][0]).read_text("utf-8"))
        made = {"type": cls.type, "characters": len(text)}
        if item["caption"] is not None:
            made["caption"] = item["caption"]
        return made | files.add(text.encode(), cls._suffix)


class Html(_Text):
    """
    A page or a piece of HTML, shown in a sandbox.

    Parameters
    ----------
    data : str, path or text file
        The HTML, or the path of a file that ends in ``.html``; a text that names no file is HTML.
    inject : bool
        Taken for W&B's sake: the sandbox brings its own style.
    data_is_not_path : bool
        Whether a text that looks like a path is HTML nevertheless.

    Raises
    ------
    OSError
        If the file cannot be read.
    """

    type: ClassVar[str] = "html"
    _suffix = ".html"

    def __init__(self, data: Any, inject: bool = True, data_is_not_path: bool = False) -> None:
        self.inject = inject
        if hasattr(data, "read"):
            if hasattr(data, "seek"):
                data.seek(0)
            text = data.read()
        elif isinstance(data, os.PathLike) or (
            not data_is_not_path
            and isinstance(data, str)
            and data.endswith((".html", ".htm"))
            and "<" not in data
            and Path(data).is_file()
        ):
            text = Path(data).read_text("utf-8", "replace")
        else:
            text = data
        super().__init__(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


class Markdown(_Text):
    """
    A text in Markdown.

    Parameters
    ----------
    text : str
        The text.
    caption : str, optional
        What stands below it.
    """

    type: ClassVar[str] = "markdown"
    _suffix = ".md"
