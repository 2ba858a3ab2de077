"""A chart over the whole window, and a chart as a file: PNG, SVG, CSV."""

import io
import re
import struct
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

import gitrack

from .test_panels import BOARD, tile
from .test_workspace import panel

WORKSPACE = "projects/curves/index.html"
MANY = "projects/many/index.html"
SVG = "{http://www.w3.org/2000/svg}"
LARGE = "document.querySelector('.gt-panel--large')?.panel.metric"


def saved(page: Page, metric: str, item: str) -> tuple[str, bytes]:
    """The name and the content of what a chart's menu saves."""
    page.get_by_label(f"Chart of {metric}", exact=True).hover()
    page.get_by_role("button", name=f"More for {metric}", exact=True).click()
    return downloaded(page, item)


def downloaded(page: Page, item: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=item).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - what a browser wrote without entities


def test_the_csv_holds_what_is_drawn_in_full_precision(visit, site):
    page = visit.open(f"{MANY}?shown=m0,m1,m2&smooth=0.6&zoom=10~40", ready=".gt-panel")
    drawn = panel(
        page, "val/m1", "p.entries.map(e => [e.run.id, Array.from(e.xs), Array.from(e.smooth)])"
    )
    name, content = saved(page, "val/m1", "Save what is drawn as CSV")
    assert name == "many_val_m1.csv"
    sheet = pd.read_csv(io.BytesIO(content))
    assert list(sheet) == ["run", "id", "_step", "val/m1", "val/m1 (not smoothed)"]
    assert sheet["_step"].between(10, 40).all()
    for run, xs, smooth in drawn:
        mine = sheet[sheet["id"] == run]
        kept = [i for i, x in enumerate(xs) if 10 <= x <= 40]
        assert mine["_step"].tolist() == [xs[i] for i in kept]
        assert mine["val/m1"].tolist() == [smooth[i] for i in kept]
        logged = gitrack.load(run, site.parent / "lab").history().set_index("_step")["val/m1"]
        expected = logged.loc[mine["_step"]].to_numpy(np.float32).astype(float)
        assert mine["val/m1 (not smoothed)"].tolist() == expected.tolist()


def saved_panel(page: Page, at: int, item: str) -> tuple[str, bytes]:
    """The name and the content of what a panel of a dashboard saves."""
    tile(page, at, "1")
    place = page.locator(f".gt-tile[data-at='board {at}']")
    place.hover()
    place.get_by_role("button", name="More for").click()
    return downloaded(page, item)


def test_a_panel_is_saved_as_it_stands_and_its_runs_in_full_precision(visit, site):
    page = visit.open(BOARD, ready=".gt-tile")
    name, content = saved_panel(page, 1, "Save as SVG")
    assert name == "panels_val_score_against_rate.svg"
    drawn = parsed(content)
    words = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"val/", "score against rate", "width", "0", "6", "0.001"} <= set(words)
    assert len(list(drawn.iter(f"{SVG}linearGradient"))) == 1
    circles = [path for path in drawn.iter(f"{SVG}path") if "A" in path.get("d", "")]
    assert len(circles) == 24 + 10  # the shown runs have rings
    _, content = saved_panel(page, 1, "Save as PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == (
        round(2 * float(drawn.get("width"))),
        round(2 * float(drawn.get("height"))),
    )
    name, content = saved_panel(page, 1, "Save its runs as CSV")
    assert name == "panels_val_score_against_rate.csv"
    sheet = pd.read_csv(io.BytesIO(content)).set_index("id")
    assert list(sheet) == ["run", "rate", "val/score", "width"]
    logged = gitrack.runs("project:panels", site.parent / "lab").set_index("id")
    assert sheet["val/score"].to_dict() == logged["summary.val/score"].to_dict()
    assert sheet["rate"].to_dict() == logged["config.rate"].to_dict()


def test_the_heads_of_parallel_axes_are_in_the_picture(visit):
    page = visit.open(BOARD, ready=".gt-tile")
    _, content = saved_panel(page, 7, "Save as SVG")
    words = [text.text for text in parsed(content).iter(f"{SVG}text")]
    assert {"rate (log)", "width", "kind", "val/score"} <= set(words)


def test_no_name_in_a_csv_is_a_formula_or_breaks_a_row(visit):
    page = visit.open(f"{MANY}?shown=m0,m1,m2", ready=".gt-panel")
    panel(page, "val/gap", "1")
    _, content = saved(page, "val/gap", "Save what is drawn as CSV")
    sheet = pd.read_csv(io.BytesIO(content), keep_default_na=False)
    names = dict(zip(sheet["id"], sheet["run"], strict=True))
    assert names["m0"].startswith("'=HYPERLINK(")
    assert names["m1"] == 'said "so", twice'
    assert (sheet["val/gap"] == "NaN").sum() == 3
    assert len(sheet) == 90


