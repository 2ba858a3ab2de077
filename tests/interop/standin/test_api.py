"""``wandb.Api`` over the runs that are recorded here."""

import json
import math
import shutil

import pytest

import gitrack

RECORDED = """
import pathlib, wandb
for number, lr in enumerate((0.1, 0.01, 0.001)):
    run = wandb.init(project="digits", entity="lab", id=f"r{number}", name=f"fox {number}",
                     group="sweep" if number else None, job_type="train", notes="n" * number,
                     tags=["even"] * (number % 2 == 0) + ["all"],
                     config={"lr": lr, "net": {"width": 2 ** number}, "layers": [1, number]})
    for step in range(6):
        row = {"loss": lr * (6 - step)}
        run.log(row | ({"val/acc": step / 10} if step % 2 else {}))
    run.summary["score"] = None if number == 2 else number
    pathlib.Path("weights.bin").write_bytes(b"w" * number)
    run.save("weights.bin")
    if number == 1:
        artifact = wandb.Artifact("net", "model")
        artifact.add_file("weights.bin")
        run.log_artifact(artifact)
    if number == 2:
        run.use_artifact("net:latest")
    print("the end of", run.name)
    run.finish(number % 2)
wandb.init(project="other", id="o").finish()
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Give a place for what is recorded once."""
    return tmp_path_factory.mktemp("kept") / "git"


@pytest.fixture
def recorded(under_exec, repository, kept):
    """Record four runs, or copy what an earlier test recorded."""
    if kept.exists():
        shutil.rmtree(repository / ".git")
        shutil.copytree(kept, repository / ".git")
    else:
        under_exec(RECORDED)
        shutil.copytree(repository / ".git", kept)


@pytest.fixture
def ask(under_exec, recorded):
    """Ask the Api: ``ask("[run.id for run in api.runs('digits')]")``."""

    def evaluate(*expressions, check=True):
        lines = "\n".join(f"answer({text!r})" for text in expressions)
        source = (
            "import json, math, wandb\napi = wandb.Api()\n"
            "def answer(text):\n"
            "    try:\n        print(json.dumps(eval(text), default=str))\n"
            "    except (wandb.Error, ValueError) as error:\n"
            "        print(json.dumps({'error': type(error).__name__, 'says': str(error)}))\n"
            f"{lines}\n"
        )
        found = [json.loads(line) for line in under_exec(source).stdout.splitlines()]
        return found[0] if len(found) == 1 else found

    return evaluate


FILTERS = [
    ({"config.lr": {"$lt": 0.1}}, ["r1", "r2"]),
    ({"config.lr": 0.01}, ["r1"]),
    ({"config.net.width": {"$gte": 2}}, ["r1", "r2"]),
    ({"config.lr.value": {"$lte": 0.01, "$gt": 0.001}}, ["r1"]),
    ({"summary_metrics.loss": {"$gt": 0.005}}, ["r0", "r1"]),
    ({"summary_metrics.val/acc": {"$exists": True}}, ["r0", "r1", "r2"]),
    ({"summary_metrics.score": {"$exists": True}}, ["r0", "r1"]),
    ({"summary_metrics.none": {"$exists": False}}, ["r0", "r1", "r2"]),
    ({"config.missing": None}, ["r0", "r1", "r2"]),
    ({"config.missing": {"$ne": 3}}, ["r0", "r1", "r2"]),
    ({"state": "finished"}, ["r0", "r2"]),
    ({"state": {"$in": ["failed", "crashed"]}}, ["r1"]),
    ({"tags": "even"}, ["r0", "r2"]),
    ({"tags": {"$in": ["even", "none"]}}, ["r0", "r2"]),
    ({"tags": {"$nin": ["even"]}}, ["r1"]),
    ({"tags": {"$all": ["even", "all"]}}, ["r0", "r2"]),
    ({"group": "sweep"}, ["r1", "r2"]),
    ({"group": None}, ["r0"]),
    ({"jobType": "train", "display_name": {"$regex": "fox [12]"}}, ["r1", "r2"]),
    ({"displayName": {"$regex": "FOX 0", "$options": "i"}}, ["r0"]),
    ({"name": "r2"}, ["r2"]),
    ({"$or": [{"config.lr": 0.1}, {"config.lr": 0.001}]}, ["r0", "r2"]),
    ({"$and": [{"tags": "all"}, {"$nor": [{"state": "failed"}]}]}, ["r0", "r2"]),
    ({"config.lr": {"$not": {"$lt": 0.1}}}, ["r0"]),
    ({"config.layers": 2}, ["r2"]),
    ({"created_at": {"$gt": "2020-01-01"}}, ["r0", "r1", "r2"]),
    ({"createdAt": {"$lt": "2020-01-01T00:00:00"}}, []),
    ({"config.lr": "0.1"}, []),
    ({"config.lr": {"$gt": "text"}}, []),
]
WRONG = [
    {"config.lr": {"$near": 1}},
    {"no such key": 1},
    {"display_name": {"$regex": "("}},
    {"created_at": {"$gt": "yesterday"}},
    {"tags": {"$in": "even"}},
]


