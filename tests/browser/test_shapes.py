"""Histograms, points and meshes, embeddings, models and trees are drawn as they were logged."""

import re

import pytest

PAGE = "projects/shapes/runs/shapes.html"
PIXELS = """
canvas => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    const counts = {red: 0, green: 0, blue: 0, other: 0};
    for (let i = 0; i < data.length; i += 4) {
        const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
        if (r > 90 && g < 40 && b < 40) counts.red += 1;
        else if (g > 90 && r < 40 && b < 40) counts.green += 1;
        else if (b > 120 && b > r + 60) counts.blue += 1;
        else counts.other += 1;
    }
    return counts;
}
"""


@pytest.fixture
def show(visit):
    """Open the run's page, bring a section into sight, and wait until `ready` holds there."""

    def open_section(name, ready):
        page = visit.open(PAGE, ready=f"#{name}")
        page.evaluate("name => document.getElementById(name).scrollIntoView()", name)
        page.wait_for_function(ready)
        return page

    return open_section


def drawn(page, expression, argument=None):
    return page.evaluate(f"value => {expression}", argument)


HISTOGRAMS = "window.gitrack?.histogramsShown?.every(one => one.data)"
SHELVES = "window.gitrack?.shelves?.[0].views[0]?.scene.shape"
WORDS = "window.gitrack?.embeddingsShown?.[0].coloured"


def test_a_cursor_reads_the_quantiles_of_a_step(show):
    page = show("histograms", HISTOGRAMS)
    plot = page.locator(".gt-histogram[data-name='w/even'] [role=slider]")
    plot.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    assert plot.get_attribute("aria-valuenow") == "2"
    # Counts 0, 10, 30, 60 between 0, 1, 2, 3, 4: half lies below 3 + 10/60.
    assert plot.get_attribute("aria-valuetext").startswith(
        "step 2 · median 3.17 · 5–95 % 1.5 to 3.92"
    )
    data = "gitrack.histogramsShown.find(one => one.name === 'w/even').data"
    assert drawn(page, f"[0, .1, .4, 1].map(share => {data}.quantile(2, share))") == [1, 2, 3, 4]
    assert drawn(page, f"{data}.whole") == [0, 4]


def test_a_heatmap_is_darkest_where_most_values_are(show):
    page = show("histograms", HISTOGRAMS)
    page.locator(".gt-histogram[data-name='w/even']").scroll_into_view_if_needed()
    shades = page.evaluate(
        """() => {
        const one = gitrack.histogramsShown.find(one => one.name === "w/even");
        one.draw();
        const {width, height} = one.canvas;
        const context = one.canvas.getContext("2d");
        const x = Math.round(width * 2.5 / 4);
        return [.05, .3, .55, .95].map(y =>
            context.getImageData(x, Math.round(y * height), 1, 1).data[0]);
        }"""
    )
    top, second, third, bottom = shades
    assert top < second < third < bottom == 255


def test_offsets_a_search_and_hostile_names(show):
    page = show("histograms", HISTOGRAMS)
    page.get_by_role("button", name="Offset").click()
    assert page.get_by_role("button", name="Offset").get_attribute("aria-pressed") == "true"
    search = page.get_by_role("searchbox", name="Search histograms by name")
    search.fill("onerror")
    assert page.locator(".gt-histogram:visible").count() == 1
    search.fill("nothing of the kind")
    assert page.locator(".gt-histogram:visible").count() == 0
    assert page.get_by_text("No histogram has such a name").is_visible()


def test_the_larger_view_shows_one_step_as_bars(show):
    page = show("histograms", HISTOGRAMS)
    page.get_by_role("button", name="Enlarge w/even").click()
    dialog = page.get_by_role("dialog", name="w/even")
    dialog.get_by_role("row", name="counted 100").wait_for()
    dialog.get_by_role("slider").focus()
    page.keyboard.press("Home")
    assert dialog.get_by_role("row", name="median 2").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0


