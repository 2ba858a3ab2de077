import base64
import io
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gitrack.publish.sections.traces import traces_of


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.fixture
def plotted(media_run):
    """Record charts and figures; give the section and its items."""

    def make(*lines, files=None):
        section, data = media_run(lines, files or {})["plots"]
        return section, [item for plot in data["plots"] for item in plot["items"]]

    return make


def chart(panel, path="tables/00/t.parquet", **facts):
    return {"type": "chart", "path": path, "facts": {"panel": panel, **facts}}


def figure(kind, **facts):
    return {"type": kind, "path": f"media/00/f.{kind}.json", "facts": facts}


def test_a_chart_has_its_table_its_panel_and_what_its_maker_said(plotted, media_run):
    files = {"tables/00/t.parquet": parquet(fpr=[0.0, 1.0], tpr=[0.0, 1.0], c=["a", "a"])}
    panel = {"chart": "roc", "x": "fpr", "y": "tpr", "stroke": "c", "title": "<b>"}
    section, (item,) = plotted(chart(panel, auc={"__proto__": 0.5}, other=1), files=files)
    assert section.title == "Logged charts"
    assert (item["kind"], item["title"]) == ("roc", "<b>")
    assert item["panel"] == {"stroke": "c", "x": "fpr", "y": "tpr"}
    assert item["facts"] == {"auc": [["__proto__", 0.5]]}
    script = media_run.script(item["script"])
    assert [column["name"] for column in script["columns"]] == ["fpr", "tpr", "c"]


