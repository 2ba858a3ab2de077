"""Run pages stamped from one page that MkDocs rendered: a hundredth of what rendering costs."""

import re

from gitrack.errors import BuildError
from gitrack.publish.packing import ascii_json, digest
from gitrack.resources import data_dir

#: The prototype page's file name; MkDocs writes its addresses with it.
PROTOTYPE = "GITRACKRUNPAGE.html"
#: What draws the icons of stamped pages, which hold none themselves.
ICONS = "assets/gitrack/icons.js"
_INDENT = re.compile(r"\n\s+")
_COMMENT = re.compile(r"\{#.*?#\}\s*", re.DOTALL)
_TOKEN = re.compile(r"GITRACKRUN(?:TITLE|DESCRIPTION|CONTENT|PAGE\.html)")


class Prototype:
    """
    A rendered page with tokens in place of what differs from run to run.

    Parameters
    ----------
    html : str
        The page; the token ``GITRACKRUNCONTENT`` must be in it.

    Attributes
    ----------
    key : str
        The digest of the page.

    Raises
    ------
    BuildError
        If the theme swallowed the content's token.
    """

    def __init__(self, html: str) -> None:
        if "GITRACKRUNCONTENT" not in html:
            raise BuildError("the theme's page has no place for a run: its content is missing")
        # A theme's templates leave a tenth of the page as indentation.
        html = _INDENT.sub("\n", html)
        self.key = digest(html.encode())
        # Cut once, joined per run: a token inside a run's own text is never looked at.
        self._texts = _TOKEN.split(html)
        self._tokens = _TOKEN.findall(html)

    def page(self, *, title: str, description: str, file: str, content: str) -> str:
        """Fill in one run, everything escaped already."""
        values = {
            "GITRACKRUNTITLE": title,
            "GITRACKRUNDESCRIPTION": description,
            "GITRACKRUNCONTENT": content,
            PROTOTYPE: file,
        }
        filled = (values[token] for token in self._tokens)
        pairs = zip(self._texts, (*filled, ""), strict=True)
        return "".join(text + value for text, value in pairs)


def icons_script() -> bytes:
    """Return the script that brings the theme's icons into a page."""
    path = data_dir("site") / "theme" / "partials" / "gitrack" / "icons.html"
    icons = _INDENT.sub("", _COMMENT.sub("", path.read_text("utf-8")))
    return b"document.body.insertAdjacentHTML('afterbegin', %s);\n" % ascii_json(icons)
