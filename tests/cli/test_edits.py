"""Every command that changes recorded runs, as a person types it."""

import io
import os
import pty
import re
import subprocess
import sys

import pyarrow as pa
import pytest

import gitrack
from gitrack.cli.main import main
from gitrack.store.history import table_to_bytes
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

SECRET = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" + "0123456789"


@pytest.fixture
def lab(repository, put_run):
    """A repository with four finished runs."""
    for number in range(4):
        table = pa.table(
            {
                "_step": pa.array([0], pa.int64()),
                "_runtime": [0.5],
                "_timestamp": [1.79e9],
                "loss": [float(number)],
            }
        )
        put_run(
            number,
            id=f"run{number}",
            config={"lr": 10.0**-number},
            files={"history.parquet": table_to_bytes(table)},
        )
    return repository


@pytest.fixture
def cli(lab, capsys):
    """Run a command and return its status, its output and its complaint."""
    capsys.readouterr()

    def call(*words):
        status = main(words)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def changed(git, lab):
    return git(lab, "diff", "--name-only", "experiments/main^", "experiments/main").splitlines()


def shown(cli, *words):
    _, out, _ = cli("ls", *words)
    return re.findall(r"^run\d", out, re.MULTILINE)


def names():
    return {record.run.id: record.run.name for record in Reader(Repository.around()).records()}


def test_tags_are_put_on_and_taken_off(cli, lab, git):
    assert cli("tag", "run1", "+good", "+-x", "+hard", "+C3")[0] == 0
    assert gitrack.load("run1").run.tags == ("good", "-x", "hard", "C3")
    (path,) = changed(git, lab)
    assert path.endswith("/run1/run.json")
    status, out, _ = cli("tag", "fox 1", "-good", "-hard", "+h", "-C3", "--remove=-x", "-C", ".")
    assert (status, gitrack.load("run1").run.tags) == (0, ("h",))
    assert re.fullmatch(r"tagged 1 run on experiments/main \([0-9a-f]{10}\)\n", out)
    assert cli("tag", "run1", "+h") == (0, "nothing to change\n", "")
    assert cli("tag", "-C", str(lab), "run2", "run3", "+two")[0] == 0
    assert len(changed(git, lab)) == 2


def test_a_search_line_chooses_runs_and_their_number_is_told(cli, lab, git):
    status, out, err = cli("tag", "--query", "lr<0.5", "+small")
    assert (status, err) == (0, "3 runs of 4 match\n")
    assert out.startswith("tagged 3 runs on experiments/main")
    assert len(changed(git, lab)) == 3
    assert cli("move", "--query=-tag:small", "--group", "large")[2] == "1 run of 4 match\n"
    assert gitrack.load("run0").run.group == "large"


def test_notes_come_from_words_stdin_and_the_editor(cli, lab, git, monkeypatch):
    assert cli("note", "run1", "first\nsecond")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("third\n"))
    assert cli("note", "run1", "-", "--append")[0] == 0
    assert gitrack.load("run1").run.notes == "first\nsecond\n\nthird"
    status, _, err = cli("note", "run1")
    assert (status, err.count("\n")) == (1, 1)
    assert "gitrack note RUN TEXT" in err
    assert cli("note", "run1", "")[0] == 0
    assert gitrack.load("run1").run.notes is None


