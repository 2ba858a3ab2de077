"""Which runs repeat one another, and which of the base a new configuration is compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from gitrack.analysis.columns import Value, flatten, text_of
from gitrack.model.run import Record, State
from gitrack.review.model import Change, Match, cut

_SEEDS = frozenset(("seed", "seeds", "rng", "replicate", "repetition"))
_UNIQUE_FROM = 4


@dataclass(frozen=True)
class Configuration:
    """
    Runs that differ in nothing but their seeds.

    Attributes
    ----------
    project, group, job_type : str or None
        As the runs name them.
    settings : mapping of str to Value
        Flat, without seeds.
    identity : frozenset of (str, Value)
        The same, for comparing.
    records : list of Record
        Oldest first.
    seeds : set of tuple
        The different seeds of those that finished.
    """

    project: str
    group: str | None
    job_type: str | None
    settings: dict[str, Value]
    identity: frozenset[tuple[str, Value]]
    records: list[Record] = field(default_factory=list)
    seeds: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def finished(self) -> list[Record]:
        """The runs that ended well, which are compared."""
        return [record for record in self.records if record.run.state is State.FINISHED]


class Seeds:
    """
    Tells seeds from other settings, and remembers which it met.

    Parameters
    ----------
    patterns : sequence of str
        More settings that tell repetitions apart, ``*`` for any letters.

    Attributes
    ----------
    met : set of str
        The settings that were taken for seeds.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self._known: dict[str, bool] = {}

    @property
    def met(self) -> set[str]:
        """The settings that were taken for seeds."""
        return {key for key, seed in self._known.items() if seed}

    def __contains__(self, key: str) -> bool:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = is_seed(key) or any(
                fnmatchcase(key, pattern) for pattern in self._patterns
            )
        return known


def is_seed(key: str) -> bool:
    """
    Tell whether a setting is called a seed.

    Examples
    --------
    >>> [is_seed(key) for key in ("seed", "data.torch_seed", "random_state", "seeding", "lr")]
    [True, True, True, False, False]
    """
    last = key.rpartition(".")[2].lower()
    return last == "random_state" or bool(_SEEDS & set(re.split(r"[^a-z]+", last)))


def configurations(records: Sequence[Record], seeds: Seeds) -> list[Configuration]:
    """Put runs together that differ in nothing but their seeds, in the order they began."""
    found: dict[tuple[Any, ...], Configuration] = {}
    for record in records:
        run, flat = record.run, flatten(record.config)
        settings = {key: value for key, value in flat.items() if key not in seeds}
        identity = frozenset((key, _comparable(value)) for key, value in settings.items())
        place = (run.project, run.group, run.job_type, identity)
        one = found.get(place)
        if one is None:
            one = found[place] = Configuration(*place[:3], settings, identity)
        one.records.append(record)
        seed = tuple(f"{key}={text_of(flat[key])}" for key in sorted(flat.keys() - settings))
        if seed and run.state is State.FINISHED:
            one.seeds.add(seed)
    return list(found.values())


def _comparable(value: Value) -> Value:
    """Return what equals the same value alone: NaN itself, and True not 1."""
    if isinstance(value, bool) or value != value:  # noqa: PLR0124  NaN
        return text_of(value)
    return value


@dataclass(frozen=True)
class Pair:
    """A configuration of the head, and the one of the base that it is compared with."""

    head: Configuration
    base: Configuration | None
    match: Match


def pair_up(base: Sequence[Configuration], head: Sequence[Configuration]) -> list[Pair]:
    """
    Find for each of the head's configurations what it is compared with.

    That is the base's of the same project, group, job type and settings; else the nearest of the
    project: one of its job type, then with the fewest settings that differ, then of its group,
    then with the most runs that finished, then the newest.
    """
    of_project: dict[str, list[Configuration]] = {}
    for one in base:
        of_project.setdefault(one.project, []).append(one)
    nearest = {project: _Nearest(ones) for project, ones in of_project.items()}
    pairs = []
    for one in head:
        other = nearest[one.project].find(one) if one.project in nearest else None
        if other is None:
            pairs.append(Pair(one, None, "nothing to compare with"))
        elif _place(one) == _place(other):
            pairs.append(Pair(one, other, "same config"))
        else:
            pairs.append(Pair(one, other, "nearest config"))
    return pairs


def _place(one: Configuration) -> tuple[Any, ...]:
    return one.group, one.job_type, one.identity


class _Nearest:
    """Finds the nearest of a project's configurations: each setting knows who has it."""

    def __init__(self, ones: Sequence[Configuration]) -> None:
        import numpy as np

        self._ones = ones
        self._sizes = np.array([len(one.identity) for one in ones])
        finished = np.array([len(one.finished) for one in ones])
        newest = np.array([one.records[-1].run.created for one in ones])
        self._least_first = (-newest, -finished)
        self._none_finished = finished == 0
        self._having: dict[Any, list[int]] = {}
        for i, one in enumerate(ones):
            for item in ((None, "group", one.group), (None, "job", one.job_type), *one.identity):
                self._having.setdefault(item, []).append(i)

    def find(self, one: Configuration) -> Configuration:
        import numpy as np

        shared = np.zeros(len(self._ones), np.intp)
        for item in one.identity:
            shared[self._having.get(item, [])] += 1
        differing = self._sizes + len(one.identity) - 2 * shared
        group, job = (np.ones(len(self._ones), bool) for _ in range(2))
        group[self._having.get((None, "group", one.group), [])] = False
        job[self._having.get((None, "job", one.job_type), [])] = False
        # The last key counts first.
        order = np.lexsort((*self._least_first, group, differing, job, self._none_finished))
        return self._ones[int(order[0])]


def changes_of(base: Configuration | None, head: Configuration) -> list[Change]:
    """List the settings that differ, group and job type before them."""
    if base is None:
        return []
    found = [
        Change(key, one and cut(one), other and cut(other))
        for key, one, other in (
            ("group", base.group, head.group),
            ("job type", base.job_type, head.job_type),
        )
        if one != other
    ]
    for key in dict.fromkeys((*base.settings, *head.settings)):
        one, other = (_text(side.settings, key) for side in (base, head))
        if one != other:
            found.append(Change(cut(key), one and cut(one), other and cut(other)))
    return found


def _text(settings: dict[str, Value], key: str) -> str | None:
    return text_of(settings[key]) if key in settings else None


def unique_keys(head: Sequence[Configuration]) -> list[str]:
    """Name the texts that keep every run apart from every other: paths and names, as a rule."""
    if len(head) < _UNIQUE_FROM or any(len(one.records) > 1 for one in head):
        return []
    keys = set.intersection(*({*one.settings} for one in head))
    return sorted(
        key
        for key in keys
        if len({str(one.settings[key]) for one in head}) == len(head)
        and all(isinstance(one.settings[key], str) for one in head)
    )
