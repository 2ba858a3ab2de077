"""The browser knows the same kinds and fields of panels as Python, and writes what it reads."""

import json
import math
import random
import shutil
import subprocess

import pytest
import yaml

from gitrack.analysis.dashboard import dashboard_from
from gitrack.analysis.panel import COMMON, KINDS, panel_from
from gitrack.resources import data_dir

PROGRAM = """
const fs = require('fs');
const [folder, ...names] = process.argv.slice(1);
for (const name of names) (0, eval)(fs.readFileSync(`${folder}/${name}.js`, 'utf8'));
const input = JSON.parse(fs.readFileSync(0, 'utf8'));
"""
BAD = [
    {"smooth": 1}, {"log": "z"}, {"range": [2, 1]}, {"range": [None, None, 1]}, {"width": 5},
    {"width": "2"}, {"height": 10}, {"outliers": 0.5}, {"band": "none "}, {"legend": []},
    {"title": None}, {"title": ["a"]}, {"bogus": 1},
]  # fmt: skip


@pytest.fixture
def node():
    """Run JavaScript after some of the site's scripts, with a value as its ``input``."""
    binary = shutil.which("node")
    if binary is None:
        pytest.skip("node is not installed")
    scripts = data_dir("site") / "docs" / "assets" / "gitrack"

    def run(program, value, *names):
        done = subprocess.run(
            [binary, "-e", PROGRAM + program, scripts, *names],
            input=json.dumps(value),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return run


def test_kinds_and_their_fields_are_the_same(node):
    said = node(
        "const {KINDS, COMMON} = gitrack.panelSpec;"
        "const kinds = [...KINDS].map(([name, kind]) => [name, kind.needs, kind.may]);"
        "console.log(JSON.stringify([kinds, COMMON]))",
        None,
        "panelspec",
    )
    kinds = [[name, list(kind.needs), list(kind.may)] for name, kind in KINDS.items()]
    assert said == [kinds, list(COMMON)]


def test_what_python_refuses_the_browser_leaves_out(node):
    panels = [{"chart": "line", "y": "loss"} | wrong for wrong in BAD]
    said = node(
        "console.log(JSON.stringify(input.map(gitrack.panelSpec.read)))", panels, "panelspec"
    )
    for panel in said:
        panel_from(panel)
    assert said[:6] == [{"chart": "line", "y": "loss"}] * 6


def test_yaml_of_the_browser_is_read_as_it_was_meant(node):
    texts = [
        "plain",
        "y",
        "no",
        "1",
        "1.5e3",
        "0x1f",
        "a: b",
        "- a",
        "#",
        "",
        " lead",
        "tab\t",
        "é😀",
    ]
    texts += [
        "new\nline",
        'quo"te',
        "back\\slash",
        "\x85\u2028\ufeff\x7f",
        "{a}",
        "[a]",
        "&a",
        "*a",
    ]
    panels = [{"chart": "markdown", "text": text or "x", "title": text} for text in texts]
    written = node(
        "console.log(JSON.stringify(gitrack.panelSpec.yaml(input)))",
        {"name": "on", "runs": "a:b -c", "group": ["config.a b"], "panels": panels},
        "panelspec",
    )
    read = dashboard_from(yaml.safe_load(written), "copied")
    assert (read.name, read.runs, list(read.group)) == ("on", "a:b -c", ["config.a b"])
    assert [(one.text, one.title) for one in read.panels] == [(t or "x", t) for t in texts]


def test_the_forest_agrees_with_permutation_importance_of_scikit_learn(node):
    ensemble = pytest.importorskip("sklearn.ensemble")
    inspection = pytest.importorskip("sklearn.inspection")
    chance = random.Random(4)
    columns = [[chance.random() for _ in range(300)] for _ in range(4)]
    y = [
        3 * a + math.sin(6 * b) + 0.1 * chance.random()
        for a, b in zip(columns[0], columns[1], strict=True)
    ]
    found = node(
        "gitrack.forest.importance(input[0].map((c) => Float64Array.from(c)),"
        " Float64Array.from(input[1])).then((r) => console.log(JSON.stringify(r)))",
        [columns, y],
        "statistics",
        "forest",
    )
    rows = list(zip(*columns, strict=True))
    model = ensemble.RandomForestRegressor(60, random_state=0).fit(rows, y)
    peer = inspection.permutation_importance(model, rows, y, n_repeats=5, random_state=0)
    shares = peer.importances_mean / peer.importances_mean.sum()
    assert found["shares"] == pytest.approx(list(shares), abs=0.08)
    assert found["told"] > 0.85


def test_rank_correlation_agrees_with_scipy_where_values_tie_or_are_missing(node):
    stats = pytest.importorskip("scipy.stats")
    chance = random.Random(5)
    left = [chance.randrange(6) for _ in range(200)]
    right = [a + chance.randrange(4) for a in left]
    gaps = [None if i % 9 == 0 else value for i, value in enumerate(right)]
    read = "const take = (c) => Float64Array.from(c, (v) => v === null ? NaN : v);"
    found = node(
        read + "console.log(JSON.stringify([1, 2].map((i) =>"
        " gitrack.statistics.spearman(take(input[0]), take(input[i])))))",
        [left, right, gaps],
        "statistics",
    )
    assert found[0]["r"] == pytest.approx(stats.spearmanr(left, right).statistic)
    there = [(a, b) for a, b in zip(left, gaps, strict=True) if b is not None]
    assert found[1]["r"] == pytest.approx(stats.spearmanr(there).statistic)
    assert found[1]["n"] == len(there)


def test_a_surface_goes_through_its_points_and_its_lines_lie_where_they_say(node):
    found = node(
        "const size = 40; const points = [];"
        "for (let i = 0; i < size; i += 1) for (let j = 0; j < size; j += 1)"
        " points.push({x: (j + 0.5) / size, y: (i + 0.5) / size, z: (j + 0.5) / size});"
        "const heights = gitrack.contours.surface(points, size);"
        "console.log(JSON.stringify(gitrack.contours.level(heights, size, 0.5)))",
        None,
        "contours",
    )
    assert len(found) == 39
    assert all(x0 == pytest.approx(0.5) == x1 for x0, _, x1, _ in found)
