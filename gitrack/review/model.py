"""
A review as frozen values: what its JSON holds, and all that its Markdown may say.

Every list and text has a limit, since the JSON is read again where its maker is not trusted.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from gitrack.review.codec import Most

FORMAT = 1
#: Characters of a text, and items of the lists; what is beyond is counted in `left_out`.
TEXT, RUNS, COMPARISONS, METRICS, VALUES, POINTS, KEYS, FILES, RULES, LINES = (
    300, 1_000, 30, 60, 100, 40, 60, 60, 60, 60,
)  # fmt: skip

Goal = Literal["min", "max"]
Verdict = Literal["better", "worse", "no difference", "cannot tell"]
Match = Literal["same config", "nearest config", "nothing to compare with"]
Outcome = Literal["pass", "fail"]
WhichSide = Literal["base", "head"]
Reason = Literal["", "within the margin", "no goal", "no value", "too few seeds", "may be chance"]
Why = Literal[
    "better", "no difference", "not shown to be worse", "within what is allowed", "worse",
    "no value", "too few seeds", "nothing to hold it against",
]  # fmt: skip
NoteKind = Literal[
    "no new runs",
    "other rules",
    "unique setting",
    "not read",
    "did not finish",
    "same seeds",
    "not finite",
]
CodeNote = Literal[
    "no commit of the base", "no commit of the head", "not in this clone",
    "several commits of the base", "several commits of the head",
    "uncommitted changes of the base", "uncommitted changes of the head",
]  # fmt: skip
Part = Literal[
    "configurations", "metrics", "settings that differ", "results of rules", "runs",
    "runs that could not be read", "configurations' curves, code and memory",
]  # fmt: skip
Test = Literal["permutation", "mann-whitney"]
Correction = Literal["holm", "benjamini-hochberg", "none"]
Text = Annotated[str, Most(TEXT)]
Numbers = Annotated[tuple[float, ...], Most(VALUES)]


@dataclass(frozen=True, slots=True)
class Side:
    """
    One of the two branches.

    Attributes
    ----------
    ref : str
        What was asked for.
    branch : str
        The experiments branch, or the commit where none was named.
    commit : str
        Where it stands.
    runs, finished, failed, crashed, stopped, running : int
        How many runs, and how they stand: of the base all of them, of the head what it added.
    archived : int
        How many more are archived, and left out.
    """

    ref: Text
    branch: Text
    commit: Text
    runs: int
    finished: int
    failed: int
    crashed: int
    stopped: int
    running: int
    archived: int


@dataclass(frozen=True, slots=True)
class Note:
    """
    Something that a reader should know.

    Attributes
    ----------
    kind : str
        What.
    side : {"base", "head"} or None
        Of which side.
    subject : str or None
        The setting, the metric, the record.
    count, of : int or None
        How many, of how many.
    """

    kind: NoteKind
    side: WhichSide | None = None
    subject: Text | None = None
    count: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a review does not hold, and how much of it."""

    what: Part
    count: int


