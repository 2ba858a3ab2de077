"""Recovery at awkward moments: half-begun runs, several recoverers, branches that move."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest

import gitrack

RECOVER = [sys.executable, "-m", "gitrack", "recover"]
DIE = """
import os, sys, gitrack
gitrack.init(id=sys.argv[1])
gitrack.log({"a": 1})
print(flush=True)
sys.stdin.read()
os._exit(1)
"""
BEGIN = "import gitrack\nprint(flush=True)\ngitrack.init()\nprint(flush=True)\nwhile True: pass"


def recovered():
    done = subprocess.run(RECOVER, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_kill_while_a_run_begins_leaves_a_run_or_nothing(repository, git):
    moments = random.Random(5)
    begun = 0
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", BEGIN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            child.stdout.readline()
            time.sleep(moments.random() * 0.15)
            child.send_signal(signal.SIGKILL)
            begun += child.stdout.read().count(b"\n")
    recovered()
    assert begun <= len(gitrack.runs()) <= 8
    assert set(gitrack.runs()["state"]) <= {"crashed"}
    git(repository, "fsck", "--strict")


def test_a_journal_that_was_never_begun_is_no_run_and_goes_after_a_day(repository):
    empty = repository / ".git" / "gitrack" / "runs" / "r"
    empty.mkdir(parents=True)
    (empty / "journal.jsonl").touch()
    (empty / "lock").touch()
    assert recovered() == ["nothing to recover"]
    assert empty.exists()  # its process may be about to write
    os.utime(empty, (1, 1))
    assert recovered() == ["nothing to recover"]
    assert not empty.exists()


def test_a_living_run_whose_journal_is_still_empty_is_left_alone(begin, repository):
    run = begin()
    folder = repository / ".git" / "gitrack" / "runs" / run.id
    run.settle()
    kept = (folder / "journal.jsonl").read_bytes()
    os.truncate(folder / "journal.jsonl", 0)
    os.utime(folder, (1, 1))
    assert recovered() == ["nothing to recover"]
    (folder / "journal.jsonl").write_bytes(kept)
    run.finish()
    assert list(gitrack.runs()["id"]) == [run.id]


def test_many_who_recover_at_once_commit_each_run_once(repository, git):
    ids = [f"r{number}" for number in range(6)]
    dying = [
        subprocess.Popen(
            [sys.executable, "-c", DIE, run_id], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        for run_id in ids
    ]  # fmt: skip
    for one in dying:  # all alive at once, so that none recovers another
        one.stdout.readline()
    for one in dying:
        one.communicate()
    those = [subprocess.Popen(RECOVER, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    said = "".join(one.communicate()[0] for one in those)
    assert [said.count(f"{run_id}  ") for run_id in ids] == [1] * len(ids)
    assert sorted(gitrack.runs()["id"]) == ids
    assert git(repository, "rev-list", "--count", "experiments/main") == str(len(ids))
    git(repository, "fsck", "--strict")


RIVAL = """
tip=$(git rev-parse refs/heads/experiments/main) &&
new=$(git commit-tree -p "$tip" -m Rival "$tip^{tree}") &&
git update-ref refs/heads/experiments/main "$new" "$tip"
"""


def test_a_branch_that_git_itself_keeps_moving_takes_every_run(repository, python, git):
    python("import gitrack\nwith gitrack.init(id='first') as run: run.log({'a': 0})")
    loop = f"while true; do {RIVAL.strip()} && echo; sleep 0.01; done"
    with subprocess.Popen(
        ["sh", "-c", loop],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as rival:
        rival.stdout.readline()
        source = (
            "import gitrack\nfor n in range(6):\n"
            " with gitrack.init(id=f'r{n}') as run: run.log({'a': n})"
        )
        python(source, timeout=120)
        os.killpg(rival.pid, signal.SIGKILL)
        moved = 1 + rival.stdout.read().count(b"\n")
    recovered_ids = set(gitrack.runs()["id"])
    assert recovered_ids == {"first", *(f"r{n}" for n in range(6))}
    subjects = git(repository, "log", "--format=%s", "experiments/main").splitlines()
    assert subjects.count("Rival") >= moved
    git(repository, "fsck", "--strict")


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGHUP"])
def test_a_scheduler_that_ends_a_training_leaves_its_rows(repository, signal_name):
    # Whoever runs the tests under nohup leaves SIGHUP ignored to all their children.
    source = f"import signal\nsignal.signal(signal.{signal_name}, signal.SIG_DFL)\n"
    source += "import gitrack\nrun = gitrack.init(id='r')\nrun.log({'a': 1})\nprint(flush=True)\n"
    with subprocess.Popen(
        [sys.executable, "-c", source + "while True: pass"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as child:  # fmt: skip
        child.stdout.readline()
        child.send_signal(getattr(signal, signal_name))
        assert child.wait() == -getattr(signal, signal_name)
    recovered()
    assert gitrack.load("r").history()["a"].tolist() == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups of this kind")
def test_an_impatient_ctrl_c_while_a_run_is_committed_loses_nothing(repository, git):
    source = (
        "import gitrack, sys\nrun = gitrack.init(id=sys.argv[1])\nrun.log({'a': 1})\n"
        "print(flush=True)\nrun.finish()\nprint('end', flush=True)"
    )
    moments = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
    for number, moment in enumerate(moments):
        with subprocess.Popen(
            [sys.executable, "-c", source, f"r{number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as child:
            child.stdout.readline()
            time.sleep(moment)
            for _ in range(2):  # the terminal interrupts git as well
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGINT)
                time.sleep(0.02)
            rest = child.stdout.read()
            assert child.wait() in (0, 1, 130, -signal.SIGINT)
            assert rest in (b"", b"end\n")
    recovered()
    frame = gitrack.runs()
    assert sorted(frame["id"]) == [f"r{number}" for number in range(len(moments))]
    assert set(frame["rows"]) == {1}
    assert not list((repository / ".git" / "gitrack" / "runs").iterdir())
    git(repository, "fsck", "--strict")
