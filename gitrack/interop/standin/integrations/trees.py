"""What the callbacks for libraries of decision trees share."""

from collections.abc import Iterable
from typing import Any

from gitrack.interop.attach import log_model
from gitrack.interop.standin.beginning import init
from gitrack.record.media.table import Table
from gitrack.record.plot import bar
from gitrack.record.run import Run
from gitrack.record.session import session

_LESS_IS_BETTER = frozenset(
    """
    l1 l2 mae mape mse rmse rmsle huber fair poisson gamma error merror logloss mlogloss
    binary_logloss multi_logloss cross_entropy
    """.split()
)
_MORE_IS_BETTER = frozenset("acc accuracy auc aucpr average_precision map ndcg pre r2 f1".split())


def open_run() -> Run:
    """Return the run that is open, or a new one."""
    run = session.run
    return run if run is not None and run.is_open else init()


def best_is(metric: str) -> str | None:
    """
    Say whether a metric's best value is its "min" or its "max"; None where nobody knows.

    Examples
    --------
    >>> best_is("mlogloss"), best_is("auc"), best_is("custom")
    ('min', 'max', None)
    """
    word = metric.lower().partition("@")[0]
    if "loss" in word or word in _LESS_IS_BETTER:
        return "min"
    return "max" if word in _MORE_IS_BETTER else None


def define_best(run: Run, name: str, metric: str) -> None:
    """Have the summary keep a metric's best value, where it is known which that is."""
    if best := best_is(metric):
        run.define_metric(name, summary=best)


def log_importance(run: Run, found: Iterable[tuple[Any, Any]], *, commit: bool) -> None:
    """Record the importance of features as W&B names it: a bar a feature."""
    rows = [[str(feature), float(value)] for feature, value in found]
    table = Table(columns=["Feature", "Importance"], data=rows)
    title = "Feature Importance"
    run.log({title: bar(table, "Feature", "Importance", title)}, commit=commit)


__all__ = ["best_is", "define_best", "log_importance", "log_model", "open_run"]
