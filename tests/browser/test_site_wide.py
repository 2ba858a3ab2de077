"""What all pages have in common: search over everything, crumbs, links to sections, paper."""

import pytest

OPTIONS = """() => [...document.querySelectorAll('.gt-search__found a')].map(a =>
  [a.querySelector(':scope > span:not(.gt-state)').textContent,
   a.querySelector('.gt-search__why')?.textContent ?? ''])"""


def search(page, words):
    page.keyboard.press("Control+k")
    page.get_by_label("Find a run or page").fill(words)
    page.wait_for_function("document.querySelector('.gt-search__found a')")
    return page


def found(page):
    page.wait_for_timeout(600)
    return page.evaluate(OPTIONS)


def test_the_search_finds_a_note_and_says_where(visit):
    page = search(visit.open("index.html"), "step size")
    page.wait_for_function("document.querySelector('.gt-search__why')")
    why = dict(found(page)).get("curve-03", "")
    assert why.startswith("note …") or why == "note a note about step size"
    assert "step size" in why


def test_the_search_finds_a_setting_in_every_project(visit):
    page = search(visit.open("index.html"), "n=5000")
    page.wait_for_function("document.querySelector('.gt-search__why')")
    assert found(page) == [["long", "config n=5000"]]
    page.get_by_label("Find a run or page").fill("lr=0.03")
    names = {name for name, _ in found(page)}
    assert names >= {"curve-01", "curve-04", "curve-07", "curve-10"}
    assert not names & {"curve-00", "curve-02", "curve-03"}


def test_the_search_on_a_projects_page_finds_the_runs_of_others_too(visit):
    page = search(visit.open("projects/long/index.html"), "curve-07")
    page.wait_for_function(
        "[...document.querySelectorAll('.gt-search__found a')].some(a => /c07/.test(a.href))"
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/curves/runs/c07.html")


def test_a_search_needs_all_words_and_says_when_nothing_has_them(visit):
    page = visit.open("index.html")
    search(page, "curve-07 lr=0.03")
    assert [name for name, _ in found(page)] == ["curve-07"]
    page.get_by_label("Find a run or page").fill("curve-07 lr=0.1")
    page.wait_for_function("/Nothing has/.test(document.getElementById('gt-found').textContent)")


@pytest.mark.parametrize(
    ("path", "crumbs"),
    [
        ("projects/curves/runs/c03.html", ["lab", "curves", "curve-03"]),
        ("projects/curves/compare.html", ["lab", "curves", "Compare runs of curves"]),
        ("about.html", ["lab", "About lab"]),
    ],
)
def test_crumbs_lead_back(visit, path, crumbs):
    page = visit.open(path)
    assert page.locator(".gt-crumbs li").all_inner_texts() == crumbs
    page.locator(".gt-crumbs a").last.click()
    page.wait_for_url("**/index.html")


def test_a_link_to_a_section_shows_it_though_those_above_are_drawn_later(visit):
    page = visit.open("projects/curves/runs/c03.html#packages", ready=".gt-packages li")
    page.wait_for_timeout(1500)
    box = page.locator("#packages").bounding_box()
    bottom = page.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY")
    assert box["y"] < 120 or bottom < 2


def test_a_reader_who_scrolls_is_not_held(visit):
    page = visit.open("projects/curves/runs/c03.html#packages", ready=".gt-packages li")
    page.mouse.move(700, 500)
    page.mouse.wheel(0, -4000)
    page.wait_for_timeout(1500)
    assert page.locator("#packages").bounding_box()["y"] > 300


def test_a_heading_gives_a_link_to_its_section(visit):
    page = visit.open("projects/curves/runs/c03.html?smooth=0.5", ready="#config .gt-anchor")
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.locator("#config h2").hover()
    page.get_by_role("button", name="Copy a link to Config").click()
    assert page.evaluate("window.copied").endswith("/projects/curves/runs/c03.html#config")


@pytest.mark.parametrize("visit", [{"color_scheme": "dark"}], indirect=True, ids=["dark"])
@pytest.mark.parametrize(
    ("path", "ready"),
    [
        ("index.html", ".gt-card"),
        ("projects/curves/index.html", ".gt-runs tbody th"),
        ("projects/curves/compare.html?runs=c00,c01", ".gt-versus__table"),
        ("projects/curves/runs/c03.html", ".gt-panel"),
    ],
)
def test_paper_is_white_and_has_no_navigation(visit, path, ready):
    page = visit.open(path, ready=ready)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    assert (
        page.evaluate(
            "[document.body, document.querySelector('.gt-page')].map(e => getComputedStyle(e))"
            ".map(css => [css.backgroundColor, css.color])"
        )
        == [["rgb(255, 255, 255)", "rgb(23, 26, 31)"]] * 2
    )
    for hidden in (".gt-shell", ".gt-toolbar", ".gt-sections", ".gt-page .gt-button"):
        assert page.locator(f"{hidden}:visible").count() == 0, hidden
    assert page.locator(ready).first.is_visible()
