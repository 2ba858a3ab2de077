"""The journal of a run: one line a call, on disk before the call returns."""

import contextlib
import heapq
import json
import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from gitrack.record.notice import warn_once

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_BACKLOG = 64 << 20  # bytes held back while the disk is full
_WAITS = (0.02, 0.1, 0.5, None)  # seconds between the last tries to write what was held back
_PIECE = 1 << 20
_ROW = ord("[")
_PARTS, _JOINS = 5, 3
_RANKS = frozenset(
    "encoded summary summary- alert missing redacted artifact versioned used".split()
)


class Journal:
    """
    An append-only file of lines; its user lets one thread in at a time.

    A row is a JSON array ``[timestamp, runtime, step, joins, values]``; ``joins`` is 1 where its
    values belong to the row before. A row that begins with a space was written by Python's own
    ``json``, since it holds NaN, an infinity or a whole number beyond 64 bits. Everything else is
    a JSON object with one key, which names the event.

    Parameters
    ----------
    path : pathlib.Path
        The file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, _FLAGS, 0o644)
        self._late: list[bytes] = []
        self._late_bytes = 0

    def write(self, line: bytes) -> None:
        """Append a line that ends in a newline."""
        try:
            if self._late:
                self._catch_up()
            written = os.write(self._file, line)
        except OSError as error:
            self._hold_back(line, error)
        else:
            if written != len(line):
                self._hold_back(line[written:], OSError("the disk is full"))

    def event(self, name: str, value: Any) -> None:
        """Append anything that is not a row."""
        self.write(json.dumps({name: value}).encode() + b"\n")

    def copy(self, path: Path) -> None:
        """
        Write what the journal holds to another file, even when its own was deleted meanwhile.

        Raises
        ------
        OSError
            If it cannot be read or written.
        """
        place = 0
        with path.open("xb") as file:
            while piece := os.pread(self._file, _PIECE, place):
                file.write(piece)
                place += len(piece)
            file.writelines(self._late)

    def close(self) -> None:
        """Write what was held back, if that is possible now, and close the file."""
        if self._file < 0:
            return
        for wait in _WAITS:
            try:
                self._catch_up()
            except OSError as error:
                if wait is None:
                    lost = f"{self._late_bytes} bytes of the journal could not be written"
                    warn_once("journal end", f"{lost}: {error}")
                else:
                    time.sleep(wait)
            else:
                break
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._file = -1

    def _hold_back(self, line: bytes, error: OSError) -> None:
        warn_once("journal", f"cannot write the journal ({error}); rows wait in memory")
        if self._late_bytes + len(line) <= _BACKLOG:
            self._late.append(line)
            self._late_bytes += len(line)

    def _catch_up(self) -> None:
        while self._late:
            line = self._late[0]
            written = os.write(self._file, line)
            self._late_bytes -= written
            if written != len(line):
                self._late[0] = line[written:]
                raise OSError("the disk is full")
            del self._late[0]


def encode_row(
    timestamp: float, runtime: float, step: int, joins: int, values: Mapping[str, Any]
) -> bytes:
    """Encode a row whose values only Python's ``json`` keeps exactly."""
    return b" " + json.dumps((timestamp, runtime, step, joins, values)).encode() + b"\n"


def read_journal(path: Path) -> Iterator[list[Any] | dict[str, Any]]:
    """
    Yield a journal's lines: rows as lists, other events as dicts.

    A line that a crash or a full disk left unfinished is passed over.
    """
    with path.open("rb") as file:
        for line in file:
            try:
                event = orjson.loads(line) if line[0] == _ROW else json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) or (isinstance(event, list) and len(event) == _PARTS):
                yield event


def read_journals(paths: Sequence[Path]) -> Iterator[list[Any] | dict[str, Any]]:
    """
    Yield the lines of journals that processes wrote together, rows by their time.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        The first tells what the run is; of the others rows, summaries, alerts, artifacts and
        what was made of media count.
    """
    first, *others = paths
    if not others:
        yield from read_journal(first)
        return
    streams = [_by_row(read_journal(first)), *(_by_row(_of_rank(path)) for path in others)]
    for _, events in heapq.merge(*streams, key=itemgetter(0)):
        yield from events


def _of_rank(path: Path) -> Iterator[list[Any] | dict[str, Any]]:
    for event in read_journal(path):
        if isinstance(event, list) or not _RANKS.isdisjoint(event):
            yield event
        elif (end := event.get("finish")) and end["state"] != "finished":
            rank = path.stem.rpartition("-")[2]
            yield {"missing": f"rank {rank} {end['state']}: {end.get('error')}"}


def _by_row(
    events: Iterable[list[Any] | dict[str, Any]],
) -> Iterator[tuple[float, list[list[Any] | dict[str, Any]]]]:
    """Group each whole row, what joins it and what follows it, under the row's time."""
    group: list[list[Any] | dict[str, Any]] = []
    began = -math.inf
    for event in events:
        if isinstance(event, list) and not event[_JOINS]:
            yield began, group
            began, group = event[0], []
        group.append(event)
    yield began, group
