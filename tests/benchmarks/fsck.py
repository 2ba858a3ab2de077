"""Checking a branch of many runs, beside ``git fsck`` on the same objects."""

import argparse
import json
import resource
import subprocess
import sys
import time

from lab import fresh_repository, git, table

RUN = """
import gitrack
with gitrack.init(project="many", id="first", config={"lr": 0.1, "model": {"depth": 3}}) as run:
    for step in range(500):
        run.log({"loss": 1 / (step + 1), "val/acc": step / 500, "epoch": step // 50})
"""
FILL = """
import json, sys
from gitrack.store.branch import Branch
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
reader = Reader(Repository.around())
record = reader.find("first")
names = list(record.blobs)
files = dict(zip(names, reader.read(record, *names)))
run = json.loads(files["run.json"])
day = record.path.rpartition("/")[0]
branch = Branch(reader.repository, "experiments/main")
for start in range(1, int(sys.argv[1]), 100):
    batch = {}
    for number in range(start, min(start + 100, int(sys.argv[1]))):
        own = {**files, "run.json": json.dumps({**run, "id": f"r{number}"}).encode()}
        own["params.yaml"] += b"seed: %d\\n" % number
        batch |= {f"{day}/r{number}/{name}": content for name, content in own.items()}
    branch.add(batch, "Runs")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    options = parser.parse_args()
    with fresh_repository():
        subprocess.run([sys.executable, "-c", RUN], check=True, capture_output=True)
        words = [sys.executable, "-c", FILL, str(options.runs)]
        subprocess.run(words, check=True)
        git("gc", "-q")
        rows = []
        for what, words in (
            ("git fsck", ["git", "fsck", "--full", "--no-dangling"]),
            ("gitrack fsck", [sys.executable, "-m", "gitrack", "fsck", "--json"]),
            (
                "gitrack fsck --signatures",
                [sys.executable, "-m", "gitrack", "fsck", "--signatures", "--json"],
            ),
        ):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            began = time.perf_counter()
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - began
            cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            found = json.loads(done.stdout)["runs"] if what.startswith("gitrack") else ""
            rows.append((what, found, f"{seconds:.2f}", f"{cpu:.2f}"))
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    table(("command", "runs", "wall s", "cpu s"), rows)
    print(f"largest process: {most:.0f} MB")


if __name__ == "__main__":
    main()
