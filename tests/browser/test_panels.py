"""Panels of a dashboard: what is drawn, read back from the page and held to what was logged."""

import json
import math

import pytest
import yaml

from gitrack.analysis.dashboard import dashboard_from

from .recordings import VECTORS

BOARD = "projects/panels/index.html?board=All+kinds"
RUNS = range(24)
SCORE = "val/score"


def rate(number):
    return 10 ** (-4 + number % 12 / 4)


def score(number):
    return 1 - (math.log10(rate(number)) + 2.5) ** 2 / 10 + (number * 5) % 7 / 50


SCORES = [score(number) for number in RUNS]


def tile(page, at, expression, board="board"):
    """Evaluate `expression` with `t`, a tile, and `v`, its view, once it is drawn."""
    found = f"document.querySelector(`.gt-tile[data-at='{board} {at}']`)"
    page.wait_for_function(f"() => {found}")
    page.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
    page.wait_for_function(f"() => {found}.dataset.gtDrawn")
    return page.evaluate(
        f"() => {{ const t = {found}.tile; const v = t.view; return ({expression}); }}"
    )


def data(page, at, layer):
    """Read a layer of a tile's marks as Bokeh has it."""
    found = f"v.view.model.document.get_model_by_name('{layer}').data"
    return tile(
        page,
        at,
        f"Object.fromEntries(Object.entries({found}).map(([k, v]) =>"
        " [k, [...v].map((one) => typeof one === 'object' ? [...one] : one)]))",
    )


@pytest.fixture
def board(visit):
    visit.open(BOARD, ready=".gt-tile")
    return visit.page


def test_a_dashboard_takes_the_place_of_the_charts_and_is_chosen_in_a_menu(visit):
    page = visit.open("projects/panels/index.html", ready=".gt-panel")
    page.get_by_role("button", name="All charts", exact=True).click()
    page.get_by_role("button", name="Half of them").click()
    page.wait_for_selector(".gt-tile")
    assert page.locator(".gt-query__input").input_value() == "kind:a"
    assert not page.locator(".gt-charts").is_visible()
    assert "board=Half" in page.evaluate("gitrack.workspace.state.search()")
    assert tile(page, 0, "v.values") == pytest.approx([sum(SCORES[::2]) / 12], rel=1e-6)
    page.get_by_role("button", name="Half of them").click()
    page.get_by_role("button", name="All charts", exact=True).click()
    page.locator(".gt-charts").wait_for(state="visible")


def test_a_link_to_a_dashboard_opens_it_with_its_runs(visit):
    page = visit.open("projects/panels/index.html?board=Half+of+them", ready=".gt-tile")
    page.wait_for_function("gitrack.workspace.list.rows.length === 12")


def test_a_line_has_settings_and_groups_of_its_own(board):
    drawn = tile(board, 0, "v.panel && v.panel.entries.map((e) => [e.run.name, [...e.curve.y]])")
    board.wait_for_function(
        "() => document.querySelector(`.gt-tile[data-at='board 0']`).tile.view.panel.entries.length"
    )
    drawn = tile(board, 0, "v.panel.entries.map((e) => [e.run.name, [...e.curve.y]])")
    assert [name for name, _ in drawn] == ["a", "b"]
    for (_, curve), start in zip(drawn, (0, 1), strict=True):
        mean = sum(SCORES[start::2]) / 12
        assert curve == pytest.approx([mean * (step + 1) / 20 for step in range(20)], rel=1e-5)


def test_scatter_draws_every_run_and_the_best_so_far(board):
    points = data(board, 1, "points")
    hits = tile(board, 1, "v.hits.map((hit) => [hit.run, hit.x, hit.y])")
    assert len(hits) == 24
    for run, x, y in hits:
        assert (x, y) == pytest.approx((math.log10(rate(run)), SCORES[run]))
    assert {round(y, 9) for y in points["y"]} == {round(value, 9) for value in SCORES}
    best, expected = -math.inf, []
    for number in sorted(
        RUNS, key=lambda number: (rate(number), hits.index([*_hit(hits, number)]))
    ):
        if SCORES[number] > best:
            best = SCORES[number]
            expected.append(number)
    assert tile(board, 1, "v.frontier") == expected


