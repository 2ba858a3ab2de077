"""List the runs that a search line finds."""

import argparse
import gc
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitrack.analysis.columns import Value, flatten
from gitrack.analysis.short import short_duration
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.cli.text import short_number, short_time
from gitrack.model.run import Record
from gitrack.model.text import printable
from gitrack.store.reader import Reader
from gitrack.store.schema import run_to_json, strict_json

_METRICS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "query", nargs="*", help="for example: lr<0.01 tag:baseline state:finished 'val/acc>=0.9'"
    )
    parser.add_argument("--json", action="store_true", help="print everything, one JSON array")
    parser.add_argument("--all", action="store_true", help="archived runs too")
    parser.add_argument("-n", "--number", type=int, help="only the newest N")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """List runs, newest last."""
    reader = Reader(repository_from(options))
    records = reader.records()
    gc.freeze()  # all of them stay until the end: no turn of the collector need look at them
    warn_of_damage(reader)
    if options.query:
        from gitrack.analysis.query import select_shown

        chosen = select_shown(records, " ".join(options.query), archived=options.all)
    else:
        chosen = [record for record in records if options.all or not record.run.archived]
    if options.number is not None:
        chosen = chosen[max(len(chosen) - options.number, 0) :]
    if options.json:
        print(json.dumps([as_json(record) for record in chosen], indent=1))
    elif chosen:
        _print_table(chosen)
    else:
        print("no runs" if not records else f"none of {len(records)} runs", file=sys.stderr)


def as_json(record: Record) -> dict[str, object]:
    """Return a run as the JSON that `--json` prints; NaN and infinities as words."""
    run: dict[str, object] = json.loads(run_to_json(record.run, record.summary))
    run["experiments_branch"] = record.branch
    run["config"] = strict_json(record.config)[0]
    run["summary"] = strict_json(record.summary)[0]
    return run


def _print_table(records: Sequence[Record]) -> None:
    counts = Counter(
        key for one in records for key, value in one.summary.items() if type(value) is float
    )
    # Results that people compare first: validation, then what most runs have.
    metrics = sorted(counts, key=lambda key: (not key.startswith("val"), -counts[key]))[:_METRICS]
    configs = [flatten(record.config) for record in records]
    runs = [record.run for record in records]
    columns: list[tuple[str, list[str]]] = [
        ("id", [one.id for one in runs]),
        ("name", [printable(one.name) for one in runs]),
        ("project", [one.project for one in runs]),
        ("state", [one.state.value for one in runs]),
        ("created", [short_time(one.created) for one in runs]),
        ("time", [short_duration(one.duration) for one in runs]),
        *((key, _cells(config.get(key) for config in configs)) for key in _differing(configs)),
        *((key, _cells(record.summary.get(key) for record in records)) for key in metrics),
    ]
    print_columns(columns)


def print_columns(columns: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Print columns below their heads; on a terminal a line is cut where that ends."""
    layout = "  ".join(f"%-{max(len(head), *map(len, cells))}s" for head, cells in columns)
    room = _room()
    rows = zip(*([printable(head), *cells] for head, cells in columns), strict=True)
    lines = ((layout % row).rstrip() for row in rows)
    print("\n".join(line if len(line) <= room else f"{line[: room - 1]}…" for line in lines))


def _room() -> int:
    if not sys.stdout.isatty():
        return sys.maxsize
    import shutil

    return shutil.get_terminal_size().columns


def _cells(values: Iterable[Any]) -> list[str]:
    return [
        f"{value:.6g}" if type(value) is float else printable(short_number(value))
        for value in values
    ]


def _differing(configs: Sequence[Mapping[str, Value]]) -> list[str]:
    """Name the settings that tell these runs apart, at most as many as metrics."""
    found: list[str] = []
    for key in dict.fromkeys(key for config in configs for key in config):
        values = (repr(config.get(key)) for config in configs)
        first = next(values)
        if any(value != first for value in values):
            found.append(key)
            if len(found) == _METRICS:
                break
    return found
