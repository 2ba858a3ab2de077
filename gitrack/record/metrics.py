"""What ``define_metric`` says: step metrics, and what the summary keeps of a metric."""

import math
from collections.abc import Mapping, MutableMapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from gitrack.model.run import MetricRule

SUMMARIES = ("min", "max", "mean", "last", "first", "best", "copy", "none")
_GOALS = {"min": "minimize", "max": "maximize", "minimize": "minimize", "maximize": "maximize"}
_MANY = 10_000  # names whose rule is remembered


def metric_rule(
    name: Any,
    step_metric: Any = None,
    hidden: bool | None = None,
    summary: str | Sequence[str] | None = None,
    goal: str | None = None,
) -> MetricRule:
    """
    Check what ``define_metric`` was told.

    Raises
    ------
    ValueError
        If a name is none, a pattern has its ``*`` elsewhere than at the end, or a summary or a
        goal is unknown.
    """
    name = getattr(name, "name", name)  # W&B takes a defined metric for its name
    step_metric = getattr(step_metric, "name", step_metric)
    if not isinstance(name, str) or not name or name.startswith("_"):
        raise ValueError(f"define_metric: {name!r} is no metric's name")
    if "*" in name[:-1]:
        raise ValueError(f"define_metric: {name!r} has its * elsewhere than at the end")
    words = summary.split(",") if isinstance(summary, str) else list(summary or ())
    words = [str(word).strip().lower() for word in words]
    if unknown := [word for word in words if word not in SUMMARIES]:
        raise ValueError(f"define_metric: summary {unknown[0]!r} is not one of {SUMMARIES}")
    if goal is not None and goal not in _GOALS:
        raise ValueError(f"define_metric: goal {goal!r} is neither minimize nor maximize")
    return MetricRule(
        name=name,
        step_metric=None if step_metric is None else str(step_metric),
        summary=tuple(dict.fromkeys(words)),
        goal=None if goal is None else _GOALS[goal],
        hidden=bool(hidden),
    )


class MetricRules:
    """
    The rules of one run, applied row by row.

    The recorder follows them as it logs and whoever commits the run follows them again from the
    journal: the same rows give the same summary.
    """

    def __init__(self) -> None:
        self._rules: dict[str, MetricRule] = {}
        self._synced: set[str] = set()
        self._steps: dict[str, Any] = {}  # the step metrics' last values
        self._found: dict[str, MetricRule | None] = {}
        self._statistics: dict[str, _Statistics] = {}
        self._before: dict[str, _Statistics] = {}  # as they stood before the row that is open

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def rules(self) -> tuple[MetricRule, ...]:
        """The rules, in the order of their definition."""
        return tuple(self._rules.values())

    def define(
        self, rule: MetricRule, *, sync: bool | None = None, overwrite: bool | None = None
    ) -> MetricRule:
        """
        Take a rule; what an older one of the same name said and this one leaves open stays.

        Parameters
        ----------
        rule : MetricRule
            The rule.
        sync : bool, optional
            Whether rows without the step metric get its last value; yes where there is one.
        overwrite : bool, optional
            Whether an older rule is dropped as a whole.
        """
        if (old := self._rules.get(rule.name)) and not overwrite:
            rule = MetricRule(
                name=rule.name,
                step_metric=rule.step_metric or old.step_metric,
                summary=rule.summary or old.summary,
                goal=rule.goal or old.goal,
                hidden=rule.hidden or old.hidden,
            )
        self._rules[rule.name] = rule
        self._synced.discard(rule.name)
        if rule.step_metric and sync is not False:
            self._synced.add(rule.name)
            self._steps.setdefault(rule.step_metric)
        self._found.clear()
        return rule

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the step metrics that a row lacks, with the values they had last."""
        lacking: dict[str, Any] = {}
        for name in values if self._steps else ():
            rule = self._rule_of(name)
            step = rule.step_metric if rule is not None and rule.name in self._synced else None
            if step is not None and step not in values and self._steps.get(step) is not None:
                lacking[step] = self._steps[step]
        return lacking

    def follow(
        self, summary: MutableMapping[str, Any], values: Mapping[str, Any], *, joins: bool = False
    ) -> None:
        """Take values into the summary; those that join the last row replace its own."""
        if not joins:
            self._before.clear()
        for name in self._steps.keys() & values.keys():
            self._steps[name] = values[name]
        for name, value in values.items():
            rule = self._rule_of(name)
            if rule is None or not rule.summary:
                summary[name] = value
            elif "none" not in rule.summary:
                self._take(summary, rule, name, value)

    def _take(
        self, summary: MutableMapping[str, Any], rule: MetricRule, name: str, value: Any
    ) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            summary[name] = value
            return
        before = self._before.get(name)
        if before is None:
            before = self._before[name] = self._statistics.get(name) or _Statistics()
        found = self._statistics[name] = copy(before)
        found.take(value)
        if rule.summary == ("copy",):
            summary[name] = value
        else:
            summary[name] = {
                word: getattr(found, "last" if word == "copy" else word)
                if word != "best"
                else (found.max if rule.goal == "maximize" else found.min)
                for word in rule.summary
            }

    def _rule_of(self, name: str) -> MetricRule | None:
        """Return the rule of a name: its own, or that of the longest pattern that fits."""
        if name in self._found:
            return self._found[name]
        found = self._rules.get(name)
        if found is None:
            fitting = [
                rule
                for pattern, rule in self._rules.items()
                if pattern.endswith("*") and name.startswith(pattern[:-1])
            ]
            found = max(fitting, key=lambda rule: len(rule.name), default=None)
            if found is not None and found.step_metric == name:
                found = None  # the step metric itself is no metric against it
        if len(self._found) < _MANY:
            self._found[name] = found
        return found


@dataclass(slots=True)
class _Statistics:
    """
    Of one metric over all its rows so far; NaN counts only for the first and the last.

    The mean is kept by Neumaier's compensated sum, right to the last bits for a million rows.
    """

    first: float = math.nan
    last: float = math.nan
    min: float = math.nan
    max: float = math.nan
    _count: int = 0
    _rows: int = 0
    _sum: float = 0.0
    _rest: float = 0.0

    @property
    def mean(self) -> float:
        if not self._count:
            return math.nan
        total = self._sum + self._rest if math.isfinite(self._sum) else self._sum
        return total / self._count

    def take(self, value: float) -> None:
        if not self._rows:
            self.first = value
        self._rows += 1
        self.last = value
        if value != value:  # noqa: PLR0124 - NaN
            return
        if not self._count:
            self.min = self.max = value
        else:
            self.min = min(self.min, value)
            self.max = max(self.max, value)
        self._count += 1
        try:
            number = float(value)
        except OverflowError:
            number = math.copysign(math.inf, value)
        total = self._sum + number
        if math.isfinite(total):
            larger, smaller = (self._sum, number)
            if abs(larger) < abs(smaller):
                larger, smaller = smaller, larger
            self._rest += (larger - total) + smaller
        self._sum = total
