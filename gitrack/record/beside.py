"""What works beside a run: captures, console, system metrics, the encoding of media."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitrack.record.capture import Capture, CaptureSettings, explain
from gitrack.record.console import Console
from gitrack.record.media.encoder import Encoder
from gitrack.record.notice import warn_once
from gitrack.record.saved import SavedFiles
from gitrack.record.system import SystemMonitor
from gitrack.settings import Settings
from gitrack.store.repository import Repository

_CAPTURE_SECONDS = 60.0
_MONITOR_SECONDS = 5.0
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
    settings : Settings or None
        What to capture; nothing where another process of the same run does.
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
        settings: Settings | None,
        write: Callable[[str, Any], None],
        began: float,
        afterwards: Callable[[], object],
    ) -> None:
        self.media = Encoder(folder, write)
        self.saved = SavedFiles(folder)
        self._capture: Capture | None = None
        self._console = Console(folder, mode=settings.console if settings else "off")
        self._system: SystemMonitor | None = None
        if settings is None:
            return
        wanted = CaptureSettings(
            code=settings.code,
            max_file=settings.code_max_file,
            max_total=settings.code_max_total,
            environment=settings.environment,
        )
        self._capture = Capture(code, folder, write, wanted, afterwards)
        if settings.system_period > 0:
            self._system = SystemMonitor(write, began, settings.system_period, folder)

    def start(self) -> None:
        """Begin; what cannot begin is left out with a warning."""
        for name, begin in (
            ("console", self._console.start),
            ("capture", self._capture.start if self._capture else None),
            ("system metrics", self._system.start if self._system else None),
        ):
            try:
                if begin is not None:
                    begin()
            except Exception as error:  # noqa: BLE001 - tracking never ends a training
                warn_once(f"start {name}", f"{name}: not recorded ({explain(error)})")

    def stop(self) -> None:
        """End, with all that was begun on disk."""
        for name, end in (
            ("system metrics", self._end_system),
            ("capture", self._end_capture),
            ("saved files", self.saved.finish),
            ("media", self.media.drain),
            ("console", self._console.stop),
        ):
            try:
                end()
            except Exception as error:  # noqa: BLE001
                warn_once(f"stop {name}", f"{name}: {explain(error)}")

    def _end_system(self) -> None:
        if self._system is not None:
            self._system.stop(_MONITOR_SECONDS)

    def _end_capture(self) -> None:
        if self._capture is not None and self._capture.is_alive():
            self._capture.join(_CAPTURE_SECONDS)

    def settle(self) -> None:
        """Let imports end before a fork: half an import would leave the child hanging."""
        capture = self._capture
        if capture and capture.is_alive() and capture is not threading.current_thread():
            capture.join(_FORK_SECONDS)
        self.media.settle(_FORK_SECONDS)
        if self._system is not None:
            self._system.settle()

    def leave(self) -> None:
        """Let go in a forked child, where none of the threads lives on."""
        self._console.leave()
