"""Pushing beside a training: one process for all runs that end, which tries for some minutes."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gitrack.errors import GitrackError, RemoteError
from gitrack.model.text import printable
from gitrack.record.capture import explain
from gitrack.record.notice import tell
from gitrack.settings import read_settings
from gitrack.store.repository import Repository
from gitrack.store.sync import Outcome, push

_PERIOD = 10.0  # seconds between two pushes; hosts advise at most six a minute
_WAITS = (10.0, 20.0, 40.0, 80.0, 160.0, 300.0)  # seconds after each failure in a row
_LIFE = 24 * 3600.0  # seconds after which a pusher ends, whatever it does
_LOG_BYTES = 256 << 10
_LOG, _WANTED, _LOCK = "push.log", "push.wanted", "pusher.lock"

_children: list[subprocess.Popen[bytes]] = []


def push_beside(repository: Repository) -> None:
    """
    Have everything pushed soon, by a process that outlives this one.

    Never raises, and waits for nothing. A pusher that is at work takes what came meanwhile.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    folder = repository.own_dir
    with suppress(OSError):
        (folder / _WANTED).touch()
        with _only_pusher(folder) as free:
            pass
        if free:
            _start(repository)


def _start(repository: Repository) -> None:
    words = [sys.executable, "-m", "gitrack", "push", "--background"]
    words += ["--repository", str(repository.git_dir)]
    with (repository.own_dir / _LOG).open("ab") as log:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=repository.own_dir,
            start_new_session=True,
        )
    _children.append(child)


def push_waiting(repository: Repository, remote: str | None = None) -> None:
    """
    Push until nothing waits any more: the process that `push_beside` starts.

    Trouble that may pass is tried again, each time later; other trouble ends it at once. What
    happened is in the log, and told by the next command.
    """
    folder = repository.own_dir
    end = threading.Timer(_LIFE, os._exit, (1,))
    end.daemon = True
    end.start()
    try:
        again = True
        while again and (folder / _WANTED).exists():
            with _only_pusher(folder) as free:
                again = free and _push_all(repository, remote)
            # Whoever asked between our last look and the lock's end saw a pusher at work.
    finally:
        end.cancel()


def failed_push(repository: Repository) -> str | None:
    """Return why the last push in the background failed, in one line, once; None if it did not."""
    place = repository.push_state
    try:
        state = json.loads(place.read_text("utf-8"))
        error, when = str(state["error"]), str(state["time"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with suppress(OSError):
        place.unlink()
    return f"the last push in the background failed ({when}): {printable(error)}"


def _push_all(repository: Repository, remote: str | None) -> bool:
    """Push while something waits; False once it is given up."""
    folder = repository.own_dir
    failures, last = 0, _pushed_at(folder)
    while (folder / _WANTED).exists():
        time.sleep(max(0.0, min(last + _PERIOD - time.time(), _PERIOD)))
        (folder / _WANTED).unlink(missing_ok=True)
        trouble, passing = _push_once(repository, remote)
        last = time.time()
        if trouble is None:
            failures = 0
            repository.push_state.unlink(missing_ok=True)
            continue
        now = time.strftime("%Y-%m-%d %H:%M", time.localtime())
        repository.push_state.write_text(json.dumps({"error": trouble, "time": now}), "utf-8")
        if not passing or failures == len(_WAITS):
            return False
        (folder / _WANTED).touch()
        time.sleep(_WAITS[failures])
        failures += 1
    return True


def _push_once(repository: Repository, remote: str | None) -> tuple[str | None, bool]:
    """Push; returns what went wrong, and whether trying again may help."""
    folder = repository.own_dir
    _trim(folder / _LOG)
    try:
        place = remote or read_settings(repository.work_tree).remote
        outcome = push(repository, place)
        _tell_log(outcome, place)
    except (GitrackError, OSError) as error:
        trouble, passing = explain(error), isinstance(error, RemoteError) and error.passing
    else:
        refusals = outcome.refused.values()
        if not refusals:
            return None, False
        trouble = "; ".join(str(error) for error in refusals)
        passing = all(isinstance(error, RemoteError) and error.passing for error in refusals)
    tell(f"{_now()} {trouble}")
    return trouble, passing


def _tell_log(outcome: Outcome, remote: str) -> None:
    for line in outcome.notes:
        tell(f"{_now()} {line}")
    if outcome.done:
        tell(f"{_now()} sent {', '.join(outcome.done)} to {remote}")


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime())


def _pushed_at(folder: Path) -> float:
    """When the log was written last, which is when the last push ended."""
    try:
        info = (folder / _LOG).stat()
    except OSError:
        return 0.0
    return info.st_mtime if info.st_size else 0.0


def _trim(log: Path) -> None:
    """Keep the newer half of a log that has grown; whoever has it open appends to that."""
    with suppress(OSError), log.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= _LOG_BYTES:
            return
        file.seek(size - _LOG_BYTES // 2)
        kept = file.read()
        file.seek(0)
        file.write(kept[kept.find(b"\n") + 1 :])
        file.truncate()


@contextmanager
def _only_pusher(folder: Path) -> Iterator[bool]:
    """Be the one process that pushes in the background, if there is none."""
    import filelock

    lock = filelock.FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
