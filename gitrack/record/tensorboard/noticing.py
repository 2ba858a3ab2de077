"""Which event files this process writes, whatever library it writes them with."""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitrack.record.tensorboard.events import EventFile

_EVENTS = "tfevents"  # what the name of an event file holds
_WRITING = os.O_WRONLY | os.O_RDWR
_DESCRIPTORS = Path("/proc/self/fd")
_FLAGS = "flags:"
_PAUSE = 0.02  # seconds
#: Classes that hold events back until they are told to flush.
_WRITERS = (
    ("tensorboard.summary.writer.event_file_writer", "EventFileWriter"),
    ("tensorboardX.event_file_writer", "EventFileWriter"),
)


class Noticing:
    """
    Notes the event files that the process opens to write to.

    Python tells of every file that its code opens (``sys.addaudithook``), which costs a comparison
    each; no class of any library is changed. Files that other code opens, TensorFlow's own say, or
    that were opened before, are found among the open descriptors where the system lists them.

    """

    def __init__(self) -> None:
        self._then: Callable[[], object] | None = None
        self._paths: dict[str, None] = {}
        self._files: dict[str, EventFile] = {}
        self._taken: set[str] = set()
        self._listening = False

    def listen(self, then: Callable[[], object] | None = None) -> None:
        """
        Begin; a second call changes nothing, and there is no end: Python keeps such a hook.

        Parameters
        ----------
        then : callable, optional
            Called when the first file is opened.
        """
        self._then = then or self._then
        if not self._listening:
            self._listening = True
            sys.addaudithook(self._hear)

    def take(self) -> "list[EventFile]":
        """
        Return the files that were opened and that nobody has taken.

        One that was given back comes as far as it has been read, once it is written to again.
        """
        from gitrack.record.tensorboard.events import EventFile

        self._look()
        files = []
        for path in list(self._paths):  # other threads add to it meanwhile
            del self._paths[path]
            if path not in self._taken:
                self._taken.add(path)
                files.append(self._files.setdefault(path, EventFile(Path(path))))
        return files

    def give_back(self, files: "Iterable[EventFile]") -> None:
        """Let others take files."""
        self._taken.difference_update(str(file.path) for file in files)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an opened file; called for everything that Python audits."""
        if event != "open":
            return
        try:
            name = arguments[0]
            if type(name) is not str:
                name = "" if isinstance(name, int) else os.fsdecode(name)
            if _EVENTS not in name:
                return
            flags = arguments[2]
            if not flags & _WRITING or _EVENTS not in os.path.basename(name):  # noqa: PTH119
                return
            whole = os.path.abspath(name)  # noqa: PTH100 - now: the script may change folders
            if whole not in self._taken:
                self._note(whole)
        except Exception:  # noqa: BLE001, S110 - an audit hook that raises refuses the file
            pass

    def _note(self, path: str) -> None:
        self._paths[path] = None
        then, self._then = self._then, None
        if then is not None:
            then()

    def _look(self) -> None:
        """Look through the open descriptors."""
        try:
            numbers = os.listdir(_DESCRIPTORS)
        except OSError:  # no such list here
            return
        for number in numbers:
            with suppress(OSError, ValueError):
                path = str((_DESCRIPTORS / number).readlink())
                if _EVENTS in path and path not in self._taken and path not in self._paths:
                    told = Path(f"/proc/self/fdinfo/{number}").read_text("ascii")
                    flags = told.partition(_FLAGS)[2].split()[0]
                    if int(flags, 8) & _WRITING and Path(path).is_file():
                        self._note(path)


noticing = Noticing()


def flush_writers(seconds: float) -> None:
    """
    Have the process's writers put on disk what they hold back.

    Parameters
    ----------
    seconds : float
        How long that may take at most; a writer that hangs is left alone then.
    """
    kinds = tuple(
        kind
        for module, name in _WRITERS
        if (kind := getattr(sys.modules.get(module), name, None)) is not None
    )
    if not kinds:
        return
    # Nobody keeps a list of writers; asking an object for its type runs none of its code.
    writers = [one for one in gc.get_objects() if issubclass(type(one), kinds)]
    if not writers:
        return
    until = time.monotonic() + seconds

    def flush() -> None:
        for writer in writers:
            with suppress(Exception):  # it is closed
                _flush(writer, until)

    flushing = threading.Thread(target=flush, name="gitrack-flush", daemon=True)
    try:
        flushing.start()
    except RuntimeError:  # the interpreter ends: no thread begins any more
        flush()
    else:
        flushing.join(seconds)


def _flush(writer: Any, until: float) -> None:
    # tensorboardX flushes what its thread has taken from a queue, not what waits in that.
    queue: Any = getattr(writer, "_event_queue", None)
    while hasattr(queue, "empty") and not queue.empty() and time.monotonic() < until:
        time.sleep(_PAUSE)
    if queue is not None:
        time.sleep(_PAUSE)
    writer.flush()
