"""A run as another tool kept it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gitrack.model.run import Alert, Code, Host, MetricRule, State

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row of a history.

    Attributes
    ----------
    step : int
        Its step.
    time : float or None
        Seconds since the epoch, UTC; None where the source does not tell.
    values : mapping of str to Any
        Plain values, and media as `gitrack.record.media` has it.
    runtime : float or None
        Seconds since the run began; None where it follows from `time`.
    """

    step: int
    time: float | None
    values: Mapping[str, Any]
    runtime: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """
    All that a source tells of one run; what it does not tell is left out.

    Attributes
    ----------
    id : str
        The id that the run would like to have; checked by whoever records it.
    name : str
        What people call it.
    project : str or None
        The project; None where the source knows none.
    created : float or None
        Seconds since the epoch, UTC.
    rows, system : iterable of Row
        The history and the system metrics, in order; read once.
    summary : mapping of str to Any
        What the summary holds beside, or in place of, the last values of the rows.
    no_summary : sequence of str
        What the summary does not hold though rows do.
    rules : sequence of MetricRule
        What ``define_metric`` said.
    files : mapping of str to pathlib.Path
        Files to keep, by their place below ``files/``.
    patch : str or None
        How the code differed from its commit.
    console : str or None
        What it printed, as it went to the terminal.
    missing : list of str
        What the source names and has not, a line each; complete when `rows` have been read.
    damage : list of str
        What of it could not be read, a line each; complete when `rows` have been read.
    """

    id: str
    name: str
    rows: Iterable[Row]
    project: str | None = None
    state: State = State.FINISHED
    created: float | None = None
    ended: float | None = None
    duration: float | None = None
    exit_code: int | None = None
    entity: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    no_summary: Sequence[str] = ()
    rules: Sequence[MetricRule] = ()
    system: Iterable[Row] = ()
    alerts: Sequence[Alert] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    patch: str | None = None
    console: str | None = None
    packages: Sequence[str] = ()
    command: Sequence[str] = ()
    python: str | None = None
    code: Code = field(default_factory=Code)
    host: Host = field(default_factory=Host)
    hardware: Mapping[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)


class FoundRun(ABC):
    """
    A run that a source has, not read yet.

    Attributes
    ----------
    source : str
        The tool: "tensorboard", "wandb", "mlflow" or "csv".
    where : str
        Where it stands, for people: a path below the folder that was named.
    """

    source: str
    where: str

    @property
    @abstractmethod
    def id(self) -> str:
        """What the source calls the run, for people."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """
        What tells the run from all others, wherever its files are moved to.

        Raises
        ------
        OSError, GitrackError
            If it cannot be read.
        """

    @cached_property
    def key(self) -> str:
        """What the run is known by once it is recorded: a digest of source and identity."""
        return hashlib.sha256(f"{self.source}\0{self.identity}".encode()).hexdigest()[:32]

    @abstractmethod
    def digest(self) -> str:
        """
        Return a digest that changes with the run's content.

        Raises
        ------
        OSError, GitrackError
            If it cannot be read.
        """

    @abstractmethod
    def read(self) -> ImportedRun:
        """
        Read the run.

        Raises
        ------
        OSError, GitrackError
            If it cannot be read.
        """


def digest_of(paths: Iterable[Path], *more: str) -> str:
    """Return a digest of files, their names, and texts."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode("utf-8", "backslashreplace"))
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    for text in more:
        digest.update(f"\0{text}".encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
