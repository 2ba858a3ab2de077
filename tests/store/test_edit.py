"""What an edit changes on the branch, and that nothing else does."""

import json
import subprocess
import sys

import pytest

import gitrack
from gitrack.errors import (
    FormatError,
    NameRefusedError,
    NewerFormatError,
    RepositoryError,
    RunActiveError,
    RunNotFoundError,
)
from gitrack.model.edit import Edit
from gitrack.store.branch import Branch
from gitrack.store.edit import edit_runs, remove_runs
from gitrack.store.holding import Holding, find_holding
from gitrack.store.reader import Reader
from gitrack.store.removed import restore_runs
from gitrack.store.repository import Repository


@pytest.fixture
def lab(repository):
    return Repository.around()


@pytest.fixture
def put(put_run):
    return lambda number, *words, **fields: Holding(
        f"run-{number}", put_run(number, *words, **fields)
    )


def tree_of(git, folder, ref="experiments/main"):
    return dict(
        reversed(line.split("\t")) for line in git(folder, "ls-tree", "-r", ref).splitlines()
    )


def test_an_edit_is_one_commit_that_changes_one_file(put, lab, repository, git):
    runs = [put(number) for number in range(3)]
    before = git(repository, "rev-parse", "experiments/main")
    edit = Edit(add_tags=["good"], name="best", notes="two\nlines", group="g")
    (commit,) = edit_runs(lab, runs[1:2], edit).values()
    assert git(repository, "rev-parse", "experiments/main^") == before
    assert git(repository, "diff", "--name-only", before, commit) == runs[1].record
    run = Reader(lab).find("run-1").run
    assert (run.tags, run.name, run.notes, run.group) == (("good",), "best", "two\nlines", "g")
    trailers = git(repository, "log", "-1", "--format=%(trailers)", commit)
    assert trailers == "Edit: edit\nRun-Id: run-1"
    assert git(repository, "log", "-1", "--format=%an <%ae>", commit) == "Ada <ada@example.org>"


def test_many_runs_are_one_commit(put, lab, repository, git):
    runs = [put(number) for number in range(5)]
    (commit,) = edit_runs(lab, runs, Edit(archived=True)).values()
    assert git(repository, "rev-list", "--count", f"{commit}~5..{commit}") == "5"
    assert len(git(repository, "diff", "--name-only", f"{commit}^", commit).splitlines()) == 5
    assert git(repository, "log", "-1", "--format=%s", commit) == "Archive 5 runs"


def test_fields_that_this_version_does_not_know_stay(put, lab, repository, git):
    run = put(1)
    old = json.loads(git(repository, "show", f"experiments/main:{run.record}"))
    old |= {"mood": {"é": [1, 2.5, None, 1e300, 2**70]}, "notes": "old", "odd": "\ud800"}
    content = json.dumps(old).encode()
    Branch(lab, "experiments/main").add({run.record: content}, "By another version")
    edit_runs(lab, [run], Edit(add_tags=["x"]))
    new = json.loads(git(repository, "show", f"experiments/main:{run.record}"))
    assert new == {**old, "tags": ["x"]}
    assert list(new) == list(old)


def test_a_newer_format_and_a_damaged_record_are_refused(put, lab, repository, git):
    run = put(1)
    for content, error in (
        (b'{"format": 2}', NewerFormatError),
        (b"{", FormatError),
        (b'{"format": 1}', FormatError),
    ):
        Branch(lab, "experiments/main").add({run.record: content}, "Odd")
        before = git(repository, "rev-parse", "experiments/main")
        with pytest.raises(error, match=r"run-1/run\.json"):
            edit_runs(lab, [run], Edit(name="x"))
        assert git(repository, "rev-parse", "experiments/main") == before
    remove_runs(lab, [find_holding(Reader(lab), "run-1")])
    assert run.record not in tree_of(git, repository)


def test_a_record_that_names_another_run_is_refused(put, lab):
    run, other = put(1), put(2)
    content = Branch(lab, "experiments/main").git.run("show", f"experiments/main:{other.record}")
    Branch(lab, "experiments/main").add({run.record: content}, "Odd")
    with pytest.raises(FormatError, match="names run digits/run-2"):
        edit_runs(lab, [run], Edit(name="x"))


def test_nothing_to_change_is_no_commit(put, lab, repository, git):
    run = put(1, tags=("a",))
    before = git(repository, "rev-parse", "experiments/main")
    assert edit_runs(lab, [run], Edit(add_tags=["a"], remove_tags=["b"], group="")) == {}
    assert git(repository, "rev-parse", "experiments/main") == before


