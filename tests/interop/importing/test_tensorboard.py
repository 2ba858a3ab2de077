"""Event files of real writers, sound and damaged, become runs."""

import json
import math
import os
import struct

import hypothesis
import pytest
from hypothesis import strategies

import gitrack
from gitrack.interop.importing.tensorboard import find_tensorboard
from gitrack.record.tensorboard.events import EventFile
from gitrack.record.tensorboard.records import crc32c, framed, masked

TORCH = """
import math, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, torch
from torch.utils.tensorboard import SummaryWriter

writer = SummaryWriter("logs/one")
for step in range(20):
    writer.add_scalar("loss", 1 / (step + 1), step, walltime=1.7e9 + step + 0.25)
    writer.add_scalar("val/acc", step / 20, step, walltime=1.7e9 + step + 0.5)
writer.add_scalar("odd", math.nan, 20, walltime=1.7e9 + 20)
writer.add_scalar("odd", math.inf, 21, walltime=1.7e9 + 21)
writer.add_scalar("exact", 0.1, 22, walltime=1.7e9 + 22, new_style=True, double_precision=True)
writer.add_scalar("single", 0.1, 22, walltime=1.7e9 + 22, new_style=True)
writer.add_scalar("back", 1.0, -3, walltime=1.7e9 + 23)
writer.add_histogram("weights", np.arange(1000) / 1000, 2, bins=[0, 0.25, 0.5, 1.0])
writer.add_image("pixels", np.arange(48, dtype=np.uint8).reshape(3, 4, 4), 3)
writer.add_text("note", "hello **you**", 4)
writer.add_audio("sound", torch.linspace(-1, 1, 100).reshape(1, -1), 5, sample_rate=8000)
writer.add_pr_curve("pr", np.array([0, 1, 1]), np.array([0.1, 0.5, 0.9]), 6)
writer.add_tensor("matrix", torch.arange(6.0).reshape(2, 3), 7)
writer.add_mesh("mesh", torch.zeros(1, 3, 3), global_step=8)
writer.add_hparams({"lr": 0.1, "layers": 3, "act": "relu"}, {"hp/acc": 0.5})
writer.add_scalars("both/x", {"a": 1.0, "b": 2.0}, 9)
writer.close()
other = SummaryWriter("logs/group/two")
other.add_scalar("loss", 3.0, 0)
other.close()
"""

#: What TensorFlow 2 writes: every value a tensor, told apart by its plugin.
TENSORS = """
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_BFLOAT16, DT_HALF
from tensorboard.plugins.audio import metadata as audio
from tensorboard.plugins.histogram import metadata as histogram
from tensorboard.plugins.image import metadata as image
from tensorboard.plugins.scalar import metadata as scalar
from tensorboard.plugins.text import metadata as text
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

writer = EventFileWriter("logs/two")

def add(step, tag, tensor, metadata=None):
    value = Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    writer.add_event(Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=[value])))

plain = scalar.create_summary_metadata("", "")
for step, kind in enumerate(("float16", "float32", "float64", "int8", "uint8", "int32", "int64")):
    add(step, kind, make_tensor_proto(np.array(3, kind)), plain)
add(7, "bool", make_tensor_proto(True), plain)
shape = TensorShapeProto()
add(8, "bfloat16", TensorProto(dtype=DT_BFLOAT16, half_val=[0x3FC0], tensor_shape=shape), plain)
add(9, "half", TensorProto(dtype=DT_HALF, half_val=[0x3E00], tensor_shape=shape), plain)
# the plugin stands beside a tag's first value alone
add(10, "bins", make_tensor_proto(np.array([[0.0, 1.0, 5.0], [1.0, 4.0, 2.0]])),
    histogram.create_summary_metadata("", ""))
add(11, "bins", make_tensor_proto(np.array([[0.0, 2.0, 1.0]])))
add(12, "pixels", make_tensor_proto([b"2", b"1", PNG, PNG]),
    image.create_summary_metadata("", ""))
add(13, "sound", make_tensor_proto([[b"RIFF....", b"label"]]),
    audio.create_summary_metadata("", "", 1))
add(14, "grid", make_tensor_proto([["a", "b"], ["c", "d"]]), text.create_summary_metadata("", ""))
add(15, "lines", make_tensor_proto(["one", "two"]), text.create_summary_metadata("", ""))
writer.close()
""".replace("PNG", repr(
    bytes.fromhex("89504e470d0a1a0a0000000d4948445200000002000000010802000000")
    + bytes.fromhex("7b40e8dd0000000c4944415478da63f8cfc00000040101")
    + bytes.fromhex("00c9fe92ef0000000049454e44ae426082")
))  # fmt: skip

