"""Which branches a review means, and which runs of them."""

import pytest

from gitrack.cli.main import main
from gitrack.errors import RepositoryError
from gitrack.review.sides import find_place, gather
from gitrack.store.repository import Repository

ONE = [{"val/acc": 0.5}]


@pytest.fixture
def two_branches(put_seeds, git, repository):
    """A run on ``main``, another on ``feature/x``."""
    put_seeds("main", "old", ONE)
    git(repository, "branch", "experiments/feature/x", "experiments/main")
    put_seeds("feature/x", "new", ONE)
    return repository


def runs(base="main", head="feature/x"):
    repository = Repository.around()
    sides = gather(repository, find_place(repository, base), find_place(repository, head))
    return [[r.run.id for r in side] for side in (sides.base_records, sides.added)]


@pytest.mark.parametrize(
    "name",
    [
        "feature/x",
        "experiments/feature/x",
        "refs/heads/feature/x",
        "refs/heads/experiments/feature/x",
    ],
)
def test_a_branch_has_several_names(two_branches, name):
    assert runs(head=name) == [["old-0"], ["new-0"]]


def test_a_commit_is_a_name_too(two_branches, git):
    commit = git(two_branches, "rev-parse", "experiments/feature/x")
    assert runs(head=commit) == runs(head=commit[:12]) == [["old-0"], ["new-0"]]


def test_a_remotes_branches_are_found_with_and_without_its_name(two_branches, git, monkeypatch):
    clone = two_branches.parent / "clone"
    git(two_branches.parent, "clone", "-q", two_branches, clone)
    monkeypatch.chdir(clone)
    for base, head in (("main", "feature/x"), ("origin/main", "origin/feature/x")):
        assert runs(base, head) == [["old-0"], ["new-0"]]
    assert find_place(Repository.around(), "main").branch == "origin/experiments/main"


def test_what_the_base_has_as_well_is_not_the_heads(two_branches, put_seeds, git):
    put_seeds("main", "later", ONE)
    git(two_branches, "branch", "-f", "experiments/main", "experiments/feature/x")
    assert runs() == [["new-0", "old-0"], []]


def test_what_the_base_removed_since_is_not_the_heads(two_branches, capsys):
    assert main(["rm", "old-0", "--yes"]) == 0
    found = runs()
    assert found[1] == ["new-0"]


def test_branches_without_a_past_in_common_are_compared(two_branches, git, put_seeds):
    git(two_branches, "branch", "-D", "experiments/main")
    git(two_branches, "branch", "experiments/kept", "experiments/feature/x")
    git(two_branches, "branch", "-D", "experiments/feature/x")
    put_seeds("main", "other", ONE)
    assert runs(head="kept") == [["other-0"], ["new-0", "old-0"]]


def test_archived_runs_are_left_out_and_counted(two_branches, reviewed, capsys):
    assert main(["archive", "new-0"]) == 0
    capsys.readouterr()
    assert runs() == [["old-0"], []]
    assert "0 new runs (1 more archived and left out)" in reviewed()[1]


def test_a_code_branch_that_nothing_was_recorded_for_has_no_runs(two_branches, git):
    git(two_branches, "branch", "docs")
    assert runs(head="docs") == [["old-0"], []]
    assert runs("docs", "feature/x")[0] == []


def test_experiments_that_are_not_there_are_not_those_of_the_code_branch(two_branches, git):
    git(two_branches, "branch", "feature/none")
    with pytest.raises(RepositoryError, match="no branch 'experiments/feature/none'"):
        find_place(Repository.around(), "experiments/feature/none")


def test_a_branch_that_ci_checked_out_as_a_commit_is_known(two_branches, monkeypatch):
    monkeypatch.setenv("GITHUB_HEAD_REF", "docs")
    assert runs(head="docs") == [["old-0"], []]


@pytest.mark.parametrize(
    "name", ["", "nothing", "--all", "-x", "a..b", "HEAD@{1}", "main^{tree}", "deadbeef", "a\nb"]
)
def test_what_is_no_branch_is_refused_in_one_line(two_branches, name, reviewed):
    with pytest.raises(RepositoryError, match="no branch"):
        find_place(Repository.around(), name)
    status, _, told = reviewed(head=f"x{name}")
    assert (status, told.count("\n")) == (1, 1)
