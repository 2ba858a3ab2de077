"""Offline runs that wandb itself recorded, sound and damaged, become runs."""

import json
import math
import shutil
import struct
import zlib

import hypothesis
import pytest
from hypothesis import strategies

import gitrack
from gitrack.errors import GitrackError
from gitrack.interop.importing.leveldb import LogFile
from gitrack.interop.importing.wandb_records import Told

SCRIPT = """
import math, os, sys
import numpy as np
import wandb

run = wandb.init(
    project="p x", entity="me", name="my run", id="abc123", group="g", job_type="train",
    tags=["a", "b"], notes="two\\nlines",
    config={"lr": 0.1, "model": {"depth": 3}, "api_key": "sk-abcdefghij1234567890abcdefghij12"},
)
wandb.define_metric("val/*", step_metric="epoch", summary="max")
for step in range(50):
    wandb.log({
        "loss": 1 / (step + 1), "nan": math.nan, "inf": -math.inf, "big": 2**60 + 1,
        "epoch": step // 10, "val/acc": step / 3, "nested": {"a": 1, "b": {"c": 2}}, "text": "x",
        "list": [1, 2, 3], "flag": step > 2,
    })
red = np.zeros((4, 6, 3), np.uint8); red[..., 0] = 255
boxes = {"found": {"box_data": [{
    "position": {"minX": 0.1, "maxX": 0.4, "minY": 0.2, "maxY": 0.5}, "class_id": 1,
}], "class_labels": {1: "cat"}}}
masks = {"area": {"mask_data": np.eye(4, 6, dtype=np.uint8), "class_labels": {1: "cat"}}}
wandb.log({
    "image": wandb.Image(red, caption="red", boxes=boxes, masks=masks),
    "images": [wandb.Image(red, caption="one"), wandb.Image(red[:, :, 1])],
    "histogram": wandb.Histogram(np.arange(100)),
    "table": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, None]]),
    "html": wandb.Html("<b>bold</b>", inject=False),
}, step=100)
table = wandb.Table(columns=["x", "y"], data=[[1, 2], [3, 4]])
wandb.log({"chart": wandb.plot.line(table, "x", "y", title="A line")})
open("linked.txt", "w").write("outside")
wandb.save("linked.txt", policy="now")
with open(os.path.join(run.dir, "own.txt"), "w") as file:
    file.write("inside; token=ghp_" + "aB3" * 12)
artifact = wandb.Artifact("weights", "model")
artifact.add_file("linked.txt")
wandb.log_artifact(artifact)
run.summary["best"] = 3.5
run.alert("title", "text")
print("hello console")
run.finish()

second = wandb.init(project="p x", id="failed1", name="second")
wandb.log({"loss": 2.0})
second.finish(exit_code=3)
"""

MEDIA = """
import wave
import numpy as np
import plotly.graph_objects as go
import wandb
from PIL import Image

with wave.open("a.wav", "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(8000)
    file.writeframes(b"\\0\\0" * 100)
red = Image.new("RGB", (8, 8), "red")
Image.new("RGB", (8, 8)).save("v.gif", save_all=True, append_images=[red])
atom = "ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\\nEND\\n"
open("m.pdb", "w").write(atom)
points = np.arange(15.0).reshape(5, 3)
pairs = wandb.Table(columns=["l", "v"], data=[["a", 2.0], ["b", 3.0]])
run = wandb.init(project="p", id="media1")
wandb.log({
    "audio": wandb.Audio("a.wav", caption="c"), "video": wandb.Video("v.gif"),
    "videos": [wandb.Video("v.gif"), wandb.Video("v.gif")],
    "points": wandb.Object3D(points), "many": [wandb.Object3D(points), wandb.Object3D(points + 1)],
    "molecule": wandb.Molecule("m.pdb"), "figure": go.Figure(go.Scatter(x=[1], y=[2])),
    "pages": [wandb.Html("a"), wandb.Html("b")], "bars": wandb.plot.bar(pairs, "l", "v"),
    "spread": wandb.plot.histogram(pairs, "v"), "cloud": wandb.plot.scatter(pairs, "v", "v"),
    "matrix": wandb.plot.confusion_matrix(y_true=[0, 1], preds=[0, 1], class_names=["a", "b"]),
})
run.finish()
"""

