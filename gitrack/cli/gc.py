"""Show what could be freed; free it when told to."""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.model.text import printable
from gitrack.record.notice import progress, tell
from gitrack.store.gc import Collector, Garbage
from gitrack.store.moved import short_bytes
from gitrack.store.retention import Retired, retire, retired_versions

_DAYS = 30.0
_SHOWN = 5
_WORDS = {
    "data": "large data that no record names",
    "backup": "backups of branches",
    "cache": "caches, made again when they are needed",
    "log": "logs of pushes",
    "damaged": "damaged files that were put aside",
    "partial": "files that were never finished",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--yes", action="store_true", help="free it; nothing is without this")
    parser.add_argument(
        "--keep",
        type=float,
        default=_DAYS,
        metavar="DAYS",
        help="keep what was named or written in the last DAYS days (default: %(default)g)",
    )
    parser.add_argument(
        "--artifacts",
        type=int,
        metavar="N",
        help="also retire versions: all but the N latest, those with an alias, those that runs use",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Show, and free if told to."""
    if not options.keep >= 0:
        raise UsageError("--keep takes a number of days of at least 0")
    if options.artifacts is not None and options.artifacts < 1:
        raise UsageError("--artifacts keeps at least 1 version")
    repository = repository_from(options)
    retired: list[Retired] = []
    if options.artifacts is not None:
        retired = retired_versions(repository, options.artifacts)
        if options.yes:
            retire(repository, retired)
    collector = Collector(repository, options.keep)
    with progress() as show:
        garbage = collector.free(show) if options.yes else collector.find()
    for line in collector.trouble:
        tell(line)
    if options.json:
        print(json.dumps(_as_json(garbage, retired, freed=options.yes), indent=1))
    else:
        _print(garbage, retired, freed=options.yes)


def _as_json(
    garbage: Sequence[Garbage], retired: Sequence[Retired], *, freed: bool
) -> dict[str, object]:
    return {
        "freed": freed,
        "bytes": sum(one.size for one in garbage),
        "garbage": [asdict(one) for one in garbage],
        "retired": [one.label for one in retired],
    }


def _print(garbage: Sequence[Garbage], retired: Sequence[Retired], *, freed: bool) -> None:
    if retired:
        print(f"{len(retired)} versions of artifacts {'are' if freed else 'could be'} retired")
        _print_some([one.label for one in retired])
    kinds: dict[str, list[Garbage]] = defaultdict(list)
    for one in garbage:
        kinds[one.kind].append(one)
    for kind, several in kinds.items():
        size = short_bytes(sum(one.size for one in several))
        print(f"{len(several)} × {_WORDS[kind]}: {size}")
        _print_some([one.name for one in several])
    total = short_bytes(sum(one.size for one in garbage))
    if not garbage and not retired:
        print("nothing to free")
    elif freed:
        print(f"freed {total}")
    else:
        print(f"{total} could be freed: gitrack gc --yes with the same options does")


def _print_some(names: Sequence[str]) -> None:
    for name in names[:_SHOWN]:
        print(f"  {printable(name)}")
    if len(names) > _SHOWN:
        print(f"  … and {len(names) - _SHOWN} more (--json lists all)")