def test_runs_are_filtered_as_mongo_would(ask):
    answers = ask(
        *(f"[run.id for run in api.runs('lab/digits', {filters!r})]" for filters, _ in FILTERS),
        *(f"len(api.runs('digits', {filters!r}))" for filters in WRONG),
    )
    for (filters, expected), found in zip(FILTERS, answers, strict=False):
        assert found == expected, filters
    for filters, found in zip(WRONG, answers[len(FILTERS) :], strict=True):
        assert found["error"] in ("QueryError", "UsageError"), filters


def test_runs_are_ordered_sliced_and_counted(ask):
    assert ask(
        "[run.id for run in api.runs('digits', order='-created_at')]",
        "[run.id for run in api.runs('digits', order='+summary_metrics.loss')]",
        "[run.id for run in api.runs('digits', order='-summary_metrics.score')]",
        "[run.id for run in api.runs('digits', order='-display_name')][0]",
        "len(api.runs('digits'))",
        "[run.id for run in api.runs('digits')[1:]]",
        "api.runs('digits')[0].name",
        "[project.name for project in api.projects()]",
        "len(api.runs('other/other'))",
        "len(api.runs('nobody/other'))",
        "len(api.runs('lab/no-such-project'))",
    ) == [
        ["r2", "r1", "r0"],
        ["r2", "r1", "r0"],
        ["r1", "r0", "r2"],
        "r2",
        3,
        ["r1", "r2"],
        "fox 0",
        ["digits", "other"],
        1,
        1,
        {
            "error": "MissingProjectError",
            "says": "project 'lab/no-such-project' has no runs here: "
            "`gitrack ls` lists what there is",
        },
    ]


def test_one_run_is_found_and_told(ask):
    found = ask(
        "api.run('lab/digits/r1').name",
        "api.run('digits/r1').state",
        "api.run('/lab/digits/runs/r1').state",
        "api.run('fox 2').id",
        "api.run('digits/r1').config",
        "dict(api.run('digits/r1').summary)",
        "api.run('digits/r1').summary.get('loss')",
        "api.run('digits/r1').path",
        "api.run('digits/r1').tags",
        "api.run('digits/r1').lastHistoryStep",
        "api.run('other/r1')",
        "api.run('digits/none')",
        "api.run('r')",
        "api.from_path('lab/digits/r0').id",
    )
    assert found[:4] == ["fox 1", "failed", "failed", "r2"]
    assert found[4] == {"lr": 0.01, "net": {"width": 2}, "layers": [1, 1]}
    assert found[5]["loss"] == pytest.approx(0.01)
    assert found[5]["_runtime"] > 0
    assert found[6:10] == [pytest.approx(0.01), ["lab", "digits", "r1"], ["all"], 5]
    for missing, what in zip(found[10:13], ("project digits", "", "may mean"), strict=True):
        assert missing["error"] == "MissingRunError"
        assert what in missing["says"]
    assert found[13] == "r0"


