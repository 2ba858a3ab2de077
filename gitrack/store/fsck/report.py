"""Findings as they are made, and whom they are told to."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gitrack.model.finding import Finding, Severity

_PERIOD = 0.1  # seconds between two words to a terminal


@dataclass
class Report:
    """
    Collects what a check finds.

    Attributes
    ----------
    progress : callable or None
        Told in a few words what is going on, ten times a second at most.
    findings : list of Finding
        What was found so far.
    runs : int
        Records that were read.
    """

    progress: Callable[[str], None] | None = None
    findings: list[Finding] = field(default_factory=list)
    runs: int = 0
    _told: float = 0.0

    def error(self, kind: str, what: str, cure: str = "", **place: Any) -> None:
        """Note something that costs what was recorded."""
        self.findings.append(Finding(Severity.ERROR, kind, what, cure, **place))

    def warning(self, kind: str, what: str, cure: str = "", **place: Any) -> None:
        """Note something that may cost."""
        self.findings.append(Finding(Severity.WARNING, kind, what, cure, **place))

    def note(self, kind: str, what: str, cure: str = "", **place: Any) -> None:
        """Note something that is good to know."""
        self.findings.append(Finding(Severity.NOTE, kind, what, cure, **place))

    def tell(self, what: str) -> None:
        """Say what is going on."""
        if self.progress is not None and (now := time.monotonic()) - self._told >= _PERIOD:
            self._told = now
            self.progress(what)

    @property
    def has_errors(self) -> bool:
        """Whether anything is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)
