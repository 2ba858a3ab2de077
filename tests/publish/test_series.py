import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.publish.series import metrics_from_history


def decode(series):
    """Read a series as the browser does: rows, steps and values."""
    n = len(series.y)

    def places(value):
        if isinstance(value, tuple):
            start, stride = value
            return start + stride * np.arange(n)
        return value

    return places(series.rows), places(series.steps), series.y


def encode(values, steps=None, kind=None):
    steps = np.arange(len(values)) if steps is None else steps
    table = pa.table(
        {
            "_step": pa.array(steps, pa.int64()),
            "_runtime": pa.array(np.arange(len(values)) * 0.5),
            "_timestamp": pa.array(1.8e9 + np.arange(len(values)) * 0.5),
            "m": pa.array(values, kind),
        }
    )
    return {metric.name: metric for metric in metrics_from_history(table)}


@given(st.lists(st.none() | st.floats(width=32), min_size=1, max_size=60))
def test_values_come_back_at_their_rows(values):
    found = encode(values, kind=pa.float64())
    there = [(row, value) for row, value in enumerate(values) if value is not None]
    if not there:
        assert "m" not in found
        return
    rows, steps, y = decode(found["m"].series)
    assert rows.tolist() == steps.tolist() == [row for row, _ in there]
    np.testing.assert_array_equal(y, np.array([value for _, value in there]))
    assert found["m"].series.of == len(there)


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=40))
def test_steps_stay_exact_even_when_they_go_back(steps):
    _, found, _ = decode(encode([1.0] * len(steps), steps)["m"].series)
    assert found.tolist() == steps


def test_a_regular_range_is_two_numbers():
    series = encode([0.0] * 50, np.arange(50) * 10 + 5)["m"].series
    assert (series.rows, series.steps) == ((0, 1), (5, 10))


def test_a_long_curve_keeps_its_spike_and_says_how_much_there_was():
    values = np.zeros(20_000)
    values[7_777] = 3.0
    series = encode(values)["m"].series
    rows, _, y = decode(series)
    assert len(series.y) <= 1_000
    assert series.of == 20_000
    assert y[rows.tolist().index(7_777)] == 3.0


@pytest.mark.parametrize(
    ("values", "kind", "precision"),
    [
        ([0.1, 0.2], None, "f4"),
        ([1, 2, 3], pa.int64(), "f4"),
        ([2**24 + 1, 2**24 + 2], pa.int64(), "f8"),
        ([2**63, 1], pa.uint64(), "f8"),
        ([1e300, 1.0], None, "f8"),
        ([1e-60, 1.0], None, "f8"),
        ([1.7e308, -1.7e308], None, "f8"),
        ([1.8e9, 1.8e9 + 0.001], None, "f8"),
        ([math.nan, math.inf], None, "f4"),
        ([True, False], None, "f4"),
    ],
)
def test_precision_follows_the_values(values, kind, precision):
    metric = encode(values, kind=kind)["m"]
    assert metric.series.y.dtype.str[1:] == precision
    np.testing.assert_allclose(decode(metric.series)[2], np.array(values, float), rtol=1e-6)


def test_text_is_not_drawn_and_times_come_last():
    assert list(encode(["a", "b"])) == ["_runtime", "_timestamp"]
    assert list(encode([1.0, 2.0])) == ["m", "_runtime", "_timestamp"]


def test_an_empty_history_has_no_series():
    assert encode([]) == {}


def test_the_best_value_is_the_first_of_its_kind():
    table = pa.table(
        {
            "_step": pa.array([0, 10, 20, 30]),
            "_runtime": pa.array([0.0, 1.0, 2.0, 3.0]),
            "_timestamp": pa.array([0.0, 1.0, 2.0, 3.0]),
            "loss": pa.array([3.0, 1.0, 1.0, math.nan]),
            "acc": pa.array([0.1, None, math.inf, 0.9]),
            "lr": pa.array([0.1, 0.1, 0.1, 0.1]),
        }
    )
    curves = {metric.name: metric.curve for metric in metrics_from_history(table)}
    assert (curves["loss"].best, curves["loss"].best_step) == (1.0, 10)
    assert math.isnan(curves["loss"].last)
    assert (curves["acc"].best, curves["acc"].best_step) == (0.9, 30)
    assert curves["lr"].best is None
    assert curves["_runtime"] is None


@given(st.lists(st.floats(), min_size=1, max_size=300))
def test_a_sparkline_stays_in_its_box(values):
    spark = encode(values)["m"].curve.spark
    points = [tuple(map(float, point.split(","))) for point in spark.split()]
    assert all(0 <= x <= 100 and 0 <= y <= 48 for x, y in points)
    assert len(points) <= 32
