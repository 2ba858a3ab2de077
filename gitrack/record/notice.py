"""One line to the person at the terminal, each kind of trouble once."""

import contextlib
import sys
import threading

_said: set[str] = set()
_lock = threading.Lock()


def tell(message: str) -> None:
    """Print a line to stderr; a closed or missing stderr is no trouble."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(f"gitrack: {_one_line(message)}", file=sys.stderr, flush=True)  # noqa: T201


def warn_once(kind: str, message: str) -> None:
    """Print a warning, unless one of this kind was printed before by this process."""
    with _lock:
        if kind in _said:
            return
        _said.add(kind)
    tell(message)


def _one_line(message: str) -> str:
    return "".join(c if c.isprintable() else " " for c in message)
