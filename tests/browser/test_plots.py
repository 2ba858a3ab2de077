import importlib.util
from pathlib import Path

import numpy as np
import pytest

from gitrack.publish.sections.traces import traces_of

_SPEC = importlib.util.spec_from_file_location(
    "recordings", Path(__file__).with_name("recordings.py")
)
_RECORDINGS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_RECORDINGS)
VECTORS = _RECORDINGS.VECTORS
TRUTH, SCORES = map(np.array, _RECORDINGS.guesses())
GUESS = SCORES.argmax(axis=1)

RUN = "projects/logged/runs/{}.html"
DRAWN = """async (key) => {
    const one = gitrack.loggedPlots.find((plot) => plot.key === key);
    await one.plot.ready;
    const { model } = one.plot.view;
    const data = (name) => {
        const { data } = model.document.get_model_by_name(name);
        const entries = data instanceof Map ? [...data] : Object.entries(data);
        return entries.map(([column, values]) => [column, Array.from(values, (v) =>
            typeof v === 'object' ? Array.from(v, (n) => (Number.isNaN(n) ? null : n)) : v)]);
    };
    return ['quads', 'lines', 'points', 'texts'].map((name) => [name, data(name)]);
}"""


@pytest.fixture
def card(visit):
    """Open a run's page and return one of its charts, drawn."""

    def show(key, run="charts"):
        path = RUN.format(run)
        if not visit.page.url.endswith(path):
            visit.open(path, ready=".gt-plotcard")
        one = visit.page.locator(f"section[aria-label='Chart {key}']")
        one.scroll_into_view_if_needed()
        one.locator("canvas, iframe, .gt-data").first.wait_for(state="attached")
        return one

    return show


def drawn(card, key):
    """What the figure of a chart holds, read back from Bokeh."""
    marks = card.page.evaluate(DRAWN, key)
    return {name: dict(columns) for name, columns in marks}


def test_a_confusion_matrix_has_the_counts_in_its_cells_and_shares_on_demand(card):
    one = card("confusion")
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (TRUTH, GUESS), 1)
    assert drawn(one, "confusion")["texts"]["text"] == [str(n) for n in counts.ravel()]
    one.get_by_role("button", name="By row").click()
    shares = counts / counts.sum(axis=1, keepdims=True)
    wanted = [f"{share:.2f}" for share in shares.ravel()]
    assert drawn(one, "confusion")["texts"]["text"] == wanted
    one.get_by_role("button", name="By column").click()
    shares = counts / counts.sum(axis=0, keepdims=True)
    wanted = [f"{share:.2f}" for share in shares.ravel()]
    assert drawn(one, "confusion")["texts"]["text"] == wanted


def test_steps_lead_through_a_chart(card):
    one = card("confusion")
    one.get_by_role("button", name="Earlier step").click()
    one.page.wait_for_function(
        """() => {
            const one = gitrack.loggedPlots.find((plot) => plot.key === 'confusion');
            const { texts } = one.plot.made;
            return texts.reduce((sum, text) => sum + Number(text.text), 0) === 100;
        }"""
    )
    assert one.locator(".gt-steps").inner_text() == "step 0 · 1 of 2"


def test_a_roc_curve_has_its_areas_and_the_diagonal(card):
    from sklearn.metrics import roc_auc_score

    one = card("roc")
    for place, name in enumerate("abc"):
        area = roc_auc_score(place == TRUTH, SCORES[:, place])
        assert f"{name}\nAUC {area:.3f}" in one.locator(".gt-plot__legend").inner_text()
    lines = drawn(one, "roc")["lines"]
    assert lines["xs"][0] == lines["ys"][0] == [0, 1]
    assert lines["dash"][0] == "4 4"
    area = np.trapezoid(lines["ys"][2], lines["xs"][2])
    assert area == pytest.approx(roc_auc_score(TRUTH == 1, SCORES[:, 1]), abs=1e-6)