@pytest.mark.parametrize(("status", "notes"), [(0, "before, and after"), (3, "before")])
def test_the_editor_opens_with_the_notes_at_a_terminal(cli, lab, monkeypatch, status, notes):
    cli("note", "run1", "before")
    editor = lab / "editor.sh"
    editor.write_text(f'#!/bin/sh\nprintf ", and after" >> "$1"\nexit {status}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0):
        words = [sys.executable, "-m", "gitrack", "note", "run1"]
        done = subprocess.run(
            words, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(theirs)
    assert done.returncode == bool(status)
    assert gitrack.load("run1").run.notes == notes
    assert not list((lab / ".git" / "gitrack").glob("note-*"))


def test_a_secret_in_a_note_never_reaches_the_branch(cli, lab, git):
    status, _, err = cli("note", "run1", f"use {SECRET}")
    assert (status, err) == (0, "gitrack: taken out of the text: 1 secret\n")
    assert gitrack.load("run1").run.notes == "use [removed]"
    (lab / "gitrack.toml").write_text("secrets = ['zebra-\\d+']\n")
    cli("rename", "run1", "see zebra-42")
    assert gitrack.load("run1").name == "see [removed]"
    assert SECRET not in git(lab, "log", "-p", "experiments/main")


def test_rename_and_move_keep_the_id(cli, lab, git):
    assert cli("rename", "fox 2", "best")[0] == 0
    assert gitrack.load("best").id == "run2"
    assert cli("move", "run2", "--group", "g", "--job-type", "eval")[0] == 0
    assert cli("move", "run2", "run3", "--project", "other one")[0] == 0
    run = gitrack.load("run2").run
    assert (run.project, run.group, run.job_type) == ("other-one", "g", "eval")
    paths = git(lab, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    assert not [path for path in paths if path.startswith("digits/") and "run2" in path]
    assert gitrack.load("run2").history()["loss"].tolist() == [2.0]
    assert cli("move", "run2", "--group", "", "--job-type=")[0] == 0
    assert gitrack.load("run2").run.group is None


def test_archived_runs_are_left_out_unless_asked_for(cli, lab):
    assert cli("archive", "run3", "run1")[0] == 0
    assert shown(cli) == ["run0", "run2"]
    assert shown(cli, "--all") == ["run0", "run1", "run2", "run3"]
    assert shown(cli, "archived:true") == ["run1", "run3"]
    assert shown(cli, "archived:*", "lr<0.5") == ["run1", "run2", "run3"]
    assert "archived     yes" in cli("show", "run3")[1]
    assert cli("tag", "--query", "lr<2", "+seen")[2] == "2 runs of 4 match\n"
    assert cli("archive", "--undo", "--query", "lr<0.01")[2] == "1 run of 4 match\n"
    assert shown(cli) == ["run0", "run2", "run3"]


def test_the_site_leaves_archived_runs_out_unless_told(cli, lab, tmp_path):
    cli("archive", "run1")
    for words, there in (((), False), (("--all",), True)):
        out = tmp_path / f"site{there}"
        assert cli("build", "--out", str(out), *words)[0] == 0
        assert (out / "projects" / "digits" / "runs" / "run0.html").is_file()
        assert (out / "projects" / "digits" / "runs" / "run1.html").is_file() == there


def test_a_removed_run_comes_back(cli, lab, git):
    tree = git(lab, "rev-parse", "experiments/main^{tree}")
    status, out, _ = cli("rm", "run1", "run2")
    assert status == 0
    assert out.endswith("the way back: gitrack rm --undo run1 run2\n")
    assert shown(cli) == ["run0", "run3"]
    assert cli("rm", "--undo", "fox 1", "run2")[0] == 0
    assert git(lab, "rev-parse", "experiments/main^{tree}") == tree
    assert "no such run was removed" in cli("rm", "--undo", "run1")[2]


@pytest.mark.parametrize(("answer", "left"), [("y\n", 3), ("\n", 4), ("no\n", 4)])
def test_rm_asks_at_a_terminal(cli, lab, answer, left):
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        words = [sys.executable, "-m", "gitrack", "rm", "run1"]
        terminal.write(answer.encode())
        done = subprocess.run(words, stdin=theirs, capture_output=True, text=True, check=False)
        os.close(theirs)
    assert "remove 1 run? [y/N]" in done.stderr
    assert done.returncode == (left == 4)
    assert len(names()) == left


def test_a_purge_explains_itself_and_waits_for_a_yes(cli, lab, git, clean):
    git(clean, "init", "-q", "--bare", clean / "hub.git")
    git(lab, "remote", "add", "origin", clean / "hub.git")
    cli("push")
    tip = git(lab, "rev-parse", "experiments/main")
    status, out, err = cli("rm", "--purge", "run1")
    assert (status, err) == (1, "gitrack: nothing is purged yet: --yes does it\n")
    for word in ("every clone", "forks for ever", "snapshots of code", "large files"):
        assert word in out
    assert git(lab, "rev-parse", "experiments/main") == tip
    status, out, _ = cli("rm", "--purge", "run1", "--yes")
    assert status == 0
    (command,) = re.findall(r"git push .*", out)
    assert f"--force-with-lease=experiments/main:{tip} origin" in command
    assert set(names()) == {"run0", "run1", "run2", "run3"}  # what the remote still has
    git(lab, *command.split()[1:])
    assert set(names()) == {"run0", "run2", "run3"}
    assert git(lab, "for-each-ref", "--format=%(objectname)", "refs/gitrack/backup") == tip
    git(lab, "fsck", "--strict")


MISTAKES = [
    (["tag", "run1"], "say what to change"),
    (["tag", "+x"], "one of both"),
    (["tag", "run1", "--query", "lr<1", "+x"], "one of both"),
    (["tag", "run", "+x"], "may mean"),
    (["tag", "nobody", "+x"], "no run 'nobody'"),
    (["tag", "run1", "+"], "tag '' is refused"),
    (["tag", "--query", "lr<many", "+x"], "cannot read"),
    (["tag", "--query", "lr>100", "+x"], "finds none"),
    (["rename", "run1", ""], "name '' is refused"),
    (["rename", "run1", "a\x1b[31m"], "no control characters"),
    (["rename", "run1", "x" * 5000], "this one 5,000"),
    (["rename", "run1", "\udcff"], "UTF-8"),
    (["move", "run1"], "say where to"),
    (["move", "run1", "--project", ""], "project '' is refused"),
    (["archive"], "one of both"),
    (["rm"], "one of both"),
    (["rm", "--undo"], "name the removed runs"),
    (["rm", "--purge"], "name the runs"),
    (["rm", "--purge", "nobody"], "no such run was removed"),
    (["rm", "run1", "--no-backup"], "belongs to --purge"),
]


def test_a_mistake_is_one_line_and_changes_nothing(cli, lab, git):
    tip = git(lab, "rev-parse", "experiments/main")
    for words, message in MISTAKES:
        status, _, err = cli(*words)
        assert (status, err.count("\n")) == (1, 1), words
        assert message in err
        assert len(err) < 300
    assert git(lab, "rev-parse", "experiments/main") == tip


def test_the_users_own_work_is_never_touched(cli, lab, git):
    (lab / "train.py").write_text("changed\n")
    (lab / "staged.py").write_text("staged\n")
    git(lab, "add", "staged.py")
    before = git(lab, "status", "--porcelain"), (lab / ".git" / "index").read_bytes()
    for words in (
        ["tag", "run1", "+x"], ["note", "run1", "n"], ["rename", "run1", "m"],
        ["move", "run1", "--project", "p"], ["archive", "run1"], ["rm", "run1"],
        ["rm", "--undo", "run1"], ["rm", "--purge", "run1", "--yes"],
    ):  # fmt: skip
        assert cli(*words)[0] == 0, words
    assert (git(lab, "status", "--porcelain"), (lab / ".git" / "index").read_bytes()) == before
    assert git(lab, "symbolic-ref", "HEAD") == "refs/heads/main"
