"""Beginning a run when the process writes its first event file."""

import threading
from pathlib import Path

from gitrack.record.session import init, session
from gitrack.record.tensorboard.noticing import noticing

_PATIENCE = 1.0  # seconds that a script is given to begin a run of its own


def front() -> Path:
    """Return the folder that holds a ``sitecustomize``, and nothing else."""
    return Path(__file__).resolve().parent / "front"


def begin_when_written() -> None:
    """
    Wait for the first event file; every run of the process follows them then.

    A script that begins a run itself, by gitrack's name or by W&B's, keeps to that.
    """
    session.event_root = ""
    session.listen()  # how the script ends counts, also before there is a run
    noticing.listen(_begin_beside)


def _begin_beside() -> None:
    # Not a daemon: the interpreter waits for the run of a script that is over at once.
    threading.Thread(target=_begin, name="gitrack-begin", daemon=False).start()


def _begin() -> None:
    # This ends early when the script does.
    threading.main_thread().join(_PATIENCE)
    if session.run is None:
        init()
