"""Whether a rule holds for a comparison, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitrack.review.judging import Judge, Sample, gain
from gitrack.review.model import RuleResult, Verdict, WhichSide, Why, cut
from gitrack.review.rules import Rule

_FAILURES = frozenset(("no value", "too few seeds", "worse"))


@dataclass(frozen=True)
class Ruling:
    """
    A rule to be applied to a comparison.

    Attributes
    ----------
    rule : Rule
        What has to hold.
    comparison : int or None
        The comparison's number, None where the rule's search line finds no run of the head.
    sample : Sample or None
        The values, where the rule chooses runs of its own.
    """

    rule: Rule
    comparison: int | None
    sample: Sample | None


def rule_results(
    rulings: Sequence[Ruling], samples: Mapping[tuple[int, str], Sample], judge: Judge
) -> list[RuleResult]:
    """
    Apply rules.

    Parameters
    ----------
    rulings : sequence of Ruling
        What to apply to what.
    samples : mapping of (int, str) to Sample
        The values by comparison and metric, for rules without runs of their own.
    judge : Judge
        Who judges.

    Returns
    -------
    list of RuleResult
        What failed first, and of that what is required: it is never what is left out.
    """
    found = []
    for ruling in rulings:
        sample = ruling.sample
        if sample is None and ruling.comparison is not None:
            sample = samples.get((ruling.comparison, ruling.rule.metric))
        found.append(_result(ruling, sample, judge))
    return sorted(found, key=lambda one: (one.outcome == "pass", not one.required))


def _result(ruling: Ruling, sample: Sample | None, judge: Judge) -> RuleResult:
    rule = ruling.rule
    verdict = "cannot tell" if sample is None else judge.verdict(sample)[0]
    least = rule.min_seeds or (judge.least_seeds(sample) if sample else 1)
    why, side = _reason(rule, sample, verdict, least)
    seeds = {"base": sample.base, "head": sample.head} if sample else {}
    return RuleResult(
        metric=cut(rule.metric),
        runs=rule.runs,
        comparison=ruling.comparison,
        required=rule.required,
        outcome="fail" if why in _FAILURES else "pass",
        verdict=verdict,
        why=why,
        side=side,
        seeds=len(seeds[side]) if side in seeds else None,
        least=least,
        loss=-gain(sample) if sample and sample.seeds else None,
        allowed=float(rule.max_regression),
    )


def _reason(
    rule: Rule, sample: Sample | None, verdict: Verdict, least: int
) -> tuple[Why, WhichSide | None]:
    if sample is None or not sample.head:
        return "no value", "head"
    if verdict == "worse" and -gain(sample) > rule.max_regression:
        return "worse", None
    if len(sample.head) < least:
        return "too few seeds", "head"
    if not sample.base:
        return "nothing to hold it against", None
    if len(sample.base) < least:
        return "too few seeds", "base"
    if verdict == "worse":
        return "within what is allowed", None
    return ("not shown to be worse" if verdict == "cannot tell" else verdict), None
