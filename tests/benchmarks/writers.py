"""Processes that record into one repository at once."""

import argparse
import subprocess
import sys
import time

from lab import fresh_repository, git

CHILD = """
import sys, gitrack
for number in range(int(sys.argv[2])):
    with gitrack.init(project="writers", id=f"w{sys.argv[1]}-{number}") as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1)})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    with fresh_repository():
        began = time.perf_counter()
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(number), str(options.runs)],
                stderr=subprocess.DEVNULL,
            )
            for number in range(options.processes)
        ]
        codes = [child.wait() for child in children]
        seconds = time.perf_counter() - began
        paths = git("ls-tree", "-r", "--name-only", "experiments/main").splitlines()
        found = sum(path.endswith("/run.json") for path in paths)
        git("fsck", "--strict")
    wanted = options.processes * options.runs
    print(
        f"{found} of {wanted} runs in {seconds:.1f} s, exit codes {sorted(set(codes))}, fsck clean"
    )


if __name__ == "__main__":
    main()
