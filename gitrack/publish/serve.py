"""A preview on this machine: built again when a run lands, refreshed while runs train."""

import http.server
import io
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote, urlsplit

from gitrack.errors import GitrackError, UsageError
from gitrack.publish.build import Builder
from gitrack.publish.dashboards import SETTINGS, dashboard_files
from gitrack.publish.live import LiveReader
from gitrack.publish.reports.source import report_files
from gitrack.publish.workers import Workers
from gitrack.record.folder import alive
from gitrack.record.notice import tell
from gitrack.record.recovery import recover
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.model.run import Record

_VERSION_PATH = "/__gitrack__/version"
#: Only names of this machine: another site whose name is led to 127.0.0.1 gets no answer.
_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_SECONDS_BETWEEN_LOOKS = 1.0
#: Seconds between two looks at running runs; or this many times what a refresh takes.
_SECONDS_BETWEEN_REFRESHES, _REST = 3.0, 5
_RELOAD = """<script>
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch("%s?%s", {cache: "no-store"}).catch(() => null);
  if (answer && answer.ok && (await answer.text()) !== "%s") location.reload();
}, 1000);
</script>
"""


def serve(preview: "Preview") -> None:
    """Serve a preview until it is interrupted from the keyboard."""
    with preview:
        tell(f"serving {preview.url} (Ctrl-C ends it)")
        try:
            preview.wait()
        except KeyboardInterrupt:
            tell("stopped")


class Preview:
    """
    A site behind a web server for this machine alone, built again when a run lands.

    Runs that are still recorded here are shown too, as far as they came.

    Parameters
    ----------
    repository : Repository
        Where the experiments are recorded.
    out : pathlib.Path
        Where the site is built.
    port : int
        0 takes any free one.
    only, archived, workers
        As in `Builder`.

    Raises
    ------
    BuildError
        If the first build fails; a later failure is told and leaves the older site.
    UsageError
        If the port is taken.
    """

    def __init__(
        self,
        repository: Repository,
        out: Path,
        *,
        port: int = 0,
        only: str = "",
        archived: bool = False,
        workers: Workers | None = None,
    ) -> None:
        self._repository = repository
        self._reader = LiveReader(repository)
        self._builder = Builder(
            repository, out, reader=self._reader, only=only, archived=archived, workers=workers
        )
        self._builds = 1
        self._refreshed: Counter[str] = Counter()
        self._next_refresh = 0.0
        self._seen = _refs_state(repository)
        self._shown = frozenset(folder.id for folder in alive(repository))
        self._reader.look()
        self._builder.build()
        try:
            self._server = _Server(self, out, port)
        except (OSError, OverflowError) as error:
            raise UsageError(f"port {port} cannot be used ({error}): name another") from error
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]

    def version(self, page: str) -> str:
        """Tell a page's version: open pages load themselves again when theirs changes."""
        place = page.removeprefix("/")
        if place.endswith("/") or not place:
            place += "index.html"
        return f"{self._builds}.{self._refreshed[place]}"

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def wait(self) -> None:
        """Wait until the server ends."""
        self._ended.wait()

    def look(self) -> bool:
        """
        Bring the site up to date with what happened since the last look; tell whether it changed.

        A run that landed, began or ended makes a new site; one that went on makes its own files.
        """
        try:
            recover(self._repository)
            return self._built_again() or self._refresh()
        except (GitrackError, OSError) as error:
            tell(f"the site stays as it was: {error}")
            return False

    def _built_again(self) -> bool:
        """Build the whole site if other runs are there than before."""
        state = _refs_state(self._repository)
        began = frozenset(folder.id for folder in alive(self._repository))
        if state == self._seen and began == self._shown:
            return False
        self._seen, self._shown = state, began
        self._reader.look()
        report = self._builder.build()
        self._builds += 1
        tell(f"built again: {report.runs} runs in {report.seconds:.1f} s")
        return True

    def _refresh(self) -> bool:
        """Write what running runs logged since, no sooner than it pays."""
        began = time.monotonic()
        plan = self._builder.plan
        if plan is None or began < self._next_refresh or not self._reader.look():
            return False
        shown = {record.path for project in plan.projects for record in project.records}
        records: dict[str, list[Record]] = {project.name: [] for project in plan.projects}
        for record in self._reader.records_now():
            if record.path in shown:
                records[record.run.project].append(record)
        projects = [replace(one, records=records[one.name]) for one in plan.projects]
        changed = self._builder.refresh(replace(plan, projects=projects, live=self._reader.live))
        for project in projects:
            if project.index in changed:
                changed += [project.home, project.comparison]
        self._refreshed.update(changed)
        took = time.monotonic() - began
        self._next_refresh = time.monotonic() + max(_SECONDS_BETWEEN_REFRESHES, _REST * took)
        return bool(changed)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN_LOOKS):
            self.look()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, preview: Preview, folder: Path, port: int) -> None:
        self.preview = preview
        self.folder = folder
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(http.server.SimpleHTTPRequestHandler):
    server: _Server

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=str(arguments[2].folder))

    def send_head(self) -> IO[bytes] | None:  # type: ignore[override]
        if not _HOST.fullmatch(self.headers.get("Host", "")):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this preview is for this machine")
            return None
        path = urlsplit(self.path).path
        if path == _VERSION_PATH:
            page = unquote(urlsplit(self.path).query)
            return self._answer(self.server.preview.version(page).encode(), "text/plain")
        if any(part.startswith(".") for part in unquote(path).split("/")):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        file = Path(self.translate_path(path))
        if file.is_dir() and path.endswith("/"):
            file /= "index.html"
        if file.suffix == ".html" and file.is_file():
            return self._answer(self._with_reload(file.read_bytes()), "text/html; charset=utf-8")
        return super().send_head()

    def list_directory(self, _path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of single requests."""

    def _with_reload(self, page: bytes) -> bytes:
        head, end, tail = page.rpartition(b"</body>")
        path = urlsplit(self.path).path  # as the browser wrote it: still encoded, so no quotes
        version = self.server.preview.version(unquote(path))
        script = (_RELOAD % (_VERSION_PATH, quote(unquote(path)), version)).encode()
        return head + script + end + tail

    def _answer(self, content: bytes, kind: str) -> IO[bytes]:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)


def _refs_state(repository: Repository) -> frozenset[tuple[str, int, int]]:
    """Return what changes when a branch, a dashboard or a report does: stamps of their files."""
    found = set()
    for path in (*_ref_files(repository.common_dir), *_arranged(repository.work_tree)):
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def _arranged(work_tree: Path | None) -> Iterator[Path]:
    if work_tree is not None:
        yield work_tree / SETTINGS
        yield from dashboard_files(work_tree)
        yield from report_files(work_tree)


def _ref_files(folder: Path) -> Iterator[Path]:
    yield folder / "packed-refs"
    yield folder / "reftable" / "tables.list"
    yield from (folder / "refs" / "heads" / "experiments").rglob("*")
    yield from (folder / "refs" / "remotes").glob("*/experiments/**/*")
