"""A callback for XGBoost."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xgboost.callback import TrainingCallback

from gitrack.interop.attach import Attachment, harmless, log_model
from gitrack.interop.importance import importance_chart
from gitrack.record.run import Run

__all__ = ["GitrackCallback"]


class GitrackCallback(TrainingCallback):  # type: ignore[misc]
    """
    Records each round's evaluation, the best score and the importance of features.

    A round is a row with ``round`` and ``<data>/<metric>``; ``xgboost.cv`` gives the mean of the
    folds and ``<data>/<metric>/std``.

    Parameters
    ----------
    log_model : bool
        Whether the trained booster becomes a version of an artifact.
    log_feature_importance : bool
        Whether the importance of features is recorded, as a table and a chart.
    importance_type : {"gain", "weight", "cover", "total_gain", "total_cover"}
        What importance means.
    define_metric : bool
        Whether metrics are drawn against the round.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts as long as the
        training does.
    """

    def __init__(
        self,
        log_model: bool = False,
        log_feature_importance: bool = True,
        importance_type: str = "gain",
        define_metric: bool = True,
        run: Run | None = None,
    ) -> None:
        super().__init__()
        self.log_model = log_model
        self.log_feature_importance = log_feature_importance
        self.importance_type = importance_type
        self.define_metric = define_metric
        self._attached = Attachment(run)
        self._defined: set[str] = set()

    def before_training(self, model: Any) -> Any:
        """Record the booster's parameters."""
        self._begin(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Record a round; training goes on."""
        del model
        self._round(epoch, evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        """Record what came out."""
        self._end(model)
        self._attached.finish()
        return model

    @harmless
    def _begin(self, model: Any) -> None:
        run = self._attached.run
        if hasattr(model, "save_config"):
            run.config.setdefaults({"xgboost": settings_from(json.loads(model.save_config()))})

    @harmless
    def _round(self, epoch: int, evals_log: Mapping[str, Any]) -> None:
        run, row = self._attached.run, {"round": epoch}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                name, value = f"{data}/{metric}", values[-1]
                if self.define_metric and name not in self._defined:
                    self._defined.add(name)
                    run.define_metric(name, step_metric="round")
                if isinstance(value, Sequence):
                    row[name], row[f"{name}/std"] = value
                else:
                    row[name] = value
        run.log(row)

    @harmless
    def _end(self, model: Any) -> None:
        run = self._attached.run
        for name in ("best_score", "best_iteration"):
            # Without early stopping the booster has neither.
            value = model.attr(name) if hasattr(model, "attr") else None
            if value is not None:
                run.summary[name] = _number(value)
        if not hasattr(model, "get_score"):
            return
        if self.log_feature_importance:
            found = model.get_score(importance_type=self.importance_type)
            run.log({"feature_importance": importance_chart(found, self.importance_type)})
        if self.log_model:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                path = Path(folder) / "model.json"
                model.save_model(path)
                rounds = {"rounds": model.num_boosted_rounds()}
                log_model(run, path, None, (), rounds)


def settings_from(config: Any) -> Any:
    """Return a booster's own description with numbers as such."""
    if isinstance(config, dict):
        return {key: settings_from(value) for key, value in config.items()}
    if isinstance(config, list):
        return [settings_from(value) for value in config]
    return _number(config)


def _number(value: Any) -> Any:
    for kind in (int, float):
        try:
            return kind(value) if isinstance(value, str) else value
        except ValueError:
            continue
    return value
