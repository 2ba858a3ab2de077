"""What works beside a run: captures, console, system metrics, the encoding of media."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitrack.record.capture import Capture, explain
from gitrack.record.media.encoder import Encoder
from gitrack.record.notice import warn_once
from gitrack.settings import Settings
from gitrack.store.repository import Repository

_CAPTURE_SECONDS = 60.0
_FORK_SECONDS = 5.0


class Beside:
    """
    Everything that runs in another thread than the training, or waits for its end.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    code : Repository
        Where the code lies.
    settings : Settings
        What to capture.
    write : callable
        Takes an event's name and value, from any thread.
    began : float
        When the run began, by ``time.monotonic()``.
    afterwards : callable
        Called when what is captured once has been.
    """

    def __init__(
        self,
        folder: Path,
        code: Repository,
        settings: Settings,
        write: Callable[[str, Any], None],
        began: float,
        afterwards: Callable[[], object],
    ) -> None:
        self.media = Encoder(folder, write)
        self._capture = Capture(code, write, afterwards)

    def start(self) -> None:
        """Begin; what cannot begin is left out with a warning."""
        for name, part in (("capture", self._capture),):
            try:
                part.start()
            except Exception as error:  # noqa: BLE001 - tracking never ends a training
                warn_once(f"start {name}", f"{name}: not recorded ({explain(error)})")

    def stop(self) -> None:
        """End, with all that was begun on disk."""
        for name, end in (
            ("capture", lambda: self._capture.join(_CAPTURE_SECONDS)),
            ("media", self.media.drain),
        ):
            try:
                end()
            except Exception as error:  # noqa: BLE001
                warn_once(f"stop {name}", f"{name}: {explain(error)}")

    def settle(self) -> None:
        """Let imports end before a fork: half an import would leave the child hanging."""
        if self._capture is not threading.current_thread():
            self._capture.join(_FORK_SECONDS)
        self.media.settle(_FORK_SECONDS)

    def leave(self) -> None:
        """Let go in a forked child, where none of the threads lives on."""
