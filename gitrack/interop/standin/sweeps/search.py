"""The next trial of a sweep: of a grid, by chance, or by what the trials before have told."""

import importlib.util
import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitrack.interop.standin.sweeps.schema import Goal, Sweep
from gitrack.record.notice import warn_once

Path = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """
    A trial that was begun.

    Attributes
    ----------
    places : mapping of str to float
        The quantile that each parameter was chosen at, by its path joined by dots.
    value : float or None
        What it reached; None while it runs, and where it failed.
    """

    places: Mapping[str, float]
    value: float | None = None


@dataclass(frozen=True)
class Proposal:
    """
    A trial to begin.

    Attributes
    ----------
    values : mapping of path to Any
        The parameters.
    places : mapping of str to float
        Where each was chosen, for the next to be told.
    """

    values: Mapping[Path, Any]
    places: Mapping[str, float]


def propose(sweep: Sweep, sweep_id: str, trials: Sequence[Told]) -> Proposal | None:
    """
    Return the next trial; None where the sweep is over.

    The same sweep after the same trials proposes the same: agents agree without talking.
    """
    number = len(trials)
    if sweep.run_cap is not None and number >= sweep.run_cap:
        return None
    if sweep.goal is not None and any(_reached(sweep.goal, one.value) for one in trials):
        return None
    if sweep.method == "grid":
        grids = [one.grid() for one in sweep.parameters.values()]
        if number >= math.prod(len(grid) for grid in grids):
            return None
        chosen = next(itertools.islice(itertools.product(*grids), number, None))
        return Proposal(dict(zip(sweep.parameters, chosen, strict=True)), {})
    if sweep.method == "bayes" and importlib.util.find_spec("optuna") is not None:
        places = _told_places(sweep, sweep_id, trials)
    else:
        if sweep.method == "bayes":
            warn_once("bayes", "method bayes needs optuna: trials are chosen by chance without it")
        chance = random.Random(f"{sweep_id}-{number}")  # noqa: S311
        places = {".".join(path): chance.random() for path in sweep.parameters}
    values = {path: one.quantile(places[".".join(path)]) for path, one in sweep.parameters.items()}
    return Proposal(values, places)


def _reached(goal: Goal, value: float | None) -> bool:
    if goal.target is None or value is None:
        return False
    return value >= goal.target if goal.maximize else value <= goal.target


def _told_places(sweep: Sweep, sweep_id: str, trials: Sequence[Told]) -> dict[str, float]:
    """Ask Optuna's sampler, which learns quantiles: so it needs no distribution but one."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    maximize = sweep.goal is not None and sweep.goal.maximize
    seed = random.Random(f"{sweep_id}-{len(trials)}").getrandbits(31)  # noqa: S311
    study = optuna.create_study(
        direction="maximize" if maximize else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
    )
    spaces: dict[str, Any] = {
        ".".join(path): optuna.distributions.FloatDistribution(0.0, 1.0)
        for path, one in sweep.parameters.items()
        if one.kind != "constant"
    }
    for trial in trials:
        if (
            trial.value is not None
            and math.isfinite(trial.value)
            and set(trial.places) >= set(spaces)
        ):
            params = {name: trial.places[name] for name in spaces}
            made = optuna.trial.create_trial(params=params, distributions=spaces, value=trial.value)
            study.add_trial(made)
    asked = study.ask(dict(spaces))
    return {".".join(path): asked.params.get(".".join(path), 0.0) for path in sweep.parameters}
