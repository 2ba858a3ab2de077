"""The comparison page: what it draws is read back and held to what was logged."""

import json
import re

import pytest
from packaging.version import Version

# Names and values of runs h00 and h02, see recordings.py.
SCRIPT = "<script>window.broken=1</script>"
IMAGE = "<img src=x onerror=window.broken=1>"
PAGE = "projects/versus/compare.html?runs=v0,v1,v2"
CURVES = "projects/curves/compare.html?runs="
READ = """
part => [...document.querySelectorAll(`tbody[data-part="${part}"] tr[data-key]`)].map(row => [
    row.dataset.key,
    ...[...row.querySelectorAll('td')].map(
        cell => (cell.querySelector('mark') ? '*' : '')
            + cell.innerText.replace(/\\s+/g, ' ').trim()
    ),
])
"""


@pytest.fixture
def compare(visit):
    def go(path=PAGE):
        page = visit.open(path, ready=".gt-versus__table")
        page.wait_for_function(
            "window.gitrack.comparison && gitrack.comparison.drawn.has('packages')"
        )
        page.wait_for_function(
            "!document.querySelector('.gt-versus').innerText.includes('loading')"
        )
        return page

    return go


def rows(page, part):
    return {key: cells for key, *cells in page.evaluate(READ, part)}


def heads(page):
    return page.eval_on_selector_all("th[data-run]", "all => all.map(e => e.dataset.run)")


def put_of(site, place):
    text = (site / place).read_text("ascii")
    return json.loads(text[len("gitrack.put(") : -len(");\n")])


def test_results_show_value_change_and_relative_change_with_more_than_colour(compare):
    page = compare()
    found = rows(page, "summary")
    assert found == {
        "val/acc": ["0.5300 –", "0.6300 ▲ +0.1000 better +19 %", "0.7300 ▲ +0.2000 better +38 %"],
        "val/loss": ["1.000 –", "0.500 ▼ −0.500 better −50 %", "0.333 ▼ −0.667 better −67 %"],
    }
    best = page.locator('tr[data-key="val/acc"] td .gt-best[role="img"]')
    assert best.count() == 1
    assert "0.73" in best.locator("xpath=ancestor::td").inner_text()


def test_another_baseline_turns_the_changes_round_and_stands_in_the_address(compare):
    page = compare()
    page.get_by_role("button", name="Make v2 <b> the baseline").click()
    assert heads(page) == ["v2", "v0", "v1"]
    found = rows(page, "summary")["val/acc"]
    assert found[1] == "0.5300 ▼ −0.2000 worse −27 %"
    page.wait_for_function("location.search.includes('base=v2')")
    again = compare(f"projects/versus/compare.html{page.evaluate('location.search')}")
    assert heads(again) == ["v2", "v0", "v1"]


def test_results_are_ordered_by_what_a_run_gained(compare):
    page = compare(f"{CURVES}c00,c01,c03")
    page.get_by_label("Order of the results").select_option("change:c01")
    shares = page.evaluate(
        """() => [...document.querySelectorAll('tbody[data-part="summary"] tr[data-key]')].map(
            row => row.querySelectorAll('td')[1].querySelector('.gt-good, .gt-bad')?.className)"""
    )
    order = [word for word in shares if word]
    assert order == sorted(order, reverse=True)  # gt-good before gt-bad
    page.get_by_label("Order of the results").select_option("name")
    names = list(rows(page, "summary"))
    assert names == sorted(names)


def test_settings_of_three_runs_say_who_changed_what(compare):
    page = compare()
    blocks = page.evaluate(
        """() => [...document.querySelectorAll('tbody[data-part="config"] tr')].slice(1).map(
            row => row.dataset.block || row.dataset.key)"""
    )
    assert blocks == [
        "conflict", "lr", "first", "model.units[1]", "both", "code", "model.act", "warm",
    ]  # fmt: skip
    found = rows(page, "config")
    assert found["lr"] == ["0.1", "*0.01", "*0.03"]
    assert found["model.units[1]"] == ["64", "*128", "64"]
    # A text that looks like a number is not that number.
    assert found["code"] == ["3", '*"3"', '*"3"']
    page.get_by_role("button", name="by key", exact=True).click()
    branch = page.locator(".gt-versus__branch button")
    assert branch.inner_text().split() == ["model", "2"]
    branch.click()
    assert "model.act" not in rows(page, "config")
    page.wait_for_function("location.search.includes('shut=')")