def test_points_and_boxes_are_painted_in_their_colours(show):
    page = show("objects", SHELVES)
    canvas = page.locator("#objects canvas").first
    counts = canvas.evaluate(PIXELS)
    assert counts["blue"] > 20  # three points, in the first run's colour
    assert counts["red"] > 100  # the box's edges
    assert drawn(page, "Array.from(gitrack.shelves[0].views[0].scene.shape.points.at)") == [
        4, 0, 0, 0, 4, 0, 0, 0, 4,
    ]  # fmt: skip


def test_a_step_is_chosen_and_the_view_stays(show):
    page = show("objects", SHELVES)
    scene = "gitrack.shelves[0].views[0].scene"
    page.evaluate(f"{scene}.turn(0.5, 0.2)")
    camera = page.evaluate(f"({{...{scene}.camera}})")
    page.get_by_role("slider", name="Step of cloud").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"{scene}.shape.points.at[0] === 1")
    assert page.evaluate(f"({{...{scene}.camera}})") == camera


def test_a_scene_is_turned_moved_and_zoomed_by_keys_and_mouse(show):
    page = show("objects", SHELVES)
    scene = "gitrack.shelves[0].views[0].scene"
    before = page.evaluate(f"({{...{scene}.camera}})")
    page.locator("#objects .gt-scene").first.focus()
    for key in ("ArrowLeft", "ArrowUp", "+", "Shift+ArrowRight"):
        page.keyboard.press(key)
    turned = page.evaluate(f"({{...{scene}.camera}})")
    assert turned["turn"] > before["turn"]
    assert turned["tilt"] < before["tilt"]
    assert turned["distance"] < before["distance"]
    assert turned["target"] != before["target"]
    page.keyboard.press("0")
    assert page.evaluate(f"({{...{scene}.camera}})") == before
    box = page.locator("#objects canvas").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 120, steps=3)
    page.mouse.up()
    assert page.evaluate(f"{scene}.camera.turn") < before["turn"]
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"{scene}.camera.distance < {before['distance']}")


def test_a_mesh_is_painted_and_a_broken_one_says_why(show):
    page = show("objects", "window.gitrack?.shelves?.every(shelf => shelf.views.length)")
    page.locator("section[aria-label='square']").scroll_into_view_if_needed()
    page.wait_for_function("gitrack.shelves[1].views[0].scene.shape")
    canvas = page.locator("section[aria-label='square'] canvas")
    assert canvas.evaluate(PIXELS)["red"] > 2000
    assert (
        "cannot be shown: line 1 is damaged"
        in page.locator("section[aria-label='broken']").inner_text()
    )


def test_many_scenes_share_one_context(show):
    page = show("objects", SHELVES)
    page.evaluate("gitrack.shelves.forEach(shelf => shelf.walk.go())")
    page.wait_for_function("gitrack.shelves.slice(0, 2).every(s => s.views[0]?.scene.made)")
    painters = "new Set(gitrack.shelves.slice(0, 2).map(s => s.views[0].scene.made.painter)).size"
    assert page.evaluate(painters) == 1


def test_a_lost_context_is_made_anew(show):
    page = show("objects", SHELVES)
    page.evaluate("gitrack.scenePainter().gl.getExtension('WEBGL_lose_context').loseContext()")
    page.evaluate("gitrack.shelves[0].views[0].scene.draw()")
    assert page.locator("#objects canvas").first.evaluate(PIXELS)["red"] > 100


def test_without_webgl_a_message_stands_in_its_place(visit):
    visit.page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "return kind === 'webgl2' ? null : real.call(this, kind, ...rest); };"
    )
    page = visit.open(PAGE, ready="#objects")
    page.evaluate("document.getElementById('objects').scrollIntoView()")
    page.get_by_text("This browser has no WebGL2").first.wait_for()


