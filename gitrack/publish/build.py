"""From a repository to a folder that any browser opens."""

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from gitrack.errors import BuildError
from gitrack.publish.output import Output
from gitrack.publish.plan import plan_site
from gitrack.publish.shards import ShardWriter
from gitrack.publish.site import Site
from gitrack.publish.stamp import Prototype
from gitrack.resources import data_dir
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

Progress = Callable[[str], None]

#: Of MkDocs's output: maps for debuggers, and what only a site with an address of its own needs.
_LEFT_OUT = (".map",)
_NEEDS_ADDRESS = ("404.html", "sitemap.xml", "sitemap.xml.gz")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """
    What a build did.

    Attributes
    ----------
    runs : int
        Runs that the site shows.
    pages, shards : int
        Pages and data scripts that were written, new or changed.
    seconds : float
        How long it took.
    damaged : tuple of str
        Records and histories that could not be read, a line each.
    """

    runs: int
    pages: int
    shards: int
    seconds: float
    damaged: tuple[str, ...]


def build(
    repository: Repository,
    out: Path,
    *,
    archived: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """
    Build the site of a repository's experiments.

    What did not change since the last build into `out` is left as it is; what earlier builds
    wrote and this one does not need is removed at the end. Same records, same bytes.

    Parameters
    ----------
    repository : Repository
        Where the experiments are recorded.
    out : pathlib.Path
        A folder that is missing, empty, or that an earlier build wrote.
    archived : bool
        Whether archived runs are shown too.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    BuildError
        If `out` holds other files, cannot be written, or MkDocs fails.
    """
    began = time.monotonic()
    tell = progress or (lambda _: None)
    reader = Reader(repository)
    with Output(out) as output:
        tell("reading records")
        plan = plan_site(reader, archived=archived)
        writer = ShardWriter(reader, output)
        tell(f"writing the data of {plan.runs} runs")
        site = Site.gather(plan, writer)
        tell("building pages")
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            shell = Path(folder)
            prototypes = _run_mkdocs(site, shell)
            # Pages come last: until they do, the older ones find everything they load.
            rendered = sorted(_rendered(shell), key=lambda found: found[0].endswith(".html"))
            for path, content in chain(site.scripts(), rendered, site.run_pages(prototypes)):
                output.write(path, content)
    writer.cache.save()
    return BuildReport(
        runs=plan.runs,
        pages=output.written_below("", ".html"),
        shards=output.written_below("data/", ".js"),
        seconds=time.monotonic() - began,
        damaged=tuple(str(error) for error in (*reader.damaged, *writer.damaged)),
    )


def _rendered(shell: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(shell.rglob("*")):
        place = path.relative_to(shell).as_posix()
        if path.is_file() and path.suffix not in _LEFT_OUT and place not in _NEEDS_ADDRESS:
            yield place, path.read_bytes()


def _run_mkdocs(site: Site, shell: Path) -> list[Prototype]:
    """Let MkDocs build everything but run pages, and return these pages' prototypes."""
    # Material prints its banner where it takes itself for the mkdocs command.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.commands.build import build as build_with_mkdocs
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    from gitrack.publish.plugin import GitrackPlugin

    with _own_log() as errors, _clock_at(site.plan.built):
        try:
            config = load_config(
                str(data_dir("site") / "mkdocs.yml"),
                site_name=site.plan.title,
                site_dir=str(shell),
            )
            plugin = config.plugins["gitrack"]
            if not isinstance(plugin, GitrackPlugin):
                raise BuildError("MkDocs found another plugin named gitrack")
            plugin.site = site
            build_with_mkdocs(config)
        except (MkDocsException, OSError, SystemExit) as error:
            said = "; ".join(errors) or str(error) or type(error).__name__
            raise BuildError(f"MkDocs failed: {said}") from error
    return plugin.prototypes


@contextmanager
def _own_log() -> Iterator[list[str]]:
    """Keep MkDocs's log to ourselves and collect its errors; its advice is not our users'."""
    errors: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            errors.append(" ".join(record.getMessage().split()))

    log = logging.getLogger("mkdocs")
    collector, propagated = Collector(logging.ERROR), log.propagate
    log.addHandler(collector)
    log.propagate = False
    try:
        yield errors
    finally:
        log.removeHandler(collector)
        log.propagate = propagated


@contextmanager
def _clock_at(epoch: int) -> Iterator[None]:
    """Let MkDocs date its pages by the records instead of by the wall clock."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
