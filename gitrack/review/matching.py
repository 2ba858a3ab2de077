"""Which runs repeat one another, and which of the base a new configuration is compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

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
    records : list of Record
        Oldest first.
    seeds : set of tuple
        The different seeds of those that finished.
    """

    project: str
    group: str | None
    job_type: str | None
    settings: dict[str, Value]
    records: list[Record] = field(default_factory=list)
    seeds: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def finished(self) -> list[Record]:
        """The runs that ended well, which are compared."""
        return [record for record in self.records if record.run.state is State.FINISHED]

    @property
    def identity(self) -> frozenset[tuple[str, str]]:
        """Its settings as texts, for comparing."""
        return frozenset((key, text_of(value)) for key, value in self.settings.items())


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
    found: dict[object, Configuration] = {}
    for record in records:
        run, flat = record.run, flatten(record.config)
        settings = {key: value for key, value in flat.items() if key not in seeds}
        one = Configuration(run.project, run.group, run.job_type, settings)
        one = found.setdefault((one.project, one.group, one.job_type, one.identity), one)
        one.records.append(record)
        seed = tuple(f"{key}={text_of(flat[key])}" for key in sorted(flat.keys() - settings))
        if seed and run.state is State.FINISHED:
            one.seeds.add(seed)
    return list(found.values())


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
    by_project: dict[str, list[tuple[Configuration, frozenset[tuple[str, str]], int]]] = {}
    for one in base:
        entry = (one, one.identity, len(one.finished))
        by_project.setdefault(one.project, []).append(entry)
    pairs = []
    for one in head:
        identity = one.identity

        def distance(
            entry: tuple[Configuration, frozenset[tuple[str, str]], int],
            one: Configuration = one,
            identity: frozenset[tuple[str, str]] = identity,
        ) -> tuple[bool, bool, int, bool, int, float]:
            other, settings, finished = entry
            return (
                not finished,
                other.job_type != one.job_type,
                len(identity ^ settings),
                other.group != one.group,
                -finished,
                -other.records[-1].run.created,
            )

        nearest = min(by_project.get(one.project, []), key=distance, default=None)
        if nearest is None:
            pairs.append(Pair(one, None, "nothing to compare with"))
            continue
        other, settings, _ = nearest
        same = (other.job_type, other.group, settings) == (one.job_type, one.group, identity)
        pairs.append(Pair(one, other, "same config" if same else "nearest config"))
    return pairs


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
