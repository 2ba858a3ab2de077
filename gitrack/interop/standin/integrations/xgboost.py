"""``wandb.integration.xgboost``."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitrack.interop.attach import harmless
from gitrack.interop.standin.integrations.trees import (
    define_best,
    log_importance,
    log_model,
    open_run,
)
from gitrack.interop.xgboost import GitrackCallback

__all__ = ["WandbCallback", "wandb_callback"]


class WandbCallback(GitrackCallback):
    """
    Records each round, named as W&B names it: ``<data>-<metric>`` and ``epoch``.

    Parameters
    ----------
    log_model : bool
        Whether the booster becomes a version of an artifact.
    log_feature_importance : bool
        Whether the importance of features is drawn.
    importance_type : {"gain", "weight", "cover", "total_gain", "total_cover"}
        What importance means.
    define_metric : bool
        Whether the summary keeps each metric's best value.
    """

    @harmless
    def _begin(self, model: Any) -> None:
        if hasattr(model, "save_config"):  # a fold of `cv` has none
            open_run().config.update(json.loads(model.save_config()))

    @harmless
    def _round(self, epoch: int, evals_log: Mapping[str, Any]) -> None:
        run, row = open_run(), {}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                name, last = f"{data}-{metric}", values[-1]
                if self.define_metric and name not in self._defined:
                    self._defined.add(name)
                    define_best(run, name, metric)
                row[name] = last[0] if isinstance(last, Sequence) else last
        run.log({**row, "epoch": epoch})

    @harmless
    def _end(self, model: Any) -> None:
        run = open_run()
        if self.log_model and hasattr(model, "save_model"):
            name = f"{run.id}_model.json"
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / name
                model.save_model(path)
                log_model(run, path, name)
        if self.log_feature_importance and hasattr(model, "get_score"):
            found = model.get_score(importance_type=self.importance_type)
            log_importance(run, found.items(), commit=True)
        if hasattr(model, "attr") and model.attr("best_score") is not None:
            best = {"best_score": float(model.attr("best_score"))}
            run.log({**best, "best_iteration": int(model.attr("best_iteration"))})


def wandb_callback() -> Callable[[Any], None]:
    """Return the callback of XGBoost before 1.3, a function."""

    def callback(env: Any) -> None:
        open_run().log(dict(env.evaluation_result_list))

    return callback
