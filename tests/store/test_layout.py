"""The branch is for tools that know nothing of gitrack."""

import json
import subprocess
import sys

import pandas as pd
import pytest

import gitrack
from gitrack.store.layout import id_from_folder, split_path

CONFIG = {"lr": "1e-3", "answer": "yes", "depth": 3, "sizes": [1, 2], "model": {"act": "off"}}


@pytest.fixture
def checkout(begin, repository, git, clean):
    """A clone of the experiments branch with two runs."""
    for seed in (1, 2):
        with begin(project="digits", id=f"r{seed}", config=CONFIG | {"seed": seed}) as run:
            run.log({"loss": 0.5 / seed, "val/acc": 0.9})
            run.log({"loss": float("nan")})
    git(clean, "clone", "-q", "-b", "experiments/main", repository, clean / "runs")
    return clean / "runs"


def test_a_run_is_a_folder_of_plain_files(checkout):
    (folder,) = checkout.glob("digits/runs/*/r1")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "history.parquet", "metrics.json", "params.yaml", "requirements.txt",
        "run.json", "summary.csv", "system.parquet",
    ]  # fmt: skip
    record = json.loads((folder / "run.json").read_text())
    assert record["format"] == 1
    assert (record["id"], record["project"], record["rows"]) == ("r1", "digits", 2)
    assert record["created"].endswith("+00:00")
    assert record["not_finite"] == ["loss"]
    assert json.loads((folder / "metrics.json").read_text()) == {"loss": "NaN", "val/acc": 0.9}


def test_pandas_reads_a_history_by_itself(checkout):
    (path,) = checkout.glob("digits/runs/*/r1/history.parquet")
    history = pd.read_parquet(path)
    assert list(history.columns) == ["_step", "_runtime", "_timestamp", "loss", "val/acc"]
    assert history["_step"].tolist() == [0, 1]
    assert history["loss"][0] == 0.5


def test_dvc_reads_params_and_metrics_as_its_own(checkout):
    def dvc(*words):
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *words],
            cwd=checkout, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    (one,), (two,) = (checkout.glob(f"digits/runs/*/{run}") for run in ("r1", "r2"))
    metrics = [(run / "metrics.json").relative_to(checkout).as_posix() for run in (one, two)]
    shown = dvc("metrics", "show", "--json", *metrics)[""]["data"]
    assert [shown[path]["data"]["val/acc"] for path in metrics] == [0.9, 0.9]
    params = (two / "params.yaml").relative_to(checkout).as_posix()
    added = dvc("params", "diff", "--json", "--targets", params, "--", "HEAD~1")[params]
    assert {key: change["new"] for key, change in added.items()} == {
        "lr": "1e-3", "answer": "yes", "depth": 3, "sizes": "[1, 2]", "model.act": "off", "seed": 2,
    }  # fmt: skip


def test_yaml_1_2_readers_see_texts_as_texts(checkout):
    from ruamel.yaml import YAML

    (path,) = checkout.glob("digits/runs/*/r2/params.yaml")
    assert YAML(typ="safe").load(path) == CONFIG | {"seed": 2}


def test_every_run_is_one_commit_that_names_it(checkout, git):
    subjects = git(checkout, "log", "--format=%b").split()
    assert subjects.count("Run-Id:") == 2
    assert {"r1", "r2"} <= set(subjects)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("p/runs/2026-11-23/r/run.json", ("p/runs/2026-11-23/r", "run.json")),
        ("p/runs/d/r/a/b", ("p/runs/d/r", "a/b")),
        ("p/runs/d/r", None),
        ("p/artifacts/d/r/x", None),
        ("README.md", None),
    ],
)
def test_a_path_is_split_into_a_runs_folder_and_a_file(path, split):
    assert split_path(path) == split


def test_the_id_is_the_last_part_of_a_folder():
    assert id_from_folder("p/runs/d/r") == "r"


def test_a_thousand_values_take_few_bytes(begin, repository, git):
    import random

    noise = random.Random(0)
    with begin() as run:
        for n in range(2_000):
            run.log({f"m{k}": noise.gauss(1 / (n + 1), 0.1) for k in range(10)})
    size = len(gitrack.load(run.id).read("history.parquet"))
    assert size <= 8 * 20_000 * 1.15  # a run of this length also pays for its two clocks
