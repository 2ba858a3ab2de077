"""What was moved, and what a terminal is told meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: Told in a few words what is going on.
Progress = Callable[[str], None]

_PERIOD = 0.1  # seconds between two words to a terminal
_STEP = 1000
_UNITS = ("", *"kMGT")


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What a transfer did.

    Attributes
    ----------
    files : int
        Objects that were moved, a folder's listing among them.
    bytes : int
        Their sizes together.
    already : int
        Objects that were there already.
    """

    files: int = 0
    bytes: int = 0
    already: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(
            self.files + other.files, self.bytes + other.bytes, self.already + other.already
        )


class Report:
    """
    Counts what is done and tells of it, ten times a second at most.

    Parameters
    ----------
    progress : callable or None
        Whom to tell.
    what : str
        Which work, "pushing" say.
    files : int, optional
        How many files there are to do.
    """

    def __init__(self, progress: Progress | None, what: str, files: int | None = None) -> None:
        self._progress = progress
        self._what = what
        self._files = files
        self._done = self._bytes = 0
        self._told = 0.0

    def tick(self, size: int) -> None:
        """Count bytes."""
        self._bytes += size
        self._tell()

    def file_done(self) -> None:
        """Count a file."""
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        if self._progress is None or (now := time.monotonic()) - self._told < _PERIOD:
            return
        self._told = now
        files = "" if self._files is None else f"{self._done:,} of {self._files:,} files, "
        self._progress(f"{self._what}: {files}{short_bytes(self._bytes)}")


def short_bytes(size: float) -> str:
    """
    Write a size for people.

    Examples
    --------
    >>> [short_bytes(size) for size in (0, 999, 1500, 2_000_000_000)]
    ['0 B', '999 B', '1.5 kB', '2.0 GB']
    """
    power = 0
    while size >= _STEP and power < len(_UNITS) - 1:
        size /= _STEP
        power += 1
    return f"{size:.1f} {_UNITS[power]}B" if power else f"{size:.0f} B"
