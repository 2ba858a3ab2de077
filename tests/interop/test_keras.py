"""Keras' fit is recorded by its callbacks, on the torch backend and on real digits."""

import io
import json

import numpy as np
import pytest
from PIL import Image

import gitrack

DIGITS = """
import json, keras, numpy
from sklearn.datasets import load_digits
import gitrack
from gitrack.interop.keras import (
    GitrackEvalCallback, GitrackMetricsLogger, GitrackModelCheckpoint,
)
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32").reshape(-1, 8, 8)

def fit(*callbacks, epochs=3):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")
    ])
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.5)
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        x[:640], y[:640], batch_size=64, epochs=epochs, verbose=0,
        validation_data=(x[1000:], y[1000:]), callbacks=list(callbacks))
    return model
"""


def test_epochs_batches_and_predictions_are_what_keras_reports(trained):
    source = DIGITS + (
        "names = [f'digit {n}' for n in range(10)]\n"
        "table = GitrackEvalCallback(x[:200], y, names, rows=20, every=2)\n"
        "model = fit(table, GitrackMetricsLogger())\n"
        "assert not gitrack.run.recording\n"
        "outputs = model.predict(x[:20], verbose=0).tolist()\n"
        "run = gitrack.init(project='own')\n"
        "model = fit(GitrackMetricsLogger(log_freq=4, initial_global_step=100), epochs=2)\n"
        "assert gitrack.run is run and run.recording\n"
        "tested = model.evaluate(x, y, verbose=0, callbacks=[GitrackMetricsLogger()])\n"
        "run.finish()\n"
        "fit(GitrackEvalCallback(numpy.zeros((4, 3, 3)), y), GitrackMetricsLogger(), epochs=1)\n"
        "print(json.dumps([model.history.history, outputs, tested]))\n"
    )
    epochs, batches, broken = trained(source, "keras", "torch", "sklearn", quiet=False)
    reported, outputs, tested = json.loads(trained.done.stdout)

    history = epochs.history()
    assert epochs.run.state == "finished"
    assert history["epoch/epoch"].tolist() == [0, 1, 2]
    # ten batches an epoch, and the rate halves every ten
    assert history["epoch/learning_rate"].tolist() == pytest.approx([0.005, 0.0025, 0.00125])
    assert epochs.config["keras"]["parameters"] == 650
    assert epochs.config["keras"]["backend"] == "torch"
    assert set(reported) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, values in reported.items():  # the second training took the same first two epochs
        assert history[f"epoch/{name}"].tolist()[:2] == values
        assert batches.history()[f"epoch/{name}"].dropna().tolist() == values

    outputs = np.array(outputs)
    assert epochs.media("eval/predictions")["step"].tolist() == [0, 2]
    table = epochs.table("eval/predictions")
    assert table["epoch"].tolist() == [2] * 20
    assert table["prediction"].tolist() == [f"digit {n}" for n in outputs.argmax(axis=1)]
    assert table["confidence"].tolist() == pytest.approx(outputs.max(axis=1).tolist(), abs=1e-6)
    assert table["truth"].tolist()[:4] == ["digit 0", "digit 1", "digit 2", "digit 3"]
    shown = Image.open(io.BytesIO(epochs.read(table["input"][0].path)))
    assert shown.size == (8, 8)

    assert batches.run.project == "own"
    rows = batches.history()
    assert rows["batch/batch_step"].dropna().tolist() == [100, 104, 108, 110, 114, 118]
    assert rows["batch/loss"].notna().sum() == 6
    assert tested == [batches.summary["test/loss"], batches.summary["test/accuracy"]]

    assert len(broken.history()) == 1  # the table that cannot be made ends no training
    assert any("GitrackEvalCallback.on_epoch_end" in line for line in trained.said)


def test_every_epoch_or_only_the_best_becomes_a_version(trained, versions, tmp_path):
    source = DIGITS + (
        "for given in ('never', 0, -1):\n"
        "    try:\n"
        "        GitrackMetricsLogger(given)\n"
        "    except ValueError as error:\n"
        "        print(error)\n"
        "run = gitrack.init(project='own')\n"
        "every = GitrackModelCheckpoint(name='every')\n"
        "best = GitrackModelCheckpoint(\n"
        "    'kept/{epoch:02d}-{val_loss:.2f}.weights.h5', save_best_only=True,\n"
        "    mode='max', save_weights_only=True, name='best')\n"
        "model = fit(every, best)\n"
        "run.finish()\n"
        f"gitrack.artifact('every:latest').download({str(tmp_path / 'model')!r})\n"
        f"again = keras.models.load_model({str(tmp_path / 'model' / 'model.keras')!r})\n"
        "assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)\n"
    )
    (run,) = trained(source, "keras", "torch", "sklearn", "h5py")
    assert trained.done.stdout.count("log_freq is 'epoch', 'batch' or a number") == 3
    found = versions("every")
    assert [metadata["epoch"] for _, metadata, _ in found] == [0, 1, 2]
    assert {"epoch-2", "latest"} <= set(found[2][2])
    # the loss falls, so by mode="max" the first epoch stays the best
    ((_, metadata, aliases),) = versions("best")
    assert metadata["epoch"] == 0
    assert {"best", "epoch-0"} <= set(aliases)
    assert gitrack.artifact("best").made_by().id == run.id
