"""Clones that record, push and pull at once to one remote, with pushers killed at random."""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = """
import os, sys, gitrack
from pathlib import Path
for number in range(int(sys.argv[2])):
    with gitrack.init(project="team", id=f"{sys.argv[1]}-{number}") as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1)})
        weights = Path(run.dir, "weights.bin")
        weights.write_bytes(os.urandom(int(sys.argv[3])))
        run.save(weights, policy="end")
"""
PUSHER = """
import subprocess, sys
while True:
    subprocess.run([sys.executable, "-m", "gitrack", "push"])
    subprocess.run([sys.executable, "-m", "gitrack", "pull"])
"""
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
STALE = 61  # seconds after which a killed git's lock counts for nothing


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=int, default=3)
    parser.add_argument("--processes", type=int, default=16, help="in all clones together")
    parser.add_argument("--runs", type=int, default=20, help="of each process")
    parser.add_argument("--megabytes", type=float, default=2, help="of data that DVC keeps, a run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gitrack-team-") as folder:
        work(Path(folder), options)


def work(top: Path, options: argparse.Namespace) -> None:
    remote, seed = top / "remote.git", top / "seed"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", remote], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", seed], check=True)
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(seed, *person, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(seed, "push", "-q", str(remote), "main")
    clones = [top / f"clone{number}" for number in range(options.clones)]
    for clone in clones:
        subprocess.run(["git", "clone", "-q", remote, clone], check=True)

    os.environ["GITRACK_DATA_REMOTE"] = str(top / "data")
    size = int(options.megabytes * 1e6)
    began = time.perf_counter()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, f"w{number}", str(options.runs), str(size)],
            cwd=clones[number % len(clones)],
            **QUIET,
        )
        for number in range(options.processes)
    ]
    pushers = {clone: pusher_in(clone) for clone in clones}
    kills = 0
    while any(writer.poll() is None for writer in writers):
        time.sleep(random.uniform(0.5, 2))
        clone = random.choice(clones)
        os.killpg(pushers[clone].pid, signal.SIGKILL)
        pushers[clone].wait()
        kills += 1
        pushers[clone] = pusher_in(clone)
    recorded = time.perf_counter() - began
    for pusher in pushers.values():
        os.killpg(pusher.pid, signal.SIGKILL)
        pusher.wait()
    locks = [lock for place in (top,) for lock in place.rglob("refs/**/*.lock")]
    left = len(locks)
    if left:
        time.sleep(STALE)

    began = time.perf_counter()
    last = [
        subprocess.run([sys.executable, "-m", "gitrack", "push"], cwd=clone, check=False, **QUIET)
        for clone in clones
    ]
    pushed = time.perf_counter() - began
    paths = git(remote, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    found = sum(path.endswith("/run.json") for path in paths)
    for place in (remote, *clones):
        git(place, "fsck", "--strict", "--no-dangling")
    # A new clone has nothing but what the remotes hold.
    fresh = top / "fresh"
    subprocess.run(["git", "clone", "-q", remote, fresh], check=True)
    gitrack = [sys.executable, "-m", "gitrack"]
    fetched = subprocess.run([*gitrack, "pull", "--data"], cwd=fresh, check=False, **QUIET)
    checked = subprocess.run([*gitrack, "fsck"], cwd=fresh, check=False, capture_output=True)
    objects = sum(
        path.stat().st_size == size for path in (top / "data").rglob("*") if path.is_file()
    )
    rows = (
        ("runs on the remote", f"{found} of {options.processes * options.runs}"),
        ("pushers killed", str(kills)),
        ("locks of refs that they left", str(left)),
        ("exit codes of the writers", str(sorted({writer.returncode for writer in writers}))),
        ("exit codes of the last pushes", str([one.returncode for one in last])),
        ("seconds while all recorded", f"{recorded:.1f}"),
        ("seconds of the last pushes", f"{pushed:.1f}"),
        (
            "merges on the branch",
            git(remote, "rev-list", "--merges", "--count", "experiments/main"),
        ),
        ("git fsck", f"clean in {1 + len(clones)} repositories"),
        ("data objects on the remote", f"{objects} of {options.processes * options.runs}"),
        ("exit code of pull --data, new clone", str(fetched.returncode)),
        (
            "gitrack fsck there",
            f"{checked.returncode}: {checked.stdout.decode().splitlines()[-1:]}",
        ),
    )
    for name, value in rows:
        print(f"{name:38}{value}")


def pusher_in(clone: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-c", PUSHER]
    return subprocess.Popen(words, cwd=clone, start_new_session=True, **QUIET)


if __name__ == "__main__":
    main()