def test_a_move_to_another_project_moves_every_file_as_it_is(put, lab, repository, git):
    run, other = put(1), put(2)
    before = tree_of(git, repository)
    edit_runs(lab, [run], Edit(project="größe/x"))
    after = tree_of(git, repository)
    there = run.folder.replace("digits", "größe-x")
    quoted = {path: oid for path, oid in after.items() if "run-1" in path}
    assert len(quoted) == 3
    moved = Reader(lab).find("run-1")
    assert (moved.run.project, moved.path) == ("größe-x", there)
    assert moved.blobs["media/a b.png"] == before[f"{run.folder}/media/a b.png"].split()[-1]
    assert {p: o for p, o in after.items() if "run-1" not in p} == {
        p: o for p, o in before.items() if "run-1" not in p
    }
    assert Reader(lab).find("run-2").path == other.folder


def test_a_move_onto_another_run_is_refused(put, lab):
    run = put(1)
    put(1, project="other")
    with pytest.raises(RepositoryError, match="is there already"):
        edit_runs(lab, [run], Edit(project="other"))


def test_every_local_branch_that_holds_the_run_takes_the_edit(put, lab, repository, git):
    run = put(1)
    own = put(2, "feature/x")
    put(3)
    both = edit_runs(lab, [run], Edit(add_tags=["seen"]))
    assert set(both) == {"experiments/main", "experiments/feature/x"}
    one = edit_runs(lab, [run, own], Edit(archived=True))
    assert set(one) == set(both)
    for name in both:
        tags = json.loads(git(repository, "show", f"{name}:{run.record}"))["tags"]
        assert tags == ["seen"]
    git(repository, "checkout", "-q", "-B", "joined", "experiments/main")
    git(repository, "merge", "-q", "-m", "Merge", "experiments/feature/x")


def test_a_removed_run_is_gone_from_all_branches_and_comes_back_as_it_was(
    put, lab, repository, git
):
    run = put(1)
    put(2, "feature/x")
    edit_runs(lab, [run], Edit(name="best"))
    names = ("experiments/main", "experiments/feature/x")
    before = {name: git(repository, "rev-parse", f"{name}^{{tree}}") for name in names}
    assert set(remove_runs(lab, [run])) == set(names)
    assert [record.run.id for record in Reader(lab).records()] == ["run-2"]
    with pytest.raises(RunNotFoundError):
        edit_runs(lab, [run], Edit(name="x"))
    for name in ("run-1", "run", "best"):
        ids, commits = restore_runs(lab, [name])
        assert (ids, set(commits)) == (["run-1"], set(names))
        assert before == {name: git(repository, "rev-parse", f"{name}^{{tree}}") for name in names}
        remove_runs(lab, [run])


def test_what_was_moved_or_recorded_again_is_not_restored(put, lab):
    run = put(1)
    edit_runs(lab, [run], Edit(project="other"))
    with pytest.raises(RunNotFoundError, match="no such run was removed"):
        restore_runs(lab, ["run-1"])


def test_a_run_of_a_remote_is_edited_on_a_branch_begun_there(put, lab, repository, git, clean):
    run = put(1)
    git(clean, "clone", "-q", repository, clean / "clone")
    clone = Repository.around(clean / "clone")
    assert list(edit_runs(clone, [run], Edit(name="here"))) == ["experiments/main"]
    base = git(clean / "clone", "rev-parse", "experiments/main^")
    assert base == git(repository, "rev-parse", "experiments/main")
    assert Reader(clone).find("run-1").run.name == "here"


def test_a_branch_behind_its_remote_is_moved_forward_and_one_beside_it_is_not(
    put, lab, repository, git, clean
):
    put(1)
    git(clean, "clone", "-q", repository, clean / "clone")
    clone = Repository.around(clean / "clone")
    git(clean / "clone", "branch", "-q", "experiments/main", "origin/experiments/main")
    late = put(2)
    git(clean / "clone", "fetch", "-q")
    edit_runs(clone, [late], Edit(name="late"))
    assert Reader(clone).find("run-2").run.name == "late"
    later = put(3)
    git(clean / "clone", "fetch", "-q")
    with pytest.raises(RepositoryError, match="gitrack push origin"):
        edit_runs(clone, [later], Edit(name="x"))


def test_a_run_removed_here_is_not_shown_for_the_remotes_sake(put, lab, repository, git, clean):
    run = put(1)
    put(2)
    git(clean, "clone", "-q", repository, clean / "clone")
    clone = Repository.around(clean / "clone")
    remove_runs(clone, [run])
    assert [record.run.id for record in Reader(clone).records()] == ["run-2"]
    with pytest.raises(RunNotFoundError):
        find_holding(Reader(clone), "run-1")


