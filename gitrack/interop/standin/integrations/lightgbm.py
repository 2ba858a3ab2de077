"""``wandb.integration.lightgbm``."""

import tempfile
from pathlib import Path
from typing import Any

from gitrack.interop.attach import harmless
from gitrack.interop.standin.integrations.trees import (
    define_best,
    log_importance,
    log_model,
    open_run,
)
from gitrack.record.capture import explain
from gitrack.record.notice import warn_once

__all__ = ["log_summary", "wandb_callback"]


class _Callback:
    """Records each round, named as W&B names it: ``<data>_<metric>`` and ``iteration``."""

    order = 20
    before_iteration = False

    def __init__(self, log_params: bool, define_metric: bool) -> None:
        self._log_params = log_params
        self._define = define_metric

    @harmless
    def __call__(self, env: Any) -> None:
        """Record a round."""
        run, row, first = open_run(), {}, env.iteration == env.begin_iteration
        if first and self._log_params:
            run.config.update(env.params)
        for data, metric, value, _, *rest in env.evaluation_result_list or ():
            found = {f"{data}_{metric}": value}
            if rest:
                # lightgbm once had data and metric in one word for `cv`
                label = "_".join(metric.split()) if " " in metric else f"{data}_{metric}"
                found = {f"{label}-mean": value, f"{label}-stdv": rest[0]}
            if first and self._define:
                for name in found:
                    define_best(run, name, metric.split()[-1])
            row.update(found)
        run.log({**row, "iteration": env.iteration})


def wandb_callback(log_params: bool = True, define_metric: bool = True) -> _Callback:
    """
    Return a callback for ``lightgbm.train``, ``cv`` and ``fit``.

    Parameters
    ----------
    log_params : bool
        Whether the parameters go to the config.
    define_metric : bool
        Whether the summary keeps each metric's best value.
    """
    return _Callback(log_params, define_metric)


def log_summary(
    model: Any, feature_importance: bool = True, save_model_checkpoint: bool = False
) -> None:
    """
    Record the best round and score, the importance of features, and the model.

    Parameters
    ----------
    model : lightgbm.Booster or an estimator of lightgbm's
        What was trained.
    feature_importance : bool
        Whether importance is drawn.
    save_model_checkpoint : bool
        Whether the model becomes a version of an artifact.
    """
    try:
        run, booster = open_run(), getattr(model, "booster_", model)
        run.summary["best_iteration"] = booster.best_iteration
        run.summary["best_score"] = {
            data: dict(metrics) for data, metrics in booster.best_score.items()
        }
        if feature_importance:
            pairs = zip(booster.feature_name(), booster.feature_importance(), strict=True)
            log_importance(run, pairs, commit=True)
        if save_model_checkpoint:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / f"model_ckpt_{booster.best_iteration}.txt"
                booster.save_model(path, num_iteration=booster.best_iteration)
                log_model(run, path, f"model_{run.id}", ["best"])
    except Exception as error:  # noqa: BLE001 - tracking never ends a training
        warn_once("lightgbm summary", f"log_summary(): {explain(error)}")