TENSORBOARDX = """
import numpy as np
from tensorboardX import SummaryWriter

writer = SummaryWriter("logs/x")
for step in range(5):
    writer.add_scalar("loss", 0.1 * step, step)
writer.add_histogram("weights", np.zeros(10), 0)
writer.add_histogram("many", np.random.default_rng(0).normal(size=5000) ** 3, 0)
writer.close()
"""

PARTS = "torch", "tensorboard"


@pytest.fixture
def logs(written):
    return written(TORCH, *PARTS) / "logs"


def event_file_of(folder):
    return next(folder.glob("events.out.*"))


def float32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def test_scalars_keep_their_bits_steps_and_times(logs, bring, rows_of):
    assert bring("tensorboard", logs) == 0
    assert bring.out.startswith("2 runs imported: experiments/main (")
    run = gitrack.load("one")
    rows = rows_of(run)
    history = run.history()
    for step in range(20):
        assert rows[step] == (
            step,
            {"loss": float32(1 / (step + 1)), "val/acc": float32(step / 20)},
        )
        assert history["_timestamp"][step] == 1.7e9 + step + 0.5
    odd = [values["odd"] for _, values in rows if "odd" in values]
    assert math.isnan(odd[0])
    assert odd[1] == math.inf
    assert (22, {"exact": 0.1, "single": float32(0.1)}) in rows
    assert (-3, {"back": 1.0}) in rows
    assert run.summary["exact"] == 0.1


def test_who_the_run_is(logs, bring):
    bring("tensorboard", logs)
    one, two = gitrack.load("one"), gitrack.load("group/two")
    assert one.config == {"lr": 0.1, "layers": 3, "act": "relu"}
    assert (one.run.project, one.run.state, one.run.group) == ("lab", "finished", None)
    assert two.run.group == "group"
    assert one.run.imported["source"] == "tensorboard"
    assert one.run.imported["id"].startswith("events.out.tfevents.")
    assert one.run.created == pytest.approx(1.7e9, abs=1)
    assert one.run.code.commit is None
    # what PyTorch writes into folders of their own is part of the run
    assert one.summary["hp/acc"] == 0.5
    assert one.summary["both/x/a"] == 1.0
    assert one.summary["both/x/b"] == 2.0


def test_media_are_kept(logs, bring):
    bring("tensorboard", logs)
    run = gitrack.load("one")
    kinds = dict(zip(run.media()["key"], run.media()["type"], strict=True))
    assert kinds == {
        "pixels": "image", "note/text_summary": "markdown", "sound": "audio", "pr": "table",
    }  # fmt: skip
    paths = dict(zip(run.media()["key"], run.media()["path"], strict=True))
    facts = dict(zip(run.media()["key"], run.media()["facts"], strict=True))
    events = list(EventFile(event_file_of(logs / "one")).events())
    (pixels,) = (e.values["pixels"].contents[0] for e in events if "pixels" in e.values)
    assert run.read(paths["pixels"]) == pixels
    assert run.read(paths["note/text_summary"]) == b"hello **you**"
    assert run.read(paths["sound"])[:4] == b"RIFF"
    assert run.table("pr").shape == (127, 6)
    (histogram,) = run.histograms("weights").itertuples()
    assert histogram.counts.tolist() == [250, 250, 500]
    assert histogram.edges.tolist() == [0, 0.25, 0.5, 1.0]
    assert run.history()["matrix"].dropna().tolist() == [[[0, 1, 2], [3, 4, 5]]]
    assert any("mesh" in line for line in run.run.missing)
    assert (facts["pixels"]["width"], facts["pixels"]["height"]) == (4, 4)


def test_tensorboardx_is_read_too(written, bring, only):
    folder = written(TENSORBOARDX, "tensorboardX")
    assert bring("tensorboard", folder / "logs") == 0
    run = only()
    assert run.history()["loss"].dropna().tolist() == [float32(0.1 * step) for step in range(5)]
    counts = {one.key: sum(one.counts) for one in run.histograms().itertuples()}
    assert counts == {"weights": 10, "many": 5000}


def test_values_that_are_tensors(written, bring, only, rows_of):
    assert bring("tensorboard", written(TENSORS, "tensorboard") / "logs") == 0
    run = only()
    kinds = "float16 float32 float64 int8 uint8 int32 int64".split()
    rows = rows_of(run)
    assert rows[:7] == [(step, {kind: 3}) for step, kind in enumerate(kinds)]
    assert rows[7:10] == [(7, {"bool": True}), (8, {"bfloat16": 1.5}), (9, {"half": 1.5})]
    histograms = list(run.histograms("bins").itertuples())
    assert [one.counts.tolist() for one in histograms] == [[5, 2], [1]]
    assert [one.edges.tolist() for one in histograms] == [[0, 1, 4], [0, 2]]
    media = run.media()
    kinds = dict(zip(media["key"], media["type"], strict=True))
    assert kinds == {"pixels": "image", "sound": "audio", "grid": "table", "lines": "markdown"}
    assert media["index"].dropna().tolist() == [0, 1, 0, 1]
    assert media["facts"][0]["width"] == 2
    assert run.table("grid").values.tolist() == [["a", "b"], ["c", "d"]]


