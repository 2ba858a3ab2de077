"""
A review of 1,000 runs, beside listing them: both read every record, and one compares them.

``sweep`` is a head of as many configurations as runs, which is the most work to match; ``seeds``
leaves a dozen configurations, which is the most to test.

Beside the seconds that passed stand those that the processors worked, which a busy machine
stretches less.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab import fresh_repository, git, many_runs, table

CACHE = Path(".git/gitrack/cache/records.json")
LS = [sys.executable, "-m", "gitrack", "ls", "--json"]
REVIEW = [sys.executable, "-m", "gitrack", "review", "--base", "main", "--head", "x"]
SEEDS = ("lr", "depth", "batch_size", "dropout")


def sample(words: Sequence[str], *, cold: bool) -> tuple[float, float]:
    """Return the seconds that passed, and those that processors worked, git's included."""
    if cold:
        CACHE.unlink(missing_ok=True)
    before, began = worked(), time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began, worked() - before


def worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = []
    for kind, seeds in (("sweep", ()), ("seeds", SEEDS)):
        with fresh_repository() as folder:
            many_runs(folder, options.runs, branch="experiments/x")
            half = f"experiments/x~{options.runs // 2}"
            git("branch", "experiments/main", half)
            quoted = ", ".join(f'"{seed}"' for seed in seeds)
            (folder / "gitrack.toml").write_text(f"[review]\nseed_keys = [{quoted}]\n")
            for name, words in (("gitrack ls --json", LS), ("gitrack review", REVIEW)):
                for cold in (True, False):
                    found = [sample(words, cold=cold) for _ in range(options.rounds)]
                    passed, busy = zip(*found, strict=True)
                    what = f"{name}, {'no cache' if cold else 'again'}"
                    figures = (statistics.median(passed), min(passed), min(busy))
                    rows.append([options.runs, kind, what, *(f"{one:.2f}" for one in figures)])
    table(["runs", "", "", "median s", "least s", "least s of work"], rows)


if __name__ == "__main__":
    sys.exit(main())
