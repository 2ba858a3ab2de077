"""Scripts as people write them for W&B, run as they are: what they logged is on the branch."""

import io

import numpy as np
import pytest
from PIL import Image

import gitrack

TABLES = """
import numpy as np, wandb
from sklearn.datasets import load_digits
images, labels = load_digits(return_X_y=True)
with wandb.init(project="digits", job_type="eval", notes="a look") as run:
    table = wandb.Table(columns=["id", "image", "label"])
    for place in range(4):
        pixels = images[place].reshape(8, 8) * 16
        table.add_data(place, wandb.Image(pixels.astype(np.uint8)), int(labels[place]))
    run.log({"samples": table, "first": wandb.Image(images[0].reshape(8, 8).astype(np.uint8) * 15)})
    run.log({"pixels": wandb.Histogram(images[0])}, step=3)
    run.log({"roc": wandb.plot.roc_curve([0, 1, 1, 0], [[.9, .1], [.2, .8], [.4, .6], [.7, .3]])})
    run.log({"curve": wandb.plot.line(wandb.Table(["x", "y"], [[0, 1], [1, 2]]), "x", "y")})
    chart = wandb.plot_table(
        "wandb/area-under-curve/v0", wandb.Table(["x", "y"], [[0, 0], [1, 1]]),
        {"x": "x", "y": "y"}, {"title": "PR"},
    )
    run.log({"area": chart, "html": wandb.Html("<b>bold</b>")})
    run.log({"sound": wandb.Audio(np.sin(np.linspace(0, 99, 800)), sample_rate=8000)})
"""
PRODUCER = """
import json, pathlib, wandb
run = wandb.init(project="digits", entity="lab", job_type="producer")
pathlib.Path("data.csv").write_text("a,b\\n1,2\\n")
dataset = wandb.Artifact("rows", type="dataset", metadata={"rows": 1})
dataset.add_file("data.csv")
with dataset.new_file("facts.json") as file:
    json.dump({"rows": 1}, file)
run.log_artifact(dataset, aliases=["clean"])
dataset.wait()
print(dataset.version)
run.finish()
"""
CONSUMER = """
import pathlib, wandb
run = wandb.init(project="digits", entity="lab", job_type="consumer")
dataset = run.use_artifact("lab/digits/rows:clean", type="dataset")
folder = pathlib.Path(dataset.download())
run.config.update(dataset.metadata)
run.log({"size": len((folder / "data.csv").read_text())})
pathlib.Path("model.bin").write_bytes(b"weights")
run.log_model("model.bin", name="net", aliases=["best"])
run.link_model("model.bin", "registry", name="linked", aliases=["production"])
wandb.save("model.bin")
run.finish()
"""
RESUMED = """
import sys, wandb
run = wandb.init(project="digits", id="my-run", resume="allow")
print(run.resumed, run.step, run.starting_step)
start = run.summary.get("epoch", -1) + 1
for epoch in range(start, start + 2):
    run.log({"epoch": epoch, "loss": 1 / (epoch + 1)})
if not run.resumed:
    run.save("train.py")
else:
    print(wandb.restore("train.py", run_path="lab/digits/my-run", root="back").read())
"""
TRAINING = """
import argparse, wandb, torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
wandb.login()
wandb.init(project="linear", config=args, tags=["sgd"], group="first")
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch", summary="min")
torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
wandb.watch(model, log="all", log_freq=2)
optimizer = torch.optim.SGD(model.parameters(), lr=wandb.config.lr)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for epoch in range(4):
    loss = (model(x) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    wandb.log({"train": {"loss": loss}}, commit=False)
    wandb.log({"val/loss": loss * 2, "epoch": epoch})
torch.save(model.state_dict(), "model.pt")
wandb.save("model.pt")
wandb.run.summary["best"] = loss.item()
wandb.alert("done", "the loss is low", level=wandb.AlertLevel.INFO)
"""


