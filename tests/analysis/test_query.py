import json
from dataclasses import replace
from pathlib import Path

import pytest

from gitrack.analysis.query import parse, select
from gitrack.errors import QueryError

CASES = json.loads(
    (Path(__file__).parents[1] / "site" / "query_cases.json").read_text(encoding="utf-8"),
    object_hook=lambda found: float(found["float"]) if found.keys() == {"float"} else found,
)


@pytest.fixture
def records(make_record):
    return [
        make_record(**case["run"], config=case["config"], summary=case["summary"])
        for case in CASES["records"]
    ]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["query"])
def test_a_line_keeps_the_runs_that_it_says(case, records):
    assert [record.run.id for record in select(records, case["query"])] == case["ids"]


@pytest.mark.parametrize("case", CASES["errors"], ids=lambda case: case["query"])
def test_a_wrong_line_names_its_wrong_token(case, records):
    with pytest.raises(QueryError) as caught:
        select(records, case["query"])
    assert caught.value.token == case["token"]


def test_an_unknown_key_is_answered_with_the_nearest(records):
    with pytest.raises(QueryError, match="nearest is 'val/acc'"):
        select(records, "vall/acc>0.9")


def test_without_records_no_key_is_wrong():
    assert select([], "anything:1") == []


def test_without_records_a_broken_line_is_still_broken():
    with pytest.raises(QueryError):
        select([], 'name:"open')


def test_tokens_end_at_white_space_outside_quotes():
    assert [term.token for term in parse('a  "b c" d:"e f"g\th')] == ["a", '"b c"', 'd:"e f"g', "h"]


def test_a_moment_out_of_range_matches_no_date(make_record):
    record = make_record()
    far = replace(record, run=replace(record.run, created=1e18))
    assert select([far], "created>1970") == []
