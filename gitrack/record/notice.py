"""One line to the person at the terminal, each kind of trouble once."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from gitrack.model.text import printable

_said: set[str] = set()


def tell(message: str) -> None:
    """Print a line to stderr; a closed or missing stderr is no trouble."""
    if sys.stderr is None:  # for print that would mean stdout
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(f"gitrack: {printable(message)}", file=sys.stderr, flush=True)  # noqa: T201


def warn_once(kind: str, message: str) -> None:
    """Print a warning, unless one of this kind was printed before by this process."""
    if kind not in _said:
        _said.add(kind)
        tell(message)


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """Give something to tell what is going on, in the terminal's last line; None without one."""
    try:
        terminal = sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it is closed
        terminal = False
    if not terminal:
        yield None
        return

    shown = False

    def show(what: str) -> None:
        nonlocal shown
        shown = True
        with contextlib.suppress(OSError, ValueError, AttributeError):
            print(f"\r\033[K{printable(what)}", end="", file=sys.stderr, flush=True)  # noqa: T201

    try:
        yield show
    finally:
        if shown:
            show("")
