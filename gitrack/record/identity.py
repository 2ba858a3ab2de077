"""Who a run is, as the script asks and changes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitrack.record.redaction import redact
from gitrack.record.values import text_from


@dataclass(frozen=True)
class Identity:
    """
    Who a run is, checked and complete.

    Attributes
    ----------
    id, project, name : str
        As in the record.
    created : float
        Seconds since the epoch, UTC.
    own_id : bool
        Whether the caller chose the id.
    branch : str or None
        The experiments branch asked for; None for the code branch's own.
    sweep : str or None
        The search for good settings that it is a trial of.
    """

    id: str
    project: str
    name: str
    created: float
    entity: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    own_id: bool = False
    branch: str | None = None
    sweep: str | None = None


class Named:
    """The part of a run that tells who it is; name, notes, tags, group and job type may be set."""

    _identity: Identity

    @property
    def id(self) -> str:
        """The run's id."""
        return self._identity.id

    @property
    def project(self) -> str:
        """The project's folder on the branch."""
        return self._identity.project

    @property
    def entity(self) -> str | None:
        """The person or team, as the caller gave it."""
        return self._identity.entity

    @property
    def path(self) -> str:
        """Entity, project and id, those that there are, with slashes between."""
        return "/".join(part for part in (self.entity, self.project, self.id) if part)

    @property
    def url(self) -> str | None:
        """Where the run's page is; None where there is none."""
        return None

    @property
    def project_url(self) -> str | None:
        """None: there is no server."""
        return None

    @property
    def sweep_url(self) -> str | None:
        """None: there is no server."""
        return None

    @property
    def sweep_id(self) -> str | None:
        """The sweep that the run is a trial of; None outside one."""
        return self._identity.sweep

    @property
    def offline(self) -> bool:
        """True: recording needs no connection."""
        return True

    @property
    def start_time(self) -> float:
        """When it began, seconds since the epoch, UTC."""
        return self._identity.created

    @property
    def group(self) -> str | None:
        """The group of runs that belong together; may be set."""
        return self._identity.group

    @group.setter
    def group(self, value: str | None) -> None:
        self._update(group=_text(value))

    @property
    def job_type(self) -> str | None:
        """What the run does, "train" or "eval" say; may be set."""
        return self._identity.job_type

    @job_type.setter
    def job_type(self, value: str | None) -> None:
        self._update(job_type=_text(value))

    @property
    def name(self) -> str:
        """What people call the run; may be set."""
        return self._identity.name

    @name.setter
    def name(self, value: str) -> None:
        self._update(name=text_from(value))

    @property
    def notes(self) -> str | None:
        """Free text; may be set."""
        return self._identity.notes

    @notes.setter
    def notes(self, value: str | None) -> None:
        self._update(notes=_text(value))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels; may be set."""
        return tuple(self._identity.tags)

    @tags.setter
    def tags(self, value: Sequence[str] | str | None) -> None:
        self._update(tags=tags_from(value))

    def _update(self, **values: Any) -> None:
        self._identity = replace(self._identity, **values)
        self._event("update", redacted_texts(values))

    def _event(self, name: str, value: Any) -> None:
        raise NotImplementedError


def tags_from(tags: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return tags as a tuple of different texts, in their order."""
    if tags is None:
        return ()
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        tags = (tags,)
    return tuple(dict.fromkeys(text_from(tag) for tag in tags))


def redacted_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with secrets taken out of texts and lists of texts."""
    cleaned: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, str):
            cleaned[key] = redact(value)
        elif isinstance(value, tuple):
            cleaned[key] = [redact(item) for item in value]
        else:
            cleaned[key] = value
    return cleaned


def _text(value: Any) -> str | None:
    return None if value is None else text_from(value)
