"""What changed in the last week before a site's newest commit: the clock on the wall has no say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gitrack.model.run import Record, State
from gitrack.publish import format as fmt
from gitrack.publish.catalogue import Catalogue
from gitrack.publish.contexts import Change
from gitrack.publish.standing import Standing

_DAY = 86_400.0
_WEEK = 7 * _DAY
_DAYS = 56  # days of the picture of runs a day
_NAMED = 3  # runs that a line names


@dataclass(frozen=True)
class Week:
    """
    The week that ends with the newest commit of the records.

    Attributes
    ----------
    end : float
        Seconds since the epoch, UTC; 0 where nothing is recorded.
    """

    end: float

    @property
    def begin(self) -> float:
        """Seconds since the epoch, UTC."""
        return self.end - _WEEK

    @cached_property
    def span(self) -> str:
        """First and last day, written for people; empty where nothing is recorded."""
        if not self.end:
            return ""
        first, last = (fmt.moment(at).rsplit(" ", 2)[0] for at in (self.begin, self.end))
        return f"{first} \N{EN DASH} {last}"

    def first_of(self, records: Sequence[Record]) -> int:
        """Return the place of the first run of the week; how many there are if there is none."""
        for place, record in enumerate(records):
            if record.run.created >= self.begin:
                return place
        return len(records)

    def days(self, records: Sequence[Record]) -> list[int]:
        """Count the runs a day, the last day last."""
        counts = [0] * _DAYS
        for record in records:
            ago = (self.end - record.run.created) / _DAY
            if 0 <= ago < _DAYS:
                counts[-1 - int(ago)] += 1
        return counts

    def changes(self, standing: Standing, catalogue: Catalogue | None) -> Iterator[Change]:
        """Yield what is new in a project: its best, what crashed, versions of artifacts."""
        project, first = standing.project, self.first_of(standing.project.records)
        new = project.records[first:]
        before, at = standing.best_before(first), standing.best_at
        if standing.goal and at is not None and at >= first:
            run, best = project.records[at].run, standing.best
            gained = "" if before is None or best is None else fmt.difference(best - before)
            yield Change(
                icon="best",
                href=project.page(run),
                project=project.name,
                what="has a new best" if before is not None else "has its first results",
                key=standing.key,
                before="" if before is None else fmt.number(before),
                after=fmt.number(best),
                note=f"{run.name} · {gained}" if gained else run.name,
            )
        crashed = [one.run for one in new if one.run.state in (State.CRASHED, State.FAILED)]
        if crashed:
            names = ", ".join(run.name for run in crashed[-_NAMED:])
            more = f" and {len(crashed) - _NAMED} more" if len(crashed) > _NAMED else ""
            yield Change(
                icon="crashed",
                href=project.page(crashed[-1]) if len(crashed) == 1 else project.home,
                project=project.name,
                what="had a run that crashed or failed"
                if len(crashed) == 1
                else f"had {len(crashed)} runs that crashed or failed",
                note=names + more,
            )
        for versions in catalogue.artifacts if catalogue else ():
            last = versions[-1].manifest
            if last.created >= self.begin:
                count = sum(one.manifest.created >= self.begin for one in versions)
                names = ", ".join(name for name in versions[-1].aliases if name != "latest")
                yield Change(
                    icon="artifact",
                    href=f"{project.artifacts}#{last.type}/{last.name}:v{last.version}",
                    project=project.name,
                    what=f"has {last.name} v{last.version}",
                    note=f"{last.type}, {count} new {'version' if count == 1 else 'versions'}"
                    + (f" · {names}" if names else ""),
                )
