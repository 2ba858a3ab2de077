"""Sections of charts: found, folded, moved, hidden, resized; and how few figures they need."""

import pytest
from playwright.sync_api import Page

from .test_workspace import panel

MANY = "projects/many/index.html"
VAL = ["val/f1(a+b)*[x]", "val/gap", "val/m0", "val/m1", "val/m2", "val/m3", "val/spike"]
HEADS = "[...document.querySelectorAll('.gt-section__row')].map(row => row.innerText.trim())"


def charts(page: Page, section: str = "val") -> list[str]:
    return page.evaluate(
        "name => [...document.querySelectorAll(`[aria-label='${name} charts'] .gt-panel`)]"
        ".map(e => e.panel.metric)",
        section,
    )


def chart(page: Page, metric: str):
    return page.get_by_label(f"Chart of {metric}", exact=True)


def test_sections_tell_how_many_charts_they_hold(visit):
    page = visit.open(MANY, ready=".gt-panel")
    heads = [" ".join(head.split()) for head in page.evaluate(HEADS)]
    assert heads == ["val 7 charts", "train 60 charts", "other 1 chart"]
    page.locator(".gt-section__head", has_text="val").click()
    page.wait_for_function("location.href.includes('fold=val')")
    assert charts(page) == []
    page.reload()
    page.wait_for_selector(".gt-panel")
    assert charts(page) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("(a+b)*[x]", ["val/f1(a+b)*[x]"]),
        ("VAL m1", ["val/m1"]),
        ("m0 val/", ["val/m0"]),
        (".*", []),
        ("[", ["val/f1(a+b)*[x]"]),
        ("\\", []),
    ],
)
def test_charts_are_found_by_letters_that_mean_nothing_more(visit, words, found):
    page = visit.open(MANY, ready=".gt-panel")
    page.get_by_label("Find charts by name").fill(words)
    page.wait_for_timeout(100)
    assert charts(page) == found
    if found:
        assert f"{len(found)} of 7 charts" in page.evaluate(HEADS)[0]
    else:
        page.get_by_text(f"No chart's name contains “{words}”.").wait_for()
        page.get_by_role("button", name="Show all charts").click()
        assert charts(page) == VAL


def test_a_chart_is_moved_by_the_keyboard_and_keeps_the_focus(visit):
    page = visit.open(MANY, ready=".gt-panel")
    chart(page, "val/m0").focus()
    page.keyboard.press("Alt+ArrowLeft")
    assert charts(page)[:3] == [VAL[0], "val/m0", "val/gap"]
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert charts(page)[:3] == ["val/m0", VAL[0], "val/gap"]
    page.wait_for_function("location.href.includes('order=val/m0')")
    assert page.evaluate("gitrack.workspace.state.order") == ["val/m0"]
    assert page.evaluate("document.activeElement.panel.metric") == "val/m0"
    page.reload()
    page.wait_for_selector(".gt-panel")
    assert charts(page)[:3] == ["val/m0", VAL[0], "val/gap"]
    chart(page, "val/m0").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    assert charts(page) == VAL
    assert page.evaluate("gitrack.workspace.state.order") == []


def test_a_chart_is_dragged_to_the_place_of_another_of_its_section(visit):
    page = visit.open(MANY, ready=".gt-panel")
    panel(page, "val/gap", "1")
    heads = [chart(page, name).locator("h3").bounding_box() for name in ("val/gap", "val/m2")]
    points = [(box["x"] + 20, box["y"] + 8) for box in heads]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    assert page.locator(".gt-panel--drop").count() == 1
    page.mouse.up()
    moved = [VAL[0], "val/m0", "val/m1", "val/m2", "val/gap"]
    assert charts(page)[:5] == moved
    assert page.locator(".gt-panel--drop, .gt-panel--moving").count() == 0
    # What is dropped outside of its section stays.
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(100, 400, steps=4)
    page.mouse.up()
    assert charts(page)[:5] == moved


def test_a_section_is_moved_by_the_keyboard(visit):
    page = visit.open(MANY, ready=".gt-panel")
    page.locator(".gt-section__head", has_text="other").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert [head.split()[0] for head in page.evaluate(HEADS)] == ["other", "val", "train"]
    assert page.evaluate("document.activeElement.dataset.name") == ""
    page.get_by_label("More about the charts").click()
    page.get_by_role("button", name="Put the charts in their usual order").click()
    assert [head.split()[0] for head in page.evaluate(HEADS)] == ["val", "train", "other"]