def test_histories_are_whole_or_sampled(ask):
    found = ask(
        "api.run('r0').history().to_dict('list')",
        "api.run('r0').history(keys=['val/acc']).to_dict('list')",
        "api.run('r0').history(samples=3, pandas=False)",
        "list(api.run('r0').history(keys=['none']).columns)",
        "list(api.run('r0').scan_history())",
        "list(api.run('r0').scan_history(keys=['loss', 'val/acc']))",
        "[row['loss'] for row in api.run('r0').scan_history(min_step=2, max_step=4)]",
        "list(api.run('r0').scan_history(keys=['none']))",
        "len(api.runs('digits').histories(keys=['loss'], format='pandas'))",
    )
    losses = [pytest.approx(0.1 * (6 - step)) for step in range(6)]
    assert found[0]["_step"] == list(range(6))
    assert found[0]["loss"] == losses
    assert math.isnan(found[0]["val/acc"][0])
    assert found[1] == {"_step": [1, 3, 5], "val/acc": [0.1, 0.3, 0.5]}
    assert [row["_step"] for row in found[2]] == [0, 2, 5]
    assert found[3] == ["_step", "none"]
    assert [set(row) - {"_runtime", "_timestamp"} for row in found[4][:2]] == [
        {"_step", "loss"},
        {"_step", "loss", "val/acc"},
    ]
    assert found[5] == [{"loss": losses[step], "val/acc": step / 10} for step in (1, 3, 5)]
    assert found[6] == losses[2:4]
    assert found[7] == []
    assert found[8] == 18


def test_files_and_artifacts(ask, repository):
    found = ask(
        "sorted(file.name for file in api.run('r1').files())",
        "[file.name for file in api.run('r1').files(pattern='weights%')]",
        "api.run('r1').file('weights.bin').download('out').read()",
        "api.run('r1').file('weights.bin').download('out')",
        "api.run('r1').file('weights.bin').download('out', exist_ok=True).read()",
        "api.run('r1').file('none').download('out')",
        "api.run('r1').file('../x').download('out')",
        "api.run('r1').file('output.log').size > 0",
        "[a.name for a in api.run('r1').logged_artifacts()]",
        "[a.name for a in api.run('r2').used_artifacts()]",
        "api.artifact('lab/digits/net:v0', type='model').files()[0].path",
        "api.artifact('net:v7')",
        "api.artifact_exists('net:latest'), api.artifact_exists('no:latest')",
        "[a.version for a in api.artifacts('model', 'digits/net')]",
        "api.artifact('net:latest').logged_by().id",
    )
    assert "weights.bin" in found[0]
    assert found[1] == ["weights.bin"]
    assert found[2] == found[4] == "w"
    assert found[3]["error"] == "UsageError"
    assert "no file 'none'" in found[5]["says"]
    assert found[6]["error"] == "NameRefusedError"
    assert not (repository / "x").exists()
    assert found[7:10] == [True, ["net:v0"], ["net:v0"]]
    assert found[10] == "weights.bin"
    assert found[11]["error"] == "MissingArtifactError"
    assert found[12:] == [[True, False], ["v0"], "r1"]


def test_a_run_is_updated_and_its_results_stay(under_exec, recorded):
    done = under_exec(
        "import wandb\n"
        "run = wandb.Api().run('digits/r1')\n"
        "run.tags.append('good'); run.notes = 'better'; run.name = 'vixen'; run.group = None\n"
        "run.config['lr'] = 7\n"
        "run.summary['loss'] = -1\n"
        "run.summary.update()\n"
        "run.update()\n"
        "run.update()\n"
        "try:\n    run.delete()\nexcept NotImplementedError as error:\n    print(error)\n"
    )
    assert "gitrack rm r1" in done.stdout
    assert sorted(done.said) == [
        "gitrack: the config of a recorded run stays what it was",
        "gitrack: the summary of a recorded run stays what it was",
    ]
    run = gitrack.load("r1")
    assert (run.name, run.run.notes, run.run.group) == ("vixen", "better", None)
    assert run.run.tags == ("all", "good")
    assert run.config["lr"] == 0.01
    assert run.summary["loss"] == pytest.approx(0.01)
