"""Sweeps: described as for W&B, run here, their runs recorded with the sweep's id."""

import itertools
import json
import math
import random
import statistics

import pytest

import gitrack
from gitrack.errors import SweepError
from gitrack.interop.standin.sweeps.distributions import distribution_from
from gitrack.interop.standin.sweeps.schema import nested, sweep_from
from gitrack.interop.standin.sweeps.search import Told, propose

GRID = """
import wandb
sweep_id = wandb.sweep({
    "method": "grid", "name": "small grid",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "parameters": {
        "lr": {"values": [0.1, 0.01]},
        "net": {"parameters": {"width": {"values": [2, 4]}, "depth": {"value": 3}}},
    },
}, project="digits", entity="lab")

def train():
    with wandb.init(config={"lr": 99, "epochs": 2}, project="not this one") as run:
        wandb.config.update({"lr": 98, "net": {"width": 7}})
        assert wandb.config.lr != 98 and run.sweep_id == sweep_id
        width = wandb.config["net"]["width"]
        for epoch in range(run.config.epochs):
            run.log({"val/loss": run.config.lr * width / (epoch + 1)})

wandb.agent(sweep_id, function=train)
wandb.agent(f"lab/digits/{sweep_id}", train, count=3)
sweep = wandb.Api().sweep(f"lab/digits/{sweep_id}")
best = sweep.best_run()
print(sweep_id, len(sweep.runs), sweep.name, best.config["lr"], best.config["net"]["width"])
"""
FAILING = """
import sys, wandb
sweep_id = wandb.sweep({"method": "random", "run_cap": 4,
    "metric": {"name": "loss"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}})
seen = []

def train():
    run = wandb.init()
    wandb.log({"loss": run.config.x})
    seen.append(run.config.x)
    if len(seen) == 2:
        raise ValueError("this one diverged")

wandb.agent(sweep_id, train)
print(len(seen))
"""
PROGRAM = """
import argparse, wandb
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--optimizer", required=True)
args = parser.parse_args()
run = wandb.init(config=args)
assert run.config.lr == args.lr
run.log({"loss": args.lr})
"""
BY_PROGRAM = """
import pathlib, sys, wandb
pathlib.Path("trial.py").write_text(sys.argv[1])
pathlib.Path("sweep.yaml").write_text('''
program: trial.py
method: grid
project: digits
metric: {name: loss, goal: minimize}
parameters:
  lr: {values: [0.1, 1e-2]}
  optimizer: {value: sgd}
''')
sweep_id = wandb.sweep("sweep.yaml")
wandb.agent(sweep_id)
print(wandb.Api().sweep(sweep_id).best_run().config["lr"])
"""
BAYES = """
import wandb
sweep_id = wandb.sweep({"method": "bayes", "run_cap": 12,
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"x": {"min": -4.0, "max": 4.0}, "kind": {"values": ["a", "b"]}}})
best = []

def train():
    with wandb.init(settings={"silent": True}) as run:
        best.append((run.config.x - 1) ** 2 + (run.config.kind == "b"))
        run.log({"loss": best[-1]})

wandb.agent(sweep_id, train)
print(len(best))
"""


def test_a_grid_is_run_to_its_end_once(under_exec):
    done = under_exec(GRID)
    sweep_id, count, *found = done.stdout.split()
    assert (count, found) == ("4", ["small", "grid", "0.01", "2"])
    frame = gitrack.runs()
    assert set(frame["group"]) == {sweep_id}
    assert set(frame["project"]) == {"digits"}
    assert {(c["lr"], c["net"]["width"]) for c in configs(frame)} == set(
        itertools.product((0.1, 0.01), (2, 4))
    )
    assert all(c["net"]["depth"] == 3 and c["epochs"] == 2 for c in configs(frame))
    assert {gitrack.load(run).run.sweep for run in frame["id"]} == {sweep_id}
    assert {gitrack.load(run).run.entity for run in frame["id"]} == {"lab"}
    said = [line for line in done.said if "is what the sweep tries and stays" in line]
    assert len(said) == 2  # lr and net, once each


