"""List the runs that a search line finds."""

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from gitrack.analysis.columns import Value, flatten
from gitrack.analysis.query import select
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.cli.text import printable, short_duration, short_number, short_time
from gitrack.model.run import Record
from gitrack.store.reader import Reader
from gitrack.store.schema import run_to_json, strict_json

_METRICS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "query", nargs="*", help="for example: lr<0.01 tag:baseline state:finished 'val/acc>=0.9'"
    )
    parser.add_argument("--json", action="store_true", help="print everything, one JSON array")
    parser.add_argument("-n", "--number", type=int, help="only the newest N")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """List runs, newest last."""
    reader = Reader(repository_from(options))
    records = reader.records()
    warn_of_damage(reader)
    chosen = select(records, " ".join(options.query))
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
    counts: Counter[str] = Counter()
    for record in records:
        counts.update([key for key, value in record.summary.items() if isinstance(value, float)])
    # Results that people compare first: validation, then what most runs have.
    metrics = sorted(counts, key=lambda key: (not key.startswith("val"), -counts[key]))[:_METRICS]
    configs = [flatten(record.config) for record in records]
    differing = _differing(configs)
    head = ["id", "name", "project", "state", "created", "time", *differing, *metrics]
    rows = [head]
    for record, config in zip(records, configs, strict=True):
        one = record.run
        rows.append(
            [
                one.id,
                printable(one.name),
                one.project,
                one.state,
                short_time(one.created),
                short_duration(one.duration),
                *(printable(short_number(config.get(key))) for key in differing),
                *(printable(short_number(record.summary.get(key))) for key in metrics),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    layout = "  ".join(f"{{:<{width}}}" for width in widths)
    for row in rows:
        line = layout.format(*row).rstrip()
        print(line if len(line) <= room else f"{line[: room - 1]}…")


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
