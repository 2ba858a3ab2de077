"""What each page's template may use, as documented dataclasses."""

from collections.abc import Sequence
from dataclasses import dataclass

from gitrack.model.run import Run
from gitrack.publish.sections.base import Section


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value, both text; `href` only for links that we made ourselves."""

    label: str
    value: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """
    One metric of a run.

    Attributes
    ----------
    key : str
        As logged.
    last, best, best_step : str
        Formatted for people; ``–`` where there is none.
    goal : {"min", "max"} or None
        Which way is better, where known.
    spark : str
        ``points`` of an SVG polyline in a box of 100 x 48; empty for fewer than two points.
    """

    key: str
    last: str
    best: str
    best_step: str
    goal: str | None
    spark: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list of the latest ones."""

    run: Run
    href: str
    key: str
    last: str
    to_best: str
    is_best: bool
    spark: str
    duration: str
    seen: str


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """
    One project on the home page.

    Attributes
    ----------
    gained : str
        How far the best moved within the last week; empty without a goal or an older result.
    is_better : bool
        Whether it moved.
    new : int
        Runs of the last week.
    since : float or None
        Where the first of them stands in the box; None without one.
    latest, seen : str and float
        When the latest run began, for people and in seconds since the epoch.
    points : sequence of (float, float)
        One dot a run, in the box 100 x 40, oldest first.
    steps : str
        ``points`` of the polyline of the best value so far, same box.
    """

    name: str
    href: str
    runs: int
    running: int
    crashed: int
    key: str
    goal: str | None
    best: str
    gained: str
    is_better: bool
    new: int
    since: float | None
    latest: str
    seen: float
    points: Sequence[tuple[float, float]]
    steps: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    What is new in a project.

    Attributes
    ----------
    icon : {"best", "crashed", "artifact"}
        Its kind.
    href : str
        The page that tells more.
    project, what : str
        The project, and what it has or had.
    key, before, after : str
        A metric and what it was and is; empty where there is none.
    note : str
        Whose doing it is.
    """

    icon: str
    href: str
    project: str
    what: str
    note: str
    key: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """
    What ``pages/home.md.j2`` may use.

    Attributes
    ----------
    days : sequence of float
        The runs a day of eight weeks, as heights from 0 to 24, the last day last.
    week : str
        First and last day of the week that `changes` are of; empty without records.
    """

    title: str
    description: str
    branches: Sequence[str]
    runs: int
    running: int
    days: Sequence[float]
    week: str
    projects: Sequence[ProjectCard]
    changes: Sequence[Change]
    latest: Sequence[RunRow]


@dataclass(frozen=True, slots=True)
class WorkspacePage:
    """
    What ``pages/workspace.md.j2`` and ``pages/compare.md.j2`` may use.

    Attributes
    ----------
    project, description : str
        Its name, and one sentence for those who link to the page.
    runs : int
        How many runs it holds.
    data : str
        The project's index script, relative to the site's root.
    """

    project: str
    description: str
    runs: int
    data: str


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """One artifact in a project's list, written for people."""

    name: str
    type: str
    latest: str
    versions: int
    size: str
    created: str


@dataclass(frozen=True, slots=True)
class ArtifactsPage:
    """
    What ``pages/artifacts.md.j2`` may use.

    Attributes
    ----------
    project, description : str
        Its name, and one sentence for those who link to the page.
    data : str
        The script of its artifacts, relative to the site's root.
    rows : sequence of ArtifactRow
        By type and name.
    """

    project: str
    description: str
    data: str
    rows: Sequence[ArtifactRow]


@dataclass(frozen=True, slots=True)
class AboutPage:
    """
    What ``pages/about.md.j2`` may use.

    Attributes
    ----------
    facts : sequence of Pair
        Times, versions, counts and sizes.
    branches : sequence of Pair
        Each branch and the commit that it was read at.
    projects : sequence of (str, str, str)
        Each project's name, runs and bytes of curves, written for people.
    damaged : sequence of str
        What could not be read, and why.
    """

    title: str
    facts: Sequence[Pair]
    branches: Sequence[Pair]
    projects: Sequence[tuple[str, str, str]]
    damaged: Sequence[str]


@dataclass(frozen=True, slots=True)
class RunPage:
    """
    What ``pages/run.html.j2``, the inside of a stamped run page, may use.

    Attributes
    ----------
    run : Run
        Who and how.
    description : str
        One sentence for those who link to the page.
    started, duration : str
        Formatted for people, the time in UTC.
    code_href : str or None
        The commit on the git host, where the remote's address tells.
    reproduce : str
        One line of plain git that brings the code and the command back; empty without a commit.
    summary : sequence of SummaryRow
        All results, held-out metrics first.
    unfolded : int
        How many of them are shown at once.
    config : sequence of Pair
        The first settings, keys with dots, values as text.
    keys : int
        How many settings there are.
    environment : sequence of Pair
        Where and how it ran.
    seen : str
        When a run was heard of last that still runs here; empty for all others.
    packages : str
        The script that holds its ``requirements.txt``, relative to the site's root; empty
        without one.
    package_count : int
        How many lines it has.
    sections : sequence of Section
        What a script draws when it comes into sight.
    data : str
        What the page's scripts need at once, as JSON without ``<``: who the run is, where its
        curves lie, ``config`` and ``summary`` as trees, and how to run it ``again``.
    charts : int
        How many curves there are.
    preview : str
        The command that brings the whole history, where the curves come of a part of it.
    """

    run: Run
    description: str
    started: str
    duration: str
    code_href: str | None
    reproduce: str
    summary: Sequence[SummaryRow]
    unfolded: int
    config: Sequence[Pair]
    keys: int
    environment: Sequence[Pair]
    seen: str
    packages: str
    package_count: int
    sections: Sequence[Section]
    data: str
    charts: int
    preview: str