def quiet(done):
    assert [line for line in done.said if " rows on experiments/main" not in line] == []


def test_a_training_loop(under_exec, only_run):
    done = under_exec(TRAINING, "--lr", "0.05", needs=["torch"])
    assert [line for line in done.said if "rows on" not in line] == [
        "gitrack: INFO: done: the loss is low"
    ]
    run = only_run()
    assert (run.run.group, run.run.tags, run.config) == ("first", ("sgd",), {"lr": 0.05})
    history = run.history()
    losses = list(history["train/loss"])
    assert len(losses) == 4
    assert losses == sorted(losses, reverse=True)
    assert run.summary["val/loss"] == {"min": pytest.approx(losses[-1] * 2)}
    assert run.summary["best"] == losses[-1]
    assert "files/model.pt" in run.files()
    assert {"gradients/weight", "parameters/bias"} <= set(run.histograms()["key"])
    assert [alert.title for alert in run.run.alerts] == ["done"]


def test_tables_images_and_charts(under_exec, only_run):
    quiet(under_exec(TABLES))
    run = only_run()
    assert (run.run.job_type, run.run.notes) == ("eval", "a look")
    table = run.table("samples")
    assert list(table["label"]) == [0, 1, 2, 3]
    assert [cell.type for cell in table["image"]] == ["image"] * 4
    (first,) = run.media("first")["path"]
    pixels = np.asarray(Image.open(io.BytesIO(run.read(first))))
    assert pixels.shape[:2] == (8, 8)
    assert pixels.max() == 225
    assert sorted(set(run.media()["key"])) == [
        "area", "curve", "first", "html", "roc", "samples", "sound",
    ]  # fmt: skip
    assert len(run.table("roc")) > 2
    (histogram,) = run.histograms("pixels").itertuples()
    assert sum(histogram.counts) == 64
    assert histogram._1 == 3


def test_artifacts_from_a_producer_to_a_consumer(under_exec):
    assert under_exec(PRODUCER).stdout == "v0\n"
    done = under_exec(CONSUMER)
    said = [line for line in done.said if "rows on" not in line]
    assert len(said) == 1
    assert "link_model" in said[0]
    rows = gitrack.artifact("rows:clean")
    assert sorted(rows.files()) == ["data.csv", "facts.json"]
    assert rows.made_by().job_type == "producer"
    assert [run.job_type for run in rows.used_by()] == ["consumer"]
    consumer = gitrack.load(rows.used_by()[0].id)
    assert consumer.summary == {"size": 8}
    assert consumer.config == {"rows": 1}
    assert gitrack.artifact("net:best").files() == ["model.bin"]
    assert gitrack.artifact("linked:production").files() == ["model.bin"]
    assert consumer.read("files/model.bin") == b"weights"


TABLE_OUT = """
import numpy as np, wandb
with wandb.init(project="digits") as run:
    table = wandb.Table(columns=["id", "image"])
    for place in range(2):
        table.add_data(place, wandb.Image(np.full((4, 4), place * 200, np.uint8)))
    table.add_computed_columns(lambda place, row: {"double": row["id"] * 2})
    table.set_pk("id")
    artifact = wandb.Artifact("seen", "dataset")
    artifact.add(table, "rows")
    artifact.add(wandb.Image(np.zeros((4, 4), np.uint8)), "black")
    artifact.ttl = None
    run.log_artifact(artifact).wait()
with wandb.init(project="digits") as run:
    artifact = run.use_artifact("seen:latest")
    rows = artifact.get("rows")
    assert rows.columns == ["id", "image", "double"], rows.columns
    assert [row[0] for row in rows.data] == [0, 1] and rows.get_column("double") == [0, 2]
    assert isinstance(rows.data[1][1], wandb.Image) and artifact.get("none") is None
    assert isinstance(artifact.get("black"), wandb.Image)
    rows.add_data(2, rows.data[0][1], 4)
    run.log({"again": rows})
    draft = artifact.new_draft()
    with draft.new_file("note.txt") as file:
        file.write("more")
    run.log_artifact(draft).wait()
    print(draft.version, draft.source_version, draft.is_link, draft.collection.name)
    fresh = wandb.Artifact("never", "dataset")
    for ask in (lambda: fresh.version, lambda: fresh.get("x"), lambda: draft.delete()):
        try:
            ask()
        except wandb.Error as error:
            print(type(error).__name__)
"""


