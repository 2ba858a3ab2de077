"""A run that records nothing."""

import threading
from collections.abc import Mapping
from typing import Any

from gitrack.model.run import State
from gitrack.record.capture import explain
from gitrack.record.fields import Config, Summary, ignore
from gitrack.record.identity import Identity
from gitrack.record.media.kinds import stand_in
from gitrack.record.metrics import MetricRules
from gitrack.record.notice import warn_once
from gitrack.record.rows import Cursor, is_simple, plain_row, without_media
from gitrack.record.run import Run
from gitrack.store.repository import Repository


class DisabledRun(Run):
    """A run that records nothing, for ``mode="disabled"`` or where nothing can be written."""

    disabled = True

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._state = State.RUNNING
        self._closed = "disabled"
        self._lock = threading.RLock()
        self._past, self._starting_step = None, 0
        self._branch, self._outbox = "", None
        self._cursor = Cursor()
        self._rules = MetricRules()
        self.config = Config(ignore)
        self.summary = Summary(ignore, self._rules, stand_in)

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Keep the step and the summary, which the script may ask for."""
        try:
            values = data if is_simple(data) else plain_row(data, stand_in)
            joins = self._cursor.place(step, commit)
            self.summary.follow(without_media(values), joins=bool(joins))
        except Exception as error:  # noqa: BLE001 - as where it is recorded
            warn_once("log", f"a call of log() cannot be read: {explain(error)}")

    @property
    def repository(self) -> Repository:
        """The repository around, whose artifacts the script may use."""
        return Repository.find()

    @property
    def url(self) -> None:
        """None: nothing of it will be shown."""
        return

    @property
    def dir(self) -> str:
        """A folder that nobody keeps."""
        import tempfile

        return tempfile.gettempdir()

    def alert(self, *_arguments: Any, **_options: Any) -> None:
        """Tell nobody."""

    def save(self, *_arguments: Any, **_options: Any) -> list[str]:
        """Save nothing."""
        return []

    def log_code(self, *_arguments: Any, **_options: Any) -> list[str]:
        """Keep nothing."""
        return []

    def watch(self, *_arguments: Any, **_options: Any) -> None:
        """Watch nothing."""

    def unwatch(self, models: Any = None) -> None:
        """Do nothing: nothing is watched."""

    def settle(self) -> None:
        """Do nothing: there is no capture."""

    def leave(self) -> None:
        """Do nothing: a forked child has its own copy."""

    def _event(self, name: str, value: Any) -> None:
        pass

    def _end(self, state: State, **_how: Any) -> None:
        self._state = state
