"""``kill -9`` and full disks: what had returned is on the branch."""

import random
import signal
import subprocess
import sys
import time

import gitrack

ENDLESS = """
import itertools, os, sys, gitrack
gitrack.init(id=sys.argv[1], config={"n": 1})
for n in itertools.count():
    gitrack.log({"n": n, "x": n / 7})
    os.write(1, b"%d\\n" % n)
"""


def test_every_row_whose_call_had_returned_survives_a_kill(repository, git):
    moments = random.Random(3)
    returned = {}
    for number in range(5):
        run_id = f"k{number}"
        with subprocess.Popen(
            [sys.executable, "-c", ENDLESS, run_id], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as child:  # fmt: skip
            first = child.stdout.readline()
            time.sleep(moments.random() * 0.4)
            child.send_signal(signal.SIGKILL)
            returned[run_id] = (first + child.stdout.read()).count(b"\n")
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    for run_id, calls in returned.items():
        loaded = gitrack.load(run_id)
        assert loaded.run.state == "crashed"
        assert loaded.config == {"n": 1}
        history = loaded.history()
        assert calls <= len(history) <= calls + 1
        assert history["n"].tolist() == list(range(len(history)))
        assert history["x"].tolist() == [n / 7 for n in range(len(history))]
    git(repository, "fsck", "--strict")


def test_a_kill_during_the_commit_leaves_a_whole_run(repository, git):
    source = (
        "import gitrack\nwith gitrack.init(id='r') as run:\n run.log({'a': 1})\n print(flush=True)"
    )
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        with subprocess.Popen(
            [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            child.stdout.readline()
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    found = gitrack.runs()
    assert len(found) == 5
    assert set(found["rows"]) == {1}
    git(repository, "fsck", "--strict")


FULL = """
import os, resource, sys, gitrack
run = gitrack.init(id="full")
run.log({"n": 0})
size = sum(f.stat().st_size for f in os.scandir(".git/gitrack/runs/full"))
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for n in range(1, 200):
    if n == 50:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2000, hard))
    if n == sum(map(int, sys.argv[1:])):
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    run.log({"n": n, "text": "x" * 40})
print("trained")
"""


def test_rows_wait_while_the_disk_is_full_and_are_kept_when_there_is_space(repository, python):
    done = python(FULL, "150")
    assert done.stdout == "trained\n"
    assert done.stderr.count("rows wait in memory") == 1
    assert gitrack.load("full").history()["n"].tolist() == list(range(200))


def test_a_disk_that_stays_full_does_not_end_the_training(repository, python):
    done = python(FULL)
    assert done.stdout == "trained\n"
    assert "Traceback" not in done.stderr
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    kept = gitrack.load("full").history()["n"].tolist()
    assert len(kept) >= 50
    assert kept == list(range(len(kept)))