def test_tables_come_back_out_of_artifacts(under_exec):
    done = under_exec(TABLE_OUT)
    assert done.stdout.splitlines() == [
        "v1 v1 False seen", "NotLoggedError", "NotLoggedError", "NotHereError",
    ]  # fmt: skip
    first, second = gitrack.artifact("seen:v0"), gitrack.artifact("seen:v1")
    assert set(second.files()) == {*first.files(), "note.txt"}
    again = gitrack.load(second.made_by().id).table("again")
    assert list(again["id"]) == [0, 1, 2]
    assert {cell.type for cell in again["image"]} == {"image"}


def test_a_run_is_resumed_by_its_id(under_exec, repository):
    assert under_exec(RESUMED).stdout.splitlines() == ["False 0 0"]
    again = under_exec(RESUMED)
    assert again.stdout.splitlines()[0] == "True 2 2"
    assert "print('training')" in again.stdout
    run = gitrack.load("my-run")
    assert list(run.history()["epoch"]) == [0, 1, 2, 3]
    assert run.run.sessions == 2


def test_a_config_that_is_assigned_is_recorded(under_exec, only_run):
    under_exec(
        "import wandb\nwandb.init()\nwandb.config = {'lr': 0.1}\n"
        "wandb.config.epochs = 3\nassert wandb.config.lr == 0.1 and 'epochs' in wandb.config\n"
    )
    assert only_run().config == {"lr": 0.1, "epochs": 3}


def test_runs_one_after_the_other_and_at_once(under_exec):
    under_exec(
        "import wandb\n"
        "for number in range(2):\n"
        "    run = wandb.init(reinit=True, name=f'seed {number}', config={'seed': number})\n"
        "    run.log({'loss': number})\n"
        "first = wandb.init(reinit='create_new', name='left')\n"
        "second = wandb.init(reinit='create_new', name='right')\n"
        "first.log({'a': 1}); second.log({'a': 2}); first.log({'a': 3})\n"
        "first.finish(); second.finish()\n"
    )
    frame = gitrack.runs()
    assert dict(zip(frame["name"], frame["summary.loss"].fillna(-1), strict=True)) == {
        "seed 0": 0, "seed 1": 1, "left": -1, "right": -1,
    }  # fmt: skip
    assert list(gitrack.load("left").history()["a"]) == [1, 3]


def test_a_failed_script_leaves_a_failed_run(under_exec, only_run):
    done = under_exec(
        "import wandb\nwandb.init()\nwandb.log({'a': 1})\nraise ValueError('no')\n", check=False
    )
    assert done.returncode == 1
    run = only_run()
    assert (run.run.state, run.run.error) == ("failed", "ValueError: no")
    assert run.summary == {"a": 1}


