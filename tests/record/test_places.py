"""Where runs are recorded, and what becomes of them where they cannot be."""

import os

import pytest

import gitrack

LOG = """
import gitrack
with gitrack.init(name='n', config={'k': 1}) as run: run.log({'a': 1})
print('trained')
"""


def one_run(where=None):
    frame = gitrack.runs(repository=where)
    assert len(frame) == 1
    run = gitrack.load(frame["id"][0], where)
    assert (run.run.state, run.run.rows, run.config) == ("finished", 1, {"k": 1})
    return run


def ours(done, lines):
    assert done.stdout == "trained\n"
    said = done.stderr.splitlines()
    assert all(line.startswith("gitrack: ") for line in said), done.stderr
    assert len(said) == lines, done.stderr
    return said


def test_a_run_on_main_goes_to_its_experiments_branch(repository, python):
    assert "1 rows on experiments/main" in ours(python(LOG), 1)[0]
    assert one_run()._record.branch == "experiments/main"


def test_a_run_on_a_feature_branch_goes_to_its_own(repository, python, git):
    git(repository, "checkout", "-q", "-b", "feature/größe")
    ours(python(LOG), 1)
    run = one_run()
    assert run._record.branch == "experiments/feature/größe"
    assert run.run.code.branch == "feature/größe"


def test_a_tag_of_the_branchs_name_changes_nothing(repository, python, git):
    git(repository, "tag", "main")
    ours(python(LOG), 1)
    assert one_run().run.code.branch == "main"
    assert one_run()._record.branch == "experiments/main"


def test_outside_a_repository_the_own_store_takes_the_run(clean, python, monkeypatch):
    monkeypatch.chdir(clean)
    said = ours(python(LOG), 2)
    assert said[0] == (
        f"gitrack: no git repository here: recording in your own store, {clean / 'own'}/store.git"
    )
    run = one_run()
    assert run._record.branch == "experiments/main"
    assert run.run.code.commit is None
    assert run.run.code.branch is None
    ours(python(LOG), 2)
    assert len(gitrack.runs()) == 2


def test_with_neither_a_repository_nor_a_store_the_script_goes_on(clean, python, monkeypatch):
    monkeypatch.chdir(clean)
    (clean / "own").write_text("in the way")
    assert "nothing is recorded" in ours(python(LOG), 1)[0]


def test_an_unborn_head_is_recorded_on(clean, python, git, monkeypatch):
    git(clean, "init", "-q", "-b", "trunk", clean / "new")
    monkeypatch.chdir(clean / "new")
    ours(python(LOG), 1)
    run = one_run()
    assert (run.run.code.commit, run.run.code.branch) == (None, "trunk")
    assert run._record.branch == "experiments/trunk"


def test_a_detached_head_is_recorded_on_detached(repository, python, git):
    git(repository, "checkout", "-q", "--detach")
    ours(python(LOG), 1)
    run = one_run()
    assert run._record.branch == "experiments/detached"
    assert run.run.code.branch is None
    assert run.run.code.commit == git(repository, "rev-parse", "HEAD")


def test_a_detached_head_under_ci_is_recorded_on_the_branch_that_ci_names(
    repository, python, git, monkeypatch
):
    git(repository, "checkout", "-q", "--detach")
    monkeypatch.setenv("GITHUB_HEAD_REF", "feature/x")
    ours(python(LOG), 1)
    run = one_run()
    assert run._record.branch == "experiments/feature/x"
    assert run.run.code.branch == "feature/x"


def test_a_branch_fixed_by_hand_under_ci_stays(repository, python, monkeypatch):
    monkeypatch.setenv("GITHUB_HEAD_REF", "feature/x")
    ours(python(LOG), 1)
    assert one_run()._record.branch == "experiments/main"


def test_a_bare_repository_is_recorded_in(clean, python, git, monkeypatch):
    git(clean, "init", "-q", "--bare", "-b", "main", clean / "bare.git")
    monkeypatch.chdir(clean / "bare.git")
    ours(python(LOG), 1)
    run = one_run()
    assert (run.run.project, run._record.branch) == ("bare", "experiments/main")
    assert run.run.code.dirty is None


def test_a_linked_worktree_is_recorded_in_the_one_repository(repository, python, git, clean):
    git(repository, "worktree", "add", "-q", "-b", "side", clean / "tree")
    ours(python(LOG, cwd=clean / "tree"), 1)
    assert one_run()._record.branch == "experiments/side"
    assert git(clean / "tree", "status", "--porcelain") == ""


def test_a_submodule_is_recorded_in_itself(repository, python, git, clean):
    outer = clean / "outer"
    git(clean, "init", "-q", outer)
    git(outer, "submodule", "add", "-q", repository, "inner")
    ours(python(LOG, cwd=outer / "inner"), 1)
    one_run(outer / "inner")
    assert gitrack.runs(repository=outer).empty


