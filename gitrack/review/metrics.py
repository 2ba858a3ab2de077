"""Which metrics a review looks at, which way each is better, and their values run by run."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from functools import cache

from gitrack.analysis.columns import Value, flatten, number_of
from gitrack.analysis.goals import goal_of, is_held_out
from gitrack.model.run import Record
from gitrack.review.judging import Sample
from gitrack.review.matching import Pair
from gitrack.review.model import Goal
from gitrack.review.rules import Rule, Settings

#: Beyond it, squares do not fit a float.
_LARGEST = 1e100
_GOALS: Mapping[str, Goal] = {"minimize": "min", "maximize": "max"}


class Metrics:
    """
    The metrics of runs, as rules and ``define_metric`` want them seen.

    Parameters
    ----------
    settings : Settings
        The rules, and which metrics to look at.
    added : sequence of Record
        The runs of the head, oldest first: the newest says what a metric's goal is.
    """

    def __init__(self, settings: Settings, added: Sequence[Record]) -> None:
        self._settings = settings
        self._flat: dict[str, dict[str, Value]] = {}
        self._goals: dict[str, Goal | None] = {}
        # Every comparison asks the same of the same names.
        self._ranks, self._is_wanted = cache(self._rank), cache(self._wanted)
        self._ruled = {rule.metric: i for i, rule in reversed(list(enumerate(settings.rule)))}
        self._defined = {
            rule.name: _GOALS[rule.goal]
            for record in added
            for rule in record.run.metrics
            if rule.goal
        }

    def names(self, pair: Pair) -> list[str]:
        """Name the metrics that the head's finished runs have, those that matter most first."""
        found: set[str] = set()
        for record in pair.head.finished:
            flat = self._values_of(record)
            found.update(key for key, value in flat.items() if number_of(value) is not None)
        return sorted(filter(self._is_wanted, found), key=self._ranks)

    def values(self, records: Sequence[Record], name: str) -> list[float]:
        """Return the finite values of a metric, one a run that has one."""
        numbers = (number_of(self._values_of(record).get(name)) for record in records)
        return [number for number in numbers if number is not None and abs(number) < _LARGEST]

    def not_finite(self, records: Sequence[Record], name: str) -> int:
        """Count the runs whose value is a number that cannot be compared."""
        numbers = (number_of(self._values_of(record).get(name)) for record in records)
        return sum(number is not None and not abs(number) < _LARGEST for number in numbers)

    def goal(self, name: str) -> Goal | None:
        """Tell which way a metric is better: by a rule, by ``define_metric``, or by its name."""
        if name not in self._goals:
            self._goals[name] = self._find_goal(name)
        return self._goals[name]

    def sample(self, number: int, pair: Pair, name: str) -> Sample:
        """Return a metric's values in a comparison, with what a rule says of it."""
        rules = (rule for rule in self._settings.rule if rule.metric == name and not rule.runs)
        return self._sample(number, pair, name, next(rules, None), None)

    def ruled_sample(self, number: int, pair: Pair, rule: Rule, chosen: AbstractSet[str]) -> Sample:
        """Return the values that a rule is about: those of chosen runs, by id."""
        return self._sample(number, pair, rule.metric, rule, chosen)

    def _sample(
        self,
        number: int,
        pair: Pair,
        name: str,
        rule: Rule | None,
        chosen: AbstractSet[str] | None,
    ) -> Sample:
        base, head = (
            []
            if side is None
            else [r for r in side.finished if chosen is None or r.run.id in chosen]
            for side in (pair.base, pair.head)
        )
        return Sample(
            comparison=number,
            name=name,
            goal=self.goal(name),
            ruled=rule is not None,
            base=self.values(base, name),
            head=self.values(head, name),
            alpha=rule.alpha if rule and rule.alpha else self._settings.alpha,
            margin=rule.margin if rule else None,
        )

    def _values_of(self, record: Record) -> Mapping[str, Value]:
        found = self._flat.get(record.run.id)
        if found is None:
            found = self._flat[record.run.id] = flatten(record.summary)
        return found

    def _find_goal(self, name: str) -> Goal | None:
        for rule in self._settings.rule:
            if rule.metric == name and rule.goal:
                return rule.goal
        # ``val/acc.max`` is what the summary keeps of ``val/acc``.
        for one in (name, name.rpartition(".")[0]):
            for pattern, goal in self._defined.items():
                if one == pattern or (pattern.endswith("*") and one.startswith(pattern[:-1])):
                    return goal
        return goal_of(name)

    def _wanted(self, name: str) -> bool:
        if name in self._ruled:
            return True
        if name.startswith(("system/", "_")):
            return False
        patterns = self._settings.metrics
        return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)

    def _rank(self, name: str) -> tuple[int, bool, bool, bool, int, str]:
        place = self._ruled.get(name, len(self._settings.rule))
        goal = self.goal(name)
        return place, goal is None, not is_held_out(name), goal != "max", len(name), name
