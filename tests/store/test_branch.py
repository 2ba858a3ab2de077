import subprocess
import sys

import pytest

from gitrack.errors import BranchBlockedError, GitError, NameRefusedError, RepositoryError
from gitrack.model.names import check_path
from gitrack.store.branch import Branch
from gitrack.store.repository import Repository


@pytest.fixture
def branch(repository):
    return Branch(Repository.around(), "experiments/main")


def files_of(git, folder, ref="experiments/main"):
    return git(folder, "ls-tree", "-r", "--name-only", ref).splitlines()


def test_files_are_there_in_one_commit_with_their_contents(branch, repository, git):
    large = repository / "large.bin"
    large.write_bytes(bytes(range(256)) * 20_000)
    oid = branch.add({"p/a.txt": b"one", "p/ünï code.bin": large, "p/empty": b""}, "Add\n")
    assert git(repository, "rev-parse", "experiments/main") == oid
    assert git(repository, "show", "experiments/main:p/a.txt") == "one"
    size = git(repository, "cat-file", "-s", "experiments/main:p/ünï code.bin")
    assert int(size) == large.stat().st_size
    assert git(repository, "cat-file", "-s", "experiments/main:p/empty") == "0"
    assert git(repository, "rev-list", "--count", "experiments/main") == "1"


def test_a_new_branch_is_a_dvc_project_of_its_own_without_our_code(branch, repository, git):
    branch.add({"p/a": b""}, "Add")
    files = files_of(git, repository)
    assert {".dvc/config", ".dvcignore", ".gitattributes", "README.md"} <= set(files)
    assert "train.py" not in files


def test_what_was_there_stays(branch, repository, git):
    branch.add({"p/a": b"1"}, "Add")
    branch.add({"p/b": b"2"}, "Add")
    branch.add({"p/a": b"3"}, "Change")
    assert {"p/a", "p/b"} <= set(files_of(git, repository))
    assert git(repository, "show", "experiments/main:p/a") == "3"


def test_a_feature_branch_begins_where_the_default_branch_stands(branch, repository, git):
    branch.add({"p/a": b"1"}, "Add")
    Branch(branch.repository, "experiments/feature/x").add({"p/b": b"2"}, "Add")
    base = git(repository, "merge-base", "experiments/main", "experiments/feature/x")
    assert base == git(repository, "rev-parse", "experiments/main")


def test_a_clone_goes_on_from_its_remote(branch, repository, git, clean):
    branch.add({"p/a": b"1"}, "Add")
    git(clean, "clone", "-q", repository, clean / "clone")
    again = Branch(Repository.around(clean / "clone"), "experiments/main")
    again.add({"p/b": b"2"}, "Add")
    assert {"p/a", "p/b"} <= set(files_of(git, clean / "clone"))


def test_a_branch_named_experiments_is_told_how_to_get_out_of_the_way(branch, repository, git):
    git(repository, "branch", "experiments")
    with pytest.raises(BranchBlockedError, match="git branch -m experiments"):
        branch.add({"p/a": b"1"}, "Add")


@pytest.mark.parametrize(
    ("there", "wanted"), [("feature", "feature/x"), ("feature/x", "feature"), ("a/b", "a/b/c/d")]
)
def test_a_branch_inside_another_is_refused(branch, there, wanted):
    Branch(branch.repository, f"experiments/{there}").add({"p/a": b"1"}, "Add")
    with pytest.raises(BranchBlockedError, match=f"a branch named experiments/{there}"):
        Branch(branch.repository, f"experiments/{wanted}").add({"p/b": b"1"}, "Add")


@pytest.mark.parametrize("packed", [False, True])
def test_a_checked_out_branch_is_not_moved(branch, repository, git, clean, packed):
    first = branch.add({"p/a": b"1"}, "Add")
    if packed:
        git(repository, "pack-refs", "--all")
    git(repository, "worktree", "add", "-q", clean / "seen", "experiments/main")
    with pytest.raises(BranchBlockedError, match=r"checked out in .*seen"):
        branch.add({"p/b": b"1"}, "Add")
    assert git(repository, "rev-parse", "experiments/main") == first
    assert git(clean / "seen", "status", "--porcelain") == ""


def test_a_branch_that_stands_for_another_does_not_move_that(branch, repository, git):
    git(repository, "symbolic-ref", branch.ref, "refs/heads/main")
    before = git(repository, "rev-parse", "main")
    with pytest.raises(BranchBlockedError, match="it stands for refs/heads/main"):
        branch.add({"p/a": b"1"}, "Add")
    assert git(repository, "rev-parse", "main") == before


