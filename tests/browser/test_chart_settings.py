"""How a chart is drawn: smoothing, groups' lines, ranges and axes, for all charts and for one."""

import math
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

import gitrack

from .test_workspace import panel

WORKSPACE = "projects/curves/index.html"
MANY = "projects/many/index.html"
ENTRY = """(e => [e.curve.x, e.curve.y, e.smooth, e.ys].map(
    values => Array.from(values, v => Number.isFinite(v) ? v : null)))(p.entries[0])"""
STRENGTH = 0.7


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array([math.nan if value is None else value for value in values])


def by_distance(x: np.ndarray, y: np.ndarray, w: float) -> np.ndarray:
    """The moving average whose weights fall by w with every even spacing of x, debiased."""
    spacing = (x[-1] - x[0]) / (len(x) - 1)
    known = np.flatnonzero(np.isfinite(y))
    shares = np.ones(len(known))
    shares[1:] = 1 - w ** (np.diff(x[known]) / spacing)
    shares[0] = 1 - w
    out = np.full(len(y), np.nan)
    for at, i in enumerate(known):
        weights = shares[: at + 1] * w ** ((x[i] - x[known[: at + 1]]) / spacing)
        out[i] = (weights * y[known[: at + 1]]).sum() / weights.sum()
    return out


def by_points(_: np.ndarray, y: np.ndarray, w: float) -> np.ndarray:
    """What pandas calls an adjusted exponential average over the points that are numbers."""
    return pd.Series(y).ewm(alpha=1 - w, adjust=True, ignore_na=True).mean().where(~np.isnan(y))


def running_mean(_: np.ndarray, y: np.ndarray, w: float) -> np.ndarray:
    window = 2 * round(w / (1 - w)) + 1
    return pd.Series(y).rolling(window, center=True, min_periods=1).mean().where(~np.isnan(y))


def gaussian(_: np.ndarray, y: np.ndarray, w: float) -> np.ndarray:
    deviation = (1 + w) / ((1 - w) * 2 * math.sqrt(math.pi))
    apart = np.subtract.outer(np.arange(len(y)), np.arange(len(y)))
    weights = np.exp(-0.5 * (apart / deviation) ** 2)
    weights[np.abs(apart) > math.ceil(4 * deviation)] = 0
    weights[:, np.isnan(y)] = 0
    out = weights @ np.nan_to_num(y) / weights.sum(axis=1)
    return np.where(np.isnan(y), np.nan, out)


KINDS = {"time": by_distance, "points": by_points, "mean": running_mean, "gauss": gaussian}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_smoothing_is_what_numpy_and_pandas_find(visit, kind):
    page = visit.open(
        f"{MANY}?shown=m2&smooth={STRENGTH}&smoothing={kind}&charts=gap", ready=".gt-panel"
    )
    x, y, smooth, drawn = map(numbers, panel(page, "val/gap", ENTRY))
    assert len(set(np.diff(x))) == 3
    assert np.isnan(y).sum() == 1
    np.testing.assert_allclose(smooth, KINDS[kind](x, y, STRENGTH), rtol=1e-9)
    np.testing.assert_array_equal(drawn, smooth)


def test_one_strength_quiets_noise_alike_in_every_kind(visit):
    page = visit.open(MANY, ready=".gt-panel")
    noise = np.random.default_rng(4).normal(size=4000).tolist()
    quiet = page.evaluate(
        """([y, kinds]) => kinds.map(kind => {
            const curve = { x: Float64Array.from(y, (_, i) => i), y: Float64Array.from(y) };
            return Array.from(gitrack.smooth(curve, 0.8, kind)).slice(100, -100);
        })""",
        [noise, list(KINDS)],
    )
    deviations = np.std(quiet, axis=1)
    assert deviations.max() / deviations.min() < 1.1
    assert deviations.max() < 0.4


