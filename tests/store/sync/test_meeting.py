"""Clones that record, push and pull at the same time meet, and lose nothing."""

import subprocess
import sys

import pytest

import gitrack
from gitrack.errors import MergeConflictError
from gitrack.store.branch import Branch
from gitrack.store.data import DataStore
from gitrack.store.pointers import pointer_to_dvc
from gitrack.store.repository import Repository
from gitrack.store.sync import join

from .clones import FEATURE, MAIN, RUN, edit, pulled, read_run, record, remove, sent


def test_what_two_clones_recorded_meets_on_the_remote(clones, remote, git, runs_of):
    (clones[0] / "train.py").write_text("dirty\n")
    subprocess.run([sys.executable, "-c", RUN, "a"], cwd=clones[0], check=True)
    record(clones[1], "b")
    assert sent(clones[0]).done == [MAIN]
    report = sent(clones[1])
    assert (report.done, report.added) == ([MAIN], 1)
    assert runs_of(remote) == ["a", "b"]
    assert len(git(remote, "for-each-ref", "refs/gitrack/code").splitlines()) == 1
    assert sent(clones[1]).same == [MAIN]
    pulled(clones[1])
    assert len(git(clones[1], "for-each-ref", "refs/gitrack/code").splitlines()) == 1
    assert len(gitrack.runs(repository=clones[1])) == 2
    git(remote, "fsck", "--strict")


def test_two_edits_of_one_run_meet(shared, remote, runs_of):
    edit(shared[0], "r", tags=("old", "mine"))
    edit(shared[1], "r", tags=(), notes="diverged")
    sent(shared[0])
    report = sent(shared[1])
    assert (report.done, report.edited) == ([MAIN], 1)
    assert read_run(remote, "r").tags == ("mine",)
    assert read_run(remote, "r").notes == "diverged"
    assert pulled(shared[0]).done == [MAIN]
    assert read_run(shared[0], "r") == read_run(remote, "r")


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
def test_two_values_clash_and_move_nothing_until_somebody_chooses(shared, remote, git, prefer):
    edit(shared[0], "r", notes="one")
    edit(shared[1], "r", notes="two")
    sent(shared[0])
    before = git(shared[1], "rev-parse", MAIN), git(remote, "rev-parse", MAIN)
    error = sent(shared[1]).refused[MAIN]
    assert isinstance(error, MergeConflictError)
    assert list(map(str, error.clashes)) == ['run r: run.json notes: "two" here, "one" there']
    assert (git(shared[1], "rev-parse", MAIN), git(remote, "rev-parse", MAIN)) == before
    assert sent(shared[1], prefer=prefer).done == [MAIN]
    assert read_run(remote, "r").notes == {"ours": "two", "theirs": "one"}[prefer]
    assert set(before) <= set(git(remote, "rev-list", MAIN).splitlines())


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
@pytest.mark.parametrize("remover", [0, 1])
def test_a_run_removed_here_and_edited_there_is_whole_or_gone(
    shared, remote, files_of, prefer, remover
):
    remove(shared[remover], "r")
    edit(shared[1 - remover], "r", notes="keep me")
    sent(shared[0])
    (clash,) = sent(shared[1]).refused[MAIN].clashes
    assert {clash.ours, clash.theirs} == {"removed", "edited"}
    sent(shared[1], prefer=prefer)
    kept = (prefer == "theirs") == (remover == 1)
    names = [path.rpartition("/")[2] for path in files_of(remote) if "/runs/" in path]
    assert names == (["metrics.json", "run.json"] if kept else [])


def test_a_removal_stays_a_removal(shared, remote, runs_of):
    remove(shared[0], "r")
    record(shared[1], "s")
    sent(shared[0])
    sent(shared[1])
    assert runs_of(remote) == ["s"]
    assert sent(shared[0]).removed == 0
    assert runs_of(shared[0]) == ["s"]


