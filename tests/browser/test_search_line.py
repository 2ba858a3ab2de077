"""The browser's reading of the search line against the cases that Python's is held to."""

import json
from pathlib import Path

import pytest

from gitrack.analysis.columns import flatten
from gitrack.publish.index import _columns

HERE = Path(__file__).parent
ASSETS = HERE.parents[1] / "site" / "docs" / "assets" / "gitrack"
CASES = json.loads(
    (HERE.parent / "site" / "query_cases.json").read_text("utf-8"),
    object_hook=lambda found: float(found["float"]) if found.keys() == {"float"} else found,
)
FIELDS = "id name state created duration group job_type tags notes entity rows".split()
CODE = ("branch", "commit", "dirty")

READ = """line => {
  const read = gitrack.query.compile(line, window.index);
  return {
    ids: window.index.runs.id.filter((_, run) => read.match(run)),
    errors: read.errors.map((error) => [error.token, error.nearest]),
  };
}"""


@pytest.fixture(scope="module")
def page(chromium):
    runs = [record["run"] for record in CASES["records"]]
    columns = [
        column
        for kind in ("config", "summary")
        for column in _columns(kind, [flatten(record[kind]) for record in CASES["records"]])
    ]
    index = {
        "project": "digits",
        "runs": {
            **{field: [run[field] for run in runs] for field in FIELDS},
            **{field: [run["code"][field] for run in runs] for field in CODE},
            "host": [run["host"]["name"] for run in runs],
            "archived": [run.get("archived", False) for run in runs],
        },
        "columns": columns,
    }
    page = chromium.new_page()
    for name in ("packed", "nearest", "query"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    # As the data scripts write it: NaN and the infinities stand as literals.
    page.add_script_tag(content=f"window.index = gitrack.unpackIndex({json.dumps(index)})")
    yield page
    page.close()


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["query"])
def test_a_line_keeps_the_runs_that_it_says(case, page):
    assert page.evaluate(READ, case["query"]) == {"ids": case["ids"], "errors": []}


@pytest.mark.parametrize("case", CASES["errors"], ids=lambda case: case["query"])
def test_a_wrong_line_names_its_wrong_token(case, page):
    assert [token for token, _ in page.evaluate(READ, case["query"])["errors"]] == [case["token"]]


def test_a_wrong_token_leaves_the_others_working(page):
    found = page.evaluate(READ, "fox nothing:1")
    assert found["ids"] == ["20261101-101500-aaaa", "20261101-235959-bbbb"]


def test_an_unknown_key_is_answered_with_the_nearest(page):
    assert page.evaluate(READ, "vall/acc>0.9")["errors"] == [["vall/acc>0.9", "val/acc"]]
