"""Wall time of a whole process: begin a run, log one value, end; for gitrack: committed."""

import argparse
import statistics
import subprocess
import sys
import time

from lab import fresh_repository, git, table

ROUNDS = 15
OURS = "import gitrack as t; t.init(project='bench'); t.log({'a': 1.0}); t.finish()"
PEERS = {
    "trackio": OURS.replace("gitrack", "trackio"),
    "wandb offline": OURS.replace("gitrack", "wandb").replace("')", "', mode='offline')"),
}


def wall(python: str, code: str) -> float:
    began = time.perf_counter()
    subprocess.run([python, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has trackio and wandb")
    options = parser.parse_args()
    commands = {"gitrack": (sys.executable, OURS)}
    if options.peers:
        commands |= {name: (options.peers, code) for name, code in PEERS.items()}
    times: dict[str, list[float]] = {name: [] for name in commands}
    with fresh_repository():
        for one_round in range(ROUNDS + 1):
            for name, (python, code) in commands.items():
                seconds = wall(python, code)
                if one_round:  # the first fills caches
                    times[name].append(seconds)
        committed = len(git("log", "--format=%h", "experiments/main").split())
    table(
        ["", "median s", "min", "max"],
        [
            [name, f"{statistics.median(all_of):.3f}", f"{min(all_of):.3f}", f"{max(all_of):.3f}"]
            for name, all_of in times.items()
        ],
    )
    print(f"gitrack committed {committed} of {ROUNDS + 1} runs")


if __name__ == "__main__":
    main()