def _hit(hits, run):
    return next(hit for hit in hits if hit[0] == run)


def test_bars_are_means_with_the_error_of_the_mean(board):
    quads, lines = data(board, 2, "quads"), data(board, 2, "lines")
    for at, start in enumerate((0, 1)):
        values = SCORES[start::2]
        mean = sum(values) / 12
        error = math.sqrt(sum((value - mean) ** 2 for value in values) / 11 / 12)
        assert (quads["left"][at], quads["right"][at]) == pytest.approx((0, mean))
        assert lines["xs"][3 * at] == pytest.approx([mean - error, mean + error])


def test_a_histogram_counts_every_run_once(board):
    counts = tile(board, 3, "v.counts[0].counts")
    low, high = min(SCORES), max(SCORES)
    expected = [0] * 8
    for value in SCORES:
        expected[min(7, int((value - low) / (high - low) * 8))] += 1
    assert counts == expected


def test_boxes_are_quartiles_as_numpy_has_them(board):
    np = pytest.importorskip("numpy")
    boxes = tile(board, 4, "v.boxes")
    for box, start in zip(boxes, (0, 1), strict=True):
        quartiles = np.quantile(SCORES[start::2], [0.25, 0.5, 0.75])
        assert [box["q1"], box["median"], box["q3"]] == pytest.approx(quartiles.tolist())


def test_a_heat_map_counts_each_run_once_a_column(board):
    grid = tile(board, 6, "v.grid")
    columns = [sum(grid[column::60]) for column in range(60)]
    logged = [count for count in columns if count]
    assert len(logged) == 20
    # What lies beyond the percentiles is cut, and said so.
    assert max(logged) == 24
    assert sum(logged) > 0.9 * 20 * 24


def test_importance_finds_the_setting_that_tells(board):
    rows = {row["key"]: row["share"] for row in tile(board, 8, "v.rows")}
    assert rows["config.rate"] > 0.6
    assert rows["config.luck"] < rows["config.rate"] / 4
    assert sum(rows.values()) == pytest.approx(1)


def test_correlations_are_spearmans(board):
    stats = pytest.importorskip("scipy.stats")
    cells = tile(board, 9, "v.cells.map((row) => row.map((cell) => cell.r))")
    columns = [[rate(n) for n in RUNS], [(n * 5) % 7 for n in RUNS], SCORES]
    for i, left in enumerate(columns):
        for j, right in enumerate(columns):
            assert cells[i][j] == pytest.approx(stats.spearmanr(left, right).statistic)


def test_a_contour_stays_within_its_points(board):
    low, high = tile(board, 10, "gitrack.scale.extent([v.heights])")
    assert min(SCORES) - 1e-9 <= low < high <= max(SCORES) + 1e-9


def test_a_card_tells_the_value_and_its_distance_to_the_baseline(board):
    assert tile(board, 11, "v.values") == pytest.approx([max(SCORES)])
    board.evaluate("gitrack.workspace.list.pin(0)")
    board.wait_for_function(
        "() => document.querySelector(`.gt-tile[data-at='board 11'] .gt-cards__delta`)"
    )
    said = board.locator(".gt-tile[data-at='board 11'] .gt-cards__delta").inner_text()
    assert said.startswith("▲ +")


def test_text_is_markdown_and_links_lead_to_the_web_alone(board):
    tile(board, 12, "1")
    words = board.locator(".gt-tile[data-at='board 12']")
    assert words.locator("h4").inner_text() == "Why"
    assert words.locator("strong").inner_text() == "so"
    assert words.locator("a").get_attribute("href") == "https://example.org/x"


def test_media_and_tables_stand_side_by_side_once_their_runs_are_shown(board):
    assert "None of the" in tile(board, 13, "t.message.textContent")
    board.locator(".gt-tile[data-at='board 13']").get_by_role("button", name="Show runs").click()
    board.wait_for_function(
        "() => document.querySelectorAll(`.gt-tile[data-at='board 13'] img`).length === 2"
    )
    tile(board, 15, "1")
    board.wait_for_function(
        "() => document.querySelector(`.gt-tile[data-at='board 15']`).tile.view.view"
    )
    table = tile(board, 15, "[v.view.data.count, v.view.data.columns.map((c) => c.name)]")
    assert table == [6, ["run", "row", "error"]]


