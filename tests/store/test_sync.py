"""Clones that record and push at the same time lose nothing."""

import subprocess
import sys
import time

import pytest

import gitrack
from gitrack.errors import RepositoryError
from gitrack.store.repository import Repository
from gitrack.store.sync import push

RUN = "import gitrack, sys\nwith gitrack.init(id=sys.argv[1]) as run: run.log({'a': 1})"


@pytest.fixture
def clones(repository, git, clean):
    remote = clean / "remote.git"
    git(clean, "init", "-q", "--bare", remote)
    git(repository, "remote", "add", "origin", remote)
    git(repository, "push", "-q", "origin", "main")
    folders = [clean / f"clone{number}" for number in range(3)]
    for folder in folders:
        git(clean, "clone", "-q", remote, folder)
    return remote, folders


def test_three_clones_that_push_at_once_bring_all_their_runs(clones, git):
    remote, folders = clones
    (folders[0] / "train.py").write_text("dirty\n")
    for folder in folders:
        for number in range(2):
            run_id = f"{folder.name}-{number}"
            subprocess.run([sys.executable, "-c", RUN, run_id], cwd=folder, check=True)
    pushes = [
        subprocess.Popen(
            [sys.executable, "-m", "gitrack", "push"], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        for folder in folders
    ]
    for one in pushes:
        said, _ = one.communicate()
        assert one.returncode == 0
        assert said == "sent experiments/main to origin\n"
    names = git(remote, "ls-tree", "-r", "--name-only", "experiments/main")
    assert names.count("run.json") == 6
    git(remote, "fsck", "--strict")
    snapshots = git(remote, "for-each-ref", "refs/gitrack/code").splitlines()
    assert len(snapshots) == 2
    push(Repository.find(folders[0]))
    assert len(gitrack.runs(repository=folders[0])) == 6


def test_a_run_that_is_online_is_pushed_after_its_end(clones, git):
    remote, folders = clones
    source = RUN.replace("sys.argv[1]", "'r', mode='online'")
    subprocess.run([sys.executable, "-c", source], cwd=folders[0], check=True)
    end = time.monotonic() + 60
    while "experiments/main" not in git(remote, "for-each-ref") and time.monotonic() < end:
        time.sleep(0.1)
    assert git(remote, "ls-tree", "-r", "--name-only", "experiments/main").count("run.json") == 1


def test_a_run_without_a_remote_is_only_recorded(repository, python):
    python("import gitrack\nwith gitrack.init(id='r', mode='online') as run: run.log({'a': 1})")
    log = repository / ".git" / "gitrack" / "push.log"
    end = time.monotonic() + 60
    while "no remote" not in log.read_text() and time.monotonic() < end:
        time.sleep(0.1)
    assert "'origin' is no remote here" in log.read_text()
    assert gitrack.load("r").run.state == "finished"


def test_a_file_changed_here_and_there_is_named_and_nothing_is_lost(clones, git):
    _, folders = clones
    subprocess.run([sys.executable, "-c", RUN, "r"], cwd=folders[0], check=True)
    push(Repository.find(folders[0]))
    for folder, text in zip(folders[:2], ("one", "two"), strict=True):
        git(folder, "fetch", "-q", "origin", "experiments/main:experiments/main", check=False)
        work = folder.with_name(folder.name + "-work")
        git(folder, "worktree", "add", "-q", work, "experiments/main")
        (work / "README.md").write_text(text)
        git(work, "commit", "-qam", text)
        git(folder, "worktree", "remove", work)
    push(Repository.find(folders[0]))
    with pytest.raises(RepositoryError, match="merge by hand"):
        push(Repository.find(folders[1]))
    assert git(folders[1], "show", "experiments/main:README.md") == "two"


def test_a_remote_that_cannot_be_reached_is_named(repository, git):
    git(repository, "remote", "add", "origin", repository / "nowhere")
    with pytest.raises(RepositoryError, match="origin cannot be read"):
        push(Repository.find(repository))
