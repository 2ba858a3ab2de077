"""What the stand-in answers to: wandb's names, and where each is at home here."""

from collections.abc import Mapping
from typing import NamedTuple

_OWN = "gitrack.interop.standin"
_MEDIA = "gitrack.record.media"


def _at(home: str, names: str) -> dict[str, str]:
    """Give several names one home."""
    return {name: f"{home}:{name}" for name in names.split()}


#: Where a name comes from: ``module:attribute``.
HOMES: Mapping[str, str] = {
    **_at("gitrack.record.session", "finish define_metric alert save watch unwatch log_code"),
    **_at("gitrack.record.session", "log_artifact use_artifact log_model use_model"),
    **_at(f"{_OWN}.artifact", "Artifact"),
    **_at("gitrack.record.plot", "plot_table"),
    **_at("gitrack.record.fields", "Config Summary"),
    **_at(f"{_MEDIA}.audio", "Audio"),
    **_at(f"{_MEDIA}.figures", "Plotly"),
    **_at(f"{_MEDIA}.graph", "Graph"),
    **_at(f"{_MEDIA}.histogram", "Histogram"),
    **_at(f"{_MEDIA}.image", "Image"),
    **_at(f"{_MEDIA}.masks", "Classes"),
    **_at(f"{_MEDIA}.object3d", "Molecule Object3D box3d"),
    **_at(f"{_OWN}.media", "Table"),
    **_at(f"{_MEDIA}.texts", "Html"),
    **_at(f"{_MEDIA}.video", "Video"),
    **_at(f"{_OWN}.beginning", "init login setup teardown require attach ensure_configured"),
    **_at(f"{_OWN}.beginning", "termsetup join log"),
    **_at(f"{_OWN}.beginning", "link_artifact link_model mark_preempting restore"),
    **_at(f"{_OWN}.beginning", "finish_artifact upsert_artifact"),
    **_at(f"{_OWN}.run", "Run RunDisabled"),
    **_at(f"{_OWN}.settings", "Settings"),
    **_at(f"{_OWN}.levels", "AlertLevel"),
    **_at(f"{_OWN}.errors", "Error CommError UsageError AuthenticationError UnsupportedError"),
    **_at(f"{_OWN}.errors", "ConfigError"),
    **_at(f"{_OWN}.terminal", "termerror termlog termwarn"),
    **_at(f"{_OWN}.names", "generate_id"),
    **_at(f"{_OWN}.sweeps.agent", "agent sweep"),
    **_at(f"{_OWN}.api.client", "Api"),
    "api": f"{_OWN}.api.client:api",
    "_attach": f"{_OWN}.beginning:attach",
}

#: What has no meaning without a server or a registry: it says so once, and the script goes on.
IDLE: Mapping[str, str] = {
    "analytics": "nobody is told what you do",
    "gym": "log a wandb.Video of the file that RecordVideo wrote",
    "jupyter": "a run shows itself below a cell by its last line, `run`",
    "patched": "nothing is patched",
    "pin_config_keys": "columns are pinned on the site",
    "profiler": "keep the trace with run.save()",
    "sagemaker_auth": "there is no account to log in to",
    "trigger": "it belongs to the client of W&B's server",
    "write_logs": "the console is recorded anyway",
}

#: What a script waits for the result of, and cannot have: it is told what to do instead.
REFUSED: Mapping[str, str] = {
    "ArtifactTTL": "versions are kept until `gitrack gc --artifacts` is asked to drop old ones",
    "EvalTable": "log a wandb.Table: the run's page filters and sorts it",
    "JoinedTable": "join the tables with pandas and log one wandb.Table; the comparison joins "
    "tables of runs by a key",
    "agents": "wandb.agent(sweep_id, function) runs trials",
    "automations": "a workflow of the git host, written by `gitrack init`, does what they do",
    "controller": "wandb.sweep() and wandb.agent() choose the trials",
    "launch": "run the command, here or by CI: nothing is queued",
    "proto": "runs are recorded as files, see the reference of the record",
    "sacred": "log from the script with wandb.log()",
    "visualize": "log a chart: wandb.plot, or a figure of matplotlib, Plotly or Bokeh",
    "wandb_agent": "wandb.agent(sweep_id, function) runs trials",
    "wandb_torch": "wandb.watch(model) records gradients and parameters",
}


