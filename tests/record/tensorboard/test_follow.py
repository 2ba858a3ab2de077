"""What scripts write for TensorBoard is in their runs, to the last bit, as they write it."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import pytest

import gitrack
from gitrack.record.tensorboard.naming import Names


def need(*names):
    for name in names:
        if find_spec(name) is None:
            if "frameworks" in os.environ.get("GITRACK_REQUIRE", "").split():
                pytest.fail(f"{name} is not installed, and GITRACK_REQUIRE names frameworks")
            pytest.skip(f"{name} is not installed")


TORCH = """
import numpy as np, sys, time
from torch.utils.tensorboard import SummaryWriter
import gitrack
rng = np.random.default_rng(0)
"""


@pytest.mark.parametrize(
    ("folders", "root", "names"),
    [
        (["/r/runs/a"], "", ["loss"]),
        (["/r/train", "/r/val"], "", ["train/loss", "val/loss"]),
        (["/r/a", "/r/b"], "", ["loss", "b/loss"]),
        (["/r/a", "/r/a/eval"], "", ["loss", "eval/loss"]),
        (["/r/x/train", "/r/y/train"], "", ["train/loss", "y/train/loss"]),
        (["/r/runs/a/train", "/r/runs/a"], "/r/runs", ["a/train/loss", "a/loss"]),
        (["/r/a", "/elsewhere/b"], "/r", ["a/loss", "elsewhere/b/loss"]),
        (["/r/a", "/r/a/1790000000.123"], "", ["loss", "loss"]),
        (["/r/a", "/r/a/loss_good", "/r/a/loss_"], "", ["loss", "loss/good", "loss_/loss"]),
        (["/r/ab", "/r/a"], "", ["loss", "a/loss"]),
    ],
)
def test_names_tell_apart_what_several_writers_write(folders, root, names):
    found = Names(root)
    assert [found.name(folder, "loss") for folder in folders] == names


def test_a_tag_with_slashes_has_its_series_too():
    names = Names()
    assert names.name("/r/a", "run/14h") == "run/14h"
    assert names.name("/r/a/run_14h_sine", "run/14h") == "run/14h/sine"


def test_everything_a_writer_of_pytorch_writes_is_recorded_to_the_last_bit(repository, python):
    need("torch", "tensorboard")
    source = TORCH + (
        "powers = 10.0 ** rng.integers(-30, 30, (40, 2))\n"
        "values = rng.normal(size=(40, 2)).astype('float32') * powers\n"
        "run = gitrack.init(sync_tensorboard=True)\n"
        "writer = SummaryWriter('logs/one')\n"
        "for step, (loss, accuracy) in enumerate(values):\n"
        "    writer.add_scalar('loss', loss, step * 3, walltime=1.79e9 + step)\n"
        "    writer.add_scalar('val/accuracy', accuracy, step * 3, walltime=1.79e9 + step)\n"
        "writer.add_scalar('special', float('nan'), 200)\n"
        "writer.add_scalar('special', float('inf'), 201)\n"
        "writer.add_scalar('again', 1.0, 5)\n"
        "writer.add_scalar('again', 2.0, 5)\n"
        "spread = rng.normal(size=500)\n"
        "writer.add_histogram('weights', spread, 7)\n"
        "pixels = rng.integers(0, 256, (3, 5, 4)).astype('uint8')\n"
        "writer.add_image('input', pixels, 8)\n"
        "writer.add_text('said', 'two **words**', 9)\n"
        "writer.add_hparams({'lr': 0.25, 'kind': 'sgd', 'deep': True}, {'hparam/score': 0.5})\n"
        "writer.add_scalars('both', {'train': 1.5, 'val': 2.5}, 10)\n"
        "np.savez('told.npz', values=values.astype('float32'), pixels=pixels, spread=spread)\n"
    )
    done = python(source, cwd=repository)
    assert "Traceback" not in done.stderr
    told = np.load(repository / "told.npz")
    (run_id,) = gitrack.runs()["id"]
    run = gitrack.load(run_id)
    history = run.history()
    rows = history[history["loss"].notna()]
    assert rows["_step"].tolist() == list(range(0, 120, 3))
    assert rows["global_step"].tolist() == list(range(0, 120, 3))
    assert rows["_timestamp"].tolist() == [1.79e9 + step for step in range(40)]
    for place, name in enumerate(("loss", "val/accuracy")):
        kept = rows[name].to_numpy(dtype=np.float64)
        assert np.array_equal(kept, told["values"][:, place].astype(np.float64))
    special = history.set_index("_step")["special"]
    assert np.isnan(special[200])
    assert special[201] == np.inf
    assert history["again"].dropna().tolist() == [1.0, 2.0]  # rows of one step, neither lost
    (bins,) = run.histograms("weights").to_dict("records")
    assert bins["_step"] == 7
    assert sum(bins["counts"]) == 500
    assert bins["edges"][0] <= told["spread"].min() <= told["spread"].max() <= bins["edges"][-1]
    import io

    from PIL import Image

    (image,) = run.media("input").to_dict("records")
    shown = np.asarray(Image.open(io.BytesIO(run.read(image["path"]))))
    assert np.array_equal(shown, told["pixels"].transpose(1, 2, 0))
    (text,) = run.media("said/text_summary").to_dict("records")
    assert run.read(text["path"]) == b"two **words**"
    assert run.config == {"lr": 0.25, "kind": "sgd", "deep": True}
    assert run.summary["hparam/score"] == 0.5
    assert (run.summary["both/train"], run.summary["both/val"]) == (1.5, 2.5)


def test_writers_of_before_and_of_tensorboardx_are_followed_from_their_first_event(
    repository, python
):
    need("torch", "tensorboard", "tensorboardX")
    source = TORCH + (
        "import tensorboardX\n"
        "early = tensorboardX.SummaryWriter('logs/train')\n"
        "older = SummaryWriter('logs/older')\n"
        "early.add_scalar('loss', 1.0, 0)\n"
        "older.add_scalar('loss', 1.0, 0)\n"
        "with gitrack.init(config={'lr': 1}, sync_tensorboard=True) as run:\n"
        "    early.add_scalar('loss', 0.5, 1)\n"
        "    older.add_scalar('loss', 0.5, 1)\n"
        "    late = tensorboardX.SummaryWriter('logs/val')\n"
        "    late.add_scalar('loss', 0.75, 1)\n"
        "    run.log({'own': 1})\n"
        "    late.add_hparams({'lr': 2, 'other': 3}, {'score': 1.0})\n"
        "# nothing was closed, nor flushed\n"
        "with gitrack.init(sync_tensorboard=True) as second:\n"
        "    late.add_scalar('loss', 0.25, 2)\n"
        "with gitrack.init() as third:\n"
        "    late.add_scalar('loss', 0.125, 3)\n"
    )
    python(source, cwd=repository)
    runs = gitrack.runs().sort_values("created")
    first, second, third = [gitrack.load(one) for one in runs["id"]]
    history = first.history()
    assert history["train/loss"].dropna().tolist() == [1.0, 0.5]
    assert history["older/loss"].dropna().tolist() == [1.0, 0.5]
    assert history["val/loss"].dropna().tolist() == [0.75]
    assert history["own"].dropna().tolist() == [1]
    assert first.config == {"lr": 1, "other": 3}  # what the script said itself stays
    assert second.history()["val/loss"].dropna().tolist() == [0.25]  # goes on where the first ended
    assert len(third.history()) == 0


def test_a_root_that_is_named_and_files_that_no_python_code_opened(repository, python):
    need("tensorboard")
    source = (
        "import ctypes, os, time\n"
        "import gitrack\n"
        "from tensorboard.compat.proto.event_pb2 import Event\n"
        "from tensorboard.compat.proto.summary_pb2 import Summary\n"
        "from gitrack.record.tensorboard.records import framed\n"
        "def events(name, *values):\n"
        "    found = [Event(wall_time=1.79e9, file_version='brain.Event:2')]\n"
        "    found += [Event(wall_time=1.79e9 + step, step=step, summary=Summary(\n"
        "        value=[Summary.Value(tag=name, simple_value=value)]))\n"
        "        for step, value in enumerate(values)]\n"
        "    return b''.join(framed(one.SerializeToString()) for one in found)\n"
        "gitrack.follow_tensorboard('logs')\n"
        "run = gitrack.init()\n"
        "os.makedirs('logs/c')\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.fopen.restype = ctypes.c_void_p\n"
        "file = libc.fopen(b'logs/c/events.out.tfevents.1.c', b'wb')\n"
        "content = events('loss', 3.0, 2.0)\n"
        "libc.fwrite(content, 1, len(content), ctypes.c_void_p(file))\n"
        "libc.fflush(ctypes.c_void_p(file))\n"
        "with open('other.tfevents', 'wb') as python_file:\n"
        "    python_file.write(events('beyond', 1.0) + b'broken at the end')\n"
        "with open('other.tfevents', 'rb') as read_only:\n"
        "    read_only.read()\n"
        "os.chdir('logs')\n"
        "run.finish()\n"
    )
    done = python(source, cwd=repository)
    (run_id,) = gitrack.runs()["id"]
    history = gitrack.load(run_id).history()
    assert history["c/loss"].dropna().tolist() == [3.0, 2.0]
    assert [name for name in history.columns if name.endswith("beyond")]
    assert "Traceback" not in done.stderr


def test_a_script_that_is_killed_keeps_what_it_had_written(repository):
    need("tensorboardX")
    script = repository / "train.py"
    script.write_text(
        "import time, gitrack, tensorboardX\n"
        "gitrack.init(sync_tensorboard=True)\n"
        "writer = tensorboardX.SummaryWriter('logs')\n"
        "step = 0\n"
        "while True:\n"
        "    writer.add_scalar('loss', 1 / (step + 1), step)\n"
        "    writer.flush()\n"
        "    step += 1\n"
        "    time.sleep(0.01)\n"
    )
    child = subprocess.Popen([sys.executable, script], cwd=repository, stderr=subprocess.DEVNULL)
    try:
        runs = repository / ".git" / "gitrack" / "runs"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            journals = list(runs.glob("*/journal.jsonl"))
            if journals and journals[0].read_bytes().count(b'"loss"') >= 20:
                break
            time.sleep(0.1)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], cwd=repository, check=True)
    (run_id,) = gitrack.runs()["id"]
    run = gitrack.load(run_id)
    history = run.history()
    assert run.run.state == "crashed"
    assert len(history) >= 20
    assert history["_step"].tolist() == list(range(len(history)))
    expected = (1 / (np.arange(len(history)) + 1)).astype("float32").astype(float)
    assert history["loss"].tolist() == expected.tolist()


def test_an_agent_of_stable_baselines_is_recorded_by_its_event_files_alone(repository, python):
    need("stable_baselines3", "gymnasium", "tensorboard")
    source = (
        "import warnings; warnings.filterwarnings('ignore')\n"
        "import json, torch\n"
        "torch.set_num_threads(1)\n"
        "from stable_baselines3 import PPO\n"
        "import gitrack\n"
        "gitrack.init(project='cartpole', sync_tensorboard=True, monitor_gym=True)\n"
        "model = PPO('MlpPolicy', 'CartPole-v1', n_steps=256, n_epochs=2, seed=0, device='cpu',\n"
        "            tensorboard_log='runs')\n"
        "model.learn(2000)\n"
        "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
        "told = EventAccumulator('runs/PPO_1').Reload()\n"
        "print(json.dumps({tag: [[e.step, e.value, e.wall_time] for e in told.Scalars(tag)]\n"
        "                  for tag in told.Tags()['scalars']}))\n"
    )
    done = python(source, cwd=repository)
    told = json.loads(done.stdout.splitlines()[-1])
    (run_id,) = gitrack.runs()["id"]
    history = gitrack.load(run_id).history()
    assert {"rollout/ep_rew_mean", "train/value_loss", "time/fps"} <= set(told)
    assert history["_step"].tolist() == list(range(256, 2049, 256))
    for tag, events in told.items():
        kept = history[["_step", tag]].dropna().to_numpy().tolist()
        assert kept == [[step, value] for step, value, _ in events]
    last = max(moment for *_, moment in told["time/fps"])
    assert history["_timestamp"].iloc[-1] == pytest.approx(last, abs=1.0)


def test_a_fork_neither_hangs_nor_records_twice(repository, python):
    need("tensorboardX")
    source = (
        "import os, gitrack, tensorboardX\n"
        "run = gitrack.init(sync_tensorboard=True)\n"
        "writer = tensorboardX.SummaryWriter('logs')\n"
        "for step in range(3):\n"
        "    writer.add_scalar('loss', step, step)\n"
        "    if os.fork() == 0:\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
    )
    python(source, cwd=repository, timeout=60)
    (run_id,) = gitrack.runs()["id"]
    assert gitrack.load(run_id).history()["loss"].tolist() == [0.0, 1.0, 2.0]
