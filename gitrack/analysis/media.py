"""Recorded tables, media and samples as DataFrames."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitrack.model.media import MediaItem
from gitrack.store.history import column_values, holds_json

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class MediaCell:
    """
    Media in a cell of a table.

    Attributes
    ----------
    type : str
        Its kind.
    path : str or None
        Its file inside the run's folder.
    facts : dict
        What its kind says of it.
    """

    type: str
    path: str | None
    facts: dict[str, Any]


def frame_from_table(table: "pa.Table") -> "pd.DataFrame":
    """
    Turn an Arrow table of the record into a DataFrame, values exactly as they were logged.

    Whole numbers stay whole, NaN stays NaN, and what was not logged is missing (``pandas.NA``).
    """
    import pandas as pd
    import pyarrow as pa

    columns = []
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if holds_json(field):
            values = column_values(table.select([place]), field.name)
            columns.append(pd.Series(values, dtype=object, name=field.name))
        elif (field.metadata or {}).get(b"gitrack") == b"media":
            cells = [_cell(text) for text in column.to_pylist()]
            columns.append(pd.Series(cells, dtype=object, name=field.name))
        elif column.null_count == 0 and not pa.types.is_string(field.type):
            columns.append(pd.Series(column.to_numpy(), name=field.name))
        else:
            columns.append(pd.Series(column, dtype=pd.ArrowDtype(field.type), name=field.name))
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(table.column_names)
    return frame


def media_frame(items: Sequence[MediaItem]) -> "pd.DataFrame":
    """
    Return media as a table, a row an item.

    Returns
    -------
    pandas.DataFrame
        ``key step runtime timestamp type index path facts``; `facts` holds dicts.
    """
    import pandas as pd

    names = "key step runtime timestamp type index path facts".split()
    rows = [[getattr(item, name) for name in names] for item in items]
    return pd.DataFrame(rows, columns=names, dtype=object).infer_objects()


def _cell(text: str | None) -> Any:
    if text is None:
        return None
    found = json.loads(text)
    kind = found.pop("type")
    return found["value"] if kind == "value" else MediaCell(kind, found.pop("path", None), found)
