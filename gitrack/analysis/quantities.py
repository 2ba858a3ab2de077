"""Numbers that runs give to the words of a report: the best of these, the mean of those."""

import difflib
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gitrack.analysis.columns import Value, number_of
from gitrack.analysis.goals import Goal, goal_of
from gitrack.analysis.query import columns_of, select_shown
from gitrack.errors import UsageError
from gitrack.model.run import Record

#: What may be asked of several runs, besides what is worked out of their numbers.
_CHOOSING = ("best", "worst", "min", "max", "last")
_WORKED_OUT: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "std": lambda numbers: statistics.stdev(numbers) if len(numbers) > 1 else math.nan,
}
AGGREGATES = (*_CHOOSING, *_WORKED_OUT)
_OPPOSITE: Mapping[Goal, Goal] = {"min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    What was asked of runs, and what they say.

    Attributes
    ----------
    what : str
        The question: "best val/acc of group:x".
    value : bool, int, float, str or None
        The answer.
    records : sequence of Record
        The runs that it comes of.
    chosen : Record or None
        The one of them whose value it is; None where it is worked out of several.
    left : int
        Runs that were asked and have no number for it.
    line : str
        The search line or the name that found the runs.
    metric : str
        What was asked for; empty for a count.
    spread : float
        The deviation over the runs of a mean; NaN for one run and for anything else.
    """

    what: str
    value: Value
    records: Sequence[Record]
    chosen: Record | None = None
    left: int = 0
    line: str = ""
    metric: str = ""
    spread: float = math.nan

    @property
    def number(self) -> float:
        """
        The value as a number.

        Raises
        ------
        UsageError
            If it is none.
        """
        found = number_of(self.value)
        if found is None:
            raise UsageError(f"{self.what} is no number")
        return found


class Quantities:
    """
    What can be asked of the runs of a report.

    Parameters
    ----------
    records : sequence of Record
        All runs there are, oldest first.
    line : str
        The search line that counts where none is given.
    """

    def __init__(self, records: Sequence[Record], line: str = "") -> None:
        self.records = records
        self.line = line
        self._found: dict[str, Sequence[Record]] = {}
        self._columns: dict[int, dict[str, Value]] = {}

    def runs(self, selector: str = "") -> Sequence[Record]:
        """
        Find runs by an id, by a name that they share, or else by a search line.

        Parameters
        ----------
        selector : str
            Which; the report's own line where empty. Archived runs are found as by `gitrack ls`.

        Raises
        ------
        UsageError
            If the line cannot be read, or finds none.
        """
        asked = selector.strip() or self.line
        if asked not in self._found:
            named = self._named.get(asked)
            self._found[asked] = named or select_shown(self.records, asked)
        if not self._found[asked]:
            raise UsageError(f"no run is found by {asked!r}" if asked else "there are no runs")
        return self._found[asked]

    def count(self, selector: str = "") -> Quantity:
        """Count runs; none is a number too."""
        asked = selector.strip() or self.line
        try:
            found = self.runs(asked)
        except UsageError:
            select_shown(self.records, asked)  # which says what cannot be read
            found = ()
        return Quantity(f"count of {asked}".rstrip(), len(found), found, line=asked)

    def ask(
        self, aggregate: str, metric: str, selector: str = "", *, goal: Goal | None = None
    ) -> Quantity:
        """
        Ask runs for a setting or a result.

        Parameters
        ----------
        aggregate : str
            One of `AGGREGATES`; empty for the value of the one run, or the mean of several.
        metric : str
            As a search line names it: bare, ``config.…`` or ``summary.…``, ``duration``, ``rows``.
        selector : str
            Which runs; see `runs`.
        goal : {"min", "max"}, optional
            Which way is better; told by the metric's name unless given.

        Raises
        ------
        UsageError
            If there is no such run, no such key, none of the runs has a number for it, or nobody
            knows which way is better.

        Examples
        --------
        >>> from gitrack.model.run import Run, State
        >>> def made(name, acc):
        ...     run = Run(name, "p", name, State.FINISHED, 0.0)
        ...     return Record(run, {}, {"acc": acc}, "experiments/main", "", {})
        >>> quantities = Quantities([made("a", 0.5), made("b", 0.7)])
        >>> quantities.ask("best", "acc").value, quantities.ask("", "acc", "a").value
        (0.7, 0.5)
        """
        records = self.runs(selector)
        line = selector.strip() or self.line
        key = self._key(metric)
        what = " ".join(filter(None, (aggregate, metric, "of" if line else "", line)))
        if not aggregate and len(records) == 1:
            value = self._value(records[0], key)
            if value is None:
                raise UsageError(f"{records[0].run.name} has no {metric!r}")
            return Quantity(what, value, records, records[0], 0, line, metric)
        numbers = [(record, number_of(self._value(record, key))) for record in records]
        there = [
            (record, number)
            for record, number in numbers
            if number is not None and not math.isnan(number)
        ]
        if not there:
            raise UsageError(f"none of the runs found by {line!r} has a number for {metric!r}")
        left = len(records) - len(there)
        if aggregate in _CHOOSING:
            chosen, number = _chosen(aggregate, metric, there, goal)
            return Quantity(what, number, [r for r, _ in there], chosen, left, line, metric)
        values = [number for _, number in there]
        spread = math.nan
        if aggregate in ("", "mean"):
            aggregate, spread = "mean", _WORKED_OUT["std"](values)
            what = what if what.startswith("mean ") else f"mean {what}"
        number = _WORKED_OUT[aggregate](values)
        return Quantity(what, number, [r for r, _ in there], None, left, line, metric, spread)

    def value(self, record: Record, metric: str) -> Value:
        """
        Return one run's setting or result as it is; None where it has none.

        Raises
        ------
        UsageError
            If no run has such a key.
        """
        return self._value(record, self._key(metric))

    @cached_property
    def _named(self) -> Mapping[str, Sequence[Record]]:
        names: dict[str, list[Record]] = {}
        for record in self.records:
            names.setdefault(record.run.name, []).append(record)
        return names | {record.run.id: [record] for record in self.records}

    @cached_property
    def _keys(self) -> set[str]:
        return {key for record in self.records for key in self._row(record)}

    def _key(self, metric: str) -> str:
        for name in (metric, f"config.{metric}", f"summary.{metric}"):
            if name in self._keys:
                return name
        known = sorted({name.partition(".")[2] or name for name in self._keys})
        near = difflib.get_close_matches(metric, known, n=1, cutoff=0)
        raise UsageError(
            f"no run has {metric!r}" + (f"; the nearest is {near[0]!r}" if near else "")
        )

    def _row(self, record: Record) -> Mapping[str, Value]:
        row = self._columns.get(id(record))
        if row is None:
            run = record.run
            row = columns_of(record) | {"rows": run.rows}
            if run.duration is not None:
                row["duration"] = run.duration
            self._columns[id(record)] = row
        return row

    def _value(self, record: Record, key: str) -> Value:
        return self._row(record).get(key)


def _chosen(
    aggregate: str, metric: str, there: Sequence[tuple[Record, float]], goal: Goal | None
) -> tuple[Record, float]:
    if aggregate == "last":
        return max(there, key=lambda pair: pair[0].run.created)
    way = goal or goal_of(metric)
    if aggregate in ("best", "worst"):
        if way is None:
            raise UsageError(
                f"nobody knows which way {metric!r} is better: say goal='min' or goal='max', "
                "or ask for its min or max"
            )
        aggregate = way if aggregate == "best" else _OPPOSITE[way]
    choose = min if aggregate == "min" else max
    return choose(there, key=lambda pair: pair[1])
