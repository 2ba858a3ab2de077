"""Scripts that do everything wrong: they run to their end, are told once, and lose no data."""

import json
import subprocess
import sys
from collections import Counter

import pytest

import gitrack

EVERYTHING = """
import wandb

wandb.log({"too early": 1})
wandb.init(project="digits", config={"lr": 0.1}, magic=True, anonymous="allow", sync=False,
           no_such_argument=3, settings=wandb.Settings(start_method="fork", x_disable_stats=True))
again = wandb.init(config={"batch": 8})
assert again is wandb.run
for step in (0, 1, 2, 1):
    wandb.log({"loss": 10 - step}, step=step, sync=False)
wandb.log({"ok": 1, "odd": object()})
wandb.log("not a mapping")
wandb.log({"nan": float("nan")}, step="seven")
for _ in range(3):
    wandb.no_such_function(1, two=2)
    wandb.run.no_such_method()
    wandb.sklearn.no_such_plot()
    wandb.mark_preempting()
    wandb.run.pin_config_keys(["lr"])
wandb.run.log_code("no such folder")
wandb.define_metric("loss", summary="no such summary")
wandb.watch("no model")
wandb.save("no such file")
wandb.config.update({"lr": 0.2})
wandb.run.tags += ("late",)
wandb.run.link_artifact(wandb.Artifact("empty", "dataset"), "registry/none")
wandb.alert(title="", text=None)
wandb.plot.no_such_chart([1])
wandb.termwarn("mind the gap", repeat=False)
wandb.termwarn("mind the gap", repeat=False)
wandb.jupyter.anything()
wandb.tensorboard.patch(root_logdir="nowhere")
wandb.finish(0)
wandb.log({"too late": 1})
wandb.finish()
wandb.join()
wandb.teardown()
print("the end")
"""