@pytest.mark.parametrize("way", ["gitrack", "gitrack/runs"])
def test_a_repository_that_cannot_be_written_leaves_the_run_to_the_own_store(
    repository, python, clean, git, way
):
    blocked = repository / ".git" / way
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("in the way")
    said = ours(python(LOG), 2)
    assert "cannot be written" in said[0]
    assert "recording in your own store" in said[0]
    run = one_run(clean / "own" / "store.git")
    assert run.run.code.commit == git(repository, "rev-parse", "HEAD")
    assert gitrack.runs().empty


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_repository_leaves_the_run_to_the_own_store(repository, python, clean):
    os.chown(repository / ".git", 4321, -1)
    said = ours(python(LOG), 2)
    assert "belongs to another user" in said[0]
    one_run(clean / "own" / "store.git")


def test_a_run_whose_commit_fails_is_kept_and_recovered(repository, python, clean):
    source = LOG.replace("run.log", "__import__('os').rename('.git/objects', '.git/away'); run.log")
    said = ours(python(source), 1)
    assert "is kept, `gitrack recover` commits it" in said[0]
    (repository / ".git" / "away").rename(repository / ".git" / "objects")
    ours(python("from gitrack.record.recovery import recover\n"
                "from gitrack.store.repository import Repository\n"
                "recover(Repository.around())\nprint('trained')"), 0)  # fmt: skip
    one_run()


def test_without_git_on_the_path_the_script_goes_on(repository, python, clean):
    said = ours(python(LOG, env={**os.environ, "PATH": str(clean)}), 1)
    assert "git is not installed" in said[0]
    ours(python(LOG.replace("'k': 1", "'k': 2")), 1)
    assert len(gitrack.runs()) == 2  # the one that waited was recovered on the way


def test_a_branch_named_experiments_is_named_and_the_run_waits(repository, python, git):
    git(repository, "branch", "experiments")
    said = ours(python(LOG), 1)
    assert "a branch named experiments is there (rename it: git branch -m experiments" in said[0]
    git(repository, "branch", "-m", "experiments", "old")
    ours(python(LOG), 1)
    assert len(gitrack.runs()) == 2


@pytest.mark.parametrize("packed", [False, True])
def test_runs_go_beside_an_experiments_branch_that_is_checked_out(repository, python, git, packed):
    ours(python(LOG), 1)
    if packed:
        git(repository, "pack-refs", "--all")
    git(repository, "checkout", "-q", "experiments/main")
    before = git(repository, "rev-parse", "HEAD")
    git(repository, "config", "gitrack.x", "1")
    source = LOG.replace("init(", "init(branch='main', ")
    assert "1 rows on experiments/main-runs" in ours(python(source), 1)[0]
    assert git(repository, "rev-parse", "HEAD") == before
    assert git(repository, "status", "--porcelain") == ""
    assert len(gitrack.runs()) == 2


def test_runs_go_beside_a_branch_that_another_stands_in_the_way_of(repository, python, git):
    for branch, beside in (("feature", False), ("feature/x", True), ("feature/x/y", True)):
        git(repository, "checkout", "-q", "--detach")
        said = ours(python(LOG.replace("init(", f"init(branch={branch!r}, ")), 1)[0]
        assert ("-runs" in said) == beside
    assert len(gitrack.runs()) == 3


def test_a_sha256_repository_is_recorded_in_and_read(clean, python, git, monkeypatch):
    git(clean, "init", "-q", "-b", "main", "--object-format=sha256", clean / "new")
    monkeypatch.chdir(clean / "new")
    (clean / "new" / "f").write_text("x")
    git(clean / "new", "add", "f")
    git(clean / "new", "commit", "-q", "-m", "Begin")
    ours(python(LOG), 1)
    assert len(one_run().run.code.commit) == 64


def test_a_clone_and_its_origin_read_each_others_runs(repository, python, git, clean):
    ours(python(LOG), 1)
    git(clean, "clone", "-q", repository, clean / "clone")
    ours(python(LOG, cwd=clean / "clone"), 1)
    assert len(gitrack.runs(repository=clean / "clone")) == 2
    git(clean / "clone", "push", "-q", "origin", "experiments/main")
    assert len(gitrack.runs()) == 2


def test_a_folder_that_was_deleted_underfoot_does_not_end_the_script(clean, python):
    source = "import os, tempfile, shutil\nd = tempfile.mkdtemp()\nos.chdir(d)\nshutil.rmtree(d)\n"
    ours(python(source + LOG), 2)


def test_a_terminal_that_is_gone_does_not_end_the_script(repository, python):
    done = python("import sys\nsys.stderr = None\n" + LOG)
    assert done.stdout == "trained\n"
    done = python("import sys\nsys.stderr.close()\n" + LOG)
    assert done.stdout == "trained\n"
    assert len(gitrack.runs()) == 2


def test_a_clock_that_is_set_back_keeps_order_and_durations(repository, python, rows_of):
    source = """
import time
real = time.time
shift = 0.0
time.time = lambda: real() - shift
import gitrack
run = gitrack.init(id="r")
for n in range(4):
    run.log({"n": n})
    shift += 3600
    time.sleep(0.01)
run.finish()
"""
    python(source)
    loaded = gitrack.load("r")
    history = loaded.history()
    assert history["n"].tolist() == [0, 1, 2, 3]
    assert history["_runtime"].is_monotonic_increasing
    assert not history["_timestamp"].is_monotonic_increasing
    assert 0 < loaded.run.duration < 60
    assert loaded.run.ended < loaded.run.created
