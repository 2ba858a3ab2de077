import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "recordings", Path(__file__).with_name("recordings.py")
)
_RECORDINGS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_RECORDINGS)
VECTORS = _RECORDINGS.VECTORS

PAGES = [
    "index.html",
    "projects/curves/index.html",
    "projects/curves/compare.html?runs=c00,c01,c05",
    "projects/curves/runs/c04.html",
    "projects/curves/runs/dead.html",
    "guide/index.html",
]
HOSTILE = [
    "index.html",
    "projects/hostile/index.html",
    "projects/hostile/compare.html?runs=h00,h01,h02,h13",
    # Each of them in every place is test_hostile.py's; here a few on every kind of page.
    *(f"projects/hostile/runs/h{number:02}.html" for number in range(0, len(VECTORS), 4)),
]
SETTLED = 700  # ms


@pytest.mark.parametrize("path", PAGES)
def test_a_page_from_the_disk_asks_nobody_and_complains_of_nothing(visit, path):
    page = visit.open(path)
    page.wait_for_timeout(SETTLED)
    assert page.title()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_below_a_sub_path_works_the_same(visit, served, path):
    visit.root, visit.allowed = served, served
    page = visit.open(path)
    page.wait_for_timeout(SETTLED)
    for link in page.eval_on_selector_all(
        "a[href]", "all => all.map(a => a.href).filter(h => h.startsWith('http'))"
    ):
        assert link.startswith(served), link


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "visit", [{"has_touch": True, "is_mobile": True}], indirect=True, ids=["phone"]
)
def test_a_page_is_no_wider_than_a_phone(visit, path):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = visit.open(path)
    page.wait_for_timeout(SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("scheme", "canvas"), [("light", "rgb(246, 247, 248)"), ("dark", "rgb(16, 18, 22)")]
)
def test_the_scheme_follows_the_system(chromium, site, scheme, canvas):
    page = chromium.new_page(color_scheme=scheme)
    page.goto(f"{site.as_uri()}/index.html")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == canvas
    page.close()


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}], indirect=True, ids=["light"])
def test_the_scheme_follows_the_systems_changes_until_one_is_chosen(visit):
    page = visit.open("index.html")
    scheme = "document.body.dataset.mdColorScheme"
    follows = "Boolean(window.gitrack && gitrack.switchScheme)"
    page.wait_for_function(follows)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{scheme} === 'slate'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{scheme} === 'default'")
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_function(f"{scheme} === 'slate' && {follows}")
    page.get_by_role("button", name="Switch to light").click()
    page.wait_for_function(f"{scheme} === 'default'")
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_function(follows)
    page.wait_for_timeout(SETTLED)
    assert page.evaluate(scheme) == "default"


@pytest.mark.parametrize("path", HOSTILE)
def test_nothing_that_was_logged_is_executed(visit, path):
    page = visit.open(path)
    page.wait_for_timeout(SETTLED)
    assert page.evaluate("window.broken") is None
    assert page.evaluate("({}).polluted") is None
    assert page.evaluate(
        "[...document.querySelectorAll('a[href]')].every(a => !/^javascript:/i.test(a.href))"
    )
    for vector in page.query_selector_all("img[src=x], svg[onload]"):
        pytest.fail(vector.evaluate("e => e.outerHTML"))


def test_hostile_names_are_shown_as_they_are(visit):
    page = visit.open("projects/hostile/index.html", ready=".gt-runs tbody th a")
    names = page.evaluate(
        "[...document.querySelectorAll('.gt-runs tbody th a')].map(a => a.textContent)"
    )
    for plain in (VECTORS[0], VECTORS[2], VECTORS[8], "__proto__", "constructor"):
        assert plain in names


def test_a_comparison_shows_what_differs_and_marks_the_best(visit):
    page = visit.open("projects/curves/compare.html?runs=c00,c01,c02", ready="table")
    page.get_by_text("curve-02").first.wait_for()
    text = page.locator("main").inner_text()
    assert "lr" in text
    assert "seed" in text
    assert "same" not in text.split()
    assert page.locator(".gt-best").count() >= 1
    page.get_by_role("button", name="show the 2 equal").or_(
        page.get_by_role("link", name="show the 2 equal")
    ).first.click()
    assert "same" in page.locator("main").inner_text().split()
    page.wait_for_function(
        "[...document.querySelectorAll('.gt-panel')]"
        ".some(e => e.panel.figure && e.panel.entries.length === 3)"
    )


def test_a_comparison_without_runs_says_what_to_do(visit):
    page = visit.open("projects/curves/compare.html")
    page.wait_for_timeout(SETTLED)
    assert "workspace" in page.locator("main").inner_text().lower()


def test_a_comparison_names_the_runs_that_are_not_there(visit):
    page = visit.open("projects/curves/compare.html?runs=c00,gone")
    page.wait_for_timeout(SETTLED)
    assert "gone" in page.locator("main").inner_text()


def test_a_crashed_run_says_so_on_its_page(visit):
    page = visit.open("projects/curves/runs/dead.html")
    text = page.locator("main").inner_text()
    assert "Crashed" in text


def test_a_run_page_draws_its_own_charts(visit):
    page = visit.open("projects/curves/runs/c05.html", ready=".gt-panel")
    page.wait_for_function(
        "[...document.querySelectorAll('.gt-panel')]"
        ".some(e => e.panel.figure && e.panel.entries[0].curve.x.length === 40)"
    )


def test_a_run_page_reads_without_scripts(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/projects/curves/runs/c03.html")
    text = page.inner_text("body")
    for expected in ("curve-03", "lr", "0.1", "train/loss", "a note about step size"):
        assert expected in text
    context.close()


def test_the_search_in_the_header_finds_a_run(visit):
    page = visit.open("index.html")
    page.keyboard.press("/")
    page.keyboard.type("curve-07")
    hit = page.get_by_role("option", name="curve-07").or_(page.get_by_role("link", name="curve-07"))
    hit.first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/c07.html")
