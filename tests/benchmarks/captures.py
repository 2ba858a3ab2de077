"""What a training pays for being recorded with all captures on: 1,000 steps of 5 ms."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lab import fresh_repository, table

STEPS, SLEEP = 1_000, 0.005
LOOP = """
import time
{begin}
began = time.perf_counter()
for step in range({steps}):
    time.sleep({sleep})
    {log}
held = time.perf_counter() - began
{end}
print("HELD", held)
"""
ROW = "{'loss': 1.0 / (step + 1), 'acc': step * 1e-3, 'lr': 0.1}"
WAYS = {
    "bare loop": ("", "pass", ""),
    "json + write": (
        "import json\nfile = open('rows.jsonl', 'w')",
        f"file.write(json.dumps({ROW}) + chr(10)); file.flush()",
        "file.close()",
    ),
    "gitrack": (
        "import gitrack\nrun = gitrack.init(project='bench', config={'lr': 0.1})",
        f"run.log({ROW})",
        "run.finish()",
    ),
    "wandb offline": (
        "import wandb\nrun = wandb.init(project='bench', mode='offline', config={'lr': 0.1})",
        f"run.log({ROW})",
        "run.finish()",
    ),
    "trackio": (
        "import trackio\nrun = trackio.init(project='bench', config={'lr': 0.1})",
        f"trackio.log({ROW})",
        "trackio.finish()",
    ),
}


def once(way: str, python: str) -> tuple[float, float, float]:
    """Return seconds in the loop, of the whole process, and of processor, its children's too."""
    begin, log, end = WAYS[way]
    code = LOOP.format(begin=begin, log=log, end=end, steps=STEPS, sleep=SLEEP)
    environ = {**os.environ, "TRACKIO_DIR": str(Path.cwd() / "trackio")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled once
    began = time.perf_counter()
    process = subprocess.Popen(
        [python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    )
    out = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = status
    held = [float(line.split()[1]) for line in out.splitlines() if line.startswith("HELD")]
    return held[0] if held else float("nan"), wall, used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has trackio and wandb")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ways = list(WAYS) if options.peers else ["bare loop", "json + write", "gitrack"]
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    with fresh_repository():
        Path("train.py").write_text("print('a dirty tree has a snapshot')\n")
        for _ in range(options.rounds):
            for way in ways:
                python = options.peers if way in ("wandb offline", "trackio") else sys.executable
                found[way].append(once(way, python))
    bare = [statistics.median(column) for column in zip(*found["bare loop"], strict=True)]
    rows = []
    for way in ways:
        held, wall, cpu = (statistics.median(column) for column in zip(*found[way], strict=True))
        rows.append(
            [
                way,
                f"{held:.3f}",
                f"{100 * (held / bare[0] - 1):+.1f} %",
                f"{wall:.2f}",
                f"{cpu:.2f}",
                f"{cpu - bare[2]:+.2f}",
            ]
        )
    table(["", "loop s", "beyond bare", "process s", "cpu s", "beyond bare"], rows)


if __name__ == "__main__":
    sys.exit(main())
