"""A change of a recorded run: what becomes of its name, tags, notes and place."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitrack.errors import NameRefusedError
from gitrack.model.names import folder_from_project
from gitrack.model.run import Run

MOST = 4096  # characters of a name, a tag, a group or a job type
MOST_NOTES = 1 << 18  # characters
_SHOWN = 40  # characters of a refused text
_IN_NOTES = "\n\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    What is to change of a run; what is None stays.

    Attributes
    ----------
    name : str or None
        What people call it.
    tags : sequence of str or None
        All its labels.
    add_tags, remove_tags : sequence of str
        Labels to put on and to take off.
    notes : str or None
        Free text; an empty one for none.
    more_notes : str or None
        A paragraph to put below the notes.
    group, job_type : str or None
        Where it belongs; an empty text for nowhere.
    project : str or None
        The project, whose folder its files move to.
    archived : bool or None
        Whether it is left out of lists and sites unless it is asked for.

    Raises
    ------
    NameRefusedError
        If a text is too long, holds control characters, or is no Unicode text.
    """

    name: str | None = None
    tags: Sequence[str] | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    notes: str | None = None
    more_notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    project: str | None = None
    archived: bool | None = None

    def __post_init__(self) -> None:
        if self.name is not None:
            _check("name", self.name, least=1)
        for tag in (*(self.tags or ()), *self.add_tags):
            _check("tag", tag, least=1)
        for kind, text in (("group", self.group), ("job type", self.job_type)):
            _check(kind, text or "")
        for text in (self.notes, self.more_notes):
            _check("note", text or "", most=MOST_NOTES, allowed=_IN_NOTES)
        if self.project is not None:
            _check("project", self.project, least=1)
            object.__setattr__(self, "project", folder_from_project(self.project))

    @property
    def kind(self) -> str:
        """Its trailer's word: "tag", "note", "rename", "move", "archive", …; "edit" for several."""
        kinds = {
            "tag": bool(self.tags is not None or self.add_tags or self.remove_tags),
            "note": self.notes is not None or self.more_notes is not None,
            "rename": self.name is not None,
            "move": any(part is not None for part in (self.group, self.job_type, self.project)),
            "archive": self.archived is True,
            "unarchive": self.archived is False,
        }
        meant = [kind for kind, is_meant in kinds.items() if is_meant]
        return meant[0] if len(meant) == 1 else "edit"

    @property
    def detail(self) -> str:
        """What changes, in a few words; notes are not repeated."""
        words = ("name", "project", "group", "job_type")
        places = {word.replace("_", " "): getattr(self, word) for word in words}
        return " ".join(
            [
                *([] if self.tags is None else [f"tags {' '.join(self.tags)}".rstrip()]),
                *(f"+{tag}" for tag in self.add_tags),
                *(f"-{tag}" for tag in self.remove_tags),
                *(
                    f"{word} {value or 'none'}"
                    for word, value in places.items()
                    if value is not None
                ),
            ]
        )

    def of(self, run: Run) -> dict[str, Any]:
        """
        Return the fields of a run that change, with their new values as JSON holds them.

        Examples
        --------
        >>> from gitrack.model.run import State
        >>> run = Run("r1", "digits", "fox", State.FINISHED, 0.0, tags=("old",))
        >>> Edit(add_tags=["good"], remove_tags=["old"], name="fox", group="").of(run)
        {'tags': ['good']}
        """
        new: dict[str, Any] = {key: getattr(self, key) for key in ("name", "project", "archived")}
        new = {key: value for key, value in new.items() if value is not None}
        for key in ("notes", "group", "job_type"):
            if (text := getattr(self, key)) is not None:
                new[key] = text or None
        if self.more_notes:
            notes = new.get("notes", run.notes)
            new["notes"] = f"{notes}\n\n{self.more_notes}" if notes else self.more_notes
        tags = (*(run.tags if self.tags is None else self.tags), *self.add_tags)
        new["tags"] = [tag for tag in dict.fromkeys(tags) if tag not in self.remove_tags]
        old = {key: getattr(run, key) for key in new} | {"tags": list(run.tags)}
        return {key: value for key, value in new.items() if value != old[key]}


def _check(kind: str, text: Any, *, least: int = 0, most: int = MOST, allowed: str = "") -> None:
    """Refuse what could not be shown, stored or told from nothing."""
    if not isinstance(text, str):
        raise NameRefusedError(kind, text, "it is no text")
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    if not least <= len(text) <= most or (least and not text.strip()):
        few = f"{least} to {most:,}" if least else f"at most {most:,}"
        raise NameRefusedError(kind, shown, f"it has {few} characters, this one {len(text):,}")
    categories = {unicodedata.category(c) for c in text if c not in allowed}
    if categories & {"Cc", "Cs"}:
        rule = "it holds no control characters and is text in UTF-8"
        raise NameRefusedError(kind, shown, rule)
