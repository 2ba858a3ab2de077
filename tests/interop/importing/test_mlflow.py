"""Stores that MLflow itself wrote, folders and databases, become runs."""

import math
import os
import shutil
import sqlite3

import pytest

import gitrack
from gitrack.interop.importing import mlflow as importing

FILL = """
import math, sys
import mlflow

def fill(uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("Exp One")
    with mlflow.start_run(run_name="parent"):
        mlflow.log_params({"lr": 0.1, "opt": "adam", "zip": "007", "on": True, "n": 3})
        mlflow.log_param("password", "hunter2xyz")
        mlflow.set_tags({"team": "nlp", "plain": "", "long": "x" * 300})
        mlflow.set_tag("mlflow.note.content", "a **note**")
        for step in range(5):
            mlflow.log_metrics({"loss": 1 / (step + 1), "val/acc": step / 3}, step=step)
        mlflow.log_metric("odd", math.nan)
        mlflow.log_metric("odd", 1e-17)
        mlflow.log_text("hello", "notes/a.txt")
        with mlflow.start_run(run_name="child", nested=True):
            mlflow.log_metric("x", 1e308)
    try:
        with mlflow.start_run(run_name="failing"):
            raise KeyError("on purpose")
    except KeyError:
        pass
    with mlflow.start_run(run_name="gone") as gone:
        pass
    mlflow.delete_run(gone.info.run_id)
"""
FILES = FILL + 'fill("file:store/mlruns")\n'
DATABASE = f"""{FILL}
import os

os.mkdir("store")
os.chdir("store")
fill("sqlite:///mlflow.db")
"""


@pytest.fixture(params=["files", "database"])
def store(request, written):
    """Give what is imported: a folder ``mlruns``, or a database."""
    return _store(written, request.param)


def _store(written, kind):
    if kind == "files":
        return written(FILES, MLFLOW_ALLOW_FILE_STORE="true") / "store" / "mlruns"
    return written(DATABASE) / "store" / "mlflow.db"


def test_values_steps_and_times(store, bring, rows_of):
    assert bring("mlflow", store) == 0
    assert bring.out.startswith("3 runs imported: experiments/main (")
    run = gitrack.load("parent")
    rows = [row for row in rows_of(run) if "loss" in row[1]]
    assert rows == [(s, {"loss": 1 / (s + 1), "val/acc": s / 3}) for s in range(5)]
    odd = run.history()["odd"].dropna().tolist()
    assert [math.isnan(odd[0]), odd[1]] == [True, 1e-17]
    assert gitrack.load("child").summary == {"x": 1e308}
    history = run.history()
    assert history["_timestamp"].between(run.run.created, run.run.ended).all()
    assert run.run.duration == pytest.approx(run.run.ended - run.run.created, abs=1e-3)


def test_who_the_runs_are(store, bring):
    bring("mlflow", store)
    parent, child, failing = (gitrack.load(name) for name in ("parent", "child", "failing"))
    run = parent.run
    assert (run.project, run.group, run.state) == ("Exp-One", "parent", "finished")
    assert child.run.group == "parent"
    assert (failing.run.state, failing.run.group) == ("failed", None)
    assert set(run.tags) == {"team=nlp", "plain"}
    assert run.notes == "a **note**"
    assert run.entity
    assert run.command[0] == "python"
    assert run.id == run.imported["id"]
    assert len(run.id) == 32


def test_params_have_their_kinds_back_and_no_secrets(store, bring):
    bring("mlflow", store)
    run = gitrack.load("parent")
    assert run.config == {
        "lr": 0.1, "opt": "adam", "zip": "007", "on": True, "n": 3, "password": "[removed]",
        "tags": {"long": "x" * 300},
    }  # fmt: skip


def test_artifacts_come_along(store, bring):
    bring("mlflow", store)
    assert gitrack.load("parent").read("files/notes/a.txt") == b"hello"


def test_large_artifacts_go_to_dvc(written, copied, bring, git, repository):
    place = copied(_store(written, "files"))
    (parent,) = (path.parent.parent for path in place.glob("*/*/params/lr"))
    content = os.urandom(2 << 20)
    (parent / "artifacts" / "model.bin").write_bytes(content)
    assert bring("mlflow", place) == 0
    run = gitrack.load("parent")
    assert run.read("files/model.bin") == content
    listing = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    assert any(line.endswith("files/model.bin.dvc") for line in listing)
    # smaller now, it stands in git itself
    (parent / "artifacts" / "model.bin").write_bytes(b"small")
    assert bring("mlflow", place) == 0
    assert gitrack.load("parent").read("files/model.bin") == b"small"
    listing = git(repository, "ls-tree", "-r", "--name-only", "experiments/main")
    assert "model.bin.dvc" not in listing


