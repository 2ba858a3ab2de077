"""Every name and argument that W&B's users write, held against the real package."""

import importlib
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
#: What makes sense in scripts written for W&B alone: the stand-in of `gitrack exec` has it.
STAND_IN = """
    login termwarn termlog termerror restore link_model sweep agent
    log finish define_metric alert save watch unwatch log_artifact use_artifact log_model use_model
    Run.link_model Run.link_artifact Run.restore Run.log Run.finish Run.pin_config_keys
    Run.upsert_artifact Run.finish_artifact Run.write_logs
    Artifact Artifact.link Artifact.unlink Artifact.get Artifact.delete Artifact.new_draft
    Table.add_computed_columns Table.cast Table.set_fk Table.set_pk
    Api Api.run Api.runs Api.sweep Api.artifact Api.artifacts Api.artifact_exists
    Api.artifact_collection_exists Api.from_path Api.project Api.projects Api.flush
    apis.public.Run.history apis.public.Run.scan_history apis.public.Run.files apis.public.Run.file
    apis.public.Run.logged_artifacts apis.public.Run.used_artifacts apis.public.Run.update
    apis.public.Run.delete apis.public.Run.upload_file apis.public.Run.wait_until_finished
    apis.public.Runs.histories apis.public.File.download apis.public.Sweep.best_run
""".split()
#: W&B has moved the places of init()'s arguments more than once: nobody relies on them.
BY_NAME_ALONE = {"init"}
SIGNATURES = """
import inspect, json, sys, warnings
warnings.simplefilter("ignore")
import wandb, wandb.plot, wandb.apis.public
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
        [sys.executable, "-c", SIGNATURES, *SAME, *STAND_IN],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def ours(name):
    return inspect.signature(found(gitrack, name)).parameters


def found(thing, name):
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def stand_in(name):
    """Return a name of the stand-in, whose modules are not imported as wandb here."""
    from gitrack.interop.standin.api import public
    from gitrack.interop.standin.catalogue import HOMES

    if name.startswith("apis.public."):
        return found(public, name.removeprefix("apis.public."))
    head, _, rest = name.partition(".")
    module, _, attribute = HOMES[head].partition(":")
    return found(importlib.import_module(module), ".".join(filter(None, (attribute, rest))))


@pytest.mark.parametrize("name", SAME)
def test_every_argument_is_taken_by_its_name_and_at_its_place(name):
    hold_to_theirs(name, ours(name))


@pytest.mark.parametrize("name", STAND_IN)
def test_every_argument_is_taken_by_the_stand_in(name):
    hold_to_theirs(name, inspect.signature(stand_in(name)).parameters)


def hold_to_theirs(name, parameters):
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
        elif not {"VAR_POSITIONAL", "VAR_KEYWORD"} <= set(kinds):  # that takes whatever comes
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


@pytest.mark.parametrize(
    "name", "login Settings termwarn restore link_model sweep agent Api".split()
)
def test_what_the_stand_in_alone_has_is_not_in_gitrack_by_half(name):
    assert not hasattr(gitrack, name)