def configs(frame):
    return [gitrack.load(run).config for run in frame["id"]]


def test_a_trial_that_fails_is_recorded_and_the_next_begins(under_exec):
    done = under_exec(FAILING)
    assert done.stdout == "4\n"
    assert "this one diverged" in done.stderr
    frame = gitrack.runs()
    assert sorted(frame["state"]) == ["failed", "finished", "finished", "finished"]
    assert frame["config.x"].nunique() == 4
    assert frame["config.x"].between(0, 1).all()


EARLY = """
import sys, wandb
description = {
    "method": "grid", "project": "digits", "program": "trial.py",
    "command": ["${env}", "${interpreter}", "${program}"],
    "metric": {"name": "val/loss", "goal": "minimize"},
    "early_terminate": {"type": "hyperband", "min_iter": 2, "eta": 2},
    "parameters": {"level": {"values": [1, 9, 5, 0.5]}},
}

def train():
    with wandb.init() as run:
        for epoch in range(6):
            run.log({"val": {"loss": run.config.level}, "epoch": epoch})

if len(sys.argv) > 1:
    import pathlib
    pathlib.Path("trial.py").write_text(
        "import wandb\\nrun = wandb.init()\\nfor epoch in range(6):\\n"
        "    run.log({'val/loss': run.config.level, 'epoch': epoch})\\n"
    )
    wandb.agent(wandb.sweep(description))
else:
    wandb.agent(wandb.sweep(description), train)
"""


@pytest.mark.parametrize("words", [(), ("by program",)], ids=["function", "program"])
def test_hopeless_trials_end_early(under_exec, words):
    done = under_exec(EARLY, *words)
    assert "Traceback" not in done.stderr
    runs = [gitrack.load(run) for run in gitrack.runs()["id"]]
    # After two rows one in two goes on, after four again.
    assert {run.config["level"]: (str(run.run.state), run.run.rows) for run in runs} == {
        1: ("finished", 6),
        9: ("stopped", 2),
        5: ("stopped", 4),
        0.5: ("finished", 6),
    }
    (stopped,) = [run for run in runs if run.config["level"] == 9]
    assert stopped.run.error == "early_terminate: others are better"
    assert len({run.run.sweep for run in runs}) == 1


def test_an_agent_ends_where_nothing_works(under_exec):
    done = under_exec(
        "import wandb\n"
        "sweep = {'method': 'random', 'parameters': {'x': {'min': 0.0, 'max': 1.0}}}\n"
        "tries = []\n"
        "def train():\n    tries.append(1)\n    raise SystemError\n"
        "wandb.agent(wandb.sweep(sweep), train)\n"
        "print(len(tries))\n"
        "wandb.agent(wandb.sweep(sweep), train, max_consecutive_failed_runs=2)\n"
        "print(len(tries))\n"
    )
    assert done.stdout.split() == ["5", "7"]


def test_a_program_is_run_for_each_trial(under_exec):
    done = under_exec(BY_PROGRAM, PROGRAM)
    assert done.stdout == "0.01\n"
    frame = gitrack.runs()
    assert sorted(frame["config.lr"]) == [0.01, 0.1]
    assert set(frame["config.optimizer"]) == {"sgd"}
    assert len({gitrack.load(run).run.sweep for run in frame["id"]}) == 1


