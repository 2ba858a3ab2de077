"""The run table: groups and their means, bands, orders, columns, sheets, links."""

import io
import json
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

import gitrack

from .test_workspace import DRAWN, listed, panel

WORKSPACE = "projects/curves/index.html"
GROUPS = """[...document.querySelectorAll('.gt-runs tbody .gt-group')].map(row => [
    row.group.label, row.querySelector('.gt-group__count').textContent,
    row.group.over(gitrack.workspace.list.columns.all.get('summary.val/accuracy'))])"""


@pytest.fixture
def runs(site: Path) -> pd.DataFrame:
    return gitrack.runs("project:curves", site.parent / "lab")


def open_at(visit, query: str, path: str = WORKSPACE) -> Page:
    return visit.open(f"{path}?{query}", ready=".gt-runs tbody tr:not(.gt-room)")


def test_a_group_tells_the_mean_and_deviation_that_pandas_finds(visit, runs):
    page = open_at(visit, "group=config.lr")
    counted = runs[~runs["state"].isin(["crashed", "failed"])]
    expected = counted.groupby("config.lr")["summary.val/accuracy"]
    found = page.evaluate(GROUPS)
    assert len(found) == 4
    for label, _, over in found:
        lr = float(label)
        if lr == 1.0:
            assert over["n"] == 0
            continue
        values = expected.get_group(lr)
        assert over["n"] == len(values)
        assert over["mean"] == pytest.approx(values.mean(), rel=1e-12)
        assert over["std"] == pytest.approx(values.std(), rel=1e-9)
        assert over["stderr"] == pytest.approx(values.sem(), rel=1e-9)
        assert (over["low"], over["high"]) == (values.min(), values.max())


def test_crashed_runs_are_left_out_and_said_so_unless_asked_for(visit):
    page = open_at(visit, "group=job_type")
    told = page.evaluate(GROUPS)
    assert any("1 crashed" in words for _, words, _ in told)
    page = open_at(visit, "group=job_type&lame=1")
    told = page.evaluate(GROUPS)
    assert not any("crashed" in words for _, words, _ in told)


def test_a_cell_shows_the_mean_with_its_deviation(visit, runs):
    page = open_at(visit, "group=config.lr&columns=summary.val/accuracy")
    values = runs[runs["config.lr"] == 0.03]["summary.val/accuracy"]
    row = page.locator(".gt-group", has_text="0.03")
    text = row.locator("td").last.text_content()
    decimals = len(text.split(" ")[0].split(".")[1])
    deviation = f"{values.std():.{decimals}f}".removeprefix("0")
    assert text == f"{values.mean():.{decimals}f} ±{deviation}"


def test_several_keys_nest_and_a_folded_group_hides_its_rows(visit):
    page = open_at(visit, "group=config.lr&group=tags")
    levels = page.evaluate(
        "[...document.querySelectorAll('.gt-group')].map(row => row.group.level)"
    )
    assert levels.count(0) == 4
    assert levels.count(1) > 4
    before = len(listed(page))
    page.locator(".gt-group .gt-fold").first.click()
    page.wait_for_function("location.href.includes('closed=')")
    assert len(listed(page)) < before
    page.reload()
    page.wait_for_selector(".gt-group")
    assert len(listed(page)) < before


def test_groups_stand_in_the_order_of_their_means(visit):
    for sort, down in (("summary.val/accuracy", False), ("-summary.val/accuracy", True)):
        page = open_at(visit, f"group=config.lr&sort={sort}")
        means = [over["mean"] for _, _, over in page.evaluate(GROUPS) if over["n"]]
        assert means == sorted(means, reverse=down)
        assert page.evaluate(GROUPS)[-1][2]["n"] == 0


