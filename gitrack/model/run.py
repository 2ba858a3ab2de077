"""One run as it was recorded, without its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from gitrack.model.artifact import ArtifactUse


class State(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"  # it ended by an exception or a non-zero exit code
    STOPPED = "stopped"  # a person or a scheduler interrupted it
    CRASHED = "crashed"  # its process ended without a word


@dataclass(frozen=True, slots=True)
class Code:
    """
    The code that ran.

    Attributes
    ----------
    commit : str or None
        HEAD's full sha; None outside git and on an unborn HEAD.
    branch : str or None
        The code branch; with a detached HEAD the one that CI names, or None.
    dirty : bool or None
        Whether tracked files differed from HEAD or untracked ones stood beside them;
        None where that could not be asked.
    remote : str or None
        ``origin``'s URL without credentials.
    snapshot : str or None
        The commit that holds a dirty tree as it was, kept alive below ``refs/gitrack/code/``.
    left_out : sequence of str
        Files that the snapshot does not hold, each with the reason.
    """

    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    remote: str | None = None
    snapshot: str | None = None
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """
    The machine.

    Attributes
    ----------
    name, system, cpu : str or None
        Host name, operating system, processor.
    cores : int or None
        Logical processors.
    memory : int or None
        Bytes.
    gpus : sequence of str
        Names of the GPUs, in NVML's order.
    """

    name: str | None = None
    system: str | None = None
    cpu: str | None = None
    cores: int | None = None
    memory: int | None = None
    gpus: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MetricRule:
    """
    What ``define_metric`` said of one metric, or of all that a pattern names.

    Attributes
    ----------
    name : str
        The metric, or a pattern with ``*``.
    step_metric : str or None
        The metric that it is drawn against.
    summary : sequence of str
        What the summary keeps: "min", "max", "mean", "last", "first", "best", "copy", "none";
        the last value alone where there is nothing.
    goal : str or None
        "minimize" or "maximize", what "best" means.
    hidden : bool
        Whether it is drawn only when asked for.
    """

    name: str
    step_metric: str | None = None
    summary: Sequence[str] = ()
    goal: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """
    Something that the script wanted a person to know.

    Attributes
    ----------
    title, text : str
        What it said.
    level : str
        "INFO", "WARN" or "ERROR".
    timestamp : float
        Seconds since the epoch, UTC.
    """

    title: str
    text: str = ""
    level: str = "INFO"
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class Redaction:
    """
    Secrets that were taken out before anything was written.

    Attributes
    ----------
    where : str
        Where they stood: "config.api_key", "command", "console".
    rule : str
        What they were known by.
    count : int
        How many.
    """

    where: str
    rule: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """
    One run: who it is, how it went, where it ran.

    Attributes
    ----------
    id : str
        ``<yyyymmdd>-<hhmmss>-<4 base32>`` or the caller's own.
    project, name : str
        The project's folder on the branch, and what people call the run.
    state : State
        How it stands.
    created, ended : float
        Seconds since the epoch, UTC; `ended` is None while it runs.
    duration : float or None
        Seconds by a clock that does not jump.
    rows : int
        Rows of its history.
    exit_code : int or None
        What the process ended with, where known.
    error : str or None
        The last line of the exception that ended it.
    command : sequence of str
        The command line, ``python`` first, secrets removed.
    python : str or None
        The interpreter's version.
    missing : sequence of str
        What could not be captured, and why.
    sessions : int
        How many processes, one after the other, recorded it: more than one once it was resumed.
    forked_from, forked_at : str, int or None
        The run and the last of its steps that this one's history begins with.
    supersedes : str or None
        The run that this one was rewound from, which stays as it was.
    metrics : sequence of MetricRule
        What ``define_metric`` said, in order.
    alerts : sequence of Alert
        What it wanted people to know.
    redacted : sequence of Redaction
        Secrets that were taken out.
    artifacts : sequence of ArtifactUse
        The versions of artifacts that it made and used, in order.
    environment : mapping of str to str
        Variables of the environment that are allowed in.
    hardware : mapping of str to Any
        What else the machine says of itself.
    archived : bool
        Whether it is left out of lists and sites unless it is asked for.
    sweep : str or None
        The search for good settings that it is a trial of.
    imported : mapping of str to Any
        Of a run that another tool recorded: ``source`` (the tool), ``id`` and ``where`` (what and
        where it is there), ``key`` (what an import knows it by), ``digest`` (of its content),
        ``importer``, ``said`` (what of it people may have changed since). Empty for others.
    """

    id: str
    project: str
    name: str
    state: State
    created: float
    entity: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    ended: float | None = None
    duration: float | None = None
    rows: int = 0
    exit_code: int | None = None
    error: str | None = None
    code: Code = field(default_factory=Code)
    host: Host = field(default_factory=Host)
    command: Sequence[str] = ()
    python: str | None = None
    recorder: str | None = None
    missing: Sequence[str] = ()
    sessions: int = 1
    forked_from: str | None = None
    forked_at: int | None = None
    supersedes: str | None = None
    metrics: Sequence[MetricRule] = ()
    alerts: Sequence[Alert] = ()
    redacted: Sequence[Redaction] = ()
    artifacts: Sequence[ArtifactUse] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    hardware: Mapping[str, Any] = field(default_factory=dict)
    archived: bool = False
    sweep: str | None = None
    imported: Mapping[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """The UTC day it began, ``yyyy-mm-dd``."""
        return datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%d")


def page_of(project: str, run_id: str) -> str:
    """
    Return where a site has a run's page.

    Examples
    --------
    >>> page_of("digits", "r1")
    'projects/digits/runs/r1.html'
    """
    return f"projects/{project}/runs/{run_id}.html"


@dataclass(frozen=True, slots=True)
class Record:
    """
    A run with its settings and results, as the branch holds it.

    Attributes
    ----------
    run : Run
        Who and how.
    config : mapping
        Nested, as logged.
    summary : mapping of str to Any
        The last value of each key, keys as logged (``val/acc``).
    branch : str
        The experiments branch it was read from, short name.
    path : str
        Its folder on that branch.
    blobs : mapping of str to str
        Each file's git object id, by its path inside the folder.
    """

    run: Run
    config: Mapping[str, Any]
    summary: Mapping[str, Any]
    branch: str
    path: str
    blobs: Mapping[str, str]
