"""Ending a run beside few and many others: seconds to commit, bytes of git's own a run."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lab import fresh_repository, git, many_runs, table

METRICS = 10


def finish(number: int) -> float:
    """Record one run here and return the seconds that its end took."""
    import gitrack

    settings = {"mode": "offline", "project": "scale", "config": {"lr": 0.1, "seed": number}}
    run = gitrack.init(**settings, id=f"scale-{number}")
    for step in range(20):
        run.log({f"train/metric{i}": 1 / (step + i + 1) for i in range(METRICS)})
    began = time.perf_counter()
    run.finish(quiet=True)
    return time.perf_counter() - began


def add_blobs(number: int) -> float:
    """Commit four small files here, nothing else, and return the seconds."""
    from gitrack.store.branch import Branch
    from gitrack.store.repository import Repository

    folder = f"scale/runs/2026-01-01/bare-{number}"
    files = {f"{folder}/{name}": f"{name} {number}".encode() for name in "abcd"}
    began = time.perf_counter()
    Branch(Repository.around(), "experiments/main").add(files, "Files")
    return time.perf_counter() - began


def metadata() -> float:
    """Return the bytes in the pack, after gc, of commits and trees."""
    git("gc", "-q")
    words = ("--batch-all-objects", "--batch-check=%(objecttype) %(objectsize:disk)")
    sizes = (line.split() for line in git("cat-file", *words).splitlines())
    return sum(int(size) for kind, size in sizes if kind in ("commit", "tree"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    os.environ["GITRACK_SYSTEM_PERIOD"] = "0"
    with fresh_repository() as top, tempfile.TemporaryDirectory() as folders:
        places = {}
        for size in options.sizes:
            places[size] = Path(folders) / str(size)
            git("clone", "-q", str(top), str(places[size]))
            many_runs(places[size], size)
        times: dict[tuple[int, str], list[float]] = {}
        for number in range(options.rounds + 1):
            for size, place in places.items():  # in turn, so that all meet the same machine
                os.chdir(place)
                for name, act in (("end of a run", finish), ("four files", add_blobs)):
                    seconds = act(number)
                    if number:
                        times.setdefault((size, name), []).append(seconds)
        least = min(options.sizes)
        rows = []
        for (size, name), seconds in sorted(times.items(), key=lambda item: item[0][::-1]):
            ours, floor = statistics.median(seconds), statistics.median(times[least, name])
            rows.append([name, size, f"{1000 * ours:.0f}", f"{ours / floor:.2f}"])
        table(["", "runs on the branch", "median ms", f"of that with {least}"], rows)
        rows = []
        for size, place in places.items():
            os.chdir(place)
            count = size + 2 * (options.rounds + 1)
            rows.append([size, f"{metadata() / count:.0f}"])
        print()
        table(["runs on the branch", "bytes of commits and trees a run, after gc"], rows)
        os.chdir(top)


if __name__ == "__main__":
    sys.exit(main())