def test_packed_refs_are_read_and_moved(branch, repository, git):
    branch.add({"p/a": b"1"}, "Add")
    git(repository, "pack-refs", "--all", "--prune")
    branch.add({"p/b": b"2"}, "Add")
    assert {"p/a", "p/b"} <= set(files_of(git, repository))


def test_a_tip_that_moves_between_reading_and_writing_loses_nothing(
    branch, repository, git, monkeypatch
):
    branch.add({"p/a": b"1"}, "Add")
    git(repository, "branch", "rival", "experiments/main")
    read = Branch.tip
    moved = []

    def tip_then_move(self):
        tip = read(self)
        if not moved:
            tree = git(repository, "rev-parse", f"{tip}^{{tree}}")
            rival = git(repository, "commit-tree", tree, "-p", tip, "-m", "Rival")
            git(repository, "update-ref", "refs/heads/experiments/main", rival)
            moved.append(rival)
        return tip

    monkeypatch.setattr(Branch, "tip", tip_then_move)
    branch.add({"p/b": b"2"}, "Add")
    log = git(repository, "log", "--format=%H", "experiments/main").splitlines()
    assert log[1] == moved[0]
    assert {"p/a", "p/b"} <= set(files_of(git, repository))


def test_a_blob_pruned_between_the_passes_is_stored_again(branch, repository, git, monkeypatch):
    branch.add({"p/a": b"1"}, "Add")
    check, pruned = Branch.check_free, []

    def prune_once(self):
        check(self)
        if not pruned:
            pruned.append(git(repository, "prune", "--expire=now"))

    monkeypatch.setattr(Branch, "check_free", prune_once)
    branch.add({"p/b": b"some content that is new"}, "Add")
    assert git(repository, "show", "experiments/main:p/b") == "some content that is new"
    git(repository, "fsck", "--strict")
    assert not list((repository / ".git").glob("fast_import_crash_*"))


def test_a_ref_that_another_git_holds_for_a_moment_is_waited_for(branch, repository, git):
    branch.add({"p/a": b"1"}, "Add")
    lock = repository / ".git" / "refs" / "heads" / "experiments" / "main.lock"
    lock.touch()
    source = f"import time, os; time.sleep(0.4); os.unlink({str(lock)!r})"
    with subprocess.Popen([sys.executable, "-c", source]):
        branch.add({"p/b": b"2"}, "Add")
    assert "p/b" in files_of(git, repository)


def test_a_repository_that_cannot_be_written_says_so_at_once(branch, repository):
    (repository / ".git" / "gitrack").write_text("in the way")
    with pytest.raises(OSError, match="gitrack"):
        branch.add({"p/a": b"1"}, "Add")
    objects = repository / ".git" / "objects"
    objects.rename(repository / ".git" / "gone")
    objects.write_text("no folder")
    with pytest.raises((RepositoryError, GitError)):
        branch.add({"p/a": b"1"}, "Add")


def test_a_user_without_a_name_can_record(branch, repository, git, clean):
    (clean / "home" / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    branch.add({"p/a": b"1"}, "Add")
    author = git(repository, "log", "-1", "--format=%an <%ae>", "experiments/main")
    assert author
    assert "@" in author


def test_signing_and_hooks_of_the_user_do_not_stand_in_the_way(branch, repository, git):
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", "/bin/false")
    hooks = repository / ".git" / "hooks"
    for name in (
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "post-rewrite",
    ):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    branch.add({"p/a": b"1"}, "Add")
    assert "p/a" in files_of(git, repository)


def test_a_sha256_repository_is_recorded_in(clean, git):
    git(clean, "init", "-q", "--object-format=sha256", clean / "new")
    branch = Branch(Repository.around(clean / "new"), "experiments/main")
    assert len(branch.add({"p/a": b"1"}, "Add")) == 64
    branch.add({"p/b": b"2"}, "Add")
    assert {"p/a", "p/b"} <= set(files_of(git, clean / "new"))


@pytest.mark.parametrize(
    "path",
    [
        "../up", "/etc/passwd", "a/../b", "a//b", "a/./b", ".git/hooks/x", "a/.GIT/x", "git~1/x",
        "a/b\n", "a\\b", '"a"', "a/ b/", "a./b", "a /b", "\x7f", "",
    ],
)  # fmt: skip
def test_a_path_that_climbs_or_means_something_else_is_refused(branch, path):
    with pytest.raises(NameRefusedError):
        check_path(path)
    with pytest.raises(NameRefusedError):
        branch.add({path: b""}, "Add")
    assert branch.tip() is None
