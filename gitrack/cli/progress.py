"""The terminal's last line, which says what is going on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_line() -> Iterator[Callable[[str], None] | None]:
    """Give what long work tells its progress to; None where no terminal shows it."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _overwrite
    finally:
        _overwrite("")


def _overwrite(what: str) -> None:
    line = "".join(c if c.isprintable() else " " for c in what)
    print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
