"""Runs as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitrack.analysis.columns import flatten
from gitrack.model.run import Record

if TYPE_CHECKING:
    import pandas as pd


def runs_frame(records: Sequence[Record]) -> "pd.DataFrame":
    """
    Lay records out as a table, a row a run.

    Returns
    -------
    pandas.DataFrame
        Columns ``id name project state created duration group job_type tags branch commit
        entity notes dirty host error rows archived``, then ``config.<key>`` and ``summary.<key>``,
        sorted, nested config flattened with dots and lists as JSON text. `created` is in UTC,
        `duration` in seconds, `branch` the code branch, `tags` a tuple of str. What a run
        lacks is missing (None or NaN); index 0, 1, …
    """
    import pandas as pd

    runs = [record.run for record in records]
    metadata = {
        "id": [run.id for run in runs],
        "name": [run.name for run in runs],
        "project": [run.project for run in runs],
        "state": [run.state.value for run in runs],
        "created": pd.to_datetime([run.created for run in runs], unit="s", utc=True),
        "duration": pd.array([run.duration for run in runs], dtype="float64"),
        "group": [run.group for run in runs],
        "job_type": [run.job_type for run in runs],
        "tags": [tuple(run.tags) for run in runs],
        "branch": [run.code.branch for run in runs],
        "commit": [run.code.commit for run in runs],
        "entity": [run.entity for run in runs],
        "notes": [run.notes for run in runs],
        "dirty": [run.code.dirty for run in runs],
        "host": [run.host.name for run in runs],
        "error": [run.error for run in runs],
        "rows": [run.rows for run in runs],
        "archived": [run.archived for run in runs],
    }
    columns = {
        f"{kind}.{key}": [row.get(key) for row in rows]
        for kind, rows in (
            ("config", [flatten(record.config) for record in records]),
            ("summary", [flatten(record.summary) for record in records]),
        )
        for key in sorted({key for row in rows for key in row})
    }
    return pd.DataFrame(metadata | columns)
