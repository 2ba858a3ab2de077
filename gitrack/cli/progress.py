"""What a terminal shows while something takes long: one line, overwritten, gone at the end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_line() -> Iterator[Callable[[str], None] | None]:
    """Give a function that shows a few words, or None where nobody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    try:
        yield _show
    finally:
        _show("")


def _show(what: str) -> None:
    print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)
