"""Branches with runs of several seeds, put there in one commit each."""

import json
import random

import pytest

from gitrack.model.run import Code, Run, State
from gitrack.store.branch import Branch
from gitrack.store.history import HistoryBuilder, table_to_bytes
from gitrack.store.layout import run_folder
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

BEGIN = 1.79e9


def history_of(results, chance):
    """Twenty steps that end near the results."""
    builder = HistoryBuilder()
    for step in range(0, 200, 10):
        share = 1 - 0.9 ** (step / 10 + 1)
        values = {k: v * share + chance.gauss(0, 0.002) for k, v in results.items()}
        builder.add(step, step / 2, BEGIN + step, values)
    return table_to_bytes(builder.table())


@pytest.fixture
def make_history():
    """Give the function that makes a history: ``make_history(results, chance)``."""
    return history_of


@pytest.fixture
def put_seeds(repository):
    """
    Put runs on a branch: ``put_seeds("main", "a", [{"val/acc": 0.9}, …], config={...})``.

    A run a dict of results, with ids ``a-0``, ``a-1`` …, seeds 0, 1 … and, where `curves` says
    so, a history each. `config` may be a function of the run's number.
    """

    def put(branch, name, results, *, config=None, curves=False, files=None, **fields):
        paths = {}
        settings = config if callable(config) else lambda _: config or {}
        for number, summary in enumerate(results):
            chance = random.Random(f"{name}{number}")
            made = {"project": "digits", "name": f"{name} {number}", "state": State.FINISHED}
            made |= {"id": f"{name}-{number}", "created": BEGIN + number, "duration": 60.0 + number}
            run = Run(**(made | fields))
            contents = {
                "run.json": run_to_json(run, summary),
                "params.yaml": config_to_yaml({"lr": 0.1, "seed": number} | settings(number)),
                "metrics.json": summary_to_json(summary),
                **(files or {}),
            }
            if curves:
                contents["history.parquet"] = history_of(summary, chance)
            paths |= {f"{run_folder(run)}/{path}": found for path, found in contents.items()}
        Branch(Repository.around(), f"experiments/{branch}").add(paths, f"Runs of {name}\n")

    return put


@pytest.fixture
def five_better(put_seeds, git, repository):
    """Five seeds on ``main``, and five better ones on ``feature/x``, with curves and code."""
    before = git(repository, "rev-parse", "HEAD")
    put_seeds("main", "old", seeds_near(0.90, 0.30), curves=True, code=Code(before, "main"))
    (repository / "train.py").write_text("print('training better')\nprint('done')\n")
    git(repository, "commit", "-qam", "Better")
    git(repository, "branch", "feature/x")
    git(repository, "branch", "experiments/feature/x", "experiments/main")
    after = git(repository, "rev-parse", "HEAD")
    put_seeds("feature/x", "new", seeds_near(0.95, 0.31), curves=True, code=Code(after, "x"))
    return repository


def seeds_near(accuracy, loss, count=5):
    """Results of several seeds, a little apart."""
    chance = random.Random(count)
    return [
        {"val/acc": accuracy + chance.gauss(0, 0.004), "train/loss": loss + chance.gauss(0, 0.05)}
        for _ in range(count)
    ]


@pytest.fixture
def reviewed(capsys):
    """Run ``gitrack review`` on ``main`` and a head: gives its status, stdout and stderr."""
    from gitrack.cli.main import main

    def run(*words, base="main", head="feature/x"):
        status = main(["review", "--base", base, "--head", head, *words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def review_of(reviewed):
    """Give the JSON of a review; what is told beside it fails the test."""

    def run(*words, **sides):
        _, out, _ = reviewed("--format", "json", *words, **sides)
        return json.loads(out)

    return run