def test_the_key_g_groups_and_chips_take_keys_away(visit):
    page = open_at(visit, "")
    page.keyboard.press("g")
    page.get_by_label("Find a key").fill("config.lr")
    page.locator(".gt-popover .gt-columns button").first.click()
    page.wait_for_selector(".gt-group")
    page.wait_for_function("location.href.includes('group=config.lr')")
    page.get_by_label("Do not group by config.lr").click()
    page.wait_for_function("!document.querySelector('.gt-group')")


def test_a_group_is_hidden_and_shown_whole(visit):
    page = open_at(visit, "group=config.lr&shown=*")
    button = page.get_by_label("Show the runs of 0.03", exact=True)
    button.click()
    row = page.locator(".gt-group", has=page.get_by_label("Show the runs of 0.03", exact=True))
    assert "hidden" in row.text_content()
    page.get_by_label("Show the runs of 0.03", exact=True).click()
    assert "hidden" not in row.text_content()


@pytest.mark.parametrize("spread", ["", "stderr", "minmax"])
def test_a_band_is_what_numpy_finds_over_all_runs_of_the_group(visit, site, runs, spread):
    # One run is shown; the others of its group count all the same.
    page = open_at(visit, f"group=config.lr&means=1&shown=c01,c02&spread={spread}")
    page.wait_for_selector(DRAWN)
    x, n, mean, low, high = panel(
        page,
        "train/loss",
        "(e => [e.xs, e.band.n, e.ys, e.band.low, e.band.high].map(a => Array.from(a)))"
        "(p.entries.find(e => e.run.name === '0.03'))",
    )
    ids = runs[runs["config.lr"] == 0.03]["id"]
    lab = site.parent / "lab"
    curves = np.array([gitrack.load(one, lab).history()["train/loss"] for one in ids])
    curves = curves.astype(np.float32).astype(float)
    count = np.isfinite(curves).sum(axis=0)
    deviation = np.nanstd(curves, axis=0, ddof=1)
    if spread == "stderr":
        deviation /= np.sqrt(count)
    center = np.nanmean(curves, axis=0)
    edges = (center - deviation, center + deviation)
    if spread == "minmax":
        edges = (np.nanmin(curves, axis=0), np.nanmax(curves, axis=0))
    assert x == list(range(40))
    assert n == count.tolist()
    assert min(n) < max(n)  # one run has a gap
    np.testing.assert_allclose(mean, center, rtol=1e-9)
    np.testing.assert_allclose(low, edges[0], rtol=1e-7)
    np.testing.assert_allclose(high, edges[1], rtol=1e-7)
    drawn = panel(page, "train/loss", "p.figure.sources.bands.data.ys.map(ys => Array.from(ys))")
    assert len(drawn) == 2
    assert any(np.allclose(ys, [*high, *low[::-1]]) for ys in drawn)


def test_curves_with_other_steps_are_interpolated_within_their_own_ends(visit):
    page = open_at(visit, "")
    found = page.evaluate("""async () => {
        const curve = (x, y) => ({x: Float64Array.from(x), y: Float64Array.from(y), rising: true});
        const moments = await gitrack.bands.momentsOf(
            [curve([0, 2, 4], [0, 2, 4]), curve([1, 3], [10, NaN]), curve([4, 6], [8, 0])]);
        const { x, n, mean } = moments.band('');
        return [x, n, mean].map(values => Array.from(values));
    }""")
    grid = [0, 1, 2, 3, 4, 6]
    assert found[0] == grid
    assert found[1] == [1, 2, 1, 1, 2, 1]
    assert found[2] == [0, 5.5, 2, 3, 6, 0]