@pytest.mark.parametrize(
    "variables", [{"WANDB_MODE": "disabled"}, {"WANDB_DISABLED": "true"}], ids=str
)
def test_disabled_leaves_nothing(under_exec, repository, clean, git, variables):
    done = under_exec(TABLES + "assert wandb.run is None and run.url is None\n", **variables)
    assert done.said == []
    assert len(gitrack.runs()) == 0
    assert git(repository, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert not list((repository / ".git" / "gitrack").glob("runs/*"))
    assert not (clean / "own").exists()
    assert git(repository, "status", "--porcelain") == ""


WORKERS = """
import os, subprocess, sys
code = '''
import os, wandb
run = wandb.init(project="ddp", config={"rank": int(os.environ["RANK"])})
assert run.disabled == (os.environ["RANK"] != "0")
for step in range(3):
    wandb.log({"loss": step + int(os.environ["RANK"]) * 100})
wandb.finish()
'''
workers = [
    subprocess.Popen([sys.executable, "-c", code], env={
        **os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29517",
    })
    for rank in range(2)
]
sys.exit(max(worker.wait() for worker in workers))
"""


def test_workers_of_a_launcher_record_one_run(under_exec, only_run):
    quiet(under_exec(WORKERS))
    run = only_run()
    assert run.config == {"rank": 0}
    assert list(run.history()["loss"]) == [0, 1, 2]


def test_torchrun_starts_workers_that_record_one_run(under_exec, only_run, clean):
    pytest.importorskip("torch")
    worker = clean / "worker.py"
    worker.write_text(
        "import os, wandb\n"
        "run = wandb.init(project='ddp', config={'world': int(os.environ['WORLD_SIZE'])})\n"
        "wandb.log({'rank': int(os.environ['RANK'])})\n"
    )
    source = (
        "import sys\nfrom torch.distributed.run import main\n"
        f"main(['--standalone', '--nproc-per-node=2', {str(worker)!r}])\n"
    )
    under_exec(source, needs=["torch"])
    run = only_run()
    assert (run.config, run.summary) == ({"world": 2}, {"rank": 0})


def test_another_process_attaches_to_a_run(under_exec, only_run):
    source = (
        "import subprocess, sys, wandb\n"
        "run = wandb.init(project='digits')\n"
        "run.log({'here': 1})\n"
        "code = ('import sys, wandb; run = wandb._attach(sys.argv[1]);'\n"
        "        'run.log({\"there\": 2}); assert wandb.run is run')\n"
        "words = [sys.executable, '-c', code, run._attach_id]\n"
        "subprocess.run(words, check=True)\n"
        "run.log({'here': 3})\n"
    )
    under_exec(source)
    run = only_run()
    assert run.summary == {"here": 3, "there": 2}


SPAWNED = """
import copy, multiprocessing, pickle, wandb

def work(run, config):
    assert config.lr == 0.1
    run.log({"there": 2})
    wandb.log({"there": 3})

if __name__ == "__main__":
    run = wandb.init(project="digits", config={"lr": 0.1, "net": {"width": 3}})
    config = copy.deepcopy(wandb.config)
    assert config == wandb.config and pickle.loads(pickle.dumps(config)).net == {"width": 3}
    config.lr = 7
    assert wandb.config.lr == 0.1 and copy.deepcopy(run) is run
    child = multiprocessing.get_context("spawn").Process(target=work, args=(run, wandb.config))
    child.start()
    child.join()
    run.log({"here": 1})
    raise SystemExit(child.exitcode)
"""


def test_a_run_is_handed_to_a_process_that_is_spawned(under_exec, only_run):
    quiet(under_exec(SPAWNED))
    run = only_run()
    assert run.summary == {"here": 1, "there": 3}
    assert run.config == {"lr": 0.1, "net": {"width": 3}}


def test_a_script_outside_a_repository_is_recorded_where_wandb_dir_lies(
    under_exec, repository, clean
):
    elsewhere = clean / "elsewhere"
    elsewhere.mkdir()
    under_exec("import wandb\nwandb.init(name='x')\n", cwd=elsewhere, WANDB_DIR=str(repository))
    assert list(gitrack.runs()["name"]) == ["x"]


def test_a_scratch_folder_for_wandbs_files_does_not_take_the_record_along(
    under_exec, repository, clean
):
    scratch = clean / "scratch"
    scratch.mkdir()
    under_exec(f"import wandb\nwandb.init(name='x', dir={str(scratch)!r})\n")
    assert list(gitrack.runs()["name"]) == ["x"]
    assert list(scratch.iterdir()) == []
