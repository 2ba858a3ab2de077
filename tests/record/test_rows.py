"""What is logged is what is read back, held against a model of the rules in `Run.log`."""

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gitrack

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
KEYS = TEXT | st.integers() | st.sampled_from("loss acc a a/b b".split())
DATA = st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=3),
    lambda inner: st.dictionaries(KEYS, VALUES | inner, max_size=3),
    max_leaves=6,
)
CALLS = st.lists(
    st.tuples(
        DATA,
        st.none() | st.integers(-3, 6) | st.sampled_from([-(2**40), 2**40]),
        st.sampled_from([None, True, False]),
    ),
    max_size=12,
)
RESERVED = ("_step", "_runtime", "_timestamp")


@dataclass
class Rows:
    """The rules, written a second time and as plainly as they go."""

    rows: list = field(default_factory=list)
    next: int = 0
    takes_any: bool = False  # may a call without a step add to the last row?
    takes_same: bool = False  # may a call with the last row's step?

    def log(self, data, step, commit):
        if step is None:
            adds = self.takes_any
            self.takes_any = self.takes_same = commit is False
        else:
            adds = self.takes_same and step == self.rows[-1][0]
            self.takes_any, self.takes_same = commit is False, commit is not True
        if not adds:
            self.rows.append((self.next if step is None else step, {}))
        self.rows[-1][1].update(names(data))
        self.next = max(self.next, self.rows[-1][0] + 1)


def names(data, prefix=""):
    found = {}
    for key, value in data.items():
        if isinstance(value, dict):
            found |= names(value, f"{prefix}{key}/")
        else:
            found[f"{prefix}{key}"] = value
    return found


def same(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one == other) and isinstance(other, type(one))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, float) and one == 0:
        return other == 0 and math.copysign(1, one) == math.copysign(1, other)
    return one == other


@settings(max_examples=40)
@given(CALLS)
def test_every_row_and_value_is_read_back_as_it_was_logged(begin, rows_of, calls):
    model = Rows()
    with begin(project="rows") as run:
        for data, step, commit in calls:
            run.log(data, step, commit)
            model.log(data, step, commit)
            assert run.step == model.next
    expected = [
        (step, {k: v for k, v in values.items() if v is not None}) for step, values in model.rows
    ]
    loaded = gitrack.load(run.id)
    found = rows_of(loaded)
    assert [step for step, _ in found] == [step for step, _ in expected]
    assert loaded.run.rows == len(expected)
    for (_, values), (_, wanted) in zip(found, expected, strict=True):
        assert set(values) == set(wanted)
        for name, value in wanted.items():
            assert same(value, values[name]), name


@pytest.mark.parametrize(
    ("calls", "rows"),
    [
        ([({"a": 1}, None, None)] * 2, [(0, {"a": 1}), (1, {"a": 1})]),
        ([({"a": 1}, None, False), ({"b": 2}, None, None)], [(0, {"a": 1, "b": 2})]),
        ([({"a": 1}, 5, None), ({"b": 2}, 5, None)], [(5, {"a": 1, "b": 2})]),
        ([({"a": 1}, 5, True), ({"b": 2}, 5, None)], [(5, {"a": 1}), (5, {"b": 2})]),
        ([({"a": 1}, 5, None), ({"a": 2}, 3, None)], [(5, {"a": 1}), (3, {"a": 2})]),
        ([({"a": 1}, 5, None), ({"b": 2}, None, None)], [(5, {"a": 1}), (6, {"b": 2})]),
        ([({"a": 1}, 5, False), ({"b": 2}, None, None)], [(5, {"a": 1, "b": 2})]),
        ([({"a": 1}, 9, None), ({"a": 2}, 2, None), ({"a": 3}, None, None)],
         [(9, {"a": 1}), (2, {"a": 2}), (10, {"a": 3})]),
        ([({"a": 1}, None, False), ({"a": 2}, None, False)], [(0, {"a": 2})]),
        ([({}, None, None), ({"a": 1}, None, None)], [(0, {}), (1, {"a": 1})]),
    ],
)  # fmt: skip
def test_the_row_rules_by_example(begin, rows_of, calls, rows):
    with begin() as run:
        for call in calls:
            run.log(*call)
    assert rows_of(gitrack.load(run.id)) == rows


@pytest.mark.parametrize("step", ["x", 1.5, math.nan, math.inf, 2**70, [], object()])
def test_a_step_that_is_none_is_said_and_replaced(begin, rows_of, capsys, step):
    with begin() as run:
        run.log({"a": 1})
        run.log({"a": 2}, step=step)
        run.log({"a": 3})
    found = [values["a"] for _, values in rows_of(gitrack.load(run.id))]
    assert found == [1, 2, 3]
    assert "a step is a whole number" in capsys.readouterr().err


def test_a_name_of_gitracks_own_columns_is_kept_under_another(begin, rows_of):
    with begin() as run:
        run.log(dict.fromkeys(RESERVED, 7))
    loaded = gitrack.load(run.id)
    assert rows_of(loaded) == [(0, {f"logged/{name}": 7 for name in RESERVED})]


@pytest.mark.parametrize("data", [None, 5, "loss", [("a", 1)], object()])
def test_what_is_no_dict_is_said_and_the_script_goes_on(begin, rows_of, capsys, data):
    with begin() as run:
        run.log(data)
        run.log({"a": 1})
    assert rows_of(gitrack.load(run.id)) == [(0, {"a": 1})]
    assert "a call of log() was not recorded" in capsys.readouterr().err


def test_a_row_of_five_thousand_values(begin, rows_of):
    row = {f"m{n}": n / 7 for n in range(5_000)}
    with begin() as run:
        run.log(row)
        run.log({"nested": row})
    (_, first), (_, second) = rows_of(gitrack.load(run.id))
    assert first == row
    assert second == {f"nested/{name}": value for name, value in row.items()}


def test_what_is_logged_is_in_the_summary_and_what_is_set_by_hand_wins(begin):
    with begin() as run:
        run.log({"loss": 2.0, "acc": math.nan})
        run.log({"loss": 1.0, "val": {"acc": 0.5}})
        assert (run.summary.loss, run.summary["val/acc"]) == (1.0, 0.5)
        run.summary["best"] = 3
        run.summary.note = "good"
        run.summary.update({"deep": {"x": math.inf}}, loss=7)
        run.log({"gone": 1})
        del run.summary["gone"]
    summary = gitrack.load(run.id).summary
    assert math.isnan(summary.pop("acc"))
    assert summary == {
        "loss": 7, "val/acc": 0.5, "best": 3, "note": "good", "deep/x": math.inf,
    }  # fmt: skip
