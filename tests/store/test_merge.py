"""Two edits of one file: what meets, what clashes, and that no key is lost."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.model.run import Run, State
from gitrack.store.merge import merge_file, merge_results
from gitrack.store.schema import (
    config_from_yaml,
    config_to_yaml,
    run_from_json,
    run_to_json,
    summary_from_json,
    summary_to_json,
)

FOLDER = "p/runs/2026-11-24/r"
CONFIG = f"{FOLDER}/params.yaml"
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from(["", "a", "NaN"])
)
TREES = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        VALUES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


def merged(base, ours, theirs, prefer=None):
    files = (None if tree is None else config_to_yaml(tree) for tree in (base, ours, theirs))
    content, clashes = merge_file(CONFIG, *files, prefer)
    return config_from_yaml(content, CONFIG), clashes


def same(one, other):
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(TREES, TREES)
def test_a_side_that_changed_nothing_takes_the_others_change(base, edited):
    for ours, theirs in ((base, edited), (edited, base), (edited, edited)):
        result, clashes = merged(base, ours, theirs)
        assert same(result, edited)
        assert not clashes


@given(TREES, TREES, TREES)
def test_both_sides_come_to_the_same_file_and_the_same_clashes(base, ours, theirs):
    one, clashes = merged(base, ours, theirs, "ours")
    other, mirrored = merged(base, theirs, ours, "theirs")
    assert config_to_yaml(one) == config_to_yaml(other)
    assert [(c.key, c.ours, c.theirs) for c in clashes] == [
        (c.key, c.theirs, c.ours) for c in mirrored
    ]


@given(TREES, TREES, TREES)
def test_no_key_is_lost_that_nobody_removed(base, ours, theirs):
    result, _ = merged(base, ours, theirs, "ours")
    for key in ours.keys() | theirs.keys():
        removed = key in base and (key not in ours or key not in theirs)
        assert key in result or removed
    for key, value in ours.items():
        if key not in theirs and key not in base:
            assert same(result[key], value)


@given(TREES, TREES, TREES)
def test_who_is_preferred_has_its_values_at_every_clash(base, ours, theirs):
    _, clashes = merged(base, ours, theirs)
    for prefer, side in (("ours", ours), ("theirs", theirs)):
        result, again = merged(base, ours, theirs, prefer)
        assert again == clashes
        for clash in clashes:
            assert same(_at(result, clash.key), _at(side, clash.key))


def _at(tree, key):
    for part in key.split("."):
        tree = tree.get(part, "removed")
    return tree


def test_numbers_of_other_kinds_are_other_values():
    _, clashes = merged({"a": 0}, {"a": 1}, {"a": 1.0})
    assert [str(clash) for clash in clashes] == ["run r: params.yaml a: 1 here, 1.0 there"]
    _, clashes = merged({"a": 0}, {"a": 1}, {"a": True})
    assert len(clashes) == 1


def results_of(tags=(), notes=None, **summary):
    run = Run("r", "p", "calm-1", State.FINISHED, 1_764_000_000.0, tags=tags, notes=notes)
    return {"run.json": run_to_json(run, summary), "metrics.json": summary_to_json(summary)}


def read_results(files):
    run, words = run_from_json(files["run.json"], "run.json")
    return run, summary_from_json(files["metrics.json"], words, "metrics.json")


def test_tags_meet_as_a_set_and_a_note_beside_them():
    base = results_of(tags=("old", "stays"), loss=1.0)
    ours = results_of(tags=("old", "stays", "mine"), loss=1.0)
    theirs = results_of(tags=("stays", "yours"), notes="see issue 4", loss=1.0)
    files, clashes = merge_results(FOLDER, base, ours, theirs)
    run, _ = read_results(files)
    assert not clashes
    assert run.tags == ("stays", "mine", "yours")
    assert run.notes == "see issue 4"


def test_nan_and_infinities_stay_what_they_are_whoever_wrote_them():
    base = results_of(loss=1.0, acc=0.5)
    ours = results_of(loss=math.nan, acc=0.5)
    theirs = results_of(loss=1.0, acc=0.5, top=math.inf, word="NaN")
    files, clashes = merge_results(FOLDER, base, ours, theirs)
    _, summary = read_results(files)
    assert not clashes
    assert math.isnan(summary["loss"])
    assert (summary["acc"], summary["top"], summary["word"]) == (0.5, math.inf, "NaN")


def test_the_loser_of_a_nan_leaves_no_word_behind():
    base, ours, theirs = results_of(loss=1.0), results_of(loss=math.nan), results_of(loss=2.0)
    files, clashes = merge_results(FOLDER, base, ours, theirs, "theirs")
    _, summary = read_results(files)
    assert summary == {"loss": 2.0}
    assert [str(clash) for clash in clashes] == ["run r: metrics.json loss: NaN here, 2.0 there"]


def test_keys_that_this_version_does_not_know_are_kept():
    base = results_of()
    ours, theirs = dict(base), results_of(notes="n")
    record = json.loads(base["run.json"]) | {"colour": "red"}
    ours["run.json"] = json.dumps(record).encode()
    files, _ = merge_results(FOLDER, base, ours, theirs)
    assert json.loads(files["run.json"])["colour"] == "red"
    assert json.loads(files["run.json"])["notes"] == "n"


@pytest.mark.parametrize("damage", [b"", b"[]", b"{", b"\xff", b'{"format": 99}'])
def test_a_record_that_cannot_be_read_is_one_clash_and_stays_whole(damage):
    base, ours, theirs = results_of(), results_of(notes="n"), results_of()
    theirs["run.json"] = damage
    for prefer, side in (("ours", ours), ("theirs", theirs)):
        files, clashes = merge_results(FOLDER, base, ours, theirs, prefer)
        assert files["run.json"] == side["run.json"]
        assert len(clashes) == 1


@pytest.mark.parametrize("name", ["media.jsonl", "console.log"])
def test_what_both_sides_appended_is_all_there_in_one_order(name):
    path = f"{FOLDER}/{name}"
    one, clashes = merge_file(path, b"0\n", b"0\na\nc\n", b"0\nb\nc\n")
    other, _ = merge_file(path, b"0\n", b"0\nb\nc\n", b"0\na\nc\n")
    assert not clashes
    assert one == other == b"0\na\nc\nb\n"
    assert merge_file(path, b"0\n", b"0\na\n", b"0\na\nb\n")[0] == b"0\na\nb\n"
    assert merge_file(path, b"0\n", b"0\na", b"0\nb\n")[0] == b"0\na\nb\n"
    assert merge_file(path, b"0\n1\n", b"0\n", b"0\n1\n2\n")[1]


def test_two_data_remotes_clash_and_other_lines_of_the_configuration_meet():
    base = b"[core]\n    analytics = false\n"
    ours = base + b"    remote = lab\n['remote \"lab\"']\n    url = s3://one\n"
    theirs = base + b"    autostage = true\n"
    content, clashes = merge_file(".dvc/config", base, ours, theirs)
    assert not clashes
    assert b"url = s3://one" in content
    assert b"autostage = true" in content
    _, clashes = merge_file(".dvc/config", base, ours, ours.replace(b"one", b"two"))
    assert [(c.ours, c.theirs) for c in clashes] == [('"s3://one"', '"s3://two"')]


def test_other_files_are_one_thing():
    content, clashes = merge_file(f"{FOLDER}/history.parquet", b"0", b"one", b"other", "theirs")
    assert content == b"other"
    assert len(clashes) == 1
