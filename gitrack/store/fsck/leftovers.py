"""What crashes leave behind: runs that wait, partial files, locks."""

import time
from collections.abc import Iterator
from pathlib import Path

from gitrack.store.data import DataStore
from gitrack.store.fsck.objects import broken_packs
from gitrack.store.fsck.report import Report
from gitrack.store.repository import Repository

_DAY = 86_400.0
_REPAIR = "gitrack fsck --repair"


def check_leftovers(repository: Repository, report: Report) -> None:
    """Look through our own folder, and through what our commands leave in git's."""
    own = repository.own_dir
    runs = own / "runs"
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        journal = folder / "journal.jsonl"
        if not journal.is_file() or not journal.stat().st_size:
            if _age(folder) > _DAY:
                report.note("leftover", "a run that never began", path=str(folder))
        elif not is_alive(folder):
            what = "a run whose process is gone waits to be committed"
            report.warning("waiting", what, "gitrack recover", run=folder.name, path=str(folder))
    for path in partial_files(repository):
        report.note("partial", "a file that was never finished", _REPAIR, path=str(path))
    for pack in broken_packs(repository.common_dir):
        what = "a pack is not what its index says, so that git reads nothing of it"
        report.error("pack", what, _REPAIR, path=str(pack), target=str(pack))
    for damaged in (own / "damaged", DataStore(repository).objects.folder.parent / "damaged"):
        if count := sum(1 for path in damaged.rglob("*") if path.is_file()):
            what = f"{count} damaged files that were put aside"
            report.note("damaged", what, "delete them when nothing is missing", path=str(damaged))


def partial_files(repository: Repository) -> Iterator[Path]:
    """Yield files that a process died over more than a day ago."""
    places = (
        (repository.common_dir / "objects", "tmp_obj_*"),
        (repository.common_dir / "objects", "[0-9a-f][0-9a-f]/tmp_obj_*"),
        (repository.common_dir / "objects" / "pack", "tmp_pack_*"),
        (repository.common_dir / "objects" / "pack", "tmp_idx_*"),
        (repository.git_dir, "fast_import_crash_*"),
    )
    for folder, pattern in places:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and not path.is_symlink() and _age(path) > _DAY:
                yield path


def is_alive(folder: Path) -> bool:
    """Tell whether any process records the run of a folder, by the locks in it."""
    import filelock

    for path in folder.glob("lock*"):
        lock = filelock.FileLock(path, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except (filelock.Timeout, OSError):
            return True
        lock.release()
    return False


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