class Part(NamedTuple):
    """
    A submodule of the stand-in.

    Attributes
    ----------
    names : str
        Names of `HOMES` that it has.
    home : str or None
        A module of ours that has the rest.
    """

    names: str = ""
    home: str | None = None


_INTEGRATIONS = f"{_OWN}.integrations"
_MEDIA_NAMES = "Audio Classes Graph Histogram Html Image Molecule Object3D Plotly Table Video box3d"
_ERRORS = "AuthenticationError CommError Error UnsupportedError UsageError"

#: The submodules, by what stands after ``wandb.``
PARTS: Mapping[str, Part] = {
    "apis": Part("Api", f"{_OWN}.api.public"),
    "apis.public": Part("Api", f"{_OWN}.api.public"),
    "cli.cli": Part(home=f"{_OWN}.commands"),
    "data_types": Part(_MEDIA_NAMES),
    "env": Part(home=f"{_OWN}.environment"),
    "errors": Part(_ERRORS),
    "errors.errors": Part(_ERRORS),
    "errors.term": Part("termerror termlog termsetup termwarn"),
    "helper": Part(home=f"{_OWN}.helper"),
    "integration.catboost": Part(home=f"{_INTEGRATIONS}.catboost"),
    "integration.keras": Part(home=f"{_INTEGRATIONS}.keras"),
    "integration.lightgbm": Part(home=f"{_INTEGRATIONS}.lightgbm"),
    "integration.sb3": Part(home=f"{_INTEGRATIONS}.sb3"),
    "integration.sklearn": Part(home="gitrack.interop.sklearn"),
    "integration.tensorboard": Part(home=f"{_INTEGRATIONS}.tensorboard"),
    "integration.xgboost": Part(home=f"{_INTEGRATIONS}.xgboost"),
    "plot": Part("plot_table", "gitrack.record.plot"),
    "sdk": Part("Artifact Config Settings Summary attach finish init join login require setup"),
    "sdk.artifacts": Part("Artifact"),
    "sdk.artifacts.artifact": Part("Artifact"),
    "sdk.data_types": Part(_MEDIA_NAMES),
    "sdk.data_types.histogram": Part("Histogram"),
    "sdk.data_types.image": Part("Image"),
    "sdk.data_types.table": Part("Table"),
    "sdk.data_types.video": Part("Video"),
    "sdk.lib": Part("RunDisabled"),
    "sdk.lib.config_util": Part("ConfigError"),
    "sdk.lib.disabled": Part("RunDisabled"),
    "sdk.lib.runid": Part("generate_id"),
    "sdk.lib.telemetry": Part(home=f"{_OWN}.telemetry"),
    "sdk.wandb_config": Part("Config"),
    "sdk.wandb_init": Part("init"),
    "sdk.wandb_login": Part("login"),
    "sdk.wandb_run": Part("Run finish restore"),
    "sdk.wandb_settings": Part("Settings"),
    "sdk.wandb_summary": Part("Summary"),
    "util": Part("generate_id", f"{_OWN}.names"),
    "wandb_run": Part("Run"),
}
#: Other names of submodules.
ALIASES: Mapping[str, str] = {
    "catboost": "integration.catboost",
    "keras": "integration.keras",
    "lightgbm": "integration.lightgbm",
    "sklearn": "integration.sklearn",
    "tensorboard": "integration.tensorboard",
    "tensorflow": "integration.tensorboard",
    "xgboost": "integration.xgboost",
    "wandb_lib": "sdk.lib",
    "wandb_sdk": "sdk",
}
