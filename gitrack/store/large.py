"""The large files of many runs: which are not here, and bringing or sending them."""

from collections.abc import Iterable

from gitrack.model.pointer import Pointer
from gitrack.model.run import Record
from gitrack.store.moved import Moved, Progress
from gitrack.store.reader import Reader


def missing_pointers(reader: Reader, records: Iterable[Record]) -> list[Pointer]:
    """Return what DVC keeps of runs and is not on this machine."""
    kept = reader.pointers(records)
    return [pointer for _, _, pointer in kept if not reader.data.has(pointer)]


def pull_data(reader: Reader, records: Iterable[Record], progress: Progress | None = None) -> Moved:
    """
    Fetch what DVC keeps of runs and is not here.

    Raises
    ------
    DataMissingError
        If the remote has not all of it either; everything else was fetched.
    DataError
        If there is no remote, or it cannot be read.
    """
    return reader.data.pull(missing_pointers(reader, records), progress)


def push_data(reader: Reader, records: Iterable[Record], progress: Progress | None = None) -> Moved:
    """
    Send what DVC keeps of runs and the remote lacks.

    Raises
    ------
    DataMissingError
        If data is neither here nor there; everything else was sent.
    DataError
        If there is no remote, or it refuses.
    """
    pointers = {pointer.md5: pointer for _, _, pointer in reader.pointers(records)}
    return reader.data.push(pointers.values(), progress)
