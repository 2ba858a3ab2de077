"""The data scripts of a project's curves: one metric of one chunk of runs each."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from gitrack.analysis import downsample, goals
from gitrack.errors import GitrackError
from gitrack.model.run import Record
from gitrack.publish import chunks, packing, series
from gitrack.publish.cache import Cache
from gitrack.publish.chunks import Batch, Encoded, divide, encode, metric_key
from gitrack.publish.output import Output
from gitrack.publish.packing import digest
from gitrack.publish.series import TIMES, Curve
from gitrack.publish.workers import Workers
from gitrack.store.layout import HISTORY_FILE, PREVIEW_FILE
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader, stored_name

#: Code whose change makes the scripts of earlier builds void.
_MAKERS = (downsample, goals, series, packing, chunks, sys.modules[__name__])
#: New histories from which on starting processes pays.
_MANY = 100
_KEPT = 8  # chunks whose curves stay in memory

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """
    The data scripts of runs that stand together.

    Attributes
    ----------
    first, size : int
        Its runs in the project's order.
    name : str
        Its folder below the project's data, told by its content; empty where nobody logged.
    logged : sequence of sequence of str
        Each run's metrics, in the order in which they were first logged.
    sizes : mapping of str to int
        Bytes of each metric's script, times among them.
    key : str
        What it was made from.
    """

    first: int
    size: int
    name: str
    logged: Sequence[Sequence[str]]
    sizes: Mapping[str, int]
    key: str

    def scripts(self, folder: str) -> Iterator[tuple[str, str]]:
        """Yield each metric and its script below the project's data folder."""
        for metric in self.sizes:
            yield metric, f"{folder}{self.name}/{metric_key(metric)}.js"


class _Logged(NamedTuple):
    """
    A run and what its curves are made from.

    Attributes
    ----------
    record : Record
        The run.
    name : str or None
        The name of its history on the branch: its pointer's where DVC keeps it, its preview's
        where that is not here; None where there is neither.
    """

    record: Record
    name: str | None

    @property
    def blob(self) -> str:
        """What stands on the branch under that name; empty where nothing does."""
        return self.record.blobs[self.name] if self.name else ""

    @property
    def is_pointer(self) -> bool:
        """Whether DVC keeps the content."""
        return self.name is not None and self.name.endswith(SUFFIX)


class ProjectData:
    """
    A project's data scripts, and what pages say of the curves in them.

    Parameters
    ----------
    chunks : sequence of Chunk
        In the order of the records.
    curves : callable
        Reads the curves of the runs of a chunk.
    previews : collection of str
        Ids of the runs whose curves come of some of their rows, since the whole is not here.
    """

    def __init__(
        self,
        chunks: Sequence[Chunk],
        curves: Callable[[Chunk], Sequence[Mapping[str, Curve]]],
        previews: Collection[str] = (),
    ) -> None:
        self.chunks = chunks
        self.previews = previews
        self._curves = curves

    @cached_property
    def logged(self) -> Mapping[str, int]:
        """How many runs logged each metric, times left out."""
        counts: dict[str, int] = {}
        for chunk in self.chunks:
            for names in chunk.logged:
                for name in names:
                    counts[name] = counts.get(name, 0) + 1
        return counts

    @cached_property
    def chunk_of(self) -> Sequence[Chunk]:
        """Each run's chunk."""
        return [chunk for chunk in self.chunks for _ in range(chunk.size)]

    def metrics(self, at: int) -> Sequence[str]:
        """Return what the run at a place logged."""
        chunk = self.chunk_of[at]
        return chunk.logged[at - chunk.first]

    def curves(self, at: int) -> Mapping[str, Curve]:
        """Return the curves of the run at a place."""
        chunk = self.chunk_of[at]
        return self._curves(chunk)[at - chunk.first]