def test_a_stretch_of_zeros_is_passed_over(logs, copied, bring):
    place = copied(logs)
    path = event_file_of(place / "one")
    content = path.read_bytes()
    at = _offsets(content)[5]
    path.write_bytes(content[:at] + bytes(30 << 20) + content[at:])
    assert bring("tensorboard", place) == 1
    assert f"at byte {at} no record begins" in bring.err
    assert gitrack.load("one").history()["loss"].notna().sum() == 20


def test_the_same_again_commits_nothing(logs, bring, tip, copied):
    bring("tensorboard", logs)
    before = tip()
    assert bring("tensorboard", logs) == 0
    assert bring.out == "0 runs imported, 2 unchanged\n"
    assert tip() == before
    # nor does it from elsewhere: the files say who the run is
    assert bring("tensorboard", copied(logs)) == 0
    assert tip() == before


def test_a_run_that_grew_is_replaced_and_what_people_wrote_stays(
    logs, copied, bring, git, repository
):
    place = copied(logs)
    bring("tensorboard", place)
    run = gitrack.load("one")
    run.edit(tags=["good"], name="best so far", project="other")
    path = event_file_of(place / "one")
    content = path.read_bytes()
    path.write_bytes(content + _scalar_event("loss", 0.5, 30))
    assert bring("tensorboard", place) == 0
    assert bring.out.startswith("0 runs imported, 1 updated, 1 unchanged: ")
    after = gitrack.load(run.id)
    assert (after.name, list(after.run.tags)) == ("best so far", ["good"])
    assert after.run.project == "other"
    listing = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    assert {line.split("/")[0] for line in listing if run.id in line} == {"other"}
    assert after.summary["loss"] == 0.5
    assert after.run.created == run.run.created
    assert after.run.rows == run.run.rows + 1


def _scalar_event(tag, value, step):
    summary = b"\x0a" + bytes([len(tag) + 7]) + b"\x0a" + bytes([len(tag)]) + tag.encode()
    summary += b"\x15" + struct.pack("<f", value)
    event = b"\x09" + struct.pack("<d", 1.8e9) + b"\x10" + bytes([step])
    return framed(event + b"\x2a" + bytes([len(summary)]) + summary)


def test_a_file_cut_off_is_named_and_its_rows_are_kept(logs, copied, bring):
    place = copied(logs)
    path = event_file_of(place / "one")
    path.write_bytes(path.read_bytes()[:1000])
    assert bring("tensorboard", place) == 1
    assert "one: events.out.tfevents" in bring.err
    assert "ends in the middle of a record" in bring.err
    assert bring.err.splitlines()[-1] == "gitrack: 1 error in what was to be imported"
    assert gitrack.load("one").run.rows > 3
    assert gitrack.load("group/two").summary["loss"] == 3.0
    assert bring("tensorboard", place) == 1  # it is said again


@pytest.mark.parametrize("place", ["content", "length"])
def test_a_flipped_byte_costs_one_record(logs, copied, bring, place):
    folder = copied(logs)
    path = event_file_of(folder / "one")
    content = bytearray(path.read_bytes())
    third = _offsets(content)[3]
    content[third + (14 if place == "content" else 1)] ^= 0x40
    path.write_bytes(content)
    assert bring("tensorboard", folder) == 1
    assert f"at byte {third} " in bring.err
    run = gitrack.load("one")
    assert run.history()["loss"].notna().sum() + run.history()["val/acc"].notna().sum() == 39


def _offsets(content):
    found, at = [], 0
    while at < len(content):
        found.append(at)
        at += 16 + struct.unpack_from("<Q", content, at)[0]
    return found


def test_garbage_is_named_and_the_others_come(logs, copied, bring):
    place = copied(logs)
    (place / "bad").mkdir()
    (place / "bad" / "events.out.tfevents.1.x").write_bytes(os.urandom(5000))
    (place / "empty").mkdir()
    (place / "empty" / "events.out.tfevents.2.x").write_bytes(b"")
    assert bring("tensorboard", place) == 1
    assert "gitrack: bad: " in bring.err
    assert "gitrack: empty: holds no events" in bring.err
    assert len(gitrack.runs()) == 2


