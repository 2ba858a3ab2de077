"""The frameworks' examples really train, and what they say they record is on the branch."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gitrack

EXAMPLES = Path(__file__).parents[2] / "examples"

#: Example, packages, number of runs, and what the last one has of each kind.
TOLD = [
    (
        "keras_digits.py",
        "keras torch sklearn",
        1,
        {"epoch/val_accuracy", "batch/loss", "epoch/learning_rate"},
        {"eval/predictions"},
    ),
    (
        "lightning_digits.py",
        "lightning torch sklearn",
        1,
        {"train/loss", "val/accuracy", "trainer/global_step"},
        set(),
    ),
    (
        "transformers_tiny.py",
        "transformers accelerate torch sklearn",
        1,
        {"train/loss", "train/learning_rate", "eval/loss"},
        set(),
    ),
    (
        "sklearn_report.py",
        "sklearn",
        1,
        {"metrics/accuracy", "metrics/f1"},
        {"roc", "precision_recall", "confusion_matrix", "decision_tree", "learning_curve"},
    ),
    ("xgboost_wine.py", "xgboost sklearn", 1, {"val/mlogloss", "round"}, {"feature_importance"}),
    ("lightgbm_wine.py", "lightgbm sklearn", 1, {"val/multi_logloss"}, {"feature_importance"}),
    ("catboost_wine.py", "catboost sklearn", 1, {"learn/MultiClass"}, {"feature_importance"}),
    (
        "sb3_cartpole.py",
        "stable_baselines3 gymnasium torch",
        1,
        {"rollout/ep_rew_mean", "train/loss", "global_step"},
        set(),
    ),
    ("optuna_search.py", "optuna sklearn", 9, set(), {"study/trials", "study/history"}),
]
VERSIONS = "keras lightning xgboost lightgbm catboost sb3".split()


@pytest.fixture
def train(repository, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("KERAS_BACKEND", "torch")

    def run(*command, needs):
        for name in needs.split():
            if importlib.util.find_spec(name) is None:
                if "frameworks" in os.environ.get("GITRACK_REQUIRE", "").split():
                    pytest.fail(f"{name} is not installed")
                pytest.skip(f"{name} is not installed")
        done = subprocess.run(
            [sys.executable, *command], cwd=repository, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said = [line for line in done.stderr.splitlines() if line.startswith("gitrack: ")]
        assert all("rows on experiments/main" in line for line in said), said
        frame = gitrack.runs().sort_values("created", kind="stable")
        return [gitrack.load(one) for one in frame["id"]]

    return run


@pytest.mark.parametrize(("name", "needs", "count", "metrics", "media"), TOLD)
def test_an_example_leaves_its_runs(train, name, needs, count, metrics, media):
    runs = train(EXAMPLES / name, needs=needs)
    assert [run.run.state for run in runs] == ["finished"] * count
    run = runs[-1]
    assert metrics <= set(run.history().columns)
    assert media <= set(run.media()["key"])
    if name.partition("_")[0] in VERSIONS:
        assert gitrack.artifact(f"model-{run.id}").manifest.files


def test_a_script_for_tensorboard_is_recorded_under_exec(train):
    command = ["-m", "gitrack", "exec", "--tensorboard", "--", sys.executable]
    (run,) = train(*command, EXAMPLES / "tensorboard_digits.py", needs="torch tensorboard sklearn")
    history = run.history()
    assert history["train/loss"].notna().sum() == 60
    assert run.config == {"lr": pytest.approx(0.01)}
    assert run.summary["accuracy"] > 0.8
    assert run.histograms("weights")["_step"].tolist() == [0, 20, 40]
    assert len(run.media("input")) == 1
