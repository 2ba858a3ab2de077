"""Pushes in the background: batched, tried again, logged, and never in the way."""

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from gitrack.record import online
from gitrack.record.online import failed_push, push_beside, push_waiting
from gitrack.store.repository import Repository

SCRIPT = """
import os, sys, gitrack
with gitrack.init(id=sys.argv[1], mode="online") as run:
    run.log({"a": 1})
if "kill" in sys.argv:
    os.kill(os.getpid(), 9)
"""


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


@pytest.fixture
def remote(repository, git, clean):
    git(clean, "init", "-q", "--bare", clean / "remote.git")
    git(repository, "remote", "add", "origin", clean / "remote.git")
    return clean / "remote.git"


@pytest.fixture
def own(repository):
    folder = repository / ".git" / "gitrack"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def idle(own, monkeypatch):
    """Wait for no clock."""
    slept = []
    monkeypatch.setattr(online, "time", SimpleNamespace(**{**vars(time), "sleep": slept.append}))
    return slept


def test_a_run_that_is_online_arrives_though_its_process_was_killed(remote, python, git, own):
    python(SCRIPT, "r", "kill", check=False)
    until(lambda: "experiments/main" in git(remote, "for-each-ref"))
    assert git(remote, "ls-tree", "-r", "--name-only", "experiments/main").count("run.json") == 1
    until(lambda: "sent experiments/main to origin" in (own / "push.log").read_text())


def test_a_run_without_a_remote_is_recorded_and_the_next_command_says_why(repository, python, own):
    python(SCRIPT, "r")
    until((own / "push.json").exists)
    words = [sys.executable, "-m", "gitrack", "ls"]
    first = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "the last push in the background failed" in first.stderr
    assert "'origin' is no remote here" in first.stderr
    assert first.stderr.count("\n") == 1
    assert first.stdout.split()[-1]
    again = subprocess.run(words, capture_output=True, text=True, check=True)
    assert again.stderr == ""


def test_runs_that_end_while_a_push_goes_on_start_no_second_process(repository, own):
    place = Repository.around()
    with online._only_pusher(own) as free:
        assert free
        for _ in range(5):
            push_beside(place)
    assert (own / "push.wanted").exists()
    assert not (own / "push.log").exists()


def test_what_was_asked_meanwhile_goes_in_one_push_ten_seconds_later(
    remote, begin, own, idle, monkeypatch
):
    pushes = []
    push = online.push

    def push_and_be_asked(*words, **options):
        pushes.append(words)
        if len(pushes) == 1:
            for _ in range(3):
                push_beside(Repository.around())
        return push(*words, **options)

    monkeypatch.setattr(online, "push", push_and_be_asked)
    (own / "push.wanted").touch()
    push_waiting(Repository.around())
    assert len(pushes) == 2
    assert 5 < idle[1] <= 10
    assert not (own / "push.wanted").exists()


def test_a_network_that_is_down_is_tried_again_later_and_later_and_then_left(
    repository, git, own, idle
):
    git(repository, "remote", "add", "origin", "http://127.0.0.1:9/lab.git")
    (own / "push.wanted").touch()
    push_waiting(Repository.around())
    waits = [seconds for seconds in idle if seconds > 10]
    assert waits == [20, 40, 80, 160, 300]
    assert "onnect" in json.loads((own / "push.json").read_text())["error"]
    assert failed_push(Repository.around()).count("\n") == 0
    assert failed_push(Repository.around()) is None


def test_a_refusal_is_not_tried_again(remote, begin, own, idle, git):
    with begin(id="r") as run:
        run.log({"a": 1})
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho over quota; exit 1\n")
    hook.chmod(0o755)
    (own / "push.wanted").touch()
    push_waiting(Repository.around())
    assert "over quota" in failed_push(Repository.around())
    hook.unlink()
    (own / "push.wanted").touch()
    push_waiting(Repository.around())
    assert failed_push(Repository.around()) is None
    assert "experiments/main" in git(remote, "for-each-ref")


def test_the_log_stays_bounded_and_keeps_its_end(remote, own, idle):
    log = own / "push.log"
    log.write_text("an old line\n" * 50_000 + "the newest line\n")
    with log.open("ab") as appended:
        (own / "push.wanted").touch()
        push_waiting(Repository.around())
        appended.write(b"after\n")
    assert log.stat().st_size < 200_000
    assert log.read_text().endswith("the newest line\nafter\n")
    assert log.read_text().startswith("an old line\n")


def test_the_background_asks_nobody(repository, git, own, idle, clean, monkeypatch):
    seen = clean / "seen"
    program = clean / "ssh"
    program.write_text(f'#!/bin/sh\necho "$GIT_TERMINAL_PROMPT $@" > {seen}\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{program} -i key")
    git(repository, "remote", "add", "origin", "ada@lab.example:runs.git")
    (own / "push.wanted").touch()
    push_waiting(Repository.around())
    said = seen.read_text()
    assert said.startswith("0 -i key")
    assert "ConnectTimeout" in said
    assert "BatchMode=yes" in said
    assert os.environ["GIT_SSH_COMMAND"] == f"{program} -i key"
