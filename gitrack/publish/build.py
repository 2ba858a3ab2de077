"""From a repository to a folder that any browser opens."""

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from gitrack.errors import BuildError, UsageError
from gitrack.publish.output import Output
from gitrack.publish.plan import Plan, plan_site
from gitrack.publish.report import BuildReport, measure
from gitrack.publish.shards import ShardWriter
from gitrack.publish.site import Site
from gitrack.publish.stamp import Prototype
from gitrack.publish.workers import Workers
from gitrack.resources import data_dir
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

Progress = Callable[[str], None]

#: Of MkDocs's output: maps for debuggers, and what only a site with an address of its own needs.
_LEFT_OUT = (".map",)
_NEEDS_ADDRESS = ("404.html", "sitemap.xml", "sitemap.xml.gz")
_LOCK_SECONDS = 600.0


def build(
    repository: Repository,
    out: Path,
    *,
    reader: Reader | None = None,
    only: str = "",
    archived: bool = False,
    base_url: str = "",
    workers: Workers | None = None,
    budget: int = 0,
    progress: Progress | None = None,
) -> BuildReport:
    """
    Build the site of a repository's experiments, once.

    The parameters are those of `Builder`.
    """
    builder = Builder(
        repository,
        out,
        reader=reader,
        only=only,
        archived=archived,
        base_url=base_url,
        workers=workers,
        budget=budget,
        progress=progress,
    )
    return builder.build()


class Builder:
    """
    Builds a site, as often as asked.

    What did not change since the last build into `out` is left as it is; what earlier builds
    wrote and this one does not need is removed at the end. Same records, same bytes.

    Parameters
    ----------
    repository : Repository
        Where the experiments are recorded.
    out : pathlib.Path
        A folder that is missing, empty, or that an earlier build wrote.
    reader : Reader, optional
        What reads them; all branches as they stand unless given.
    only : str
        A search line that the shown runs have to match.
    archived : bool
        Whether archived runs are shown, even if the line does not ask for them.
    base_url : str
        Where the site will stand, for canonical links and the sitemap.
    workers : Workers, optional
        Who encodes curves.
    budget : int
        Bytes that the site may have before the report warns; 0 for any.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    UsageError
        If the address is none.
    """

    def __init__(
        self,
        repository: Repository,
        out: Path,
        *,
        reader: Reader | None = None,
        only: str = "",
        archived: bool = False,
        base_url: str = "",
        workers: Workers | None = None,
        budget: int = 0,
        progress: Progress | None = None,
    ) -> None:
        self.repository = repository
        self.out = out
        self.reader = reader or Reader(repository)
        self.only = only
        self.archived = archived
        self.base_url = _checked_url(base_url)
        self.workers = workers or Workers()
        self.budget = budget
        self._tell = progress or (lambda _: None)
        self._site: Site | None = None
        self._prototypes: list[Prototype] = []

    def build(self) -> BuildReport:
        """
        Build the whole site.

        Raises
        ------
        BuildError
            If `out` holds other files, cannot be written, or MkDocs fails.
        """
        began = time.monotonic()
        with self._alone(), Output(self.out) as output:
            self._tell("reading records")
            plan = plan_site(
                self.reader, query=self.only, archived=self.archived, base_url=self.base_url
            )
            writer = self._writer(output)
            try:
                site = Site.gather(plan, writer)
                self._tell("building pages")
                with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                    shell = Path(folder)
                    prototypes = _run_mkdocs(site, shell)
                    # Pages come last: until they do, the older ones find all that they load.
                    rendered = sorted(
                        _rendered(shell, whole=bool(self.base_url)),
                        key=lambda found: found[0].endswith(".html"),
                    )
                    for path, content in chain(site.scripts(), rendered):
                        output.write(path, content)
                site.write_run_pages(output, prototypes)
                writer.cache.save()
            finally:
                writer.cache.close()
        self._site, self._prototypes = site, prototypes
        kinds, largest = measure(site, output.sizes)
        return BuildReport(
            runs=plan.runs,
            pages=output.written_below("", ".html"),
            shards=output.written_below("data/", ".js"),
            seconds=time.monotonic() - began,
            damaged=tuple(site.damaged),
            size=sum(kinds.values()),
            kinds=kinds,
            largest=tuple(largest),
            budget=self.budget,
        )

    def refresh(self, plan: Plan) -> list[str]:
        """
        Bring runs up to date that the last build's site shows already, MkDocs's pages as they are.

        Parameters
        ----------
        plan : Plan
            The last build's with other records of the same runs.

        Returns
        -------
        list of str
            The files that changed.

        Raises
        ------
        BuildError
            If the folder cannot be written.
        """
        before = self._site
        if before is None:
            raise BuildError("nothing was built yet")
        with self._alone(), Output(self.out) as output:
            output.keep_others()
            writer = self._writer(output)
            try:
                site = Site.gather(plan, writer, before)
                for path, content in site.scripts():
                    output.write(path, content)
                site.write_run_pages(output, self._prototypes)
                writer.cache.flush()
            finally:
                writer.cache.close()
            for path in _curves(before) - _curves(site):
                output.drop(path)
        self._site = site
        return output.written

    @property
    def plan(self) -> Plan | None:
        """What the last build showed."""
        return self._site.plan if self._site else None

    def _writer(self, output: Output) -> ShardWriter:
        def tell(done: int, of: int) -> None:
            self._tell(f"encoding curves: {done:,} of {of:,} new runs")

        return ShardWriter(self.reader, output, self.workers, tell)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Build one site of a repository at a time; they share a cache, and perhaps a folder."""
        import filelock

        folder = self.repository.own_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(folder / "build.lock", timeout=_LOCK_SECONDS)
            with lock:
                yield
        except filelock.Timeout as error:
            raise BuildError("another build of this repository has not ended yet") from error


def _curves(site: Site) -> set[str]:
    """List the scripts that change while a run trains."""
    curves = {
        path
        for project, data in zip(site.plan.projects, site.data, strict=True)
        for chunk in data.chunks
        for _, path in chunk.scripts(f"data/{project.name}/")
    }
    return curves.union(*site.details.values())


def _checked_url(address: str) -> str:
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{address!r} is no address of a site: https://example.org/lab/ is one")
    return address.rstrip("/") + "/"


def _rendered(shell: Path, *, whole: bool) -> Iterator[tuple[str, bytes]]:
    for path in sorted(shell.rglob("*")):
        place = path.relative_to(shell).as_posix()
        wanted = path.suffix not in _LEFT_OUT and (whole or place not in _NEEDS_ADDRESS)
        if wanted and path.is_file():
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
                site_url=site.plan.base_url or None,
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
