import csv
import importlib.util
import io
import math
from operator import itemgetter
from pathlib import Path

import numpy as np
import pytest

_SPEC = importlib.util.spec_from_file_location(
    "recordings", Path(__file__).with_name("recordings.py")
)
_RECORDINGS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_RECORDINGS)
VECTORS = _RECORDINGS.VECTORS
ROWS = _RECORDINGS.image_rows()

RUN = "projects/logged/runs/tables.html"
TABLE = "section[aria-label='Table val/{}']"
LAST = ROWS[:118]  # the table that was logged last, at step 2


@pytest.fixture
def table(visit):
    """Open the run's page and return a table of it, drawn."""

    def show(name):
        page = visit.open(RUN, ready="#tables")
        page.locator("#tables").scroll_into_view_if_needed()
        page.wait_for_selector(TABLE.format(name), state="attached")
        one = page.locator(TABLE.format(name))
        one.scroll_into_view_if_needed()
        one.locator("tbody tr").first.wait_for()
        return one

    return show


def first_column(table):
    """Samples' names in the order in which the table has them, all of them."""
    return table.evaluate(
        """(element) => {
            const { view } = gitrack.loggedTables.find((one) => one.element === element);
            return view.rows.map((row) => view.data.columns[0].values[row]);
        }"""
    )


def head(table, name):
    return table.locator("thead th").filter(has_text=name)


def is_number(value):
    return value is not None and not math.isnan(value)


def test_cells_show_what_was_logged(table):
    shown = table("images")
    rows = shown.locator("tbody tr:not(.gt-room)")
    assert rows.nth(0).locator("td").all_inner_texts()[:2] == ["s-0", "prostate"]
    assert rows.nth(0).locator("td").nth(4).inner_text() == "true"
    assert rows.nth(1).locator("td").nth(5).inner_text() == '{"at":[1,1]}'
    assert rows.nth(0).locator("td").nth(5).inner_text() == "–"
    assert rows.nth(7).locator("td").nth(2).inner_text() == "NaN"
    assert rows.nth(9).locator("td").nth(2).inner_text() == "–"
    assert float(rows.nth(3).locator("td").nth(2).inner_text()) == pytest.approx(LAST[3][2], 1e-3)


def test_the_head_sorts_and_what_is_no_number_stays_last(table):
    shown = table("images")
    rest = [row[0] for row in LAST if row[2] is not None and math.isnan(row[2])]
    rest += [row[0] for row in LAST if row[2] is None]
    for reverse, word in ((False, "ascending"), (True, "descending")):
        head(shown, "score").locator(".gt-data__sort").click()
        assert head(shown, "score").get_attribute("aria-sort") == word
        wanted = sorted(
            (row for row in LAST if is_number(row[2])), key=itemgetter(2), reverse=reverse
        )
        assert first_column(shown) == [row[0] for row in wanted] + rest
    head(shown, "score").locator(".gt-data__sort").click()
    assert first_column(shown) == [row[0] for row in LAST]


def test_shift_sorts_by_several_columns(table):
    shown = table("images")
    head(shown, "organ").locator(".gt-data__sort").click()
    for _ in range(2):
        head(shown, "count").locator(".gt-data__sort").click(modifiers=["Shift"])
    wanted = sorted(LAST, key=lambda row: (row[1], -row[3]))
    assert first_column(shown) == [row[0] for row in wanted]
    assert head(shown, "count").locator(".gt-data__mark").inner_text() == "↓2"


def test_words_filter_over_all_cells(table):
    shown = table("images")
    shown.get_by_role("searchbox").fill("KIDNEY true")
    wanted = [row[0] for row in LAST if row[1] == "kidney" and row[4]]
    assert first_column(shown) == wanted
    assert f"{len(wanted)} of 118 rows" in shown.inner_text()
    shown.get_by_role("searchbox").fill("nothing has this")
    assert "No row passes the filters." in shown.inner_text()
    shown.get_by_role("button", name="All rows").click()
    assert len(first_column(shown)) == 118


