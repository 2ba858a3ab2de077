import math
import re

import pytest
from playwright.sync_api import Page

import gitrack
from gitrack.cli.main import main

WORKSPACE = "projects/curves/index.html"
DRAWN = ".gt-panel canvas, .gt-panel .bk-Canvas"


def panel(page: Page, metric: str, expression: str) -> object:
    """Evaluate `expression` with `p`, the panel of a metric that is drawn."""
    page.wait_for_function(
        "m => [...document.querySelectorAll('.gt-panel')]"
        ".some(e => e.panel.metric === m && e.panel.figure && e.panel.entries.length)",
        arg=metric,
    )
    found = (
        "[...document.querySelectorAll('.gt-panel')].map(e => e.panel).find(p => p.metric === m)"
    )
    return page.evaluate(f"m => {{ const p = {found}; return ({expression}); }}", metric)


def shown(page: Page) -> list[str]:
    return page.evaluate(
        "[...document.querySelectorAll('.gt-runs tbody tr:not(.gt-room):not(.gt-off) th a')]"
        ".map(a => a.textContent)"
    )


def listed(page: Page) -> list[str]:
    return page.evaluate(
        "[...document.querySelectorAll('.gt-runs tbody tr:not(.gt-room) th a')]"
        ".map(a => a.textContent)"
    )


def test_ten_runs_are_drawn_in_one_chart_a_metric(visit):
    page = visit.open(WORKSPACE, ready=".gt-panel")
    assert len(shown(page)) == 10
    assert len(listed(page)) == 13
    assert panel(page, "train/loss", "p.figure.sources.lines.data.xs.length") == 10
    names = page.evaluate("[...document.querySelectorAll('.gt-panel')].map(e => e.panel.metric)")
    assert {"train/loss", "val/accuracy", "tokens"} <= set(names)
    assert len(names) == len(set(names))


def test_what_is_drawn_is_what_was_logged(visit, site):
    page = visit.open(f"{WORKSPACE}?shown=c04,c05,dead", ready=".gt-panel")
    drawn = panel(
        page,
        "train/loss",
        "p.entries.map(e => [e.run.name, Array.from(e.curve.x), Array.from(e.curve.raw)])",
    )
    assert len(drawn) == 3
    for name, steps, values in drawn:
        history = gitrack.load(name, site.parent / "lab").history()
        assert steps == history["_step"].tolist()
        for found, logged in zip(values, history["train/loss"], strict=True):
            if math.isnan(logged):
                assert found is None or math.isnan(found)
            else:
                assert found == pytest.approx(logged, rel=1e-6)
    lines = panel(page, "train/loss", "p.figure.sources.lines.data.ys.map(ys => ys.length)")
    assert sorted(lines) == [7, 40, 40]


def test_a_thinned_curve_keeps_its_extremes(visit):
    page = visit.open("projects/long/index.html", ready=".gt-panel")
    entry = panel(page, "loss", "(e => [e.curve.y.length, Math.max(...e.curve.y)])(p.entries[0])")
    assert entry[0] <= 1000
    assert entry[1] == pytest.approx(50, abs=1)


