"""What fsck repairs, and that nothing is lost while it does."""

import json
import os
import time

import gitrack


def left(lab):
    """What is found after a repair, but for the note of what was put aside."""
    return [one for one in lab.findings() if one.kind != "damaged"]


def damaged_files(lab):
    top = lab.folder / ".git" / "gitrack" / "damaged"
    return sorted(path.name for path in top.rglob("*") if path.is_file())


def test_a_truncated_pack_is_salvaged_and_the_rest_fetched(lab):
    lab.git("gc", "-q", "--prune=now")
    (pack,) = (lab.folder / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    os.truncate(pack, pack.stat().st_size * 2 // 3)
    kinds = {one.kind for one in lab.findings()}
    assert {"pack", "object"} <= kinds
    said = lab.repair()
    assert "is put aside" in said[0]
    assert lab.findings("pack", "object") == []
    assert pack.name in damaged_files(lab)
    assert [run.id for run in map(gitrack.load, ("r0", "r1", "r2"))] == ["r0", "r1", "r2"]
    lab.git("fsck", "--strict")


def test_a_truncated_pack_without_a_remote_gives_back_what_it_still_holds(lab):
    lab.git("remote", "remove", "origin")
    lab.git("gc", "-q", "--prune=now")
    (pack,) = (lab.folder / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    os.truncate(pack, pack.stat().st_size - 40)
    lab.repair()
    # What stood last in the pack is gone; the commits, which stand first, are there again.
    assert lab.git("rev-list", "--count", "experiments/main") == "3"
    (found,) = lab.findings("object")
    assert f"there is no remote that might have 1 objects: {found.target}" in lab.repair()[-1]


def test_objects_that_are_gone_or_damaged_are_named_and_come_back(lab):
    lab.unpack()
    history = lab.git("rev-parse", f"experiments/main:{lab.path('r1', 'history.parquet')}")
    config = lab.git("rev-parse", f"experiments/main:{lab.path('r2', 'params.yaml')}")
    tree = lab.git("rev-parse", f"experiments/main:{lab.path('r0', 'run.json')[:-9]}")
    lab.loose(history).unlink()
    lab.loose(config).chmod(0o644)
    lab.loose(config).write_bytes(b"junk")
    lab.loose(tree).unlink()
    found = {one.target: one for one in lab.findings("object")}
    assert found[history].run == "r1"
    assert found[history].what == "its content is missing"
    assert "is damaged" in found[config].what
    assert found[tree].run == "r0"
    lab.repair()
    assert left(lab) == []
    assert damaged_files(lab) == [config[2:]]


def test_a_tip_that_is_gone_comes_back(lab):
    lab.unpack()
    tip = lab.git("rev-parse", "experiments/main")
    lab.loose(tip).unlink()
    found = lab.findings("object")
    assert {one.branch for one in found} == {"experiments/main", "origin/experiments/main"}
    lab.repair()
    assert left(lab) == []
    assert lab.git("rev-parse", "experiments/main") == tip


def test_an_object_that_an_earlier_commit_needs_is_missed_too(lab):
    lab.write("r1", {"notes.txt": b"first"})
    oid = lab.git("rev-parse", f"experiments/main:{lab.path('r1', 'notes.txt')}")
    lab.write("r1", {"notes.txt": None})
    lab.unpack()
    lab.loose(oid).unlink()
    (found,) = lab.findings()
    assert (found.kind, found.target) == ("object", oid)
    assert "an earlier state" in found.what
    assert lab.repair() == [f"not repaired: no remote has 1 objects: {oid}"]


def test_a_file_that_was_damaged_or_removed_is_restored_from_an_earlier_commit(lab):
    path = lab.path("r1", "history.parquet")
    whole = lab.show(path)
    lab.write("r1", {"history.parquet": whole[:100]})
    lab.write("r2", {"history.parquet": None, "run.json": b"{"})
    lab.write("r0", {"params.yaml": b"a: ["})
    said = lab.repair()
    assert len([line for line in said if "restored from" in line]) == 4
    assert left(lab) == []
    assert lab.show(path) == whole
    message = lab.git("log", "-1", "--format=%B", "experiments/main", "--", path)
    assert message.startswith(f"Restore {path}\n\nFrom-Commit: ")


def test_a_file_that_only_another_branch_has_whole_is_restored_from_there(lab):
    path = lab.path("r1", "history.parquet")
    whole = lab.show(path)
    tree = lab.git("rev-parse", "experiments/main^{tree}")
    lab.write("r1", {"history.parquet": b"cut"})
    # a branch without the history in which the file was whole
    cut = lab.git("rev-parse", "experiments/main^{tree}")
    new = lab.git("commit-tree", cut, "-m", "Rewritten")
    lab.git("update-ref", "refs/heads/experiments/main", new)
    lab.git("update-ref", "refs/heads/experiments/kept", lab.git("commit-tree", tree, "-m", "Kept"))
    lab.git("remote", "remove", "origin")
    lab.repair()
    assert lab.show(path) == whole


def test_what_no_commit_has_whole_stays_as_it_is(lab):
    lab.branch.add({"p/runs/2026-01-01/new/run.json": b"{"}, "New")
    tip = lab.git("rev-parse", "experiments/main")
    assert lab.repair() == []
    assert lab.git("rev-parse", "experiments/main") == tip


def test_a_damaged_version_is_never_taken_for_another_damaged_one(lab):
    path = lab.path("r1", "metrics.json")
    lab.write("r1", {"metrics.json": b"[1]"})
    lab.write("r1", {"metrics.json": b"[2]"})
    lab.repair()
    assert b"loss" in lab.show(path)


def test_a_summary_that_was_edited_by_hand_is_read_again(lab):
    lab.git("remote", "remove", "origin")
    lab.write("r0", {"metrics.json": b'{"loss": 0.5, "best": "NaN"}'})
    lab.edit("r0", not_finite=["loss", "best", "gone/0"])
    tree = lab.git("rev-parse", "experiments/main^{tree}")
    lab.git("update-ref", "refs/heads/experiments/main", lab.git("commit-tree", tree, "-m", "x"))
    (said,) = lab.repair()
    assert "no longer takes plain values in it for NaN" in said
    summary = gitrack.load("r0").summary
    assert summary["loss"] == 0.5
    assert summary["best"] != summary["best"]
    assert json.loads(lab.show(lab.path("r0", "run.json")))["not_finite"] == ["best"]


def test_a_ref_that_a_crash_emptied_stands_where_it_stood(lab):
    lab.write("r1", {"notes.txt": b"x"})
    tip = lab.git("rev-parse", "experiments/main")
    ref = lab.folder / ".git/refs/heads/experiments/main"
    ref.write_bytes(b"")
    (found,) = lab.findings("broken-ref")
    assert found.branch == "experiments/main"
    lab.repair()
    assert lab.git("rev-parse", "experiments/main") == tip
    assert left(lab) == []


def test_a_ref_without_a_log_stands_where_a_remote_has_it(lab):
    tip = lab.git("rev-parse", "experiments/main")
    (lab.folder / ".git/logs/refs/heads/experiments/main").unlink(missing_ok=True)
    (lab.folder / ".git/refs/heads/experiments/main").write_bytes(b"\0" * 41)
    lab.repair()
    assert lab.git("rev-parse", "experiments/main") == tip


def test_stale_partial_files_and_locks_go_and_fresh_ones_stay(lab):
    git_dir = lab.folder / ".git"
    old = [git_dir / "objects/pack/tmp_pack_a", git_dir / "refs/heads/experiments/main.lock"]
    fresh = [git_dir / "objects/pack/tmp_pack_b", git_dir / "refs/heads/experiments/x.lock"]
    for path in (*old, *fresh):
        path.write_bytes(b"")
    for path in old:
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    said = lab.repair()
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in fresh)
    assert any("may be in use" in line for line in said)


def test_a_bit_that_fell_over_inside_a_pack_is_found_and_fetched_again(lab):
    lab.git("gc", "-q", "--prune=now")
    (pack,) = (lab.folder / ".git/objects/pack").glob("*.pack")
    path = lab.path("r1", "history.parquet")
    whole = lab.show(path)
    words = lab.git("verify-pack", "-v", pack.with_suffix(".idx")).splitlines()
    oid = lab.git("rev-parse", f"experiments/main:{path}")
    (place,) = (int(line.split()[4]) for line in words if line.startswith(oid))
    content = bytearray(pack.read_bytes())
    content[place + 40] ^= 0x10
    pack.chmod(0o644)
    pack.write_bytes(content)
    found = {one.target: one for one in lab.findings("object")}
    assert found[oid].run
    assert "is damaged" in found[oid].what
    lab.repair()
    assert left(lab) == []
    assert lab.show(path) == whole