def test_links_are_not_followed(logs, copied, bring, tmp_path):
    place = tmp_path / "place"
    (place / "own").mkdir(parents=True)
    (place / "linked").symlink_to(logs / "one")
    (place / "own" / "events.out.tfevents.1.x").symlink_to(event_file_of(logs / "one"))
    assert bring("tensorboard", place) == 1
    assert "no event files of TensorBoard there" in bring.err


def test_hostile_tags_and_secrets(tmp_path, bring, only):
    folder = tmp_path / "logs" / "run"
    folder.mkdir(parents=True)
    events = [_scalar_event(tag, 1.0, 1) for tag in ("../../x", "a\x1b[31m", "_step", "=cmd()")]
    token = "ghp_" + "aB3" * 12
    events.append(_scalar_event(f"k {token}", 1.0, 1))
    (folder / "events.out.tfevents.1.x").write_bytes(b"".join(events))
    assert bring("tensorboard", tmp_path / "logs") == 0
    run = only()
    assert {"../../x", "a\x1b[31m", "logged/_step", "=cmd()"} < set(run.summary)
    assert token not in str(run.summary)
    assert token not in run.read("run.json").decode()


@pytest.mark.parametrize("time", [math.nan, math.inf, -1e300, 1e300])
def test_times_that_are_none(tmp_path, bring, only, time):
    event = b"\x09" + struct.pack("<d", time) + _scalar_event("loss", 0.5, 3)[12 + 9 : -4]
    path = tmp_path / "logs" / "events.out.tfevents.1.x"
    path.parent.mkdir()
    path.write_bytes(framed(event))
    assert bring("tensorboard", path.parent) == 0
    assert only().summary["loss"] == 0.5


def test_a_folder_without_events_is_an_error(tmp_path, bring):
    assert bring("tensorboard", tmp_path) == 1
    assert bring.err == f"gitrack: {tmp_path}: no event files of TensorBoard there\n"


def test_a_file_is_followed_while_it_grows(logs, tmp_path):
    content = event_file_of(logs / "one").read_bytes()
    path = tmp_path / "events.out.tfevents.1.x"
    path.write_bytes(b"")
    file, found = EventFile(path), []
    for end in range(0, len(content) + 97, 97):
        path.write_bytes(content[:end])
        found += file.events()
    whole = EventFile(event_file_of(logs / "one"))
    assert [(e.step, e.wall_time, set(e.values)) for e in found] == [
        (e.step, e.wall_time, set(e.values)) for e in whole.events()
    ]
    assert not file.damage
    assert file.left == 0


def test_what_tensorboard_reads_is_what_we_read(logs, python):
    """Hold our reader against TensorBoard's own, in a process that its warnings do not end."""
    source = """
import sys, json
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util
found = []
for event in EventFileLoader(sys.argv[1]).Load():
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == "scalars":
            number = tensor_util.make_ndarray(value.tensor).item()
            found.append([event.step, event.wall_time, value.tag, number])
print(json.dumps(found))
"""
    path = event_file_of(logs / "one")
    theirs = json.loads(python(source, path).stdout)
    ours = [
        [event.step, event.wall_time, tag, value]
        for event in EventFile(path).events()
        for tag, value in event.values.items()
        if isinstance(value, float)
    ]
    assert repr(ours) == repr(theirs)
    assert len(ours) > 40


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 70_001, 300_000])
def test_checksums_are_what_their_definition_says(size):
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    plain = 0xFFFFFFFF
    for byte in content:
        plain ^= byte
        for _ in range(8):
            plain = plain >> 1 ^ (0x82F63B78 if plain & 1 else 0)
    plain ^= 0xFFFFFFFF
    assert crc32c(content) == plain
    assert masked(content) == ((plain >> 15 | plain << 17) % 2**32 + 0xA282EAD8) % 2**32


@hypothesis.given(strategies.data())
@hypothesis.settings(max_examples=60)
def test_events_of_garbage_are_damage_and_nothing_else(tmp_path, logs, data):
    """The checksums hold and the content is anything: nobody but us checks it then."""
    content = bytearray(event_file_of(logs / "one").read_bytes())
    offsets = _offsets(content)
    parts = []
    for at, end in zip(offsets, [*offsets[1:], len(content)], strict=True):
        part = bytearray(content[at + 12 : end - 4])
        for _ in range(data.draw(strategies.integers(0, 2))):
            part[data.draw(strategies.integers(0, len(part) - 1))] = data.draw(
                strategies.integers(0, 255)
            )
        parts.append(framed(bytes(part)))
    path = tmp_path / "events.out.tfevents.1.x"
    path.write_bytes(b"".join(parts))
    file = EventFile(path)
    events = list(file.events())
    assert len(events) + len(file.damage) == len(offsets)


def test_runs_are_found_in_the_order_of_their_paths(logs):
    assert [run.where for run in find_tensorboard(logs)] == ["group/two", "one"]
