"""Nested settings and results as flat columns, one plain value a cell."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from types import NoneType
from typing import Any

Value = bool | int | float | str | None
_SCALARS = frozenset((bool, int, float, str, NoneType))

#: The largest integer up to which a JavaScript number tells every integer from the next.
EXACT = 2**53


def flatten(tree: Mapping[str, Any]) -> dict[str, Value]:
    """
    Flatten nested mappings into keys with dots.

    Lists become JSON text; so do empty mappings, which would otherwise leave no trace. None
    stays None: a setting that was given as nothing is not one that was never given.

    Examples
    --------
    >>> flatten({"lr": 0.1, "model": {"depth": 2, "widths": [8, 16]}, "seed": None})
    {'lr': 0.1, 'model.depth': 2, 'model.widths': '[8, 16]', 'seed': None}
    """
    if _SCALARS.issuperset(map(type, tree.values())):
        return dict(tree)
    flat: dict[str, Value] = {}
    _add_leaves(flat, tree, "")
    return flat


def _add_leaves(flat: dict[str, Value], tree: Mapping[str, Any], prefix: str) -> None:
    for key, value in tree.items():
        if type(value) in _SCALARS:
            flat[prefix + key] = value
        elif isinstance(value, Mapping) and value:
            _add_leaves(flat, value, f"{prefix}{key}.")
        elif isinstance(value, int | float | str):
            flat[prefix + key] = value
        else:
            flat[prefix + key] = json.dumps(value, ensure_ascii=False, default=str)


def number_of(value: Value) -> float | None:
    """
    Read a cell as the number that a browser would see, None if it is none.

    Integers that a JavaScript number cannot hold exactly are text here and there.

    Examples
    --------
    >>> number_of(3), number_of(True), number_of("3"), number_of(2**60)
    (3.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and abs(value) > EXACT:
        return None
    return float(value)


def text_of(value: Value) -> str:
    """
    Write a cell as text, numbers as JavaScript writes them, so that both sides agree.

    Examples
    --------
    >>> [text_of(value) for value in (True, None, 3.0, 1e-05, 1e-07, 2e21, "A b")]
    ['true', 'null', '3', '0.00001', '1e-7', '2e+21', 'A b']
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    return _number_text(value)


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    # repr() and JavaScript find the same shortest digits and differ in how they set the point.
    _, digit_tuple, exponent = Decimal(repr(number)).normalize().as_tuple()
    digits = "".join(map(str, digit_tuple))
    point = len(digits) + int(exponent)
    if not -6 < point <= 21:  # noqa: PLR2004  the bounds of ECMAScript's Number::toString
        text = f"{digits[0]}.{digits[1:]}".rstrip(".") + f"e{point - 1:+d}"
    elif point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        text = f"{digits[:point].ljust(point, '0')}.{digits[point:]}".rstrip(".")
    return f"-{text}" if number < 0 else text
