"""Histories of recorded runs, as ``wandb.Api`` gives them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def sampled(
    frame: "pd.DataFrame", samples: int, keys: Sequence[str] | None, x_axis: str
) -> "pd.DataFrame":
    """
    Return rows of a history, as many as asked for, spread evenly.

    Parameters
    ----------
    frame : pandas.DataFrame
        The history, as gitrack gives it.
    samples : int
        How many rows at most.
    keys : sequence of str or None
        The metrics; rows that lack one are left out.
    x_axis : str
        The column beside them.
    """
    import numpy as np

    frame = _floats(frame)
    if keys is not None:
        wanted = list(dict.fromkeys([x_axis, *keys]))
        if not set(wanted) <= set(frame.columns):
            frame = frame.iloc[:0].reindex(columns=wanted)
        else:
            frame = frame[wanted].dropna(subset=[key for key in wanted if key != x_axis])
    if 0 < samples < len(frame):
        places = np.unique(np.linspace(0, len(frame) - 1, samples).round().astype(int))
        frame = frame.iloc[places]
    return frame.reset_index(drop=True)


class Rows:
    """Every row of a history, as dicts of what it has."""

    def __init__(
        self,
        frame: "pd.DataFrame",
        keys: Sequence[str] | None,
        first: int | None,
        end: int | None,
    ) -> None:
        self._frame = frame
        self._keys = None if keys is None else list(keys)
        self._first, self._end = first, end

    def __iter__(self) -> Iterator[dict[str, Any]]:
        import pandas as pd

        names = [str(name) for name in self._frame.columns]
        if self._keys is not None and not set(self._keys) <= set(names):
            return
        columns = [self._frame[name].tolist() for name in names]
        for values in zip(*columns, strict=True):
            row = {k: v for k, v in zip(names, values, strict=True) if v is not pd.NA}
            step = row["_step"]
            if self._first is not None and step < self._first:
                continue
            if self._end is not None and step >= self._end:
                continue
            if self._keys is None:
                yield {key: value for key, value in row.items() if value is not None}
            elif all(row.get(key) is not None for key in self._keys):
                yield {key: row[key] for key in self._keys}


def _floats(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a history as W&B has it: what was not logged is NaN, numbers are numpy's."""
    import pandas as pd

    columns = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.ArrowDtype) and pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.astype("float64")
        elif isinstance(column.dtype, pd.ArrowDtype):
            columns[name] = column.astype(object).where(column.notna(), None)
        else:
            columns[name] = column
    return pd.DataFrame(columns, columns=frame.columns)
