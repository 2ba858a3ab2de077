"""A run's config and summary: mappings that remember what is written to them."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from gitrack.record.config_source import config_from
from gitrack.record.metrics import MetricRules
from gitrack.record.notice import warn_once
from gitrack.record.redaction import redact_tree
from gitrack.record.rows import without_media
from gitrack.record.values import Taker, flatten, no_media, plain, text_from

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
        # By W&B's name: transformers reads a trial out of the config's own attributes.
        self._items: dict[str, Any] = {}
        self._write = write

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._items[key]
        self._write(f"{self._event}-", key)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self.__dict__.get("_items", ()):
            raise AttributeError(f"{type(self).__name__.lower()} has no key {name!r}")
        return self._items[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the values alone: a model that keeps its config can be copied and saved."""
        return _detached, (type(self), self.as_dict())

    def adopt(self, values: Mapping[str, Any]) -> None:
        """Take over what the record holds already."""
        self._items.update(values)

    def as_dict(self) -> dict[str, Any]:
        """Return a copy as a plain dict."""
        return dict(self._items)


def _detached(kind: "type[_Fields]", values: dict[str, Any]) -> "_Fields":
    """Return values that belong to no run."""
    fields = kind(ignore)
    fields.adopt(values)
    return fields


class Config(_Fields):
    """A run's settings: the script reads back what it wrote, the record keeps no secrets."""

    _event = "config"

    def __init__(self, write: Writer) -> None:
        super().__init__(write)
        self._held: frozenset[str] = frozenset()

    def hold(self, values: Mapping[str, Any]) -> None:
        """Set values that later updates leave as they are: what a trial of a sweep tries."""
        self._held = frozenset()
        self.update(values)
        self._held = frozenset(text_from(key) for key in values)

    def update(
        self, other: Any = (), /, allow_val_change: bool | None = None, **named: Any
    ) -> None:
        """
        Take settings over.

        Parameters
        ----------
        other : mapping or anything that `config_from` takes
            The settings.
        allow_val_change : bool, optional
            False keeps the values of keys that are set already, with a warning; otherwise a
            changed value is recorded.
        **named : Any
            More settings.

        Raises
        ------
        TypeError
            If `other` holds no settings.
        ValueError
            If it is a file that holds none.
        """
        items = {**(config_from(other) if other != () else {}), **named}
        items = {text_from(key): value for key, value in items.items()}
        for key in self._held.intersection(items):
            if self._differs(key, items[key]):
                warn_once(f"config {key}", f"config.{key} is what the sweep tries and stays")
            del items[key]
        if allow_val_change is False:
            for key in [key for key in items if key in self and self._differs(key, items[key])]:
                warn_once(f"config {key}", f"config.{key} is set already and keeps its value")
                del items[key]
        self._items.update(items)
        kept = {key: plain(value, f"config.{key}") for key, value in items.items()}
        self._write(self._event, redact_tree(kept, where="config"))

    def _differs(self, key: str, value: Any) -> bool:
        return repr(plain(self[key], key)) != repr(plain(value, key))

    def setdefaults(self, other: Any) -> None:
        """Take the settings that are not set yet."""
        items = config_from(other)
        self.update({key: value for key, value in items.items() if key not in self})


class Summary(_Fields):
    """
    A run's results: the last value of each key unless the script says otherwise.

    Parameters
    ----------
    write : callable
        Takes each change.
    rules : MetricRules, optional
        What is kept of each metric.
    take : callable, optional
        Says what is media.
    """

    _event = "summary"

    def __init__(
        self, write: Writer, rules: MetricRules | None = None, take: Taker = no_media
    ) -> None:
        super().__init__(write)
        self._rules = rules if rules is not None else MetricRules()
        self._take = take

    def __getitem__(self, key: str) -> Any:
        if key in self._items or not isinstance(key, str):
            return self._items[key]
        return _Inner(self, f"{key}/")

    def __contains__(self, key: object) -> bool:
        return key in self._items or (
            isinstance(key, str) and any(name.startswith(f"{key}/") for name in self._items)
        )

    def update(self, other: Mapping[str, Any] = {}, /, **named: Any) -> None:  # type: ignore[override]
        """Set several results at once; nested ones get ``a/b`` names."""
        kept = dict(flatten({**other, **named}, self._take))
        self._items.update(without_media(kept))
        self._write(self._event, kept)

    def follow(self, row: Mapping[str, Any], *, joins: bool = False) -> None:
        """Take over a logged row, which the journal holds already."""
        if self._rules:
            self._rules.follow(self._items, row, joins=joins)
        else:
            self._items.update(row)


class _Inner(MutableMapping[str, Any]):
    """
    The results below a name, as a mapping of their own: ``summary["val"]["loss"]``.

    Raises
    ------
    KeyError
        If there are none.
    """

    def __init__(self, summary: Summary, prefix: str) -> None:
        self._summary = summary
        self._prefix = prefix
        if not len(self):
            raise KeyError(prefix[:-1])

    def __getitem__(self, key: str) -> Any:
        return self._summary[f"{self._prefix}{key}"]

    def __setitem__(self, key: str, value: Any) -> None:
        self._summary[f"{self._prefix}{key}"] = value

    def __delitem__(self, key: str) -> None:
        del self._summary[f"{self._prefix}{key}"]

    def __iter__(self) -> Iterator[str]:
        names = [name for name in self._summary if name.startswith(self._prefix)]
        inner = (name.removeprefix(self._prefix).partition("/")[0] for name in names)
        return iter(dict.fromkeys(inner))

    def __len__(self) -> int:
        return sum(1 for _ in iter(self))

    def __repr__(self) -> str:
        return repr(dict(self))
