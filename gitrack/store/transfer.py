"""Moving large data between this machine and a DVC remote: what is missing, whole or not at all."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gitrack.errors import DataError, DataMissingError
from gitrack.model.pointer import Pointer
from gitrack.store.moved import Moved, Progress, Report
from gitrack.store.objects import Objects
from gitrack.store.remotes import Remote, one_line

if TYPE_CHECKING:
    from gitrack.store.data import DataStore

#: Objects that are under way at once to a remote that takes several.
_BATCH = 64
_DAMAGED_HERE, _DAMAGED_THERE = "the copy here is damaged, and put by", "it is damaged there"


class Side(Protocol):
    """The far side of a transfer."""

    def present(self, ids: Iterable[str]) -> set[str]:
        """Return which of these objects are there."""
        ...

    def send(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Send objects that are whole here; returns why some could not be, by digest."""
        ...

    def fetch(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Fetch objects; returns why some could not be, by digest."""
        ...


def push(
    store: "DataStore", remote: Remote, pointers: Iterable[Pointer], progress: Progress | None
) -> Moved:
    """Send what a remote lacks; see `DataStore.push`."""
    names: dict[str, str] = {}
    listings: dict[str, str] = {}
    inside: dict[str, set[str]] = {}
    gone: dict[str, str] = {}
    for pointer in pointers:
        if pointer.is_folder:
            try:
                inner = store.listing(pointer)
            except DataMissingError:
                gone[pointer.md5] = pointer.name
                continue
            listings[pointer.md5] = pointer.name
            inside[pointer.md5] = set(inner.values())
            names |= {md5: f"{pointer.name}/{path}" for path, md5 in inner.items()}
        else:
            names[pointer.md5] = pointer.name
    side = _side(remote)
    with _named(remote):
        there = side.present({**names, **listings, **gone})
    wanted = [md5 for md5 in names if md5 not in there]
    gone |= {md5: names[md5] for md5 in wanted if not store.objects.has(md5)}
    sent = [md5 for md5 in wanted if md5 not in gone]
    report = Report(progress, f"sending to {remote.shown}", files=len(sent))
    moved = _move(side.send, store.objects, sent, names, report, remote)
    gone = {md5: name for md5, name in gone.items() if md5 not in there}
    # Who finds a listing takes its files for granted, so it goes last and only with all of them.
    whole = [md5 for md5 in listings if md5 not in there and not gone.keys() & inside[md5]]
    moved += _move(side.send, store.objects, whole, listings, report, remote)
    if gone:
        raise _gone(gone, remote)
    return moved + Moved(already=len(there))


def pull(
    store: "DataStore", remote: Remote, pointers: Iterable[Pointer], progress: Progress | None
) -> Moved:
    """Fetch what is not here; see `DataStore.pull`."""
    side, wanted = _side(remote), list(pointers)
    listings = {pointer.md5: pointer.name for pointer in wanted if pointer.is_folder}
    names = {pointer.md5: pointer.name for pointer in wanted if not pointer.is_folder}
    moved, gone = _fetch(store, side, listings, remote, progress)
    for pointer in wanted:
        if pointer.is_folder and pointer.md5 not in gone:
            inner = store.listing(pointer)
            names |= {md5: f"{pointer.name}/{path}" for path, md5 in inner.items()}
    more, lost = _fetch(store, side, names, remote, progress)
    if gone | lost:
        raise _gone(gone | lost, remote)
    return moved + more


def present(remote: Remote, ids: Iterable[str]) -> set[str]:
    """Return which objects a remote has; see `DataStore.on_remote`."""
    side = _side(remote)
    with _named(remote):
        return side.present(ids)


def _fetch(
    store: "DataStore",
    side: Side,
    names: Mapping[str, str],
    remote: Remote,
    progress: Progress | None,
) -> tuple[Moved, dict[str, str]]:
    """Fetch objects that are not here; returns also what is nowhere."""
    missing = [md5 for md5 in names if not store.objects.has(md5)]
    with _named(remote):
        there = side.present(missing) if missing else set()
    fetched = [md5 for md5 in missing if md5 in there]
    report = Report(progress, f"fetching from {remote.shown}", files=len(fetched))
    moved = _move(side.fetch, store.objects, fetched, names, report, remote)
    gone = {md5: names[md5] for md5 in missing if md5 not in there}
    return moved + Moved(already=len(names) - len(missing)), gone


def _move(
    act: Any,
    objects: Objects,
    ids: Sequence[str],
    names: Mapping[str, str],
    report: Report,
    remote: Remote,
) -> Moved:
    """Move objects batch by batch; what could not be moved is named when the rest is done."""
    failed: dict[str, str] = {}
    size = 0
    for batch in _batches(ids):
        with _named(remote):
            failed |= act(objects, batch, report)
        size += sum(_size(objects, md5) for md5 in batch if md5 not in failed)
    if failed:
        md5, reason = next(iter(failed.items()))
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise DataError(f"{names[md5]}{more}", f"{remote.shown}: {reason}")
    return Moved(len(ids), size)


class LocalSide:
    """A remote that is a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._objects = Objects(folder / "files" / "md5")

    def present(self, ids: Iterable[str]) -> set[str]:
        """Return which of these objects are there."""
        return {md5 for md5 in ids if self._objects.has(md5)}

    def send(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Copy objects there, digested on the way."""
        failed, damaged = _copied(objects, self._objects, ids, report)
        for md5 in damaged:
            objects.drop(md5)
        return failed | dict.fromkeys(damaged, _DAMAGED_HERE)

    def fetch(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Copy objects from there, digested on the way."""
        failed, damaged = _copied(self._objects, objects, ids, report)
        return failed | dict.fromkeys(damaged, _DAMAGED_THERE)


def _copied(
    source: Objects, target: Objects, ids: Sequence[str], report: Report
) -> tuple[dict[str, str], list[str]]:
    """Copy objects; returns why some could not be, and which are damaged."""
    failed, damaged = {}, []
    for md5 in ids:
        try:
            target.take(source.path(md5), md5, report.tick)
        except ValueError:
            damaged.append(md5)
        except OSError as error:
            failed[md5] = one_line(error)
        report.file_done()
    return failed, damaged


class FarSide:
    """A remote of any other kind, through DVC's own file systems."""

    def __init__(self, remote: Remote) -> None:
        self._database = remote.database()

    def present(self, ids: Iterable[str]) -> set[str]:
        """Return which of these objects are there."""
        wanted = list(ids)
        return set(self._database.oids_exist(wanted)) if wanted else set()

    def send(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Send objects, each digested before and measured after."""
        from dvc_objects.fs import localfs

        failed = {md5: _DAMAGED_HERE for md5 in ids if not objects.check(md5)}
        for md5 in failed:
            objects.drop(md5)
        whole = [md5 for md5 in ids if md5 not in failed]
        self._database.add(
            [str(objects.path(md5)) for md5 in whole],
            localfs,
            whole,
            on_error=lambda md5, error: failed.setdefault(md5, one_line(error)),
            callback=_callback(report),
            check_exists=False,
            verify=False,
        )
        sent = [md5 for md5 in whole if md5 not in failed]
        paths = [self._database.oid_to_path(md5) for md5 in sent]
        for md5, found in zip(sent, self._facts(paths), strict=True):
            if isinstance(found, Exception):
                failed[md5] = f"it did not arrive: {one_line(found)}"
            elif found.get("size") not in (None, _size(objects, md5)):
                failed[md5] = "it did not arrive whole"
        return failed

    def fetch(self, objects: Objects, ids: Sequence[str], report: Report) -> dict[str, str]:
        """Fetch objects, each digested before it counts."""
        from dvc_objects.fs import generic, localfs

        partials = {str(objects.partial_path()): md5 for md5 in ids}
        failed: dict[str, str] = {}
        try:
            generic.copy(
                self._database.fs,
                [self._database.oid_to_path(md5) for md5 in ids],
                localfs,
                list(partials),
                on_error=lambda _, to, error: failed.setdefault(partials[to], one_line(error)),
                callback=_callback(report),
            )
            for partial, md5 in partials.items():
                if md5 not in failed:
                    try:
                        objects.adopt(Path(partial), md5)
                    except ValueError:
                        failed[md5] = _DAMAGED_THERE
        finally:
            for partial in partials:
                Path(partial).unlink(missing_ok=True)
        return failed

    def _facts(self, paths: list[str]) -> list[Any]:
        return self._database.fs.info(paths, return_exceptions=True) if paths else []


def _callback(report: Report) -> Any:
    """Let fsspec count into a report."""
    from fsspec.callbacks import Callback

    class Bytes(Callback):  # type: ignore[misc]
        seen = 0

        def relative_update(self, inc: int = 1) -> None:
            report.tick(inc)

        def absolute_update(self, value: int) -> None:
            report.tick(value - self.seen)
            self.seen = value

    class Files(Callback):  # type: ignore[misc]
        def relative_update(self, inc: int = 1) -> None:
            for _ in range(inc):
                report.file_done()

        def branched(self, *_paths: Any, **_options: Any) -> Any:
            return Bytes()

    return Files()


def _side(remote: Remote) -> Side:
    folder = remote.folder
    return FarSide(remote) if folder is None else LocalSide(folder)


@contextlib.contextmanager
def _named(remote: Remote) -> Iterator[None]:
    """Turn whatever a file system raises into one line that names the remote."""
    try:
        yield
    except (DataError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise DataError(remote.shown, f"cannot be reached: {one_line(error)}") from error


def _gone(gone: Mapping[str, str], remote: Remote) -> DataMissingError:
    name = next(iter(gone.values()))
    more = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
    return DataMissingError(f"{name}{more}", f"{remote.shown} has it not either")


def _size(objects: Objects, md5: str) -> int:
    try:
        return objects.path(md5).stat().st_size
    except OSError:
        return 0


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while batch := list(islice(left, _BATCH)):
        yield batch
