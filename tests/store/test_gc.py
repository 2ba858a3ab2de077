"""Freeing frees what nothing names, and nothing else."""

import os
import time
from pathlib import Path

import pytest

import gitrack
from gitrack.store.data import DataStore
from gitrack.store.gc import Collector
from gitrack.store.repository import Repository
from gitrack.store.retention import retire, retired_versions


@pytest.fixture
def lab(begin, repository, monkeypatch):
    """Record a run whose file DVC keeps."""
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "40000")  # a long list of packages is below it
    return repository


def record(begin, run_id, content):
    with begin(project="p", id=run_id) as run:
        Path(run.dir, "model.pt").write_bytes(content)


def objects():
    return set(DataStore(Repository.around()).objects.all())


def remove(run_id):
    from gitrack.store.branch import Branch
    from gitrack.store.reader import Reader

    reader = Reader(Repository.around())
    found = reader.find(run_id)
    plan = {f"{found.path}/{name}": None for name in found.blobs}
    Branch(reader.repository, "experiments/main").change(lambda _: plan, "Remove")


def collector(days=0.0):
    time.sleep(0.01)  # what is written now is younger than nothing
    return Collector(Repository.around(), days)


def test_what_a_record_names_stays_and_what_a_removed_one_named_goes(lab, begin):
    record(begin, "kept", b"k" * 50_000)
    (kept,) = objects()
    record(begin, "gone", b"g" * 50_000)
    (gone,) = objects() - {kept}
    assert collector().find() == []
    remove("gone")
    assert [one.name for one in collector().find() if one.kind == "data"] == [gone]
    assert objects() == {kept, gone}  # shown alone
    freed = collector().free()
    assert [(one.name, one.size) for one in freed] == [(gone, 50_000)]
    assert objects() == {kept}


def test_what_was_named_lately_stays_for_the_days_that_are_kept(lab, begin):
    record(begin, "gone", b"g" * 50_000)
    remove("gone")
    for path in (lab / ".git/gitrack/dvc").rglob("*"):
        os.utime(path, (0, 0))
    assert collector(days=1.0).find() == []


def test_what_a_remotes_branch_or_a_backup_names_stays(lab, begin, git):
    record(begin, "r", b"r" * 50_000)
    git(lab, "update-ref", "refs/remotes/origin/experiments/main", "experiments/main")
    remove("r")
    assert collector().find() == []
    git(lab, "update-ref", "refs/gitrack/backup/1", "refs/remotes/origin/experiments/main")
    git(lab, "update-ref", "-d", "refs/remotes/origin/experiments/main")
    assert {one.kind for one in collector(days=0.5).find()} == set()
    found = collector()
    time.sleep(1)  # the commit's second is over
    assert {one.kind for one in found.find()} == {"backup"}
    assert [one.kind for one in found.free()] == ["backup"]
    assert [one.kind for one in found.free()] == ["data"]


def test_what_a_living_run_has_logged_stays(lab, begin, clean):
    (clean / "w.bin").write_bytes(b"w" * 50_000)
    with begin(project="p") as run:
        artifact = gitrack.Artifact("net", "model")
        artifact.add_file(clean / "w.bin")
        run.log_artifact(artifact)
        deadline = time.time() + 30
        while not objects() and time.time() < deadline:
            time.sleep(0.05)
        kept = objects()
        assert kept
        collector().free()
        assert objects() >= kept
    assert gitrack.load(run.id)
    assert collector().find() == []


def test_nothing_is_freed_while_a_pointer_cannot_be_read(lab, begin):
    from gitrack.store.branch import Branch

    record(begin, "gone", b"g" * 50_000)
    remove("gone")
    record(begin, "kept", b"k" * 50_000)
    path = "p/runs/2026-01-01/odd/model.pt.dvc"
    Branch(Repository.around(), "experiments/main").add({path: b"outs: 3"}, "Odd")
    found = collector()
    assert found.find() == []
    assert "is no pointer to large data" in found.trouble[0]


def test_caches_logs_and_damaged_files_are_found(lab):
    own = lab / ".git" / "gitrack"
    for name in ("cache/site.json", "push.log", "damaged/1/x", "runs/alive/journal.jsonl"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text("x")
    assert sorted(one.kind for one in collector().find()) == ["cache", "damaged", "log"]
    assert [one.kind for one in collector(days=1.0).find()] == ["cache"]
    collector().free()
    assert sorted(path.name for path in own.iterdir()) == ["damaged", "runs"]


def test_versions_that_are_latest_aliased_or_used_are_not_retired(lab, begin, clean):
    path = clean / "w.bin"
    for number in range(6):
        path.write_bytes(bytes([number]) * 50_000)
        with begin(project="p") as run:
            artifact = gitrack.Artifact("net", "model")
            artifact.add_file(path)
            run.log_artifact(artifact, aliases=["best"] if number == 1 else [])
    with begin(project="p") as run:
        run.use_artifact("net:v2")
    repository = Repository.around()
    before = objects()
    found = retired_versions(repository, keep=2)
    assert [one.version for one in found] == [0, 3]
    retire(repository, found)
    assert retired_versions(repository, keep=2) == []
    freed = [one for one in collector().free() if one.kind == "data"]
    assert len(before) - len(objects()) == len(freed) > 0
    from gitrack.store.artifacts import Artifacts

    shelf = Artifacts(repository).shelves[0]
    assert list(shelf.versions) == [1, 2, 4, 5]
    with begin(project="p") as run:
        for version in (1, 2, 4, 5):
            run.use_artifact(f"net:v{version}").download(clean / f"out{version}")
            assert (clean / f"out{version}" / "w.bin").read_bytes() == bytes([version]) * 50_000