def test_the_same_again_commits_nothing(store, bring, tip):
    bring("mlflow", store)
    before = tip()
    assert bring("mlflow", store) == 0
    assert bring.out == "0 runs imported, 3 unchanged\n"
    assert tip() == before


def test_a_folder_of_files_and_a_database_of_one_run_agree(written, bring):
    """The two stores were filled by one script: only ids and times tell the runs apart."""
    seen = []
    for kind in ("files", "database"):
        bring("mlflow", _store(written, kind), "--branch", kind, "--project", kind)
    for kind in ("files", "database"):
        runs = gitrack.runs(f"project:{kind}")
        parent = gitrack.load(runs[runs["name"] == "parent"]["id"].item())
        columns = ["_step", "loss", "val/acc"]
        seen.append((parent.config, parent.run.tags, parent.history()[columns].astype(float)))
    assert seen[0][:2] == seen[1][:2]
    assert seen[0][2].equals(seen[1][2])


def test_damaged_files_are_named_and_the_rest_comes(written, copied, bring):
    place = copied(_store(written, "files"))
    (parent,) = (path.parent.parent for path in place.glob("*/*/params/lr"))
    (child,) = (path.parent.parent for path in place.glob("*/*/metrics/x"))
    with (parent / "metrics" / "loss").open("ab") as file:
        file.write(b"17 0.5")
    (parent / "metrics" / "bad").write_bytes(b"1 one 2\n\xff\xfe\n")
    (child / "meta.yaml").write_bytes(b"a: &a [*a, *a\n" + os.urandom(50))
    (parent / "metrics" / "far").write_bytes(b"1700000000000 0.5 %d\n" % 2**80)
    assert bring("mlflow", place) == 1
    assert "metrics/loss:6 is not complete" in bring.err
    assert "metrics/bad:1 is no value" in bring.err
    assert "meta.yaml: cannot be read" in bring.err
    assert set(gitrack.runs()["name"]) == {"parent", "failing"}
    run = gitrack.load("parent")
    assert run.history()["loss"].notna().sum() == 5
    assert run.summary["far"] == 0.5
    assert any("its step is 12089258196" in line for line in run.run.missing)


def test_links_lead_nowhere(written, copied, bring, tmp_path):
    place = copied(_store(written, "files"))
    (tmp_path / "secret.txt").write_text("the secret")
    (parent,) = (path.parent.parent for path in place.glob("*/*/params/lr"))
    (parent / "artifacts" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (parent / "params" / "link").symlink_to(tmp_path / "secret.txt")
    assert bring("mlflow", place) == 0
    run = gitrack.load("parent")
    assert "link" not in run.config
    assert "files/link.txt" not in run.files()
    assert any("link.txt" in line for line in run.run.missing)


def test_a_cut_database_is_one_line(written, copied, bring):
    place = copied(_store(written, "database").parent) / "mlflow.db"
    place.write_bytes(place.read_bytes()[:50_000])
    assert bring("mlflow", place) == 1
    assert bring.err.startswith("gitrack: mlflow.db: is no sound database of MLflow's (")
    assert len(bring.err.splitlines()) == 1


def test_a_database_of_something_else_and_no_database(tmp_path, bring):
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    assert bring("mlflow", path) == 1
    assert "is no sound database of MLflow's (no such table: runs)" in bring.err
    path.write_text("text")
    assert bring("mlflow", path) == 1
    assert bring.err == f"gitrack: {path}: no SQLite database\n"


def test_artifacts_of_a_database_are_taken_from_below_a_folder_that_is_named(
    written, copied, bring, tmp_path
):
    place = copied(_store(written, "database").parent) / "mlflow.db"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("the secret")
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE runs SET artifact_uri = ?", (outside.as_uri(),))
    connection.close()
    shutil.rmtree(place.parent / "mlruns")
    bring("mlflow", place)
    run = gitrack.load("parent")
    assert not [name for name in run.files() if name.startswith("files/")]
    assert any("--artifacts names it" in line for line in run.run.missing)
    assert bring("mlflow", place, "--artifacts", outside.parent) == 0
    assert gitrack.load("parent").read("files/secret.txt") == b"the secret"


def test_the_database_stays_as_it_is(written, copied, bring):
    place = copied(_store(written, "database").parent) / "mlflow.db"
    before = place.read_bytes()
    place.chmod(0o444)
    bring("mlflow", place)
    assert place.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e400", "1e400"), ("-0.0", -0.0), ("1_000", "1_000"), ("0x10", "0x10"), ("١", "١"),
     (" 1", " 1"), ("-7", -7), ("00.5", "00.5"), ("1.", 1.0), (".5", 0.5), ("", "")],
)  # fmt: skip
def test_a_param_is_what_its_text_says_and_no_more(text, value):
    found = importing.setting(text)
    assert repr(found) == repr(value)