def test_an_embedding_is_coloured_by_its_labels_and_searched(show):
    page = show("embeddings", WORDS)
    one = "gitrack.embeddingsShown[0]"
    assert page.evaluate(f"{one}.coloured.legend.map(entry => entry.count)") == [40, 40, 40]
    search = page.get_by_role("searchbox", name="Search the labels of words")
    search.fill("onerror")
    page.get_by_text("40 of 120 match").wait_for()
    assert page.evaluate(f"{one}.matches") == list(range(80, 120))
    search.fill("")
    page.locator("#embeddings .gt-legend__entry").first.click()
    hidden = page.evaluate(f"{one}.scene.shape.points.sizes.filter(size => size === 0).length")
    assert hidden == 40


def test_numbers_are_coloured_from_low_to_high(show):
    page = show("embeddings", WORDS)
    page.get_by_label("Colour by").select_option("size")
    ramp = page.locator("#embeddings .gt-embedding__ramp")
    assert ramp.inner_text().split() == ["0", "119"]
    colours = page.evaluate("Array.from(gitrack.embeddingsShown[0].coloured.colours)")
    tones = [sum(colours[3 * place : 3 * place + 3]) for place in range(0, 120, 10)]
    assert tones == sorted(tones, reverse=True)  # darker is more, on a light page
    assert len(set(tones)) == 12


def test_a_chosen_point_tells_its_nearest_vectors(show):
    page = show("embeddings", WORDS)
    one = "gitrack.embeddingsShown[0]"
    page.evaluate(f"{one}.choose(5)")
    page.wait_for_function(f"{one}.near")
    near = page.evaluate(f"{one}.near.map(one => one.place)")
    assert len(near) == 10
    wanted = page.evaluate(
        f"""() => {{
        const {{vectors: v, data: {{dimensions: d}}}} = {one};
        const row = i => Array.from(v.subarray(i * d, i * d + d));
        const dot = (a, b) => a.reduce((sum, part, k) => sum + part * b[k], 0);
        const own = row(5);
        const cos = i => dot(own, row(i)) / Math.sqrt(dot(own, own) * dot(row(i), row(i)));
        const others = [...Array(120).keys()].filter(i => i !== 5);
        return others.sort((a, b) => cos(b) - cos(a)).slice(0, 10);
        }}"""
    )
    assert near == wanted
    assert all(place < 40 for place in near)
    page.get_by_role("button", name="Euclidean").click()
    page.wait_for_function(f"{one}.near && {one}.measure === 'euclidean'")
    assert page.locator("#embeddings aside ol button").count() == 10


def test_a_click_picks_the_point_under_it_in_both_views(show):
    page = show("embeddings", WORDS)
    one = "gitrack.embeddingsShown[0]"
    for words in ("2D", "3D"):
        page.locator("#embeddings").get_by_role("button", name=words, exact=True).click()
        canvas = page.locator("#embeddings canvas")
        canvas.scroll_into_view_if_needed()
        at = page.evaluate(f"{one}.scene.project({one}.scene.shape.points.at.subarray(21, 24))")
        box = canvas.bounding_box()
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
        page.wait_for_function(f"{one}.chosen !== null")
        where = page.evaluate(
            f"(() => {{ const p = {one}.scene.shape.points.at; const i = {one}.chosen;"
            f"return {one}.scene.project(p.subarray(3 * i, 3 * i + 3)); }})()"
        )
        assert abs(where["x"] - at["x"]) < 12
        assert abs(where["y"] - at["y"]) < 12


def test_a_model_unfolds_by_keys_and_is_searched(show):
    page = show("graph", "window.gitrack?.graphsShown?.size")
    picture = page.locator("#graph svg.gt-diagram__picture")
    assert picture.locator(".gt-module").count() == 4
    b = picture.get_by_role("button", name="b, Layer")
    assert b.get_attribute("aria-expanded") == "true"
    b.focus()
    page.keyboard.press("Enter")
    assert picture.locator(".gt-module").count() == 3
    assert picture.get_by_role("button", name="b, Layer").get_attribute("aria-expanded") == "false"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "b, Layer, 50 "
    )
    page.get_by_role("searchbox", name="Search the modules of graph").fill("/c")
    assert picture.locator(".gt-module--hit").count() == 1
    page.locator("#graph summary").click()
    assert page.locator("#graph tbody tr").count() == 4


