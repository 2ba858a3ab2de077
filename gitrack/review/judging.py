"""One metric of two configurations: tested, corrected with the others, and judged."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gitrack.analysis.bootstrap import bootstrap_interval
from gitrack.analysis.power import least_p, least_seeds, seeds_needed
from gitrack.analysis.statistics import (
    benjamini_hochberg,
    cliffs_delta,
    equivalence,
    hedges_g,
    holm,
    mann_whitney,
    permutation_test,
)
from gitrack.review.model import VALUES, Correction, Goal, Metric, Reason, Test, Verdict, cut

_Tests = Callable[[Sequence[float], Sequence[float]], float]
_Corrections = Callable[[Sequence[float]], list[float]]
_TESTS: Mapping[Test, _Tests] = {"permutation": permutation_test, "mann-whitney": mann_whitney}
_CORRECTIONS: Mapping[Correction, _Corrections] = {
    "holm": holm,
    "benjamini-hochberg": benjamini_hochberg,
    "none": list,
}


@dataclass(frozen=True)
class Sample:
    """
    The values of one metric on both sides.

    Attributes
    ----------
    comparison : int
        The number of the comparison, from 1.
    name : str
        The metric.
    goal : {"min", "max"} or None
        Which way is better.
    ruled : bool
        Whether a rule names it: what rules name is corrected for itself, since it was named
        before anybody looked.
    base, head : sequence of float
        Finite values, one a run.
    alpha : float
        The level of its test.
    margin : float or None
        Differences below it count as none.
    """

    comparison: int
    name: str
    goal: Goal | None
    ruled: bool
    base: Sequence[float]
    head: Sequence[float]
    alpha: float
    margin: float | None = None

    @property
    def seeds(self) -> int:
        """The runs of the smaller side."""
        return min(len(self.base), len(self.head))

    @property
    def least_p(self) -> float:
        """The smallest p that as many runs can give."""
        return least_p(len(self.base), len(self.head))

    @property
    def can_be_tested(self) -> bool:
        """
        Whether any values of as many runs could be told apart.

        What cannot costs the others nothing in the correction, since it depends on the number of
        runs alone and not on what they show.

        References
        ----------
        Tarone: A modified Bonferroni method for discrete data. Biometrics 46(2), 1990.
        """
        return self.goal is not None and self.least_p <= self.alpha


class Judge:
    """
    Judges samples together.

    Parameters
    ----------
    samples : sequence of Sample
        All that one review looks at.
    test : str
        What p comes from.
    correction : str
        How it is corrected.

    Attributes
    ----------
    tests : int
        How many were tested.
    """

    def __init__(self, samples: Sequence[Sample], test: Test, correction: Correction) -> None:
        self._test, self._correction = test, correction
        self._p: dict[int, tuple[float, float]] = {}
        self._tested: Counter[bool] = Counter()
        self._beside = Counter((s.ruled, s.comparison) for s in samples if s.goal is not None)
        for ruled in (True, False):
            family = [s for s in samples if s.ruled == ruled and s.can_be_tested]
            ps = [_TESTS[test](s.base, s.head) for s in family]
            for s, p, adjusted in zip(family, ps, _CORRECTIONS[correction](ps), strict=True):
                self._p[id(s)] = (p, adjusted)
            self._tested[ruled] = len(family)
        self.tests = sum(self._tested.values())

    def reach(self, sample: Sample) -> float:
        """Return how small a p must be to count, if none of the others tested with it does."""
        if self._correction != "holm":
            return sample.alpha
        beside = self._beside[sample.ruled, sample.comparison]
        return sample.alpha / max(1, beside, self._tested[sample.ruled])

    def least_seeds(self, sample: Sample) -> int:
        """Return how many seeds a side could tell a difference; 1 where those there are could."""
        reach = self.reach(sample)
        return 1 if sample.least_p <= reach else least_seeds(reach)

    def judge(self, sample: Sample, level: float) -> Metric:
        """
        Say what can be said of one sample.

        Parameters
        ----------
        sample : Sample
            One of those that the judge was made with.
        level : float in (0, 1)
            Of the interval.
        """
        base, head = sample.base, sample.head
        p, adjusted = self._p.get(id(sample), (None, None))
        interval = bootstrap_interval(base, head, level=level)
        verdict, reason = self.verdict(sample)
        means = mean(base), mean(head)
        effect = hedges_g(base, head)
        return Metric(
            name=cut(sample.name),
            goal=sample.goal,
            ruled=sample.ruled,
            base=tuple(base[:VALUES]),
            head=tuple(head[:VALUES]),
            base_n=len(base),
            head_n=len(head),
            base_mean=means[0],
            head_mean=means[1],
            base_std=deviation(base),
            head_std=deviation(head),
            difference=difference(sample),
            low=interval and interval.low,
            high=interval and interval.high,
            p=p,
            p_adjusted=adjusted,
            hedges_g=effect,
            cliffs_delta=cliffs_delta(base, head) if sample.seeds else None,
            margin=sample.margin,
            verdict=verdict,
            reason=reason,
            seeds=self._seeds(sample, effect) if verdict == "cannot tell" else None,
        )

    def verdict(self, sample: Sample) -> tuple[Verdict, Reason]:
        """Return a sample's verdict, and why not more can be said where there is a reason."""
        _, adjusted = self._p.get(id(sample), (None, None))
        if is_inside_margin(sample):
            return "no difference", "within the margin"
        if sample.goal is None:
            return "cannot tell", "no goal"
        if not sample.seeds:
            return "cannot tell", "no value"
        if adjusted is not None and adjusted <= sample.alpha:
            return ("better" if self._gain(sample) > 0 else "worse"), ""
        if adjusted is None or sample.least_p > self.reach(sample):
            return "cannot tell", "too few seeds"
        return "cannot tell", "may be chance"

    def _gain(self, sample: Sample) -> float:
        """Return which way the test found the difference: ranks may go against the means."""
        if self._test == "permutation":
            return gain(sample)
        delta = cliffs_delta(sample.base, sample.head)
        return -delta if sample.goal == "min" else delta

    def _seeds(self, sample: Sample, effect: float | None) -> int | None:
        if sample.goal is None:
            return None
        reach = self.reach(sample)
        if effect is None:
            return least_seeds(reach) if sample.least_p > reach else None
        needed = seeds_needed(effect, reach)
        return None if needed is None else max(needed, sample.seeds + 1)


def is_inside_margin(sample: Sample) -> bool:
    """Tell whether the difference is smaller than the margin, by its interval and by a test."""
    if sample.margin is None:
        return False
    interval = bootstrap_interval(sample.base, sample.head, level=1 - sample.alpha)
    if interval is None or max(-interval.low, interval.high) >= sample.margin:
        return False
    # Of few seeds an interval is easily too narrow.
    return equivalence(sample.base, sample.head, sample.margin) <= sample.alpha


def gain(sample: Sample) -> float:
    """Return by how much the head's mean is better than the base's; negative where worse."""
    found = difference(sample) or 0.0
    return -found if sample.goal == "min" else found


def difference(sample: Sample) -> float | None:
    """Return the head's mean less the base's, None where a side has no value."""
    base, head = mean(sample.base), mean(sample.head)
    return None if base is None or head is None else head - base


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, None of nothing."""
    known = list(values)
    return math.fsum(known) / len(known) if known else None


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation over a sample, None below two values."""
    if len(values) < 2:  # noqa: PLR2004
        return None
    centre = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1))