def test_a_precision_recall_curve_has_its_averages_and_baselines(card):
    from sklearn.metrics import average_precision_score

    one = card("pr")
    average = average_precision_score(TRUTH == 2, SCORES[:, 2])
    assert f"AP {average:.3f}" in one.locator(".gt-plot__legend").inner_text()
    lines = drawn(one, "pr")["lines"]
    assert len(lines["xs"]) == 6
    assert lines["ys"][:3] == [[np.mean(place == TRUTH)] * 2 for place in range(3)]


def test_lines_keep_their_gaps_and_can_be_switched_off(card):
    one = card("lines")
    lines = drawn(one, "lines")["lines"]
    assert lines["ys"] == [[1, 2, None, 4], [4, 3, 2, 1]]
    # What stands alone behind a gap is no line, but a dot.
    points = drawn(one, "lines")["points"]
    assert (points["x"], points["y"]) == ([lines["xs"][0][3]], [4])
    one.locator(".gt-plot__entry").first.click()
    assert drawn(one, "lines")["lines"]["ys"] == [[4, 3, 2, 1]]
    assert one.locator(".gt-plot__entry").first.get_attribute("aria-pressed") == "false"


def test_points_bars_and_bins_are_those_of_the_table(card):
    xs, ys = np.arange(30), np.arange(30) ** 2 / 10
    points = drawn(card("scatter"), "scatter")["points"]
    assert (points["x"], points["y"]) == (xs.tolist(), ys.tolist())
    bars = drawn(card("bar"), "bar")["quads"]
    assert bars["right"] == [y for y in ys.tolist() if np.isfinite(y)]
    bins = drawn(card("histogram"), "histogram")["quads"]
    assert sum(bins["top"]) == 30
    assert min(bins["left"]) >= 0
    assert max(bins["right"]) <= max(ys)


def test_a_pointer_is_told_what_it_is_over(card):
    one = card("confusion")
    one.locator(".gt-plot").hover(position={"x": 200, "y": 40})
    tip = one.page.locator(".gt-tooltip:not([hidden])")
    assert "Actual" in tip.inner_text()
    one.page.mouse.move(2, 2)
    tip.wait_for(state="hidden")


def test_a_chart_shows_its_table_and_one_of_unknown_kind_nothing_else(card):
    one = card("scatter")
    one.get_by_role("button", name="Table").click()
    assert "30 rows" in one.inner_text()
    one.get_by_role("button", name="Table").click()
    one.locator("canvas").first.wait_for(state="attached")
    other = card("unknown")
    other.locator(".gt-data tbody tr").first.wait_for()
    assert other.get_by_role("button", name="Table").count() == 0


def test_hostile_titles_names_and_labels_are_text(card):
    one = card("bad")
    assert VECTORS[2] in one.inner_text()
    assert one.page.evaluate("window.broken") is None
    assert one.locator("img").count() == 0


@pytest.mark.parametrize("over", ["disk", "web"])
def test_figures_of_bokeh_and_plotly_are_drawn_as_they_were_made(visit, card, request, over):
    if over == "web":
        visit.root = visit.allowed = request.getfixturevalue("served")
    frame = card("bokeh", "figures").locator("iframe").element_handle().content_frame()
    frame.wait_for_selector("canvas", state="attached")
    moved = "Bokeh.documents[0].get_model_by_name"
    assert frame.evaluate(f"typeof {moved}") == "function"
    frame.evaluate(
        """() => {
            for (const model of Bokeh.documents[0]._all_models.values())
                if (model.type === 'Slider') model.value = 7;
        }"""
    )
    assert frame.title() == "at 7"
    frame = card("plotly", "figures").locator("iframe").element_handle().content_frame()
    frame.wait_for_selector(".js-line")
    assert frame.evaluate("document.getElementById('figure').data[0].y") == [1, 3, 2]
    assert frame.evaluate("origin") == "null"


