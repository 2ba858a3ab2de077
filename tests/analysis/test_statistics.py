"""The statistics of a review, held to SciPy's and to what they promise."""

import math

import numpy as np
import pytest
from scipy import stats

from gitrack.analysis.bootstrap import bootstrap_interval
from gitrack.analysis.distributions import normal_quantile, t_quantile, t_tail
from gitrack.analysis.power import least_p, least_seeds, seeds_needed
from gitrack.analysis.statistics import (
    benjamini_hochberg,
    cliffs_delta,
    equivalence,
    hedges_g,
    holm,
    mann_whitney,
    permutation_test,
    welch,
)

SIZES = [(1, 1), (1, 4), (2, 2), (3, 5), (5, 5), (7, 6), (12, 30)]
TIED = ([1.0, 2.0, 2.0, 3.0, 7.0], [2.0, 3.0, 3.0, 5.0])


def two_groups(n_a, n_b, shift=0.7, seed=0):
    chance = np.random.default_rng([seed, n_a, n_b])
    return chance.normal(size=n_a).tolist(), chance.normal(shift, size=n_b).tolist()


def difference_of_means(x, y, axis=-1):
    return np.mean(y, axis=axis) - np.mean(x, axis=axis)


@pytest.mark.parametrize("sizes", SIZES[2:-1])
def test_regrouping_gives_scipys_exact_p(sizes):
    for groups in (two_groups(*sizes), two_groups(*sizes, shift=9)):
        theirs = stats.permutation_test(groups, difference_of_means, n_resamples=np.inf)
        assert permutation_test(*groups) == pytest.approx(theirs.pvalue, rel=1e-12)


def test_regrouping_counts_ties_as_scipy_does():
    theirs = stats.permutation_test(TIED, difference_of_means, n_resamples=np.inf)
    assert permutation_test(*TIED) == pytest.approx(theirs.pvalue, rel=1e-12)


@pytest.mark.parametrize("offset", [1e-9, 1.0, 1e9])
def test_regrouping_does_not_care_where_zero_is(offset):
    a, b = [0.25, 0.5, 0.75, 0.5], [0.5, 1.0, 0.75, 1.25]
    moved = [[value + offset for value in side] for side in (a, b)]
    assert permutation_test(*moved) == pytest.approx(permutation_test(a, b))


def test_many_seeds_are_regrouped_by_chance_within_its_error():
    groups = two_groups(30, 30, shift=0.4)
    theirs = stats.permutation_test(groups, difference_of_means, n_resamples=99_999, rng=1)
    error = math.sqrt(theirs.pvalue / 9_999) * 4
    assert permutation_test(*groups) == pytest.approx(theirs.pvalue, abs=error)


def test_a_p_by_chance_is_never_zero():
    assert permutation_test([0.0] * 50, [1.0] * 50) == pytest.approx(2 / 10_000)


@pytest.mark.parametrize("sizes", SIZES[:-1])
def test_ranks_give_scipys_exact_p(sizes):
    a, b = two_groups(*sizes)
    theirs = stats.mannwhitneyu(b, a, method="exact")
    assert mann_whitney(a, b) == pytest.approx(theirs.pvalue, rel=1e-12)


@pytest.mark.parametrize("groups", [TIED, two_groups(60, 40), ([1.0, 1.0], [1.0, 1.0, 2.0])])
def test_ranks_with_ties_or_many_seeds_give_scipys_approximation(groups):
    theirs = stats.mannwhitneyu(groups[1], groups[0], method="asymptotic")
    assert mann_whitney(*groups) == pytest.approx(theirs.pvalue, rel=1e-9)


def test_equal_values_tell_nothing():
    same = ([0.5] * 5, [0.5] * 5)
    assert permutation_test(*same) == mann_whitney(*same) == welch(*same).p == 1
    assert hedges_g(*same) is None
    assert bootstrap_interval(*same) == (0, 0)


@pytest.mark.parametrize("sizes", SIZES[2:])
def test_welch_gives_scipys_p(sizes):
    a, b = two_groups(*sizes)
    theirs = stats.ttest_ind(b, a, equal_var=False)
    ours = welch(a, b)
    assert ours == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue), rel=1e-9)


def test_equivalence_is_two_one_sided_tests():
    a, b = two_groups(8, 6, shift=0.1)
    lower = stats.ttest_ind(np.add(b, 2), a, equal_var=False, alternative="greater").pvalue
    upper = stats.ttest_ind(np.subtract(b, 2), a, equal_var=False, alternative="less").pvalue
    assert equivalence(a, b, 2) == pytest.approx(max(lower, upper), rel=1e-9)
    assert equivalence([1.0], [1.0], 2) == 1
    assert equivalence([1.0, 1.0], [1.5, 1.5], 0.4) == 1