KILLED = """
import os, time
import wandb

wandb.init(project="p", id="killed1")
for step in range(2000):
    wandb.log({"loss": step / 7, "text": "x" * 50})
time.sleep(1.5)
os._exit(0)
"""


@pytest.fixture
def runs(written):
    return written(SCRIPT, WANDB_MODE="offline", WANDB_CONSOLE="wrap") / "wandb"


def log_of(runs, run_id="abc123"):
    (path,) = runs.glob(f"*/run-{run_id}.wandb")
    return path


def test_values_steps_and_times(runs, bring, rows_of):
    assert bring("wandb", runs) == 0
    assert bring.out.startswith("2 runs imported: experiments/main (")
    run = gitrack.load("abc123")
    rows = rows_of(run)
    assert [step for step, _ in rows] == [*range(50), 100]
    for step in range(50):
        values = rows[step][1]
        assert math.isnan(values.pop("nan"))
        assert values == {
            "loss": 1 / (step + 1), "inf": -math.inf, "big": 2**60 + 1, "epoch": step // 10,
            "val/acc": step / 3, "nested/a": 1, "nested/b/c": 2, "text": "x", "list": [1, 2, 3],
            "flag": step > 2,
        }  # fmt: skip
    history = run.history()
    assert history["_timestamp"].is_monotonic_increasing
    assert abs(history["_timestamp"][0] - history["_runtime"][0] - run.run.created) < 1


def test_who_the_runs_are(runs, bring):
    bring("wandb", runs)
    run = gitrack.load("abc123").run
    assert (run.name, run.project, run.entity) == ("my run", "p-x", "me")
    assert (run.group, run.job_type, run.tags) == ("g", "train", ("a", "b"))
    assert (run.notes, run.state, run.exit_code) == ("two\nlines", "finished", 0)
    assert run.command[0] == "python"
    assert run.command[1].endswith("job.py")
    assert run.python.startswith("3.")
    assert run.host.cores
    assert run.host.memory > 1e9
    assert [(one.title, one.text, one.level) for one in run.alerts] == [("title", "text", "INFO")]
    assert run.imported["source"] == "wandb"
    assert run.imported["id"] == "abc123"
    failed = gitrack.load("failed1").run
    assert (failed.state, failed.exit_code, failed.name) == ("failed", 3, "second")


def test_of_a_killed_run_all_that_was_written_is_kept(written, bring, only):
    bring("wandb", written(KILLED, WANDB_MODE="offline"))
    run = only()
    assert (run.id, run.run.state, run.run.exit_code) == ("killed1", "crashed", None)
    losses = run.history()["loss"].tolist()
    assert len(losses) > 100
    assert losses == [step / 7 for step in range(len(losses))]


def test_config_summary_and_rules(runs, bring):
    bring("wandb", runs)
    run = gitrack.load("abc123")
    assert run.config == {"lr": 0.1, "model": {"depth": 3}, "api_key": "[removed]"}
    assert run.summary["best"] == 3.5
    assert run.summary["val/acc"] == {"max": 49 / 3}
    assert run.summary["nested/b/c"] == 2
    assert math.isnan(run.summary["nan"])
    assert not {"image", "chart", "_wandb", "_step"} & set(run.summary)
    (rule,) = run.run.metrics
    assert (rule.name, rule.step_metric, rule.summary) == ("val/*", "epoch", ("max",))
    assert any(found.where == "config.api_key" for found in run.run.redacted)