def test_what_a_figure_tries_stays_in_its_frame(visit, card):
    page = visit.page
    card("bokeh", "evil")
    for _ in range(100):
        if any("Framing" in one for one in visit.troubles):
            break
        page.wait_for_timeout(100)
    place = page.locator("section[aria-label='Chart bokeh'] iframe")
    assert place.bounding_box()["height"] <= 1210
    frame = card("plotly", "evil").locator("iframe").element_handle().content_frame()
    frame.wait_for_selector(".js-line")
    page.wait_for_timeout(300)
    # What was tried is told in the console, and was refused before it left the browser.
    told, visit.troubles[:] = visit.troubles.copy(), []
    tried = [one.removeprefix("request to ") for one in told if one.startswith("request to ")]
    assert {f"failed: {url} (csp)" for url in tried} <= set(told)
    assert {one.split(" ")[0] for one in told} == {"console:", "failed:", "request"}
    assert any("Framing 'http://evil.example/' violates" in one for one in told)
    assert any("evil.example/fetch" in one for one in told)
    assert page.evaluate("[window.broken, document.body.isConnected]") == [None, True]
    assert page.evaluate("localStorage.getItem('broken')") is None
    assert page.url.endswith(RUN.format("evil"))
    assert len(page.context.pages) == 1


def test_the_common_traces_of_plotly_are_drawn_without_it(card):
    page = card("roc").page
    figure = {
        "data": [
            {"y": [1, 2, 3], "name": VECTORS[2]},
            {"y": [3, 1], "x": ["p", "q"], "mode": "markers"},
            {"type": "bar", "x": ["a", "b"], "y": [1, -2]},
            {"type": "histogram", "x": [1, 2, 2, 3]},
            {"type": "box", "y": [1, 2, 3, 4, 100]},
            {"type": "heatmap", "z": [[1, None], [3, 4]]},
            {"type": "sankey"},
        ]
    }
    made = page.evaluate(
        """async (traces) => {
            const charts = gitrack.plots.fromTraces(traces);
            const drawn = [];
            for (const { kind, input } of charts) {
                const host = gitrack.el('div', {});
                document.body.append(host);
                const plot = gitrack.plots[kind](host, input);
                await plot.ready;
                const { quads = [], lines = [], points = [], texts = [] } = plot.made;
                drawn.push([kind, quads.length, lines.length, points.length, texts.length]);
            }
            return drawn;
        }""",
        traces_of(figure),
    )
    assert made == [
        ["line", 0, 1, 0, 0],
        ["scatter", 0, 0, 2, 0],
        ["bar", 2, 0, 0, 0],
        ["histogram", 3, 0, 0, 0],
        ["box", 1, 3, 1, 0],
        ["matrix", 4, 0, 0, 4],
    ]
    assert page.evaluate("window.broken") is None


def test_a_chart_takes_lines_of_many_runs(card):
    page = card("roc").page
    legend = page.evaluate(
        """async () => {
            const host = gitrack.el('div', {});
            document.body.append(host);
            const series = Array.from({ length: 30 }, (_, at) => ({
                name: `run ${at}`, colour: '#ff0000', area: at / 30,
                x: [0, 0.5, 1], y: [0, at / 30, 1],
            }));
            const plot = gitrack.plots.roc(host, { series });
            await plot.ready;
            await plot.update({ series: series.slice(3) });
            const { lines } = plot.made;
            return [plot.legend.querySelectorAll('li').length, lines.length, lines[1].color];
        }"""
    )
    assert legend == [13, 28, "#ff0000"]
    empty = page.evaluate(
        """async () => {
            const host = gitrack.el('div', {});
            document.body.append(host);
            const inputs = [
                ['line', { series: [] }], ['scatter', { series: [{ name: '', x: [], y: [] }] }],
                ['bar', { labels: [], series: [] }], ['histogram', { series: [{ values: [NaN] }] }],
                ['box', { series: [{ name: 'n', values: [] }] }],
                ['matrix', { rows: [], columns: [], cells: [] }], ['pr', { series: [] }],
            ];
            for (const [kind, input] of inputs) await gitrack.plots[kind](host, input).ready;
            return true;
        }"""
    )
    assert empty