def test_histograms_of_runs_stand_beside_each_other_over_their_steps_in_one_range(board):
    read = (
        "[...v.pictures.values()].map((p) => ({name: p.name, range: p.range,"
        " steps: [...p.data.first], counts: p.data.columns.map((c) => [...c.counts])}))"
    )
    drawn = tile(board, 20, read)
    assert [one["name"] for one in drawn] == ["p-21", "p-20"]
    for one, number in zip(drawn, (21, 20), strict=True):
        assert one["steps"] == list(range(20))
        assert one["counts"] == [[number, step, 1] for step in range(20)]
        assert one["range"] == [0, 21]
    assert tile(board, 20, "t.note.textContent") == "logged by 2 of 10"
    pictures = board.locator(".gt-tile[data-at='board 20'] canvas")
    inked = (
        "(canvas) => new Set(new Uint32Array(canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 2"
    )
    assert [one.evaluate(inked) for one in pictures.all()] == [True, True]


def test_a_histogram_that_no_run_logged_is_named_with_the_nearest(board):
    assert "nearest is “weights”" in tile(board, 21, "t.message.textContent")


def test_a_chart_of_the_repository_is_drawn_in_a_frame_of_its_own(board):
    tile(board, 17, "1")
    frame = board.locator(".gt-tile[data-at='board 17'] iframe")
    frame.wait_for()
    assert frame.get_attribute("sandbox") == "allow-scripts"
    assert "there is no such file" in tile(board, 18, "t.message.textContent")


def test_a_column_that_nobody_has_is_named_with_the_nearest_one(board):
    said = tile(board, 19, "t.message.textContent")
    assert said == "No run has “rates”; the nearest is “rate”."


def test_pointing_at_a_point_lights_the_run_everywhere(board):
    place = tile(
        board, 1, "[v.element.getBoundingClientRect(), v.toPixel(v.hits[0].x, v.hits[0].y)]"
    )
    run = tile(board, 1, "v.hits[0].run")
    box, (x, y) = place
    board.mouse.move(box["x"] + x, box["y"] + y)
    board.wait_for_selector(".gt-tile__tip:not([hidden])")
    assert f"p-{run:02}" in board.locator(".gt-tile__tip").inner_text()
    assert board.evaluate("gitrack.workspace.charts.highlighted") == run


def test_a_stretch_of_an_axis_filters_by_the_search_line_and_can_be_taken_away(board):
    tile(board, 7, "v.brushAxis(1, [-0.1, 0.99999])")
    board.wait_for_function("gitrack.workspace.state.q.includes('config.width>=')")
    tile(board, 7, "v.brushAxis(1, [0.5, 1.1])")
    line = board.evaluate("gitrack.workspace.state.q")
    assert line == "config.width>=3 config.width<=6"
    kept = board.evaluate("gitrack.workspace.list.rows")
    assert sorted(kept) == [number for number in RUNS if (number * 5) % 7 >= 3]
    # The others stay in sight, faint.
    board.wait_for_timeout(300)
    assert tile(board, 7, "v.paths.size") == 24
    tile(board, 7, "v.brushAxis(2, [0.9, 1.1])")
    assert '-config.kind:"a"' in board.evaluate("gitrack.workspace.state.q")
    tile(board, 7, "v.brushAxis(1, [0.2, 0.2])")
    assert board.evaluate("gitrack.workspace.state.q") == '-config.kind:"a"'