def test_equal_settings_stay_folded_until_somebody_asks(compare):
    page = compare()
    assert "seed" not in rows(page, "config")
    page.get_by_role("button", name="Differences only").click()
    assert rows(page, "config")["seed"] == ["1", "1", "1"]
    assert rows(page, "summary")["flat"][1].startswith("2")
    assert len(rows(page, "packages")) > 20


def test_packages_are_compared_as_python_orders_versions(compare):
    page = compare()
    assert rows(page, "packages") == {
        "gadget": ["1.9", "*▲ 1.10 newer", "*− removed"],
        "widget": ["–", "*+ 2.0rc1 added", "*+ 2.0 added"],
    }
    page = compare("projects/versus/compare.html?runs=v1,v2")
    assert rows(page, "packages")["widget"] == ["2.0rc1", "*▲ 2.0 newer"]
    page = compare("projects/versus/compare.html?runs=v2,v1")
    assert rows(page, "packages")["widget"] == ["2.0", "*▼ 2.0rc1 older"]


def test_versions_stand_in_the_order_of_pep_440(visit):
    page = visit.open(PAGE)
    texts = (
        "1.0 1.0.0 1.0.dev3 1.0a1 1.0a1.dev2 1.0b2 1.0rc1 1.0.post1 1.0.post1.dev2 1.1 1.10 1.9 "
        "2!0.1 1.0+local 1.0+local.2 1.0+local.10 1.0+7 v3 0.9.9 2024.1.15 1.0-1 1.0.c3"
    ).split()
    pairs = [(a, b) for a in texts for b in texts]
    found = page.evaluate("pairs => pairs.map(([a, b]) => gitrack.compareVersions(a, b))", pairs)
    for (a, b), order in zip(pairs, found, strict=True):
        x, y = Version(a), Version(b)
        assert order == (x > y) - (x < y), (a, b)
    assert page.evaluate("gitrack.compareVersions('1.0', 'git+https://x')") is None


def test_commits_the_files_between_them_and_the_patches_stand_side_by_side(compare, site):
    page = compare()
    part = page.locator("#code")
    part.scroll_into_view_if_needed()
    part.locator(".gt-code__pair").first.wait_for()
    details = put_of(site, put_of(site, "data/versus/index.js")["chunks"]["details"][0])["runs"]
    command = part.locator(".gt-reproduce code").inner_text()
    assert command == f"git diff {details[0]['snapshot']}..{details[1]['snapshot']}"
    listed = part.locator(".gt-code__files li").evaluate_all(
        "all => all.map(e => [e.dataset.kind, e.querySelector('.gt-mono').textContent])"
    )
    assert listed == [["changed", "model.py"], ["added", "only_1.py"]]
    own = part.locator('[data-path="model.py"] > div').evaluate_all(
        "sides => sides.map(side => [...side.querySelectorAll('.gt-diff__own .gt-diff__text')]"
        ".map(e => e.textContent.trim()))"
    )
    assert own == [["added WIDTH = 0"], ["added WIDTH = 8"]]
    part.get_by_label("The run beside the baseline").select_option("v2")
    page.wait_for_function(
        "document.querySelector('#code .gt-code__files').innerText.includes('only_2.py')"
    )
    assert page.locator("#code li").count() == 3


