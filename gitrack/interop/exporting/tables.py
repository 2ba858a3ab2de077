"""Runs and their rows as CSV, JSON lines and Parquet."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitrack.interop.exporting.runs import columns_of, moment, table_of
from gitrack.model.run import Record
from gitrack.store.history import table_to_bytes
from gitrack.store.schema import run_to_json, strict_json

if TYPE_CHECKING:
    import pyarrow as pa

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def runs_csv(records: Sequence[Record]) -> bytes:
    """
    Write runs as CSV, a row a run.

    What is missing is empty, and NaN is ``NaN``. A text that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    names, rows = table_of(records)
    return _csv(names, ([row.get(name) for name in names] for row in rows))


def history_csv(table: "pa.Table") -> bytes:
    """Write the rows of a history as CSV: see `runs_csv`."""
    columns = columns_of(table)
    return _csv(list(columns), zip(*columns.values(), strict=True))


def runs_jsonl(records: Sequence[Record]) -> bytes:
    """Write runs as JSON lines, as ``gitrack ls --json`` has them; NaN and infinities as words."""
    return b"".join(_line(_run(record)) for record in records)


def history_jsonl(table: "pa.Table") -> bytes:
    """Write the rows of a history as JSON lines; what was not logged is left out."""
    columns = columns_of(table)
    rows = zip(*columns.values(), strict=True)
    return b"".join(
        _line({name: value for name, value in zip(columns, row, strict=True) if value is not None})
        for row in rows
    )


def runs_parquet(records: Sequence[Record]) -> bytes:
    """Write runs as Parquet; a column whose values are of several kinds is JSON text."""
    import pyarrow as pa

    names, rows = table_of(records)
    facts = list(rows)
    arrays = [_array([row.get(name) for row in facts]) for name in names]
    return table_to_bytes(pa.Table.from_arrays(arrays, names=names))


def history_parquet(table: "pa.Table") -> bytes:
    """Write the rows of a history as the record has them."""
    return table_to_bytes(table)


def _csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([_cell(name) for name in names])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return sink.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool | int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _run(record: Record) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(run_to_json(record.run, record.summary))
    run["created"] = moment(record.run.created)
    run["experiments_branch"] = record.branch
    return {**run, "config": dict(record.config), "summary": dict(record.summary)}


def _line(values: Mapping[str, Any]) -> bytes:
    text = json.dumps(strict_json(values)[0], ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _array(values: list[Any]) -> "pa.Array":
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        texts = [one if one is None or isinstance(one, str) else json.dumps(one) for one in values]
        plain = [text and text.encode("utf-8", "backslashreplace").decode() for text in texts]
        return pa.array(plain)
