"""A sweep's description, checked: W&B's schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitrack.errors import SweepError
from gitrack.interop.standin.sweeps.distributions import Distribution, distribution_from
from gitrack.interop.standin.sweeps.early import Hyperband, hyperband_from

METHODS = ("grid", "random", "bayes")
_DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")
_DEPTH = 20


@dataclass(frozen=True)
class Goal:
    """
    What a sweep looks for.

    Attributes
    ----------
    name : str
        A metric of the summary.
    maximize : bool
        Whether more is better.
    target : float or None
        The value at which the sweep is over.
    """

    name: str
    maximize: bool = False
    target: float | None = None


@dataclass(frozen=True)
class Sweep:
    """
    A sweep's description.

    Attributes
    ----------
    method : {"grid", "random", "bayes"}
        How trials are chosen.
    parameters : mapping of tuple of str to Distribution
        What is chosen, by the path of its keys.
    goal : Goal or None
        What is looked for.
    run_cap : int or None
        How many trials there are at most.
    program : str or None
        The script of a trial, where it is no function.
    command : sequence of str
        How it is run, with W&B's macros.
    name, project, entity : str or None
        As described.
    early : Hyperband or None
        When trials end before their time.
    description : mapping
        The whole, as given.
    """

    method: str
    parameters: Mapping[tuple[str, ...], Distribution]
    goal: Goal | None = None
    run_cap: int | None = None
    program: str | None = None
    command: Sequence[str] = _DEFAULT_COMMAND
    name: str | None = None
    project: str | None = None
    entity: str | None = None
    early: Hyperband | None = None
    description: Mapping[str, Any] = field(default_factory=dict)


def sweep_from(given: Any) -> Sweep:
    """
    Check a sweep's description.

    Raises
    ------
    SweepError
        If it cannot be run.
    """
    if not isinstance(given, Mapping):
        raise SweepError("sweep", f"is a mapping with method and parameters, not {given!r}")
    method = given.get("method", "random")
    if method not in METHODS:
        raise SweepError("method", f"is one of {', '.join(METHODS)}, not {method!r}")
    tree = given.get("parameters")
    if not isinstance(tree, Mapping) or not tree:
        raise SweepError("parameters", "says what is tried: a mapping by name")
    parameters = dict(_flat(tree, ()))
    goal = _goal(given.get("metric"))
    if method == "bayes" and goal is None:
        raise SweepError("metric", "bayes needs the name of a metric")
    if method == "grid":
        for path, one in parameters.items():
            try:
                one.grid()
            except SweepError as error:
                raise SweepError(".".join(path), error.reason) from error
    early = hyperband_from(given.get("early_terminate"))
    if early is not None and goal is None:
        raise SweepError("metric", "early_terminate needs the name of a metric")
    cap = given.get("run_cap")
    if cap is not None and (not isinstance(cap, int) or isinstance(cap, bool) or cap < 1):
        raise SweepError("run_cap", f"is a whole number from 1, not {cap!r}")
    command = given.get("command")
    if command is not None and (isinstance(command, str) or not isinstance(command, Sequence)):
        raise SweepError("command", "is a list of words")
    return Sweep(
        method=method,
        parameters=parameters,
        goal=goal,
        run_cap=cap,
        program=_text(given.get("program")),
        command=tuple(str(word) for word in command) if command else _DEFAULT_COMMAND,
        name=_text(given.get("name")),
        project=_text(given.get("project")),
        entity=_text(given.get("entity")),
        early=early,
        description=dict(given),
    )


def nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """
    Return values by paths as a tree.

    Examples
    --------
    >>> nested({("lr",): 0.1, ("net", "width"): 8})
    {'lr': 0.1, 'net': {'width': 8}}
    """
    tree: dict[str, Any] = {}
    for path, value in values.items():
        place = tree
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return tree


def _flat(
    tree: Mapping[str, Any], path: tuple[str, ...]
) -> list[tuple[tuple[str, ...], Distribution]]:
    if len(path) > _DEPTH:
        raise SweepError(".".join(path), "lies too deep")
    found: list[tuple[tuple[str, ...], Distribution]] = []
    for key, given in tree.items():
        place = (*path, str(key))
        if isinstance(given, Mapping) and isinstance(given.get("parameters"), Mapping):
            found += _flat(given["parameters"], place)
        else:
            found.append((place, distribution_from(".".join(place), given)))
    return found


def _goal(given: Any) -> Goal | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or not given.get("name"):
        raise SweepError("metric", "has a name, and a goal: minimize or maximize")
    goal = given.get("goal", "minimize")
    if goal not in ("minimize", "maximize"):
        raise SweepError("metric", f"goal is minimize or maximize, not {goal!r}")
    target = given.get("target")
    if target is not None and (isinstance(target, bool) or not isinstance(target, int | float)):
        raise SweepError("metric", f"target is a number, not {target!r}")
    return Goal(str(given["name"]), goal == "maximize", target)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