def test_smoothing_is_a_debiased_moving_average(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05&smooth=0.6", ready=".gt-panel")
    raw, smooth = panel(
        page, "train/loss", "[Array.from(p.entries[0].curve.y), Array.from(p.entries[0].smooth)]"
    )
    assert len(raw) == len(smooth) == 40
    last = weight = 0.0
    for value, found in zip(raw, smooth, strict=True):
        last, weight = last * 0.6 + value, weight * 0.6 + 1
        assert found == pytest.approx(last / weight, rel=1e-6)


def test_the_slider_smooths_and_stands_in_the_address(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    panel(page, "train/loss", "1")
    page.get_by_label("Smoothing").fill("0.9")
    page.wait_for_function("location.href.includes('smooth=0.9')")
    raw, smooth = panel(page, "train/loss", "[p.entries[0].curve.y[0], p.entries[0].smooth[39]]")
    assert raw != smooth
    assert panel(page, "train/loss", "p.figure.sources.raw.data.xs.length") == 1


@pytest.mark.parametrize(
    "query",
    [
        "lr<0.05",
        "tag:baseline",
        "-tag:baseline state:finished",
        "state:crashed",
        "group:lr-0.1 seed>=3",
        "name:curve-0*",
        "val/accuracy>=0.9",
        "extra<1",
        "model.depth=3 -same:no",
        "step",
        '"note about"',
        "rows>7",
    ],
)
def test_the_filter_box_finds_what_ls_finds(visit, site, capsys, query):
    lab = site.parent / "lab"
    page = visit.open(WORKSPACE, ready=".gt-runs tbody th a")
    box = page.locator(".gt-workspace input[type=search], .gt-query input").first
    box.fill(query)
    page.wait_for_function("location.href.includes('q=')")
    page.wait_for_timeout(150)
    expected = gitrack.runs(f"project:curves {query}", lab)["name"].tolist()
    assert sorted(listed(page)) == sorted(expected)
    assert main(["ls", "-C", str(lab), "--", f"project:curves {query}"]) == 0


def test_a_click_on_a_dot_hides_a_run_and_a_reload_remembers(visit):
    page = visit.open(WORKSPACE, ready=".gt-runs tbody th a")
    first = shown(page)[0]
    page.get_by_label(f"Show {first}", exact=True).click()
    assert first not in shown(page)
    page.wait_for_function("location.href.includes('shown=')")
    page.reload()
    page.wait_for_selector(".gt-runs tbody th a")
    assert first not in shown(page)


def test_a_click_on_a_head_sorts(visit):
    page = visit.open(WORKSPACE, ready=".gt-runs tbody th a")
    page.locator(".gt-runs thead").get_by_role("button", name="Name").click()
    assert listed(page) == sorted(listed(page))
    page.locator(".gt-runs thead").get_by_role("button", name=re.compile("Name")).click()
    assert listed(page) == sorted(listed(page), reverse=True)


@pytest.mark.parametrize("axis", ["_runtime", "_timestamp", "tokens"])
def test_the_x_axis_may_be_time_or_any_metric(visit, site, axis):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    panel(page, "train/loss", "1")
    page.get_by_label("X axis").select_option(axis)
    page.wait_for_function("location.href.includes('x=')")
    page.wait_for_timeout(200)
    found = panel(page, "train/loss", "Array.from(p.entries[0].curve.x)")
    history = gitrack.load("c05", site.parent / "lab").history()
    logged = history[axis].astype(float).tolist()
    assert found == pytest.approx(logged, rel=1e-6, abs=1e-6)


def test_log_y_draws_logarithms(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    panel(page, "train/loss", "1")
    page.get_by_role("button", name="Log y").click()
    page.wait_for_function("location.href.includes('logy')")
    page.wait_for_timeout(200)
    y, drawn = panel(
        page, "train/loss", "[p.entries[0].curve.y[9], p.figure.sources.lines.data.ys[0][9]]"
    )
    assert drawn == pytest.approx(math.log10(y), rel=1e-6)


def hover(page: Page, metric: str, at: float) -> None:
    plot = page.locator(f".gt-panel[aria-label='Chart of {metric}'] .gt-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * at, box["y"] + box["height"] * 0.5)


def test_hovering_shows_every_run_and_a_crosshair_on_every_chart(visit):
    page = visit.open(f"{WORKSPACE}?shown=c03,c04,c05,dead", ready=".gt-panel")
    panel(page, "train/loss", "1")
    panel(page, "val/accuracy", "1")
    hover(page, "train/loss", 0.6)
    tip = page.locator(".gt-tooltip")
    tip.wait_for(state="visible")
    text = tip.inner_text()
    for name in ("curve-03", "curve-04", "curve-05", "crashing"):
        assert name in text
    assert "crashed at 6" in text
    values = [float(v) for v in re.findall(r"\n(\d\.\d+)", text)]
    assert values == sorted(values, reverse=True)
    crosshairs = page.evaluate(
        "[...document.querySelectorAll('.gt-panel')]"
        ".filter(e => e.panel.visible && e.panel.figure && e.panel.entries.length)"
        ".map(e => [...e.querySelectorAll('[class*=crosshair], [class*=cross]')]"
        ".some(c => !c.hidden && c.getBoundingClientRect().height > 10))"
    )
    assert len(crosshairs) >= 2
    assert all(crosshairs)


def test_dragging_zooms_all_charts_and_a_double_click_goes_back(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    whole = panel(page, "train/loss", "p.x")
    panel(page, "val/accuracy", "1")
    hover(page, "train/loss", 0.4)
    page.mouse.down()
    hover(page, "train/loss", 0.7)
    page.mouse.up()
    page.wait_for_function("location.href.includes('zoom=')")
    page.wait_for_timeout(200)
    near, other = panel(page, "train/loss", "p.x"), panel(page, "val/accuracy", "p.x")
    assert near == other
    assert near[1] - near[0] < 0.5 * (whole[1] - whole[0])
    box = page.locator(".gt-panel[aria-label='Chart of train/loss'] .gt-plot").bounding_box()
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("!location.href.includes('zoom=')")
    page.wait_for_timeout(200)
    assert panel(page, "train/loss", "p.x") == whole


def test_the_keyboard_moves_hides_and_opens(visit):
    page = visit.open(WORKSPACE, ready=".gt-runs tbody th a")
    names = listed(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    assert names[1] not in shown(page)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*.html")
    assert names[0] in page.locator("h1").inner_text()


def test_a_metric_that_few_logged_says_so(visit):
    page = visit.open(f"{WORKSPACE}?shown=c00,c01,c05&charts=extra", ready=".gt-panel")
    panel(page, "extra", "1")
    page.get_by_text("logged by 2 of 3").wait_for()


def test_a_missing_data_file_leaves_the_rest_working(chromium, site, tmp_path):
    import shutil

    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    for shard in (copy / "data" / "curves").glob("*/*.js"):
        shard.unlink()
    page = chromium.new_page()
    page.goto(f"{copy.as_uri()}/{WORKSPACE}")
    page.locator(".gt-failed").first.wait_for()
    assert "could not be loaded" in page.locator(".gt-failed").first.inner_text()
    assert len(listed(page)) == 13
    page.close()


@pytest.mark.parametrize(
    "visit", [{"has_touch": True, "is_mobile": True}], indirect=True, ids=["phone"]
)
def test_a_phone_switches_between_runs_and_charts(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = visit.open(WORKSPACE, ready=".gt-runs tbody th a")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".gt-runs").is_visible()
    assert not page.locator(".gt-panel").first.is_visible()
    page.get_by_role("button", name=re.compile("^Charts")).or_(
        page.get_by_role("tab", name=re.compile("^Charts"))
    ).first.click()
    page.locator(".gt-panel").first.wait_for(state="visible")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_cells_out_of_sight_are_written_once_the_table_rests(visit):
    page = visit.open("projects/panels/index.html", ready=".gt-runs tbody th a")
    empty = """() => {
        const { table } = gitrack.workspace;
        const cells = [...table.body.querySelectorAll('tr:not(.gt-room) td')].slice(2);
        return cells.filter(cell => cell.column && !cell.textContent).length;
    }"""
    page.evaluate(
        "() => { const { columns, state } = gitrack.workspace.table;"
        " state.set({ columns: columns.choices, width: '300' }); }"
    )
    page.wait_for_function(f"!({empty})()")
    sort = "gitrack.workspace.state.set({ sort: ['name'] })"
    assert page.evaluate(f"() => {{ {sort}; return ({empty})(); }}") > 0
    page.wait_for_function(f"!({empty})()")
