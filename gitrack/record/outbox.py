"""Artifacts on their way to the branch, in a thread beside the training."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gitrack.record.capture import explain
from gitrack.record.notice import warn_once
from gitrack.record.versions import Draft, commit_draft, used
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.model.artifact import Manifest


class Waiting:
    """
    A draft that was handed over.

    Attributes
    ----------
    manifest : Manifest or None
        The version, once it has a number.
    branch : str
        The experiments branch that it is on.
    """

    def __init__(self, draft: Draft, branch: str) -> None:
        self.draft = draft
        self.branch = branch
        self.manifest: Manifest | None = None
        self._done = threading.Event()

    def land(self) -> None:
        """Tell whoever waits; without a manifest it stays with the run for now."""
        self._done.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has landed, or cannot; False when the time is up."""
        return self._done.wait(seconds)


class Outbox:
    """
    Commits drafts one after the other.

    Parameters
    ----------
    repository : Repository
        Where to.
    branch : str
        The experiments branch.
    threshold : int
        Bytes up to which an artifact stands in git itself.
    write : callable
        Takes an event's name and value, for the journal.
    """

    def __init__(
        self, repository: Repository, branch: str, threshold: int, write: Callable[[str, Any], None]
    ) -> None:
        self.repository = repository
        self.branch = branch
        self._threshold = threshold
        self._write = write
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._left: list[Waiting] = []

    def put(self, draft: Draft) -> Waiting:
        """Note a draft in the journal, and commit it when its turn comes."""
        self._write("artifact", draft.to_event())
        one = Waiting(draft, self.branch)
        self._left.append(one)
        self._waiting.put(one)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="gitrack-artifacts", daemon=True)
            self._thread.start()
        return one

    def settle(self, seconds: float | None = None) -> None:
        """Wait until all that was put in has landed."""
        end = None if seconds is None else time.monotonic() + seconds
        for one in list(self._left):
            one.wait(None if end is None else max(0.0, end - time.monotonic()))

    def drain(self) -> None:
        """Wait for everything, and end."""
        if self._thread is not None and self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        self._thread = None

    def _run(self) -> None:
        while (one := self._waiting.get()) is not None:
            draft = one.draft
            try:
                manifest, one.branch = commit_draft(
                    self.repository, self.branch, draft, self._threshold
                )
                one.manifest = manifest
                self._write("versioned", [draft.id, asdict(used(manifest, draft.use))])
            except Exception as error:  # noqa: BLE001 - it is in the journal: the run's end tries again
                label = f"artifact {draft.name}"
                warn_once(label, f"{label}: {explain(error)}; it stays with the run")
            one.land()
            with contextlib.suppress(ValueError):
                self._left.remove(one)