def test_merges_that_cross_lose_nothing(shared, git, runs_of):
    edit(shared[0], "r", notes="n")
    edit(shared[1], "r", tags=("old", "t"))
    tips = [git(folder, "rev-parse", MAIN) for folder in shared]
    for folder, other, tip in zip(shared, reversed(shared), reversed(tips), strict=True):
        git(folder, "fetch", "-q", other, tip)
        join(Repository.around(folder), MAIN, tip)
        record(folder, f"of-{folder.name}")
    edit(shared[0], "r", notes="n2")
    pulled(shared[1], str(shared[0]), foreign=True)
    assert read_run(shared[1], "r").notes == "n2"
    assert set(read_run(shared[1], "r").tags) == {"old", "t"}
    assert runs_of(shared[1]) == ["of-clone0", "of-clone1", "r"]


def test_attributes_of_the_users_checkout_do_not_steer_a_merge(shared, remote):
    (shared[1] / ".gitattributes").write_text("* merge=ours\n*.json merge=union\n")
    edit(shared[0], "r", notes="n")
    edit(shared[1], "r", tags=("t",))
    sent(shared[0])
    sent(shared[1])
    assert (read_run(remote, "r").notes, read_run(remote, "r").tags) == ("n", ("t",))


def test_one_branch_that_is_refused_does_not_keep_the_others(clones, remote, runs_of):
    hook = remote / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nwhile read old new ref; do case $ref in */feature/*)\n"
        'echo "feature branches are protected"; exit 1;; esac; done\n'
    )
    hook.chmod(0o755)
    record(clones[0], "a")
    record(clones[0], "b", FEATURE)
    report = sent(clones[0])
    assert report.done == [MAIN]
    assert "feature branches are protected" in str(report.refused[FEATURE])
    assert runs_of(remote) == ["a"]


def test_a_branch_inside_anothers_name_is_refused_at_once(clones, remote):
    record(clones[0], "a", "experiments/a")
    record(clones[1], "b", "experiments/a/b")
    sent(clones[0])
    error = sent(clones[1]).refused["experiments/a/b"]
    assert "cannot create" in str(error)


def test_a_branch_that_is_checked_out_is_not_moved(shared, git, clean):
    record(shared[0], "s")
    sent(shared[0])
    git(shared[1], "worktree", "add", "-q", clean / "seen", MAIN)
    before = git(shared[1], "rev-parse", MAIN)
    assert "checked out" in str(pulled(shared[1]).refused[MAIN])
    assert git(shared[1], "rev-parse", MAIN) == before


def test_a_remote_rewritten_by_force_is_noticed_and_ours_are_joined_again(
    shared, remote, git, runs_of
):
    record(shared[0], "s")
    sent(shared[0])
    git(remote, "update-ref", f"refs/heads/{MAIN}", git(remote, "rev-list", MAIN).split()[-1])
    git(remote, "update-ref", "-d", f"refs/heads/{MAIN}")
    record(shared[1], "t")
    git(shared[1], "update-ref", f"refs/remotes/origin/{MAIN}", f"refs/heads/{MAIN}~1")
    orphan = git(shared[1], "commit-tree", git(remote, "mktree", input=""), "-m", "Anew")
    git(shared[1], "push", "-q", "origin", f"{orphan}:refs/heads/{MAIN}")
    git(shared[0], "update-ref", f"refs/remotes/origin/{MAIN}", f"refs/heads/{MAIN}")
    report = sent(shared[0])
    assert any("was rewritten there and has 2 runs less" in line for line in report.notes)
    assert runs_of(remote) == ["r", "s"]


def test_runs_that_only_a_rewritten_remote_had_are_kept_under_a_ref(shared, git):
    record(shared[0], "s")
    sent(shared[0])
    git(shared[1], "fetch", "-q", "origin")
    seen = git(shared[1], "rev-parse", f"origin/{MAIN}")
    git(shared[0], "push", "-q", "--force", "origin", f"{MAIN}~1:{MAIN}")
    report = pulled(shared[1])
    assert any("refs/gitrack/before/origin/main" in line for line in report.notes)
    assert git(shared[1], "rev-parse", "refs/gitrack/before/origin/main") == seen


def test_a_branch_that_was_merged_and_removed_there_is_not_sent_again(clones, remote, git):
    record(clones[0], "a")
    record(clones[0], "b", FEATURE)
    sent(clones[0])
    join(Repository.around(clones[0]), MAIN, git(clones[0], "rev-parse", FEATURE))
    sent(clones[0])
    git(remote, "update-ref", "-d", f"refs/heads/{FEATURE}")
    report = sent(clones[0])
    assert report.done == []
    assert any("not sent again" in line for line in report.notes)
    assert FEATURE not in git(remote, "for-each-ref")


@pytest.mark.parametrize("options", [("--depth", "1"), ("--filter", "blob:none")])
def test_clones_that_lack_history_push_and_pull(shared, remote, git, clean, runs_of, options):
    git(remote, "config", "uploadpack.allowFilter", "true")
    git(clean, "clone", "-q", *options, remote.as_uri(), clean / "thin")
    record(shared[0], "s")
    sent(shared[0])
    record(clean / "thin", "thin")
    assert sent(clean / "thin").done == [MAIN]
    assert runs_of(remote) == ["r", "s", "thin"]
    edit(shared[0], "r", notes="n")
    sent(shared[0])
    edit(clean / "thin", "r", tags=("t",))
    sent(clean / "thin")
    assert (read_run(remote, "r").notes, read_run(remote, "r").tags) == ("n", ("t",))
    git(remote, "fsck", "--strict")


def test_data_goes_before_the_branch_that_names_it(clones, remote, git, clean):
    store = DataStore(Repository.find(clones[0]))
    pointer = store.add_bytes(b"x" * 100_000, "model.pt")
    record(clones[0], "a", more={"model.pt.dvc": pointer_to_dvc(pointer)})
    report = sent(clones[0])
    assert report.done == [MAIN]
    assert any("1 large file" in line and "stay here" in line for line in report.notes)
    (clones[0] / "gitrack.toml").write_text(f'data_remote = "{clean / "data"}"\n')
    sent(clones[0], data=True)
    assert len([path for path in (clean / "data").rglob("*") if path.is_file()]) == 1
    pointer = store.add_bytes(b"y" * 100_000, "model.pt")
    record(clones[0], "b", more={"model.pt.dvc": pointer_to_dvc(pointer)})
    (clean / "data").rename(clean / "elsewhere")
    (clean / "data").write_text("no folder")
    record(clones[0], "c", FEATURE)
    before = git(remote, "rev-parse", MAIN)
    assert MAIN in sent(clones[0]).refused
    assert git(remote, "rev-parse", MAIN) == before


def test_a_fork_is_taken_in_with_its_runs_and_nothing_else(shared, git, clean, files_of, runs_of):
    fork = clean / "fork"
    git(clean, "clone", "-q", shared[0], fork)
    workflow = ".github/workflows/gitrack.yml"
    Branch(Repository.around(fork), MAIN).add({workflow: b"run: evil", "README.md": b"?"}, "-")
    record(fork, "f")
    record(fork, "g", FEATURE)
    remove(fork, "r")
    report = pulled(shared[1], str(fork), foreign=True)
    assert sorted(report.done) == [FEATURE, MAIN]
    assert runs_of(shared[1]) == ["f", "r"]
    assert "g" in runs_of(shared[1], FEATURE)
    assert workflow not in files_of(shared[1]) + files_of(shared[1], FEATURE)
    assert git(shared[1], "show", f"{MAIN}:README.md") != "?"
    assert not git(shared[1], "for-each-ref", "refs/gitrack/incoming")
    assert pulled(shared[1], str(fork), foreign=True).done == []
