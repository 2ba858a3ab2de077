import os
import shutil

import pytest

import gitrack
from gitrack.errors import DataMissingError
from gitrack.store.data import DataStore
from gitrack.store.large import missing_pointers, push_data
from gitrack.store.layout import PREVIEW_FILE
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

THRESHOLD = 20_000


@pytest.fixture(autouse=True)
def small(clean, monkeypatch):
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", str(THRESHOLD))
    monkeypatch.setenv("GITRACK_DATA_REMOTE", str(clean / "remote"))
    monkeypatch.setenv("GITRACK_CODE", "commit")


@pytest.fixture
def names(git, repository):
    """Name the files that the branch holds of a run."""

    def of(run_id):
        tree = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
        return {path.split("/", 4)[4] for path in tree if f"/{run_id}/" in path}

    return of


def long_run(run, rows=4000):
    for step in range(rows):
        run.log({"loss": ((step * 7919) % 10007) / 10007, "spike": 1e9 if step == 2718 else 0.5})


def lose_data():
    shutil.rmtree(DataStore(Repository.around()).root)


def test_a_large_file_goes_to_dvc_and_a_small_one_to_git(begin, repository, names):
    (repository / "model.pt").write_bytes(os.urandom(THRESHOLD + 1))
    (repository / "edge.bin").write_bytes(os.urandom(THRESHOLD))
    with begin() as run:
        run.log({"loss": 1.0})
        run.save("model.pt")
        run.save("edge.bin")
    found = names(run.id)
    assert {"files/model.pt.dvc", "files/edge.bin", "history.parquet"} <= found
    assert "files/model.pt" not in found
    loaded = gitrack.load(run.id)
    assert {"files/model.pt", "files/edge.bin"} <= set(loaded.files())
    assert loaded.read("files/model.pt") == (repository / "model.pt").read_bytes()


def test_what_every_reader_needs_stays_in_git_whatever_its_size(begin, names):
    with begin(config={"words": "x" * 2 * THRESHOLD}) as run:
        run.summary["text"] = "y" * 2 * THRESHOLD
    assert {"params.yaml", "metrics.json", "run.json"} <= names(run.id)
    assert gitrack.load(run.id).config["words"] == "x" * 2 * THRESHOLD


def test_a_long_history_leaves_a_preview_with_its_ends_and_extremes(begin, names):
    with begin() as run:
        long_run(run)
    assert {"history.parquet.dvc", PREVIEW_FILE} <= names(run.id)
    whole = gitrack.load(run.id).history()
    assert len(whole) == 4000
    lose_data()
    loaded = gitrack.load(run.id)
    with pytest.raises(DataMissingError, match=f"gitrack get {run.id}:history.parquet"):
        loaded.history()
    some = loaded.history(preview=True)
    assert 100 < len(some) < 4000
    assert (some["_step"].iloc[0], some["_step"].iloc[-1]) == (0, 3999)
    assert some["spike"].max() == 1e9
    assert (some["loss"].min(), some["loss"].max()) == (whole["loss"].min(), whole["loss"].max())
    # Every row of the preview is one that was logged.
    joined = some.merge(whole, on=["_step", "loss", "spike", "_runtime", "_timestamp"])
    assert len(joined) == len(some)
    reader = Reader(Repository.around())
    (record,) = reader.records()
    assert reader.is_preview(record)
    assert len(reader.read(record, PREVIEW_FILE)[0]) <= THRESHOLD


def test_a_metric_that_was_logged_now_and_then_keeps_its_share_of_the_preview(begin):
    with begin() as run:
        for step in range(4000):
            row = {"loss": ((step * 7919) % 10007) / 10007}
            run.log({**row, "val": step / 2, "note": f"{step}"} if step % 500 == 0 else row)
    lose_data()
    some = gitrack.load(run.id).history(preview=True)
    assert len(some["val"].dropna()) == 8
    assert len(some["note"].dropna()) == 8


def test_files_that_dvc_would_take_for_its_own_keep_their_names(begin, repository, names):
    kept = ["data.dvc", "dvc.yaml", "sub/dvc.lock", "sub/.dvcignore", "odd.dvc.file"]
    for name in kept:
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(f"this is {name}")
    (repository / "large.dvc").write_bytes(os.urandom(2 * THRESHOLD))
    with begin() as run:
        for name in (*kept, "large.dvc"):
            run.save(name)
    loaded = gitrack.load(run.id)
    for name in kept:
        assert loaded.read(f"files/{name}") == f"this is {name}".encode()
    assert loaded.read("files/large.dvc") == (repository / "large.dvc").read_bytes()
    assert {f"files/{name}" for name in (*kept, "large.dvc")} <= set(loaded.files())
    parts = {name.rpartition("/")[2] for name in names(run.id)}
    assert not parts & {"dvc.yaml", "dvc.lock", ".dvcignore", "data.dvc", "large.dvc"}


