"""Put a few runs beside one another: settings that differ, results, packages that differ."""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from gitrack.analysis.compare import Row, package_rows, result_rows, setting_rows
from gitrack.cli.ls import as_json, print_columns
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.cli.text import short_number
from gitrack.errors import DataMissingError, FormatError, UsageError
from gitrack.model.run import Record
from gitrack.model.text import printable
from gitrack.record.notice import tell
from gitrack.store.layout import PACKAGES_FILE
from gitrack.store.reader import Reader
from gitrack.store.schema import strict_json

_WIDEST = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="ids, unique beginnings of ids, or names; differences are from the first",
    )
    parser.add_argument("--all", action="store_true", help="what is equal too")
    parser.add_argument("--json", action="store_true", help="print everything, one JSON object")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """
    Print runs side by side.

    Raises
    ------
    UsageError
        If fewer than two runs are named.
    """
    reader = Reader(repository_from(options))
    records = list({r.run.id: r for r in map(reader.find, options.runs)}.values())
    warn_of_damage(reader)
    if len(records) < 2:  # noqa: PLR2004
        raise UsageError("a comparison takes two runs or more")
    settings, results = setting_rows(records), result_rows(records)
    packages = package_rows([_packages(reader, record) for record in records])
    if options.json:
        found = {
            "runs": [as_json(record) for record in records],
            "config": _as_json(settings),
            "summary": _as_json(results, differences=True),
            "packages": _as_json(packages),
        }
        print(json.dumps(strict_json(found)[0], indent=1))
        return
    differ = [row for row in settings if options.all or row.differs]
    other = [row for row in packages if options.all or row.differs]
    blocks = (
        ("config", differ, _cells),
        ("summary", results, _with_differences),
        ("packages", other, _cells),
    )
    _print(records, blocks)
    if not options.all and (equal := len(settings) - len(differ)):
        print(f"{equal} of {len(settings)} settings are equal: --all shows them")


def _packages(reader: Reader, record: Record) -> bytes | None:
    try:
        (content,) = reader.read(record, PACKAGES_FILE)
    except (DataMissingError, FormatError) as error:
        tell(str(error))
        return None
    return content


def _as_json(rows: Sequence[Row], *, differences: bool = False) -> dict[str, dict[str, Any]]:
    found = {}
    for row in rows:
        entry: dict[str, Any] = {"values": list(row.values), "differs": row.differs}
        if differences:
            entry["differences"] = row.differences
        found[row.key] = entry
    return found


def _print(
    records: Sequence[Record],
    blocks: Sequence[tuple[str, Sequence[Row], Callable[[Row], list[str]]]],
) -> None:
    """Print a column a run, all blocks in the same columns."""
    runs = [record.run for record in records]
    names, cells = ["", "state"], [[one.id for one in runs], [one.state.value for one in runs]]
    for title, rows, cells_of in blocks:
        if not rows:
            continue
        names += [title, *(f"  {printable(row.key)}" for row in rows)]
        cells += [[""] * len(runs), *(cells_of(row) for row in rows)]
    columns = [("", names)]
    columns += [(printable(one.name), [row[i] for row in cells]) for i, one in enumerate(runs)]
    print_columns(columns)


def _cells(row: Row) -> list[str]:
    """Write values; a dash where a run lacks one."""
    return [
        _short(value) if present else "-"
        for value, present in zip(row.values, row.present, strict=True)
    ]


def _short(value: Any) -> str:
    text = "null" if value is None else printable(short_number(value))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _with_differences(row: Row) -> list[str]:
    cells = _cells(row)
    return [
        cell if i == 0 or difference is None else f"{cell} ({difference:+.3g})"
        for i, (cell, difference) in enumerate(zip(cells, row.differences, strict=True))
    ]