class ShardWriter:
    """
    Writes the data scripts of chunks, those alone that are not there yet.

    Parameters
    ----------
    reader : Reader
        Where histories are read.
    output : Output
        Where scripts are written.
    workers : Workers, optional
        Who encodes; the cores of this machine unless given.
    progress : callable, optional
        Told how many histories are encoded, of how many.

    Attributes
    ----------
    cache : Cache
        Which scripts came of which histories.
    damaged : list of str
        Histories that could not be read, a line each; their runs stand without one.
    """

    def __init__(
        self,
        reader: Reader,
        output: Output,
        workers: Workers | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.reader = reader
        self.output = output
        self.cache = Cache(reader.repository.own_dir / "cache" / "site.db", _MAKERS)
        self.damaged: list[str] = []
        self._workers = workers or Workers()
        self._tell = progress or (lambda _done, _all: None)
        self._read_curves = lru_cache(_KEPT)(self._curves)

    def write(
        self, project: str, records: Sequence[Record], *, alone: frozenset[str] = frozenset()
    ) -> ProjectData:
        """Write what is missing of one project's scripts, a few chunks in memory at a time."""
        folder = f"data/{project}/"
        ids = [record.run.id for record in records]
        starts = divide(ids, alone=alone.__contains__)
        ends = [*starts[1:], len(records)]
        previews = self.reader.previews(records)
        logged = [_logged(record, preview=record.run.id in previews) for record in records]
        groups = [logged[start:end] for start, end in zip(starts, ends, strict=True)]
        found = [
            self._known(folder, start, group) for start, group in zip(starts, groups, strict=True)
        ]
        missing = [at for at, chunk in enumerate(found) if chunk is None]
        new = sum(one.name is not None for at in missing for one in groups[at])
        batches = self._batches([groups[at] for at in missing])
        results = self._workers.map(encode, batches, spread=new >= _MANY)
        done = 0
        for at, encoded in zip(missing, results, strict=True):
            found[at] = self._keep(folder, starts[at], groups[at], encoded)
            done += sum(one.name is not None for one in groups[at])
            self._tell(done, new)
        there = [chunk for chunk in found if chunk is not None]
        return ProjectData(there, lambda chunk: self._read_curves(chunk.key), previews)

    def _known(self, folder: str, first: int, group: Sequence[_Logged]) -> Chunk | None:
        """Return a chunk whose scripts an earlier build left."""
        key = _key(group)
        entry = self.cache.find("chunk", key)
        if entry is None:
            return None
        chunk = _chunk(first, key, entry)
        if not all(self.output.has(path) for _, path in chunk.scripts(folder)):
            return None
        self.damaged += entry["damaged"]
        self.cache.touch("curves", key)
        return chunk

    def _batches(self, groups: Sequence[Sequence[_Logged]]) -> Iterator[Batch]:
        in_git = [one.blob for group in groups for one in group if one.blob and not one.is_pointer]
        contents = self.reader.read_many(in_git)
        for group in groups:
            yield Batch(
                tuple(f"{one.record.path}/{one.name}" for one in group),
                tuple(self._history(one, contents) for one in group),
            )

    def _history(self, one: _Logged, contents: Iterator[bytes]) -> bytes | None:
        """Return a run's history, the next of `contents`; one that DVC keeps where it lies."""
        if not one.is_pointer:
            return next(contents) if one.blob else None
        try:
            (content,) = self.reader.read(one.record, HISTORY_FILE)
        except GitrackError:  # damaged on this disk; nothing is told as what it is not
            content = None
        return content or b""

    def _keep(self, folder: str, first: int, group: Sequence[_Logged], encoded: Encoded) -> Chunk:
        key = _key(group)
        entry: dict[str, Any] = {
            "name": encoded.name,
            "logged": [list(curves) for curves in encoded.curves],
            "sizes": [[name, len(script)] for name, script in encoded.scripts.items()],
            "damaged": [line for _, line in encoded.damaged],
        }
        chunk = _chunk(first, key, entry)
        for metric, path in chunk.scripts(folder):
            self.output.write_new(path, encoded.scripts[metric])
        self.damaged += entry["damaged"]
        # What DVC keeps may be whole again at the next build; what git keeps never changes.
        if not any(group[at].is_pointer for at, _ in encoded.damaged):
            self.cache.keep("chunk", key, entry)
        rows = [
            [(name, *astuple(curve)) for name, curve in curves.items()] for curves in encoded.curves
        ]
        self.cache.keep("curves", key, rows)
        self.cache.flush()
        return chunk

    def _curves(self, key: str) -> Sequence[Mapping[str, Curve]]:
        rows = self.cache.find("curves", key) or []
        return [{name: Curve(*values) for name, *values in curves} for curves in rows]


def all_metrics(data: ProjectData) -> list[str]:
    """Name every series of a project, by name, the times last."""
    names = {name for chunk in data.chunks for name in chunk.sizes}
    return sorted(names, key=lambda name: (name in TIMES, name))


def _chunk(first: int, key: str, entry: Mapping[str, Any]) -> Chunk:
    logged = entry["logged"]
    return Chunk(first, len(logged), entry["name"], logged, dict(entry["sizes"]), key)


def _logged(record: Record, *, preview: bool) -> _Logged:
    name = PREVIEW_FILE if preview else stored_name(record, HISTORY_FILE)
    return _Logged(record, name if name in record.blobs else None)


def _key(group: Sequence[_Logged]) -> str:
    """Name what a chunk is made from; a damaged history is told by its path, so that counts too."""
    parts = [f"{one.record.path}/{one.name} {one.blob}" for one in group]
    return digest("\n".join(parts).encode())
