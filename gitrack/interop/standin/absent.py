"""What stands where wandb has something that makes no sense without its server."""

from typing import Any, NoReturn

from gitrack.errors import NotHereError
from gitrack.record.notice import warn_once


class Refused:
    """
    Raises when it is used, not when it is imported: many scripts import more than they use.

    Parameters
    ----------
    name : str
        The name in wandb.
    instead : str
        What to do instead.
    """

    def __init__(self, name: str, instead: str) -> None:
        self._name = name
        self._instead = instead

    def _refuse(self) -> NoReturn:
        raise NotHereError(self._name, self._instead)

    def __call__(self, *_arguments: Any, **_options: Any) -> NoReturn:
        self._refuse()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # a protocol of Python's, asked of anything
            raise AttributeError(name)
        self._refuse()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> NoReturn:
        self._refuse()

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self._name}: {self._instead}>"


class Idle:
    """
    Does nothing when it is called, and says so once.

    Parameters
    ----------
    name : str
        The name in wandb.
    reason : str
        Why nothing is done, or what to do instead.
    """

    def __init__(self, name: str, reason: str) -> None:
        self._name = name
        self._reason = reason

    def __call__(self, *_arguments: Any, **_options: Any) -> None:
        warn_once(f"idle {self._name}", f"{self._name}() does nothing here: {self._reason}")

    def __getattr__(self, name: str) -> "Idle":
        if name.startswith("_"):
            raise AttributeError(name)
        return Idle(f"{self._name}.{name}", self._reason)

    def __repr__(self) -> str:
        return f"<{self._name}: {self._reason}>"


class Complete:
    """What reads a record: whatever W&B's would do to it beside is refused when it is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if hasattr(type(self), name):  # a property that had nothing to give says why
            return object.__getattribute__(self, name)
        advice = "a record is complete; gitrack.load() reads all of it"
        return Refused(f"{type(self).__name__}.{name}", advice)
