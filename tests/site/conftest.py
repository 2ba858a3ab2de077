"""Chromium, to run the site's scripts in what they are written for."""

import shutil
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "site" / "docs" / "assets" / "gitrack"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    with api.sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), None)
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("needs Chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def scripts(chromium):
    """A blank page with those of the site's scripts that need no page."""
    page = chromium.new_page()
    for name in ("format", "nearest", "query", "series", "scale"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    yield page
    page.close()
