"""The records of all runs as they were read last: a file that may be deleted at any time."""

import contextlib
import gc
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.artifact import ArtifactUse
from gitrack.model.run import Alert, MetricRule, Record, Redaction, Run, State
from gitrack.store import schema
from gitrack.store.columns import made, tuples_of_text
from gitrack.store.fields import field_kinds, run_fields
from gitrack.store.trees import Folder
from gitrack.version import VERSION

#: What a cache file begins with, before its checksum; another one's is no use.
_MADE_BY = f"gitrack {VERSION}, cache 1, record {schema.VERSION}"
# What most runs have in common is kept once; of the other fields there is a column each.
_SHARED = (
    "entity", "code", "host", "python", "recorder", "missing", "sessions", "forked_from",
    "forked_at", "supersedes", "metrics", "alerts", "redacted", "environment", "hardware",
)  # fmt: skip
_FIELDS = tuple(Run.__slots__)
_OWN = tuple(name for name in _FIELDS if name not in ("id", "project", *_SHARED))
# What lists of a run hold that is more than text.
_PARTS = (Alert, ArtifactUse, MetricRule, Redaction)
_own, _shared = attrgetter(*_OWN), attrgetter(*_SHARED)
_OF_IDS = b"0123456789abcdef \n"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    All runs, as they were read at one time.

    Attributes
    ----------
    branches : mapping of str to str
        The branches and the commits that they stood at; empty where git could not read all.
    records : list of Record
        The runs, oldest first.
    trees : list of str
        The git object id of each one's folder, in the same order.
    broken : list of (Folder, FormatError)
        The folders whose files are no record, and why.
    """

    branches: Mapping[str, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    trees: list[str] = field(default_factory=list)
    broken: list[tuple[Folder, FormatError]] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class _Blobs(Mapping[str, str]):
    """The ids of a run's files by their paths; taken apart when asked for, since most never are."""

    _names: Sequence[str]
    _ids: str
    _found: dict[str, str] | None

    def _all(self) -> dict[str, str]:
        if self._found is None:
            self._found = dict(zip(self._names, self._ids.split(" "), strict=True))
        return self._found

    def __getitem__(self, path: str) -> str:
        return self._all()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(self._all())


def load(path: Path) -> Snapshot:
    """Read a cache file; one that is missing, cut, changed or another version's holds nothing."""
    import orjson

    try:
        content = path.read_bytes()
        end = content.index(b"\n")
        body = memoryview(content)[end + 1 :]
        if content[:end] == _head(body):
            with without_collector():
                return _from_plain(orjson.loads(body))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    return Snapshot()


def save(path: Path, snapshot: Snapshot) -> None:
    """Write a cache file, whole or not at all; where that cannot be done it is done without."""
    import orjson

    unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with without_collector():
            body = orjson.dumps(_to_plain(snapshot))
        unfinished.write_bytes(_head(body) + b"\n" + body)
        unfinished.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()


@contextmanager
def without_collector() -> Iterator[None]:
    """Make many objects that all stay, without the collector going through them at every turn."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _head(body: bytes | memoryview) -> bytes:
    return f"{_MADE_BY}, {zlib.crc32(body):08x}".encode()


class _Table:
    """Values that many runs have in common, each kept once and named by its number."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._found: dict[bytes, tuple[int, Any]] = {}

    def place(self, value: Any, plain: Callable[[], Any]) -> int:
        """Return a value's number; `plain` makes of a new one what JSON can hold."""
        import orjson

        with contextlib.suppress(TypeError):
            number, same = self._found.setdefault(orjson.dumps(value), (len(self.rows), value))
            # orjson writes NaN and None alike.
            if number < len(self.rows) and same == value:
                return number
        self.rows.append(_exact(plain()))
        return len(self.rows) - 1


