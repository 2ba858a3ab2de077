"""Tables in the text of a report: runs, or groups of them, with their settings and results."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gitrack.analysis.columns import Value, number_of, text_of
from gitrack.analysis.goals import goal_of, key_metric
from gitrack.analysis.quantities import Quantities
from gitrack.analysis.query import columns_of
from gitrack.errors import UsageError
from gitrack.model.run import Record
from gitrack.publish import format as fmt

_ROWS = 100
_COLUMNS = 12
_SETTINGS, _RESULTS = 3, 3  # that stand in a table of which nobody chose the columns


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: its text, its deviation over a group, and whether it is the best of its column."""

    text: str
    is_number: bool = False
    spread: str = ""
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table for people.

    Attributes
    ----------
    head : sequence of (str, str)
        Each column's name, and an arrow to where it is better.
    rows : sequence of (Record or None, str, sequence of Cell)
        The run that a row is of, None for a group; its name; its cells.
    over : str
        What the rows are grouped by; empty for runs.
    left : int
        Rows that did not find room.
    """

    head: Sequence[tuple[str, str]]
    rows: Sequence[tuple[Record | None, str, Sequence[Cell]]]
    over: str = ""
    left: int = 0


def table_of(
    quantities: Quantities,
    line: str = "",
    columns: Sequence[str] = (),
    group: str = "",
    sort: str = "",
    limit: int = 20,
) -> Table:
    """
    Lay runs out as a table.

    Parameters
    ----------
    quantities : Quantities
        Whom to ask.
    line : str
        Which runs.
    columns : sequence of str
        Settings and results; those that tell the runs apart where empty.
    group : str
        A setting whose equal values make one row, with means and deviations.
    sort : str
        The column that rows are ordered by, ``-`` before it for the largest first; the first
        result with a known direction where empty, the best first.
    limit : int
        Rows at most.

    Raises
    ------
    UsageError
        If there is no such run or column.
    """
    records = quantities.runs(line)
    names = [columns] if isinstance(columns, str) else list(columns)
    names = names or _telling(records, without=group)
    if len(names) > _COLUMNS or not all(isinstance(name, str) for name in names):
        raise UsageError(f"a table takes {_COLUMNS} names of columns at most")
    rows: list[_Row] = (
        _groups(quantities, records, names, group)
        if group
        else [
            (
                record,
                record.run.name,
                0,
                [(quantities.value(record, one), math.nan) for one in names],
            )
            for record in records
        ]
    )
    rows = _sorted(rows, names, sort)
    kept = rows[: max(1, min(int(limit), _ROWS))]
    bests = [_best(name, [row[3][at] for row in rows]) for at, name in enumerate(names)]
    body = [
        (
            record,
            name,
            [
                *([Cell(str(count), is_number=True)] if group else []),
                *(_cell(value, best) for value, best in zip(values, bests, strict=True)),
            ],
        )
        for record, name, count, values in kept
    ]
    head = [*([("Runs", "")] if group else []), *((name, _arrow(name)) for name in names)]
    return Table(head, body, group, len(rows) - len(kept))


#: A value, and its deviation over a group.
_Held = tuple[Value, float]
#: The run, its or the group's name, how many runs a group has, the values.
_Row = tuple[Record | None, str, int, list[_Held]]


def _telling(records: Sequence[Record], *, without: str) -> list[str]:
    rows = [columns_of(record) for record in records]
    keys = sorted({key for row in rows for key in row})
    differ = [key for key in keys if len({text_of(row.get(key)) for row in rows}) > 1]
    settings = [key for key in differ if key.startswith("config.") and key[7:] != without]
    logged = {
        key[8:]: sum(key in row for row in rows)
        for key in keys
        if key.startswith("summary.") and any(number_of(row.get(key)) is not None for row in rows)
    }
    results: list[str] = []
    while logged and len(results) < _RESULTS:
        key = key_metric(logged)
        if key is None or (goal_of(key) is None and results):
            break
        results.append(key)
        del logged[key]
    return [*([] if without else [key[7:] for key in settings[:_SETTINGS]]), *results]


def _groups(
    quantities: Quantities, records: Sequence[Record], names: Sequence[str], group: str
) -> list[_Row]:
    """Put runs together, crashed and failed ones too: what is left out is said by the line."""
    members: dict[str, list[Record]] = {}
    for record in records:
        value = quantities.value(record, group)
        members.setdefault(fmt.MISSING if value is None else text_of(value), []).append(record)
    rows: list[_Row] = []
    for label, own in members.items():
        held = Quantities(own)
        rows.append((None, label, len(own), [_mean(held, name) for name in names]))
    return rows


def _mean(held: Quantities, name: str) -> _Held:
    try:
        quantity = held.ask("mean", name)
    except UsageError:  # text, or nobody of this group has it
        return None, math.nan
    return quantity.value, quantity.spread


def _sorted(rows: list[_Row], names: Sequence[str], sort: str) -> list[_Row]:
    wanted = sort.removeprefix("-")
    if wanted and wanted not in names:
        raise UsageError(f"a table is sorted by one of its columns, not by {wanted!r}")
    by = wanted or next((name for name in names if goal_of(name)), "")
    if not by:
        return rows
    at = names.index(by)
    down = sort.startswith("-") if sort else goal_of(by) == "max"

    def key(row: _Row) -> tuple[bool, float]:
        number = number_of(row[3][at][0])
        nothing = number is None or math.isnan(number)
        return nothing, 0.0 if number is None or nothing else -number if down else number

    return sorted(rows, key=key)


def _best(name: str, values: Sequence[_Held]) -> float | None:
    goal = goal_of(name)
    numbers = [number for value, _ in values if (number := number_of(value)) is not None]
    numbers = [number for number in numbers if not math.isnan(number)]
    if goal is None or len(numbers) < 2:  # noqa: PLR2004  there is no best of one
        return None
    return min(numbers) if goal == "min" else max(numbers)


def _cell(held: _Held, best: float | None) -> Cell:
    value, spread = held
    number = number_of(value)
    if number is None:
        return Cell(fmt.MISSING if value is None else text_of(value)[:200])
    deviation = "" if math.isnan(spread) else f"±{fmt.number(float(f'{spread:.2g}'))}"
    return Cell(fmt.number(number), is_number=True, spread=deviation, is_best=number == best)


def _arrow(name: str) -> str:
    return {"max": "↑", "min": "↓", None: ""}[goal_of(name)]
