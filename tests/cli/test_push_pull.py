"""``push``, ``pull`` and ``merge`` as people type them."""

import subprocess
import sys

import pytest

from gitrack.cli.main import main
from gitrack.model.run import Run, State
from gitrack.store.branch import Branch
from gitrack.store.data import DataStore
from gitrack.store.pointers import pointer_to_dvc
from gitrack.store.repository import Repository
from gitrack.store.schema import run_to_json

MAIN = "experiments/main"
FEATURE = "experiments/feature/x"


def record(folder, run_id, branch=MAIN, notes=None, more=()):
    run = Run(run_id, "p", run_id, State.FINISHED, 1_764_000_000.0, notes=notes)
    place = f"p/runs/2025-11-24/{run_id}"
    files = {f"{place}/run.json": run_to_json(run, {})}
    files |= {f"{place}/{name}": content for name, content in dict(more).items()}
    Branch(Repository.around(folder), branch).add(files, "-")


@pytest.fixture
def remote(repository, git, clean):
    git(clean, "init", "-q", "--bare", clean / "remote.git")
    git(repository, "remote", "add", "origin", clean / "remote.git")
    git(repository, "push", "-q", "origin", "main")
    return clean / "remote.git"


@pytest.fixture
def clone(remote, git, clean):
    git(clean, "clone", "-q", remote, clean / "clone")
    return clean / "clone"


@pytest.fixture
def say(capsys):
    """Run a command; gives its status, what it printed and what it said to a person."""

    def run(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return run


def test_push_and_pull_say_what_they_did(remote, clone, repository, say):
    record(repository, "a")
    assert say("push") == (0, f"sent {MAIN} to origin\n", "")
    assert say("push") == (0, "origin has all runs\n", "")
    record(clone, "b")
    assert say("pull", "-C", clone)[:2] == (0, f"joined {MAIN} with origin: 1 new runs\n")
    assert say("pull", "-C", clone)[:2] == (0, "nothing new on origin\n")
    assert say("push", "-C", clone)[0] == 0


def test_a_push_without_runs_or_without_a_remote_says_so(repository, git, say):
    status, out, err = say("push")
    assert (status, out) == (1, "")
    assert err == "gitrack: 'origin' is no remote here: git remote add origin …\n"
    git(repository, "init", "-q", "--bare", "../empty.git")
    git(repository, "remote", "add", "origin", "../empty.git")
    assert say("push") == (0, "there are no runs to send\n", "")


def test_the_remote_of_the_settings_is_used(repository, git, clean, say):
    git(clean, "init", "-q", "--bare", clean / "lab.git")
    git(repository, "remote", "add", "lab", clean / "lab.git")
    (repository / "gitrack.toml").write_text('remote = "lab"\n')
    record(repository, "a")
    assert say("push")[1] == f"sent {MAIN} to lab\n"


def test_a_clash_is_shown_line_by_line_and_an_option_settles_it(remote, clone, repository, say):
    record(repository, "a")
    say("push")
    subprocess.run(["git", "-C", clone, "fetch", "-q"], check=True)
    record(clone, "a", notes="there")
    record(repository, "a", notes="here")
    say("push", "-C", clone)
    status, out, err = say("push")
    assert (status, out) == (1, "")
    first, last = err.splitlines()
    assert first == f'gitrack: {MAIN}: run a: run.json notes: "here" here, "there" there'
    assert last.endswith("--ours or --theirs chooses")
    assert say("push", "--theirs")[:2] == (0, f"sent {MAIN} to origin\n")


def test_a_fork_is_pulled_by_its_address(repository, git, clean, say):
    git(clean, "clone", "-q", repository, clean / "fork")
    record(clean / "fork", "f")
    record(clean / "fork", "g", FEATURE)
    status, out, _ = say("pull", clean / "fork")
    assert status == 0
    assert out == f"joined {FEATURE}, {MAIN} with {clean / 'fork'}: 3 new runs\n"
    status, _, err = say("pull", "ext::sh -c true")
    assert status == 1
    assert "is no remote, and no address" in err


def test_pull_brings_the_large_data_of_all_runs_or_of_some(remote, clone, repository, clean, say):
    for folder in (repository, clone):
        (folder / "gitrack.toml").write_text(f'data_remote = "{clean / "data"}"\n')
    store = DataStore(Repository.find(repository))
    pointers = [store.add_bytes(word * 1000, "model.pt") for word in (b"a", b"b")]
    for name, pointer in zip("ab", pointers, strict=True):
        record(repository, name, more={"model.pt.dvc": pointer_to_dvc(pointer)})
    assert say("push")[0] == 0
    there = DataStore(Repository.find(clone))
    assert say("pull", "-C", clone)[0] == 0
    assert not any(map(there.has, pointers))
    assert say("pull", "-C", clone, "--data", "--only", "name:b")[0] == 0
    assert list(map(there.has, pointers)) == [False, True]
    assert say("pull", "-C", clone, "--data")[1].endswith(
        "fetched 1 large files (1.0 kB), 1 here\n"
    )
    assert (
        say("pull", "--only", "name:b")[2]
        == "gitrack: --only chooses what --data fetches: give both\n"
    )


def test_merge_takes_a_branch_into_another_and_removes_it_when_asked(repository, git, say):
    record(repository, "a")
    record(repository, "b", FEATURE)
    assert say("merge", "feature/x", "main") == (
        0,
        f"{MAIN} has all of {FEATURE}: 1 new runs\n",
        "",
    )
    status, out, _ = say("merge", "feature/x", "--delete")
    assert (status, out.splitlines()[1]) == (0, f"removed {FEATURE}")
    assert (
        git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/experiments")
        == MAIN
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["feature/none"], "there is no branch experiments/feature/none"),
        (["main", "main"], "cannot be merged into itself"),
        (["../x"], "git takes no such branch name"),
        (["origin/experiments/main", "--delete"], "git push origin --delete experiments/main"),
    ],
)
def test_a_merge_that_cannot_be_says_why(remote, repository, say, words, message):
    record(repository, "a")
    say("push")
    status, _, err = say("merge", *words)
    assert status == 1
    assert message in err
    assert err.count("\n") == 1


def test_a_branch_that_is_checked_out_is_not_removed(repository, git, clean, say):
    record(repository, "a")
    record(repository, "b", FEATURE)
    git(repository, "worktree", "add", "-q", clean / "seen", FEATURE)
    status, _, err = say("merge", "feature/x", "main", "--delete")
    assert status == 1
    assert "checked out" in err
    assert git(repository, "rev-parse", FEATURE)


def test_progress_is_shown_on_a_terminal_and_nowhere_else(remote, repository):
    record(repository, "a")
    source = "import pty, sys; sys.exit(pty.spawn([sys.executable, '-m', 'gitrack', 'push']) >> 8)"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "push origin: Writing objects: 100%" in done.stdout
    record(repository, "b")
    done = subprocess.run(
        [sys.executable, "-m", "gitrack", "push"], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == (f"sent {MAIN} to origin\n", "")
