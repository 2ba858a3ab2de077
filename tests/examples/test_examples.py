"""The examples really train, and what they logged is on the branch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gitrack

EXAMPLES = Path(__file__).parents[2] / "examples"


def train(name, *words):
    """Run an example as its first line says, from inside the user's repository."""
    command = [sys.executable, EXAMPLES / name, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True)


def test_digits_records_losses_and_accuracies_of_training_and_validation(repository):
    done = train("digits.py", "--epochs", "2", "--lr", "0.05")
    assert "Traceback" not in done.stderr
    frame = gitrack.runs()
    assert frame["state"].tolist() == ["finished"]
    loaded = gitrack.load(frame["id"][0])
    assert (loaded.config["epochs"], loaded.config["lr"]) == (2, 0.05)
    history = loaded.history()
    metrics = [f"{part}/{kind}" for part in ("train", "val") for kind in ("loss", "accuracy")]
    assert set(metrics) <= set(history.columns)
    assert len(history) == 2
    assert history["train/loss"].is_monotonic_decreasing
    assert history["val/accuracy"].between(0.3, 1.0).all()
    assert loaded.summary["val/accuracy"] == history["val/accuracy"].iloc[-1]


def test_the_pytorch_loop_logs_the_tensor_itself_and_needs_no_finish(repository):
    if "torch" not in os.environ.get("GITRACK_REQUIRE", "").split():
        pytest.importorskip("torch", reason="PyTorch is not installed")
    done = train("pytorch_linear.py")
    assert done.stderr.count("\n") == 1, done.stderr
    (run_id,) = gitrack.runs()["id"]
    loaded = gitrack.load(run_id)
    assert (loaded.run.project, loaded.run.entity) == ("pytorch-linear", "my-team")
    assert (loaded.run.state, loaded.run.rows) == ("finished", 100)
    loss = loaded.history()["loss"]
    assert str(loss.dtype) == "float64"
    assert loss.iloc[-1] < loss.iloc[0] / 2
