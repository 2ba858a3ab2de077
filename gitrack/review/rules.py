"""What ``[review]`` of ``gitrack.toml`` says: the one place that reads it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_args

from gitrack.analysis.query import parse
from gitrack.errors import ConfigError, QueryError
from gitrack.review.model import RULES, TEXT, Correction, Goal, Test
from gitrack.review.sides import code_commit
from gitrack.settings import read_table, table_from
from gitrack.store.repository import Repository

_GOALS: Mapping[str, Goal] = {"min": "min", "max": "max", "minimize": "min", "maximize": "max"}


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What one metric has to hold for a review to pass.

    Attributes
    ----------
    metric : str
        Its name, as in the summary.
    goal : {"min", "max"} or None
        Which way is better; what ``define_metric`` or the name says unless given.
    min_seeds : int or None
        Finished runs that each side must have; as many as can tell any difference unless given.
    alpha : float or None
        How often a difference that is none may be taken for one; the review's unless given.
    max_regression : float
        How much worse it may become, in its own unit.
    required : bool
        Whether its failure fails the review.
    runs : str or None
        A search line: which runs, of both sides; all unless given.
    margin : float or None
        Differences below it count as none.
    """

    metric: str
    goal: Goal | None = None
    min_seeds: int | None = None
    alpha: float | None = None
    max_regression: float = 0.0
    required: bool = False
    runs: str | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How a repository's reviews are made.

    Attributes
    ----------
    alpha : float
        How often a difference that is none may be taken for one: among all that rules name, and
        among all the rest.
    test : {"permutation", "mann-whitney"}
        What p comes from.
    correction : {"holm", "benjamini-hochberg", "none"}
        How it is corrected over all that is tested.
    metrics : sequence of str
        The metrics to look at, ``*`` for any letters; all unless given.
    seed_keys : sequence of str
        Settings that tell repetitions apart, beside those that are called seeds.
    rule : sequence of Rule
        In the file's order.
    """

    alpha: float = 0.05
    test: Test = "permutation"
    correction: Correction = "holm"
    metrics: Sequence[str] = ()
    seed_keys: Sequence[str] = ()
    rule: Sequence[Rule] = ()


def rules_for(repository: Repository, base: str) -> tuple[Settings, bool]:
    """
    Find the rules that a review goes by: the base's, so that no branch loosens its own.

    Parameters
    ----------
    repository : Repository
        Where both branches are.
    base : str
        The branch that is compared with.

    Returns
    -------
    settings : Settings
        Of the base's ``gitrack.toml``; of the one that is checked out where the base says nothing
        about reviews.
    other : bool
        Whether the one that is checked out says something else.

    Raises
    ------
    ConfigError
        If a file cannot be parsed, a key is unknown, or a value is not of its kind.
    """
    tree, git = repository.work_tree, repository.git
    own = read_table(tree / "gitrack.toml").get("review") if tree else None
    commit = code_commit(repository, base)
    named = git.look("ls-tree", commit, "--", "gitrack.toml") if commit else ""
    text = git.look("cat-file", "blob", f"{commit}:gitrack.toml") if named else ""
    found = table_from(text).get("review")
    if found is None:
        return rules_from(own), False
    return rules_from(found), tree is not None and own != found


def rules_from(found: Any) -> Settings:
    """
    Check what ``gitrack.toml`` says under ``review``; None says nothing.

    Raises
    ------
    ConfigError
        If a key is unknown, or a value is not of its kind.
    """
    found = {} if found is None else found
    place = "gitrack.toml: review"
    if not isinstance(found, dict):
        raise ConfigError(place, "expected a table")
    rules = found.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ConfigError(place, "expected rules as [[review.rule]]")
    if len(rules) > RULES:
        raise ConfigError(place, f"has {len(rules)} rules; {RULES} are the most")
    values = _checked(Settings, {key: found[key] for key in found if key != "rule"}, place)
    named = [_rule(rule, f"{place}.rule {i}") for i, rule in enumerate(rules, 1)]
    return Settings(**values, rule=tuple(named))


def _rule(table: Mapping[str, Any], place: str) -> Rule:
    if "metric" not in table:
        raise ConfigError(place, "names no metric")
    rule = Rule(**_checked(Rule, table, place))
    if rule.runs is not None:
        try:
            parse(rule.runs)
        except QueryError as error:
            raise ConfigError(f"{place}.runs", str(error)) from error
    return rule


def _checked(of: type, table: Mapping[str, Any], place: str) -> dict[str, Any]:
    known = [field.name for field in fields(of) if field.name != "rule"]
    for key in table:
        if key not in known:
            raise ConfigError(place, f"knows no {key!r}: there is {', '.join(known)}")
    return {key: _value(key, value, f"{place}.{key}") for key, value in table.items()}


def _value(key: str, value: Any, source: str) -> Any:
    expected, fits = _KINDS[key]
    if not fits(value):
        raise ConfigError(source, f"expected {expected}, found {value!r}")
    if key == "goal":
        return _GOALS[value]
    return tuple(value) if isinstance(value, list) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= TEXT


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


#: By key: what is taken, in words, and what tells.
_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "metric": (f"text of 1 to {TEXT} characters", _is_text),
    "runs": (f"a search line of 1 to {TEXT} characters", _is_text),
    "metrics": ("a list of texts", _is_texts),
    "seed_keys": ("a list of texts", _is_texts),
    "goal": ('"min" or "max"', lambda value: isinstance(value, str) and value in _GOALS),
    "test": ('"permutation" or "mann-whitney"', lambda value: value in get_args(Test)),
    "correction": (
        '"holm", "benjamini-hochberg" or "none"',
        lambda value: value in get_args(Correction),
    ),
    "required": ("true or false", lambda value: isinstance(value, bool)),
    "min_seeds": (
        "a whole number of at least 1",
        lambda value: type(value) is int and value >= 1,
    ),
    "alpha": ("a number between 0 and 1", lambda value: _is_number(value) and 0 < value < 1),
    "max_regression": ("a number of at least 0", lambda value: _is_number(value) and value >= 0),
    "margin": ("a number of at least 0", lambda value: _is_number(value) and value >= 0),
}
