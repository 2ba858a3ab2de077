"""Run pages in the search index and the sitemap, beside those that MkDocs found itself."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_URLSET_END = "</urlset>"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One page that search may find.

    Attributes
    ----------
    location : str
        Its address relative to the site's root.
    title, text : str
        Plain text.
    """

    location: str
    title: str
    text: str


def extend_search(index: bytes, entries: Sequence[Entry], *, without: Sequence[str]) -> bytes:
    """
    Add entries to a ``search_index.json``, whose texts are HTML.

    Parameters
    ----------
    index : bytes
        As MkDocs wrote it.
    entries : sequence of Entry
        What to add.
    without : sequence of str
        Locations to take out.
    """
    found = json.loads(index)
    found["docs"] = [
        doc for doc in found["docs"] if doc["location"].partition("#")[0] not in without
    ]
    found["docs"] += [
        {
            "location": entry.location,
            "title": escape(entry.title, quote=False),
            "text": escape(entry.text, quote=False),
        }
        for entry in entries
    ]
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def extend_sitemap(
    sitemap: str, entries: Sequence[Entry], *, site_url: str, without: Sequence[str]
) -> str:
    """Add entries to a ``sitemap.xml`` and take the pages `without` out."""
    head, *urls = sitemap.replace(_URLSET_END, "").split("<url>")
    kept = [url for url in urls if not any(f"/{page}<" in url for page in without)]
    added = [
        f"<loc>{escape(site_url.rstrip('/') + '/' + entry.location)}</loc>\n    </url>\n"
        for entry in entries
    ]
    return head + "".join(f"    <url>{url}" for url in (*kept, *added)) + _URLSET_END


def packed(text: str) -> bytes:
    """Compress without a date, so that the same text is the same file."""
    return gzip.compress(text.encode(), mtime=0)
