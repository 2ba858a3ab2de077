"""Nested settings as a page holds them: exact, and never keys of an object in the browser."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from gitrack.analysis.columns import EXACT, Value, text_of

_LONG = 90  # characters, as tree.js has it
#: Texts that look like a value of another type.
_AMBIGUOUS = re.compile(
    r"|null|true|false|nan|[+-]?inf(inity)?|[+-]?[\d.]+(e[+-]?\d+)?|[\[{\"].*",
    re.IGNORECASE | re.DOTALL,
)


def tree_of(value: Any) -> Any:
    """
    Write a value so that nothing of it is lost on its way through JavaScript.

    Returns
    -------
    object
        Texts, booleans, None and numbers that JavaScript holds as they are. ``{"m": [[key, …]]}``
        for a mapping, ``{"l": […]}`` for a list, and ``{"n": text}`` for any other number.

    Examples
    --------
    >>> tree_of({"lr": 0.1, "n": [1, 2.0], "far": float("inf")})
    {'m': [['lr', 0.1], ['n', {'l': [1, {'n': '2.0'}]}], ['far', {'n': 'Infinity'}]]}
    """
    if isinstance(value, Mapping):
        return {"m": [[str(key), tree_of(inner)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return {"l": [tree_of(inner) for inner in value]}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else {"n": str(value)}
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        return {"n": text_of(value)}
    return {"n": repr(value)} if value.is_integer() else value


def shown_text(value: Value) -> str:
    """
    Write a flat value as the page shows it, texts in quotes where they look like something else.

    Of a long text it is the beginning: the page's scripts have the whole.

    Examples
    --------
    >>> [shown_text(value) for value in ("adam", None, "null", 3.0, "3", True)]
    ['adam', 'null', '"null"', '3.0', '"3"', 'true']
    """
    if isinstance(value, str):
        ambiguous = _AMBIGUOUS.fullmatch(value)
        text = json.dumps(value, ensure_ascii=False) if ambiguous else value
        return text if len(text) <= _LONG else f"{text[:_LONG]}…"
    if isinstance(value, float) and value.is_integer():
        return repr(value)
    return text_of(value)
