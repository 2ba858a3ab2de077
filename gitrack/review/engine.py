"""A review from the first look at two branches to its last rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gitrack.analysis.query import select
from gitrack.errors import ConfigError
from gitrack.model.run import Record
from gitrack.review import model
from gitrack.review.code import code_change
from gitrack.review.curves import Curves, shared_curve, sparklines
from gitrack.review.judging import Judge, mean
from gitrack.review.matching import (
    Configuration,
    Pair,
    Seeds,
    changes_of,
    configurations,
    pair_up,
    unique_keys,
)
from gitrack.review.metrics import Metrics
from gitrack.review.model import (
    Comparison,
    Cost,
    GroupSide,
    LeftOut,
    Note,
    Part,
    Review,
    RunLine,
    WhichSide,
    cut,
)
from gitrack.review.rules import Settings
from gitrack.review.ruling import Ruling, rule_results
from gitrack.review.sides import Sides, find_place, gather
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.version import VERSION

#: Comparisons that get curves, code and memory as well.
DETAILED = 5
_NAMED = 10
_ENERGY = "system/energy_kwh"


def review(
    repository: Repository,
    base: str,
    head: str,
    settings: Settings,
    *,
    other_rules: bool = False,
    site_url: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Review:
    """
    Compare the runs that a branch added with those of another.

    Parameters
    ----------
    repository : Repository
        Where both are.
    base, head : str
        Code branches, experiments branches or commits; see `find_place`.
    settings : Settings
        The rules, and how is tested.
    other_rules : bool
        Whether the head would have other ones, which is said.
    site_url : str, optional
        Where the site is published, for links.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    RepositoryError
        If there is no such branch.
    ConfigError
        If a rule's metric has no goal.
    QueryError
        If a rule's search line names what no run has.
    """
    show = progress or (lambda _: None)
    show("reading runs")
    sides = gather(repository, find_place(repository, base), find_place(repository, head))
    work = _Work(repository, sides, settings, other_rules=other_rules)
    show(f"comparing {len(sides.added)} runs with {len(sides.base_records)}")
    return work.review(site_url, show)


class _Work:
    """One review while it is made."""

    def __init__(
        self, repository: Repository, sides: Sides, settings: Settings, *, other_rules: bool
    ) -> None:
        self.sides = sides
        self.other_rules = other_rules
        self.settings = settings
        self.reader = Reader(repository)
        self.seeds = Seeds(settings.seed_keys)
        self.metrics = Metrics(settings, sides.added)
        head = configurations(sides.added, self.seeds)
        pairs = pair_up(configurations(sides.base_records, self.seeds), head)
        self.pairs = sorted(pairs, key=_importance)
        self.unique = unique_keys(head)
        self.names = [self.metrics.names(pair) for pair in self.pairs]
        self.samples = {
            (number, name): self.metrics.sample(number, pair, name)
            for number, (pair, names) in enumerate(zip(self.pairs, self.names, strict=True), 1)
            for name in names
        }
        self.rulings = list(self._rulings())
        own = [ruling.sample for ruling in self.rulings if ruling.sample is not None]
        everything = [*self.samples.values(), *own]
        self.judge = Judge(everything, settings.test, settings.correction)

    def review(self, site_url: str | None, show: Callable[[str], None]) -> Review:
        """Put together what was found."""
        results = rule_results(self.rulings, self.samples, self.judge)
        comparisons = []
        numbers: dict[str, int] = {}
        for number, pair in enumerate(self.pairs[: model.COMPARISONS], 1):
            show(f"comparison {number} of {len(self.pairs)}")
            comparisons.append(self._comparison(number, pair))
            numbers |= {record.run.id: number for record in pair.head.records}
        lines = [_run_line(record, numbers.get(record.run.id)) for record in self.sides.added]
        failed = any(result.required and result.outcome == "fail" for result in results)
        return Review(
            format=model.FORMAT,
            made_by=VERSION,
            outcome="fail" if failed else "pass",
            base=self.sides.base,
            head=self.sides.head,
            level=1 - self.settings.alpha,
            test=self.settings.test,
            correction=self.settings.correction,
            tests=self.judge.tests,
            seed_keys=tuple(map(cut, sorted(self.seeds.met)))[: model.KEYS],
            comparisons=tuple(comparisons),
            rules=tuple(results[: model.RULES]),
            runs=tuple(lines[-model.RUNS :]),
            notes=tuple(self._notes())[: model.LINES],
            left_out=tuple(self._left_out(len(results))),
            site_url=site_url and cut(site_url),
        )

    def _rulings(self) -> Iterator[Ruling]:
        """Apply each rule to each comparison; one with runs of its own has its own values."""
        if not self.pairs:
            return
        everything = [*self.sides.base_records, *self.sides.added]
        for place, rule in enumerate(self.settings.rule, 1):
            if self.metrics.goal(rule.metric) is None:
                where = f"gitrack.toml: review.rule {place}"
                raise ConfigError(where, f"whether {rule.metric!r} is to be small or large: goal")
            if rule.runs is None:
                yield from (Ruling(rule, n, None) for n in range(1, len(self.pairs) + 1))
                continue
            chosen = {record.run.id for record in select(everything, rule.runs)}
            numbers = [
                number
                for number, pair in enumerate(self.pairs, 1)
                if any(record.run.id in chosen for record in pair.head.records)
            ]
            for number in numbers:
                pair = self.pairs[number - 1]
                yield Ruling(rule, number, self.metrics.ruled_sample(number, pair, rule, chosen))
            if not numbers:
                yield Ruling(rule, None, None)

    def _comparison(self, number: int, pair: Pair) -> Comparison:
        names = self.names[number - 1][: model.METRICS]
        level = 1 - self.settings.alpha
        metrics = [self.judge.judge(self.samples[number, name], level) for name in names]
        base = pair.base.finished if pair.base else []
        head = pair.head.finished
        curve, code = None, None
        memory: tuple[float | None, float | None] = (None, None)
        if number <= DETAILED:
            one, other = Curves(self.reader, base), Curves(self.reader, head)
            drawn = sparklines(other, names)
            curves = [drawn.get(name, ()) for name in names]
            metrics = [replace(m, curve=c) for m, c in zip(metrics, curves, strict=True)]
            shared = (shared_curve(name, one, other) for name in names)
            curve = next((found for found in shared if found is not None), None)
            code = code_change(self.reader, base, head)
            memory = one.memory(), other.memory()
        changes = changes_of(pair.base, pair.head)
        return Comparison(
            project=cut(pair.head.project),
            match=pair.match,
            base=_group_side(pair.base) if pair.base else None,
            head=_group_side(pair.head),
            changes=tuple(changes[: model.KEYS]),
            metrics=tuple(metrics),
            curve=curve,
            code=code,
            cost=tuple(_costs(base, head, memory)),
            notes=tuple(self._notes_of(pair, names))[: model.LINES],
        )

    def _notes_of(self, pair: Pair, names: Sequence[str]) -> Iterator[Note]:
        sides: tuple[tuple[WhichSide, Configuration | None], ...]
        sides = (("base", pair.base), ("head", pair.head))
        for side, one in sides:
            if one is None:
                continue
            runs, finished = len(one.records), one.finished
            if len(finished) < runs:
                yield Note("did not finish", side, count=runs - len(finished), of=runs)
            if one.seeds and len(one.seeds) < len(finished):
                yield Note("same seeds", side, count=len(one.seeds), of=len(finished))
            for name in names:
                if odd := self.metrics.not_finite(finished, name):
                    yield Note("not finite", side, cut(name), odd, len(finished))

    def _notes(self) -> Iterator[Note]:
        if not self.sides.added:
            yield Note("no new runs")
        if self.other_rules:
            yield Note("other rules")
        yield from (Note("unique setting", subject=cut(key)) for key in self.unique[:_NAMED])
        yield from (Note("not read", subject=cut(line)) for line in self.sides.damaged[:_NAMED])

    def _left_out(self, results: int) -> Iterator[LeftOut]:
        keys = sum(max(0, len(changes_of(p.base, p.head)) - model.KEYS) for p in self._shown)
        metrics = sum(max(0, len(names) - model.METRICS) for names in self.names)
        counts: dict[Part, int] = {
            "configurations": len(self.pairs) - model.COMPARISONS,
            "metrics": metrics,
            "settings that differ": keys,
            "results of rules": results - model.RULES,
            "runs": len(self.sides.added) - model.RUNS,
            "runs that could not be read": len(self.sides.damaged) - _NAMED,
            "configurations' curves, code and memory": len(self._shown) - DETAILED,
        }
        yield from (LeftOut(what, count) for what, count in counts.items() if count > 0)

    @property
    def _shown(self) -> Sequence[Pair]:
        return self.pairs[: model.COMPARISONS]


def _importance(pair: Pair) -> tuple[bool, bool, int]:
    """Put what has a counterpart first, the same one before the nearest, then the most seeds."""
    if pair.base is None:
        return True, True, -len(pair.head.finished)
    seeds = min(len(pair.head.finished), len(pair.base.finished))
    return False, pair.match != "same config", -seeds


def _group_side(one: Configuration) -> GroupSide:
    finished = one.finished
    return GroupSide(
        group=one.group and cut(one.group),
        job_type=one.job_type and cut(one.job_type),
        runs=len(one.records),
        finished=len(finished),
        seeds=len(one.seeds) or None,
        ids=tuple(record.run.id for record in finished[: model.VALUES]),
    )


def _costs(
    base: Sequence[Record], head: Sequence[Record], memory: tuple[float | None, float | None]
) -> Iterator[Cost]:
    """Give what is known of at least one side."""

    def means(of: Callable[[Record], float | None]) -> tuple[float | None, float | None]:
        one, other = (mean(v for v in map(of, side) if v is not None) for side in (base, head))
        return one, other

    times, energies = means(lambda record: record.run.duration), means(_energy)
    costs = (Cost("time", *times), Cost("energy", *energies), Cost("memory", *memory))
    return (cost for cost in costs if (cost.base, cost.head) != (None, None))


def _energy(record: Record) -> float | None:
    value = record.summary.get(_ENERGY)
    return float(value) if isinstance(value, int | float) else None


def _run_line(record: Record, comparison: int | None) -> RunLine:
    run = record.run
    return RunLine(
        id=run.id,
        name=cut(run.name),
        project=cut(run.project),
        state=run.state.value,
        error=run.error and cut(run.error),
        duration=run.duration,
        comparison=comparison,
    )