def test_numbers_and_texts_are_ordered_and_what_is_missing_is_last(visit):
    page = open_at(visit, "")
    order = """([values, down]) => {
        const project = { size: values.length, columns: [], runs: {
            id: values.map(String), name: values.map(String), state: [] },
            differing: () => [], nameOf: String };
        const state = { sort: [(down ? '-' : '') + 'x'], columns: [], pins: [], watch() {} };
        const columns = new gitrack.Columns(project, state);
        columns.all.set('x', { key: 'x', values: values.map(v => v === 'nan' ? NaN : v) });
        return columns.sort(values.map((_, i) => i));
    }"""
    numbers = [3, None, -1, "nan", 20, 0]
    assert page.evaluate(order, [numbers, False]) == [2, 5, 0, 4, 3, 1]
    assert page.evaluate(order, [numbers, True]) == [4, 0, 5, 2, 3, 1]
    texts = ["run-10", "Run-9", None, "", "alpha"]
    assert page.evaluate(order, [texts, False]) == [4, 1, 0, 3, 2]
    assert page.evaluate(order, [texts, True]) == [0, 1, 4, 3, 2]


def test_a_second_key_sorts_with_shift(visit, runs):
    page = open_at(visit, "columns=config.lr&columns=config.seed")
    head = page.locator(".gt-runs thead")
    head.get_by_role("button", name="lr", exact=True).click()
    head.get_by_role("button", name="seed", exact=True).click(modifiers=["Shift"])
    head.get_by_role("button", name="seed ↑2").click(modifiers=["Shift"])
    ordered = runs.sort_values(["config.lr", "config.seed"], ascending=[True, False])
    assert listed(page) == ordered["name"].tolist()


def test_the_listed_runs_make_a_sheet_that_pandas_reads(visit, runs):
    keys = ["config.lr", "config.seed", "summary.val/accuracy", "summary.extra", "tags"]
    page = open_at(visit, "&".join(f"columns={key}" for key in keys))
    page.get_by_label("More about the runs").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the 13 listed as CSV").click()
    found = pd.read_csv(waiting.value.path()).set_index("id")
    logged = runs.set_index("id").loc[found.index]
    assert waiting.value.suggested_filename == "curves.csv"
    for key in keys[:-1]:
        np.testing.assert_array_equal(found[key].to_numpy(float), logged[key].to_numpy(float))
    assert found["name"].tolist() == logged["name"].tolist()


def test_hostile_names_come_through_a_sheet_unharmed(visit, site):
    page = open_at(visit, "columns=notes", "projects/hostile/index.html")
    text = page.evaluate(
        "(w => gitrack.sheet.text(w.list.rows, w.list.columns, ','))(gitrack.workspace)"
    )
    found = pd.read_csv(io.StringIO(text, newline=""), keep_default_na=False).set_index("id")
    index = gitrack.runs("project:hostile", site.parent / "lab").set_index("id")
    for name, logged in index.loc[found.index]["notes"].items():
        assert found.loc[name, "notes"].replace("\r\n", "\n") == logged


@pytest.mark.parametrize("key", ["name", "group", "tags", "notes"])
def test_hostile_groups_are_texts(visit, key):
    page = open_at(visit, f"group={key}&means=1", "projects/hostile/index.html")
    page.wait_for_selector(DRAWN)
    assert page.evaluate("window.broken") is None
    groups = page.evaluate("gitrack.workspace.list.groups.map(g => g.label)")
    assert len(groups) == len(set(groups)) > 10
    assert page.locator(".gt-runs :is(script, img, svg[onload])").count() == 0
    page.locator(".gt-group .gt-fold").first.click()
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector(".gt-group")
    assert page.evaluate("gitrack.workspace.state.closed.size") == 1


def test_a_cell_writes_the_search_line(visit, runs):
    page = open_at(visit, "columns=config.lr")
    cell = page.locator(".gt-runs tbody td.gt-num", has_text="0.03").first
    cell.click(button="right")
    page.get_by_role("button", name="Only these").click()
    assert page.evaluate("gitrack.workspace.state.q") == "lr:0.03"
    assert len(listed(page)) == (runs["config.lr"] == 0.03).sum()
    page.locator(".gt-runs tbody td.gt-num", has_text="0.03").first.click(button="right")
    page.get_by_role("button", name="Not these").click()
    page.wait_for_timeout(100)
    assert page.evaluate("gitrack.workspace.state.q").endswith("-lr:0.03")


