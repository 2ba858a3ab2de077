"""The structure of models: modules, what they hold and what passes from one to another."""

import json
from typing import Any

from gitrack.model.media import MediaItem
from gitrack.publish.sections.base import Section, Source

#: Modules and edges that a page can be asked to hold, and characters of a description.
_MODULES, _EDGES, _TEXT = 20_000, 100_000, 300


def graph_section(source: Source) -> Section | None:
    """
    Lay out the graphs of models by key, a script each.

    The section's script holds ``keys``: ``key`` and ``items`` with ``step``, ``index``,
    ``modules``, ``parameters``, ``script`` or ``why``. A graph's script is what
    `graph_from_json` gives.
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    for item in source.media:
        if item.type == "graph":
            keys.setdefault(item.key, []).append(_item(source, item))
    if not keys:
        return None
    data = {"keys": [{"key": key, "items": items} for key, items in keys.items()]}
    return Section("graph", "Model", source.script(data))


def _item(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    shown = {"step": item.step, "index": item.index}
    shown |= {name: facts.get(name) for name in ("modules", "parameters", "trainable")}
    shown = {key: value for key, value in shown.items() if value is not None}
    content = source.read(item.path) if item.path and "error" not in facts else None
    if content is None:
        return shown | {"why": str(facts.get("error", "its data is not on this site"))}
    try:
        return shown | {"script": source.script(graph_from_json(content))}
    except ValueError as error:
        return shown | {"why": str(error)}


def graph_from_json(content: bytes) -> dict[str, Any]:
    """
    Read a recorded graph.

    Returns
    -------
    dict
        ``framework``; ``nodes``: ``id``, ``class``, ``text``, ``parent`` (its place among them,
        which is before its own, or -1), ``parameters``, ``trainable``, ``input`` and ``output``
        (shapes); ``edges``: pairs of places.

    Raises
    ------
    ValueError
        If it is damaged or too large.
    """
    try:
        graph = json.loads(content.decode("utf-8"))
        nodes, edges = graph["nodes"], graph["edges"]
        if len(nodes) > _MODULES or len(edges) > _EDGES:
            raise ValueError(f"{len(nodes):,} modules are too many for a page")
        places: dict[str, int] = {}
        made = []
        for place, node in enumerate(nodes):
            parent = node["parent"]
            made.append(
                {
                    "id": str(node["id"]),
                    "class": str(node["class"]),
                    "text": str(node.get("text", ""))[:_TEXT],
                    "parent": -1 if parent is None else places[str(parent)],
                    "parameters": int(node["parameters"]),
                    "trainable": int(node["trainable"]),
                    "input": _shapes(node.get("input")),
                    "output": _shapes(node.get("output")),
                }
            )
            if places.setdefault(str(node["id"]), place) != place:
                raise ValueError(f"it has two modules {node['id']!r}")
        return {
            "framework": str(graph.get("framework", "")),
            "nodes": made,
            "edges": [[places[str(start)], places[str(end)]] for start, end in edges],
        }
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"its structure is damaged ({error!r})") from error


def _shapes(value: Any) -> list[list[int]]:
    return [[int(length) for length in shape] for shape in value or ()]
