"""A preview on this machine that is built again when a run lands."""

import http.server
import io
import re
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import unquote, urlsplit

from gitrack.errors import GitrackError, UsageError
from gitrack.publish.build import build
from gitrack.record.notice import tell
from gitrack.store.repository import Repository

_VERSION_PATH = "/__gitrack__/version"
#: Only names of this machine: another site whose name is led to 127.0.0.1 gets no answer.
_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_SECONDS_BETWEEN_LOOKS = 1.0
_RELOAD = """<script>
setInterval(async () => {
  const answer = await fetch("%s", {cache: "no-store"}).catch(() => null);
  if (answer && answer.ok && (await answer.text()) !== "%d") location.reload();
}, 1000);
</script>
"""


def serve(repository: Repository, out: Path, *, port: int = 8000) -> None:
    """
    Build a site, serve it to this machine alone, and build again when a run lands.

    Returns when it is interrupted from the keyboard.

    Parameters
    ----------
    repository : Repository
        Where the experiments are recorded.
    out : pathlib.Path
        Where the site is built.
    port : int
        0 takes any free one.

    Raises
    ------
    BuildError
        If the first build fails; a later failure is told and leaves the older site.
    UsageError
        If the port is taken.
    """
    with Preview(repository, out, port=port) as preview:
        tell(f"serving {preview.url} (Ctrl-C ends it)")
        try:
            preview.wait()
        except KeyboardInterrupt:
            tell("stopped")


class Preview:
    """
    A built site behind a local web server, watched.

    Parameters
    ----------
    repository, out, port
        As in `serve`.

    Attributes
    ----------
    version : int
        Counts builds; open pages load themselves again when it changes.
    """

    def __init__(self, repository: Repository, out: Path, *, port: int = 0) -> None:
        self.version = 1
        self._repository = repository
        self._out = out
        self._seen = _refs_state(repository)
        build(repository, out)
        try:
            self._server = _Server(self, out, port)
        except (OSError, OverflowError) as error:
            raise UsageError(f"port {port} cannot be used ({error}): name another") from error
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def wait(self) -> None:
        """Wait until the server ends."""
        self._ended.wait()

    def look(self) -> bool:
        """Build again if a run has landed since the last look, and tell whether it did."""
        state = _refs_state(self._repository)
        if state == self._seen:
            return False
        self._seen = state
        try:
            report = build(self._repository, self._out)
        except GitrackError as error:
            tell(f"the site stays as it was: {error}")
            return False
        self.version += 1
        tell(f"built again: {report.runs} runs in {report.seconds:.1f} s")
        return True

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
            return self._answer(str(self.server.preview.version).encode(), "text/plain")
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
        script = (_RELOAD % (_VERSION_PATH, self.server.preview.version)).encode()
        return head + script + end + tail

    def _answer(self, content: bytes, kind: str) -> IO[bytes]:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)


def _refs_state(repository: Repository) -> frozenset[tuple[str, int, int]]:
    """Return what changes when a branch moves: stamps of the files that hold the branches."""
    found = set()
    for path in _ref_files(repository.common_dir):
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def _ref_files(folder: Path) -> Iterator[Path]:
    yield folder / "packed-refs"
    yield folder / "reftable" / "tables.list"
    yield from (folder / "refs" / "heads" / "experiments").rglob("*")
    yield from (folder / "refs" / "remotes").glob("*/experiments/**/*")
