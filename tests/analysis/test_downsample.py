import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gitrack.analysis.downsample import kept_points

FLOATS = st.floats(width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0])
SERIES = arrays(np.float64, st.integers(0, 600), elements=FLOATS)
LIMITS = st.integers(8, 120)


@given(SERIES, LIMITS)
def test_no_more_points_than_the_limit_in_their_order(y, limit):
    kept = kept_points(y, limit)
    assert len(kept) == len(y) if len(y) <= limit else len(kept) <= limit
    assert (np.diff(kept) > 0).all()


@given(SERIES, LIMITS)
def test_first_last_and_extremes_stay(y, limit):
    kept = kept_points(y, limit)
    if len(y):
        assert kept[0] == 0
        assert kept[-1] == len(y) - 1
    finite, shown = y[np.isfinite(y)], y[kept][np.isfinite(y[kept])]
    if len(finite):
        assert finite.min() == shown.min()
        assert finite.max() == shown.max()


@given(SERIES, LIMITS)
def test_points_that_are_not_finite_do_not_vanish(y, limit):
    odd = ~np.isfinite(y)
    shown = ~np.isfinite(y[kept_points(y, limit)])
    assert shown.sum() >= min(odd.sum(), limit // 10)


@settings(max_examples=50)
@given(arrays(np.float64, 997, elements=st.floats(-1e6, 1e6)), st.integers(20, 200))
def test_every_stretch_keeps_its_extremes(y, limit):
    kept = kept_points(y, limit)
    size = -(-len(y) // ((limit - 2) // 2))
    for start in range(0, len(y), size):
        inside = kept[(kept >= start) & (kept < start + size)]
        assert y[inside].min() == y[start : start + size].min()
        assert y[inside].max() == y[start : start + size].max()


def test_one_spike_in_a_million_is_seen():
    y = np.zeros(1_000_000)
    y[654_321] = 1.0
    kept = kept_points(y)
    assert 654_321 in kept
    assert len(kept) <= 1_000


def test_a_series_of_nothing_but_nan_is_thinned_evenly():
    kept = kept_points(np.full(50_000, np.nan))
    assert len(kept) <= 1_000
    assert np.diff(kept).max() < 100
