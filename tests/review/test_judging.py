"""Verdicts over many made-up reviews: as seldom false and as often right as they should be."""

import math

import numpy as np
import pytest
from scipy import stats

from gitrack.review.judging import Judge, Sample
from gitrack.review.words import why

ALPHA = 0.05


def sample(base, head, *, goal="max", number=1, name="val/acc", ruled=False, margin=None):
    return Sample(number, name, goal, ruled, list(base), list(head), ALPHA, margin)


def verdict(one, *others, test="permutation", correction="holm"):
    return Judge([one, *others], test, correction).verdict(one)[0]


def test_reviews_in_which_nothing_changed_find_something_at_most_as_often_as_alpha():
    chance, trials = np.random.default_rng(11), 2_000
    found = 0
    for _ in range(trials):
        # Two configurations of two metrics, held against one base.
        base, *heads = chance.normal(size=(3, 2, 6))
        samples = [
            sample(base[i], head[i], number=n, name=str(i))
            for n, head in enumerate(heads, 1)
            for i in range(2)
        ]
        judge = Judge(samples, "permutation", "holm")
        found += any(judge.verdict(one)[0] != "cannot tell" for one in samples)
    assert found <= ALPHA * trials + 2.6 * math.sqrt(trials * ALPHA * (1 - ALPHA))


def test_a_real_effect_is_called_better_as_often_as_scipys_test_finds_it():
    chance, trials = np.random.default_rng(12), 300
    ours = theirs = 0
    for _ in range(trials):
        base, head = chance.normal(size=8), chance.normal(1.5, size=8)
        ours += verdict(sample(base, head)) == "better"
        theirs += stats.ttest_ind(head, base).pvalue <= ALPHA
    assert ours / trials == pytest.approx(theirs / trials, abs=0.05)


def test_no_difference_is_seldom_said_of_one_that_is_as_large_as_the_margin():
    chance, trials = np.random.default_rng(13), 300
    found = 0
    for _ in range(trials):
        base, head = chance.normal(size=6), chance.normal(2.0, size=6)
        found += verdict(sample(base, head, margin=2.0)) == "no difference"
    assert found <= ALPHA * trials + 2.6 * math.sqrt(trials * ALPHA * (1 - ALPHA))


def test_no_difference_is_said_of_what_is_well_inside_the_margin():
    base, head = np.linspace(0, 1, 6), np.linspace(0.1, 1.1, 6)
    assert verdict(sample(base, head, margin=2.0)) == "no difference"
    assert verdict(sample(base, head)) == "cannot tell"


def test_what_has_too_few_seeds_costs_the_others_nothing():
    clear = sample([1, 2, 3, 4.0], [5, 6, 7, 8.0])
    hopeless = [sample([1.0], [9.0], number=n) for n in range(2, 30)]
    assert verdict(clear, *hopeless) == "better"
    judge = Judge([clear, *hopeless], "permutation", "holm")
    assert judge.tests == 1


def test_what_rules_name_is_corrected_apart_from_the_rest():
    named = sample([1, 2, 3, 4.0], [5, 6, 7, 8.0], ruled=True)
    others = [sample([1, 2, 3, 4.0], [1, 2, 3, 5.0], name=str(n)) for n in range(9)]
    assert verdict(named, *others) == "better"
    assert verdict(sample(named.base, named.head), *others) == "cannot tell"


@pytest.mark.parametrize(("goal", "expected"), [("max", "better"), ("min", "worse")])
def test_ranks_say_which_way_where_the_means_go_the_other(goal, expected):
    base, head = [*range(1, 8), 900.0], range(8, 16)
    one = sample(base, head, goal=goal)
    assert verdict(one, test="mann-whitney") == expected


def test_without_a_correction_each_metric_stands_for_itself():
    samples = [sample([1, 2, 3, 4.0], [5, 6, 7, 8.0], name=str(n)) for n in range(4)]
    assert verdict(*samples, correction="none") == "better"
    assert verdict(*samples, correction="benjamini-hochberg") == "better"
    assert verdict(*samples) == "cannot tell"


def test_why_nothing_can_be_told_is_said_in_words():
    few, chance, odd, empty = (
        sample([1, 2.0], [3, 4.0]),
        sample([1, 2, 3, 4, 5.0], [2, 3, 4, 5, 6.0]),
        sample([1.0], [2.0], goal=None),
        sample([], [2.0]),
    )
    said = [why(Judge([one], "permutation", "holm").judge(one, 0.95)) for one in (few, chance)]
    assert said[0].startswith("2 against 2 seeds can tell nothing; ")
    assert said[1].startswith("may be chance; about ")
    said = [why(Judge([one], "permutation", "holm").judge(one, 0.95)) for one in (odd, empty)]
    assert said == ["which way is better is not known", "no value on the base"]
