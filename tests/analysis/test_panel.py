"""A panel's description: what is taken, and what is refused in which words."""

import pytest

from gitrack.analysis.dashboard import dashboard_from
from gitrack.analysis.panel import COMMON, KINDS, Panel, panel_from
from gitrack.errors import PanelError

LEAST = {
    "line": {"y": "loss"},
    "scatter": {"x": "lr", "y": "acc"},
    "bar": {"y": "acc"},
    "histogram": {"x": "acc"},
    "box": {"y": "acc"},
    "violin": {"y": "acc"},
    "heatmap": {"y": "loss"},
    "parallel": {"columns": ["lr", "acc"]},
    "importance": {"y": "acc"},
    "correlation": {},
    "contour": {"x": "lr", "y": "seed", "z": "acc"},
    "scalar": {"y": "acc"},
    "markdown": {"text": "# Why"},
    "media": {"key": "samples"},
    "table": {"key": "errors"},
    "code": {},
    "bokeh": {"file": "charts/own.json"},
}
VALUES = {
    "x": "lr", "y": "acc", "z": "t", "color": "seed", "size": "rows", "group": ["lr", "depth"],
    "columns": ["lr", "depth"], "runs": "tag:a -lr<0.1", "smooth": 0.6, "log": "xy",
    "range": [0, 1.5], "bins": 12, "error": "minmax", "value": "median", "frontier": "max",
    "smoothing": "gauss", "xrange": [None, 100], "outliers": 0.05, "aggregate": "median",
    "band": "none", "legend": "names", "text": "Ä *b*", "key": "k", "file": "a/b.json",
    "title": "T", "width": 4, "height": 300,
}  # fmt: skip


def test_every_kind_has_a_least_description_here():
    assert LEAST.keys() == KINDS.keys()


@pytest.mark.parametrize("chart", KINDS)
def test_a_panel_is_made_again_by_what_it_describes(chart):
    kind = KINDS[chart]
    needs = [name for need in kind.needs for name in need.split("|")]
    whole = {name: VALUES[name] for name in (*needs, *kind.may, *COMMON)}
    for description in ({"chart": chart} | LEAST[chart], {"chart": chart} | whole):
        panel = panel_from(description)
        assert panel_from(panel.described()) == panel
    assert panel.described() == {"chart": chart} | whole


@pytest.mark.parametrize("chart", [chart for chart, kind in KINDS.items() if kind.needs])
def test_what_a_kind_needs_is_asked_for(chart):
    with pytest.raises(PanelError, match=f"a {chart} needs"):
        panel_from({"chart": chart})


@pytest.mark.parametrize(
    ("description", "said"),
    [
        (None, "expected a mapping such as chart: line, found None"),
        ({}, "'chart' is missing: one of line, scatter"),
        ({"chart": "lines"}, "there is no chart 'lines'; the nearest is 'line'"),
        ({"chart": ["line"]}, "there is no chart"),
        ({"chart": "line", "y": "a", "smoth": 1}, "a line has no 'smoth'; the nearest is 'smooth'"),
        ({"chart": "line", "y": "a", 3: 1}, "a line has no 3"),
        ({"chart": "line", "y": "a", "frontier": "min"}, "a line has no 'frontier'"),
        ({"chart": "line", "y": 3}, "panel: y: expected text, found 3"),
        ({"chart": "line", "y": "a", "smooth": 1}, "expected a number from 0 to 0.99, found 1"),
        ({"chart": "line", "y": "a", "smooth": True}, "expected a number, found True"),
        ({"chart": "line", "y": "a", "smooth": float("nan")}, "expected a number, found nan"),
        ({"chart": "line", "y": "a", "log": "z"}, "expected one of none, x, y, xy, found 'z'"),
        ({"chart": "line", "y": "a", "log": ["x"]}, "expected one of none, x, y, xy"),
        ({"chart": "line", "y": "a", "range": [2, 1]}, "expected the lower end first"),
        ({"chart": "line", "y": "a", "range": 3}, r"expected \[lowest, highest\]"),
        ({"chart": "line", "y": "a", "runs": 'name:"x'}, "runs: cannot read"),
        ({"chart": "line", "y": "a", "width": 5}, "expected a whole number from 1 to 4"),
        ({"chart": "line", "y": "a", "width": 1.5}, "expected a whole number from 1 to 4"),
        ({"chart": "parallel", "columns": "lr"}, "needs two columns"),
        ({"chart": "parallel", "columns": {"lr": 1}}, "expected a text or a list"),
        ({"chart": "parallel", "columns": ["a"] * 31}, "31 names are too many"),
        ({"chart": "bokeh", "file": "../../etc/passwd.json"}, "is refused"),
        ({"chart": "bokeh", "file": "/etc/passwd"}, "is refused"),
        ({"chart": "bokeh", "file": "train.py"}, "expected a chart in JSON"),
        ({"chart": "markdown", "text": "x" * 20_001}, "20,001 characters are too many"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(description, said):
    with pytest.raises(PanelError, match=said) as found:
        panel_from(description)
    assert "\n" not in str(found.value)


def test_nothing_is_what_yaml_makes_of_an_empty_field():
    assert panel_from({"chart": "line", "y": "a", "title": None}) == Panel("line", y="a")


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ([], "expected name: and panels:"),
        ({"name": "a"}, "a dashboard needs panels"),
        ({"name": "a", "panels": []}, "a dashboard needs panels"),
        ({"name": "a", "panels": [{}]}, "lr.yaml: panel 1: 'chart' is missing"),
        ({"name": "a\nb", "panels": [{"chart": "code"}]}, "plain characters"),
        ({"name": "a", "panel": []}, "a dashboard has no 'panel'; the nearest is 'panels'"),
        ({"name": "a", "panels": [{"chart": "code"}] * 201}, "201 panels are too many"),
    ],
)
def test_a_dashboard_that_is_none_is_told_with_its_place(description, said):
    with pytest.raises(PanelError, match=said):
        dashboard_from(description, "lr.yaml")
