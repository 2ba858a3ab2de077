"""Beginning a run when the process writes its first event file."""

import os
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from gitrack.record.tensorboard.noticing import noticing

_PATIENCE = 1.0  # seconds that a script is given to begin a run of its own
_LOOK = 0.05
_FORK_SECONDS = 10.0


def front() -> Path:
    """Return the folder that holds a ``sitecustomize``, and nothing else."""
    return Path(__file__).resolve().parent / "front"


def begin_when_written() -> None:
    """
    Wait for the first event file; every run of the process follows them then.

    A script that begins a run itself, by gitrack's name or by W&B's, keeps to that. Until there is
    a file, next to nothing is imported: most Pythons that a training starts never write one.
    """
    waiting = _Waiting()
    noticing.listen(waiting.heard)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=waiting.settle)


class _Waiting:
    """What is between the first event file and the run."""

    def __init__(self) -> None:
        self._status: Any = None
        self._hurry = threading.Event()
        # Not a daemon: the interpreter waits for the run of a script that is over at once.
        self._thread = threading.Thread(target=self._begin, name="gitrack-begin", daemon=False)
        leave = sys.exit

        def remember_exit(status: Any = None, /) -> NoReturn:
            if threading.current_thread() is threading.main_thread():
                self._status = status
            leave(status)

        sys.exit = remember_exit

    def heard(self) -> None:
        # Imported here, while the writer is being made, and not in the thread: a fork of the
        # script's that meets half an import would leave the child hanging.
        from gitrack.record.session import session

        session.event_root = ""
        session.listen(self._status)
        if session.run is not None:
            session.follow_events(session.run)
        else:
            self._thread.start()

    def settle(self) -> None:
        """Come to an end before a fork, so that the run has begun or has not."""
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._hurry.set()
            self._thread.join(_FORK_SECONDS)

    def _begin(self) -> None:
        from gitrack.record.session import init, session

        for _ in range(round(_PATIENCE / _LOOK)):
            if not threading.main_thread().is_alive() or self._hurry.wait(_LOOK):
                break
        if session.run is None:
            init()
