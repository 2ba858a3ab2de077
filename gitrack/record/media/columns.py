"""Columns of a table: the narrowest kind that keeps every cell exactly."""

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Field metadata of columns that are kept as JSON texts, and of those that hold media.
JSON, MEDIA = {b"gitrack": b"json"}, {b"gitrack": b"media"}
_INT64, _EXACT = 2**63, 2**53
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def column_from(cells: list[Any]) -> "tuple[pa.Array, dict[bytes, bytes] | None]":
    """
    Make a column of plain cells; None is a missing one.

    Returns
    -------
    column : pyarrow.Array
        bool, int64, double or string.
    metadata : dict or None
        Says that the texts are JSON, where the cells are of several kinds.
    """
    import pyarrow as pa

    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pa.nulls(len(cells), pa.string()), JSON
    if kinds == {bool}:
        return pa.array(cells, pa.bool_()), None
    if kinds == {str}:
        return pa.array(cells, pa.string()), None
    whole = [cell for cell in cells if type(cell) is int]
    if kinds == {int} and all(-_INT64 <= cell < _INT64 for cell in whole):
        return pa.array(cells, pa.int64()), None
    if kinds == {float}:
        # pandas' habit of reading NaN as missing is switched off.
        return pa.array(cells, pa.float64(), from_pandas=False), None
    return pa.array([None if cell is None else to_json(cell) for cell in cells], pa.string()), JSON


def to_json(cell: Any) -> str:
    """Write a plain cell as JSON; NaN and infinities as Python's json does."""
    return json.dumps(cell, ensure_ascii=False)