COMMANDS = """
import pathlib, subprocess, sys
pathlib.Path("trial.py").write_text(
    "import wandb\\nrun = wandb.init()\\nrun.log({'loss': run.config.lr})\\n"
)
pathlib.Path("sweep.yaml").write_text(
    "program: trial.py\\nmethod: random\\nparameters: {lr: {min: 0.0, max: 1.0}}\\n"
    "command: ['${env}', '${interpreter}', '${program}']\\n"
)
def wandb(*words):
    line = [sys.executable, "-m", "wandb", *words]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout
assert wandb("login", "--relogin", "key") == (0, "")
status, told = wandb("sweep", "--project", "digits", "sweep.yaml")
print(status, told.split()[:2], told.split()[2].startswith("digits/"))
print(*wandb("agent", "--count", "2", told.split()[2]))
print(*wandb("sync", "x"), *wandb("agent", "nosuch"), *wandb("sweep", "nosuch.yaml"))
"""


def test_the_command_wandb_begins_sweeps_and_runs_agents(under_exec):
    done = under_exec(COMMANDS)
    assert done.stdout.split("\n")[:3] == ["0 ['wandb', 'agent'] True", "0 ", "1  1  1 "]
    assert any("gitrack push" in line for line in done.said)
    frame = gitrack.runs()
    assert len(frame) == 2
    assert set(frame["project"]) == {"digits"}
    assert list(frame["summary.loss"]) == list(frame["config.lr"])


def test_bayes_learns_from_the_trials_before(under_exec):
    assert under_exec(BAYES, needs=["optuna"]).stdout == "12\n"
    assert len(gitrack.runs()) == 12


def test_bayes_comes_closer_than_chance():
    pytest.importorskip("optuna")

    def best(method):
        sweep = sweep_from(
            {
                "method": method,
                "metric": {"name": "loss"},
                "parameters": {
                    "x": {"min": -4.0, "max": 4.0},
                    "y": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0},
                },
            }
        )
        reached = []
        for seed in range(5):
            told = []
            for _ in range(40):
                proposal = propose(sweep, f"s{seed}", told)
                x, y = proposal.values.values()
                value = (x - 1) ** 2 + (math.log10(y) + 2) ** 2
                told.append(Told(proposal.places, value))
            reached.append(min(one.value for one in told))
        return statistics.median(reached)

    assert best("bayes") < best("random") / 2


def test_without_optuna_bayes_is_chance_and_says_so(capsys, monkeypatch):
    from gitrack.interop.standin.sweeps import search
    from gitrack.record import notice

    monkeypatch.setattr(notice, "_said", set())
    monkeypatch.setattr(search.importlib.util, "find_spec", lambda _name: None)
    description = {"parameters": {"x": {"min": 0.0, "max": 1.0}}, "metric": {"name": "loss"}}
    sweep = sweep_from({**description, "method": "bayes"})
    chance = sweep_from({**description, "method": "random"})
    told = [Told({"x": 0.5}, 1.0)]
    assert propose(sweep, "s", told) == propose(chance, "s", told)
    assert capsys.readouterr().err.count("bayes needs optuna") == 1