def test_a_run_that_is_being_recorded_is_refused(lab, begin):
    run = begin(project="digits", id="alive-1", name="fox")
    run.log({"a": 1})
    for name in ("alive-1", "aliv"):
        with pytest.raises(RunActiveError, match="alive-1 is being recorded here"):
            find_holding(Reader(lab), name)
    run.finish()
    assert gitrack.load("alive-1").name == "fox"
    edit_runs(lab, [find_holding(Reader(lab), "alive-1")], Edit(name="hare"))
    again = begin(project="digits", id="alive-1", resume="must")
    with pytest.raises(RunActiveError):
        edit_runs(lab, [Holding("alive-1", gitrack.load("alive-1")._record.path)], Edit(name="x"))
    again.finish()
    assert gitrack.load("alive-1").name == "hare"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""}, {"name": " \n"}, {"name": "a\x1b[31m"}, {"name": "\udc80"},
        {"name": "x" * 4097}, {"add_tags": [""]}, {"add_tags": ["a\tb"]}, {"tags": ["\n"]},
        {"group": "a\nb"}, {"job_type": "\x7f"}, {"notes": "\x00"}, {"notes": "x" * 300_000},
        {"project": ""}, {"tags": [1]},
    ],
)  # fmt: skip
def test_a_text_that_could_not_be_shown_is_refused(fields):
    with pytest.raises(NameRefusedError) as caught:
        Edit(**fields)
    assert len(str(caught.value)) < 300


def test_names_of_4096_characters_and_odd_ones_are_kept(put, lab):
    run = put(1)
    edit_runs(lab, [run], Edit(name="ü" * 4096, add_tags=['"; rm -rf', "-x", "+y", "🎉"]))
    found = Reader(lab).find("run-1").run
    assert found.name == "ü" * 4096
    assert found.tags == ('"; rm -rf', "-x", "+y", "🎉")


EDITOR = """
import sys
from gitrack.model.edit import Edit
from gitrack.store.edit import edit_runs
from gitrack.store.holding import Holding
from gitrack.store.repository import Repository

edit_runs(Repository.around(), [Holding(*sys.argv[1:3])], Edit(add_tags=[sys.argv[3]]))
"""
RECORDER = """
import sys
import gitrack
for number in range(3):
    with gitrack.init(project="beside", id=f"w{sys.argv[1]}-{number}") as run:
        run.log({"loss": 1.0})
"""


def test_edits_of_one_run_at_once_all_land_while_others_record(put, lab, repository, git):
    run = put(1)
    head = (git(repository, "rev-parse", "HEAD"), (repository / ".git" / "index").read_bytes())
    words = [[EDITOR, run.id, run.folder, f"t{number}"] for number in range(8)]
    words += [[RECORDER, str(number)] for number in range(4)]
    children = [
        subprocess.Popen([sys.executable, "-c", *one], stderr=subprocess.DEVNULL) for one in words
    ]
    assert [child.wait() for child in children] == [0] * 12
    records = {record.run.id: record.run for record in Reader(lab).records()}
    assert set(records["run-1"].tags) == {f"t{number}" for number in range(8)}
    assert len(records) == 13
    assert git(repository, "rev-parse", "HEAD") == head[0]
    assert (repository / ".git" / "index").read_bytes() == head[1]
    assert git(repository, "status", "--porcelain") == ""
    git(repository, "fsck", "--strict")


def test_a_loaded_run_is_edited_with_secrets_taken_out(lab, repository, git, begin):
    begin(project="digits", id="r", name="fox", tags=["old"], notes="n").finish()
    loaded = gitrack.load("r")
    secret = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" + "0123456789"
    loaded.edit(name="hare", tags=["a", "b"], notes=f"token {secret}", archived=True)
    assert (loaded.name, loaded.run.tags, loaded.run.archived) == ("hare", ("a", "b"), True)
    assert secret not in git(repository, "log", "-p", "experiments/main")
    assert "[removed]" in loaded.run.notes
    assert list(gitrack.runs()["id"]) == []
    assert list(gitrack.runs(archived=True)["id"]) == ["r"]
    assert list(gitrack.runs("archived:true")["archived"]) == [True]
    loaded.edit(notes="", project="other", archived=False)
    assert (loaded.run.notes, loaded.run.project) == (None, "other")
    assert list(gitrack.runs()["id"]) == ["r"]
