"""History without a run: what goes, and that all else stays byte for byte."""

import json

import pytest

from gitrack.errors import BranchBlockedError, RepositoryError, RunNotFoundError
from gitrack.model.edit import Edit
from gitrack.model.pointer import Pointer
from gitrack.model.run import Code
from gitrack.store.branch import Branch
from gitrack.store.edit import edit_runs, remove_runs
from gitrack.store.holding import Holding
from gitrack.store.pointers import pointer_to_dvc
from gitrack.store.purge import Purge
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.sync import push

DATA = [f"{number:x}a" * 16 for number in range(1, 5)]


@pytest.fixture
def lab(repository):
    return Repository.around()


@pytest.fixture
def put(put_run):
    """Record a run that names large files."""

    def put(number, branch="main", data=(), **fields):
        files = {}
        for place, md5 in enumerate(data):
            pointer = Pointer(f"f{place}", md5, 1, 1 if md5.endswith(".dir") else None)
            files[f"f{place}.dvc"] = pointer_to_dvc(pointer)
        return Holding(f"run-{number}", put_run(number, branch, files=files, **fields))

    return put


def reachable(git, folder, *refs):
    listing = git(folder, "rev-list", "--objects", *refs).splitlines()
    return {line.split(" ", 1)[0] for line in listing}


def facts(git, folder, ref):
    """Tell of each commit of other runs who made it, when, and what it says of these."""
    listing = git(folder, "log", "--format=%an|%ae|%at|%cn|%ce|%ct|%B%x00", ref)
    commits = [commit.strip() for commit in listing.split("\0")]
    return [
        "\n".join(line for line in commit.splitlines() if line != "Run-Id: run-1")
        for commit in filter(None, commits)
        if "run-1" not in commit or "Run-Id: run-2" in commit
    ]


def test_only_the_backup_reaches_the_run_and_all_else_stays(put, lab, repository, git, clean):
    put(0)
    gone = put(1, config={"only": "here"})
    put(2)
    edit_runs(lab, [gone], Edit(name="secret name"))
    edit_runs(lab, [gone, Holding("run-2", "digits/runs/2026-09-21/run-2")], Edit(group="g"))
    edit_runs(lab, [gone], Edit(project="other"))
    put(3, "feature/x")
    put(4)
    refs = ("experiments/main", "experiments/feature/x")
    objects = {
        git(repository, "rev-parse", f"{name}:{path}")
        for name in refs
        for path in git(repository, "ls-tree", "-r", "-t", "--name-only", name).splitlines()
        if "run-1" in path
    }
    others = {r.run.id: r.blobs for r in Reader(lab).records() if r.run.id != "run-1"}
    before = facts(git, repository, "experiments/main")
    index = (repository / ".git" / "index").read_bytes()
    old = {name: git(repository, "rev-parse", name) for name in refs}
    first = git(repository, "rev-list", "--max-parents=0", "experiments/main")

    purge = Purge(lab, ["run-1"])
    done = purge.run()

    heads = ("--branches", "--tags")
    assert not objects & reachable(git, repository, *heads)
    assert objects <= reachable(git, repository, "--all")
    for name in refs:
        assert git(repository, "rev-parse", f"{done.backup}{name}") == old[name]
        text = git(repository, "log", "-p", "--stat", name)
        assert "run-1" not in text
        assert "secret name" not in text
    assert {r.run.id: r.blobs for r in Reader(lab).records()} == others
    assert facts(git, repository, "experiments/main") == before
    assert len(before) == 4
    assert git(repository, "rev-list", "--max-parents=0", "experiments/main") == first
    git(repository, "fsck", "--strict")
    assert (repository / ".git" / "index").read_bytes() == index
    assert git(repository, "for-each-ref", "refs/gitrack/purge") == ""
    git(clean, "clone", "-q", repository, clean / "clone")
    found = {record.run.id for record in Reader(Repository.around(clean / "clone")).records()}
    assert found == {"run-0", "run-2", "run-3", "run-4"}


def test_a_run_in_the_first_commit_leaves_the_branchs_own_files(put, lab, repository, git):
    put(1)
    done = Purge(lab, ["run-1"]).run(backup=False)
    assert done.backup is None
    files = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    assert ".dvc/config" in files
    assert not [path for path in files if "run" in path]
    assert git(repository, "log", "--format=%B", "experiments/main") == "A run that was purged"
    assert git(repository, "for-each-ref", "refs/gitrack") == ""
    git(repository, "fsck", "--strict")


def test_a_removed_run_is_purged_and_its_removal_too(put, lab, repository, git):
    put(0)
    before = git(repository, "rev-parse", "experiments/main")
    gone = put(1)
    remove_runs(lab, [gone])
    Purge(lab, ["run-1"]).run()
    assert git(repository, "rev-parse", "experiments/main") == before


def test_merges_and_odd_paths_survive(put, lab, repository, git):
    put(0)
    put(1)
    odd = {
        'odd "ü"\t.txt'.replace("\t", " "): b"1",
        "runs/x/run-1": b"2",
        "digits/runs/d/run-10/a": b"3",
    }
    Branch(lab, "experiments/main").add(odd, "Odd\n\nÜnïcode without an end")
    put(2, "feature/x")
    put(3)
    tree = git(
        repository, "merge-tree", "--write-tree", *("experiments/main", "experiments/feature/x")
    )
    merge = git(
        repository, "commit-tree", tree, "-p", "experiments/main", "-p", "experiments/feature/x",
        "-m", "Merge",
    )  # fmt: skip
    git(repository, "update-ref", "refs/heads/experiments/main", merge)
    Purge(lab, ["run-1"]).run()
    assert len(git(repository, "log", "-1", "--format=%P", "experiments/main").split()) == 2
    for path, content in odd.items():
        assert git(repository, "show", f"experiments/main:{path}") == content.decode()
    assert {r.run.id for r in Reader(lab).records()} == {"run-0", "run-2", "run-3"}


