"""What a check of the record found."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is not as it should be.

    Attributes
    ----------
    severity : Severity
        An error costs something that was recorded, a warning may, a note does not.
    kind : str
        What it is for a machine: "digest", "pointer", "missing-object" ….
    what : str
        What it is for a person.
    cure : str
        The way back: a command, or what to ask for.
    branch : str or None
        The experiments branch it is on.
    run : str or None
        The run's id.
    path : str or None
        Where it lies: on the branch, or on this machine where there is no branch.
    target : str or None
        The object, the digest or the ref that is meant.
    """

    severity: Severity
    kind: str
    what: str
    cure: str = ""
    branch: str | None = None
    run: str | None = None
    path: str | None = None
    target: str | None = None

    @property
    def where(self) -> str:
        """Branch and path in one."""
        return ": ".join(filter(None, (self.branch, self.path)))
