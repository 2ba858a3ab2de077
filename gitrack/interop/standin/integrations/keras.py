"""``wandb.integration.keras``, and the older ``wandb.keras``."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from gitrack.interop.attach import harmless, log_model, number_from
from gitrack.interop.keras import GitrackMetricsLogger, GitrackModelCheckpoint
from gitrack.interop.standin.integrations.trees import open_run
from gitrack.record.artifact import Artifact
from gitrack.record.media.histogram import Histogram
from gitrack.record.media.table import Table
from gitrack.record.notice import warn_once

__all__ = ["WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]


class WandbMetricsLogger(GitrackMetricsLogger):
    """
    Records what ``fit`` reports: ``epoch/loss`` …, and ``batch/loss`` … where asked for.

    Parameters
    ----------
    log_freq : "epoch", "batch" or int
        Whether batches are recorded too: each, or each so many.
    initial_global_step : int
        The number of the first batch, where a training goes on.
    """

    def __init__(
        self,
        log_freq: int | str = "epoch",
        initial_global_step: int = 0,
        *_arguments: Any,
        **_options: Any,
    ) -> None:
        super().__init__(log_freq, initial_global_step)


class WandbModelCheckpoint(GitrackModelCheckpoint):
    """
    Saves models as Keras' ``ModelCheckpoint`` does; each becomes a version of an artifact.

    The artifact is ``run_<id>_model``, its versions are called ``epoch_<n>``.

    Parameters
    ----------
    filepath, monitor, verbose, save_best_only, save_weights_only, mode, save_freq, \
initial_value_threshold
        As ``ModelCheckpoint`` takes them.
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
        **_options: Any,
    ) -> None:
        super().__init__(
            filepath,
            monitor,
            verbose,
            save_best_only,
            save_weights_only,
            mode,
            save_freq,
            initial_value_threshold,
        )

    def _keep(self, path: str, epoch: int, best: list[str], numbers: Mapping[str, Any]) -> None:
        run = open_run()
        facts = {"epoch": epoch, **numbers}
        log_model(run, path, f"run_{run.id}_model", [f"epoch_{epoch}", *best], facts)


class WandbEvalCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """
    Records tables of predictions; a class of one's own says what stands in them.

    Parameters
    ----------
    data_table_columns, pred_table_columns : list of str
        The columns of what is true, and of what is predicted.

    Attributes
    ----------
    data_table, data_table_ref : Table
        What is true, filled by `add_ground_truth`.
    pred_table : Table
        What is predicted in an epoch, filled by `add_model_predictions`.
    """

    def __init__(
        self,
        data_table_columns: Sequence[str],
        pred_table_columns: Sequence[str],
        *_arguments: Any,
        **_options: Any,
    ) -> None:
        super().__init__()
        self.data_table_columns = data_table_columns
        self.pred_table_columns = pred_table_columns

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Record what is true."""
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)
        self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record what is predicted."""
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)
        self.log_pred_table()

    def add_ground_truth(self, logs: Mapping[str, Any] | None = None) -> None:
        """Fill `data_table`."""
        raise NotImplementedError(f"{type(self).__name__}.add_ground_truth")

    def add_model_predictions(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Fill `pred_table`."""
        raise NotImplementedError(f"{type(self).__name__}.add_model_predictions")

    def init_data_table(self, column_names: Sequence[str]) -> None:
        """Make an empty `data_table`."""
        self.data_table = Table(columns=column_names, allow_mixed_types=True)

    def init_pred_table(self, column_names: Sequence[str]) -> None:
        """Make an empty `pred_table`."""
        self.pred_table = Table(columns=column_names)

    @harmless
    def log_data_table(
        self,
        name: str = "val",
        type: str = "dataset",  # noqa: A002 - W&B's word
        table_name: str = "val_data",
    ) -> None:
        """Record `data_table` as an artifact that the run uses."""
        self.data_table_ref = self.data_table
        artifact = Artifact(name, type)
        artifact.add(self.data_table, table_name)
        open_run().use_artifact(artifact)

    @harmless
    def log_pred_table(
        self,
        type: str = "evaluation",  # noqa: A002
        table_name: str = "eval_data",
        aliases: Sequence[str] | None = None,
    ) -> None:
        """Record `pred_table` as a version of the artifact ``run_<id>_pred``."""
        run = open_run()
        artifact = Artifact(f"run_{run.id}_pred", type)
        artifact.add(self.pred_table, table_name)
        run.log_artifact(artifact, aliases=aliases)


class WandbCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """
    The callback that W&B had before: metrics by epoch, the best model, histograms of weights.

    Parameters
    ----------
    monitor : str
        The metric that says which model is best.
    verbose : int
        Taken for W&B's sake.
    mode : {"auto", "min", "max"}
        Which way it is better.
    save_weights_only : bool
        Whether the model's weights are saved alone.
    log_weights : bool
        Whether histograms of the weights are recorded each epoch.
    log_gradients : bool
        Not done: ``run.watch(model)`` records gradients on the torch backend.
    save_model : bool
        Whether the best model is kept with the run, as ``model-best.keras``.
    log_batch_frequency : int, optional
        From one recorded batch to the next; none unless given.
    log_best_prefix : str or None
        What stands before the names of the best values in the summary; None for none.
    **options : Any
        What W&B's took beside; named once where it says what is recorded.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        verbose: int = 0,  # noqa: ARG002
        mode: str = "auto",
        save_weights_only: bool = False,
        log_weights: bool = False,
        log_gradients: bool = False,
        save_model: bool = True,
        log_batch_frequency: int | None = None,
        log_best_prefix: str | None = "best_",
        **options: Any,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.save_weights_only = save_weights_only
        self.log_weights = log_weights
        self.save_model = save_model
        self.log_batch_frequency = log_batch_frequency
        self.log_best_prefix = log_best_prefix
        upward = mode == "max" or (mode == "auto" and ("acc" in monitor or "auc" in monitor))
        self._sign = -1.0 if upward else 1.0
        self._best: float | None = None
        if log_gradients:
            options["log_gradients"] = True
        for name in options:
            warn_once(f"keras {name}", f"WandbCallback({name}=…) is not recorded here")

    @harmless
    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record a batch."""
        if self.log_batch_frequency and batch % self.log_batch_frequency == 0:
            open_run().log(dict(logs or {}))

    @harmless
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record an epoch, and keep the model where it is the best so far."""
        run, row = open_run(), {"epoch": epoch, **(logs or {})}
        if self.log_weights:
            for weight in self.model.weights:
                values = keras.ops.convert_to_numpy(weight)
                row[f"parameters/{weight.path}"] = Histogram(values.reshape(-1))
        run.log(row)
        value = number_from((logs or {}).get(self.monitor))
        if value is None or (self._best is not None and self._sign * (value - self._best) >= 0):
            return
        self._best = value
        if self.log_best_prefix is not None:
            run.summary[f"{self.log_best_prefix}{self.monitor}"] = value
            run.summary[f"{self.log_best_prefix}epoch"] = epoch
        if self.save_model:
            self._keep_model(run.dir)

    def _keep_model(self, folder: str) -> None:
        if self.save_weights_only:
            self.model.save_weights(f"{folder}/model-best.weights.h5")
        else:
            self.model.save(f"{folder}/model-best.keras")
