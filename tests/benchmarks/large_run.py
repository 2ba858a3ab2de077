"""Memory while logging, and the end, of a run of a million rows and of one of 5,000 metrics."""

import subprocess
import sys

from lab import fresh_repository, table

RUN = """
import resource, sys, time, psutil, gitrack
rows, metrics = int(sys.argv[1]), int(sys.argv[2])
names = [f"metric/{number:04d}" for number in range(metrics)]
run = gitrack.init(project="bench")
run.log(dict.fromkeys(names, 0.5))
time.sleep(2)
process = psutil.Process()
before = process.memory_info().rss
began = time.perf_counter()
for step in range(rows):
    run.log({name: step * 0.1 for name in names})
logged = time.perf_counter() - began
grown = process.memory_info().rss - before
began = time.perf_counter()
run.finish()
ended = time.perf_counter() - began
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(f"{logged:.1f} {grown / 1e6:.1f} {ended:.1f} {most:.0f}")
"""


def main() -> None:
    rows = []
    with fresh_repository():
        for count, metrics in ((1_000_000, 3), (1_000, 5_000)):
            words = [sys.executable, "-c", RUN, str(count), str(metrics)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            rows.append([f"{count:,}", f"{metrics:,}", *done.stdout.split()])
    table(["rows", "metrics", "logging s", "memory grown MB", "finish s", "most memory MB"], rows)


if __name__ == "__main__":
    sys.exit(main())