def test_media_are_what_they_were(runs, bring):
    bring("wandb", runs)
    run = gitrack.load("abc123")
    media = run.media()
    kinds = dict(zip(media["key"], media["type"], strict=True))
    assert kinds == {
        "image": "image", "images": "image", "table": "table", "html": "html", "chart": "chart",
    }  # fmt: skip
    (image,) = (item for item in media.itertuples() if item.key == "image")
    assert (image.step, image.facts["caption"], image.facts["width"]) == (100, "red", 6)
    (original,) = runs.glob("*abc123/files/media/images/image_*.png")
    assert run.read(image.path) == original.read_bytes()
    (box,) = image.facts["boxes"]["found"]["boxes"]
    assert box["position"] == {"minX": 0.1, "minY": 0.2, "maxX": 0.4, "maxY": 0.5}
    assert run.read(image.facts["masks"]["area"]["path"]).startswith(b"\x89PNG")
    captions = [item.facts.get("caption") for item in media.itertuples() if item.key == "images"]
    assert captions[0] == "one"
    table = run.table("table")
    assert table["a"].tolist() == [1, 2]
    assert table["b"][0] == "x"
    assert table["b"].isna().tolist() == [False, True]
    assert run.table("chart")["y"].tolist() == [2, 4]
    (chart,) = (item for item in media.itertuples() if item.key == "chart")
    assert chart.facts["panel"]["chart"] == "line"
    (histogram,) = run.histograms().itertuples()
    assert sum(histogram.counts) == 100
    assert (histogram.edges[0], histogram.edges[-1]) == (0, 99)
    (html,) = (item.path for item in media.itertuples() if item.key == "html")
    assert run.read(html) == b"<b>bold</b>"


def test_media_of_every_kind(written, bring, only):
    assert bring("wandb", written(MEDIA, WANDB_MODE="offline")) == 0
    run = only()
    kinds = {}
    for item in run.media().itertuples():
        kinds.setdefault(item.key, []).append(item.type)
    assert kinds == {
        "audio": ["audio"], "video": ["video"], "videos": ["video"] * 2, "points": ["object3d"],
        "many": ["object3d"] * 2, "molecule": ["molecule"], "figure": ["plotly"],
        "pages": ["html"] * 2, "bars": ["chart"], "spread": ["chart"], "cloud": ["chart"],
        "matrix_table": ["table"],
    }  # fmt: skip
    assert run.run.missing == ()
    assert not [name for name in run.files() if name.startswith("files/")]
    assert run.table("bars")["v"].tolist() == [2.0, 3.0]


def test_console_packages_samples_and_files(runs, bring):
    bring("wandb", runs)
    run = gitrack.load("abc123")
    assert "hello console" in run.read("console.log").decode()
    assert "wandb==0.31.0" in run.read("requirements.txt").decode()
    assert len(run.system()) >= 1
    assert run.read("files/own.txt") == b"inside; token=[removed]"
    assert "files/linked.txt" not in run.files()
    said = " ".join(run.run.missing)
    assert "file 'linked.txt' is refused: a link leads out of its folder" in said
    assert "artifact model/weights" in said


def test_links_are_followed_where_that_is_asked_for(runs, bring):
    assert bring("wandb", runs, "--follow-links") == 0
    run = gitrack.load("abc123")
    assert run.read("files/linked.txt") == b"outside"
    assert run.read("files/artifacts/model/weights/linked.txt") == b"outside"


def test_the_same_again_commits_nothing(runs, bring, tip, copied):
    bring("wandb", log_of(runs))
    assert bring.out.startswith("1 run imported")
    before = tip()
    assert bring("wandb", log_of(runs)) == 0
    assert bring.out == "0 runs imported, 1 unchanged\n"
    assert bring("wandb", copied(runs) / log_of(runs).parent.name) == 0
    assert tip() == before


def test_a_project_and_a_branch_of_ones_own(runs, bring, git, repository):
    assert bring("wandb", log_of(runs), "--project", "mine", "--branch", "old") == 0
    assert gitrack.load("abc123").run.project == "mine"
    assert git(repository, "log", "-1", "--format=%B", "experiments/old") == (
        "Import my run from W&B\n\nRun-Id: abc123\nProject: mine"
    )


def test_an_id_that_another_run_has_is_not_taken_from_it(runs, bring, begin):
    begin(project="own", id="abc123").finish(quiet=True)
    assert bring("wandb", log_of(runs)) == 0
    assert gitrack.load("abc123").run.project == "own"
    assert gitrack.load("my run").id.startswith("abc123-")
    assert bring("wandb", log_of(runs)) == 0
    assert bring.out == "0 runs imported, 1 unchanged\n"


def test_a_resumed_run_is_one_run(runs, copied, bring):
    place = copied(runs)
    first = log_of(place).parent
    again = first.with_name(first.name.replace("offline-run-", "offline-run-9"))
    shutil.copytree(first, again, symlinks=True)
    assert bring("wandb", place) == 0
    assert gitrack.load("abc123").run.rows == 102


