"""What is said of each record of the corpus that is odd or broken, for ever."""

from pathlib import Path

import pytest

from gitrack.errors import DataMissingError
from gitrack.model.finding import Severity
from gitrack.store.artifacts import Artifacts
from gitrack.store.branch import Branch
from gitrack.store.fsck.check import Depth, check
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

CORPUS = Path(__file__).parents[2] / "corpus" / "v1"

#: Records that are read all the same, and what fsck warns of.
ODD = {
    "summary-bom": "byte order mark",
    "summary-crlf": "CRLF",
    "summary-twice": "'loss' stands there twice",
    "summary-gone": "it is not there",
    "clock-ahead": "began in the future (2999-01-01)",
    "clock-back": "the run ended before it began",
}
#: Records that no reader takes, and why.
BROKEN = {
    "run-empty": "is no run record",
    "run-bool-rows": "rows is True",
    "run-nan": "NaN is no JSON",
    "run-deep": "is no run record",
    "run-words": "is no summary",
    "summary-empty": "is no summary",
    "summary-deep": "nested too deep",
    "summary-word": "is no summary",
    "config-date": "is no config",
    "config-bomb": "has aliases",
}
#: Records that are read but for one file, and what is wrong with that.
BROKEN_FILE = {
    "runs/2026-11-24/pointer-text": "is no pointer to large data",
    "runs/2026-11-24/pointer-climbs": "is no pointer to large data",
    "runs/2026-11-24/pointer-other": "it points at 'other.pt'",
    "runs/2026-11-24/pointer-digest": "is no digest",
    "runs/2026-11-24/pointer-empty": "is no pointer to large data",
    "runs/2026-11-24/media-climbs": "is no media",
    "runs/2026-11-24/media-cut": "line 1 is no media",
    "runs/2026-11-24/media-gone": "media.jsonl names it ('a')",
    "runs/2026-11-24/media-changed": "its SHA-256 is not what media.jsonl says",
    "runs/2026-11-24/histograms-text": "is no Parquet file",
    "runs/2026-11-24/system-empty": "is no Parquet file",
    "runs/2026-11-24/rows-fewer": "it has 1 rows, and run.json says 7",
    "artifacts/model/cut": "is no manifest",
    "artifacts/model/newer": "format version 2 is newer than 1",
    "artifacts/model/other-name": "it names digits/model/elsewhere v0",
    "artifacts/model/other-digest": "its digest is not that of its files",
    "artifacts/model/other-size": "its size is not that of its files",
    "artifacts/model/climbs": "a file on the branch has a plain, relative path",
    "artifacts/model/alias-gone": "'best' names v4, which is not there",
    "artifacts/model/alias-list": "is no list of aliases",
    "artifacts/model/alias-latest": "it is what versions are called by themselves",
    "artifacts/model/file-changed": "its MD5 is not what v0.json says",
    "artifacts/model/manifest-gone": "the manifest of v0 is gone",
}


@pytest.fixture
def filled(repository):
    """Put a part of the corpus on a branch: ``filled("odd")``."""

    def fill(name):
        files = {
            path.relative_to(CORPUS / name).as_posix(): path
            for path in sorted((CORPUS / name).rglob("*"))
            if path.is_file()
        }
        here = Repository.around()
        Branch(here, "experiments/main").add(files, "Corpus")
        found = check(here, Depth()).findings
        return Reader(here), [one for one in found if one.kind != "code"]

    return fill


def by_folder(findings):
    return {"/".join(one.path.split("/")[1:4]): one for one in findings}


def test_odd_records_are_read_and_warned_of(filled):
    reader, findings = filled("odd")
    records = {record.run.id: record for record in reader.records()}
    assert reader.damaged == []
    assert set(records) == {*ODD, "summary-huge", "config-empty", "unknown-fields"}
    assert records["summary-bom"].summary == records["summary-twice"].summary == {"loss": 0.5}
    assert records["summary-huge"].summary["n"] == 10**300 - 1
    assert records["config-empty"].config == {}
    assert {one.severity for one in findings} == {Severity.WARNING}
    said = {one.run: one.what for one in findings if one.kind != "place"}
    assert set(said) == set(ODD)
    for name, reason in ODD.items():
        assert reason in said[name], name


def test_broken_records_are_left_out_by_readers_and_named_by_fsck(filled):
    reader, findings = filled("broken")
    assert reader.records() == []
    left_out = {error.path.split("/")[3]: str(error) for error in reader.damaged}
    errors = {one.run: one.what for one in findings if one.severity is Severity.ERROR}
    assert set(left_out) == set(errors) == set(BROKEN)
    for name, reason in BROKEN.items():
        assert reason in left_out[name], name
        assert reason in errors[name], name


def test_a_broken_file_is_named_and_costs_no_more_than_itself(filled):
    reader, findings = filled("broken-file")
    errors = [one for one in findings if one.severity is Severity.ERROR]
    said = by_folder(errors)
    assert len(errors) == len(said)
    assert set(said) == set(BROKEN_FILE)
    for folder, reason in BROKEN_FILE.items():
        assert reason in said[folder].what, folder
        assert said[folder].cure, folder
    runs = {folder.rpartition("/")[2] for folder in BROKEN_FILE if folder.startswith("runs/")}
    assert {record.run.id for record in reader.records()} == runs
    assert all(record.config == {"lr": 0.1} for record in reader.records())


def test_pointers_previews_and_artifacts_read_as_they_were_recorded(filled):
    import gitrack

    reader, findings = filled("large")
    (absent,) = findings
    assert absent.kind == "absent"
    assert absent.what.startswith("4 objects of large data (")
    assert "no remote is named" in absent.what
    loaded = gitrack.load("large")
    assert loaded.history(preview=True)["_step"].tolist() == list(range(20))
    with pytest.raises(DataMissingError, match="history"):
        loaded.history()
    artifacts = Artifacts(reader.repository)
    stored = artifacts.find("net:best")
    assert stored.manifest.version == 0
    assert [file.path for file in stored.manifest.files] == ["raw", "small.txt", "weights/ü.bin"]
    assert artifacts.find("net:latest").manifest.version == 1
