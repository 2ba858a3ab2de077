"""Lock files that a git process left behind when it was killed."""

import re
import time
from pathlib import Path

_OURS = re.compile(r"refs/(heads/experiments|remotes/.+/experiments|gitrack)/.+\.lock")
_NAMED = re.compile(r"Unable to create '(.+?\.lock)': File exists")
#: Seconds after which no living process holds a ref: git does so for milliseconds.
STALE = 60.0


def clear_stale_lock(said: str, *places: Path) -> bool:
    """
    Remove the lock file of a ref that git stumbled over, if nobody can hold it any more.

    Parameters
    ----------
    said : str
        What git said.
    *places : pathlib.Path
        The git folders whose experiments refs are ours to free.

    Returns
    -------
    bool
        Whether a lock is gone, so that trying again makes sense.
    """
    found = _NAMED.search(said)
    if found is None:
        return False
    lock = Path(found[1]).resolve()
    for place in places:
        top = place.resolve()
        if not lock.is_relative_to(top) or not _OURS.fullmatch(lock.relative_to(top).as_posix()):
            continue
        try:
            if time.time() - lock.stat().st_mtime > STALE:
                lock.unlink()
                return True
        except FileNotFoundError:
            return True
        except OSError:
            return False
    return False