@dataclass(frozen=True, slots=True)
class GroupSide:
    """
    The runs of one configuration on one side.

    Attributes
    ----------
    group, job_type : str or None
        As the runs name them.
    runs, finished : int
        How many; those that finished are compared.
    seeds : int or None
        How many different seeds they have, None where none was logged.
    ids : sequence of str
        The runs that are compared, oldest first.
    """

    group: Text | None
    job_type: Text | None
    runs: int
    finished: int
    seeds: int | None
    ids: Annotated[tuple[Text, ...], Most(VALUES)]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that differs; None where a side lacks it, NaN and infinities as words."""

    key: Text
    base: Text | None
    head: Text | None


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric of two configurations.

    Attributes
    ----------
    name : str
        As it was logged.
    goal : {"min", "max"} or None
        Which way is better, None where nothing says so.
    ruled : bool
        Whether a rule names it.
    base, head : sequence of float
        A value a finished run.
    base_n, head_n : int
        How many there are; more than are listed, perhaps.
    base_mean, head_mean, base_std, head_std : float or None
        Over the runs; a deviation needs two.
    difference : float or None
        Head less base, in the metric's own unit.
    low, high : float or None
        Where the difference lies, at the review's level.
    p, p_adjusted : float or None
        Of the test, and corrected over what was tested with it; None where nothing was tested.
    hedges_g, cliffs_delta : float or None
        How large the difference is.
    margin : float or None
        Differences below it count as none.
    verdict : str
        What can be said.
    reason : str
        Why it is that; empty where the test says it.
    seeds : int or None
        How many a side would tell a difference of this size four times in five.
    curve : sequence of float
        The head's mean over its steps, thinned.
    """

    name: Text
    goal: Goal | None
    ruled: bool
    base: Numbers
    head: Numbers
    base_n: int
    head_n: int
    base_mean: float | None
    head_mean: float | None
    base_std: float | None
    head_std: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    hedges_g: float | None
    cliffs_delta: float | None
    margin: float | None
    verdict: Verdict
    reason: Reason
    seeds: int | None
    curve: Annotated[tuple[float, ...], Most(POINTS)] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """
    The key metric over the steps that both sides have, each the mean of its runs.

    Attributes
    ----------
    metric : str
        Its name.
    first, last : float
        The steps that the points lie between, evenly.
    base, head : sequence of float
        As many each.
    base_runs, head_runs : int
        How many runs were read.
    """

    metric: Text
    first: float
    last: float
    base: Annotated[tuple[float, ...], Most(POINTS)]
    head: Annotated[tuple[float, ...], Most(POINTS)]
    base_runs: int
    head_runs: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A changed file; no line counts of a binary one."""

    path: Text
    added: int | None
    removed: int | None


@dataclass(frozen=True, slots=True)
class CodeChange:
    """
    The code of the newest run on each side.

    Attributes
    ----------
    base, head : str or None
        Commits, that of a dirty tree's snapshot where there is one.
    files : sequence of FileChange
        What differs between them, the largest changes first.
    total : int or None
        How many files differ; None where it cannot be known here.
    base_patch, head_patch : int or None
        Lines that the patch of a tree changes whose changes no commit holds.
    notes : sequence of str
        What else is to be said.
    """

    base: Text | None
    head: Text | None
    files: Annotated[tuple[FileChange, ...], Most(FILES)]
    total: int | None
    base_patch: int | None
    head_patch: int | None
    notes: tuple[CodeNote, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """A mean cost of a run: "time" in seconds, "energy" in kWh, "memory" in bytes."""

    name: Literal["time", "energy", "memory"]
    base: float | None
    head: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    One configuration of the head, against one of the base.

    Attributes
    ----------
    project : str
        The project of both.
    match : str
        How the base's was found.
    base : GroupSide or None
        None where the base has no run of the project.
    head : GroupSide
        The head's.
    changes : sequence of Change
        Settings that differ, seeds aside.
    metrics : sequence of Metric
        What matters most first.
    curve : Curve or None
        Of the first metric that both logged over steps.
    code : CodeChange or None
        None where no run says what code it ran.
    cost : sequence of Cost
        What is known.
    notes : sequence of Note
        What a reader should know.
    """

    project: Text
    match: Match
    base: GroupSide | None
    head: GroupSide
    changes: Annotated[tuple[Change, ...], Most(KEYS)]
    metrics: Annotated[tuple[Metric, ...], Most(METRICS)]
    curve: Curve | None
    code: CodeChange | None
    cost: tuple[Cost, ...]
    notes: Annotated[tuple[Note, ...], Most(LINES)]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """
    What became of one rule for one comparison.

    Attributes
    ----------
    metric : str
        What it names.
    runs : str or None
        The search line that chose the runs.
    comparison : int or None
        Its number, from 1; None where there was nothing to apply it to.
    required : bool
        Whether its failure fails the review.
    outcome : {"pass", "fail"}
        Whether it holds.
    verdict : str
        What could be said of the metric.
    why : str
        What decided.
    side : {"base", "head"} or None
        Which has too few seeds, or no value.
    seeds, least : int or None
        How many it has, and how many it must have.
    loss : float or None
        By how much the head's mean is worse; negative where it is better.
    allowed : float
        By how much it may be.
    """

    metric: Text
    runs: Text | None
    comparison: int | None
    required: bool
    outcome: Outcome
    verdict: Verdict
    why: Why
    side: WhichSide | None
    seeds: int | None
    least: int | None
    loss: float | None
    allowed: float


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run that the head added; `comparison` from 1, None where it is in none."""

    id: Text
    name: Text
    project: Text
    state: Literal["running", "finished", "failed", "stopped", "crashed"]
    error: Text | None
    duration: float | None
    comparison: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """
    All that a review found.

    Attributes
    ----------
    format : int
        Version of this form.
    made_by : str
        The gitrack that made it.
    outcome : {"pass", "fail"}
        Whether every required rule holds.
    base, head : Side
        What was compared.
    level : float
        How often the intervals hold the true difference.
    test, correction : str
        How p was found, and how it was corrected over how many tests.
    tests : int
        How many differences were tested in all.
    seed_keys : sequence of str
        Settings that were taken for seeds.
    comparisons, rules, runs : sequences
        The findings.
    notes : sequence of Note
        What a reader should know of all.
    left_out : sequence of LeftOut
        What is not in here.
    site_url : str or None
        Where the site is published.
    """

    format: int
    made_by: Text
    outcome: Outcome
    base: Side
    head: Side
    level: float
    test: Test
    correction: Correction
    tests: int
    seed_keys: Annotated[tuple[Text, ...], Most(KEYS)]
    comparisons: Annotated[tuple[Comparison, ...], Most(COMPARISONS)]
    rules: Annotated[tuple[RuleResult, ...], Most(RULES)]
    runs: Annotated[tuple[RunLine, ...], Most(RUNS)]
    notes: Annotated[tuple[Note, ...], Most(LINES)]
    left_out: Annotated[tuple[LeftOut, ...], Most(LINES)]
    site_url: Text | None = None


def cut(text: str) -> str:
    """
    Shorten a text to what a review takes; half surrogate pairs become question marks.

    Examples
    --------
    >>> len(cut("a" * 999)), cut("short")
    (300, 'short')
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= TEXT else f"{whole[: TEXT - 1]}…"