@pytest.mark.parametrize("aggregate", ["mean", "median", "min", "max"])
@pytest.mark.parametrize("band", ["std", "none"])
def test_the_line_of_a_group_is_what_numpy_finds(visit, site, aggregate, band):
    query = f"group=config.lr&means=1&aggregate={aggregate}&band={band}"
    page = visit.open(f"{WORKSPACE}?{query}", ready=".gt-panel")
    found = panel(
        page,
        "train/loss",
        "(e => [Array.from(e.ys), e.band.low && Array.from(e.band.low)])"
        "(p.entries.find(e => e.run.name === '0.1'))",
    )
    lab = site.parent / "lab"
    ids = gitrack.runs("project:curves lr:0.1", lab)["id"]
    curves = np.array([gitrack.load(one, lab).history()["train/loss"] for one in ids], np.float32)
    curves = curves.astype(float)
    expected = getattr(np, f"nan{aggregate}")(curves, axis=0)
    np.testing.assert_allclose(found[0], expected, rtol=1e-9)
    if band == "none":
        assert found[1] is None
        assert panel(page, "train/loss", "p.figure.sources.bands.data.xs.length") == 0
        return
    low = np.nanmean(curves, axis=0) - np.nanstd(curves, axis=0, ddof=1)
    np.testing.assert_allclose(found[1], low, rtol=1e-7)
    note = page.locator(".gt-panel__note").first.inner_text()
    words = "mean ± std" if aggregate == "mean" else f"{aggregate}, band mean ± std"
    assert note.startswith(words)


