"""A site of real recordings, and a real browser that tattles on everything it is asked to load."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, Request, sync_playwright

from gitrack.publish.build import build
from gitrack.store.repository import Repository

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCRIPT = Path(__file__).with_name("recordings.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of what ``recordings.py`` logs; its repository is ``../lab``."""
    # Processes that share the tests share the site: whoever comes first makes it.
    inside = "PYTEST_XDIST_WORKER" in os.environ
    top = tmp_path_factory.getbasetemp()
    top = (top.parent if inside else top) / "recordings"
    with FileLock(f"{top}.lock"):
        if not (top / "site" / "index.html").exists():
            _make_site(top)
    return top / "site"


def _make_site(top: Path) -> None:
    lab, home = top / "lab", top / "home"
    lab.mkdir(parents=True)
    home.mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "XDG"))}
    clean |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "-b", "main", lab], env=clean, check=True)
    shutil.copy(SCRIPT, lab / "recordings.py")
    subprocess.run([sys.executable, "recordings.py"], cwd=lab, env=clean, check=True)
    # One run dies without a word.
    subprocess.run([sys.executable, "recordings.py", "crash"], cwd=lab, env=clean, check=False)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], cwd=lab, env=clean, check=True)
    build(Repository.find(lab), top / "site")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system's; the one without windows is the quickest."""
    names = "chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable"
    binary = next(filter(None, map(shutil.which, names.split())), None)
    if binary is None:
        message = "no Chromium here: the browser tests need one (apt-get install chromium)"
        if "browser" in os.environ.get("GITRACK_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that is open, with all that went wrong on it."""

    page: Page
    root: str
    allowed: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str, *, ready: str = "body") -> Page:
        """Go to a page of the site and wait until `ready` is there."""
        self.page.goto(f"{self.root}/{path}")
        self.page.wait_for_selector(ready, state="attached")
        return self.page

    def watch(self) -> None:
        page, tell = self.page, self.troubles.append
        page.on("console", lambda m: tell(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: tell(f"error: {error}"))
        page.on("dialog", lambda dialog: (tell(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", self._tell_failure)
        page.on("request", lambda request: self._check(request.url))

    def _tell_failure(self, request: Request) -> None:
        # Leaving a page aborts what it was still loading; a file that is missing says so otherwise.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url} ({request.failure})")

    def _check(self, url: str) -> None:
        if not url.startswith((self.allowed, "data:", "blob:")):
            self.troubles.append(f"request to {url}")


@pytest.fixture
def visit(chromium: Browser, site: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh page on the site from the disk; its troubles are the test's."""
    options = getattr(request, "param", {})
    context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
    context.set_default_timeout(15_000)
    one = Visit(context.new_page(), site.as_uri(), "file://")
    one.watch()
    yield one
    context.close()
    assert one.troubles == []


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The site behind a web server, two folders below its root."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix("/lab/experiments"))

        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/lab/experiments"
    server.shutdown()
    server.server_close()