def test_commits_before_the_run_and_branches_without_it_keep_their_ids(put, lab, repository, git):
    put(0)
    before = git(repository, "rev-parse", "experiments/main")
    put(2, "feature/x")
    other = git(repository, "rev-parse", "experiments/feature/x")
    put(1)
    put(3)
    purge = Purge(lab, ["run-1"])
    assert (list(purge.tips), purge.commits) == (["experiments/main"], 2)
    purge.run()
    assert git(repository, "rev-parse", "experiments/main^") == before
    assert git(repository, "rev-parse", "experiments/feature/x") == other


def test_a_purged_run_does_not_come_back_from_a_remote(put, lab, repository, git, clean):
    git(clean, "init", "-q", "--bare", clean / "hub.git")
    git(repository, "remote", "add", "origin", clean / "hub.git")
    put(0)
    put(1)
    push(lab)
    purge = Purge(lab, ["run-1"])
    (command,) = purge.push_commands()
    purge.run()
    put(2)
    assert "were purged here" in str(push(lab).refused["experiments/main"])
    git(repository, *command.split()[1:])
    assert push(lab).same == ["experiments/main"]
    listing = git(clean / "hub.git", "log", "-p", "--stat", "experiments/main")
    assert "run-1" not in listing
    assert {r.run.id for r in Reader(lab).records()} == {"run-0", "run-2"}


def test_without_a_backup_data_that_nothing_else_names_goes(put, lab, repository, git):
    cache = lab.own_dir / "dvc" / ".dvc" / "cache" / "files" / "md5"
    own, shared, inner, both = DATA
    folder, other = f"{own[:-1]}0.dir", f"{own[:-1]}f.dir"
    listings = {folder: [inner, both], other: [both]}
    for md5 in (*DATA, *listings):
        path = cache / md5[:2] / md5[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([{"md5": one, "relpath": one} for one in listings.get(md5, ())]))
    code = git(repository, "rev-parse", "HEAD")
    made = git(repository, "commit-tree", f"{code}^{{tree}}", "-p", code, "-m", "The tree")
    for commit in (code, made):
        git(repository, "update-ref", f"refs/gitrack/code/{commit}", commit)
    put(0, data=[shared, other], code=Code(commit=code))
    put(1, data=[own, shared, folder], code=Code(commit=code, snapshot=made))
    kept = Purge(lab, ["run-1"])
    assert kept.leftovers.code == sorted((code, made))
    assert kept.leftovers.data == sorted((own, shared, folder))
    assert kept.run(backup=False).objects == 3
    left = {path.parent.name + path.name for path in cache.rglob("*") if path.is_file()}
    assert left == {shared, both, other}
    refs = git(repository, "for-each-ref", "--format=%(refname)", "refs/gitrack/code")
    assert refs == f"refs/gitrack/code/{code}"


def test_what_cannot_be_purged_says_so_and_changes_nothing(put, lab, repository, git, clean):
    put(0)
    put(1)
    tip = git(repository, "rev-parse", "experiments/main")
    with pytest.raises(RunNotFoundError):
        Purge(lab, ["run-9"])
    git(repository, "worktree", "add", "-q", clean / "seen", "experiments/main")
    with pytest.raises(BranchBlockedError):
        Purge(lab, ["run-1"])
    git(repository, "worktree", "remove", clean / "seen")
    purge = Purge(lab, ["run-1"])
    lock = repository / ".git" / "refs" / "heads" / "experiments" / "main.lock"
    lock.touch()
    with pytest.raises(RepositoryError):
        purge.run()
    lock.unlink()
    assert git(repository, "rev-parse", "experiments/main") == tip
    assert git(repository, "for-each-ref", "refs/gitrack") == ""


def test_what_was_recorded_since_it_was_looked_into_stays(put, lab):
    put(0)
    put(1)
    purge = Purge(lab, ["run-1"])
    put(2)
    purge.run()
    assert {r.run.id for r in Reader(lab).records()} == {"run-0", "run-2"}


def test_an_edit_does_not_bring_purged_history_back(put, lab, repository, git, clean):
    git(clean, "init", "-q", "--bare", clean / "hub.git")
    git(repository, "remote", "add", "origin", clean / "hub.git")
    put(0)
    gone = put(1)
    push(lab)
    purge = Purge(lab, ["run-1"])
    done = purge.run()
    assert purge.holders() == ["refs/remotes/origin/experiments/main"]
    with pytest.raises(RepositoryError, match="were purged here"):
        edit_runs(lab, [gone], Edit(name="x"))
    # Whoever goes back to the old history is not kept from it.
    git(repository, "update-ref", "refs/heads/experiments/main", f"{done.backup}experiments/main")
    assert push(lab).same == ["experiments/main"]


def test_a_clone_that_has_not_all_history_is_refused(put, lab, repository, git, clean):
    put(0)
    put(1)
    url = f"file://{repository}"
    git(clean, "clone", "-q", "--depth=1", "-b", "experiments/main", url, clean / "clone")
    with pytest.raises(RepositoryError, match="unshallow"):
        Purge(Repository.around(clean / "clone"), ["run-1"])
