"""How a callback finds the run that it records into, and why it never ends a training."""

import functools
import os
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from gitrack.model.run import State
from gitrack.record.artifact import Artifact
from gitrack.record.capture import explain
from gitrack.record.notice import warn_once
from gitrack.record.run import Run
from gitrack.record.session import init, session

_P = ParamSpec("_P")
_T = TypeVar("_T")
_NAME = 128  # characters of an artifact's name
_released: "weakref.WeakSet[Run]" = weakref.WeakSet()


class Attachment:
    """
    The run of a callback: the one given, else the one under way, else one that it begins.

    Parameters
    ----------
    run : Run, optional
        The run to record into.
    **options : Any
        Arguments of `init`, for a run that has to be begun.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:
        self._given = run
        self._options = options
        self._run: Run | None = None
        self._own = False

    @property
    def run(self) -> Run:
        """The run; found or begun when it is first asked for, and again after its end."""
        if self._run is None or not under_way(self._run):
            self._own = False
            if self._given is not None:
                self._run = self._given
            elif (current := running()) is not None:
                self._run = current
            else:
                self._run = init(**self._options)
                self._own = True
        return self._run

    @property
    def begun(self) -> Run | None:
        """The run, if it was asked for already."""
        return self._run

    @property
    def owns(self) -> bool:
        """Whether the callback began the run itself."""
        return self._own

    def finish(self, exit_code: int | None = None) -> None:
        """End the run if the callback began it; otherwise it stays the script's."""
        if self._own and self._run is not None:
            self._run.finish(exit_code)

    def fail(self) -> None:
        """End it likewise, by the exception that is being handled."""
        if self._own and self._run is not None:
            error = sys.exception()
            if error is None:
                self._run.finish(exit_code=1)
            else:
                self._run.fail(error)

    def release(self) -> None:
        """
        Let the run end when somebody else wants one, if the callback began it.

        Where a framework may come back after training, to test say, nobody says when it is over.
        """
        if self._own and self._run is not None:
            _released.add(self._run)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the run behind: a copy in another process finds or begins one of its own."""
        return {"_given": None, "_options": self._options, "_run": None, "_own": False}


def running() -> Run | None:
    """Return the script's run; one that another callback has released ends here."""
    current = session.run
    if current is None or not under_way(current):
        return None
    if current in _released:
        current.finish()
        return None
    return current


def current_or_own(run: Run | None = None) -> Attachment:
    """
    Attach a call that comes after training: to the run that training was recorded into.

    That is the current one even where its callback has released it.
    """
    current = session.run
    if run is None and current is not None and under_way(current):
        run = current
    return Attachment(run)


def under_way(run: Run) -> bool:
    """Tell whether a run takes rows; a disabled one counts until it is finished."""
    return run.recording or (run.disabled and run.state is State.RUNNING)


def harmless(act: Callable[_P, _T]) -> Callable[_P, _T | None]:
    """Make a method warn once where it would raise: tracking never ends a training."""

    @functools.wraps(act)
    def safe(*arguments: _P.args, **options: _P.kwargs) -> _T | None:
        try:
            return act(*arguments, **options)
        except Exception as error:  # noqa: BLE001
            name = f"{type(arguments[0]).__name__}.{act.__name__}"
            warn_once(f"callback {name}", f"{name}: {explain(error)}")
            return None

    return safe


def log_model(
    run: Run,
    path: str | os.PathLike[str],
    name: str | None = None,
    aliases: Sequence[str] = (),
    metadata: Mapping[str, Any] | None = None,
    inside: str | None = None,
) -> Artifact:
    """
    Record a model's file or folder as a version of one artifact of the run.

    Parameters
    ----------
    run : Run
        The run that made it.
    path : path
        The file or folder.
    name : str, optional
        The artifact's name; ``model-<run id>`` unless given.
    aliases : sequence of str, optional
        What the version is called beside "latest".
    metadata : mapping, optional
        What there is to say of it.
    inside : str, optional
        A file's name inside the artifact; its own unless given.

    Raises
    ------
    ValueError
        If nothing is at the path, or the name cannot be.
    """
    artifact = Artifact(name or f"model-{run.id}"[:_NAME], "model", metadata=metadata)
    if Path(path).is_dir():
        artifact.add_dir(path)
    else:
        artifact.add_file(path, inside)
    return run.log_artifact(artifact, aliases=list(aliases))


def number_from(value: Any) -> float | None:
    """Return a number of any framework as a float, None of what is none."""
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError):
        return None