def test_every_hostile_value_can_be_asked_for(visit):
    page = open_at(visit, "columns=group&columns=tags", "projects/hostile/index.html")
    for number in range(page.evaluate("gitrack.workspace.list.project.size")):
        kept = page.evaluate(
            """run => {
                const { list, table, state } = gitrack.workspace;
                state.set({ q: '' });
                const row = table.rowOf(run, list.lines.indexOf(run));
                gitrack.cellMenu(table, row.children[3], run);
                const only = [...document.querySelectorAll('.gt-popover button')]
                    .find(b => b.textContent === 'Only these');
                only.click();
                return [list.rows.includes(run), list.errors.length];
            }""",
            number,
        )
        assert kept == [True, 0], number


def test_columns_move_pin_and_hide_by_keyboard_and_menu(visit):
    page = open_at(visit, "columns=config.lr&columns=config.seed&columns=tags")
    keys = "gitrack.workspace.list.columns.keys"
    head = page.locator(".gt-runs thead")
    head.get_by_role("button", name="seed").focus()
    page.keyboard.press("Alt+ArrowLeft")
    assert page.evaluate(keys) == ["config.seed", "config.lr", "tags"]
    head.get_by_role("button", name="Tags").click(button="right")
    page.get_by_role("button", name="Pin").click()
    assert page.evaluate(keys) == ["tags", "config.seed", "config.lr"]
    assert page.locator("thead .gt-pinned").text_content() == "Tags"
    head.get_by_role("button", name="lr", exact=True).click(button="right")
    page.get_by_role("button", name="Hide", exact=True).click()
    assert page.evaluate(keys) == ["tags", "config.seed"]


def test_an_edge_is_dragged_and_the_width_stays(visit):
    page = open_at(visit, "columns=config.lr&columns=config.seed")
    width = "document.querySelectorAll('.gt-runs col')[3].style.width"
    before = float(page.evaluate(width).removesuffix("px"))
    box = page.locator("thead .gt-edge").nth(1).bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 54, box["y"] + 8, steps=3)
    page.mouse.up()
    after = float(page.evaluate(width).removesuffix("px"))
    assert after == pytest.approx(before + 50, abs=2)
    page.reload()
    page.wait_for_selector(".gt-runs tbody th a")
    assert float(page.evaluate(width).removesuffix("px")) == after


def test_a_copied_link_shows_the_same_page(visit):
    query = (
        "q=seed%3C9&sort=-config.lr&sort=config.seed&columns=config.lr&columns=summary.val/accuracy"
        "&pins=summary.val/accuracy&group=config.lr&closed=0.1&means=1&spread=stderr"
        "&shown=c01,c02,c04"
    )
    page = open_at(visit, query)
    look = """JSON.stringify([
        gitrack.workspace.list.lines.map(line => typeof line === 'number' ? line : line.path),
        gitrack.workspace.list.drawn().map(one => [one.name, one.colour, one.members]),
        document.querySelector('.gt-runs').innerText, location.search])"""
    page.evaluate("gitrack.workspace.state.link()")
    before = page.evaluate(look)
    page.goto(page.evaluate("gitrack.workspace.state.link()"))
    page.wait_for_selector(".gt-group")
    assert page.evaluate(look) == before
    lines, drawn, _, address = json.loads(before)
    assert "0.1" in lines
    assert [name for name, _, _ in drawn] == ["0.03", "0.01"] or len(drawn) == 2
    assert quote("config.lr") in address


@pytest.mark.parametrize("visit", [{"viewport": {"width": 900, "height": 800}}], indirect=True)
def test_a_narrow_window_has_the_table_in_a_drawer(visit):
    page = visit.open(WORKSPACE, ready=".gt-panel")
    table = page.locator(".gt-runs__scroll")
    assert not table.is_visible()
    page.locator(".gt-drawer").click()
    assert table.is_visible()
    page.keyboard.press("Escape")
    assert not table.is_visible()