def test_a_column_keeps_a_range_or_some_texts(table):
    shown = table("images")
    page = shown.page
    shown.get_by_role("button", name="Filter score").click()
    page.get_by_label("from", exact=True).fill("0.25")
    page.get_by_label("to", exact=True).fill("0.5")
    page.keyboard.press("Tab")
    wanted = [row for row in LAST if is_number(row[2]) and 0.25 <= row[2] <= 0.5]
    assert first_column(shown) == [row[0] for row in wanted]
    page.keyboard.press("Escape")
    shown.get_by_role("button", name="Filter organ").click()
    page.locator(".gt-popover label").filter(has_text="lung").click()
    wanted = [row for row in wanted if row[1] == "lung"]
    assert first_column(shown) == [row[0] for row in wanted]


def test_the_head_draws_how_values_fall_and_what_is_left_of_them(table):
    shown = table("images")
    counts = """(element, rows) => {
        const { view } = gitrack.loggedTables.find((one) => one.element === element);
        return view.data.spread(2, rows ? view.rows : null).counts;
    }"""
    scores = [row[2] for row in LAST if is_number(row[2])]
    wanted, edges = np.histogram(scores, 20)
    assert shown.evaluate(counts, False) == wanted.tolist()
    shown.get_by_role("searchbox").fill("lung")
    kept = [row[2] for row in LAST if row[1] == "lung" and is_number(row[2])]
    assert shown.evaluate(counts, True) == np.histogram(kept, edges)[0].tolist()
    drawn = head(shown, "score").locator(".gt-data__kept").get_attribute("d")
    assert drawn.count("M") == np.count_nonzero(np.histogram(kept, edges)[0])


def test_dragging_over_the_bars_keeps_a_range(table):
    shown = table("images")
    page = shown.page
    box = head(shown, "score").locator("svg.gt-data__bars").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 5, box["y"] + 8)
    page.mouse.up()
    scores = [row[2] for row in LAST if is_number(row[2])]
    middle = (min(scores) + max(scores)) / 2
    kept = first_column(shown)
    wanted = [row[0] for row in LAST if is_number(row[2]) and row[2] > middle]
    assert abs(len(kept) - len(wanted)) <= 2


def test_only_rows_in_sight_exist_and_all_can_be_reached(table):
    shown = table("many")
    assert shown.locator("table").get_attribute("aria-rowcount") == "10001"
    assert "The first 10,000 of 10,200 rows." in shown.inner_text()
    assert "gitrack get tables:tables/" in shown.inner_text()
    scroll = shown.locator(".gt-data__scroll")
    scroll.evaluate("(element) => { element.scrollTop = element.scrollHeight; }")
    last = shown.locator("tbody tr").filter(has_text="9,999").first
    last.wait_for()
    assert shown.locator("tbody tr").count() < 60
    assert float(last.locator("td").nth(1).inner_text()) == pytest.approx(9999**0.5, rel=1e-3)


def test_the_keyboard_walks_and_opens_cells(table):
    shown = table("images")
    page = shown.page
    shown.locator("td[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.parentNode.at") == 1
    page.keyboard.press("Control+End")
    focused = "document.activeElement.parentNode.querySelector('td').innerText"
    assert page.evaluate(focused) == LAST[-1][0]
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.locator("p").first.inner_text() == "No value."
    page.keyboard.press("ArrowUp")
    assert "row 117" in dialog.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_what_is_kept_can_be_copied_and_read_by_other_programs(table):
    shown = table("images")
    shown.get_by_role("searchbox").fill("colon")
    sheet = """(element) => {
        const { view } = gitrack.loggedTables.find((one) => one.element === element);
        return view.data.sheet(view.rows, ',');
    }"""
    names, *rows = csv.reader(io.StringIO(shown.evaluate(sheet)))
    assert names == ["sample", "organ", "score", "count", "even", "nested"]
    wanted = [row for row in LAST if row[1] == "colon"]
    assert [row[0] for row in rows] == [row[0] for row in wanted]
    for read, logged in zip(rows, wanted, strict=True):
        if is_number(logged[2]):
            assert float(read[2]) == logged[2]
        else:
            assert read[2] == ("" if logged[2] is None else "NaN")
    with shown.page.expect_download() as download:
        shown.get_by_role("button", name="More for val/images").click()
        shown.page.get_by_role("button", name="as CSV").click()
    assert download.value.suggested_filename == "tables-val_images.csv"
    text = Path(download.value.path()).read_text("utf-8")
    assert text.splitlines() == shown.evaluate(sheet).splitlines()