@pytest.mark.parametrize(("method", "theirs"), [("percentile", "percentile"), ("bca", "BCa")])
@pytest.mark.parametrize("median", [False, True])
def test_the_bootstrap_gives_scipys_interval_within_its_own_error(method, theirs, median):
    a, b = two_groups(25, 31)
    centre = np.median if median else np.mean

    def statistic(x, y, axis=-1):
        return centre(y, axis=axis) - centre(x, axis=axis)

    ends = [
        stats.bootstrap((a, b), statistic, n_resamples=9_999, method=theirs, rng=seed)
        for seed in range(4)
    ]
    lows, highs = ([getattr(e.confidence_interval, end) for e in ends] for end in ("low", "high"))
    ours = bootstrap_interval(a, b, method=method, median=median)
    spread = 0.05 * (np.mean(highs) - np.mean(lows))
    assert ours == pytest.approx((np.mean(lows), np.mean(highs)), abs=spread)


def test_few_seeds_get_a_wider_interval_than_percentiles_give():
    a, b = two_groups(4, 4)
    wide, narrow = bootstrap_interval(a, b), bootstrap_interval(a, b, method="percentile")
    assert wide.low < narrow.low < narrow.high < wide.high
    assert bootstrap_interval(a, b, level=0.8).low > wide.low
    assert bootstrap_interval([1.0], [2.0, 3.0]) is None


def test_the_same_values_give_the_same_interval():
    groups = two_groups(5, 5)
    assert bootstrap_interval(*groups) == bootstrap_interval(*groups)


def test_intervals_of_five_seeds_hold_the_true_difference_as_often_as_they_say():
    chance, trials = np.random.default_rng(2), 600
    held = 0
    for _ in range(trials):
        low, high = bootstrap_interval(chance.normal(size=5), chance.normal(size=5))
        held += low <= 0 <= high
    assert held / trials > 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials)


def test_corrections_give_scipys_and_the_definitions_figures():
    ps = [0.001, 0.2, 0.012, 0.04, 0.04, 0.9]
    assert benjamini_hochberg(ps) == pytest.approx(stats.false_discovery_control(ps))
    assert holm(ps) == pytest.approx([0.006, 0.4, 0.06, 0.16, 0.16, 0.9])
    assert holm([]) == benjamini_hochberg([]) == []


def test_effect_sizes_are_as_defined():
    a, b = two_groups(6, 9)
    pooled = math.sqrt((5 * np.var(a, ddof=1) + 8 * np.var(b, ddof=1)) / 13)
    exact = math.exp(math.lgamma(6.5) - math.lgamma(6) - math.log(6.5) / 2)
    assert hedges_g(a, b) == pytest.approx((np.mean(b) - np.mean(a)) / pooled * exact)
    u = stats.mannwhitneyu(b, a).statistic
    assert cliffs_delta(a, b) == pytest.approx(2 * u / 54 - 1)
    assert hedges_g([1.0], [2.0, 3.0]) is None


@pytest.mark.parametrize("df", [1, 2.5, 8, 40, 3000])
def test_students_t_is_scipys(df):
    for t in (-30.0, -1.5, 0.0, 0.3, 2.0, 50.0):
        assert t_tail(t, df) == pytest.approx(stats.t.sf(t, df), rel=1e-9, abs=1e-300)
    for p in (1e-6, 0.025, 0.5, 0.9):
        assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-8, abs=1e-12)
    assert (normal_quantile(0), normal_quantile(1)) == (-math.inf, math.inf)


def test_two_seeds_against_two_can_never_tell():
    assert permutation_test([0.0, 0.0], [1e6, 1e6]) == least_p(2, 2) == 1 / 3
    assert least_seeds(0.05) == 4
    assert permutation_test([0.0] * 4, [1.0] * 4) == least_p(4, 4) < 0.05 < least_p(3, 3)


@pytest.mark.parametrize(("effect", "alpha"), [(0.5, 0.05), (1.0, 0.05), (1.4, 0.01), (2.0, 0.01)])
def test_as_many_seeds_as_asked_for_have_the_power_that_scipy_gives_them(effect, alpha):
    n = seeds_needed(effect, alpha)
    away, df = effect * math.sqrt(n / 2), 2 * n - 2
    power = stats.nct.sf(stats.t.isf(alpha / 2, df), df, away)
    assert power == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("test", [permutation_test, mann_whitney])
def test_without_an_effect_false_findings_are_as_rare_as_alpha(test):
    chance, trials, alpha = np.random.default_rng(3), 2_000, 0.05
    found = sum(test(chance.normal(size=5), chance.normal(size=5)) <= alpha for _ in range(trials))
    assert found <= alpha * trials + 2.6 * math.sqrt(trials * alpha * (1 - alpha))


def test_a_family_of_metrics_is_false_no_more_often_than_alpha():
    chance, trials, alpha = np.random.default_rng(4), 2_000, 0.05
    found = 0
    for _ in range(trials):
        ps = [permutation_test(*chance.normal(size=(2, 5))) for _ in range(3)]
        found += min(holm(ps)) <= alpha
    assert found <= alpha * trials + 2.6 * math.sqrt(trials * alpha * (1 - alpha))


def test_a_real_effect_is_found_as_often_as_scipy_finds_it():
    chance, trials = np.random.default_rng(5), 400
    ours = theirs = 0
    for _ in range(trials):
        a, b = chance.normal(size=6), chance.normal(1.6, size=6)
        ours += permutation_test(a, b) <= 0.05
        theirs += stats.ttest_ind(a, b).pvalue <= 0.05
    assert ours / trials == pytest.approx(theirs / trials, abs=0.05)
