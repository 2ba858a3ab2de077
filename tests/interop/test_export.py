"""Exports that pandas reads back, exact and always the same."""

import csv
import hashlib
import json
import math
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

import gitrack
from gitrack.cli.main import main


@pytest.fixture
def recorded(begin):
    """Record two runs: one with odd values, one plain."""
    config = {"lr": 0.1, "model": {"depth": 3}, "nan": math.nan, "list": [1, "a"]}
    run = begin(project="digits", id="odd", name="=cmd()", config=config, tags=["a", "b"])
    run.log({"a": math.nan, "n": 2**63, "mixed": 1, "text": "x", "flag": True})
    run.log({"a": math.inf, "mixed": "one", "list": [1, None]}, step=7)
    run.log({"a": 0.1, "=1+1": -0.0}, step=3)
    run.finish(quiet=True)
    run = begin(project="größe", id="plain", config={"lr": 0.2})
    for step in range(3):
        run.log({"loss": 1 / (step + 1)})
    run.finish(quiet=True)


@pytest.fixture
def export(repository, capsys, tmp_path):
    """Export: ``export("csv", …)`` gives the folder, and what was said."""

    def run(kind, *words, status=0, out=None):
        out = out or tmp_path / f"out-{kind}"
        capsys.readouterr()
        assert main(["export", *words, "--format", kind, "--out", str(out)]) == status
        said = capsys.readouterr()
        run.out, run.err = said.out, said.err
        return out

    return run


def digest(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_csv_reads_back_in_pandas(recorded, export):
    out = export("csv")
    assert export.out.startswith("2 runs: 3 files, ")
    assert set(digest(out)) == {"runs.csv", "history/digits/odd.csv", "history/größe/plain.csv"}
    history = pd.read_csv(out / "history/größe/plain.csv")
    expected = gitrack.load("plain").history()
    assert history.columns.tolist() == ["_step", "_runtime", "_timestamp", "loss"]
    for name in history:
        assert history[name].tolist() == expected[name].tolist()
    runs = pd.read_csv(out / "runs.csv", index_col="id")
    assert runs.loc["plain", "config.lr"] == 0.2
    assert runs.loc["plain", "summary.loss"] == 1 / 3
    assert runs.loc["odd", "config.model.depth"] == 3
    assert json.loads(runs.loc["odd", "tags"]) == ["a", "b"]


def test_in_csv_what_is_missing_is_not_nan_and_no_formula_is_left(recorded, export):
    out = export("csv", "id:odd")
    with (out / "history/digits/odd.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["a"] for row in rows] == ["NaN", "inf", "0.1"]
    assert [row["n"] for row in rows] == [str(2**63), "", ""]
    assert [row["mixed"] for row in rows] == ["1", "one", ""]
    assert [row["list"] for row in rows] == ["", "[1, null]", ""]
    assert rows[2]["'=1+1"] == "-0.0"
    with (out / "runs.csv").open(newline="") as file:
        (run,) = csv.DictReader(file)
    assert run["name"] == "'=cmd()"
    assert run["config.nan"] == "NaN"


def test_jsonl_holds_everything(recorded, export):
    out = export("jsonl")
    odd, plain = (json.loads(line) for line in (out / "runs.jsonl").read_text().splitlines())
    assert (odd["id"], plain["id"]) == ("odd", "plain")
    assert odd["config"] == {"lr": 0.1, "model": {"depth": 3}, "nan": "NaN", "list": [1, "a"]}
    assert odd["tags"] == ["a", "b"]
    rows = [
        json.loads(line) for line in (out / "history/digits/odd.jsonl").read_text().splitlines()
    ]
    assert [{key: row[key] for key in row if key[0] != "_" or key == "_step"} for row in rows] == [
        {"_step": 0, "a": "NaN", "n": 2**63, "mixed": 1, "text": "x", "flag": True},
        {"_step": 7, "a": "Infinity", "mixed": "one", "list": [1, None]},
        {"_step": 3, "a": 0.1, "=1+1": -0.0},
    ]


def test_parquet_holds_the_rows_bit_by_bit(recorded, export):
    out = export("parquet")
    table = pq.read_table(out / "history/digits/odd.parquet")
    assert table.schema.metadata is None or b"pandas" not in table.schema.metadata
    values = table["a"].to_pylist()
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, 0.1]
    assert table["n"].to_pylist() == [2**63, None, None]
    runs = pd.read_parquet(out / "runs.parquet")
    assert runs["id"].tolist() == ["odd", "plain"]
    assert runs["config.lr"].tolist() == [0.1, 0.2]
    assert list(runs["tags"][0]) == ["a", "b"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "tensorboard"])
def test_the_same_runs_give_the_same_bytes(recorded, export, tmp_path, kind):
    assert digest(export(kind)) == digest(export(kind, out=tmp_path / "again"))


def test_a_folder_with_something_in_it_is_not_written_to(recorded, export, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "runs.csv").write_text("mine")
    export("csv", out=out, status=1)
    assert export.err == f"gitrack: {out} is not empty: --force writes over what is there\n"
    assert digest(out).keys() == {"runs.csv"}
    export("csv", "--force", out=out)
    assert len(digest(out)) == 3


def test_a_search_line_chooses(recorded, export, tmp_path):
    out = export("csv", "lr>0.15")
    assert set(digest(out)) == {"runs.csv", "history/größe/plain.csv"}
    export("csv", "lr>7", status=1, out=tmp_path / "none")
    assert export.err == "gitrack: no run 'lr>7': the search line finds none\n"
    assert not (tmp_path / "none").exists()


def test_rows_that_are_not_here_are_named_and_the_others_written(
    repository, begin, export, monkeypatch
):
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "3000")
    with begin(project="digits", id="long") as run:
        for step in range(3000):
            run.log({"loss": math.sin(step) * step})
    with begin(project="digits", id="short") as run:
        run.log({"loss": 1.0})
    shutil.rmtree(repository / ".git" / "gitrack" / "dvc")
    out = export("csv", status=1)
    assert "gitrack: left out: long: its history is not on this machine" in export.err
    assert set(digest(out)) == {"runs.csv", "history/digits/short.csv"}
