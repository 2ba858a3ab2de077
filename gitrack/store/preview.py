"""A few rows of a long history, for where the whole is not at hand."""

from itertools import pairwise
from typing import TYPE_CHECKING

from gitrack.store.history import RESERVED, table_to_bytes

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_ROWS = 2000
_LEAST = 8


def preview_of(table: "pa.Table", most: int, rows: int = _ROWS) -> bytes | None:
    """
    Thin a history until its file is small.

    Parameters
    ----------
    table : pyarrow.Table
        The history.
    most : int
        Bytes that the file may have.
    rows : int
        Rows to begin with.

    Returns
    -------
    bytes or None
        A history of some of the rows, each as it was: the first and the last, every metric's
        extremes in each stretch of its own points, its first and its last. None where not even a
        few rows are small enough.
    """
    while rows >= _LEAST:
        content = table_to_bytes(table.take(kept_rows(table, rows)))
        if len(content) <= most:
            return content
        rows //= 2
    return None


def kept_rows(table: "pa.Table", rows: int) -> "NDArray[np.int64]":
    """
    Choose about `rows` rows, in order.

    Each metric has the same share of them, whether it was logged in every row or in a few.

    Returns
    -------
    ndarray of int
        Strictly increasing positions.
    """
    import numpy as np

    if table.num_rows <= rows:
        return np.arange(table.num_rows)
    metrics = [name for name in table.column_names if name not in RESERVED]
    share = max(rows // max(len(metrics), 1), 4)
    chosen = [np.array([0, table.num_rows - 1])]
    chosen += [_kept(table.column(name), share) for name in metrics]
    found = np.unique(np.concatenate(chosen))
    if len(found) <= rows:
        return found
    return found[np.unique(np.linspace(0, len(found) - 1, rows).astype(np.int64))]


def _kept(column: "pa.ChunkedArray", share: int) -> "NDArray[np.int64]":
    """Choose a metric's rows: numbers by the extremes of even stretches, all else evenly."""
    import numpy as np
    import pyarrow as pa

    there = np.flatnonzero(np.from_dlpack(column.is_valid().combine_chunks().cast(pa.uint8())))
    if len(there) <= share:
        return there
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return there[np.linspace(0, len(there) - 1, share).astype(np.int64)]
    values = np.from_dlpack(column.drop_null().combine_chunks()).astype(np.float64)
    edges = np.linspace(0, len(there), (share - 2) // 2 + 1).astype(np.int64)
    low = np.where(np.isfinite(values), values, np.inf)
    high = np.where(np.isfinite(values), values, -np.inf)
    picked = [0, len(there) - 1]
    for begin, end in pairwise(edges):
        picked += [begin + low[begin:end].argmin(), begin + high[begin:end].argmax()]
    return there[picked]
