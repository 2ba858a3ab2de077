"""Every kind of page, held by axe-core to WCAG 2.2 AA."""

from importlib.resources import files

import pytest

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
PAGES = {
    "home": "index.html",
    "about": "about.html",
    "guide": "guide/index.html",
    "workspace": "projects/curves/index.html",
    "groups": "projects/curves/index.html?group=group&means=1",
    "run": "projects/curves/runs/c03.html",
    "crashed": "projects/curves/runs/dead.html",
    "compare": "projects/curves/compare.html?runs=c00,c01,c05",
    "hostile": "projects/hostile/index.html",
    "shapes": "projects/shapes/runs/shapes.html",
    "board": "projects/panels/index.html?board=All+kinds",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (rules) => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 500) {
    scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 60));
  }
  scrollTo(0, 0);
  const found = await axe.run(document, { runOnly: rules, preload: false });
  return found.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} (${node.failureSummary})`));
}"""
PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_serious(visit, path):
    look(visit, path)


@pytest.mark.parametrize("kind", ["about", "guide", "workspace", "run", "compare"])
@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
def test_axe_finds_nothing_serious_on_a_phone(visit, kind):
    look(visit, PAGES[kind])


def look(visit, path):
    """Look at a page in the light, and, as it stands, in the dark."""
    page = visit.open(path)
    page.wait_for_timeout(500)
    page.evaluate(AXE)
    for scheme in ("default", "slate"):
        # What the switch in the header does.
        page.evaluate("name => document.body.setAttribute('data-md-color-scheme', name)", scheme)
        page.wait_for_timeout(200)
        assert page.evaluate(LOOK, RULES) == []
