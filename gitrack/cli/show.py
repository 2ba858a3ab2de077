"""Show one run: how it went, its settings, results and curves."""

import argparse
import json

from gitrack.analysis.columns import flatten
from gitrack.analysis.short import short_duration, sparkline
from gitrack.cli.ls import as_json
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.cli.text import short_number, short_time
from gitrack.errors import DataMissingError
from gitrack.model.run import Record
from gitrack.model.text import printable
from gitrack.store.history import RESERVED, HistoryBuilder, holds_json
from gitrack.store.layout import HISTORY_FILE
from gitrack.store.moved import short_bytes
from gitrack.store.reader import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("run", metavar="RUN", help="id, unique beginning of an id, or name")
    parser.add_argument("--json", action="store_true", help="print everything, one JSON object")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Print one run."""
    reader = Reader(repository_from(options))
    record = reader.find(options.run)
    warn_of_damage(reader)
    if options.json:
        print(json.dumps(as_json(record), indent=1))
        return
    _print_facts(record)
    _print_pairs("config", {k: short_number(v) for k, v in flatten(record.config).items()})
    _print_results(reader, record)
    _print_large(reader, record)


def _print_facts(record: Record) -> None:
    one = record.run
    code = one.code.commit[:10] if one.code.commit else "no commit"
    if one.code.branch:
        code = f"{one.code.branch} @ {code}"
    if one.code.dirty:
        code += " with uncommitted changes"
    facts = {
        "id": one.id,
        "project": one.project,
        "state": one.state + (f" ({one.error})" if one.error else ""),
        "group": one.group,
        "job type": one.job_type,
        "sweep": one.sweep,
        "tags": " ".join(one.tags),
        "notes": one.notes,
        "archived": "yes" if one.archived else None,
        "began": short_time(one.created),
        "took": short_duration(one.duration),
        "rows": str(one.rows),
        "code": code,
        "command": " ".join(one.command),
        "host": ", ".join(filter(None, (one.host.name, one.host.cpu, *one.host.gpus))),
        "python": one.python,
        "imported": " ".join(str(one.imported.get(name, "")) for name in ("source", "id")),
        "recorded on": record.branch,
    }
    print(printable(one.name))
    _print_pairs("", {key: value for key, value in facts.items() if value and value.strip()})
    for line in one.missing:
        print(f"  not captured: {printable(line)}")


def _print_pairs(title: str, pairs: dict[str, str | None]) -> None:
    if not pairs:
        return
    if title:
        print(title)
    width = max(map(len, pairs))
    for key, value in pairs.items():
        print(f"  {printable(key).ljust(width)}  {printable(value or '')}")


def _print_results(reader: Reader, record: Record) -> None:
    try:
        table = reader.history(record)
    except DataMissingError:  # it left no preview; its place is named below
        table = HistoryBuilder().table()
    curves = {
        field.name: sparkline(table.column(field.name).to_pylist())
        for field in table.schema
        if field.name not in RESERVED and not holds_json(field)
    }
    pairs: dict[str, str | None] = {}
    for key in dict.fromkeys((*record.summary, *curves)):
        value = short_number(record.summary.get(key))
        pairs[key] = f"{value:<12} {curves.get(key, '')}".rstrip()
    _print_pairs("summary", pairs)


def _print_large(reader: Reader, record: Record) -> None:
    pairs: dict[str, str | None] = {}
    for _, path, pointer in reader.pointers([record]):
        if reader.data.has(pointer):
            pairs[path] = short_bytes(pointer.size)
        else:
            what = "preview only, " if path == HISTORY_FILE else "not here, "
            cure = f"gitrack get {record.run.id}:{path}"
            pairs[path] = f"{short_bytes(pointer.size)}, {what}{cure}"
    _print_pairs("large files", pairs)
