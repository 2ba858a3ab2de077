"""A callback for CatBoost, and what there is to say of its model afterwards."""

import tempfile
from pathlib import Path
from typing import Any

from gitrack.interop.attach import Attachment, current_or_own, harmless, log_model
from gitrack.interop.importance import importance_chart
from gitrack.record.capture import explain
from gitrack.record.notice import warn_once
from gitrack.record.run import Run

__all__ = ["GitrackCallback", "log_summary"]


class GitrackCallback:
    """
    Records each iteration's metrics, for ``fit(callbacks=[…])``.

    An iteration is a row with ``iteration`` and ``<data>/<metric>``, where the data is "learn" or
    "validation".

    Parameters
    ----------
    metric_period : int
        From one row to the next, in iterations.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts until
        ``gitrack.finish()``, the end of the script, or another callback's begin.
    """

    def __init__(self, metric_period: int = 1, run: Run | None = None) -> None:
        self._every = max(int(metric_period), 1)
        self._attached = Attachment(run)
        self._defined: set[str] = set()

    def after_iteration(self, info: Any) -> bool:
        """Record an iteration; training goes on."""
        self._record(info)
        return True

    @harmless
    def _record(self, info: Any) -> None:
        if (info.iteration - 1) % self._every:  # it counts from 1
            return
        run = self._attached.run
        self._attached.release()  # nobody tells when training ends
        row: dict[str, Any] = {"iteration": info.iteration - 1}
        for data, metrics in (info.metrics or {}).items():
            for metric, values in metrics.items():
                name = f"{data}/{metric}"
                if name not in self._defined:
                    self._defined.add(name)
                    run.define_metric(name, step_metric="iteration")
                row[name] = values[-1]
        run.log(row)


def log_summary(
    model: Any,
    log_all_params: bool = True,
    save_model_checkpoint: bool = False,
    log_feature_importance: bool = True,
    run: Run | None = None,
) -> None:
    """
    Record the parameters, the best iteration and score, the importance of features, the model.

    Parameters
    ----------
    model : catboost.CatBoost
        A fitted model.
    log_all_params : bool
        Whether CatBoost's own defaults go to the config too, not only what was set.
    save_model_checkpoint : bool
        Whether the model becomes a version of an artifact.
    log_feature_importance : bool
        Whether the importance of features is recorded, as a table and a chart.
    run : Run, optional
        The run to record into; the current one unless given.
    """
    try:
        settings = model.get_all_params() if log_all_params else model.get_params()
        scores = {data: dict(metrics) for data, metrics in model.get_best_score().items()}
        summary: dict[str, Any] = {"best_score": scores}
        if model.get_best_iteration() is not None:  # None where nothing was validated on
            summary["best_iteration"] = model.get_best_iteration()
        found = dict(zip(model.feature_names_, model.get_feature_importance(), strict=True))
        attached = current_or_own(run)
        attached.run.config.setdefaults(settings)
        attached.run.summary.update(summary)
        if log_feature_importance:
            kind = "change of prediction"
            attached.run.log({"feature_importance": importance_chart(found, kind)})
        if save_model_checkpoint:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / "model.cbm"
                model.save_model(str(path))
                log_model(attached.run, path, None, (), {"trees": model.tree_count_})
        attached.finish()
    except Exception as error:  # noqa: BLE001 - tracking never ends a training
        warn_once("catboost summary", f"log_summary(): {explain(error)}")
