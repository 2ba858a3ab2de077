import json
import re

import pytest

from gitrack.model.run import Alert, Code, Host, Redaction, State

SHA, TREE = "4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0", "b" * 40
DATA = re.compile(r'<script id="gt-run-data" type="application/json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def page(lab):
    """Record a run of given fields, and return its page and what its scripts are told."""

    def make(**fields):
        run = lab.add(**fields)
        lab.build()
        text = lab.page(f"projects/digits/runs/{run.id}.html")
        return text, json.loads(DATA.search(text)[1])

    return make


def test_the_steps_to_run_again_take_the_changed_tree_the_packages_and_the_variables(page):
    _, told = page(
        code=Code(SHA, "main", dirty=True, snapshot=TREE),
        command=("python", "train.py", "--name", "two words"),
        environment={"CUDA_VISIBLE_DEVICES": "0,1", "SLURM_JOB_ID": "7", "OMP_X": "a b"},
        files={"requirements.txt": b"numpy==2\n"},
    )
    steps = [command for _, command in told["again"]]
    assert steps == [
        f"git fetch origin refs/gitrack/code/{TREE}:refs/gitrack/code/{TREE}",
        f"git worktree add --detach ../run-000 {TREE} && cd ../run-000",
        "gitrack get run-000:requirements.txt && pip install -r requirements.txt",
        "export CUDA_VISIBLE_DEVICES=0,1 OMP_X='a b'",
        "python train.py --name 'two words'",
    ]


def test_without_a_snapshot_the_patch_brings_the_changes(page):
    _, told = page(code=Code(SHA, "main", dirty=True), files={"code.patch": b"diff"})
    assert [
        "Its uncommitted changes",
        "gitrack get run-000:code.patch && git apply code.patch",
    ] in (told["again"])


def test_what_a_terminal_would_act_on_is_in_no_step(page):
    _, told = page(
        code=Code(SHA, "main"),
        command=("python", "t.py\nrm -rf ~"),
        environment={"OMP_X": "1\nrm", "A;B": "1"},
    )
    assert [label for label, _ in told["again"]] == ["The code"]


def test_without_a_commit_there_is_nothing_to_run_again(page):
    text, told = page(code=Code(), command=("python", "t.py"))
    assert told["again"] == []
    assert 'id="again"' not in text


def test_the_page_names_the_machine_the_job_and_how_it_ended(page):
    text, _ = page(
        state=State.FAILED,
        exit_code=3,
        sessions=2,
        forked_from="old",
        forked_at=12,
        host=Host("gpu-04", gpus=("H100", "H100", "A40")),
        environment={"SLURM_JOB_ID": "77", "SLURM_JOB_NAME": "train", "RANK": "0"},
    )
    for label, value in (
        ("gpu", "2 × H100, A40"),
        ("slurm job", "77 · train"),
        ("exit code", "3"),
        ("sessions", "2"),
        ("forked from", "old at step 12"),
    ):
        assert f"<dt>{label}</dt><dd>{value}</dd>" in text


def test_alerts_secrets_and_what_is_missing_are_named(page):
    text, _ = page(
        alerts=(Alert("<b>Loss</b>", "is NaN", "WARN", 1.8e9),),
        redacted=(Redaction("config.key", "a token", 2),),
        missing=("gpu: no driver", "locks: OSError"),
    )
    assert "<b>Warn</b> &lt;b&gt;Loss&lt;/b&gt;: is NaN" in text
    assert "<li>config.key: a token, 2 times</li>" in text
    assert "<li>gpu: no driver</li><li>locks: OSError</li>" in text


@pytest.mark.parametrize("hardware", [{"gpus": "none"}, {"gpus": [1, {"name": 2}]}, {"gpus": [{}]}])
def test_hardware_of_any_form_leaves_a_page(page, hardware):
    page(hardware=hardware)


def test_runs_of_one_machine_share_what_tells_of_it(lab):
    for _ in range(3):
        lab.add(hardware={"usable_cores": 8}, environment={"LANG": "C"})
    lab.build()
    scripts = {
        re.search(r'id="machine"[^>]*data-gt-section="([^"]+)"', path.read_text())[1]
        for path in (lab.out / "projects/digits/runs").glob("*.html")
    }
    assert len(scripts) == 1


def test_a_page_that_holds_little_is_light(lab):
    metrics = {f"train/m{n}": [0.5 * n, 1.0, 2.5] * 20 for n in range(20)}
    lab.add(metrics=metrics, config={f"key{n}": n for n in range(10)}, code=Code(SHA, "main"))
    lab.build()
    assert len(lab.page("projects/digits/runs/run-000.html")) < 22_000