def _to_plain(snapshot: Snapshot) -> dict[str, Any]:
    records = snapshot.records
    parts = _Table()
    names: dict[tuple[str, ...], int] = {}
    runs = [record.run for record in records]
    columns = zip(_OWN, zip(*map(_own, runs), strict=True), strict=bool(runs))
    return {
        "branches": snapshot.branches,
        "branch": [record.branch for record in records],
        "path": [record.path for record in records],
        "tree": " ".join(snapshot.trees),
        "own": {name: _exact(_listed(column)) for name, column in columns},
        "part": [parts.place(_shared(run), partial(_shared_of, run)) for run in runs],
        "files": [names.setdefault(tuple(r.blobs), len(names)) for r in records],
        "blobs": "\n".join(" ".join(record.blobs.values()) for record in records),
        "config": [_exact(record.config) for record in records],
        "summary": [_exact(record.summary) for record in records],
        "parts": parts.rows,
        "names": list(map(_exact, names)),
        "broken": [
            (*folder, _exact([error.path, error.reason, getattr(error, "found", None)]))
            for folder, error in snapshot.broken
        ],
    }


def _from_plain(plain: Mapping[str, Any]) -> Snapshot:
    if any(plain[ids].encode().translate(None, _OF_IDS) for ids in ("tree", "blobs")):
        raise ValueError("an id is hexadecimal")
    paths: list[str] = plain["path"]
    if {path.count("/") for path in paths} - {3} or {*map(type, plain["branch"])} - {str}:
        raise ValueError("a run's folder is four deep")
    parts = [run_fields(_plain(part, dict)) for part in plain["parts"]]
    names = [tuple(_plain(row, list)) for row in plain["names"]]
    of_run = [parts[number] for number in plain["part"]]
    columns = {
        "id": [path.rpartition("/")[2] for path in paths],
        "project": [path.partition("/")[0] for path in paths],
        **{name: _column(name, _plain(plain["own"][name], list)) for name in _OWN},
        **{name: [part[name] for part in of_run] for name in _SHARED},
    }
    blobs: dict[str, list[Any]] = {
        "_names": [names[number] for number in plain["files"]],
        "_ids": plain["blobs"].split("\n") if paths else [],
        "_found": [None] * len(paths),
    }
    if [ids.count(" ") + 1 for ids in blobs["_ids"]] != list(map(len, blobs["_names"])):
        raise ValueError("a file's id is missing")
    columns_of_records = {
        "run": made(Run, columns, len(paths)),
        "config": [v if type(v) is dict else _plain(v, dict) for v in plain["config"]],
        "summary": [v if type(v) is dict else _plain(v, dict) for v in plain["summary"]],
        "branch": plain["branch"],
        "path": paths,
        "blobs": made(_Blobs, blobs, len(paths)),
    }
    records = made(Record, columns_of_records, len(paths))
    trees = plain["tree"].split()
    if len(trees) != len(records):
        raise ValueError("a tree is missing")
    broken = [
        (Folder(branch, path, tree), _error(*_plain(error, list)))
        for branch, path, tree, error in plain["broken"]
    ]
    return Snapshot(plain["branches"], records, trees, broken)


def _column(name: str, column: list[Any]) -> list[Any]:
    """Check a field's values of all runs at once, and make of them what a run holds."""
    if name == "state":
        return [State(value) for value in column]
    kind = field_kinds(Run)[name]
    if is_dataclass(kind.type):
        return [run_fields({name: value})[name] if value else () for value in column]
    if kind.many:
        found: list[Any] | None = tuples_of_text(column)
    else:
        found = column if kind.plain.issuperset(map(type, column)) else None
    if found is None:
        raise TypeError(name)
    return found


def _listed(column: Sequence[Any]) -> list[Any]:
    if tuple not in set(map(type, column)):
        return list(column)
    return [
        [asdict(one) if isinstance(one, _PARTS) else one for one in value]
        if isinstance(value, tuple)
        else value
        for value in column
    ]


def _shared_of(run: Run) -> dict[str, Any]:
    plain = asdict(run)
    return {name: plain[name] for name in _SHARED}


def _error(path: str, reason: str, newer: int | None) -> FormatError:
    if newer is not None:
        return NewerFormatError(path, newer, schema.VERSION)
    return FormatError(path, reason)


def _exact(value: Any) -> Any:
    """Write a tree by orjson where that keeps it exactly, else as a text of Python's own JSON."""
    import orjson

    try:
        content = orjson.dumps(value)
    except TypeError:  # half a surrogate pair, or more than 64 bits
        return json.dumps(value)
    if b"null" in content and orjson.loads(content) != value:
        return json.dumps(value)
    return orjson.Fragment(content)


def _plain(kept: Any, kind: type) -> Any:
    """Return the tree that `_exact` kept."""
    value = json.loads(kept) if type(kept) is str else kept
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
