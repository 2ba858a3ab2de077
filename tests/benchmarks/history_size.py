"""Bytes a logged value takes on the branch: 10,000 steps of 10 noisy metrics, after git's gc."""

import math
import random

from lab import fresh_repository, git, table

STEPS, METRICS = 10_000, 10


def main() -> None:
    import gitrack

    noise = random.Random(0)
    with fresh_repository():
        with gitrack.init(project="bench") as run:
            for step in range(STEPS):
                fall = math.exp(-step / 3000)
                run.log(
                    {f"metric/{i}": fall * (i + 1) + noise.gauss(0, 0.05) for i in range(METRICS)}
                )
        git("gc", "--quiet", "--prune=now")
        path = next(
            line
            for line in git("ls-tree", "-r", "--name-only", "experiments/main").splitlines()
            if line.endswith("history.parquet")
        )
        oid = git("rev-parse", f"experiments/main:{path}").strip()
        objects = git("rev-list", "--objects", "--no-object-names", "experiments/main").split()
        on_disk = 0
        for one in objects:
            on_disk += _size(one)
        table(
            ["", "bytes", "a value"],
            [
                ["history.parquet in the pack", _size(oid), f"{_size(oid) / STEPS / METRICS:.2f}"],
                ["the whole branch in the pack", on_disk, f"{on_disk / STEPS / METRICS:.2f}"],
            ],
        )


def _size(oid: str) -> int:
    import subprocess

    check = ["git", "cat-file", "--batch-check=%(objectsize:disk)"]
    return int(subprocess.run(check, input=oid, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
