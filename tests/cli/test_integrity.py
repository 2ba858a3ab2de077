"""``gitrack fsck``, ``doctor`` and ``gc`` at the command line."""

import json
import os
import subprocess
import sys

import pytest

from gitrack.cli.main import main


@pytest.fixture
def lab(begin, repository):
    """Record one run."""
    with begin(project="p", id="r1") as run:
        run.log({"loss": 1.0})
    return repository


def damage(git, folder):
    """Put a file that is no run record in the place of one."""
    path = next(
        path
        for path in git(folder, "ls-tree", "-r", "--name-only", "experiments/main").split()
        if path.endswith("run.json")
    )
    from gitrack.store.branch import Branch
    from gitrack.store.repository import Repository

    Branch(Repository.around(folder), "experiments/main").add({path: b"{"}, "Damage")
    return path


def test_fsck_says_that_all_is_well(lab, capsys):
    assert main(["fsck"]) == 0
    assert capsys.readouterr().out == "1 runs: all is well\n"


def test_fsck_names_what_is_wrong_and_exits_with_1_until_it_is_repaired(lab, git, capsys):
    path = damage(git, lab)
    assert main(["fsck"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f"error: experiments/main: {path}: is no run record")
    assert "  → gitrack fsck --repair" in said.out
    assert said.err == "gitrack: 1 error in what is recorded\n"
    assert main(["fsck", "--repair"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"experiments/main: {path}: restored from ")
    assert said[-1] == "1 runs: all is well"


def test_fsck_prints_json(lab, git, capsys):
    damage(git, lab)
    assert main(["fsck", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["runs"] == 1
    (one,) = found["findings"]
    assert (one["severity"], one["kind"], one["run"]) == ("error", "format", "r1")


def test_fsck_leaves_a_run_that_waits_until_it_is_told_to_repair(lab, python, capsys):
    script = "import gitrack, os\nrun = gitrack.init(project='p', id='lost')\nrun.log({'a': 1})\n"
    python(f"{script}os._exit(1)", cwd=lab, check=False)
    assert main(["fsck"]) == 0
    assert "lost: a run whose process is gone waits" in capsys.readouterr().out
    assert main(["fsck", "--repair"]) == 0
    assert "committed the run lost that waited: 1 rows" in capsys.readouterr().out


def test_fsck_of_nothing_recorded_is_no_error(repository, capsys):
    assert main(["fsck"]) == 0
    assert capsys.readouterr().out == "0 runs: all is well\n"


def test_a_folder_that_is_not_there_is_one_line(lab, capsys):
    for command in ("fsck", "doctor", "gc"):
        assert main([command, "-C", "nowhere"]) == 1
        assert capsys.readouterr().err == "gitrack: nowhere: no such folder\n"


@pytest.mark.parametrize("words", [["--keep", "-1"], ["--keep", "nan"], ["--artifacts", "0"]])
def test_gc_refuses_what_cannot_be_meant(lab, capsys, words):
    assert main(["gc", *words]) == 1
    assert "at least" in capsys.readouterr().err


def test_gc_shows_first_and_frees_with_yes(lab, capsys):
    cache = lab / ".git/gitrack/cache/site.json"
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("x" * 1500)
    assert main(["gc"]) == 0
    assert "could be freed: gitrack gc --yes" in capsys.readouterr().out
    assert cache.exists()
    assert main(["gc", "--json", "--yes"]) == 0
    assert json.loads(capsys.readouterr().out)["freed"] is True
    assert not cache.exists()
    assert main(["gc"]) == 0
    assert capsys.readouterr().out == "nothing to free\n"


def facts(capsys):
    capsys.readouterr()
    assert main(["doctor", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def about(found, topic):
    return [one for one in found if one["topic"] == topic]


def test_doctor_tells_what_is_pushed_and_what_is_not(lab, git, clean, begin, capsys):
    found = facts(capsys)
    assert about(found, "branches")[0]["what"] == "experiments/main: 1 runs, on no remote"
    assert about(found, "remote")[0]["hint"] == "git remote add origin …"
    git(clean, "init", "-q", "--bare", clean / "remote.git")
    git(lab, "remote", "add", "origin", clean / "remote.git")
    git(lab, "push", "-q", "origin", "experiments/main")
    with begin(project="p") as run:
        run.log({"loss": 1.0})
    found = facts(capsys)
    (branch,) = about(found, "branches")
    assert branch["what"] == "experiments/main: 1 commits with 1 new runs not pushed"
    assert branch["hint"] == "gitrack push"
    assert about(found, "remote")[0]["what"].endswith("answers")
    git(lab, "remote", "set-url", "origin", clean / "gone.git")
    assert about(facts(capsys), "remote")[0]["hint"] == "git fetch origin tells why"


def test_doctor_shows_no_secret(lab, git, monkeypatch, capsys):
    git(lab, "remote", "add", "origin", "https://ada:hunter2@localhost:1/x.git")
    monkeypatch.setenv("GITRACK_ALERT_WEBHOOK", "https://hooks.example.org/hunter2")
    monkeypatch.setenv("GITRACK_DATA_REMOTE", "https://ada:hunter2@localhost:1/data")
    found = facts(capsys)
    assert "hunter2" not in json.dumps(found)
    settings = {one["what"] for one in about(found, "setting")}
    assert "alert_webhook = … (GITRACK_ALERT_WEBHOOK)" in settings
    assert 'data_remote = "https://localhost:1/data" (GITRACK_DATA_REMOTE)' in settings


def test_doctor_tells_of_the_kind_of_repository_and_of_what_bites(lab, git, clean, capsys):
    (lab / "gitrack.toml").write_text('mode = "loud"\n')
    (lab / ".git/hooks/pre-push").write_text("#!/bin/sh\nexit 1\n")
    git(lab, "config", "--unset", "user.name", check=False)
    (clean / "home" / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n")
    found = facts(capsys)
    assert "expected one of online" in about(found, "setting")[0]["what"]
    assert "pre-push" in about(found, "hooks")[0]["what"]
    assert "git config --global user.name" in about(found, "identity")[0]["hint"]
    assert f"{lab}" in about(found, "repository")[0]["what"]


def test_doctor_tells_of_a_clock_that_is_ahead(lab, git, capsys):
    tree = git(lab, "rev-parse", "experiments/main^{tree}")
    environ = {**os.environ, "GIT_COMMITTER_DATE": "@4102444800 +0000"}
    commit = git(lab, "commit-tree", tree, "-p", "experiments/main", "-m", "Late", env=environ)
    git(lab, "update-ref", "refs/heads/experiments/main", commit)
    assert "minutes in the future" in about(facts(capsys), "clock")[0]["what"]


def test_doctor_tells_of_runs_that_live_and_that_wait(lab, begin, python, capsys):
    python(
        "import gitrack, os\ngitrack.init(project='p', id='lost').log({'a': 1})\nos._exit(1)",
        cwd=lab, check=False,
    )  # fmt: skip
    (found,) = about(facts(capsys), "runs")
    assert found["what"] == "lost waits to be committed: its process is gone"
    assert found["hint"] == "gitrack recover"
    assert main(["recover"]) == 0
    with begin(project="p", id="alive") as run:
        run.log({"a": 1})
        assert [one["what"] for one in about(facts(capsys), "runs")] == ["alive is being recorded"]


def test_doctor_in_a_bare_shallow_and_linked_repository(lab, git, clean, capsys, monkeypatch):
    git(clean, "clone", "-q", "--bare", "--depth", "1", f"file://{lab}", clean / "bare.git")
    monkeypatch.chdir(clean / "bare.git")
    (found,) = about(facts(capsys), "repository")
    assert found["what"].endswith("(bare, shallow)")
    git(lab, "worktree", "add", "-q", clean / "linked")
    monkeypatch.chdir(clean / "linked")
    (found,) = about(facts(capsys), "repository")
    assert "a linked work tree of" in found["what"]


def test_a_full_disk_during_a_commit_is_one_line_and_the_run_waits(lab, git):
    script = """
import resource, gitrack
run = gitrack.init(project="p", id="full")
for step in range(3000):
    run.log({"a": step * 1.7, "b": step / 3, "c": step ** 0.5})
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
"""
    import signal

    words = [
        sys.executable,
        "-c",
        f"import signal\nsignal.signal({int(signal.SIGXFSZ)}, signal.SIG_IGN)\n{script}",
    ]
    done = subprocess.run(words, cwd=lab, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "gitrack:" in done.stderr
    before = git(lab, "rev-parse", "experiments/main")
    assert "full" not in git(lab, "ls-tree", "-r", "--name-only", "experiments/main")
    git(lab, "fsck", "--strict")
    assert main(["fsck"]) == 0
    assert main(["recover"]) == 0
    assert git(lab, "rev-parse", "experiments/main") != before
    import gitrack

    assert len(gitrack.load("full").history()) == 3000
    assert main(["fsck"]) == 0
