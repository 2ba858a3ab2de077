"""Records of every format version, sound and damaged, are read for ever."""

import math
from pathlib import Path

import pytest

import gitrack
from gitrack.errors import FormatError, NewerFormatError
from gitrack.store.branch import Branch
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

CORPUS = Path(__file__).parent.parent / "corpus"

REASONS = {
    "newer": "format version 2 is newer than 1: install a newer gitrack",
    "no-format": "format is None",
    "state": "'asleep' is not a valid State",
    "times": "is no run record",
    "other-id": "names run digits/someone-else",
    "cut-json": "is no run record",
    "binary-json": "is no run record",
    "list-json": "is no run record",
    "yaml-alias": "has aliases",
    "yaml-object": "is no YAML",
    "yaml-cut": "is no YAML",
    "summary-list": "is no mapping",
    "summary-pointer": "is no summary",
}


@pytest.fixture
def filled(repository):
    """Put the whole corpus of version 1 on a branch."""
    files = {
        path.relative_to(top).as_posix(): path
        for top in (CORPUS / "v1" / "runs", CORPUS / "v1" / "malformed")
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }
    Branch(Repository.around(), "experiments/main").add(files, "Corpus")
    return Reader(Repository.around())


def test_the_sound_runs_are_read_and_each_damaged_one_is_named(filled):
    ids = {record.run.id for record in filled.records()}
    assert ids == {
        "20261124-120000-aaaa", "odd", "empty", "crashed",
        "history-cut", "history-text", "history-gone",
    }  # fmt: skip
    said = {error.path.split("/")[3]: error for error in filled.damaged}
    assert set(said) == set(REASONS)
    for name, reason in REASONS.items():
        assert reason in str(said[name]), name
    assert isinstance(said["newer"], NewerFormatError)


@pytest.mark.parametrize("name", ["history-cut", "history-text"])
def test_a_damaged_history_is_named(filled, name):
    with pytest.raises(FormatError, match=rf"{name}/history\.parquet: is no Parquet file"):
        gitrack.load(name).history()


def test_a_history_that_is_gone_has_no_rows(filled):
    assert gitrack.load("history-gone").history().empty


def test_a_plain_run_reads_as_it_was_recorded(filled):
    loaded = gitrack.load("20261124-120000-aaaa")
    run = loaded.run
    assert (run.name, run.project, run.state) == ("plain", "digits", "finished")
    assert (run.tags, run.notes, run.group) == (("baseline", "ü"), "two\nlines", "g")
    assert (run.entity, run.job_type, run.exit_code, run.rows) == ("us", "train", 0, 20)
    assert (run.code.branch, run.code.dirty, run.host.cores) == ("main", False, 2)
    assert run.command == ("python", "train.py")
    assert run.created == pytest.approx(1795485178, abs=5)
    assert loaded.config == {
        "lr": 0.01, "model": {"depth": 3, "act": "relu"}, "code": "1e-3", "yes": "no",
    }  # fmt: skip
    assert loaded.summary == {"loss": 0.05, "val/acc": 0.69, "epoch": 3}
    history = loaded.history()
    assert history["_step"].tolist() == list(range(20))
    assert history["loss"].tolist() == [1 / (step + 1) for step in range(20)]
    assert history["val/acc"].tolist() == [0.5 + step / 100 for step in range(20)]
    assert history["epoch"].tolist() == [step // 5 for step in range(20)]
    assert history["_runtime"].is_monotonic_increasing


def test_odd_values_read_as_they_were_recorded(filled, rows_of):
    loaded = gitrack.load("odd")
    assert (loaded.run.project, loaded.name, loaded.run.state) == ("größe", "<b>🎉</b>", "failed")
    assert loaded.run.error == "FloatingPointError: loss is NaN"
    assert math.isnan(loaded.config.pop("nan"))
    assert loaded.config == {"big": 2**70, "none": None, "list": [1, "a", {"k": False}]}
    rows = rows_of(loaded)
    assert math.isnan(rows[0][1].pop("a"))
    assert rows == [
        (0, {"n": 2**63, "mixed": 1, "text": "x", "flag": True}),
        (7, {"a": math.inf, "mixed": "one", "list": [1, None]}),
        (3, {"a": 0.0, "huge": 2**200, "flag": False}),
        (8, {"b": 1, "c": 2.5}),
    ]
    assert math.copysign(1, rows[2][1]["a"]) == -1
    assert loaded.summary["huge"] == 2**200
    assert math.copysign(1, loaded.summary["a"]) == -1


def test_a_crashed_and_an_empty_run_read_as_they_were_recorded(filled):
    assert gitrack.load("crashed").run.state == "crashed"
    assert gitrack.load("crashed").history()["loss"].tolist() == [2.0]
    assert gitrack.load("empty").history().empty