DISTRIBUTIONS = [
    ({"value": 3}, lambda v: v == 3),
    ({"values": ["a", "b"]}, lambda v: v in ("a", "b")),
    ({"values": ["a", "b"], "probabilities": [0, 1]}, lambda v: v == "b"),
    ({"min": 1, "max": 4}, lambda v: type(v) is int and 1 <= v <= 4),
    ({"min": 1, "max": 4.0}, lambda v: type(v) is float and 1 <= v <= 4),
    ({"distribution": "q_uniform", "min": 0, "max": 10, "q": 2}, lambda v: v in range(0, 11, 2)),
    ({"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.1}, lambda v: round(v, 1) == v),
    ({"distribution": "log_uniform", "min": -2, "max": 0}, lambda v: math.exp(-2) <= v <= 1),
    ({"distribution": "log_uniform_values", "min": "1e-4", "max": 1}, lambda v: 1e-4 <= v <= 1),
    ({"distribution": "inv_log_uniform", "min": 0, "max": 2}, lambda v: math.exp(-2) <= v <= 1),
    ({"distribution": "inv_log_uniform_values", "min": 0.1, "max": 1}, lambda v: 0.09 < v <= 1.01),
    ({"distribution": "q_log_uniform_values", "min": 8, "max": 64, "q": 8}, lambda v: v % 8 == 0),
    ({"distribution": "normal", "mu": 100, "sigma": 0.1}, lambda v: 98 < v < 102),
    ({"distribution": "q_normal", "mu": 10, "sigma": 1, "q": 1}, lambda v: type(v) is int),
    ({"distribution": "log_normal", "mu": 0, "sigma": 1}, lambda v: v > 0),
    ({"distribution": "q_log_normal", "mu": 2, "sigma": 0.1, "q": 1}, lambda v: type(v) is int),
    ({"distribution": "beta", "a": 2, "b": 5}, lambda v: 0 < v < 1),
    ({"distribution": "q_beta", "a": 2, "b": 5, "q": 0.25}, lambda v: v * 4 == int(v * 4)),
]


@pytest.mark.parametrize(
    ("given", "fits"), DISTRIBUTIONS, ids=lambda x: str(x)[:60] * isinstance(x, dict)
)
def test_every_distribution_gives_values_of_its_own(given, fits):
    one = distribution_from("x", given)
    chance = random.Random(0)
    values = [one.quantile(chance.random()) for _ in range(200)]
    assert all(fits(value) for value in values), values
    assert one.quantile(0.0) is not None
    assert one.quantile(1.0) is not None


def test_quantiles_are_those_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    cases = [
        ({"distribution": "beta", "a": 2, "b": 5}, stats.beta(2, 5)),
        ({"distribution": "beta", "a": 0.5, "b": 0.5}, stats.beta(0.5, 0.5)),
        ({"distribution": "normal", "mu": 1, "sigma": 2}, stats.norm(1, 2)),
        ({"distribution": "log_normal", "mu": 0, "sigma": 1}, stats.lognorm(1)),
        ({"distribution": "log_uniform_values", "min": 0.01, "max": 1}, stats.loguniform(0.01, 1)),
    ]
    for given, truth in cases:
        one = distribution_from("x", given)
        for u in (0.01, 0.2, 0.5, 0.8, 0.99):
            assert one.quantile(u) == pytest.approx(truth.ppf(u), rel=1e-6), given


@pytest.mark.parametrize(
    ("sweep", "part"),
    [
        ("no mapping", "sweep"),
        ({"method": "luck", "parameters": {"x": {"value": 1}}}, "method"),
        ({"method": "grid"}, "parameters"),
        ({"method": "grid", "parameters": {"x": {"min": 0.0, "max": 1.0}}}, "x"),
        ({"method": "bayes", "parameters": {"x": {"value": 1}}}, "metric"),
        ({"parameters": {"x": {}}}, "x"),
        ({"parameters": {"x": 3}}, "x"),
        ({"parameters": {"x": {"values": "abc"}}}, "x"),
        ({"parameters": {"x": {"values": [1, 2], "probabilities": [1]}}}, "x"),
        ({"parameters": {"x": {"min": 2, "max": 1}}}, "x"),
        ({"parameters": {"x": {"min": None, "max": 1}}}, "x"),
        ({"parameters": {"x": {"distribution": "cauchy"}}}, "x"),
        ({"parameters": {"a": {"parameters": {"b": {}}}}}, "a.b"),
        (
            {"parameters": {"x": {"distribution": "log_uniform_values", "min": 0, "max": 1}}},
            "x",
        ),
        ({"parameters": {"x": {"value": 1}}, "metric": {"goal": "minimize"}}, "metric"),
        ({"parameters": {"x": {"value": 1}}, "metric": {"name": "a", "goal": "up"}}, "metric"),
        ({"parameters": {"x": {"value": 1}}, "run_cap": 0}, "run_cap"),
        ({"parameters": {"x": {"value": 1}}, "early_terminate": {"type": "a"}}, "early_terminate"),
        (
            {"parameters": {"x": {"value": 1}}, "early_terminate": {"type": "hyperband", "s": 1}},
            "early_terminate",
        ),
        (
            {
                "parameters": {"x": {"value": 1}},
                "early_terminate": {"type": "hyperband", "min_iter": 1},
            },
            "metric",
        ),
        ({"parameters": {"x": {"value": 1}}, "command": "python train.py"}, "command"),
    ],
)
def test_a_sweep_that_cannot_be_run_is_refused_by_its_part(sweep, part):
    with pytest.raises(SweepError) as refused:
        sweep_from(sweep)
    assert refused.value.part == part


def test_a_grid_stops_at_its_target_and_at_its_cap():
    base = {"method": "grid", "parameters": {"x": {"values": [1, 2, 3]}}}
    sweep = sweep_from({**base, "metric": {"name": "acc", "goal": "maximize", "target": 0.9}})
    assert propose(sweep, "s", [Told({}, 0.5)]).values == {("x",): 2}
    assert propose(sweep, "s", [Told({}, 0.95)]) is None
    assert propose(sweep_from({**base, "run_cap": 1}), "s", [Told({}, None)]) is None
    assert nested(propose(sweep, "s", []).values) == {"x": 1}


def test_the_command_of_a_trial_takes_wandbs_macros(tmp_path, monkeypatch):
    from gitrack.interop.standin.sweeps.command import command_line

    monkeypatch.setenv("OUT", "runs")
    described = sweep_from(
        {
            "program": "train.py",
            "parameters": {"lr": {"value": 0.1}},
            "command": [
                "${program}", "${args}", "${args_no_hyphens}", "${args_no_boolean_flags}",
                "${args_json}", "${args_json_file}", "--out=${envvar:OUT}",
            ],
        }
    )  # fmt: skip
    parameters = {"lr": 0.1, "name": "a b", "fast": True, "slow": False}
    words = command_line(described, parameters, tmp_path)
    path = str(tmp_path / "parameters.json")
    assert words == [
        "train.py",
        "--lr=0.1", "--name=a b", "--fast=true", "--slow=false",
        "lr=0.1", "name=a b", "fast=true", "slow=false",
        "--lr=0.1", "--name=a b", "--fast",
        json.dumps(parameters), path, "--out=runs",
    ]  # fmt: skip
    assert json.loads((tmp_path / "parameters.json").read_text()) == parameters
    monkeypatch.delenv("OUT")
    with pytest.raises(SweepError, match="OUT, which is not set"):
        command_line(described, parameters, tmp_path)


def test_agents_at_once_share_a_sweep(under_exec):
    source = """
import subprocess, sys, wandb
sweep_id = wandb.sweep({"method": "grid", "parameters": {"x": {"values": list(range(6))}}})
code = '''
import sys, wandb
def train():
    with wandb.init(settings={"code": "off"}) as run:
        run.log({"y": run.config.x})
wandb.agent(sys.argv[1], train)
'''
agents = [subprocess.Popen([sys.executable, "-c", code, sweep_id]) for _ in range(2)]
sys.exit(max(agent.wait() for agent in agents))
"""
    under_exec(source)
    assert sorted(gitrack.runs()["config.x"]) == list(range(6))


def test_a_sweep_that_is_not_there_is_said_so(under_exec):
    source = (
        "import wandb\n"
        "for ask in (lambda: wandb.agent('nosuch', print), lambda: wandb.Api().sweep('nosuch'),\n"
        "            lambda: wandb.agent('../x', print)):\n"
        "    try:\n        ask()\n    except (wandb.Error, ValueError) as error:\n"
        "        print(error)\n"
    )
    first, second, third = under_exec(source).stdout.splitlines()
    assert first == "sweep: nosuch: there is no such sweep in this repository"
    assert "no such sweep here" in second
    assert "no such sweep" in third or "is refused" in third
