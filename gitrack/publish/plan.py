"""The site as a whole, before anything of it is drawn."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gitrack.analysis.query import select_shown
from gitrack.errors import NameRefusedError
from gitrack.model.names import check_run_id, folder_from_project
from gitrack.model.run import Record, Run, page_of
from gitrack.publish.dashboards import Dashboards, read_dashboards
from gitrack.store.reader import Reader
from gitrack.version import VERSION


@dataclass(frozen=True, slots=True)
class Project:
    """
    One project of the site.

    Attributes
    ----------
    name : str
        Its name, which is its folder's.
    records : sequence of Record
        Oldest first.
    """

    name: str
    records: Sequence[Record]

    @property
    def home(self) -> str:
        """Its workspace, relative to the site's root."""
        return f"projects/{self.name}/index.html"

    @property
    def comparison(self) -> str:
        """The page that compares its runs."""
        return f"projects/{self.name}/compare.html"

    @property
    def artifacts(self) -> str:
        """The page of its artifacts."""
        return f"projects/{self.name}/artifacts.html"

    @property
    def index(self) -> str:
        """Its index script."""
        return f"data/{self.name}/index.js"

    @property
    def catalogue(self) -> str:
        """The script of its artifacts."""
        return f"data/{self.name}/artifacts.js"

    @property
    def dashboards(self) -> str:
        """The script of its dashboards."""
        return f"data/{self.name}/dashboards.js"

    def page(self, run: Run) -> str:
        """Return the page of a run."""
        return page_of(self.name, run.id)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a site is to show.

    Attributes
    ----------
    title : str
        The repository's name.
    branches : mapping of str to str
        Commit by experiments branch.
    built : int
        Seconds since the epoch: the newest of these commits, or ``SOURCE_DATE_EPOCH``. The clock
        on the wall has no say, so that the same records make the same bytes.
    projects : sequence of Project
        By name.
    version : str
        gitrack's own.
    about : str
        The page that says what the site was built from.
    base_url : str
        Where the site will stand; empty where nobody said.
    live : frozenset of str
        Ids of runs that are not on a branch yet: they run on this machine.
    query : str
        The search line that chose the runs; empty where all are shown.
    dashboards : Dashboards
        What somebody arranged, read from the work tree whatever the revision: how runs are
        looked at is today's choice, whichever runs there are.
    """

    title: str
    branches: Mapping[str, str]
    built: int
    projects: Sequence[Project]
    version: str
    about: str = "about.html"
    base_url: str = ""
    live: frozenset[str] = frozenset()
    query: str = ""
    dashboards: Dashboards = field(default_factory=Dashboards)

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return sum(len(project.records) for project in self.projects)


def plan_site(
    reader: Reader, *, query: str = "", archived: bool = False, base_url: str = ""
) -> Plan:
    """
    Read the records that a site is to show.

    Parameters
    ----------
    reader : Reader
        Where they are read.
    query : str
        A search line that they have to match.
    archived : bool
        Whether archived runs are shown, even if the line does not ask for them.
    base_url : str
        Where the site will stand.

    Raises
    ------
    QueryError
        If the line cannot be read.
    """
    branches = reader.branches()
    projects = projects_of(reader.records(), query=query, archived=archived)
    return Plan(
        title=reader.repository.name,
        branches=branches,
        built=_built(reader, branches),
        projects=projects,
        version=VERSION,
        base_url=base_url,
        live=frozenset(getattr(reader, "live", ())),
        query=query,
        dashboards=read_dashboards(reader.repository.work_tree),
    )


def projects_of(
    records: Iterable[Record], *, query: str = "", archived: bool = False
) -> list[Project]:
    """
    Put the records that are to be shown into their projects; see `plan_site`.

    Raises
    ------
    QueryError
        If the line cannot be read.
    """
    plain = [record for record in records if _has_plain_names(record)]
    found: dict[str, list[Record]] = {}
    for record in select_shown(plain, query, archived=archived):
        found.setdefault(record.run.project, []).append(record)
    return [Project(name, found[name]) for name in sorted(found)]


def _has_plain_names(record: Record) -> bool:
    """Tell whether a run's names can be file names; git would carry ``..`` to us all the same."""
    try:
        check_run_id(record.run.id)
        return folder_from_project(record.run.project) == record.run.project
    except NameRefusedError:
        return False


def _built(reader: Reader, branches: Mapping[str, str]) -> int:
    if (chosen := os.environ.get("SOURCE_DATE_EPOCH", "")).isdecimal():
        return int(chosen)
    if not branches:
        return 0
    tips = sorted(set(branches.values()))
    times = reader.git.text("log", "--no-walk", "--format=%ct", *tips).split()
    return max(map(int, times), default=0)