def test_a_groups_csv_holds_its_band_and_how_many_runs_count(visit):
    page = visit.open(f"{WORKSPACE}?group=config.lr&means=1", ready=".gt-panel")
    low, high = panel(
        page, "train/loss", "p.entries[0].band.values.map(values => Array.from(values))"
    )
    _, content = saved(page, "train/loss", "Save what is drawn as CSV")
    sheet = pd.read_csv(io.BytesIO(content), dtype={"run": str})
    first = sheet[sheet["run"] == sheet["run"][0]]
    assert first["low"].tolist() == low
    assert first["high"].tolist() == high
    assert set(sheet["runs"]) <= {3, 4}


@pytest.mark.parametrize("path", [f"{WORKSPACE}?group=config.lr&means=1", f"{MANY}?smooth=0.5"])
def test_the_svg_is_well_formed_and_has_title_axes_legend_and_lines(visit, path):
    page = visit.open(path, ready=".gt-panel")
    metric = "val/gap" if "many" in path else "train/loss"
    names, hexes = panel(page, metric, "['name', 'hex'].map(k => p.entries.map(e => e.run[k]))")
    _, content = saved(page, metric, "Save as SVG")
    top = parsed(content)
    texts = [node.text for node in top.iter(f"{SVG}text")]
    assert metric in texts
    assert "step" in texts
    for name in names:
        assert any(name[:39] == text[:39] for text in texts)
    strokes = [node.get("stroke") for node in top.iter(f"{SVG}path") if node.get("stroke-width")]
    assert set(hexes) <= set(strokes)
    assert not [node for node in top.iter() if node.tag.endswith(("script", "foreignObject", "a"))]
    assert not [key for node in top.iter() for key in node.attrib if key.startswith("on")]


def test_hostile_names_make_a_picture_all_the_same(visit):
    page = visit.open("projects/hostile/index.html?shown=*&charts=plain", ready=".gt-panel")
    panel(page, "plain", "1")
    _, content = saved(page, "plain", "Save as SVG")
    texts = {node.text for node in parsed(content).iter(f"{SVG}text")}
    assert any("<script>" in text for text in texts)
    assert page.evaluate("window.broken") is None


def test_the_png_is_twice_as_fine_as_the_page_and_not_empty(visit):
    page = visit.open(f"{WORKSPACE}?shown=c05,c04", ready=".gt-panel")
    width = panel(page, "train/loss", "Math.max(480, p.plot.clientWidth)")
    name, content = saved(page, "train/loss", "Save as PNG")
    assert name == "curves_train_loss.png"
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">I", content[16:20])[0] == 2 * width
    assert len(content) > 10_000


def test_arrow_keys_turn_to_the_next_chart_in_full_screen_and_escape_leaves(visit):
    page = visit.open(f"{MANY}?shown=m1,m2", ready=".gt-panel")
    panel(page, "val/gap", "1")
    page.get_by_label("Chart of val/gap", exact=True).focus()
    page.keyboard.press("f")
    assert page.evaluate(LARGE) == "val/gap"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(LARGE) == "val/m1"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(LARGE) == "val/m0"
    assert "3 of 68" in page.locator(".gt-panel--large").inner_text()
    page.wait_for_function(
        "(p => p.figure && p.entries.length && p.figure.frame.height > 600)"
        "(document.querySelector('.gt-panel--large').panel)"
    )
    # Tab stays within; settings, smoothing, crosshair and tooltip work here too.
    for _ in range(12):
        page.keyboard.press("Tab")
        within = "e => !e || e === document.body || Boolean(e.closest('.gt-panel--large'))"
        assert page.evaluate(f"({within})(document.activeElement)")
    page.get_by_label("Chart of val/m0", exact=True).focus()
    page.keyboard.press("]")
    page.wait_for_function("gitrack.workspace.state.smooth === 0.05")
    box = page.locator(".gt-panel--large .gt-plot").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.locator(".gt-tooltip").wait_for(state="visible")
    assert page.evaluate("document.querySelector('.gt-panel--large').panel.overlay.at") is not None
    tip = page.locator(".gt-tooltip").bounding_box()
    assert tip["x"] > box["x"] + box["width"] / 2
    page.keyboard.press("Escape")
    assert page.evaluate(LARGE) is None
    assert page.evaluate("document.querySelectorAll('[inert]:not(.gt-plot__canvas)').length") == 0
    assert page.evaluate("document.activeElement.panel.metric") == "val/m0"


def test_a_chart_in_full_screen_follows_the_slider_though_it_left_the_scrolled_pane(visit):
    page = visit.open(f"{MANY}?shown=m2", ready=".gt-panel")
    panel(page, "val/gap", "1")
    page.get_by_label("Chart of val/gap", exact=True).focus()
    page.keyboard.press("f")
    page.get_by_role("button", name="Settings of val/gap").click()
    page.get_by_label("Strength", exact=True).fill("0.9")
    page.wait_for_timeout(200)
    raw, drawn = panel(page, "val/gap", "[p.entries[0].curve.y[20], p.entries[0].ys[20]]")
    assert raw != drawn
    page.keyboard.press("Escape")  # closes the menu alone
    assert page.evaluate(LARGE) == "val/gap"
    assert re.search("smooth:0.9", page.evaluate("gitrack.workspace.state.search()"))