def test_a_script_that_does_everything_wrong_runs_to_its_end(under_exec, only_run):
    done = under_exec(EVERYTHING)
    assert done.stdout == "the end\n"
    assert "Traceback" not in done.stderr
    twice = [line for line, count in Counter(done.said).items() if count > 1]
    assert twice == []
    for what in (
        "before init() is not recorded",
        "takes no no_such_argument",
        "still open and is given back",
        "log() takes no sync",
        "wandb.no_such_function() does nothing here",
        "run.no_such_method() does nothing here",
        "mind the gap",
        "after finish() is not recorded",
    ):
        assert sum(what in line for line in done.said) == 1, (what, done.said)
    run = only_run()
    assert run.run.state == "finished"
    assert run.config == {"lr": 0.2, "batch": 8}
    assert run.run.tags == ("late",)
    losses = run.history()[["_step", "loss"]].dropna()
    assert losses.values.tolist() == [[0, 10], [1, 9], [2, 8], [1, 9]]
    assert run.summary["ok"] == 1


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("wandb.controller('x')", "wandb.sweep() and wandb.agent() choose the trials"),
        ("wandb.JoinedTable(1, 2, 'id')", "join the tables with pandas"),
        ("wandb.visualize('x', None)", "log a chart"),
        ("class Own(wandb.EvalTable): pass", "log a wandb.Table"),
        ("wandb.launch.run('x')", "run the command"),
        ("wandb.Api().run_queue('a', 'b')", "nothing is queued"),
        ("wandb.Api().team('a')", "teams are the git host's"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(under_exec, use, said):
    source = f"import wandb\ntry:\n    {use}\nexcept wandb.Error as error:\n    print(error)\n"
    done = under_exec(source)
    assert "is not part of gitrack: " in done.stdout
    assert said in done.stdout


def test_a_module_that_has_no_stand_in_is_no_module(under_exec):
    source = (
        "import importlib\n"
        "for name in ('wandb.sdk.launch', 'wandb.automations', 'wandb.integration.openai'):\n"
        "    try:\n        importlib.import_module(name)\n"
        "    except ImportError as error:\n        print(error)\n"
    )
    launch, automations, openai = under_exec(source).stdout.splitlines()
    assert launch == "gitrack has no stand-in for wandb.sdk.launch"
    assert automations.startswith("gitrack has no stand-in for wandb.automations: a workflow of")
    assert openai == "gitrack has no stand-in for wandb.integration.openai"


def test_the_modules_that_integrations_reach_into_are_there(under_exec, only_run):
    source = (
        "import wandb\n"
        "from wandb.sdk.data_types.image import Image\n"
        "from wandb.sdk.lib import RunDisabled, telemetry\n"
        "from wandb.sdk.lib.config_util import ConfigError\n"
        "from wandb.sdk.lib.runid import generate_id\n"
        "from wandb.errors import CommError, UsageError\n"
        "from wandb.errors.term import termwarn\n"
        "from wandb.apis.public import Api, Run\n"
        "from wandb.util import get_module, make_artifact_name_safe\n"
        "import wandb.env, wandb.wandb_lib\n"
        "assert Image is wandb.Image and Api is wandb.Api and wandb.wandb is wandb\n"
        "assert wandb.wandb_lib is wandb.sdk.lib and wandb.env.MODE == 'WANDB_MODE'\n"
        "assert issubclass(CommError, wandb.Error) and issubclass(ConfigError, wandb.Error)\n"
        "assert len(wandb.util.generate_id()) == len(generate_id()) == 8\n"
        "assert get_module('no_such_module') is None and get_module('json').dumps\n"
        "assert not isinstance(wandb.init(), RunDisabled)\n"
        "with telemetry.context(run=wandb.run) as told:\n    told.feature.keras = True\n"
        "assert wandb.helper.parse_config({'a': 1, 'b': 2}, include=['a']) == {'a': 1}\n"
        "wandb.run = None\nassert wandb.run is not None\n"
        "wandb.summary = {'best': 1}\n"
    )
    assert under_exec(source).stdout == ""
    assert only_run().summary == {"best": 1}


def test_what_is_imported_and_never_used_harms_nobody(under_exec):
    source = (
        "from wandb import ArtifactTTL, EvalTable, JoinedTable\nprint(isinstance(1, EvalTable))"
    )
    assert under_exec(source).stdout == "False\n"


THEIRS = """
import json, warnings
warnings.simplefilter("ignore")
import wandb
print(json.dumps([name for name in {*dir(wandb), *wandb.__all__} if not name.startswith("_")]))
"""
OURS = """
import json, sys, wandb
from gitrack.interop.standin.absent import Idle, Refused
found = {}
for name in json.loads(sys.argv[1]):
    thing = getattr(wandb, name)
    if name not in dir(wandb):
        found[name] = "unknown"
        continue
    refused = isinstance(thing, Refused)
    if refused:
        try:
            thing()
        except wandb.Error as error:
            assert "is not part of gitrack: " in str(error), error
    found[name] = "refused" if refused else "idle" if isinstance(thing, Idle) else "there"
print(json.dumps(found))
"""


def test_every_public_name_of_the_real_package_is_answered_for(under_exec):
    pytest.importorskip("wandb")

    real = subprocess.run(
        [sys.executable, "-c", THEIRS], capture_output=True, text=True, check=True
    ).stdout
    names = set(json.loads(real)) - {"annotations"}  # what `from __future__` left there
    assert len(names) > 80
    found = json.loads(under_exec(OURS, json.dumps(sorted(names))).stdout)
    assert [name for name, state in found.items() if state == "unknown"] == []
    assert {name for name, state in found.items() if state == "refused"} == {
        "ArtifactTTL", "EvalTable", "JoinedTable", "agents", "controller", "proto", "sacred",
        "visualize", "wandb_agent", "wandb_torch",
    }  # fmt: skip
    assert {name for name, state in found.items() if state == "idle"} == {
        "analytics", "gym", "jupyter", "patched", "pin_config_keys", "profiler", "sagemaker_auth",
        "trigger",
    }  # fmt: skip


RUN_NAMES = """
import json, sys, wandb
from gitrack.interop.standin.absent import Idle
run = wandb.init(mode="offline")
print(json.dumps([n for n in json.loads(sys.argv[1]) if isinstance(getattr(run, n), Idle)]))
"""


def test_a_run_has_every_public_name_of_the_real_ones(under_exec):
    pytest.importorskip("wandb")

    theirs = (
        "import json, warnings\nwarnings.simplefilter('ignore')\n"
        "from wandb.sdk.wandb_run import Run\n"
        "print(json.dumps([n for n in dir(Run) if not n.startswith('_')]))"
    )
    words = [sys.executable, "-c", theirs]
    real = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert json.loads(under_exec(RUN_NAMES, real).stdout) == []
    assert len(gitrack.runs()) == 1
