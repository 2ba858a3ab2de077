"""What the browser makes of a series: decoding, joining, smoothing, thinning, ranges, ticks."""

import json
from pathlib import Path

import numpy as np
import pytest

from gitrack.publish.packing import HEAD, TAIL, pack_series
from gitrack.publish.series import Series

ASSETS = Path(__file__).parents[2] / "site" / "docs" / "assets" / "gitrack"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def scripts(chromium):
    page = chromium.new_page()
    for name in ("packed", "format", "series", "smoothing", "scale"):
        page.add_script_tag(path=ASSETS / f"{name}.js")
    yield page
    page.close()


def packed(values, rows=(0, 1), steps=None, kind="f4"):
    """Write the script of a metric of one run, and return what it puts."""

    def places(numbers):
        return numbers if isinstance(numbers, tuple) else np.asarray(numbers, "<f8")

    points = np.asarray(values, f"<{kind}")
    series = Series(len(points), places(rows), places(rows if steps is None else steps), points)
    script = pack_series("m", [None, series])
    return json.loads(script[len(HEAD) : -len(TAIL)])


CURVE = """async ([y, x, weight]) => {
  const series = (await gitrack.unpackSeries(y))[1];
  const other = x ? (await gitrack.unpackSeries(x))[1] : null;
  const curve = gitrack.curve(series, x ? 'other' : '_step', other);
  const list = (values) => [...values].map((value) => (Number.isNaN(value) ? null : value));
  return {x: list(curve.x), y: list(curve.y), smooth: list(gitrack.smooth(curve, weight))};
}"""


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_a_series_comes_back_as_it_was_written(kind, scripts):
    found = scripts.evaluate(CURVE, [packed([0.5, np.nan, np.inf, -2], (3, 2), kind=kind), None, 0])
    assert found["x"] == [3, 5, 7, 9]
    assert found["y"] == [0.5, None, None, -2]


def test_steps_that_go_back_stay_in_their_order(scripts):
    steps = [5, 6, 2, 3]
    assert scripts.evaluate(CURVE, [packed([1, 2, 3, 4], steps=steps), None, 0])["x"] == steps


def test_another_metric_on_x_is_interpolated_between_its_rows_and_unknown_beyond(scripts):
    y = packed([1, 2, 3, 4, 5], (0, 1))
    x = packed([10, 30], (1, 2))
    assert scripts.evaluate(CURVE, [y, x, 0])["x"] == [None, 10, 20, 30, None]


def test_smoothing_evenly_spaced_points_is_the_debiased_moving_average(scripts):
    values = np.random.default_rng(1).normal(size=50).astype("f4")
    weight, last, expected = 0.8, 0.0, []
    for count, value in enumerate(values, 1):
        last = last * weight + float(value) * (1 - weight)
        expected.append(last / (1 - weight**count))
    found = scripts.evaluate(CURVE, [packed(values, (0, 3)), None, weight])["smooth"]
    assert found == pytest.approx(expected)


def test_smoothing_keeps_a_gap_and_a_constant(scripts):
    found = scripts.evaluate(CURVE, [packed([2, 2, np.nan, 2]), None, 0.99])["smooth"]
    assert found[2] is None
    assert [found[i] for i in (0, 1, 3)] == pytest.approx([2, 2, 2])


def test_thinning_keeps_extremes_and_gaps(scripts):
    values = np.sin(np.arange(5000)).tolist()
    values[777], values[4000] = 9, -9
    values[2500] = None  # NaN is not JSON
    thin = """ys => {
      const y = Float64Array.from(ys, (value) => (value === null ? NaN : value));
      const {xs, ys: kept} = gitrack.thin(y.map((_, i) => i), y, 0, y.length - 1, 100);
      const numbers = kept.filter(Number.isFinite);
      const gaps = kept.length - numbers.length;
      return [xs.length, Math.max(...numbers), Math.min(...numbers), gaps];
    }"""
    size, high, low, gaps = scripts.evaluate(thin, values)
    assert size < 250
    assert (high, low, gaps) == (9, -9, 1)


RANGE = """([ys, outliers]) => {
  const curve = {x: ys.map((_, i) => i), y: ys};
  return gitrack.scale.valueRange([curve], 0, ys.length - 1, outliers);
}"""


def test_an_outlier_is_cut_from_the_axis_and_said_so(scripts):
    values = [1 + (i % 7) / 10 for i in range(400)]
    values[200] = 1e6
    cut = scripts.evaluate(RANGE, [values, 0.01])
    assert cut["cut"]
    assert cut["high"] < 2
    whole = scripts.evaluate(RANGE, [values, 0])
    assert not whole["cut"]
    assert whole["high"] > 1e6


def test_a_constant_has_a_range(scripts):
    found = scripts.evaluate(RANGE, [[3, 3, 3], 0.01])
    assert found["low"] < 3 < found["high"]
    assert not found["cut"]


@pytest.mark.parametrize(
    ("low", "high", "options", "labels"),
    [
        (0, 40000, {}, ["0", "10k", "20k", "30k", "40k"]),
        (0, 0.8, {}, ["0", "0.2", "0.4", "0.6", "0.8"]),
        (-1, 1, {}, [f"{MINUS}1.0", f"{MINUS}0.5", "0", "0.5", "1.0"]),
        (-3, 1, {"log": True}, ["0.001", "0.01", "0.1", "1", "10"]),
        (0, 7200, {"kind": "span"}, ["0", "30m", "1h", "1h 30m", "2h"]),
    ],
)
def test_ticks_are_round_and_short(low, high, options, labels, scripts):
    ticks = scripts.evaluate("([a, b, o]) => gitrack.scale.ticks(a, b, o)", [low, high, options])
    assert [tick["label"] for tick in ticks] == labels


def test_numbers_are_written_with_a_true_minus_and_without_a_tail(scripts):
    write = "values => values.map((value) => gitrack.format.number(value))"
    found = scripts.evaluate(write, [-0.5, 1234567, 0.00012345, 0.1 + 0.2])
    assert found == [f"{MINUS}0.5", "1,234,567", f"1.234e{MINUS}4", "0.3"]
