import json

import pytest

from gitrack.errors import AmbiguousRunError, FormatError, NewerFormatError, RunNotFoundError
from gitrack.model.run import Run, State
from gitrack.store.branch import Branch
from gitrack.store.history import HistoryBuilder, table_to_bytes
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json


def put(folder, run_id, *, branch="main", name="fox", created=0.0, changes=None, files=None):
    """Record a run by hand, ``run.json`` changed or whole files replaced."""
    run = Run(run_id, "digits", name, State.FINISHED, created, rows=1)
    record = json.loads(run_to_json(run, {})) | (changes or {})
    history = HistoryBuilder()
    history.add(0, 0.0, created, {"loss": 0.5})
    contents = {
        "run.json": json.dumps(record).encode(),
        "params.yaml": config_to_yaml({"lr": 0.1}),
        "metrics.json": summary_to_json({"loss": 0.5}),
        "history.parquet": table_to_bytes(history.table()),
    } | (files or {})
    paths = {f"digits/runs/{run.day}/{run_id}/{n}": c for n, c in contents.items() if c is not None}
    Branch(Repository.around(folder), f"experiments/{branch}").add(paths, f"Run {run_id}")


@pytest.fixture
def reader(repository):
    return Reader(Repository.around())


def ids(reader):
    return [record.run.id for record in reader.records()]


def test_a_repository_without_runs_has_none(reader):
    assert reader.records() == []
    assert reader.branches() == {}


def test_runs_of_all_branches_are_read_once_oldest_first(repository, reader):
    put(repository, "b", created=2.0)
    put(repository, "a", created=1.0, branch="feature/x")
    put(repository, "c", created=0.5, branch="other")
    assert ids(reader) == ["c", "a", "b"]
    assert list(reader.branches()) == [f"experiments/{n}" for n in ("feature/x", "main", "other")]


def test_a_clone_reads_the_branches_of_its_remote(repository, git, clean):
    put(repository, "a")
    put(repository, "b", branch="feature/x")
    git(clean, "clone", "-q", repository, clean / "clone")
    reader = Reader(Repository.around(clean / "clone"))
    assert ids(reader) == ["a", "b"]
    put(clean / "clone", "c")
    put(repository, "d")
    git(clean / "clone", "fetch", "-q")
    assert ids(reader) == ["a", "b", "c", "d"]
    assert {r.branch for r in reader.records()} == {
        "experiments/main",
        "experiments/feature/x",
        "origin/experiments/main",
    }


def test_a_linked_worktree_reads_the_same_runs(repository, git, clean):
    put(repository, "a")
    git(repository, "worktree", "add", "-q", clean / "side")
    assert ids(Reader(Repository.around(clean / "side"))) == ["a"]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ({"changes": {"format": 99}}, "newer"),
        ({"changes": {"state": "asleep"}}, "run.json"),
        ({"changes": {"id": "other"}}, "names run digits/other"),
        ({"changes": {"project": "other"}}, "names run other/bad"),
        ({"files": {"run.json": b"{"}}, "run.json"),
        ({"files": {"params.yaml": b"a: ["}}, "params.yaml"),
        ({"files": {"metrics.json": b"[]"}}, "metrics.json"),
    ],
)
def test_a_damaged_run_is_named_and_the_others_are_read(repository, reader, damage, named):
    put(repository, "bad", **damage)
    put(repository, "good")
    assert ids(reader) == ["good"]
    (error,) = reader.damaged
    assert named in str(error)
    assert "runs/1970-01-01/bad" in error.path
    assert isinstance(error, NewerFormatError) == (named == "newer")


def test_a_damaged_history_is_named_when_it_is_asked_for(repository, reader):
    put(repository, "bad", files={"history.parquet": b"PAR1 no"})
    with pytest.raises(FormatError, match=r"bad/history\.parquet"):
        reader.history(reader.find("bad"))


def test_a_run_without_settings_results_and_history_is_a_run(repository, reader):
    put(repository, "a", files={"params.yaml": None, "metrics.json": None, "history.parquet": None})
    record = reader.find("a")
    assert (record.config, record.summary) == ({}, {})
    assert reader.history(record).num_rows == 0


def test_files_that_are_no_runs_are_passed_over(repository, reader):
    put(repository, "a")
    stray = {"digits/runs/1970-01-01/loose.txt": b"", "digits/runs/x/y/notes.md": b"", "z": b""}
    Branch(reader.repository, "experiments/main").add(stray, "Stray")
    assert ids(reader) == ["a"]
    assert reader.damaged == []


def test_a_submodule_or_a_link_in_place_of_a_file_spoils_one_run_at_most(repository, reader, git):
    put(repository, "good")
    link = git(repository, "hash-object", "-w", "--stdin", input="../../../../../etc/passwd")
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "read-tree", "experiments/main")
    for mode, oid, name in (("160000", commit, "a"), ("120000", link, "b")):
        path = f"digits/runs/1970-01-01/{name}/run.json"
        git(repository, "update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
    tree = git(repository, "write-tree")
    new = git(repository, "commit-tree", tree, "-p", "experiments/main", "-m", "Odd")
    git(repository, "update-ref", "refs/heads/experiments/main", new)
    assert ids(reader) == ["good"]
    assert ["/b/run.json" in str(error) for error in reader.damaged] == [True]


def test_a_run_is_found_by_id_by_the_beginning_of_one_and_by_name(repository, reader):
    put(repository, "abc-1", name="fox")
    put(repository, "abc-2", name="owl")
    put(repository, "abc", name="elk")
    put(repository, "abx", name="ab")
    assert reader.find("abc").run.id == "abc"
    assert reader.find("abc-2").run.id == "abc-2"
    assert reader.find("owl").run.id == "abc-2"
    assert reader.find("abx").run.name == "ab"
    assert reader.find("ab").run.id == "abx"
    with pytest.raises(AmbiguousRunError, match="abc-1, abc-2") as caught:
        reader.find("abc-")
    assert set(caught.value.candidates) == {"abc-1", "abc-2"}
    for nothing in ("zebra", "", "ABC"):
        with pytest.raises(RunNotFoundError):
            reader.find(nothing)


def test_two_runs_of_one_name_are_ambiguous(repository, reader):
    put(repository, "a1", name="fox")
    put(repository, "b1", name="fox")
    with pytest.raises(AmbiguousRunError, match="a1, b1"):
        reader.find("fox")


def test_a_run_of_another_script_keeps_its_folder(repository, reader):
    run = Run("r", "größe-日本", "n", State.FINISHED, 0.0)
    path = f"{run.project}/runs/{run.day}/r/run.json"
    Branch(reader.repository, "experiments/main").add({path: run_to_json(run, {})}, "Add")
    assert reader.find("r").run.project == "größe-日本"