def test_a_hidden_chart_is_counted_and_comes_back(visit):
    page = visit.open(MANY, ready=".gt-panel")
    for name in ("val/m1", "val/f1(a+b)*[x]"):
        chart(page, name).hover()
        page.get_by_role("button", name=f"More for {name}", exact=True).click()
        page.get_by_role("button", name="Hide", exact=True).click()
    assert len(charts(page)) == 5
    page.wait_for_function("decodeURIComponent(location.search).includes('f1(a+b)')")
    page.reload()
    page.wait_for_selector(".gt-panel")
    assert len(charts(page)) == 5
    head = page.locator(".gt-section__row").first
    assert "5 charts" in head.inner_text()
    head.get_by_role("button", name="2 hidden: show").click()
    assert charts(page) == VAL


def test_what_was_changed_last_is_there_for_who_comes_back_at_once(visit):
    page = visit.open(MANY, ready=".gt-panel")
    page.evaluate(
        "gitrack.workspace.state.set({hide: new Set(['val/m1'])});"
        "location.href = '../../index.html'"
    )
    page.wait_for_url("**/site/index.html")
    page.go_back()
    page.wait_for_selector(".gt-panel")
    assert "hide=val/m1" in page.url
    assert "val/m1" not in charts(page)


def test_charts_a_row_and_their_height_are_chosen_or_pulled(visit):
    page = visit.open(MANY, ready=".gt-panel")
    panel(page, "val/m0", "1")
    page.get_by_label("More about the charts").click()
    page.get_by_label("Charts a row").select_option("3")
    page.get_by_label("Height of the charts").fill("240")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    boxes = [chart(page, name).bounding_box() for name in VAL[:3]]
    assert len({box["y"] for box in boxes}) == 1
    assert chart(page, "val/m0").locator(".gt-plot").bounding_box()["height"] == 240
    assert panel(page, "val/m0", "p.figure.frame.height") > 200
    corner = chart(page, "val/gap").locator(".gt-corner")
    chart(page, "val/gap").hover()
    box = corner.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] - 50, steps=5)
    page.mouse.up()
    assert page.evaluate("gitrack.workspace.state.height") == 180
    assert page.evaluate("gitrack.workspace.state.per") == 2
    page.reload()
    page.wait_for_selector(".gt-panel")
    assert chart(page, "val/m0").locator(".gt-plot").bounding_box()["height"] == 180


def test_charts_out_of_sight_lend_their_figures_and_are_drawn_again(visit):
    page = visit.open(f"{MANY}?shown=m1,m2&smooth=0.3", ready=".gt-panel")
    first = panel(page, "val/m0", "Array.from(p.figure.sources.lines.data.ys[0])")
    page.evaluate(
        """async () => {
            const scroller = document.querySelector('.gt-charts__scroll');
            for (let y = 0; y < scroller.scrollHeight; y += 600) {
                scroller.scrollTop = y;
                await new Promise(done => setTimeout(done, 150));
            }
        }"""
    )
    drawn = """() => [...document.querySelectorAll('.gt-panel')].map(e => e.panel).every(p =>
        !p.visible || (p.figure && p.entries.length && p.plot.contains(p.figure.host)))"""
    page.wait_for_function(drawn)
    held = page.evaluate(
        "[...document.querySelectorAll('.gt-panel')].filter(e => e.panel.figure).length"
    )
    assert page.locator(".gt-panel").count() == 68
    assert held <= 40
    assert page.locator(".gt-plot__canvas").count() == held
    page.evaluate("document.querySelector('.gt-charts__scroll').scrollTop = 0")
    page.wait_for_function(drawn)
    assert panel(page, "val/m0", "Array.from(p.figure.sources.lines.data.ys[0])") == first


def test_what_is_drawn_stays_within_the_frame(visit):
    page = visit.open(f"{MANY}?shown=m2&range=0.4~0.6&zoom=20~40&charts=m0", ready=".gt-panel")
    inside, outside = panel(
        page,
        "val/m0",
        """(() => {
            const { left, top, width, height } = p.figure.frame;
            const { overlays } = p.figure.view.canvas_view;
            const canvas = overlays.canvas, scale = canvas.width / overlays.el.clientWidth;
            const all = [canvas.width, canvas.height];
            const { data } = canvas.getContext('2d').getImageData(0, 0, ...all);
            const found = [0, 0];
            for (let i = 0; i * 4 < data.length; i += 1) {
                if (!data[i * 4 + 3]) continue;
                const x = (i % all[0]) / scale - left, y = Math.floor(i / all[0]) / scale - top;
                const within = x >= -1 && x <= width + 1 && y >= -1 && y <= height + 1;
                found[within ? 0 : 1] += 1;
            }
            return found;
        })()""",
    )
    assert inside > 100
    assert outside == 0
