"""Runs that are recorded right now, read as if they were on a branch already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gitrack.errors import GitrackError
from gitrack.model.names import EXPERIMENTS
from gitrack.model.run import Record, State
from gitrack.publish.packing import digest
from gitrack.record.folder import RunFolder, alive
from gitrack.record.replay import replay_journal
from gitrack.store.history import table_to_bytes
from gitrack.store.layout import HISTORY_FILE, RUN_FILE, run_folder
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import run_to_json

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Living:
    """A run's record as its journal stood at a stamp, and the blobs that git has not."""

    stamp: _Stamp
    record: Record
    blobs: dict[str, bytes]


class LiveReader(Reader):
    """
    The runs of one repository, those among them that are still being recorded on this machine.

    Parameters
    ----------
    repository : Repository
        Where to read.
    """

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository)
        self._living: dict[str, _Living] = {}
        self._recorded: list[Record] = []

    @property
    def live(self) -> frozenset[str]:
        """Ids of the runs that are being recorded."""
        return frozenset(self._living)

    def look(self) -> bool:
        """Read the journals that grew since the last look, and tell whether anything changed."""
        before = self._living
        self._living = {}
        for folder in alive(self.repository):
            stamp = _stamp(folder)
            known = before.get(folder.id)
            if known is None or known.stamp != stamp:
                try:
                    known = self._replayed(folder, stamp)
                except (GitrackError, OSError, ValueError, TypeError, KeyError):
                    continue  # just begun, or just committed: the next look tells
            self._living[folder.id] = known
        return before != self._living

    def records(self) -> list[Record]:
        """Return all runs; one that goes on is shown as it stands now."""
        self._recorded = super().records()
        return self.records_now()

    def records_now(self) -> list[Record]:
        """Return all runs, those on branches as they were read last."""
        living = [one.record for one in self._living.values()]
        recorded = (one for one in self._recorded if one.run.id not in self._living)
        return sorted([*recorded, *living], key=lambda one: (one.run.created, one.run.id))

    def read_many(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Stream blobs by their ids, in order; a living run's come from memory."""
        blobs = {oid: blob for one in self._living.values() for oid, blob in one.blobs.items()}
        wanted = list(ids)
        stored = super().read_many([oid for oid in wanted if oid not in blobs])
        for oid in wanted:
            yield blobs[oid] if oid in blobs else next(stored)

    def _replayed(self, folder: RunFolder, stamp: _Stamp) -> _Living:
        replay = replay_journal(folder, self.repository, media=False)
        run = replay.run
        if run.state is State.CRASHED:  # what a journal without an end would mean of a dead run
            run = replace(run, state=State.RUNNING)
        files = {RUN_FILE: run_to_json(run, replay.summary)}
        if run.rows:
            files[HISTORY_FILE] = table_to_bytes(replay.history.table())
        blobs = {name: f"live-{digest(content)}" for name, content in files.items()}
        branch = replay.branch or f"{EXPERIMENTS}{replay.code_branch or 'detached'}"
        record = Record(run, replay.config, replay.summary, branch, run_folder(run), blobs)
        return _Living(stamp, record, {blobs[name]: content for name, content in files.items()})


def _stamp(folder: RunFolder) -> _Stamp:
    """Return what changes when a journal grows."""
    found = []
    for path in folder.journals:
        try:
            status = Path(path).stat()
        except OSError:
            continue
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
