"""A callback for LightGBM, and what there is to say of its booster afterwards."""

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
    Records each round's evaluation, for ``lightgbm.train(callbacks=[…])``, ``cv`` and ``fit``.

    A round is a row with ``round`` and ``<data>/<metric>``; ``cv`` gives the mean of the folds
    and ``<data>/<metric>/std``.

    Parameters
    ----------
    log_params : bool
        Whether the parameters go to the config.
    define_metric : bool
        Whether metrics are drawn against the round.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts until
        ``gitrack.finish()``, the end of the script, or another callback's begin.
    """

    order = 25  # after what evaluates, before what stops early
    before_iteration = False

    def __init__(
        self, log_params: bool = True, define_metric: bool = True, run: Run | None = None
    ) -> None:
        self._log_params = log_params
        self._define = define_metric
        self._attached = Attachment(run)

    @harmless
    def __call__(self, env: Any) -> None:
        """Record a round."""
        run = self._attached.run
        results = env.evaluation_result_list or []
        if env.iteration == env.begin_iteration:
            self._attached.release()  # nobody tells when an early stop ends it
            if self._log_params:
                run.config.setdefaults(env.params)
            for data, metric, *_ in results if self._define else ():
                run.define_metric(f"{data}/{metric}", step_metric="round")
        row: dict[str, Any] = {"round": env.iteration}
        for data, metric, value, _, *rest in results:
            row[f"{data}/{metric}"] = value
            if rest and rest[0] is not None:
                row[f"{data}/{metric}/std"] = rest[0]
        run.log(row)


def log_summary(
    model: Any,
    feature_importance: bool = True,
    save_model_checkpoint: bool = False,
    run: Run | None = None,
) -> None:
    """
    Record the best round and score, the importance of features, and the model.

    Parameters
    ----------
    model : lightgbm.Booster or an estimator of lightgbm's
        What was trained.
    feature_importance : bool
        Whether importance (by gain) is recorded, as a table and a chart.
    save_model_checkpoint : bool
        Whether the model becomes a version of an artifact.
    run : Run, optional
        The run to record into; the current one unless given.
    """
    try:
        booster = getattr(model, "booster_", model)
        scores = {data: dict(metrics) for data, metrics in booster.best_score.items()}
        summary = {"best_iteration": booster.best_iteration, "best_score": scores}
        gains = booster.feature_importance(importance_type="gain").tolist()
        found = dict(zip(booster.feature_name(), gains, strict=True))
        attached = current_or_own(run)
        attached.run.summary.update(summary)
        if feature_importance:
            attached.run.log({"feature_importance": importance_chart(found, "gain")})
        if save_model_checkpoint:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / "model.txt"
                booster.save_model(path)
                log_model(attached.run, path, None, (), {"trees": booster.num_trees()})
        attached.finish()
    except Exception as error:  # noqa: BLE001 - tracking never ends a training
        warn_once("lightgbm summary", f"log_summary(): {explain(error)}")
