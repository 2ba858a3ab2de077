import os

import pytest

from gitrack.errors import RepositoryError
from gitrack.store.git import Git
from gitrack.store.repository import Repository


def test_a_repository_is_found_from_any_folder_below(repository):
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    found = Repository.around(below)
    assert (found.git_dir, found.common_dir) == (repository / ".git", repository / ".git")
    assert (found.work_tree, found.name, found.personal) == (repository, "lab", False)
    assert Repository.around() == found
    assert Repository.around(repository / ".git" / "refs").git_dir == repository / ".git"


def test_a_linked_worktree_shares_its_common_dir(repository, git):
    other = repository.parent / "other"
    git(repository, "worktree", "add", "-q", "-b", "side", other)
    found = Repository.around(other)
    assert found.work_tree == other
    assert found.git_dir == repository / ".git" / "worktrees" / "other"
    assert found.common_dir == repository / ".git"
    assert found.git.text("rev-parse", "--abbrev-ref", "HEAD") == "side"


def test_a_submodule_is_a_repository_of_its_own(repository, git, clean):
    outer = clean / "outer"
    git(clean, "init", "-q", outer)
    git(outer, "submodule", "add", "-q", repository, "inner")
    found = Repository.around(outer / "inner")
    assert found.common_dir == outer / ".git" / "modules" / "inner"
    assert found.git.text("log", "--format=%s") == "Begin"


def test_a_bare_repository_has_no_work_tree(clean, git):
    git(clean, "init", "-q", "--bare", "store.git")
    found = Repository.around(clean / "store.git")
    assert (found.work_tree, found.name) == (None, "store")


def test_a_folder_that_only_looks_like_one_is_passed_over(repository):
    (repository / "x" / ".git").mkdir(parents=True)
    (repository / "y").mkdir()
    (repository / "y" / ".git").write_text("gitdir: /nowhere")
    (repository / "z").mkdir()
    (repository / "z" / ".git").write_bytes(b"\xff\xfe")
    for name in "xyz":
        assert Repository.around(repository / name).work_tree == repository


def test_outside_any_repository_there_is_the_own_store(clean):
    assert Repository.around(clean) is None
    store = Repository.find(clean)
    assert store.personal
    assert store.common_dir == clean / "own" / "store.git"
    assert Repository.find(clean) == store


def test_a_store_that_cannot_be_made_is_named(clean):
    (clean / "own").write_text("a file")
    with pytest.raises(RepositoryError, match="no repository here, and no store"):
        Repository.find(clean)


def test_what_a_git_hook_leaves_in_the_environment_leads_nowhere_else(
    repository, clean, git, monkeypatch
):
    git(clean, "init", "-q", clean / "elsewhere")
    for name, value in {
        "GIT_DIR": clean / "elsewhere" / ".git",
        "GIT_WORK_TREE": clean / "elsewhere",
        "GIT_INDEX_FILE": clean / "nowhere",
        "GIT_OBJECT_DIRECTORY": clean / "nowhere",
        "GIT_COMMON_DIR": clean / "nowhere",
        "GIT_NAMESPACE": "other",
    }.items():
        monkeypatch.setenv(name, str(value))
    found = Repository.around()
    assert found.git.text("log", "--format=%s") == "Begin"
    assert found.git.text("status", "--porcelain") == ""


def test_hooks_and_file_watchers_of_the_repository_do_not_run(repository, git):
    mark = repository.parent / "ran"
    hook = repository / ".git" / "hooks" / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(hook))
    found = Repository.around().git
    found.run("update-ref", "refs/gitrack/x", "HEAD")
    found.run("status")
    assert not mark.exists()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)
@pytest.mark.parametrize("trusted", [None, "here", "*", "parent/*", "here, then none"])
def test_another_users_repository_is_refused_unless_git_trusts_it(repository, git, trusted):
    git(repository, "config", "safe.directory", "*")  # its own word does not count
    os.chown(repository / ".git", 4321, -1)
    if trusted is not None:
        value = {"*": "*", "parent/*": f"{repository.parent}/*"}.get(trusted, str(repository))
        git("/", "config", "--global", "--add", "safe.directory", value)
    if trusted == "here, then none":
        git("/", "config", "--global", "--add", "safe.directory", "")
    if trusted in (None, "here, then none"):
        with pytest.raises(RepositoryError, match=r"belongs to another user.*safe\.directory"):
            Repository.around()
    else:
        assert Repository.around().work_tree == repository


def test_without_git_the_error_says_so(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(RepositoryError, match="git is not installed"):
        Git(repository / ".git").run("status")
