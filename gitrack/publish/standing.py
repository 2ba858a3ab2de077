"""How the runs of a project stand by the metric that stands for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gitrack.analysis.columns import number_of
from gitrack.analysis.downsample import kept_points
from gitrack.analysis.goals import Goal, goal_of, key_metric
from gitrack.publish.plan import Project
from gitrack.publish.shards import ProjectData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DOTS = 300
_WIDTH, _HEIGHT = 100.0, 40.0


@dataclass(frozen=True)
class Standing:
    """
    A project's runs by the metric that stands for it.

    Attributes
    ----------
    project : Project
        The project.
    data : ProjectData
        Its data scripts and curves.
    """

    project: Project
    data: ProjectData

    @cached_property
    def key(self) -> str:
        """The metric; empty where nothing was logged."""
        return key_metric(self.data.logged) or ""

    @cached_property
    def goal(self) -> Goal | None:
        """Which way it gets better."""
        return goal_of(self.key)

    @cached_property
    def values(self) -> Sequence[float | None]:
        """Each run's result, finite, None for the runs without one."""
        return [_finite(self.result(at)) for at in range(len(self.project.records))]

    def result(self, at: int) -> float | None:
        """Return what a run reached: its summary's word, or the last value that was logged."""
        value = number_of(self.project.records[at].summary.get(self.key))
        if value is None and self.key in self.data.metrics(at):
            return self.data.curves(at)[self.key].last
        return value

    @cached_property
    def best(self) -> float | None:
        """The best result of all; without a goal, the latest."""
        there = [value for value in self.values if value is not None]
        if not there:
            return None
        return min(there) if self.goal == "min" else max(there) if self.goal else there[-1]

    @cached_property
    def best_at(self) -> int | None:
        """The place of the first run that reached it."""
        return None if self.best is None else list(self.values).index(self.best)

    def best_before(self, place: int) -> float | None:
        """Return the best result of the runs before a place; None without a goal or a result."""
        there = [value for value in self.values[:place] if value is not None]
        if not there or self.goal is None:
            return None
        return min(there) if self.goal == "min" else max(there)

    def progress(self) -> tuple[list[tuple[float, float]], str]:
        """
        Draw one dot a run and the best value so far, oldest first.

        Returns
        -------
        points : list of (float, float)
            In a box of 100 x 40.
        steps : str
            ``points`` of a polyline in the same box; empty without a goal.
        """
        values, goal = self.values, self.goal
        there = [(at, value) for at, value in enumerate(values) if value is not None]
        if not there:
            return [], ""
        low, high = min(value for _, value in there), max(value for _, value in there)
        height = high - low

        def place(at: int, value: float) -> tuple[float, float]:
            up = (value - low) / height if 0 < height < math.inf else 0.5
            return self.across(at), round(_HEIGHT * (1 - up), 1)

        points = [place(*there[at]) for at in kept_points(_array(there), _DOTS)]
        if goal is None:
            return points, ""
        best = there[0][1]
        corners = [place(*there[0])]
        for at, value in there:
            if (value < best) if goal == "min" else (value > best):
                corners += [place(at, best), place(at, value)]
                best = value
        corners.append(place(max(len(values) - 1, 1), best))
        return points, " ".join(f"{x:g},{y:g}" for x, y in corners)

    def across(self, at: int) -> float:
        """Return where a run's dot stands from left to right, 0 to 100."""
        return round(_WIDTH * at / max(len(self.values) - 1, 1), 1)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _array(points: Sequence[tuple[int, float]]) -> "NDArray[np.float64]":
    import numpy as np

    return np.array([value for _, value in points])
