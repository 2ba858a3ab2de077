"""What there is to export of a run: who it is, its settings and results, its rows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gitrack.analysis.columns import flatten
from gitrack.errors import DataMissingError
from gitrack.model.names import check_path
from gitrack.model.run import Record, Run
from gitrack.store.history import column_values
from gitrack.store.reader import Reader

if TYPE_CHECKING:
    import pyarrow as pa


def history_name(run: Run) -> str:
    """
    Return where a run's rows stand in an export, without an ending.

    Raises
    ------
    NameRefusedError
        If a stranger's branch named a run so that it would lead elsewhere.
    """
    return check_path(f"history/{run.project}/{run.id}")


def whole_history(reader: Reader, record: Record) -> "pa.Table":
    """
    Return all rows of a run.

    Raises
    ------
    DataMissingError
        If DVC keeps them, and they are not on this machine.
    FormatError
        If they cannot be read.
    """
    if reader.is_preview(record):
        run = record.run.id
        raise DataMissingError(f"{run}: its history", "`gitrack pull --data` brings it")
    return reader.history(record)


def columns_of(table: "pa.Table") -> dict[str, list[Any]]:
    """Return the columns of a history: values as they were logged, None where none was."""
    return {name: column_values(table, name) for name in table.column_names}


def facts_of(record: Record) -> dict[str, Any]:
    """Return one run as flat columns: who it is, then ``config.…`` and ``summary.…``."""
    run = record.run
    return {
        "id": run.id,
        "name": run.name,
        "project": run.project,
        "state": run.state.value,
        "created": moment(run.created),
        "duration": run.duration,
        "rows": run.rows,
        "group": run.group,
        "job_type": run.job_type,
        "tags": list(run.tags),
        "notes": run.notes,
        "entity": run.entity,
        "branch": run.code.branch,
        "commit": run.code.commit,
        "host": run.host.name,
        "error": run.error,
        "archived": run.archived,
        **{f"config.{name}": value for name, value in flat_settings(record.config)},
        **{f"summary.{name}": value for name, value in flat_settings(record.summary)},
    }


def flat_settings(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield settings or results by flat names; every NaN has the same bits, however it was read."""
    for name, value in flatten(values).items():
        is_nan = isinstance(value, float) and math.isnan(value)
        yield name, math.nan if is_nan else value


def table_of(records: Sequence[Record]) -> tuple[list[str], Iterator[Mapping[str, Any]]]:
    """Return the names of all columns that runs have, the common ones first, and the rows."""
    facts = [facts_of(record) for record in records]
    names = dict.fromkeys(name for row in facts for name in row)
    plain = [name for name in names if not name.startswith(("config.", "summary."))]
    rest = [
        name
        for kind in ("config.", "summary.")
        for name in sorted(names)
        if name.startswith(kind) and name not in plain
    ]
    return [*plain, *rest], iter(facts)


def moment(seconds: float) -> str:
    """
    Write a time in UTC, to the microsecond.

    Examples
    --------
    >>> moment(0.5)
    '1970-01-01T00:00:00.500000+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