def test_one_slider_moves_the_media_of_all_runs(compare):
    page = compare()
    page.locator("#media").scroll_into_view_if_needed()
    captions = "[...document.querySelectorAll('#media figcaption')].map(e => e.innerText)"
    page.wait_for_function(f"{captions}.join() === 'v0 at 2,v1 at 2,v2 at 2'")
    assert page.locator("#media .gt-media__box").count() == 3
    page.locator("#media").get_by_role("button", name="cell").click()
    assert page.locator("#media .gt-media__box").count() == 0
    page.locator("#media").get_by_role("button", name="Earlier step").click()
    page.wait_for_function(f"{captions}.join() === 'v0 at 0,v1 at 0,v2 at 0'")
    page.wait_for_function("location.search.includes('step=0')")
    page.locator("#media").get_by_role("button", name="Difference").click()
    under = page.locator("#media .gt-media__under")
    assert under.count() == 2
    shown = page.locator("#media .gt-side__cell img").first.get_attribute("src")
    assert under.first.get_attribute("src") == shown
    assert page.locator("#media iframe").first.get_attribute("sandbox") == "allow-scripts"
    assert page.evaluate("window.broken") is None


def test_tables_are_joined_by_their_key_what_differs_marked(compare):
    page = compare()
    page.locator("#tables").scroll_into_view_if_needed()
    page.locator("#tables .gt-data__table td").first.wait_for()
    read = """() => {
        const { view } = gitrack.comparison.below[1].tables[0];
        const { columns } = view.data;
        const cell = row => c =>
            [c.name.replace(/ <b>$/, ''), c.values[row], Boolean(c.marks && c.marks[row])];
        return view.rows.map(row => columns.map(cell(row)));
    }"""
    found = {row[0][1]: {name: value for name, value, _ in row} for row in page.evaluate(read)}
    assert set(found) == {"a", "b", "only 0", "only 1", "only 2"}
    assert found["a"]["difference"] == "in 2 of 3"
    assert found["b"] == {
        "id": "b", "difference": "differs", "score · v0": 2, "score · v1": 3, "score · v2": 4,
        "class · v0": "dog", "class · v1": "dog", "class · v2": "dog",
    }  # fmt: skip
    assert found["only 1"]["class · v1"] == SCRIPT
    assert found["only 1"]["difference"] == "only in v1 <b>"
    marked = {(row[0][1], name) for row in page.evaluate(read) for name, _, mark in row if mark}
    assert marked == {("b", "score · v1"), ("b", "score · v2")}
    page.locator("#tables").get_by_role("button", name="Joined by id").click()
    page.get_by_role("dialog").get_by_role("button", name="Row by row").click()
    by_row = page.evaluate(read)
    assert len(by_row) == 3
    page.wait_for_function("location.search.includes('join=')")


def test_a_join_keeps_every_row_and_lets_equal_keys_meet_in_order(visit):
    page = visit.open(PAGE)
    joined = page.evaluate(
        """() => {
            const table = (ids, values) => new gitrack.DataRows([
                {name: 'id', kind: 'text', values: ids},
                {name: '__proto__', kind: 'number', values},
            ], ids.length);
            const found = gitrack.joinTables(
                [
                    table(['x', 'x', 'y'], [1, 2, NaN]), null,
                    table(['y', 'x', '__proto__'], [NaN, 1, 9]),
                ], ['a', 'b', 'c'], ['id']);
            return [found.shared, found.columns.map(c => [c.name, c.values.map(String)])];
        }"""
    )
    shared, columns = joined
    assert shared == 1
    columns = dict(columns)
    assert columns["id"] == ["x", "x", "y", "__proto__"]
    assert columns["__proto__ · a"] == ["1", "2", "NaN", "null"]
    assert columns["__proto__ · c"] == ["1", "null", "NaN", "9"]
    assert columns["difference"] == ["in 2 of 3", "only in a", "in 2 of 3", "only in c"]


def test_runs_are_found_added_moved_and_removed(compare):
    page = compare(f"{CURVES}c00,c01")
    box = page.get_by_role("combobox", name="Add a run")
    box.fill("seed>=10")
    assert page.get_by_role("option").count() >= 2
    box.press("ArrowDown")
    box.press("Enter")
    assert len(heads(page)) == 3
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    box.fill("c05")
    box.press("Enter")
    assert heads(page)[-1] == "c05"
    box.fill("nothing like it")
    assert "No other run" in page.locator(".gt-finder__found").inner_text()
    box.fill("lrr<1")
    assert "nearest" in page.locator(".gt-finder__found").inner_text()
    box.press("Escape")
    before = heads(page)
    page.locator('th[data-run="c05"] button').first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert heads(page) == [*before[:-2], before[-1], before[-2]]
    # The focus went with the column, so that the next press moves it on.
    page.keyboard.press("Shift+ArrowLeft")
    assert heads(page)[1] == "c05"
    page.keyboard.press("Shift+ArrowRight")
    page.locator('th[data-run="c01"]').drag_to(page.locator('th[data-run="c05"]'))
    assert heads(page) == ["c00", "c05", "c01", before[2]]
    page.get_by_role("button", name="Remove curve-05").click()
    assert heads(page) == ["c00", "c01", before[2]]
    page.wait_for_function(f"location.search.includes('runs=c00,c01,{before[2]}')")