def test_a_panel_is_added_edited_moved_and_removed_and_comes_back(visit):
    page = visit.open("projects/panels/index.html", ready=".gt-panel")
    page.get_by_role("button", name="Add panel").click()
    form = page.get_by_role("dialog", name="Add panel")
    form.get_by_label("Kind of panel").select_option("box")
    form.get_by_label("Y *").fill(SCORE)
    form.get_by_label("Add to Group by").fill("kind")
    form.get_by_label("Add to Group by").press("Enter")
    form.locator(".gt-tile[data-gt-drawn=true]").wait_for()
    form.get_by_role("button", name="Add", exact=True).click()
    assert tile(page, 0, "v.boxes.length", "own") == 2
    spec = {"chart": "scalar", "y": SCORE}
    page.evaluate("s => { const b = gitrack.workspace.board; b.keep([...b.own, s]); }", spec)
    page.locator(".gt-tile[data-at='own 1']").focus()
    page.keyboard.press("Alt+ArrowLeft")
    kinds = "gitrack.workspace.board.own.map((one) => one.chart)"
    assert page.evaluate(kinds) == ["scalar", "box"]
    page.wait_for_function("location.href.includes('panel=')")
    # Who comes back to the page's bare address finds the panels again.
    page.goto(page.url.split("?")[0])
    page.wait_for_selector(".gt-tile[data-at='own 1']")
    assert page.evaluate(kinds) == ["scalar", "box"]
    tile(page, 0, "1", "own")
    first = page.locator(".gt-tile[data-at='own 0']")
    first.hover()
    first.get_by_role("button", name=f"More for {SCORE}", exact=True).click()
    page.get_by_role("button", name="Remove").click()
    assert page.evaluate(kinds) == ["box"]


def test_what_is_copied_as_yaml_is_the_dashboard_that_the_builder_reads(visit):
    page = visit.open(f"{BOARD}&q=kind:a+%22x+y%22&group=config.kind", ready=".gt-tile")
    panels = page.evaluate("gitrack.workspace.board.chosen.panels")
    odd = [
        {"chart": "markdown", "text": text, "title": text}
        for text in (
            *VECTORS[:12],
            *VECTORS[13:],
            "yes",
            "null",
            "1e3",
            "a: b # c",
            "- x",
            "\t\x85\u2028\ufeff",
        )
    ]
    odd += [{"chart": "line", "y": "y", "smooth": 0, "range": [None, 1.5], "outliers": 0.05}]
    written = page.evaluate(
        "panels => gitrack.workspace.board.yaml('My: panels', panels)", [*panels, *odd]
    )
    read = dashboard_from(yaml.safe_load(written), "copied")
    assert (read.name, read.runs, list(read.group)) == (
        "My: panels",
        'kind:a "x y"',
        ["config.kind"],
    )
    assert [panel.described() for panel in read.panels] == [
        dict(panel) for panel in (*panels, *odd)
    ]


def test_an_address_that_describes_nonsense_draws_nothing_of_it(visit):
    wrong = [
        "{",
        "[]",
        '{"chart":"__proto__"}',
        '{"chart":"constructor"}',
        json.dumps({"chart": "scatter", "x": {"a": 1}, "y": 3, "runs": ["x"], "width": 1e9}),
        json.dumps({"chart": "markdown", "text": VECTORS[0], "__proto__": {"title": "x"}}),
    ]
    query = "&".join("panel=" + one.replace("&", "%26").replace("#", "%23") for one in wrong)
    page = visit.open(f"projects/panels/index.html?{query}", ready=".gt-tile")
    assert page.evaluate("gitrack.workspace.board.own.map((one) => Object.keys(one))") == [
        ["chart"],
        ["chart", "text"],
    ]
    assert tile(page, 0, "t.message.textContent", "own") == "Scatter: X is not chosen yet."
    assert page.evaluate("window.broken") is None


def test_hostile_names_are_texts_in_every_kind_of_panel(visit):
    page = visit.open("projects/hostile/index.html", ready=".gt-panel")
    page.wait_for_function("gitrack.workspace.board.dashboards.length === 1")
    page.evaluate("b => gitrack.workspace.board.choose(gitrack.workspace.board.dashboards[0])")
    page.wait_for_selector(".gt-tile")
    count = page.evaluate("document.querySelectorAll('.gt-tile').length")
    assert count == 3 * len(VECTORS) + 7
    for at in range(count):
        tile(page, at, "1")
    assert page.evaluate("window.broken") is None
    assert page.evaluate("({}).polluted") is None
    links = page.evaluate("[...document.querySelectorAll('.gt-words a')].map((a) => a.href)")
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert page.locator(".gt-words script, .gt-words img").count() == 0
