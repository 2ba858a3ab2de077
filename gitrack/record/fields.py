"""A run's config and summary: mappings that remember what is written to them."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from gitrack.record.redaction import redact_tree
from gitrack.record.values import flatten, mapping_from, plain, text_from

#: Called with an event's name and its value whenever something changes.
Writer = Callable[[str, Any], None]


def ignore(_event: str, _value: Any) -> None:
    """Write nothing, for a run that is not recorded."""


class _Fields(MutableMapping[str, Any]):
    """
    Items that are attributes too.

    Parameters
    ----------
    write : callable
        Takes each change.
    """

    _event: str

    def __init__(self, write: Writer) -> None:
        self._values: dict[str, Any] = {}
        self._write = write

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._write(f"{self._event}-", key)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self.__dict__.get("_values", ()):
            raise AttributeError(f"{type(self).__name__.lower()} has no key {name!r}")
        return self._values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def __repr__(self) -> str:
        return repr(self._values)

    def as_dict(self) -> dict[str, Any]:
        """Return a copy as a plain dict."""
        return dict(self._values)


class Config(_Fields):
    """A run's settings: the script reads back what it wrote, the record keeps no secrets."""

    _event = "config"

    def update(self, other: Any = (), /, *, allow_val_change: bool = True, **named: Any) -> None:  # noqa: ARG002
        """
        Take settings from a mapping, a namespace or a dataclass.

        Parameters
        ----------
        other : mapping, argparse.Namespace or dataclass instance
            The settings.
        allow_val_change : bool
            Taken for W&B's sake; a changed value is always recorded.
        **named : Any
            More settings.

        Raises
        ------
        TypeError
            If `other` holds no settings.
        """
        items = mapping_from(other) if other != () else {}
        if items is None:
            raise TypeError(f"a config is a mapping, not a {type(other).__name__}")
        items = {text_from(key): value for key, value in {**items, **named}.items()}
        self._values.update(items)
        kept = {key: plain(value, f"config.{key}") for key, value in items.items()}
        self._write(self._event, redact_tree(kept))

    def setdefaults(self, other: Any) -> None:
        """Take the settings that are not set yet."""
        items = mapping_from(other) or {}
        self.update({key: value for key, value in items.items() if text_from(key) not in self})


class Summary(_Fields):
    """A run's results: the last value of each key unless the script says otherwise."""

    _event = "summary"

    def update(self, other: Mapping[str, Any] = {}, /, **named: Any) -> None:  # type: ignore[override]
        """Set several results at once; nested ones get ``a/b`` names."""
        kept = dict(flatten({**other, **named}))
        self._values.update(kept)
        self._write(self._event, kept)

    def follow(self, row: Mapping[str, Any]) -> None:
        """Take over a logged row, which the journal holds already."""
        self._values.update(row)
