"""``gitrack exec --tensorboard`` records scripts that import neither gitrack nor wandb."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gitrack

EXEC = [sys.executable, "-m", "gitrack", "exec", "--tensorboard", "--"]
WRITE = """
import sys, numpy as np
from torch.utils.tensorboard import SummaryWriter
values = np.random.default_rng(3).normal(size=50).astype("float32")
with SummaryWriter("logs") as writer:
    for step, value in enumerate(values):
        writer.add_scalar("loss", value, step)
    writer.add_histogram("weights", values, 50)
    writer.add_image("input", np.zeros((3, 4, 5), "uint8"), 50)
    writer.add_text("said", "done", 50)
    writer.add_hparams({"lr": 0.5}, {"score": 1.0})
assert "gitrack" in sys.modules and "wandb" not in sys.modules
"""


@pytest.fixture
def execute(repository, monkeypatch, need):
    need("torch", "tensorboard")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def run(source, *words, check=True, **variables):
        script = repository / "script.py"
        script.write_text(source)
        command = [*EXEC, sys.executable, script, *words]
        environ = {**os.environ, **variables}
        done = subprocess.run(
            command, cwd=repository, env=environ, capture_output=True, text=True, check=False
        )
        if check:
            assert done.returncode == 0, done.stderr
            assert "Traceback" not in done.stderr
        return done

    return run


def test_a_script_that_never_heard_of_tracking_is_recorded(execute):
    execute(WRITE, GITRACK_PROJECT="unasked")
    (run_id,) = gitrack.runs()["id"]
    run = gitrack.load(run_id)
    assert (run.run.project, run.run.state) == ("unasked", "finished")
    values = np.random.default_rng(3).normal(size=50).astype("float32").astype(float)
    history = run.history()
    assert history["loss"].dropna().tolist() == values.tolist()
    assert len(run.histograms("weights")) == 1
    assert len(run.media("input")) == 1
    assert run.read(run.media("said/text_summary")["path"][0]) == b"done"
    assert run.config == {"lr": 0.5}
    assert run.summary["score"] == 1.0
    assert "script.py" in run.run.command[-1]


BRIEF = """
import sys, tensorboardX
with tensorboardX.SummaryWriter("logs") as writer:
    writer.add_scalar("loss", 0.5, 1)
"""


def test_how_the_script_ended_is_how_the_run_ended(execute, need):
    need("tensorboardX")
    done = execute(BRIEF + "sys.exit(3)\n", check=False)
    assert done.returncode == 3
    raised = execute(BRIEF + "raise ArithmeticError('burnt')\n", check=False)
    assert raised.returncode == 1
    first, second = [gitrack.load(one).run for one in gitrack.runs().sort_values("created")["id"]]
    assert (first.state, first.exit_code, first.rows) == ("failed", 3, 1)
    assert (second.state, second.error) == ("failed", "ArithmeticError: burnt")


def test_a_script_that_writes_no_event_file_leaves_nothing(execute):
    done = execute("import sys; print('tfevents', sys.argv[1])", "given")
    assert done.stdout == "tfevents given\n"
    assert done.stderr == ""
    assert len(gitrack.runs()) == 0


def test_a_script_with_a_run_of_its_own_keeps_to_that(execute, need):
    need("tensorboardX")
    source = (
        "import time, tensorboardX, wandb\n"
        "with tensorboardX.SummaryWriter('logs') as writer:\n"
        "    wandb.init(project='own')\n"
        "    writer.add_scalar('loss', 0.5, 1)\n"
        "    wandb.log({'said': 1})\n"
        "    time.sleep(1.5)\n"
    )
    execute(source)
    (run_id,) = gitrack.runs()["id"]
    run = gitrack.load(run_id)
    assert run.run.project == "own"
    assert run.summary["said"] == 1
    assert run.history()["loss"].dropna().tolist() == [0.5]


def test_the_next_sitecustomize_is_run_too(execute, clean):
    place = clean / "customs"
    place.mkdir()
    (place / "sitecustomize.py").write_text("import builtins; builtins.customized = __file__\n")
    done = execute("import sitecustomize; print(customized)", PYTHONPATH=str(place))
    assert done.stdout.strip() == str(place / "sitecustomize.py")


def test_a_python_without_gitrack_says_so_and_trains_on(repository):
    front = Path(gitrack.__file__).parent / "interop" / "unasked" / "front"
    environ = {**os.environ, "PYTHONPATH": str(front)}
    source = "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
    (repository / "plain.py").write_text(source + "print('trained')\n")
    base = Path(sys.base_prefix) / "bin" / "python3"
    if not base.exists():
        pytest.skip("no other Python here")
    done = subprocess.run(
        [base, "plain.py"], cwd=repository, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "trained\n"
    if done.stderr:
        assert done.stderr.count("\n") == 1
        assert "cannot import gitrack" in done.stderr


def test_a_fork_right_after_the_first_writer_neither_hangs_nor_records_twice(execute, need):
    need("tensorboardX")
    source = BRIEF + (
        "import os\n"
        "with tensorboardX.SummaryWriter('more') as writer:\n"
        "    for child in range(3):\n"
        "        if os.fork() == 0:\n"
        "            os._exit(0)\n"
        "        os.wait()\n"
        "    writer.add_scalar('loss', 0.25, 2)\n"
    )
    execute(source)
    (run_id,) = gitrack.runs()["id"]
    history = gitrack.load(run_id).history()
    assert history["loss"].dropna().tolist() == [0.5]
    assert history["more/loss"].dropna().tolist() == [0.25]


def test_a_python_that_writes_no_event_file_imports_next_to_nothing(execute):
    source = (
        "import sys\n"
        "heavy = 'git dvc numpy pandas pyarrow psutil orjson yaml gitrack.record.session'.split()\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    assert execute(source).stdout == "[]\n"