def test_a_tree_is_folded_below_four_levels_and_unfolds(show):
    pytest.importorskip("sklearn")
    page = show("trees", "window.gitrack?.treesShown?.get('deep')")
    tree = "gitrack.treesShown.get('deep')"
    assert page.evaluate(f"Math.max(...[...{tree}.at.keys()].map(node => {tree}.level[node]))") == 4
    section = page.locator("section[aria-label='deep']")
    section.get_by_role("button", name="Unfold all").click()
    assert page.evaluate(f"{tree}.at.size") == page.evaluate(f"{tree}.count")
    overlapping = page.evaluate(
        f"""() => {{
        const rows = new Map();
        for (const {{x, y}} of {tree}.at.values()) rows.set(y, [...(rows.get(y) || []), x]);
        return [...rows.values()].some(row => row.sort((a, b) => a - b)
            .some((x, i) => i && x - row[i - 1] < 184));
        }}"""
    )
    assert not overlapping
    texts = page.evaluate(
        """() => [...document.querySelectorAll("section[aria-label='deep'] .gt-tree__node")].map(
            node => [...node.querySelectorAll('text:not(.gt-tree__more)')]
                .map(one => [one.textContent, one.getComputedTextLength()]))"""
    )
    assert max(wide for node in texts for _, wide in node) <= 164
    # Of a long name the rest is cut, of its threshold nothing.
    questions = [text for node in texts for text, _ in node if "≤" in text]
    assert questions
    assert all(re.fullmatch(r"<script>.*… ≤ [−.\d]+", text) for text in questions)
    titles = section.locator(".gt-tree__node title").all_text_contents()
    assert any("</script>" in title for title in titles)
    section.locator("summary").click()
    text = section.locator("pre").inner_text()
    assert text.count("samples)") == page.evaluate(f"{tree}.left.filter(node => node < 0).length")
    assert "|--- <script>" in text


def test_a_tree_of_a_forest_is_chosen(show):
    pytest.importorskip("sklearn")
    page = show("trees", "window.gitrack?.treesShown")
    section = page.locator("section[aria-label='forest']")
    section.scroll_into_view_if_needed()
    page.wait_for_function("gitrack.treesShown.get('forest')")
    before = page.evaluate("gitrack.treesShown.get('forest').count")
    section.get_by_label("Tree of forest").select_option("1")
    page.wait_for_function(f"gitrack.treesShown.get('forest').count !== {before}")


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": 390, "height": 844}, "has_touch": True}], indirect=True
)
def test_on_a_phone_nothing_is_wider_than_the_page(show):
    page = show("objects", SHELVES)
    for name in ("embeddings", "graph", "histograms"):
        page.evaluate("name => document.getElementById(name).scrollIntoView()", name)
        page.wait_for_function(f"document.getElementById('{name}').dataset.gtDrawn")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_loads_what_draws_its_own_sections_and_no_other(visit):
    loaded = "[...document.querySelectorAll('script[src]')].map(one => one.src.split('/').pop())"
    page = visit.open(PAGE, ready="#objects")
    drawers = {"scene.js", "shapes.js", "diagram.js", "section-objects.js"}
    assert drawers <= set(page.evaluate(loaded))
    assert len(page.evaluate(loaded)) == len(set(page.evaluate(loaded)))
    page = visit.open("projects/logged/runs/charts.html", ready=".gt-plotcard")
    assert not {"objects", "embeddings", "graph", "trees"} & set(
        page.evaluate("[...document.querySelectorAll('[data-gt-section]')].map(one => one.id)")
    )
    assert "run.js" in page.evaluate(loaded)
    assert not drawers & set(page.evaluate(loaded))


def test_nothing_that_was_logged_runs(show):
    page = show("objects", SHELVES)
    for name in ("embeddings", "graph", "histograms"):
        page.evaluate("name => document.getElementById(name).scrollIntoView()", name)
        page.wait_for_function(f"document.getElementById('{name}').dataset.gtDrawn")
    assert page.evaluate("window.broken") is None
