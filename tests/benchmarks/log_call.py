"""The cost of a ``log`` call, beside the floor: ``json.dumps``, ``write``, ``flush``."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lab import fresh_repository, table

CALLS = 10_000
SETTLE = 1.0  # seconds until what is captured beside a run has been captured

PEERS = {
    "trackio": "import trackio as peer; peer.init(project='bench')",
    "wandb offline": "import wandb as peer; peer.init(project='bench', mode='offline')",
}
PEER_LOOP = """
import statistics, sys, time
{begin}
row = {{f"metric/{{i}}": 0.123456789 * (i + 1) for i in range({metrics})}}
times = []
for _ in range({calls}):
    data = dict(row)
    began = time.perf_counter_ns()
    peer.log(data)
    times.append(time.perf_counter_ns() - began)
print("median", statistics.median(times) / 1e3)
peer.finish()
"""


def interleaved(metrics: int) -> tuple[float, float]:
    """Return the medians of the floor and of gitrack, in microseconds, call by call in turn."""
    import gitrack

    row = {f"metric/{i}": 0.123456789 * (i + 1) for i in range(metrics)}
    floor, ours = [], []
    with gitrack.init(project="bench"), Path("floor.jsonl").open("w") as file:
        time.sleep(SETTLE)
        for step in range(CALLS):
            data = dict(row)
            began = time.perf_counter_ns()
            file.write(json.dumps({"_step": step, "_timestamp": time.time(), **data}) + "\n")
            file.flush()
            floor.append(time.perf_counter_ns() - began)
            data = dict(row)
            began = time.perf_counter_ns()
            gitrack.log(data)
            ours.append(time.perf_counter_ns() - began)
    return statistics.median(floor) / 1e3, statistics.median(ours) / 1e3


def peer(python: str, begin: str, metrics: int) -> str:
    code = PEER_LOOP.format(begin=begin, metrics=metrics, calls=CALLS)
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("median")]
    return f"{float(found[0].split()[1]):.1f}" if found else "failed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has trackio and wandb")
    options = parser.parse_args()
    rows = []
    with fresh_repository():
        for metrics in (1, 10):
            floor, ours = interleaved(metrics)
            rows.append([metrics, "floor", f"{floor:.2f}", ""])
            rows.append([metrics, "gitrack", f"{ours:.2f}", f"{ours / floor:.2f} of the floor"])
            for name, begin in PEERS.items() if options.peers else ():
                rows.append([metrics, name, peer(options.peers, begin, metrics), ""])
    table(["metrics", "", "median µs a call", ""], rows)


if __name__ == "__main__":
    sys.exit(main())
