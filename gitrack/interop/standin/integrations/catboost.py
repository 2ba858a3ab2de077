"""``wandb.integration.catboost``."""

import tempfile
from pathlib import Path
from typing import Any

from gitrack.interop.attach import harmless
from gitrack.interop.standin.integrations.trees import log_importance, log_model, open_run
from gitrack.record.capture import explain
from gitrack.record.notice import warn_once

__all__ = ["WandbCallback", "log_summary"]


class WandbCallback:
    """
    Records each iteration, named as W&B names it: ``<data>-<metric>``.

    Parameters
    ----------
    metric_period : int
        The `metric_period` that ``fit`` was given, for the name of the iteration's column.
    """

    def __init__(self, metric_period: int = 1) -> None:
        self.metric_period = metric_period
        self._seen = 0

    def after_iteration(self, info: Any) -> bool:
        """Record an iteration; training goes on."""
        self._record(info)
        return True

    @harmless
    def _record(self, info: Any) -> None:
        count = sum(len(log) for metric in info.metrics.values() for log in metric.values())
        if count <= self._seen:  # an iteration whose metrics were not computed
            return
        self._seen = count
        row = {
            f"{data}-{name}": log[-1]
            for data, metric in info.metrics.items()
            for name, log in metric.items()
        }
        row[f"iteration@metric-period-{self.metric_period}"] = info.iteration
        open_run().log(row)


def log_summary(
    model: Any,
    log_all_params: bool = True,
    save_model_checkpoint: bool = False,
    log_feature_importance: bool = True,
) -> None:
    """
    Record the best iteration and score, parameters, the importance of features, and the model.

    Parameters
    ----------
    model : catboost.CatBoostClassifier or catboost.CatBoostRegressor
        What was trained.
    log_all_params : bool
        Whether the parameters go to the config.
    save_model_checkpoint : bool
        Whether the model becomes a version of an artifact.
    log_feature_importance : bool
        Whether importance is drawn.
    """
    try:
        run = open_run()
        if log_all_params:
            run.config.update(model.get_all_params())
        run.summary["best_iteration"] = model.get_best_iteration()
        run.summary["best_score"] = model.get_best_score()
        if save_model_checkpoint:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / "model"
                model.save_model(str(path))
                log_model(run, path, f"model_{run.id}")
        if log_feature_importance:
            pairs = zip(model.feature_names_, model.get_feature_importance(), strict=True)
            log_importance(run, pairs, commit=True)
    except Exception as error:  # noqa: BLE001 - tracking never ends a training
        warn_once("catboost summary", f"log_summary(): {explain(error)}")
