"""The common traces of a Plotly figure, for a site that is built without Plotly."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

_ROWS = 20_000  # points of a trace
_DIMENSIONS = 2


def traces_of(figure: Any) -> dict[str, Any]:
    """
    Reduce a figure to what our own charts draw.

    Parameters
    ----------
    figure : tree of JSON
        As Plotly writes it; anything else gives nothing to draw.

    Returns
    -------
    dict
        ``traces``, each with ``type`` ("lines", "markers", "bar", "histogram", "box" or
        "heatmap"), ``name`` and its values; ``left_out``, the names of kinds that are not drawn;
        ``x`` and ``y``, the axes' titles.
    """
    data = figure.get("data") if isinstance(figure, dict) else None
    traces: list[dict[str, Any]] = []
    left_out: dict[str, None] = {}
    for place, trace in enumerate(data if isinstance(data, list) else ()):
        if not isinstance(trace, dict) or trace.get("visible") in (False, "legendonly"):
            continue
        kind = str(trace.get("type", "scatter"))
        name = str(trace.get("name") or f"trace {place}")
        drawn = _KINDS.get(kind, _nothing)(trace)
        traces += [{"name": name} | one for one in drawn]
        if not drawn:
            left_out[kind] = None
    layout = _mapping(figure.get("layout")) if isinstance(figure, dict) else {}
    axes = {axis: _title(_mapping(layout.get(f"{axis}axis")).get("title")) for axis in "xy"}
    return {"traces": traces, "left_out": list(left_out)} | axes


def _scatter(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    y = _values(trace.get("y"))
    x = _values(trace.get("x")) or list(range(len(y)))
    mode = str(trace.get("mode") or "lines")
    kinds = [kind for kind in ("lines", "markers") if kind in mode]
    return [{"type": kind, "x": x, "y": y} for kind in kinds] if y else []


def _bar(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    flat = trace.get("orientation") == "h"
    labels, values = (_values(trace.get(axis)) for axis in ("yx" if flat else "xy"))
    labels = labels or list(range(len(values)))
    return [{"type": "bar", "labels": list(map(_text, labels)), "values": values}] if values else []


def _pie(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    values = _values(trace.get("values"))
    labels = _values(trace.get("labels")) or list(range(len(values)))
    return [{"type": "bar", "labels": list(map(_text, labels)), "values": values}] if values else []


def _histogram(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    values = _values(trace.get("x")) or _values(trace.get("y"))
    return [{"type": "histogram", "values": values}] if values else []


def _box(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    values = _values(trace.get("y")) or _values(trace.get("x"))
    return [{"type": "box", "values": values}] if values else []


def _heatmap(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    z = trace.get("z")
    rows = [_values(row) for row in z] if isinstance(z, list) else _matrix(z)
    if not rows or not rows[0]:
        return []
    labels = {
        "rows": list(map(_text, _values(trace.get("y")) or range(len(rows)))),
        "columns": list(map(_text, _values(trace.get("x")) or range(len(rows[0])))),
    }
    return [{"type": "heatmap", "cells": rows} | labels]


def _nothing(_: Mapping[str, Any]) -> list[dict[str, Any]]:
    return []


def _values(value: Any) -> list[Any]:
    """Read numbers and texts, as a list or as Plotly packs arrays."""
    if isinstance(value, dict):
        value = _array(value)
        value = value.tolist() if value is not None and value.ndim == 1 else None
    if not isinstance(value, list):
        return []
    return [one if isinstance(one, int | float | str) else None for one in value[:_ROWS]]


def _matrix(value: Any) -> list[list[Any]]:
    array = _array(value) if isinstance(value, dict) else None
    if array is None or array.ndim != _DIMENSIONS:
        return []
    rows: list[list[Any]] = array.tolist()
    return rows


def _array(packed: Mapping[str, Any]) -> Any:
    """Unpack ``{"dtype", "bdata", "shape"}``; None where it is something else."""
    import numpy as np

    kind, data, shape = (packed.get(name) for name in ("dtype", "bdata", "shape"))
    if kind not in {"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"} or not isinstance(data, str):
        return None
    try:
        array = np.frombuffer(base64.b64decode(data), f"<{kind}")
        if isinstance(shape, str):
            array = array.reshape([int(side) for side in shape.split(",")])
    except (ValueError, binascii.Error):
        return None
    return array


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _title(value: Any) -> str:
    found = value.get("text") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


_KINDS: dict[str, Callable[[Mapping[str, Any]], list[dict[str, Any]]]] = {
    "bar": _bar,
    "box": _box,
    "heatmap": _heatmap,
    "histogram": _histogram,
    "pie": _pie,
    "scatter": _scatter,
    "scattergl": _scatter,
    "violin": _box,
}
