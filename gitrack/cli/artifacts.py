"""List artifacts, show one with its versions and its lineage, or write its files."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from gitrack.analysis.lineage import Lineage, draw
from gitrack.cli.place import add_place, repository_from, warn_of_damage
from gitrack.cli.text import short_number, short_time
from gitrack.model.names import LATEST
from gitrack.model.text import printable
from gitrack.record.notice import progress, tell
from gitrack.store.artifacts import Artifacts, Stored
from gitrack.store.contents import write_files
from gitrack.store.manifests import manifest_to_json
from gitrack.store.moved import short_bytes
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="[[project/]type/]name[:version or alias][@branch]; all artifacts unless given",
    )
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="write the files there")
    parser.add_argument("--json", action="store_true", help="print everything, as JSON")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """List, show or write."""
    repository = repository_from(options)
    artifacts = Artifacts(repository)
    if options.name is None:
        _list(artifacts, as_json=options.json)
    elif options.out is not None:
        write_artifact(artifacts.find(options.name), repository, options.out)
    else:
        _show(artifacts, options.name, as_json=options.json)
    for error in artifacts.damaged:
        tell(f"left out: {error}")


def write_artifact(stored: Stored, repository: Repository, out: Path) -> None:
    """Write a version's files below a folder, with progress on a terminal, and say so."""
    with progress() as show:
        left_out = write_files(
            repository, stored, out, allow_missing_references=True, progress=show
        )
    for line in left_out:
        tell(f"left out: {line}")
    count = len(stored.manifest.files) - len(left_out)
    print(f"{stored.manifest.label}: {_files(count)}, {short_bytes(stored.manifest.size)} in {out}")


def _list(artifacts: Artifacts, *, as_json: bool) -> None:
    every = [artifacts.versions(name) for name in artifacts.names()]
    every = [versions for versions in every if versions]
    if as_json:
        lineage = _lineage(artifacts.repository)
        found = [_as_json(stored, lineage) for versions in every for stored in versions]
        print(json.dumps(found, indent=1))
        return
    rows = [["artifact", "latest", "versions", "size", "logged", "aliases"]]
    for versions in every:
        last = versions[-1]
        named = [f"{a}:v{s.manifest.version}" for s in versions for a in s.aliases if a != LATEST]
        rows.append(
            [
                last.manifest.full_name,
                f"v{last.manifest.version}",
                str(len(versions)),
                short_bytes(last.manifest.size),
                short_time(last.manifest.created),
                printable(" ".join(named)),
            ]
        )
    if every:
        _print_rows(rows)
    else:
        tell("no artifacts")


def _show(artifacts: Artifacts, name: str, *, as_json: bool) -> None:
    stored = artifacts.find(name)
    lineage = _lineage(artifacts.repository)
    one = ":" in name
    versions = [stored] if one else artifacts.versions(stored.manifest.full_name)
    if as_json:
        print(json.dumps([_as_json(version, lineage) for version in versions], indent=1))
        return
    manifest = stored.manifest
    print(f"{manifest.full_name}{f':v{manifest.version}' if one else ''}")
    if one:
        _print_facts(stored, lineage)
    else:
        _print_versions(versions, lineage)
    for title, nodes in (
        (f"v{manifest.version} comes from", lineage.sources(manifest)),
        (f"v{manifest.version} is used by", lineage.results(manifest)),
    ):
        if nodes:
            print(title)
            for line in draw(nodes):
                print(f"  {printable(line)}")


def _print_versions(versions: Sequence[Stored], lineage: Lineage) -> None:
    rows = [["version", "logged", "size", "files", "used by", "made by", "aliases", ""]]
    numbers = [version.manifest.version for version in versions]
    for version in versions:
        manifest, made_by = version.manifest, lineage.made_by(version.manifest)
        twice = numbers.count(manifest.version) > 1
        rows.append(
            [
                f"v{manifest.version}",
                short_time(manifest.created),
                short_bytes(manifest.size),
                str(len(manifest.files)),
                str(len(lineage.used_by(manifest))),
                printable(made_by.name if made_by else manifest.made_by or ""),
                printable(" ".join(version.aliases)),
                f"@{version.shelf.branch}" if twice else "",
            ]
        )
    _print_rows(rows)


def _print_facts(stored: Stored, lineage: Lineage) -> None:
    manifest, made_by = stored.manifest, lineage.made_by(stored.manifest)
    facts = {
        "aliases": " ".join(stored.aliases),
        "tags": " ".join(manifest.tags),
        "about": manifest.description,
        "logged": short_time(manifest.created),
        "made by": f"{made_by.name} ({made_by.id})" if made_by else manifest.made_by,
        "size": f"{short_bytes(manifest.size)}, {_files(len(manifest.files))}",
        "digest": manifest.digest,
        "id": manifest.id,
        "recorded on": stored.shelf.branch,
        **{f"metadata.{key}": short_number(value) for key, value in manifest.metadata.items()},
    }
    width = max(map(len, facts))
    for key, value in facts.items():
        if value:
            print(f"  {printable(key).ljust(width)}  {printable(value)}")


def _as_json(stored: Stored, lineage: Lineage) -> dict[str, object]:
    found: dict[str, object] = json.loads(manifest_to_json(stored.manifest))
    found["aliases"] = list(stored.aliases)
    found["experiments_branch"] = stored.shelf.branch
    found["used_by"] = [run.id for run in lineage.used_by(stored.manifest)]
    return found


def _lineage(repository: Repository) -> Lineage:
    reader = Reader(repository)
    records = reader.records()
    warn_of_damage(reader)
    return Lineage(record.run for record in records)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
