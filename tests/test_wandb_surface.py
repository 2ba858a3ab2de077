"""Every name and argument that W&B's users write, held against the real package."""

import importlib.metadata
import inspect
import json
import subprocess
import sys
from functools import cache

import pytest

import gitrack

#: Names of W&B that gitrack has under the same name, and that a script calls.
SAME = """
    init log finish define_metric alert save watch unwatch
    Table Image Video Audio Html Object3D Plotly Molecule Histogram Classes box3d
    plot.line plot.line_series plot.scatter plot.bar plot.histogram plot.confusion_matrix
    plot.pr_curve plot.roc_curve plot_table
    Run.log Run.finish Run.define_metric Run.alert Run.save Run.log_code Run.watch Run.unwatch
    Run.status Run.mark_preempting Run.to_html Run.display
    Table.add_data Table.add_row Table.add_column Table.get_column Table.get_dataframe
    Table.get_index Table.iterrows
    Artifact Artifact.add Artifact.add_dir Artifact.add_file Artifact.add_reference
    Artifact.checkout Artifact.download Artifact.file Artifact.files Artifact.get_entry
    Artifact.get_path Artifact.is_draft Artifact.logged_by Artifact.new_file Artifact.remove
    Artifact.save Artifact.used_by Artifact.verify Artifact.wait
    log_artifact use_artifact log_model use_model
    Run.log_artifact Run.use_artifact Run.log_model Run.use_model
    Object3D.from_file Object3D.from_numpy Object3D.from_point_cloud
""".split()
#: Attributes that a script reads.
ATTRIBUTES = {
    "Run": "config dir disabled entity group id job_type name notes offline path project "
    "project_url resumed start_time starting_step step summary sweep_id sweep_url tags url".split(),
    "Artifact": "aliases created_at description digest file_count id incremental manifest metadata "
    "name project qualified_name size source_name state tags type version".split(),
    "Config": "as_dict get items keys setdefaults update".split(),
    "Summary": "get keys update".split(),
}
#: What belongs to a registry, to the stand-in and to sweeps, each with its own work to do.
LATER = {
    "a registry": "link_model Run.link_model Run.link_artifact Artifact.link Artifact.unlink",
    "artifacts": "restore Run.restore Artifact.get Artifact.delete Artifact.new_draft Artifact.ttl",
    "the wandb stand-in": "login Settings termwarn termlog termerror Api sweep agent",
}
#: W&B has moved the places of init()'s arguments more than once: nobody relies on them.
BY_NAME_ALONE = {"init"}
SIGNATURES = """
import inspect, json, sys, warnings
warnings.simplefilter("ignore")
import wandb, wandb.plot
from wandb.sdk.wandb_run import Run
found = {}
for name in sys.argv[1:]:
    head, _, rest = name.partition(".")
    thing = {"Run": Run}.get(head) or getattr(wandb, head)
    for part in filter(None, rest.split(".")):
        thing = getattr(thing, part)
    found[name] = [[p.name, p.kind.name] for p in inspect.signature(thing).parameters.values()]
    if "." not in name and found[name][:1] == [["self", "POSITIONAL_OR_KEYWORD"]]:
        del found[name][0]  # until a run begins, wandb.log is the method itself
print(json.dumps(found))
"""


@cache
def theirs():
    try:
        importlib.metadata.version("wandb")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("wandb is not installed")
    done = subprocess.run(
        [sys.executable, "-c", SIGNATURES, *SAME], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def ours(name):
    thing = gitrack
    for part in name.split("."):
        thing = getattr(thing, part)
    return inspect.signature(thing).parameters


@pytest.mark.parametrize("name", SAME)
def test_every_argument_is_taken_by_its_name_and_at_its_place(name):
    parameters = ours(name)
    kinds = [parameter.kind.name for parameter in parameters.values()]
    positional = [
        parameter.name
        for parameter in parameters.values()
        if parameter.kind.name == "POSITIONAL_OR_KEYWORD"
    ]
    expected = [argument for argument, _ in theirs()[name]]
    for place, (argument, kind) in enumerate(theirs()[name]):
        if kind == "VAR_KEYWORD":
            assert "VAR_KEYWORD" in kinds
        elif kind == "VAR_POSITIONAL":
            assert "VAR_POSITIONAL" in kinds
        else:
            assert argument in parameters, f"{name} lacks {argument}"
            if kind == "POSITIONAL_OR_KEYWORD" and name not in BY_NAME_ALONE:
                assert positional.index(argument) == place, f"{name}: {positional} != {expected}"


@pytest.mark.parametrize("name", SAME)
def test_what_wandb_leaves_open_is_open_here(name):
    expected = {argument for argument, _ in theirs()[name]}
    required = {
        parameter.name
        for parameter in ours(name).values()
        if parameter.default is parameter.empty and "VAR" not in parameter.kind.name
    }
    assert required <= expected


@pytest.mark.parametrize(("owner", "name"), [(o, n) for o in ATTRIBUTES for n in ATTRIBUTES[o]])
def test_every_attribute_is_there(begin, owner, name):
    run = begin(config={"lr": 0.1})
    thing = {"Run": run, "Config": run.config, "Summary": run.summary}.get(owner)
    if thing is None:
        thing = run.log_artifact(gitrack.Artifact("net", "model")).wait()
    assert hasattr(thing, name)


@pytest.mark.parametrize("name", [name for names in LATER.values() for name in names.split()])
def test_what_comes_later_is_not_there_by_half(name):
    """Whoever adds one of these moves it up to the names that are held to W&B's."""
    thing = gitrack
    for part in name.split("."):
        thing = getattr(thing, part, None)
    assert thing is None
