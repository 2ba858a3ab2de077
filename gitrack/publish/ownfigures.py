"""Figures of Bokeh that stand in the repository, and that dashboards show."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gitrack.analysis.dashboard import Dashboard
from gitrack.publish.engines import bokeh_bundles, engine_script
from gitrack.publish.packing import digest, script
from gitrack.publish.sections.plots import model_names

_LARGEST = 8_000_000  # bytes


class OwnFigures(NamedTuple):
    """
    What is published of them.

    Attributes
    ----------
    found : list of (str, dict)
        Each file's path in the repository, with ``script`` (``{"json": …}``, its text) and
        ``engine``, the scripts that draw it, or ``why`` it cannot be drawn.
    scripts : dict of str to bytes
        What these name, by place in the site.
    """

    found: list[tuple[str, dict[str, Any]]]
    scripts: dict[str, bytes]


def own_figures(work_tree: Path | None, dashboards: Iterable[Dashboard]) -> OwnFigures:
    """
    Read the files that panels name; like what is logged they are drawn in a frame of their own.

    Parameters
    ----------
    work_tree : pathlib.Path or None
        Where they stand.
    dashboards : iterable of Dashboard
        Whose panels.
    """
    paths = sorted({panel.file for one in dashboards for panel in one.panels if panel.file})
    figures = OwnFigures([], {})
    if work_tree is not None:
        for path in paths:
            figures.found.append((path, _published(work_tree, path, figures.scripts)))
    return figures


def _published(work_tree: Path, path: str, scripts: dict[str, bytes]) -> dict[str, Any]:
    place = work_tree / path
    # A link could lead to any file of this machine, and a site is public.
    if any(part.is_symlink() for part in _parts(work_tree, path)) or not place.is_file():
        return {"why": "there is no such file"}
    try:
        with place.open("rb") as file:
            content = file.read(_LARGEST + 1)
        figure = json.loads(content, parse_constant=lambda _: None)
        text = json.dumps(figure, separators=(",", ":"))
    except OSError as error:
        return {"why": f"it cannot be read ({error.strerror})"}
    except (ValueError, RecursionError):
        too_many = len(content) > _LARGEST
        return {"why": f"it has more than {_LARGEST:,} bytes" if too_many else "it is no JSON"}
    whole = script({"json": text})
    name = f"data/figure/{digest(whole)}.js"
    scripts[name] = whole
    engine = []
    for bundle in bokeh_bundles(set(model_names(figure))):
        code = engine_script(bundle)
        key = hashlib.sha256(code).hexdigest()[:24]
        engine.append(f"media/{key[:2]}/{key}.js")  # where a logged figure's engine stands, too
        scripts[engine[-1]] = code
    return {"script": name, "engine": engine}


def _parts(work_tree: Path, path: str) -> Iterator[Path]:
    place = work_tree
    for part in path.split("/"):
        place /= part
        yield place
