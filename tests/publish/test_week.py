import re

import pytest

from gitrack.model.run import State

DAY = 86_400.0
END = 1_795_000_000.0
EVIL = '<img src=x onerror="alert(1)">'


@pytest.fixture
def home(lab, monkeypatch):
    """Record runs of a project, each days before the newest commit, and return the home page."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(END)))

    def build(*runs, project="digits"):
        for days, fields in runs:
            result = fields.pop("result", None)
            metrics = None if result is None else {"val/acc": [0.1, result]}
            lab.add(created=END - days * DAY, project=project, metrics=metrics, **fields)
        lab.build()
        return lab.page("index.html")

    return build


def week_of(page):
    """Return the lines of the week's list as plain text."""
    found = re.search(r'<aside class="gt-week".*?</aside>', page, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", found[0], re.DOTALL) if found else []
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


def test_a_new_best_is_told_with_the_older_one_and_its_run(home):
    page = home((20, {"result": 0.7}), (3, {"result": 0.75, "name": "calm"}), (1, {"result": 0.72}))
    assert week_of(page) == ["digits has a new best: val/acc 0.7 → 0.75 calm · +0.05"]
    assert re.search(r"gt-card__gained gt-good[^>]*>\+0.05<", page)
    assert "3 runs · 2 new" in page


def test_a_best_that_stands_since_long_is_no_news(home):
    page = home((20, {"result": 0.9}), (1, {"result": 0.72}))
    assert week_of(page) == []
    assert re.search(r"gt-card__gained[^>]*>±0<", page)


def test_runs_that_crashed_or_failed_are_named(home):
    runs = [(n / 10, {"state": State.CRASHED, "name": f"fall {n}"}) for n in range(5, 0, -1)]
    page = home((30, {"state": State.CRASHED, "name": "old"}), *runs)
    assert week_of(page) == [
        "digits had 5 runs that crashed or failed fall 3, fall 2, fall 1 and 2 more"
    ]


def test_a_week_ends_with_the_newest_commit_not_with_the_clock(home, lab):
    page = home((1, {"result": 0.5}))
    assert "11 Nov \N{EN DASH} 18 Nov" in page
    lab.build(lab.out.with_name("again"))
    assert (lab.out.with_name("again") / "index.html").read_text() == page


def test_the_runs_a_day_are_drawn_and_the_last_week_apart(home):
    page = home((60, {}), (10, {}), (10, {}), (0.5, {}))
    before, week = re.findall(r"<path[^>]* d=\"([^\"]*)\"/>", page[page.index("gt-days") :])[:2]
    assert before == "M227 24v-24.0"
    assert week == "M277 24v-13.0"


def test_names_stay_text_in_what_changed(home):
    page = home((3, {"result": 0.75, "name": EVIL}), (1, {"state": State.FAILED, "name": EVIL}))
    assert "<img src=x" not in page
    assert len(week_of(page)) == 2


def test_a_site_without_runs_has_no_week(lab):
    lab.build()
    assert week_of(lab.page("index.html")) == []


@pytest.mark.parametrize(
    "path",
    ["index.html", "projects/digits/index.html", "projects/digits/runs/run-000.html"],
)
def test_every_page_says_what_it_is_to_those_who_link_to_it(home, lab, path):
    home((3, {"result": 0.75, "name": '"><script>alert(1)</script>'}))
    page = lab.page(path)
    told = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"', page))
    assert told["title"]
    assert told["description"]
    assert "<script>alert" not in page
    if "run-000" in path:
        assert told["description"] == "Finished run run-000 of digits: val/acc 0.75, 5.5 s"
