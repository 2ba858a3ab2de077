"""Callbacks for Keras 3: metrics, checkpoints as artifacts, tables of predictions."""

import glob
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from gitrack.interop.attach import Attachment, harmless, log_model, number_from
from gitrack.record.media.image import Image
from gitrack.record.media.table import Table
from gitrack.record.run import Run
from gitrack.record.values import text_from

__all__ = ["GitrackEvalCallback", "GitrackMetricsLogger", "GitrackModelCheckpoint"]

_FIELD = re.compile(r"\{[^{}]*\}")
_IMAGE = (3, 4)  # dimensions of a batch of images


class GitrackMetricsLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """
    Records what ``fit`` and ``evaluate`` report, with the learning rate.

    Rows of an epoch hold ``epoch/epoch``, ``epoch/loss``, ``epoch/val_loss`` …; those of batches
    ``batch/batch_step``, ``batch/loss`` …; metrics are drawn against the epoch or the batch.

    Parameters
    ----------
    log_freq : "epoch", "batch" or int
        Whether batches are recorded too: each, or each so many.
    initial_global_step : int
        The number of the first batch, where a training goes on.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts as long as
        ``fit`` does.

    Raises
    ------
    ValueError
        If `log_freq` is something else.
    """

    def __init__(
        self,
        log_freq: int | str = "epoch",
        initial_global_step: int = 0,
        run: Run | None = None,
    ) -> None:
        super().__init__()
        every = {"epoch": 0, "batch": 1}.get(log_freq) if isinstance(log_freq, str) else log_freq
        if every is None or every < 0 or (every == 0 and log_freq != "epoch"):
            raise ValueError(f"log_freq is 'epoch', 'batch' or a number, not {log_freq!r}")
        self._every = every
        self._batch = initial_global_step
        self._attached = Attachment(run)
        self._training = False

    @harmless
    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Note what is trained, and how its metrics are drawn."""
        self._training = True
        run = self._attached.run
        run.config.setdefaults({"keras": self._settings()})
        run.define_metric("epoch/*", step_metric="epoch/epoch")
        if self._every:
            run.define_metric("batch/*", step_metric="batch/batch_step")

    @harmless
    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record a batch."""
        if self._every and batch % self._every == 0:
            row = {f"batch/{name}": value for name, value in (logs or {}).items()}
            row["batch/batch_step"] = self._batch
            self._attached.run.log(row | self._learning_rate("batch"))
        self._batch += 1

    @harmless
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record an epoch."""
        row = {f"epoch/{name}": value for name, value in (logs or {}).items()}
        row["epoch/epoch"] = epoch
        self._attached.run.log(row | self._learning_rate("epoch"))

    @harmless
    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Record an evaluation of its own; that within ``fit`` comes with the epoch."""
        if not self._training and logs:
            self._attached.run.log({f"test/{name}": value for name, value in logs.items()})

    @harmless
    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """End the run if it is the callback's own."""
        self._training = False
        self._attached.finish()

    def _learning_rate(self, prefix: str) -> dict[str, float]:
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        if rate is None:
            return {}
        found = number_from(keras.ops.convert_to_numpy(rate))
        return {} if found is None else {f"{prefix}/learning_rate": found}

    def _settings(self) -> dict[str, Any]:
        model, optimizer = self.model, getattr(self.model, "optimizer", None)
        return {
            "backend": keras.backend.backend(),
            "model": model.name,
            "parameters": model.count_params() if model.built else None,
            "optimizer": optimizer.get_config() if optimizer is not None else None,
            **{key: self.params.get(key) for key in ("epochs", "steps")},
        }


