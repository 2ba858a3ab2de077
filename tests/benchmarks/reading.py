"""
Listing recorded runs: ``gitrack ls`` and ``gitrack.runs()``, beside MLflow and DVC.

Beside the seconds that passed stand those that the processors worked, git's included, which a
busy machine stretches less.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab import fresh_repository, git, many_runs, table

LS = [sys.executable, "-m", "gitrack", "ls"]
CACHE = Path(".git/gitrack/cache/records.json")
PEERS_AT = 1000
RUNS = """
import time
began = time.perf_counter()
import pandas, gitrack
middle = time.perf_counter()
for _ in range({rounds}):
    start = time.perf_counter()
    assert len(gitrack.runs()) == {n}
    print(time.perf_counter() - start)
print(time.perf_counter() - start + middle - began)
"""
MLFLOW_FILL = """
import random, mlflow
from mlflow.entities import Metric, Param
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client = mlflow.MlflowClient()
experiment = client.create_experiment("bench")
for n in range({n}):
    run = client.create_run(experiment).info.run_id
    metrics = [Metric(f"metric{{i}}", random.random(), 0, 0) for i in range(10)]
    client.log_batch(run, metrics, [Param(f"setting{{i}}", str(n)) for i in range(8)])
"""
MLFLOW_READ = """
import time
began = time.perf_counter()
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
middle = time.perf_counter()
for _ in range({rounds}):
    start = time.perf_counter()
    found = mlflow.search_runs(experiment_names=["bench"], max_results=100000)
    assert len(found) == {n}
    print(time.perf_counter() - start)
print(time.perf_counter() - start + middle - began)
"""


Sample = tuple[float, float | None]  # seconds that passed, and that processors worked


def wall(words: list[str], **options: object) -> Sample:
    before, began = worked(), time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - began, worked() - before


def worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sample(rounds: int, act: Callable[[], Sample]) -> list[Sample]:
    act()
    return [act() for _ in range(rounds)]


def ours(n: int, rounds: int) -> dict[str, list[Sample]]:
    """Measure gitrack on the branch here."""

    def cold() -> Sample:
        CACHE.unlink(missing_ok=True)
        return wall(LS)

    ten = f"experiments/main~{min(10, n - 1)}"
    tip = git("rev-parse", "experiments/main").strip()
    git("update-ref", "refs/heads/experiments/main", ten)
    wall(LS)
    before = CACHE.read_bytes()
    git("update-ref", "refs/heads/experiments/main", tip)

    def later() -> Sample:
        CACHE.write_bytes(before)
        return wall(LS)

    found = {
        "gitrack ls, no cache": sample(rounds, cold),
        "gitrack ls, ten new runs": sample(rounds, later),
        "gitrack ls": sample(rounds, lambda: wall(LS)),
        "gitrack ls 'lr<0.01 depth:4'": sample(rounds, lambda: wall([*LS, "lr<0.01", "depth:4"])),
        "gitrack ls -n 10": sample(rounds, lambda: wall([*LS, "-n", "10"])),
    }
    inside, whole = inner(sys.executable, RUNS.format(n=n, rounds=rounds))
    return found | {"gitrack.runs()": inside, "gitrack.runs(), imports too": whole}


def inner(python: str, code: str) -> tuple[list[Sample], list[Sample]]:
    """Run a script that prints seconds, its own start last."""
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    *inside, whole = ((float(seconds), None) for seconds in done.stdout.split())
    return inside, [whole]


def peers(n: int, rounds: int, python: str | None) -> dict[str, list[Sample]]:
    """Measure the same number of runs in MLflow, and the same branch in DVC."""
    found: dict[str, list[Sample]] = {}
    if python:
        quiet = {**os.environ, "MLFLOW_LOGGING_LEVEL": "ERROR"}
        subprocess.run([python, "-c", MLFLOW_FILL.format(n=n)], check=True, env=quiet)
        inside, whole = inner(python, MLFLOW_READ.format(n=n, rounds=rounds))
        found |= {"mlflow.search_runs()": inside, "mlflow.search_runs(), imports too": whole}
    git("clone", "-q", "-b", "experiments/main", ".", "checkout")
    files = sorted(str(p.relative_to("checkout")) for p in Path("checkout").glob("*/runs/*/*/*"))
    metrics = [path for path in files if path.endswith("/metrics.json")]
    dvc = [sys.executable, "-m", "dvc"]
    clone = {"cwd": "checkout", "stderr": subprocess.DEVNULL}
    found["dvc metrics show"] = [wall([*dvc, "metrics", "show", *metrics], **clone)]
    found["dvc exp show"] = [wall([*dvc, "exp", "show", "--no-pager"], **clone)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has mlflow")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rows = []
    for n in options.sizes:
        with fresh_repository() as folder:
            many_runs(folder, n)
            found = ours(n, options.rounds)
            if n == PEERS_AT:
                found |= peers(n, options.rounds, options.peers)
        for name, seconds in found.items():
            passed = [one for one, _ in seconds]
            busy = [one for _, one in seconds if one is not None]
            cells = (statistics.median(passed), min(passed), *([min(busy)] if busy else []))
            rows.append([n, name, *(f"{cell:.3f}" for cell in cells), *([] if busy else [""])])
    table(["runs", "", "median s", "least s", "least s of work"], rows)


if __name__ == "__main__":
    sys.exit(main())
