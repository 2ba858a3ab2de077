"""What the files for git hosts cost: bytes a run in the pack after git's gc, and time."""

import math
import os
import random
import statistics
import time

from lab import fresh_repository, git, table

RUNS, STEPS, METRICS = 40, 200, 8


def measure(wanted: str) -> tuple[float, float]:
    """Return bytes a run, but for its Parquet, and the mean CPU seconds of `finish`."""
    import gitrack

    os.environ["GITRACK_RUN_README"] = wanted
    noise = random.Random(0)
    seconds = []
    with fresh_repository():
        for number in range(RUNS):
            run = gitrack.init(project="bench", config={"lr": number / 10, "seed": number})
            for step in range(STEPS):
                fall = math.exp(-step / 60)
                run.log({f"metric/{i}": fall + noise.gauss(0, 0.05) for i in range(METRICS)})
            began = sum(os.times()[:4])  # git's own too
            run.finish()
            seconds.append(sum(os.times()[:4]) - began)
        git("gc", "--quiet", "--prune=now")
        size = 0
        words = ("rev-list", "--objects", "experiments/main")
        for line in git(*words).splitlines():
            oid, _, path = line.partition(" ")
            if not path.endswith(".parquet"):
                size += _size(oid)
    return size / RUNS, statistics.mean(seconds)


def _size(oid: str) -> int:
    import subprocess

    check = ["git", "cat-file", "--batch-check=%(objectsize:disk)"]
    return int(subprocess.run(check, input=oid, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    from gitrack.model.run import Run, State
    from gitrack.record.readme import readme_files
    from gitrack.store.history import HistoryBuilder

    rows = []
    for wanted in ("false", "true"):
        size, seconds = measure(wanted)
        rows.append([f"run_readme = {wanted}", f"{size:,.0f}", f"{seconds * 1000:.0f}"])
    table(["", "bytes a run without Parquet", "ms of CPU in finish"], rows)
    history = HistoryBuilder()
    for step in range(100_000):
        history.add(step, 0.0, 0.0, {f"metric/{i}": math.sin(step) for i in range(METRICS)})
    run = Run("r", "p", "r", State.FINISHED, 0.0)
    summary = {f"metric/{i}": 1.0 for i in range(METRICS)}
    began = time.process_time()
    files = readme_files(run, {"lr": 0.1}, summary, history)
    print(
        f"of {100_000:,} rows x {METRICS}: {(time.process_time() - began) * 1000:.0f} ms of CPU, "
        f"{sum(map(len, files.values())):,} bytes"
    )


if __name__ == "__main__":
    main()