def test_a_log_cut_off_is_named_and_its_rows_are_kept(runs, copied, bring):
    place = copied(runs)
    path = log_of(place)
    path.write_bytes(path.read_bytes()[: 20 << 10])
    assert bring("wandb", place) == 1
    assert "run-abc123.wandb: ends in the middle of a record, at byte " in bring.err
    run = gitrack.load("abc123")
    assert run.run.state == "crashed"
    assert 5 < run.run.rows < 52
    assert len(gitrack.runs()) == 2


def test_a_flipped_byte_costs_one_record(runs, copied, bring):
    place = copied(runs)
    path = log_of(place)
    content = bytearray(path.read_bytes())
    content[content.index(b"0.3333333333333333")] ^= 1
    path.write_bytes(content)
    assert bring("wandb", path) == 1
    assert "a record does not match its checksum" in bring.err
    assert gitrack.load("abc123").run.rows in (50, 51)


def test_garbage_is_named_and_the_others_come(runs, copied, bring):
    place = copied(runs)
    (place / "run-bad.wandb").write_bytes(b"garbage" * 100)
    (place / "run-none.wandb").write_bytes(b"")
    assert bring("wandb", place) == 1
    assert "run-bad.wandb: is no file of W&B's" in bring.err
    assert "gitrack: 2 errors" in bring.err
    assert len(gitrack.runs()) == 2


def framed(*records):
    """Frame records as W&B does, for files that no recorder would write."""
    content = b":W&B\xe1\xbe\x00"
    for record in records:
        check = zlib.crc32(b"\x01" + record)
        content += struct.pack("<IHB", check, len(record), 1) + record
    return content


def message(number, content):
    from gitrack.record.wire import BYTES, field

    return field(number, BYTES, content)


def history(**values):
    items = b"".join(
        message(1, message(1, key) + message(16, json.dumps(value)))
        for key, value in values.items()
    )
    return message(2, items)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../secret.txt", "media/../../../secret.txt", "..\\secret.txt", "link.txt"],
)
def test_a_path_that_leads_out_is_not_read(tmp_path, bring, path):
    (tmp_path / "secret.txt").write_text("the secret")
    folder = tmp_path / "runs" / "run-1-x"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "link.txt").symlink_to(tmp_path / "secret.txt")
    run = message(17, message(1, "../../x") + message(3, "../p\x1b") + message(8, "n\x1b[31m"))
    media = [{"_type": kind, "path": path} for kind in ("image-file", "html-file", "table-file")]
    rows = [history(**{f"m{place}": one}) for place, one in enumerate(media)]
    artifact = message(8, message(5, "a") + message(4, "t") + message(12, message(4, (
        message(1, path) + message(6, str(tmp_path / "secret.txt"))
    ))))  # fmt: skip
    (folder / "run-x.wandb").write_bytes(framed(run, history(loss=1.0), *rows, artifact))
    assert bring("wandb", tmp_path / "runs") == 0
    (run_id,) = gitrack.runs()["id"]
    found = gitrack.load(run_id)
    assert found.run.project == "p"
    assert ".." not in run_id
    assert found.summary == {"loss": 1.0}
    for name in found.files():
        assert b"the secret" not in found.read(name)
    assert len([line for line in found.run.missing if line.startswith("m")]) == 3


@hypothesis.given(strategies.binary(max_size=200))
def test_records_of_garbage_are_value_errors(content):
    told = Told()
    try:
        told.take(content)
        told.take(message(2, content))
        told.take(message(26, content))
        told.take(message(12, content))
    except (ValueError, GitrackError):
        pass


@hypothesis.given(strategies.data())
@hypothesis.settings(max_examples=40)
def test_a_damaged_log_loses_no_record_without_a_word(runs, tmp_path, data):
    content = bytearray(log_of(runs).read_bytes())
    whole = list(LogFile(log_of(runs)).records())
    place = data.draw(strategies.integers(7, len(content) - 1))
    content[place] ^= data.draw(strategies.integers(1, 255))
    path = tmp_path / "run-x.wandb"
    path.write_bytes(content)
    log = LogFile(path)
    found = list(log.records())
    assert set(found) <= set(whole)
    assert len(found) == len(whole) or log.damage