class GitrackModelCheckpoint(keras.callbacks.ModelCheckpoint):  # type: ignore[misc]
    """
    Keras' own ``ModelCheckpoint`` whose every saved model becomes a version of an artifact.

    Parameters
    ----------
    filepath : path, optional
        Where the model is saved too, as ``ModelCheckpoint`` takes it; kept as an artifact alone
        unless given.
    monitor, verbose, save_best_only, save_weights_only, mode, save_freq, \
initial_value_threshold
        As ``ModelCheckpoint`` takes them.
    name : str, optional
        The artifact's name; ``model-<run id>`` unless given.
    run : Run, optional
        The run to record into.
    """

    def __init__(
        self,
        filepath: Any = None,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
        name: str | None = None,
        run: Run | None = None,
    ) -> None:
        if filepath is None:
            folder = tempfile.mkdtemp(prefix="gitrack-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            filepath = Path(folder) / ("model.weights.h5" if save_weights_only else "model.keras")
        super().__init__(
            filepath,
            monitor=monitor,
            verbose=verbose,
            save_best_only=save_best_only,
            save_weights_only=save_weights_only,
            mode=mode,
            save_freq=save_freq,
            initial_value_threshold=initial_value_threshold,
        )
        self._name = name
        self._attached = Attachment(run)
        self._seen: dict[str, tuple[int, int]] = {}

    @harmless
    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Note what lies there already."""
        super().on_train_begin(logs)
        self._seen = self._files()

    @harmless
    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save if it is time, and record what was saved."""
        super().on_train_batch_end(batch, logs)
        if self.save_freq != "epoch":
            self._record(self._current_epoch, logs)

    @harmless
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save if it is time, and record what was saved."""
        super().on_epoch_end(epoch, logs)
        self._record(epoch, logs)

    @harmless
    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """End the run if it is the callback's own."""
        super().on_train_end(logs)
        self._attached.finish()

    def _record(self, epoch: int, logs: Mapping[str, Any] | None) -> None:
        found = self._files()
        numbers = {key: number_from(value) for key, value in (logs or {}).items()}
        for path, mark in found.items():
            if self._seen.get(path) != mark:
                self._keep(path, epoch, ["best"] if self.save_best_only else [], numbers)
        self._seen = found

    def _keep(self, path: str, epoch: int, best: list[str], numbers: Mapping[str, Any]) -> None:
        """Record one file that was saved."""
        metadata = {"epoch": epoch, "monitor": self.monitor, **numbers}
        log_model(self._attached.run, path, self._name, [f"epoch-{epoch}", *best], metadata)

    def _files(self) -> dict[str, tuple[int, int]]:
        """Return when each file that the path may mean was written: `fit` overwrites one."""
        if _FIELD.search(self.filepath):
            pattern = "*".join(glob.escape(part) for part in _FIELD.split(self.filepath))
            paths = [Path(path) for path in glob.glob(pattern)]  # noqa: PTH207
        else:
            paths = [Path(self.filepath)]
        found = {}
        for path in paths:
            if path.is_file():
                status = path.stat()
                found[str(path)] = (status.st_mtime_ns, status.st_size)
        return found


class GitrackEvalCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """
    Records a table of predictions for samples that stay the same from epoch to epoch.

    Columns are ``epoch``, ``sample``, ``input`` where samples are images, ``truth``,
    ``prediction``, and ``confidence`` of a classifier or ``error`` of anything with one output.

    Parameters
    ----------
    x : array_like of shape (n_samples, …)
        The samples; the first `rows` are shown.
    y : array_like of shape (n_samples,) or (n_samples, n_outputs), optional
        What is true of them; a one-hot row counts as its class.
    class_names : sequence of str, optional
        The classes' names.
    key : str
        The name that the table is logged under.
    rows : int
        How many samples are shown at most.
    every : int
        From one table to the next, in epochs; the last epoch has one always.
    run : Run, optional
        The run to record into.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        class_names: Sequence[str] | None = None,
        key: str = "eval/predictions",
        rows: int = 64,
        every: int = 1,
        run: Run | None = None,
    ) -> None:
        super().__init__()
        self._x = x[:rows]
        self._y = None if y is None else y[:rows]
        self._class_names = class_names
        self._key = key
        self._every = max(int(every), 1)
        self._attached = Attachment(run)

    @harmless
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Record a table; it joins the epoch's row."""
        last = epoch + 1 == self.params.get("epochs")
        if epoch % self._every == 0 or last:
            self._attached.run.log({self._key: self.table(epoch)}, commit=False)

    @harmless
    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """End the run if it is the callback's own."""
        self._attached.finish()

    def table(self, epoch: int) -> Table:
        """
        Return the table of an epoch; a class of one's own may make another one.

        Parameters
        ----------
        epoch : int
            Its number, from 0.
        """
        import numpy as np

        outputs = np.asarray(keras.ops.convert_to_numpy(self.model.predict_on_batch(self._x)))
        outputs = outputs.reshape(len(outputs), -1)
        classes = outputs.shape[1] > 1
        images = np.ndim(self._x) in _IMAGE
        columns = ["epoch", "sample", *(["input"] if images else [])]
        columns += [*([] if self._y is None else ["truth"]), "prediction"]
        columns += ["confidence"] if classes else [] if self._y is None else ["error"]
        table = Table(columns=columns)
        for place, output in enumerate(outputs):
            row: list[Any] = [epoch, place, *([Image(self._x[place])] if images else [])]
            truth = None if self._y is None else self._truth(np.asarray(self._y[place]), classes)
            guess = self._class(int(output.argmax())) if classes else float(output[0])
            row += [*([] if self._y is None else [truth]), guess]
            if classes:
                row.append(float(output.max()))
            elif isinstance(truth, float):
                row.append(float(output[0]) - truth)
            table.add_data(*row)
        return table

    def _truth(self, value: Any, classes: bool) -> Any:
        if not classes:
            return float(value.reshape(-1)[0])
        return self._class(int(value.argmax() if value.size > 1 else value.reshape(-1)[0]))

    def _class(self, number: int) -> Any:
        return number if self._class_names is None else text_from(self._class_names[number])
