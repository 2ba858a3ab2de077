"""Charts that a run logged: of our own kinds, and figures of Bokeh and Plotly."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gitrack.model.media import MediaItem
from gitrack.publish.engines import bokeh_bundles, engine_script, plotly_bundle
from gitrack.publish.sections.base import Section, Source
from gitrack.publish.sections.tables import AWAY, read_rows
from gitrack.publish.sections.traces import traces_of

#: Rows of a chart's table, and bytes of a figure, that a page takes.
_MOST, _FIGURE = 20_000, 8_000_000
#: A chart's parts by the names that its panel may have for them.
_PARTS = {
    "x": "x",
    "y": "y",
    "stroke": "stroke",
    "value": "value",
    "xname": "xname",
    "Predicted": "x",
    "Actual": "y",
    "nPredictions": "value",
    "step": "x",
    "lineVal": "y",
    "lineKey": "stroke",
    "class": "stroke",
}
#: What a chart's maker said of it that is drawn.
_FACTS = ("auc", "average_precision", "prevalence", "classes", "points_left_out")


def plots_section(source: Source) -> Section | None:
    """
    Lay the charts out by key, each with its steps.

    The script holds ``run`` and ``plots``: ``key``, and ``items`` with ``step``, ``kind``,
    ``title``, ``path``, and ``why`` or what the kind needs. A chart of ours has ``panel``,
    ``facts`` and ``script`` (its table: see `table_data`); a figure has ``script``
    (``{"json": …}``, its text) and ``engine``, the scripts that draw it, or ``traces`` (see
    `traces_of`) where none is installed.
    """
    keys: dict[tuple[str, int | None], list[dict[str, Any]]] = {}
    for item in source.media:
        if (draw := _DRAWN.get(item.type)) is not None:
            place = {"step": item.step, "path": item.path}
            keys.setdefault((item.key, item.index), []).append(place | draw(source, item))
    if not keys:
        return None
    plots = [
        {"key": key if index is None else f"{key} [{index}]", "items": items}
        for (key, index), items in keys.items()
    ]
    data = {"run": source.record.run.id, "plots": plots}
    return Section("plots", "Logged charts", source.script(data), len(plots))


def _chart(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    panel = facts.get("panel")
    said = panel if isinstance(panel, dict) else {}
    kind, title = (_text(said.get(name)) for name in ("chart", "title"))
    chart = {
        "kind": kind or "table",
        "title": title,
        "panel": _panel(said),
        "facts": {name: _fact(facts[name]) for name in _FACTS if name in facts},
    }
    return chart | read_rows(source, [item], _MOST, sampled=chart["kind"] in {"line", "scatter"})


def _panel(said: dict[str, Any]) -> dict[str, str]:
    """Name the columns of a chart's parts; W&B's charts call some of them otherwise."""
    columns: dict[str, str] = {}
    for name, part in _PARTS.items():
        if column := _text(said.get(name)):
            columns.setdefault(part, column)
    return columns


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _fact(value: Any) -> Any:
    """Keep names that were logged from being keys of an object."""
    return list(value.items()) if isinstance(value, dict) else value


def _bokeh(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    chart = {"kind": "bokeh", "title": "", "version": str(facts.get("bokeh", "?"))}
    return chart | _figure(
        source, item, lambda figure: _engine(source, bokeh_bundles(set(model_names(figure))))
    )


def _plotly(source: Source, item: MediaItem) -> dict[str, Any]:
    chart = {"kind": "plotly", "title": _text((item.facts or {}).get("title"))}
    bundle = plotly_bundle()
    if bundle is None:
        return chart | _figure(source, item, lambda figure: {"traces": traces_of(figure)})
    return chart | _figure(source, item, lambda _: _engine(source, [bundle]))


def _figure(
    source: Source, item: MediaItem, drawn_by: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Hand a figure over as a text that no script reads before its frame does."""
    content = source.read(item.path) if item.path else None
    if content is None:
        return {"why": AWAY}
    if len(content) > _FIGURE:
        return {"why": f"{len(content):,} bytes are too many for a page"}
    try:
        figure = json.loads(content, parse_constant=lambda _: None)
        text = json.dumps(figure, separators=(",", ":"))
    except (ValueError, RecursionError):
        return {"why": "it is no JSON"}
    return {"script": source.script({"json": text})} | drawn_by(figure)


def _engine(source: Source, bundles: list[Path]) -> dict[str, Any]:
    return {"engine": [source.keep(engine_script(bundle), ".js") for bundle in bundles]}


def model_names(value: Any) -> Iterator[str]:
    """Yield the names of a Bokeh document's models."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("name"), str):
                yield one["name"]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


_DRAWN: dict[str, Callable[[Source, MediaItem], dict[str, Any]]] = {
    "chart": _chart,
    "bokeh": _bokeh,
    "plotly": _plotly,
}
