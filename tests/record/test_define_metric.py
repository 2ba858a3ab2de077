"""``define_metric``: what the summary keeps, step metrics, and what the record says of both."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gitrack
from gitrack.record.metrics import MetricRules, metric_rule

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.integers(-(2**70), 2**70),
)


def summary_of(rows, **rule):
    rules, summary = MetricRules(), {}
    rules.define(metric_rule("x", **rule))
    for value in rows:
        rules.follow(summary, {"x": value})
    return summary


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_every_row_counts_in_the_statistics(values):
    found = summary_of(values, summary="min,max,mean,first,last")["x"]
    assert found["min"] == min(values)
    assert found["max"] == max(values)
    assert found["first"] == values[0]
    assert found["last"] == values[-1]
    assert math.isclose(found["mean"], math.fsum(values) / len(values), rel_tol=1e-12, abs_tol=1e-9)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_no_number_breaks_the_statistics_and_nan_never_wins(values):
    found = summary_of(values, summary=["min", "max", "mean", "best"], goal="maximize")["x"]
    real = [value for value in values if not math.isnan(value)]
    if real:
        assert (found["min"], found["max"], found["best"]) == (min(real), max(real), max(real))
    else:
        assert math.isnan(found["min"])
        assert math.isnan(found["mean"])


def test_the_mean_of_a_million_rows_is_right_to_the_last_bits():
    values = np.random.default_rng(0).normal(1e8, 1.0, 200_000).tolist()
    found = summary_of(values, summary="mean")["x"]["mean"]
    assert abs(found - math.fsum(values) / len(values)) <= 2e-8


def test_a_value_logged_twice_into_one_row_counts_once():
    rules, summary = MetricRules(), {}
    rules.define(metric_rule("x", summary="mean,min,max,first"))
    rules.follow(summary, {"x": 1.0})
    rules.follow(summary, {"x": 9.0})
    rules.follow(summary, {"x": 3.0}, joins=True)
    assert summary["x"] == {"mean": 2.0, "min": 1.0, "max": 3.0, "first": 1.0}


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("min", {"min": 1.0}),
        ("best", {"best": 1.0}),
        ("copy", 2.0),
        (None, 2.0),
        ("last", {"last": 2.0}),
        (("max", "mean"), {"max": 3.0, "mean": 2.0}),
    ],
)
def test_a_summary_keeps_what_was_asked(begin, summary, expected):
    with begin() as run:
        run.define_metric("x", summary=summary)
        for value in (1.0, 3.0, 2.0):
            run.log({"x": value, "y": value})
        assert run.summary["x"] == expected
    assert gitrack.load(run.id).summary == {"x": expected, "y": 2.0}


def test_none_keeps_a_metric_out_of_the_summary_and_in_the_history(begin, rows_of):
    with begin() as run:
        run.define_metric("noise/*", summary="none")
        run.log({"noise/a": 1, "b": 2})
    loaded = gitrack.load(run.id)
    assert loaded.summary == {"b": 2}
    assert rows_of(loaded) == [(0, {"noise/a": 1, "b": 2})]


def test_the_longest_pattern_wins_and_an_exact_name_before_all(begin):
    with begin() as run:
        run.define_metric("*", summary="min")
        run.define_metric("val/*", summary="max")
        run.define_metric("val/loss", summary="mean")
        for value in (1.0, 2.0, 6.0):
            run.log({"a": value, "val/acc": value, "val/loss": value})
    assert gitrack.load(run.id).summary == {
        "a": {"min": 1.0}, "val/acc": {"max": 6.0}, "val/loss": {"mean": 3.0},
    }  # fmt: skip


def test_a_row_without_its_step_metric_gets_the_last_one(begin, rows_of):
    with begin() as run:
        run.define_metric("epoch")
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("free", step_metric="epoch", step_sync=False)
        run.log({"epoch": 1, "loss": 0.5})
        run.log({"val/acc": 0.7})
        run.log({"free": 1.0})
        run.log({"epoch": 2, "val/acc": 0.8})
    assert rows_of(gitrack.load(run.id)) == [
        (0, {"epoch": 1, "loss": 0.5}),
        (1, {"epoch": 1, "val/acc": 0.7}),
        (2, {"free": 1.0}),
        (3, {"epoch": 2, "val/acc": 0.8}),
    ]


def test_the_record_says_what_was_defined(begin):
    with begin() as run:
        run.define_metric("val/*", step_metric="epoch", summary="min", goal="minimize")
        run.define_metric("val/*", hidden=True)
        run.define_metric("x", summary="max")
        run.define_metric("x", overwrite=True)
    first, second = gitrack.load(run.id).run.metrics
    assert (first.name, first.step_metric, first.summary) == ("val/*", "epoch", ("min",))
    assert (first.goal, first.hidden) == ("minimize", True)
    assert (second.name, second.summary) == ("x", ())


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": 3},
        {"name": "_step"},
        {"name": "a*b"},
        {"name": "x", "summary": "median"},
        {"name": "x", "goal": "sideways"},
    ],
)
def test_a_definition_that_says_nothing_is_refused_with_one_warning(begin, capsys, arguments):
    with begin() as run:
        assert run.define_metric(**arguments) is None
        run.log({"x": 1})
    assert capsys.readouterr().err.count("define_metric") == 1
    assert gitrack.load(run.id).run.metrics == ()


def test_a_crashed_run_has_the_same_statistics(python, repository, rows_of):
    source = (
        "import gitrack, os\n"
        "run = gitrack.init(id='r')\n"
        "run.define_metric('x', summary='min,mean,last')\n"
        "for x in (3.0, 1.0, 2.0): run.log({'x': x})\n"
        "os._exit(9)\n"
    )
    python(source, check=False, cwd=repository)
    with gitrack.init():
        pass
    from gitrack.record.recovery import recover
    from gitrack.store.repository import Repository

    recover(Repository.find(repository))
    assert gitrack.load("r").summary == {"x": {"min": 1.0, "mean": 2.0, "last": 2.0}}
