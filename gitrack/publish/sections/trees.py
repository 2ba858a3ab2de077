"""Decision trees that a run logged: nodes as columns, checked to be a tree."""

import json
from typing import TYPE_CHECKING, Any

from gitrack.model.media import MediaItem
from gitrack.publish.packing import pack_array
from gitrack.publish.sections.base import Section, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NODES = 200_000
_CLASSES = 1_000


def trees_section(source: Source) -> Section | None:
    """
    Lay out decision trees by key, a script each.

    The section's script holds ``keys``: ``key`` and ``items`` with ``step``, ``index``,
    ``depth``, ``leaves``, ``nodes``, ``script`` or ``why``. A tree's script is what
    `tree_from_json` gives.
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    for item in source.media:
        if item.type == "tree":
            keys.setdefault(item.key, []).append(_item(source, item))
    if not keys:
        return None
    data = {"keys": [{"key": key, "items": items} for key, items in keys.items()]}
    count = sum(map(len, keys.values()))
    return Section("trees", "Decision trees", source.script(data), count)


def _item(source: Source, item: MediaItem) -> dict[str, Any]:
    facts = item.facts or {}
    shown = {"step": item.step, "index": item.index}
    shown |= {name: facts.get(name) for name in ("depth", "leaves", "nodes")}
    shown = {key: value for key, value in shown.items() if value is not None}
    content = source.read(item.path) if item.path and "error" not in facts else None
    if content is None:
        return shown | {"why": str(facts.get("error", "its data is not on this site"))}
    try:
        return shown | {"script": source.script(tree_from_json(content))}
    except ValueError as error:
        return shown | {"why": str(error)}


def tree_from_json(content: bytes) -> dict[str, Any]:
    """
    Read a recorded tree.

    Returns
    -------
    dict
        ``features`` and ``classes`` (None for numbers), their names; ``criterion``; packed
        columns ``samples``, ``impurity``, ``feature`` (-1 in a leaf), ``threshold``, ``left``,
        ``right`` and, ``width`` numbers a node, ``value``; ``outputs``, of which the first is
        shown; ``importances``.

    Raises
    ------
    ValueError
        If it is damaged, too large, or no tree.
    """
    import numpy as np

    try:
        tree = json.loads(content.decode("utf-8"))
        nodes = tree["nodes"]
        if not 0 < len(nodes) <= _NODES:
            raise ValueError(f"{len(nodes):,} nodes cannot be drawn")
        features = [str(name) for name in tree["feature_names"]]
        classes = tree["class_names"]
        values = np.array([node["value"][0] for node in nodes], float)
        columns: dict[str, NDArray[Any]] = {
            "samples": np.array([node["samples"] for node in nodes], np.float64),
            "impurity": np.array([node["impurity"] for node in nodes], np.float64),
            "feature": np.array([node.get("feature", -1) for node in nodes], np.int32),
            "threshold": np.array([node.get("threshold", 0.0) for node in nodes], np.float64),
            "left": np.array([node.get("left", -1) for node in nodes], np.int32),
            "right": np.array([node.get("right", -1) for node in nodes], np.int32),
        }
        outputs = len(nodes[0]["value"])
        importances = [float(number) for number in tree.get("importances", [])]
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as error:
        raise ValueError(f"its structure is damaged ({error!r})") from error
    if values.ndim != 2 or values.shape[1] > _CLASSES:  # noqa: PLR2004  nodes and classes
        raise ValueError("its values have another shape")
    if columns["feature"].max() >= len(features):
        raise ValueError("a node asks for a feature that is not there")
    _check(columns["left"], columns["right"])
    return {
        "features": features,
        "classes": None if classes is None else [str(name) for name in classes],
        "criterion": str(tree.get("criterion", "")),
        **{name: pack_array(column) for name, column in columns.items()},
        "value": pack_array(values),
        "width": values.shape[1],
        "outputs": outputs,
        "importances": importances,
    }


def _check(left: "NDArray[np.int32]", right: "NDArray[np.int32]") -> None:
    """Hold that every child comes after its parent, and has one alone."""
    import numpy as np

    places = np.arange(len(left))
    inner = left >= 0
    children = np.concatenate([left[inner], right[inner]])
    if (
        (inner != (right >= 0)).any()
        or (np.minimum(left, right)[inner] <= places[inner]).any()
        or (children >= len(left)).any()
        or len(np.unique(children)) != len(children)
    ):
        raise ValueError("its nodes are no tree")
