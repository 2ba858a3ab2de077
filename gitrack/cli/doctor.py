"""Explain the set-up, a line each, with what to do where something is amiss."""

import argparse
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from gitrack.cli.place import add_place, untouched_repository_from
from gitrack.errors import ConfigError
from gitrack.model.fact import Fact
from gitrack.model.text import printable
from gitrack.record.notice import progress
from gitrack.settings import settings_in_force
from gitrack.store.fsck.leftovers import is_alive
from gitrack.store.remotes import without_credentials
from gitrack.store.repository import Repository
from gitrack.store.setup import describe
from gitrack.version import VERSION

#: Settings that may hold a secret: that they are set is all that is shown.
_HIDDEN = frozenset(("alert_webhook", "alert_command", "secrets"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Explain."""
    repository = untouched_repository_from(options)
    facts = []
    with progress() as show:
        for fact in _facts(repository):
            facts.append(fact)
            if show is not None:
                show(f"looked at {fact.topic}")
    if options.json:
        print(json.dumps([asdict(fact) for fact in facts], indent=1))
        return
    width = max(len(fact.topic) for fact in facts)
    for fact in facts:
        mark = "!" if fact.hint else " "
        print(f"{mark} {fact.topic.ljust(width)}  {printable(fact.what)}")
        if fact.hint:
            print(f"  {' ' * width}  → {printable(fact.hint)}")


def _facts(repository: Repository) -> Iterator[Fact]:
    yield Fact("versions", _versions())
    yield from describe(repository)
    yield from _settings(repository)
    yield from _runs(repository)
    yield from _pushes(repository)
    yield from _gpus()


def _versions() -> str:
    found = [f"gitrack {VERSION}", f"Python {platform.python_version()}"]
    for name in ("dvc", "GitPython", "pyarrow"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def _settings(repository: Repository) -> Iterator[Fact]:
    try:
        for key, value, source in settings_in_force(repository.work_tree):
            yield Fact("setting", f"{key} = {_shown(key, value)} ({source})")
    except ConfigError as error:
        yield Fact("setting", str(error), "the default is taken while it stands so")


def _shown(key: str, value: Any) -> str:
    if key in _HIDDEN:
        return "…"
    if isinstance(value, str):
        return json.dumps(without_credentials(value), ensure_ascii=False)
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _runs(repository: Repository) -> Iterator[Fact]:
    runs = repository.own_dir / "runs"
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if not (folder / "journal.jsonl").is_file():
            continue
        if is_alive(folder):
            yield Fact("runs", f"{folder.name} is being recorded")
        else:
            what = f"{folder.name} waits to be committed: its process is gone"
            yield Fact("runs", what, "gitrack recover")
    unkept = repository.own_dir / "unkept"
    if unkept.is_dir() and any(unkept.iterdir()):
        hint = "move them to where you keep them"
        yield Fact("runs", f"files that could not be kept lie in {unkept}", hint)


def _pushes(repository: Repository) -> Iterator[Fact]:
    from time import gmtime, strftime

    log = repository.own_dir / "push.log"
    if log.is_file():
        when = strftime("%Y-%m-%d %H:%M", gmtime(log.stat().st_mtime))
        lines = log.read_text("utf-8", "replace").splitlines()
        said = f": {without_credentials(lines[-1])}" if lines else ""
        yield Fact("last push", f"in the background at {when} UTC{said}")


def _gpus() -> Iterator[Fact]:
    from gitrack.record.surroundings import capture_host

    if gpus := capture_host().get("gpus"):
        yield Fact("GPUs", ", ".join(gpus))
    else:
        yield Fact("GPUs", "none that NVML knows")
