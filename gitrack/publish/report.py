"""What a build did, how large its site is, and what is large in it."""

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gitrack.publish import format as fmt
from gitrack.publish.site import Site

_LARGEST = 5
#: From this share of the budget on a build warns.
_NEAR = 0.8
#: Kinds of files by their place, the first that fits.
_KINDS = (
    ("curves", re.compile(r"data/[^/]+/[0-9a-f]{16}/[0-9a-f]{16}\.js")),
    ("run tables", re.compile(r"data/[^/]+/index\.js")),
    ("media", re.compile(r"media/.*")),
    ("sections", re.compile(r"data/[^/]+/section/[0-9a-f]{16}\.js")),
    ("artifacts", re.compile(r"data/[^/]+/artifacts?(/[0-9a-f]{16})?\.js")),
    ("details", re.compile(r"data/[^/]+/(details|commits)/[0-9a-f]{16}\.js")),
    ("texts", re.compile(r"data/text/.*")),
    ("run pages", re.compile(r"projects/[^/]+/runs/.*\.html")),
    ("pages", re.compile(r".*\.html")),
    ("search", re.compile(r"search/.*|sitemap\.xml.*")),
    ("program", re.compile(r"assets/.*|data/(charts|site)\.js")),
)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """
    What a build did.

    Attributes
    ----------
    runs : int
        Runs that the site shows.
    pages, shards : int
        Pages and data scripts that were written, new or changed.
    seconds : float
        How long it took.
    damaged : tuple of str
        Records and histories that could not be read, a line each.
    size : int
        The whole site, in bytes.
    kinds : mapping of str to int
        Bytes by kind of file, the largest first.
    largest : tuple of (str, int)
        The largest things and their bytes.
    budget : int
        Bytes that the site may have; 0 for any.
    """

    runs: int
    pages: int
    shards: int
    seconds: float
    damaged: tuple[str, ...]
    size: int
    kinds: Mapping[str, int]
    largest: tuple[tuple[str, int], ...]
    budget: int

    @property
    def warning(self) -> str:
        """What to say of a site that comes near its budget or passes it; empty otherwise."""
        if not self.budget or self.size < _NEAR * self.budget:
            return ""
        of = f"the site has {fmt.size(self.size)} of the {fmt.size(self.budget)} of site_budget"
        return (
            f"{of}, which a host may refuse: gitrack build --only 'created>2026-01-01' or another "
            f"search line shows fewer runs; most goes to {self.largest[0][0]}"
        )

    def lines(self) -> Iterator[str]:
        """Yield what a person reads of the sizes."""
        kinds = ", ".join(f"{kind} {fmt.size(size)}" for kind, size in self.kinds.items())
        yield f"{fmt.size(self.size)}: {kinds}"
        things = ", ".join(f"{name} {fmt.size(size)}" for name, size in self.largest)
        yield f"largest: {things}"

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        largest = [{"name": name, "bytes": size} for name, size in self.largest]
        return asdict(self) | {"largest": largest, "near_budget": bool(self.warning)}


def measure(site: Site, sizes: Mapping[str, int]) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Add up a site's files by kind, and find the largest things in it."""
    kinds: dict[str, int] = {}
    things: dict[str, int] = {}
    curves: set[str] = set()
    for project, data in zip(site.plan.projects, site.data, strict=True):
        for chunk in data.chunks:
            for metric, path in chunk.scripts(f"data/{project.name}/"):
                curves.add(path)
                name = f"curves of {metric} in {project.name}"
                things[name] = things.get(name, 0) + sizes.get(path, 0)
    for path, size in sizes.items():
        kind = next((kind for kind, places in _KINDS if places.fullmatch(path)), "other")
        kinds[kind] = kinds.get(kind, 0) + size
        if path not in curves:
            things[path] = size
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return dict(ordered), heapq.nlargest(_LARGEST, things.items(), key=lambda thing: thing[1])
