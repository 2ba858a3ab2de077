"""What a run goes on from: its own earlier record, or another run up to a step."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError, GitrackError, RunNotFoundError
from gitrack.model.media import MediaItem
from gitrack.model.names import EXPERIMENTS
from gitrack.model.pointer import Pointer
from gitrack.record.metrics import MetricRules
from gitrack.store.history import (
    RESERVED,
    RUNTIME,
    STEP,
    TIMESTAMP,
    column_values,
    table_from_bytes,
)
from gitrack.store.layout import (
    CONSOLE_FILE,
    HISTOGRAMS_FILE,
    HISTORY_FILE,
    MEDIA_FILE,
    SYSTEM_FILE,
)
from gitrack.store.media import histograms_from_bytes, media_from_jsonl
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader, data_missing
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from gitrack.model.run import Record

_CARRIED = ("media/", "tables/")
_MOMENT = re.compile(r"(?P<id>[A-Za-z0-9._-]+)\?_step=(?P<step>\d+)")
_READ = (HISTORY_FILE, HISTOGRAMS_FILE)
#: What is read besides, where the same run goes on.
_RESUMED = (SYSTEM_FILE, CONSOLE_FILE)
_CONSOLE_NOTE = b"\n--- resumed ---\n"


@dataclass(frozen=True)
class Origin:
    """
    Where a run goes on.

    Attributes
    ----------
    kind : {"resume", "fork", "rewind"}
        The same run once more, a new one from another's step, or the same as a new record.
    commit, path : str
        The record: its folder in a commit.
    step : int or None
        The last step that is taken over; None for all.
    branch : str or None
        The experiments branch that it was found on.
    """

    kind: str
    commit: str
    path: str
    step: int | None = None
    branch: str | None = None


class Past:
    """
    The rows, media and samples of an `Origin`.

    Parameters
    ----------
    repository : Repository
        Where the record lies.
    origin : Origin
        Which, and how far.

    Raises
    ------
    GitrackError
        If the record cannot be read.
    DataMissingError
        If DVC keeps a part of it that the run goes on from, and it is not on this machine.
    """

    def __init__(self, repository: Repository, origin: Origin) -> None:
        self.origin = origin
        self._reader = Reader(repository)
        self.record: Record = self._reader.record_at(origin.commit, origin.path)
        for _, name, pointer in self._reader.pointers([self.record]):
            read = name in _READ or (origin.kind == "resume" and name in _RESUMED)
            if read and not self._reader.data.has(pointer):
                raise data_missing(self.record, name)
        self.rows = list(self._rows(self._reader.history(self.record)))

    @property
    def branch(self) -> str | None:
        """The experiments branch that the record is on, where that is plain."""
        return self.origin.branch

    @property
    def next_step(self) -> int:
        """One more than the furthest step."""
        return 1 + max((step for step, _, _, _ in self.rows), default=-1)

    @property
    def runtime(self) -> float:
        """Seconds that it had run: all of them, or until the last row that is taken over."""
        last = self.rows[-1][1] if self.rows else 0.0
        if self.origin.kind == "resume":
            return max(self.record.run.duration or 0.0, last)
        return last

    def seed(self, rules: MetricRules, summary: dict[str, Any]) -> None:
        """Take the rules over, with what the old rows count for, and the summary."""
        for rule in self.record.run.metrics:
            rules.define(rule)
        scratch: dict[str, Any] = {}
        for _, _, _, values in self.rows:
            rules.follow(scratch, values)
        summary.update(scratch if self.origin.step is not None else self.record.summary)

    def samples(self) -> "list[tuple[int, float, float, dict[str, Any]]]":
        """Return the samples of the system metrics."""
        content = self.read(SYSTEM_FILE)
        if content is None or self.origin.kind != "resume":
            return []
        return list(self._rows(table_from_bytes(content, SYSTEM_FILE)))

    def media(self) -> list[MediaItem]:
        """Return the media of the rows that are taken over."""
        content = self.read(MEDIA_FILE)
        items = media_from_jsonl(content, MEDIA_FILE) if content else []
        return [item for item in items if self._taken(item.step)]

    def histograms(self) -> "Iterator[dict[str, Any]]":
        """Yield the histograms of the rows that are taken over."""
        content = self.read(HISTOGRAMS_FILE)
        for row in histograms_from_bytes(content).to_pylist() if content else ():
            if self._taken(row[STEP]):
                yield row

    def files(self) -> dict[str, bytes | Pointer]:
        """Return what has to stand in another run's folder too; what DVC keeps as a pointer."""
        if self.origin.kind == "resume":
            return {}
        files: dict[str, bytes | Pointer] = {
            path: pointer
            for _, path, pointer in self._reader.pointers([self.record])
            if path.startswith(_CARRIED)
        }
        wanted = [
            name
            for name in self.record.blobs
            if name.startswith(_CARRIED) and not name.endswith(SUFFIX)
        ]
        contents = self._reader.read(self.record, *wanted)
        files |= {name: content for name, content in zip(wanted, contents, strict=True) if content}
        return files

    def console(self) -> bytes:
        """Return what it had printed, for the same run's console to go on from."""
        content = self.read(CONSOLE_FILE) if self.origin.kind == "resume" else None
        return content + _CONSOLE_NOTE if content else b""

    def read(self, path: str) -> bytes | None:
        """Return one of its files, or None."""
        (content,) = self._reader.read(self.record, path)
        return content

    def _taken(self, step: int) -> bool:
        return self.origin.step is None or step <= self.origin.step

    def _rows(self, table: "pa.Table") -> "Iterator[tuple[int, float, float, dict[str, Any]]]":
        names = [name for name in table.column_names if name not in RESERVED]
        columns = [column_values(table, name) for name in (STEP, RUNTIME, TIMESTAMP, *names)]
        for step, runtime, timestamp, *values in zip(*columns, strict=True):
            if self._taken(step):
                logged = zip(names, values, strict=True)
                yield step, runtime, timestamp, {n: v for n, v in logged if v is not None}


def find_origin(repository: Repository, run_id: str, kind: str, step: int | None = None) -> Origin:
    """
    Find a run's newest record.

    Raises
    ------
    RunNotFoundError
        If no branch has it, or what it has cannot be read.
    """
    reader = Reader(repository)
    try:
        record = reader.with_id(run_id)
    except FormatError as error:
        raise RunNotFoundError(run_id) from error
    tip = reader.branches()[record.branch]
    here = record.branch[max(record.branch.find(EXPERIMENTS), 0) :]
    return Origin(kind, tip, record.path, step, here)


def moment_from(text: Any) -> tuple[str, int]:
    """
    Read ``<run id>?_step=<n>``.

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> moment_from("calm-1?_step=20")
    ('calm-1', 20)
    """
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not of the form <run id>?_step=<n>")
    return match["id"], int(match["step"])


def newest(repository: Repository, origin: Origin) -> Origin:
    """Return where a resumed run's record stands now: it may have been edited meanwhile."""
    if origin.kind != "resume":
        return origin
    reader = Reader(repository)
    for tip in dict.fromkeys(reader.branches().values()):
        try:
            found = reader.record_at(tip, origin.path)
        except GitrackError:
            continue
        if found.run.id == origin.path.rpartition("/")[2]:
            return replace(origin, commit=tip)
    return origin
