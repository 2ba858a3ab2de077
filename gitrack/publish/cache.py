"""What earlier builds found out, so that the next one need not: may be deleted at any time."""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

_MEMORY = ":memory:"
_WAIT = 10.0  # seconds for another build that saves


class Cache:
    """
    Results of earlier builds by what they were made from; read one by one, as they are asked for.

    Only what is asked for or added again is kept for the next build. A cache that cannot be
    read counts as empty, one that cannot be written is done without.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    makers : iterable of module
        Code whose change makes everything in here void.
    """

    def __init__(self, path: Path, makers: Iterable[ModuleType] = ()) -> None:
        self._version = digest_of(makers)
        self._store = _open(path)
        self._used: set[str] = set()
        self._new: dict[str, str] = {}

    def find(self, kind: str, key: str) -> Any:
        """Return what was kept, a tree of JSON; None if unknown."""
        name = self._name(kind, key)
        text = self._new.get(name)
        if text is None:
            with contextlib.suppress(sqlite3.Error):
                query = "SELECT value FROM results WHERE name = ?"
                found = self._store.execute(query, (name,)).fetchone()
                text = found[0] if found else None
        if text is None:
            return None
        self._used.add(name)
        try:
            return json.loads(text)
        except (ValueError, TypeError, RecursionError):
            return None

    def keep(self, kind: str, key: str, value: Any) -> None:
        """Keep a tree of JSON for the next build."""
        name = self._name(kind, key)
        self._used.add(name)
        self._new[name] = json.dumps(value, separators=(",", ":"))

    def touch(self, kind: str, key: str) -> None:
        """Keep for the next build what this one has no need to read."""
        self._used.add(self._name(kind, key))

    def flush(self) -> None:
        """Write what was added since, so that it need not stay in memory."""
        with contextlib.suppress(sqlite3.Error), self._store:
            rows = self._new.items()
            self._store.executemany("INSERT OR REPLACE INTO results VALUES (?, ?)", rows)
            self._new = {}

    def save(self) -> None:
        """Write what was added, and let go of what this build did not use."""
        self.flush()
        with contextlib.suppress(sqlite3.Error), self._store:
            there = {name for (name,) in self._store.execute("SELECT name FROM results")}
            gone = [(name,) for name in there - self._used]
            self._store.executemany("DELETE FROM results WHERE name = ?", gone)

    def close(self) -> None:
        """Close the file; what was not saved is forgotten."""
        with contextlib.suppress(sqlite3.Error):
            self._store.close()

    def _name(self, kind: str, key: str) -> str:
        return f"{self._version} {kind} {key}"


def _open(path: Path) -> sqlite3.Connection:
    for attempt in (path, path, _MEMORY):
        try:
            if attempt is path:
                path.parent.mkdir(parents=True, exist_ok=True)
            # The builder's one thread at a time; a preview builds in another than it began in.
            store = sqlite3.connect(attempt, timeout=_WAIT, check_same_thread=False)
        except (sqlite3.Error, OSError):
            continue
        try:
            store.execute("PRAGMA synchronous = OFF")
            with store:
                store.execute(
                    "CREATE TABLE IF NOT EXISTS results "
                    "(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
                )
                store.execute("SELECT name, value FROM results LIMIT 1").fetchone()
        except sqlite3.OperationalError:  # held by another build, or on a disk that cannot lock
            store.close()
        except sqlite3.Error:
            store.close()
            with contextlib.suppress(OSError):
                path.unlink()
        else:
            return store
    raise RuntimeError("sqlite cannot open a database in memory")


def digest_of(modules: Iterable[ModuleType]) -> str:
    """Tell code by its text, so that what it made is not taken for what it would make now."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]
