"""One line to the person at the terminal, each kind of trouble once."""

import contextlib
import sys

_said: set[str] = set()


def tell(message: str) -> None:
    """Print a line to stderr; a closed or missing stderr is no trouble."""
    if sys.stderr is None:  # for print that would mean stdout
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(f"gitrack: {one_line(message)}", file=sys.stderr, flush=True)  # noqa: T201


def warn_once(kind: str, message: str) -> None:
    """Print a warning, unless one of this kind was printed before by this process."""
    if kind not in _said:
        _said.add(kind)
        tell(message)


def one_line(message: str) -> str:
    """Return a text without line breaks and control characters."""
    return "".join(c if c.isprintable() else " " for c in message)
