"""Large data and artifacts: missing, damaged, and brought back."""

import hashlib
import json
import os

import pytest

import gitrack
from gitrack.store.data import DataStore
from gitrack.store.moved import Moved


@pytest.fixture
def large(lab, clean, monkeypatch):
    """Record a run with a large file and an artifact of several, and push the data."""
    monkeypatch.setenv("GITRACK_DATA_REMOTE", str(clean / "data"))
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "4000")
    (clean / "model.pt").write_bytes(bytes(range(256)) * 20)
    (clean / "small.txt").write_text("small")
    with gitrack.init(project="p", id="big") as run:
        run.save(str(clean / "model.pt"), policy="now")
        artifact = gitrack.Artifact("net", "model")
        artifact.add_file(clean / "small.txt", name="small.txt")
        artifact.add_file(clean / "model.pt", name="model.pt")
        run.log_artifact(artifact, aliases=["best"])
    assert lab.findings() == []
    store = DataStore(lab.repository)
    lab.md5 = hashlib.md5((clean / "model.pt").read_bytes(), usedforsecurity=False).hexdigest()
    lab.object = store.objects.path(lab.md5)
    assert push_all(store).files
    return lab


def push_all(store) -> Moved:
    from gitrack.model.pointer import Pointer

    moved = Moved()
    for md5 in store.objects.all():
        moved += store.push([Pointer(md5, md5, 0, 0 if md5.endswith(".dir") else None)])
    return moved


def test_data_that_is_whole_and_on_the_remote_is_no_finding(large):
    assert large.findings(data=True) == []


def test_a_damaged_object_is_named_put_aside_and_fetched_again(large):
    content = large.object.read_bytes()
    large.object.chmod(0o644)
    large.object.write_bytes(b"x" + content[1:])
    assert large.findings() == []  # its size is right: only its digest tells
    (found,) = large.findings(data=True)
    assert (found.kind, found.target) == ("cache", large.md5)
    assert found.path.endswith("/v0/model.pt")
    from gitrack.store.fsck.repair import Repair

    (said,) = Repair(large.repository, large.check(data=True)).run()
    assert "put aside, and fetched again" in said
    assert large.object.read_bytes() == content
    assert [one.kind for one in large.findings(data=True)] == ["damaged"]


def test_a_truncated_object_is_found_without_reading_all_data(large):
    large.object.chmod(0o644)
    os.truncate(large.object, 100)
    (found,) = large.findings()
    assert found.what == "100 bytes of 5,120 are here"
    large.repair()
    assert large.object.stat().st_size == 5120


def test_a_damaged_object_that_no_remote_has_is_kept_aside(large, clean):
    remote = next((clean / "data").rglob(large.md5[2:]))
    remote.unlink()
    large.object.chmod(0o644)
    os.truncate(large.object, 100)
    (said,) = large.repair()
    assert "put aside, and not fetched" in said
    aside = list((large.folder / ".git/gitrack/damaged").rglob(large.md5[2:]))
    assert [path.stat().st_size for path in aside] == [100]
    (found,) = large.findings("data", data=True)
    assert "is neither here nor on" in found.what
    assert found.cure == "gitrack push on the machine that recorded it"


def test_data_that_is_elsewhere_is_noted_and_data_that_is_nowhere_is_an_error(large, clean):
    large.object.unlink()
    (found,) = large.findings()
    assert (found.kind, found.cure) == ("absent", "gitrack pull --data")
    assert "1 objects of large data (5.1 kB) are not here" in found.what
    assert [one.kind for one in large.findings(data=True)] == ["absent"]
    next((clean / "data").rglob(large.md5[2:])).unlink()
    assert [one.kind for one in large.findings(data=True)] == ["data"]


def test_data_on_this_machine_alone_is_noted(large, clean):
    next((clean / "data").rglob(large.md5[2:])).unlink()
    (found,) = large.findings(data=True)
    assert (found.kind, found.cure) == ("unpushed", "gitrack push")


def test_a_remote_that_does_not_answer_is_a_warning(large, clean, monkeypatch):
    monkeypatch.setenv("GITRACK_DATA_REMOTE", "nosuch://host/data")
    (found,) = large.findings(data=True)
    assert found.kind == "remote"
    assert found.severity == "warning"


def change(lab, name, content):
    lab.branch.change(lambda _: {f"p/artifacts/model/net/{name}": content}, "Change")


def test_artifacts_that_do_not_agree_with_themselves_are_errors(large):
    manifest = json.loads(large.show("p/artifacts/model/net/v0.json"))
    change(large, "aliases.json", b'{"best": 7}')
    (found,) = large.findings()
    assert (found.kind, found.what) == ("alias", "'best' names v7, which is not there")
    change(large, "aliases.json", b"[]")
    assert [one.what[:24] for one in large.findings()] == ["is no list of aliases ('"]
    change(large, "aliases.json", b'{"best": 0}')
    change(large, "v0/small.txt", b"other")
    (found,) = large.findings()
    assert (found.kind, found.what) == ("digest", "its MD5 is not what v0.json says")
    change(large, "v0/small.txt", b"small")
    change(large, "v0.json", json.dumps(manifest | {"version": 3}).encode())
    assert {one.kind for one in large.findings()} == {"format"}
    change(large, "v0.json", json.dumps(manifest | {"format": 9}).encode())
    assert {one.kind for one in large.findings()} == {"newer"}
    change(large, "v0.json", None)
    assert {one.kind for one in large.findings()} == {"alias", "artifact"}
