"""What is exported is read back: by TensorBoard, and by the import."""

import json
import math
import struct

import pytest

import gitrack
from gitrack.cli.main import main

READ = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
scalars = {
    tag: [[one.step, one.wall_time, one.value] for one in events.Scalars(tag)]
    for tag in events.Tags()["scalars"]
}
content = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
start = metadata.parse_session_start_info_plugin_data(content)
content = events.summary_metadata["_hparams_/session_end_info"].plugin_data.content
end = metadata.parse_session_end_info_plugin_data(content)
settings = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
print(json.dumps([scalars, settings, start.hparams["lr"].number_value, end.status]))
"""


@pytest.fixture
def run(begin):
    run = begin(project="digits", id="r1", config={"lr": 0.1, "act": "relu", "deep": {"n": 3}})
    for step in range(50):
        run.log({"loss": 1 / (step + 1), "val/acc": step / 7, "text": "x"}, step=2 * step)
    run.log({"loss": math.nan, "big": 1e300, "flag": True, "small": -math.inf}, step=200)
    run.finish(quiet=True)
    return gitrack.load("r1")


def test_tensorboard_reads_what_is_exported(run, tmp_path, python, need):
    need("tensorboard")
    assert main(["export", "--format", "tensorboard", "--out", str(tmp_path / "out")]) == 0
    done = python(READ, tmp_path / "out" / "digits" / "r1")
    scalars, settings, lr, status = json.loads(done.stdout)
    history = run.history()
    assert set(scalars) == {"loss", "val/acc", "big", "flag", "small"}
    assert [one[:2] for one in scalars["loss"]] == [
        list(pair) for pair in zip(history["_step"], history["_timestamp"], strict=True)
    ]
    values = [one[2] for one in scalars["loss"]]
    assert values[:-1] == [_single(1 / (step + 1)) for step in range(50)]
    assert math.isnan(values[-1])
    assert scalars["big"][0][2] == math.inf
    assert scalars["small"][0][2] == -math.inf
    assert settings == {"lr": "number_value", "act": "string_value", "deep.n": "number_value"}
    assert (lr, status) == (0.1, 1)


def _single(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def test_an_export_to_tensorboard_is_imported_again(run, tmp_path, capsys):
    out = tmp_path / "out"
    main(["export", "--format", "tensorboard", "--out", str(out)])
    assert main(["import", "tensorboard", str(out), "--project", "again"]) == 0
    again = gitrack.load("digits/r1")
    assert again.config == {"lr": 0.1, "act": "relu", "deep.n": 3}
    first, second = run.history(), again.history()
    assert second["_step"].tolist() == first["_step"].tolist()
    assert second["_timestamp"].tolist() == first["_timestamp"].tolist()
    expected = [_single(value) for value in first["loss"]]
    assert repr(second["loss"].tolist()) == repr(expected)
    assert again.run.state == "finished"


def test_an_export_to_csv_is_imported_again(run, tmp_path, rows_of):
    out = tmp_path / "out"
    main(["export", "--format", "csv", "--out", str(out)])
    assert main(["import", "csv", str(out / "history/digits/r1.csv"), "--project", "again"]) == 0
    (again,) = gitrack.runs("project:again")["id"]
    again = gitrack.load(again)
    assert repr(rows_of(again)) == repr(rows_of(run))
    for name in ("_timestamp", "_runtime"):
        assert again.history()[name].tolist() == run.history()[name].tolist()
