"""Dashboards: panels that somebody arranged, kept beside the code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from reprlib import repr as brief
from typing import Any

from gitrack.analysis.panel import Panel, nearest, panel_from, plain_text, search_line, texts
from gitrack.errors import PanelError

_KNOWN = ("name", "project", "runs", "group", "panels")
_MOST = 200  # panels
_NAME = 120  # characters


@dataclass(frozen=True, slots=True)
class Dashboard:
    """
    A named arrangement of panels.

    Attributes
    ----------
    name : str
        What it is chosen by.
    panels : sequence of Panel
        In their order on the page.
    project : str
        The one project that it belongs to; empty for all.
    runs : str
        The search line that stands over the run table when it is opened.
    group : sequence of str
        What the run table is grouped by then.
    """

    name: str
    panels: Sequence[Panel]
    project: str = ""
    runs: str = ""
    group: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """Return the description that makes this dashboard again."""
        said: dict[str, Any] = {"name": self.name, "project": self.project, "runs": self.runs}
        said["group"] = list(self.group)
        kept = {key: value for key, value in said.items() if value}
        return kept | {"panels": [panel.described() for panel in self.panels]}


def dashboard_from(description: object, place: str, name: str = "") -> Dashboard:
    """
    Read a dashboard's description, as YAML or TOML gave it.

    Parameters
    ----------
    description : object
        A mapping of the fields of `Dashboard`.
    place : str
        Where it stands, for errors.
    name : str
        Its name where it has none of its own.

    Raises
    ------
    PanelError
        If it, or one of its panels, is not what it should be.

    Examples
    --------
    >>> board = dashboard_from({"panels": [{"chart": "line", "y": "loss"}]}, "lr.yaml", "lr")
    >>> board.name, board.panels[0].y
    ('lr', 'loss')
    """
    if not isinstance(description, Mapping):
        raise PanelError(place, f"expected name: and panels:, found {brief(description)}")
    for key in description:
        if key not in _KNOWN:
            raise PanelError(place, f"a dashboard has no {key!r}{nearest(key, _KNOWN)}")
    said = {key: value for key, value in description.items() if value is not None}
    name = plain_text(said.get("name", name), f"{place}: name").strip()
    if not name or len(name) > _NAME or not name.isprintable():
        raise PanelError(place, f"a dashboard needs a name of 1 to {_NAME} plain characters")
    panels = said.get("panels")
    if not isinstance(panels, list) or not panels:
        raise PanelError(place, "a dashboard needs panels, a list of descriptions")
    if len(panels) > _MOST:
        raise PanelError(place, f"{len(panels)} panels are too many: {_MOST} at most")
    return Dashboard(
        name,
        tuple(panel_from(one, f"{place}: panel {at}") for at, one in enumerate(panels, 1)),
        plain_text(said.get("project", ""), f"{place}: project"),
        search_line(said.get("runs", ""), f"{place}: runs"),
        texts(said.get("group", ()), f"{place}: group"),
    )