def test_ranges_hold_with_one_end_left_to_the_data(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05&zoom=~20&range=0.5~", ready=".gt-panel")
    x, y = panel(page, "train/loss", "[p.x, p.y]")
    assert x == [0, 20]
    assert y[0] == 0.5
    assert y[1] > 0.6


@pytest.mark.parametrize(("outliers", "highest"), [("0.01", 1e6), ("0.05", 2), ("0", 1e6)])
def test_the_y_axis_leaves_out_what_lies_beyond_a_share(visit, outliers, highest):
    # One of thirty values is far off: more than a share of 1 %, less than one of 5 %.
    page = visit.open(f"{MANY}?shown=m2&charts=spike&outliers={outliers}", ready=".gt-panel")
    high, cut = panel(page, "val/spike", "[p.y[1], p.cut]")
    assert high == pytest.approx(highest, rel=0.5)
    assert cut == (highest < 10)
    if cut:
        page.get_by_label("Chart of val/spike", exact=True).hover()
        page.get_by_role("button", name="cut").click()
        page.wait_for_function("location.href.includes('outliers:0')")
        assert panel(page, "val/spike", "p.y[1]") > 1e5


def set_in_menu(page: Page, metric: str, label: str, value: str) -> None:
    page.get_by_label(f"Chart of {metric}", exact=True).hover()
    page.get_by_role("button", name=f"Settings of {metric}", exact=True).click()
    box = page.locator(".gt-popover").get_by_label(label, exact=True)
    if box.evaluate("e => e.tagName") == "SELECT":
        box.select_option(value)
    else:
        box.fill(value)
        box.dispatch_event("change")
    page.keyboard.press("Escape")


def test_a_chart_overrides_what_all_have_shows_a_dot_and_goes_back(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05&smooth=0.5", ready=".gt-panel")
    panel(page, "val/accuracy", "1")
    set_in_menu(page, "train/loss", "Strength", "0.9")
    set_in_menu(page, "train/loss", "Smoothing", "Gaussian")
    page.wait_for_function("location.href.includes('chart=train/loss;smooth:0.9;smoothing:gauss')")
    both = "[p.settings.smooth, p.settings.smoothing, !p.own.hidden]"
    assert panel(page, "train/loss", both) == [0.9, "gauss", True]
    assert panel(page, "val/accuracy", both) == [0.5, "time", False]
    page.get_by_label("Smoothing", exact=True).fill("0.2")
    page.wait_for_timeout(100)
    assert panel(page, "train/loss", both) == [0.9, "gauss", True]
    assert panel(page, "val/accuracy", "p.settings.smooth") == 0.2
    page.get_by_label("train/loss has settings of its own: smoothing, strength").or_(
        page.get_by_label("train/loss has settings of its own: strength, smoothing")
    ).click()
    page.get_by_label("Smoothing: back to what all charts have").click()
    page.get_by_role("button", name="Back to what all charts have", exact=True).click()
    page.wait_for_function("!location.href.includes('chart=')")
    assert panel(page, "train/loss", both) == [0.2, "time", False]


def test_a_chart_with_an_axis_of_its_own_zooms_alone_and_has_no_crosshair_of_others(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    panel(page, "train/loss", "1")
    set_in_menu(page, "train/loss", "X axis", "tokens")
    page.wait_for_timeout(200)
    whole = panel(page, "train/loss", "p.x")
    assert whole == [0, 39000]
    box = page.get_by_label("Chart of train/loss", exact=True).locator(".gt-plot").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.wait_for_timeout(100)
    page.locator(".gt-tooltip", has_text="tokens").wait_for()
    assert panel(page, "val/accuracy", "p.overlay.at") is None
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=3)
    page.mouse.up()
    page.wait_for_function("location.href.includes('xrange:')")
    page.wait_for_timeout(100)
    near = panel(page, "train/loss", "p.x")
    assert near[1] - near[0] < 0.5 * whole[1]
    assert panel(page, "val/accuracy", "p.x") == [0, 39]
    page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    page.wait_for_function("!location.href.includes('xrange:')")


def test_the_menu_refuses_a_range_that_ends_before_it_begins(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    panel(page, "train/loss", "1")
    page.get_by_label("Settings of all charts").click()
    for word, value in (("from", "3"), ("to", "2")):
        box = page.get_by_label(f"Y range, {word}")
        box.fill(value)
        box.dispatch_event("change")
    assert page.get_by_label("Y range, to").evaluate("e => !e.validity.valid")
    assert page.evaluate("gitrack.workspace.state.range") == [3, None]


HOSTILE = [
    "chart=;x:y",
    "chart=%25E0%25A4%25A",
    "chart=train/loss;smooth:NaN;log:zz;range:9~1;band:x;x:",
    "chart=train/loss;__proto__:1;constructor:2",
    "chart=__proto__;smooth:0.5",
    "smooth=NaN&smoothing=__proto__&aggregate=constructor&band=toString&range=a~b&outliers=-3",
    "per=1e9&height=-4&order=__proto__&sections=constructor&hide=nothing",
    "zoom=5~5&tooltip=<b>&legend=" + quote('"><script>window.broken=1</script>'),
]


@pytest.mark.parametrize("query", HOSTILE)
def test_what_an_address_gets_wrong_is_left_out(visit, query):
    page = visit.open(f"{WORKSPACE}?shown=c05&{query}", ready=".gt-panel")
    settings, x = panel(page, "train/loss", "[p.settings, p.x]")
    assert settings["smooth"] == 0
    assert settings["smoothing"] == "time"
    assert settings["log"] == "none"
    assert settings["range"] is None
    assert 0 <= settings["outliers"] <= 0.25
    assert x == [0, 39]
    assert page.evaluate("window.broken") is None


def test_a_plain_object_of_settings_is_checked_as_an_address_is(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    wanted = {
        "smooth": 0.6,
        "smoothing": "gauss",
        "log": "xy",
        "range": [0, None],
        "band": "wide",
        "outliers": "many",
        "x": "tokens",
        "title": "no setting",
    }
    found = page.evaluate("wanted => gitrack.settings.checked(wanted)", wanted)
    assert found == {
        "smooth": 0.6,
        "smoothing": "gauss",
        "log": "xy",
        "range": [0, None],
        "x": "tokens",
    }
    name = "a;b%c:d~e"
    again = page.evaluate(
        "([name, own]) => gitrack.settings.read(gitrack.settings.write(name, own))", [name, found]
    )
    assert again == [name, found]


def test_who_comes_back_finds_the_charts_as_they_were_left(visit):
    page = visit.open(WORKSPACE, ready=".gt-panel")
    page.get_by_label("Smoothing", exact=True).fill("0.75")
    page.wait_for_function("location.href.includes('smooth=0.75')")
    page = visit.open(WORKSPACE, ready=".gt-panel")
    assert page.evaluate("gitrack.workspace.state.smooth") == 0.75
    assert "smooth=0.75" in page.url
    # A link says all: what its reader's browser remembers does not count.
    page = visit.open(f"{WORKSPACE}?shown=c05", ready=".gt-panel")
    assert page.evaluate("gitrack.workspace.state.smooth") == 0
    page = visit.open("projects/many/index.html", ready=".gt-panel")
    assert page.evaluate("gitrack.workspace.state.smooth") == 0
    assert page.evaluate("gitrack.workspace.state.link()").endswith("?plain")
    page = visit.open(WORKSPACE, ready=".gt-panel")
    page.get_by_label("More about the charts").click()
    page.get_by_role("button", name="Reset all about the charts").click()
    page.wait_for_function("!location.search")
    page = visit.open(WORKSPACE, ready=".gt-panel")
    assert page.evaluate("gitrack.workspace.state.smooth") == 0


def test_links_from_before_charts_had_settings_still_hold(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05&logy=train/loss&whole=tokens", ready=".gt-panel")
    assert panel(page, "train/loss", "p.logY") is True
    assert panel(page, "val/accuracy", "p.logY") is False
    assert panel(page, "tokens", "p.settings.outliers") == 0


@pytest.mark.parametrize("path", ["runs/c05.html", "compare.html"])
def test_settings_hold_on_a_run_and_in_a_comparison_too(visit, path):
    own = "chart=train/loss;smooth:0.8;smoothing:mean;log:y"
    page = visit.open(f"projects/curves/{path}?runs=c05,c04&{own}", ready=".gt-panel")
    page.locator(".gt-panel").first.scroll_into_view_if_needed()
    y, drawn = panel(
        page, "train/loss", "(e => [e.curve.y, e.ys].map(v => Array.from(v)))(p.entries[0])"
    )
    expected = running_mean(np.array([]), numbers(y), 0.8)
    np.testing.assert_allclose(10 ** numbers(drawn), expected, rtol=1e-9)
    page.get_by_role("button", name="Settings of all charts").click()
    page.get_by_label("Strength", exact=True).fill("0.5")
    page.wait_for_function("location.href.includes('smooth=0.5')")


def test_a_tooltip_shows_all_the_nearest_or_nothing(visit):
    for choice, rows in (("all", 3), ("nearest", 1), ("none", 0)):
        page = visit.open(f"{WORKSPACE}?shown=c03,c04,c05&tooltip={choice}", ready=".gt-panel")
        y = panel(page, "train/loss", "p.overlay.toPixelY(p.entries[0].ys[20])")
        plot = page.get_by_label("Chart of train/loss", exact=True).locator(".gt-plot")
        box = plot.bounding_box()
        frame = panel(page, "train/loss", "p.overlay.toPixel(20)")
        page.mouse.move(box["x"] + frame, box["y"] + y)
        page.wait_for_timeout(150)
        assert page.locator(".gt-tooltip li").count() == rows
        assert panel(page, "train/loss", "p.overlay.at") == 20


def test_lines_carry_their_names_where_wanted(visit: object, site: Path) -> None:
    page = visit.open(f"{WORKSPACE}?shown=c03,c04&legend=names", ready=".gt-panel")
    page.locator(".gt-linenames span").first.wait_for()
    assert page.locator(".gt-linenames").first.inner_text().split() == ["curve-04", "curve-03"]