def test_steps_lead_through_the_tables_of_a_key(table):
    shown = table("images")
    assert "118 rows" in shown.inner_text()
    head(shown, "score").locator(".gt-data__sort").click()
    for rows in (119, 120):
        shown.get_by_role("button", name="Earlier step").click()
        shown.get_by_text(f"{rows} rows").wait_for()
    assert "step 0 · 1 of 3" in shown.inner_text()
    assert head(shown, "score").get_attribute("aria-sort") == "ascending"


def test_media_in_cells_are_seen_heard_and_opened(table):
    shown = table("media")
    page = shown.page
    image = shown.locator("tbody img")
    image.evaluate("(one) => one.decode()")
    assert image.evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [12, 9]
    assert shown.locator("audio").count() == 1
    shown.get_by_role("button", name="Enlarge grey").click()
    assert "grey" in page.get_by_role("dialog").inner_text()
    page.get_by_role("button", name="Close").click()
    shown.get_by_role("button", name="Open html").click()
    frame = page.frame_locator("dialog iframe")
    assert frame.locator("body").inner_text() == "page is held"
    assert page.evaluate("window.broken") is None


def test_hostile_cells_and_names_are_text(table):
    shown = table("bad")
    page = shown.page
    page.wait_for_timeout(300)
    texts = shown.evaluate(
        """(element) => {
            const { view } = gitrack.loggedTables.find((one) => one.element === element);
            return [view.data.columns.map((one) => one.name), view.data.columns[0].values];
        }"""
    )
    assert texts == [[*VECTORS[:4], "thing"], VECTORS]
    for number in range(len(VECTORS)):
        shown.locator(".gt-data__scroll").evaluate(
            "(one, top) => { one.scrollTop = top; }", number * 30
        )
    for place in range(5):
        shown.locator("thead .gt-button--bare").nth(place).click()
        page.keyboard.press("Escape")
    shown.locator("td").first.dblclick()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate("[window.broken, ({}).polluted]") == [None, None]


def test_a_table_of_plain_columns_is_all_a_page_needs(visit):
    page = visit.open(RUN, ready="#tables")
    texts = page.evaluate(
        """() => {
            const view = new gitrack.TableView({
                label: 'joined', rows: 3,
                columns: [
                    { name: 'x', kind: 'number', values: [1, null, Infinity] },
                    { name: '__proto__', kind: 'text', values: ['a', 'b', null] },
                    { name: 'empty', kind: 'text', values: [null, null, null] },
                ],
            });
            document.body.append(view.element);
            const cells = (row) => [...row.querySelectorAll('.gt-data__cell')];
            const rows = [...view.element.querySelectorAll('tbody tr')];
            return rows.map((row) => cells(row).map((one) => one.innerText));
        }"""
    )
    assert texts == [["1", "a", "–"], ["–", "b", "–"], ["∞", "–", "–"]]
    empty = page.evaluate(
        """() => {
            const view = new gitrack.TableView({ label: 'none', rows: 0, columns: [] });
            document.body.append(view.element);
            return view.element.innerText;
        }"""
    )
    assert "This table has no rows." in empty


@pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
def test_on_a_phone_the_page_does_not_scroll_sideways(table):
    shown = table("images")
    widths = "[document.documentElement.scrollWidth, innerWidth]"
    wide, window = shown.page.evaluate(widths)
    assert wide <= window
    assert shown.locator("thead .gt-button--bare").first.bounding_box()["height"] >= 44
