"""What a training prints, kept as a terminal would have shown it."""

import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gitrack.record.notice import warn_once
from gitrack.record.redaction import redact

_HEAD, _TAIL = "console.head", "console.tail"
_OLDER = "console.older"
_LIMIT = 1 << 20  # bytes of the beginning, and of the end, that are kept
_PENDING = 1 << 16  # characters of a line that has no end yet
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UP = re.compile(r"\x1b\[(\d*)A")
_MOVES = re.compile(r"(\n|\r|\x1b\[\d*A)")
_REACH = 32  # lines
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Console:
    """
    Appends what goes through ``sys.stdout`` and ``sys.stderr`` to files of the run's folder.

    Every complete line is on disk when ``print`` returns. The streams stay the script's own: only
    their ``write`` is wrapped. Progress bars are folded on the way, so that a million updates of
    one cost a line.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    mode : {"wrap", "redirect", "off"}
        "wrap" sees what Python prints; "redirect" also what subprocesses and C code print.
    limit : int
        Bytes of the beginning and of the end that are kept.
    """

    def __init__(self, folder: Path, mode: str = "wrap", limit: int = _LIMIT) -> None:
        self._folder = folder
        self._mode = mode
        self._limit = limit
        self._lock = threading.Lock()
        self._lines: list[_Lines] = []  # one, or one a descriptor: their pieces come unordered
        self._file = -1
        self._size = 0
        self._place = _HEAD
        self._redirects: list[_Redirect] = []
        self._listening = False

    def start(self) -> None:
        """
        Begin.

        Raises
        ------
        OSError
            If the folder takes no file, or a descriptor cannot be redirected.
        """
        if self._mode == "off":
            return
        self._file = os.open(self._folder / _HEAD, _FLAGS, 0o644)
        self._listening = True
        if self._mode == "redirect":
            self._lines = [_Lines(), _Lines()]
            self._redirects = [
                _Redirect(number, partial(self.take, place=place))
                for place, number in enumerate((1, 2))
            ]
        else:
            self._lines = [_Lines()]
            _listen(self.take)

    def take(self, text: str, place: int = 0) -> None:
        """Take what was printed; never raises."""
        if not self._listening:
            return
        try:
            with self._lock:
                if done := self._lines[place].feed(text):
                    self._append(done.encode("utf-8", "replace"))
        except Exception as error:  # noqa: BLE001 - printing must go on whatever happens here
            self._listening = False
            warn_once("console", f"the console is no longer recorded ({error})")

    def stop(self) -> None:
        """End; what was printed last without a line's end is kept too."""
        if self._file < 0:
            return
        if self._mode != "redirect":
            _unlisten(self.take)
        for redirect in self._redirects:
            redirect.stop()
        self._redirects = []
        with self._lock, contextlib.suppress(OSError):
            for lines in self._lines:
                self._append(lines.rest().encode("utf-8", "replace"))
        self._listening = False
        os.close(self._file)
        self._file = -1

    def leave(self) -> None:
        """Leave a forked child's output to the terminal: the lock may be held by a lost thread."""
        self._listening = False
        self._lock = threading.Lock()

    def _append(self, content: bytes) -> None:
        if not content:
            return
        if self._size + len(content) > self._limit:
            # The tail is two files, the older of which is dropped when the younger is full.
            os.close(self._file)
            tail = self._folder / _TAIL
            if self._place == _TAIL:
                tail.replace(self._folder / _OLDER)
            self._place, self._size = _TAIL, 0
            self._file = os.open(tail, _FLAGS, 0o644)
        os.write(self._file, content)
        self._size += len(content)
        if self._place == _TAIL:
            with (self._folder / f"{_TAIL}.bytes").open("ab") as counter:
                counter.write(b"%d\n" % len(content))


def keep_console(folder: Path, text: str, limit: int = _LIMIT) -> None:
    """
    Write what another tool saw a run print, folded, to the files of the run's folder.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    text : str
        As it went to the terminal.
    limit : int
        Bytes of the beginning, and of the end, that are kept.
    """
    lines = _Lines()
    content = (lines.feed(text) + lines.rest()).encode("utf-8", "replace")
    if len(content) <= 2 * limit:
        (folder / _HEAD).write_bytes(content)
        return
    head = content[: content.rfind(b"\n", 0, limit) + 1] or content[:limit]
    (folder / _HEAD).write_bytes(head)
    (folder / _TAIL).write_bytes(content[len(head) :])
    (folder / f"{_TAIL}.bytes").write_text(f"{len(content) - len(head)}\n")


