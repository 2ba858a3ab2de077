"""The user's work tree, index, HEAD and stash stay as they are, byte for byte."""

import hashlib
import os
import subprocess
import sys

import pytest

import gitrack

LOG = "import gitrack\nwith gitrack.init() as run: run.log({'a': 1})"


@pytest.fixture
def busy(repository, git):
    """Leave a repository in the middle of work: a stash, staged, changed and untracked files."""
    train = repository / "train.py"
    train.write_text("stashed\n")
    git(repository, "stash")
    for name in ("staged", "both", "gone"):
        (repository / name).write_text(name)
    git(repository, "add", ".")
    (repository / "both").write_text("changed again")
    (repository / "gone").unlink()
    train.write_text("changed\n")
    (repository / "untracked 🎉").write_text("new")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "x.log").write_text("ignored")
    # stale stat data, which an ordinary `git status` would write back into the index
    os.utime(repository / "staged", (1, 1))
    return repository


def picture(folder, git):
    """Everything of the user's: files, index, refs outside experiments, config, stash."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(
            (".git/objects/", ".git/gitrack/", ".git/refs/heads/experiments/",
             ".git/refs/gitrack/", ".git/logs/refs/heads/experiments/")
        ):  # fmt: skip
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    assert any(name == ".git/index" for name in files)
    refs = [
        ref
        for ref in git(folder, "for-each-ref").splitlines()
        if "refs/heads/experiments/" not in ref and "refs/gitrack/" not in ref
    ]
    return files, refs, git(folder, "stash", "list"), git(folder, "symbolic-ref", "HEAD")


def test_runs_leave_everything_as_it_was(busy, python, git):
    before = picture(busy, git)
    for end in ("", "\n1/0", "\nimport os; gitrack.init(); gitrack.log({'b': 1}); os._exit(1)"):
        python(LOG + end, check=False)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    assert picture(busy, git) == before
    frame = gitrack.runs()
    assert sorted(frame["state"]) == ["crashed", "finished", "finished", "finished"]
    assert set(frame["dirty"][frame["state"] != "crashed"]) == {True}
    git(busy, "fsck", "--strict")


def test_reading_leaves_everything_as_it_was(busy, python, git):
    python(LOG)
    before = picture(busy, git)
    for command in (["ls"], ["ls", "--json"], ["show", gitrack.runs()["id"][0]]):
        subprocess.run([sys.executable, "-m", "gitrack", *command], check=True, capture_output=True)
    gitrack.load(gitrack.runs()["id"][0]).history()
    assert picture(busy, git) == before


def test_inside_a_git_hook_the_index_of_the_commit_is_left_alone(busy, git):
    hook = busy / ".git" / "hooks" / "pre-commit"
    script = busy.parent / "hook.py"
    script.write_text(LOG)
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
    hook.chmod(0o755)
    git(busy, "commit", "-q", "-m", "Second", "--", "staged")  # git makes an index of its own
    assert len(gitrack.runs()) == 1
    files = git(busy, "show", "--name-only", "--format=%s", "HEAD").split()
    assert files == ["Second", "staged"]
    assert "both" in git(busy, "diff", "--cached", "--name-only")


def test_variables_of_another_repository_are_not_followed(busy, python, git, clean):
    other = clean / "other"
    git(clean, "init", "-q", other)
    variables = {
        "GIT_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_WORK_TREE": str(other),
    }
    before = picture(busy, git)
    python(LOG, env=os.environ | variables)
    assert picture(busy, git) == before
    assert len(gitrack.runs()) == 1
    assert git(other, "for-each-ref") == ""
