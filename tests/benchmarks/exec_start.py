"""What ``gitrack exec`` adds to a script's start, and what ``import wandb`` costs under it."""

import os
import statistics
import subprocess
import sys
import time

from lab import fresh_repository, table

from gitrack.interop.standin.place import environment_with_front

ROUNDS = 21
EXEC = [sys.executable, "-m", "gitrack", "exec", "--"]
INIT = "import wandb; wandb.init(mode='disabled').log({'loss': 1})"
CASES = (
    ("python -c pass", [sys.executable, "-c", "pass"], None),
    ("gitrack exec -- python -c pass", [*EXEC, sys.executable, "-c", "pass"], None),
    ("import wandb, in front already", [sys.executable, "-c", "import wandb"], True),
    ("gitrack exec -- import wandb", [*EXEC, sys.executable, "-c", "import wandb"], None),
    ("the same, init(mode='disabled'), log", [*EXEC, sys.executable, "-c", INIT], None),
)


def wall(words: list[str], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, check=True, env=environ)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name, _, _ in CASES}
    with fresh_repository():
        plain = dict(os.environ)
        front = environment_with_front(plain)
        for _ in range(ROUNDS):  # in turns, so that a busy moment is every case's
            for name, words, in_front in CASES:
                times[name].append(wall(words, front if in_front else plain))
    floor = statistics.median(times["python -c pass"])
    rows = []
    for name, found in times.items():
        middle = statistics.median(found)
        rows.append([name, f"{middle:.0f}", f"{middle - floor:+.0f}", f"{min(found):.0f}"])
    table(["", "median ms", "over the floor", "least"], rows)


if __name__ == "__main__":
    main()