def console_text(folder: Path, limit: int = _LIMIT) -> bytes | None:
    """
    Return what a run printed: its beginning and its end, secrets taken out.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    limit : int
        Bytes of the end that are kept.

    Returns
    -------
    bytes or None
        UTF-8 text; None where nothing was printed.
    """
    head, older, tail = (_read(folder / name) for name in (_HEAD, _OLDER, _TAIL))
    end = older + tail
    dropped = 0
    counter = folder / f"{_TAIL}.bytes"
    if counter.exists():
        dropped = sum(map(int, counter.read_bytes().split())) - len(end)
    if len(end) > limit:
        cut = end[-limit:].partition(b"\n")[2]
        dropped += len(end) - len(cut)
        end = cut
    note = f"… {dropped:,} bytes left out …\n".encode() if dropped > 0 else b""
    text = (head + note + end).decode("utf-8", "replace")
    return redact(text, "console").encode() if text else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class _Lines:
    """
    Folds what a terminal would overwrite: carriage returns, and lines drawn again further up.

    A line is done as soon as another follows it, except while nested progress bars move the
    cursor up: then as many lines wait as it moved.
    """

    def __init__(self) -> None:
        self._screen = [""]
        self._row = 0
        self._reach = 0  # how far up the cursor went lately
        self._quiet = 0  # lines since then

    def feed(self, text: str) -> str:
        """Take printed text and return the lines that are done."""
        if "\x1b" not in text and "\r" not in text and len(self._screen) == 1:
            whole, end, rest = text.rpartition("\n")
            if end:
                whole, self._screen[0] = self._screen[0] + whole + "\n", rest
                return "".join(f"{_shown(line)}\n" for line in whole[:-1].split("\n"))
            self._screen[0] = (self._screen[0] + text)[-_PENDING:]
            return ""
        return "".join(map(self._step, _MOVES.split(text)))

    def rest(self) -> str:
        """Return what no line's end has followed yet."""
        left = [_shown(line) for line in self._screen]
        self._screen, self._row = [""], 0
        while left and not left[-1]:
            left.pop()
        return "".join(f"{line}\n" for line in left)

    def _step(self, piece: str) -> str:
        if up := _UP.fullmatch(piece):
            lines = min(int(up[1] or 1), _REACH)
            self._reach, self._quiet = max(self._reach, lines), 0
            self._row = max(self._row - lines, 0)
        elif piece != "\n":
            line = self._screen[self._row]
            if line.endswith("\r") and piece not in ("", "\r"):
                line = ""  # a bar is drawn anew
            self._screen[self._row] = (line + piece)[-_PENDING:]
        else:
            return self._next_line()
        return ""

    def _next_line(self) -> str:
        self._row += 1
        self._quiet += 1
        if self._quiet > self._reach + 1:
            self._reach = 0
        if self._row == len(self._screen):
            self._screen.append("")
        done = ""
        while len(self._screen) > self._reach + 1 and self._row:
            done += f"{_shown(self._screen.pop(0))}\n"
            self._row -= 1
        return done


def _shown(line: str) -> str:
    """Return a line without colours, and what a carriage return left of it."""
    return _CONTROL.sub("", _ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2]))


_listeners: list[Callable[[str], None]] = []
_wrapped: list[tuple[Any, Any]] = []
_busy = threading.local()


def _listen(listener: Callable[[str], None]) -> None:
    _listeners.append(listener)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not any(stream is known for known, _ in _wrapped):
            _wrap(stream)


def _unlisten(listener: Callable[[str], None]) -> None:
    with contextlib.suppress(ValueError):
        _listeners.remove(listener)
    if _listeners:
        return
    for stream, wrapper in _wrapped:
        # Somebody else who wrapped it since keeps ours below, which passes everything on.
        if stream.__dict__.get("write") is wrapper:
            del stream.write
    _wrapped.clear()


def _wrap(stream: Any) -> None:
    """Let a stream's ``write`` be heard; one that does not allow it stays unheard."""
    write = stream.write

    def heard(text: Any, /) -> Any:
        written = write(text)
        if _listeners and not getattr(_busy, "here", False):
            _busy.here = True
            try:
                for listener in tuple(_listeners):
                    listener(str(text))
            finally:
                _busy.here = False
        return written

    with contextlib.suppress(AttributeError, TypeError):
        stream.write = heard
        _wrapped.append((stream, heard))


class _Redirect:
    """
    One file descriptor, read by a thread that passes everything on to where it went before.

    Where that was a terminal, the descriptor is one again, so that programs draw as ever.
    """

    def __init__(self, number: int, take: Callable[[str], None]) -> None:
        self._number = number
        self._take = take
        self._terminal = os.dup(number)
        self._reader, writer = self._pair()
        with contextlib.suppress(AttributeError, OSError, ValueError):
            (sys.stdout if number == 1 else sys.stderr).flush()
        os.dup2(writer, number)
        os.close(writer)
        self._thread = threading.Thread(target=self._run, name="gitrack-console", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Put the descriptor back and read what is left."""
        with contextlib.suppress(AttributeError, OSError, ValueError):
            (sys.stdout if self._number == 1 else sys.stderr).flush()
        os.dup2(self._terminal, self._number)
        self._thread.join(5.0)
        os.close(self._terminal)

    def _pair(self) -> tuple[int, int]:
        if os.isatty(self._terminal):
            import pty
            import tty

            reader, writer = pty.openpty()
            tty.setraw(writer)
            with contextlib.suppress(OSError, AttributeError, ValueError):
                size = os.get_terminal_size(self._terminal)
                import fcntl
                import struct
                import termios

                packed = struct.pack("HHHH", size.lines, size.columns, 0, 0)
                fcntl.ioctl(writer, termios.TIOCSWINSZ, packed)
            return reader, writer
        return os.pipe()

    def _run(self) -> None:
        import codecs

        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                content = os.read(self._reader, 1 << 16)
            except OSError:  # a pseudo-terminal whose last writer is gone
                break
            if not content:
                break
            view = memoryview(content)
            with contextlib.suppress(OSError):
                while view:
                    view = view[os.write(self._terminal, view) :]
            self._take(decoder.decode(content))
        os.close(self._reader)
