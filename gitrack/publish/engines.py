"""What draws logged figures of Bokeh and Plotly: their own scripts, as the packages bring them."""

import importlib.util
from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gitrack.publish.packing import script

_WIDGETS = "bokeh.models.widgets"


def engines() -> list[str]:
    """Name the engines that are installed, with their versions; Plotly may be missing."""
    found = [f"bokeh {version('bokeh')}"]
    if plotly_bundle() is not None:
        found.append(f"plotly {_release('plotly')}")
    return found


def bokeh_bundles(models: Collection[str]) -> list[Path]:
    """
    Return the scripts that a figure of Bokeh needs, in the order in which they run.

    Parameters
    ----------
    models : collection of str
        Names of the figure's models; those that Bokeh does not know change nothing.
    """
    import bokeh.models
    from bokeh.model import Model

    known = Model.model_class_reverse_map
    homes = [known[name].__module__ for name in models if name in known]
    names = ["bokeh"]
    if any(home.startswith(_WIDGETS) for home in homes):
        names.append("bokeh-widgets")
    if f"{_WIDGETS}.tables" in homes:
        names.append("bokeh-tables")
    folder = Path(str(bokeh.__file__)).parent / "server" / "static" / "js"
    return [folder / f"{name}.min.js" for name in [*names, "bokeh-api"]]


def plotly_bundle() -> Path | None:
    """Return Plotly's script; None where the package is not installed."""
    found = importlib.util.find_spec("plotly")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    return None


@cache
def engine_script(bundle: Path) -> bytes:
    """
    Write a bundle as a data script: ``{"code": …}``.

    The page hands the text to a frame that may load nothing, not even the site's own files.
    """
    return script({"code": bundle.read_text("utf-8")})


def _release(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