def test_the_focus_stays_where_somebody_pressed(compare):
    page = compare()
    page.get_by_role("button", name="show the 1 equal").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "hide the equal ones"


def test_logged_charts_stand_side_by_side(compare):
    page = compare()
    page.locator("#plots").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('#plots .gt-plotcard').length === 3")
    assert page.locator("#plots .gt-side__cell .gt-plotcard").count() == 3


def test_a_dozen_runs_stay_usable(compare):
    page = compare(CURVES + ",".join(f"c{n:02}" for n in range(12)))
    assert len(heads(page)) == 12
    left = page.locator("tr[data-key=lr] th").bounding_box()["x"]
    page.locator(".gt-versus").evaluate("e => e.scrollBy(900, 0)")
    assert page.locator("tr[data-key=lr] th").bounding_box()["x"] == left
    assert rows(page, "config")["seed"] == ["0", *(f"*{n}" for n in range(1, 12))]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


@pytest.mark.parametrize(
    "visit", [{"has_touch": True, "is_mobile": True}], indirect=True, ids=["phone"]
)
def test_on_a_phone_the_keys_stay_and_the_columns_scroll(visit, compare):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = compare()
    page.locator(".gt-versus").evaluate("e => e.scrollBy(300, 0)")
    assert page.locator("tr[data-key=lr] th").bounding_box()["x"] < 30
    page.locator("#code").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_tables_are_copied_as_markdown_and_csv_that_do_no_harm(visit):
    page = visit.open(PAGE)
    head = ["", "a|b", "=cmd()"]
    row = {"key": "-x<b>", "texts": ["1|2", "*y*\n"], "values": [0.1, '=HYPERLINK("x")']}
    text = page.evaluate("([h, r]) => gitrack.compareText.markdown(h, [r])", [head, row])
    assert text.splitlines() == [
        "|  | a\\|b | =cmd() |",
        "| --- | --- | --- |",
        "| -x\\<b\\> | 1\\|2 | \\*y\\* |",
    ]
    text = page.evaluate("([h, r]) => gitrack.compareText.csv(h, [r])", [head, row])
    assert text == ',a|b,\'=cmd()\r\n\'-x<b>,0.1,"\'=HYPERLINK(""x"")"\r\n'


def test_what_is_shown_is_what_is_copied(compare):
    page = compare()
    page.evaluate("gitrack.copy = text => { window.copied = text; }")
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Config as CSV").click()
    lines = page.evaluate("copied").splitlines()
    assert lines[0] == "key,v0 <b>,v1 <b>,v2 <b>"
    assert "lr,0.1,0.01,0.03" in lines
    assert "model.units[1],64,128,64" in lines
    assert not [line for line in lines if line.startswith("seed")]


def test_hostile_keys_and_values_are_texts_in_every_part(compare):
    page = compare("projects/hostile/compare.html?runs=h00,h02,h13&metrics=1&equal=*&bykey=1")
    assert page.evaluate("window.broken") is None
    assert page.evaluate("({}).polluted") is None
    found = rows(page, "config")
    assert found[SCRIPT][0] == SCRIPT
    assert found["__proto__.polluted"] == ["1", "1", "1"]
    assert re.fullmatch(r"\*?–", found[IMAGE][0])


def test_a_single_run_has_nothing_to_be_compared_with_and_shows_all(compare):
    page = compare("projects/versus/compare.html?runs=v1")
    assert rows(page, "config")["seed"] == ["1"]
    assert page.locator(".gt-versus mark").count() == 0