def test_points_beyond_what_a_page_holds_are_left_out_evenly(plotted, media_run):
    rows = 50_000
    lines = ["a", "b"] * (rows // 2)
    files = {"tables/00/t.parquet": parquet(x=range(rows), line=lines)}
    _, (item,) = plotted(chart({"chart": "line", "x": "x", "y": "x"}), files=files)
    assert item["of"] == rows
    assert item["rows"] == pytest.approx(20_000, abs=5)
    script = media_run.script(item["script"])
    assert script["sampled"]
    kept = np.frombuffer(base64.b64decode(script["columns"][0]["values"]["f8"]), "<f8")
    assert kept[0] == 0
    assert np.diff(kept).max() <= 3
    share = np.frombuffer(base64.b64decode(script["columns"][1]["values"]["at"]), "<u4").mean()
    assert share == pytest.approx(0.5, abs=0.01)


def test_charts_of_wandb_have_other_names_for_their_parts(plotted):
    panel = {"chart": "confusion", "Actual": "a", "Predicted": "b", "nPredictions": "n", "x": 3}
    _, (item,) = plotted(chart(panel), files={"tables/00/t.parquet": parquet(a=[1])})
    assert item["panel"] == {"x": "b", "y": "a", "value": "n"}


@pytest.mark.parametrize("panel", [None, 3, [], {"chart": 7}, {"x": {}}, {"chart": "\u202e"}])
def test_any_panel_gives_at_least_its_table(plotted, panel):
    _, (item,) = plotted(chart(panel), files={"tables/00/t.parquet": parquet(a=[1])})
    assert item["rows"] == 1


def test_a_figure_travels_as_a_text_beside_its_engine(plotted, media_run, lab):
    pytest.importorskip("plotly")
    text = '{"data": [{"y": [1, NaN]}], "__proto__": {"polluted": 1}}'
    _, (item,) = plotted(
        figure("plotly", title="<i>"), files={"media/00/f.plotly.json": text.encode()}
    )
    json_text = media_run.script(item["script"])["json"]
    assert json.loads(json_text)["data"] == [{"y": [1, None]}]
    (engine,) = item["engine"]
    assert media_run.script(engine)["code"].lstrip().startswith(("/**", "/*!", "!", "("))
    assert item["title"] == "<i>"
    assert (lab.out / engine).stat().st_size > 1_000_000


@pytest.mark.parametrize(
    ("models", "bundles"),
    [([], 2), (["Slider"], 3), (["DataTable"], 4), (["NoSuchModel"], 2)],
)
def test_a_figure_of_bokeh_brings_the_bundles_it_needs(plotted, models, bundles):
    text = json.dumps({"doc": {"roots": [{"name": name} for name in models]}})
    _, (item,) = plotted(figure("bokeh"), files={"media/00/f.bokeh.json": text.encode()})
    assert len(item["engine"]) == bundles


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(plotted, content):
    _, (item,) = plotted(figure("bokeh"), files={"media/00/f.bokeh.json": content})
    assert item["why"] == "it is no JSON"


def test_without_plotly_the_common_traces_are_kept_and_the_cache_knows(plotted, monkeypatch, lab):
    pytest.importorskip("plotly")
    line = figure("plotly")
    files = {"media/00/f.plotly.json": b'{"data": [{"y": [1, 2]}, {"type": "surface"}]}'}
    _, (with_engine,) = plotted(line, files=files)
    assert "engine" in with_engine
    monkeypatch.setitem(sys.modules, "plotly", None)
    # The same run, and the same cache.
    lab.runs = 0
    _, (without,) = plotted(line, files=files)
    assert without["traces"]["left_out"] == ["surface"]
    (trace,) = without["traces"]["traces"]
    assert (trace["type"], trace["x"], trace["y"]) == ("lines", [0, 1], [1, 2])


def packed(values, kind):
    array = np.asarray(values, kind)
    return {
        "dtype": kind,
        "bdata": base64.b64encode(array.tobytes()).decode(),
        "shape": ", ".join(map(str, array.shape)),
    }


def test_traces_of_plotly_are_reduced_to_values():
    made = traces_of(
        {
            "data": [
                {"type": "scatter", "mode": "lines+markers", "y": packed([1.5, 2], "f8")},
                {"type": "bar", "x": ["a", "b"], "y": [1, None], "name": "n"},
                {"type": "bar", "orientation": "h", "y": ["a"], "x": [3]},
                {"type": "pie", "labels": ["p"], "values": packed([4], "i1")},
                {"type": "histogram", "x": [1, 1, 2]},
                {"type": "violin", "y": [1, 2]},
                {"type": "heatmap", "z": packed([[1, 2], [3, 4]], "f4"), "x": ["l", "r"]},
                {"type": "sankey"},
                {"type": "scatter", "y": [1], "visible": False},
            ],
            "layout": {"xaxis": {"title": {"text": "time"}}, "yaxis": {"title": "size"}},
        }
    )
    kinds = [trace["type"] for trace in made["traces"]]
    assert kinds == ["lines", "markers", "bar", "bar", "bar", "histogram", "box", "heatmap"]
    assert made["traces"][0] == {"name": "trace 0", "type": "lines", "x": [0, 1], "y": [1.5, 2.0]}
    assert made["traces"][2]["values"] == [1, None]
    assert made["traces"][3]["labels"] == ["a"]
    assert made["traces"][4]["values"] == [4]
    assert made["traces"][-1]["cells"] == [[1.0, 2.0], [3.0, 4.0]]
    assert made["traces"][-1]["columns"] == ["l", "r"]
    assert made["left_out"] == ["sankey"]
    assert (made["x"], made["y"]) == ("time", "size")


@pytest.mark.parametrize(
    "figure",
    [
        None, [], 3, {"data": 3}, {"data": [3, None, {}]}, {"data": [{"type": []}]},
        {"data": [{"y": {"dtype": "f8", "bdata": "x", "shape": "1"}}]},
        {"data": [{"y": {"dtype": "O", "bdata": "AAAA"}}]},
        {"data": [{"type": "heatmap", "z": {"dtype": "f8", "bdata": "AAAA", "shape": "9"}}]},
        {"data": [{"type": "heatmap", "z": [[], [1]]}], "layout": {"xaxis": 3}},
    ],
)  # fmt: skip
def test_any_json_is_reduced_to_something(figure):
    assert traces_of(figure)["traces"] == []