def test_a_resumed_run_goes_on_with_its_whole_history(begin, names):
    with begin(id="again") as run:
        long_run(run)
    with begin(id="again", resume="allow") as run:
        long_run(run, 10)
    loaded = gitrack.load("again")
    assert loaded.run.sessions == 2
    assert len(loaded.history()) == 4010


def test_a_run_whose_data_is_elsewhere_is_not_resumed_from_its_preview(begin, capsys):
    with begin(id="again") as run:
        long_run(run)
    lose_data()
    with begin(id="again", resume="allow") as run:
        run.log({"loss": 1.0})
    said = capsys.readouterr().err
    assert "again:history.parquet is not on this machine: `gitrack get again:history" in said
    assert "begins anew" in said
    ids = sorted(gitrack.runs()["id"])
    assert ids == ["again", "again-2"]
    assert gitrack.load("again").run.rows == 4000


def test_what_the_threshold_moves_on_resuming_leaves_no_second_form(begin, names, monkeypatch):
    with begin(id="again") as run:
        long_run(run)
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "100000000")
    with begin(id="again", resume="allow") as run:
        run.log({"loss": 0.5})
    found = names("again")
    assert "history.parquet" in found
    assert not {"history.parquet.dvc", PREVIEW_FILE} & found
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", str(THRESHOLD))
    with begin(id="again", resume="allow") as run:
        run.log({"loss": 0.5})
    found = names("again")
    assert {"history.parquet.dvc", PREVIEW_FILE} <= found
    assert "history.parquet" not in found
    assert len(gitrack.load("again").history()) == 4002


def test_a_fork_carries_pointers_without_the_data(begin, names):
    import numpy as np

    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    with begin(id="first") as run:
        run.log({"picture": gitrack.Image(noise)})
    pointed = {name for name in names("first") if name.startswith("media/")}
    assert pointed
    assert all(name.endswith(".dvc") for name in pointed)
    lose_data()
    with begin(id="second", fork_from="first?_step=0") as run:
        run.log({"loss": 1.0})
    assert pointed <= names("second")
    reader = Reader(Repository.around())
    assert len(missing_pointers(reader, reader.records())) == 2


def test_a_data_store_that_fails_loses_nothing_and_is_told(begin, repository, git, capsys):
    (repository / "model.pt").write_bytes(os.urandom(2 * THRESHOLD))
    own = Repository.around().own_dir
    own.mkdir(parents=True, exist_ok=True)
    (own / "dvc").write_text("a file where a folder should be")
    with begin() as run:
        long_run(run)
        run.save("model.pt")
    loaded = gitrack.load(run.id)
    assert len(loaded.history()) == 4000
    assert loaded.read("files/model.pt") == (repository / "model.pt").read_bytes()
    assert any("files/model.pt" in line and "is in git" in line for line in loaded.run.missing)


def test_a_file_too_large_for_git_that_cannot_be_kept_is_put_by(
    begin, repository, capsys, monkeypatch
):
    from gitrack.record import large

    monkeypatch.setattr(large, "_GIT_MOST", 2 * THRESHOLD - 1)
    (repository / "model.pt").write_bytes(os.urandom(2 * THRESHOLD))
    own = Repository.around().own_dir
    own.mkdir(parents=True, exist_ok=True)
    (own / "dvc").write_text("a file where a folder should be")
    with begin() as run:
        run.log({"loss": 1.0})
        run.save("model.pt")
    loaded = gitrack.load(run.id)
    assert "files/model.pt" not in loaded.files()
    assert any("files/model.pt (40.0 kB)" in line for line in loaded.run.missing)
    put_by = own / "unkept" / run.id / "files" / "model.pt"
    assert put_by.read_bytes() == (repository / "model.pt").read_bytes()
    assert str(put_by) in capsys.readouterr().err


def test_a_setting_that_names_no_remote_costs_no_run(begin, monkeypatch, capsys):
    monkeypatch.setenv("GITRACK_DATA_REMOTE", "nothing")
    with begin() as run:
        long_run(run)
    assert len(gitrack.load(run.id).history()) == 4000
    assert "data_remote: no DVC remote is named 'nothing'" in capsys.readouterr().err


def test_what_was_recorded_is_sent_and_named_on_the_branch(begin, git, repository, clean):
    with begin() as run:
        long_run(run)
    reader = Reader(Repository.around())
    assert push_data(reader, reader.records()).files == 1
    assert str(clean / "remote") in git(repository, "show", "experiments/main:.dvc/config")
    assert run.id


def test_a_threshold_of_nothing_is_refused(begin, monkeypatch, capsys):
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "0")
    with begin() as run:
        run.log({"loss": 1.0})
    assert "GITRACK_DATA_THRESHOLD: expected a number of at least 1" in capsys.readouterr().err
    assert len(gitrack.load(run.id).history()) == 1
