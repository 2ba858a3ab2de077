"""Claims of reports: how they are read, and what the runs say of them."""

import math

import pytest

from gitrack.analysis.claims import judge, parse_ask, parse_claim, parse_number
from gitrack.analysis.quantities import Quantities
from gitrack.errors import UsageError
from gitrack.model.run import Record, Run, State


def record(number, name, group, acc, **config):
    run = Run(f"run-{number}", "digits", name, State.FINISHED, 1e9 + number, group=group)
    summary = {} if acc is None else {"val/acc": acc, "my loss": 1 - acc}
    return Record(run, config, summary, "experiments/main", f"digits/{number}", {})


@pytest.fixture
def quantities():
    return Quantities([
        record(0, "A", "flip", 0.90, lr=0.1),
        record(1, "A", "flip", 0.92, lr=0.1),
        record(2, "B", "none", 0.80, lr=0.01),
        record(3, "C", "none", None, lr=0.01),
        record(4, 'of "quotes" > <b>', "odd", float("nan"), lr=1),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds", "left"),
    [
        ("val/acc of A > B", True, 0.91),
        ("val/acc of B > A", False, 0.80),
        ("val/acc of A - B >= 0.11", True, 0.11),
        ("val/acc of A \N{MINUS SIGN} B \N{GREATER-THAN OR EQUAL TO} 12%", False, 0.11),
        ("best val/acc of group:flip = 0.92", True, 0.92),
        ("worst val/acc of group:flip = 0.9", True, 0.90),
        ("min val/acc = 0.8", True, 0.80),
        ("last val/acc of lr<0.1 = 0.80", True, 0.80),
        ("mean val/acc of lr>=0.1 lr<1 = 0.91 \N{PLUS-MINUS SIGN} 0.001", True, 0.91),
        ("best val/acc is 0.9", True, 0.92),
        ("best val/acc of run-0 != 0.92", True, 0.90),
        ("count of group:none >= 2", True, 2),
        ("count of tag:none = 0", True, 0),
        ('"my loss" of A < 10%', True, 0.09),
        ("median val/acc of A + 0.1 > val/acc of A", True, 1.01),
        ("lr of B = 1e-2", True, 0.01),
    ],
)
def test_a_claim_is_held_to_the_runs(quantities, text, holds, left):
    verdict = judge(text, quantities)
    assert verdict.why == ""
    assert verdict.holds is holds
    assert verdict.left == pytest.approx(left)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("val/acc of nobody > 0.5", "no run is found by 'nobody'"),
        ("val/ac of A > 0.5", "the nearest is 'val/acc'"),
        ("val/acc of C > 0.5", "C has no 'val/acc'"),
        ("best lr of A > 0.5", "nobody knows which way"),
        ("group of A > 0.5", "no run has 'group'"),
        ("val/acc of lr<x > 0.5", "< needs a number"),
        ("std val/acc of B = 0", "a side is no number"),
        ("val/acc of lr>=1 > 0.5", "a side is no number"),
        ("val/acc of A>0.5", "one comparison with spaces around it"),
        ("val/acc of A > 0.5 > 0.4", "one comparison"),
        ("val/acc of A >", "a side is missing"),
        ("> 0.5", "a side is missing"),
        ("1 > 0.5", "asks no run"),
        ("", "one comparison"),
        ('val/acc of "A > 0.5', "a quote is not closed"),
        ("val/acc of A > 0.5 within 0.1", "only = and != take a tolerance"),
        ("val/acc of A = 0.5 within x", "is no tolerance"),
    ],
)
def test_what_cannot_be_told_says_why(quantities, text, why):
    verdict = judge(text, quantities)
    assert verdict.holds is None
    assert why in verdict.why


def test_runs_without_a_number_are_left_out_and_counted(quantities):
    quantity = quantities.ask("mean", "val/acc", "group:none")
    assert (quantity.value, quantity.left, len(quantity.records)) == (0.80, 1, 1)
    assert math.isnan(quantity.spread)
    best = quantities.ask("best", "val/acc")
    assert (best.chosen.run.id, best.left) == ("run-1", 2)


def test_a_name_is_taken_before_a_search_line(quantities):
    odd = 'of "quotes" > <b>'
    assert [one.run.id for one in quantities.runs(odd)] == ["run-4"]
    assert [one.run.id for one in quantities.runs("run-2")] == ["run-2"]
    assert len(quantities.runs("A")) == 2
    assert len(quantities.runs()) == 5


def test_a_text_is_a_value_and_no_number():
    held = Quantities([record(0, "A", "g", 0.5, optimizer="adam")])
    assert held.ask("", "optimizer", "A").value == "adam"
    with pytest.raises(UsageError, match="is no number"):
        held.ask("", "optimizer", "A").number  # noqa: B018
    assert judge("optimizer of A > 1", held).holds is None


@pytest.mark.parametrize("text", ["", "best"])
def test_a_question_asks_for_something(text):
    with pytest.raises(UsageError, match="asks for nothing"):
        parse_ask(text)


def test_numbers_are_read_as_they_are_written():
    assert parse_number("1_000") is None
    assert parse_number("\N{MINUS SIGN}2.50").slip == pytest.approx(0.005)
    assert parse_number("3e-4").value == pytest.approx(3e-4)
    assert parse_claim("a of b = 5").slip == pytest.approx(0.5)
