"""BokehJS out of the installed package, and the chart templates that it fills."""

import importlib.util
from importlib.metadata import version
from pathlib import Path

from gitrack.errors import BuildError
from gitrack.publish.cache import Cache
from gitrack.publish.packing import digest, script

_BUNDLES = ("bokeh", "bokeh-api")


def bokeh_scripts() -> dict[str, Path]:
    """Return BokehJS's files by their place in the site, in the order in which they load."""
    found = importlib.util.find_spec("bokeh")
    if found is None or not found.submodule_search_locations:
        raise BuildError("bokeh is missing: install gitrack again")
    folder = Path(found.submodule_search_locations[0]) / "server" / "static" / "js"
    release = version("bokeh")
    scripts = {f"assets/bokeh/{name}-{release}.min.js": f"{name}.min.js" for name in _BUNDLES}
    return {place: folder / name for place, name in scripts.items()}


def charts_script(cache: Cache) -> bytes:
    """Return ``data/charts.js``; Bokeh itself, slow to import, is asked once a version."""
    release = version("bokeh")
    spec = importlib.util.find_spec("gitrack.publish.charts")
    if spec is None or spec.origin is None:
        raise BuildError("gitrack's charts are missing: install gitrack again")
    key = digest(f"{release} {Path(spec.origin).read_text('utf-8')}".encode())
    text = cache.find("charts", key)
    if not isinstance(text, str):
        from gitrack.publish.charts import chart_templates

        templates = {"bokeh": release, "charts": list(chart_templates().items())}
        text = script(templates).decode("ascii")
        cache.keep("charts", key, text)
    return text.encode("ascii")
