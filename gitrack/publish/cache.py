"""What earlier builds found out, so that the next one need not: may be deleted at any time."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path
from types import ModuleType
from typing import Any

from gitrack.publish.series import Curve


class Cache:
    """
    Results of earlier builds by what they were made from.

    Only what is asked for or added again is kept for the next build. A cache that cannot be
    read counts as empty, one that cannot be written is done without.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    makers : iterable of module
        Code whose change makes everything in here void.
    """

    def __init__(self, path: Path, makers: Iterable[ModuleType]) -> None:
        self._path = path
        self._version = _digest_of(makers)
        self._old = self._load()
        self._new: dict[str, dict[str, Any]] = {"runs": {}, "chunks": {}, "texts": {}}

    def run(self, key: str) -> tuple[str, dict[str, Curve]] | None:
        """Return the name of a run's data script and its curves, None if unknown."""
        entry = self._find("runs", key)
        if entry is None:
            return None
        shard, curves = entry
        return shard, {name: Curve(*values) for name, *values in curves}

    def add_run(self, key: str, shard: str, curves: Mapping[str, Curve]) -> None:
        """Remember a run's data script and curves."""
        rows = [(name, *astuple(curve)) for name, curve in curves.items()]
        self._new["runs"][key] = (shard, rows)

    def chunk(self, key: str) -> str | None:
        """Return the name of a metric's data script, None if unknown."""
        name = self._find("chunks", key)
        return name if isinstance(name, str) else None

    def add_chunk(self, key: str, name: str) -> None:
        """Remember the name of a metric's data script."""
        self._new["chunks"][key] = name

    def text(self, key: str) -> str | None:
        """Return a text that was costly to make, None if unknown."""
        text = self._find("texts", key)
        return text if isinstance(text, str) else None

    def add_text(self, key: str, text: str) -> None:
        """Remember a text that was costly to make."""
        self._new["texts"][key] = text

    def save(self) -> None:
        """Write what this build used."""
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps({"version": self._version, **self._new}), "utf-8")
            partial.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink()

    def _find(self, kind: str, key: str) -> Any:
        entry = self._old[kind].get(key)
        if entry is not None:
            self._new[kind][key] = entry
        return entry

    def _load(self) -> dict[str, dict[str, Any]]:
        empty: dict[str, dict[str, Any]] = {"runs": {}, "chunks": {}, "texts": {}}
        try:
            found = json.loads(self._path.read_bytes())
            if found.pop("version") == self._version and found.keys() == empty.keys():
                return dict(found)
        except (OSError, ValueError, KeyError, AttributeError, RecursionError):
            pass
        return empty


def _digest_of(modules: Iterable[ModuleType]) -> str:
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()
