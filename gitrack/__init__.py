"""
Experiment tracking without a server.

    import gitrack

    with gitrack.init(project="digits", config={"lr": 0.01}) as run:
        run.log({"loss": 0.5})
"""

from typing import TYPE_CHECKING, Any

from gitrack.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from gitrack.analysis.access import LoadedArtifact, LoadedRun, artifact, load, runs
    from gitrack.record import plot
    from gitrack.record.artifact import Artifact
    from gitrack.record.fields import Config, Summary
    from gitrack.record.media.audio import Audio
    from gitrack.record.media.embedding import Embedding
    from gitrack.record.media.figures import Plotly
    from gitrack.record.media.histogram import Histogram
    from gitrack.record.media.image import Image
    from gitrack.record.media.masks import Classes
    from gitrack.record.media.object3d import Molecule, Object3D, box3d
    from gitrack.record.media.table import Table
    from gitrack.record.media.texts import Html, Markdown
    from gitrack.record.media.tree import DecisionTree
    from gitrack.record.media.video import Video
    from gitrack.record.plot import plot_table
    from gitrack.record.run import Run
    from gitrack.record.session import (
        alert,
        define_metric,
        finish,
        follow_tensorboard,
        init,
        log,
        log_artifact,
        log_code,
        log_model,
        save,
        unwatch,
        use_artifact,
        use_model,
        watch,
    )

    config: Config
    run: Run | None
    summary: Summary

__all__ = [
    "Artifact",
    "Audio",
    "Classes",
    "DecisionTree",
    "Embedding",
    "Histogram",
    "Html",
    "Image",
    "LoadedArtifact",
    "LoadedRun",
    "Markdown",
    "Molecule",
    "Object3D",
    "Plotly",
    "Run",
    "Table",
    "Video",
    "__version__",
    "alert",
    "artifact",
    "box3d",
    "config",
    "define_metric",
    "finish",
    "follow_tensorboard",
    "init",
    "load",
    "log",
    "log_artifact",
    "log_code",
    "log_model",
    "plot",
    "plot_table",
    "run",
    "runs",
    "save",
    "summary",
    "unwatch",
    "use_artifact",
    "use_model",
    "watch",
]

_HOMES = {
    "Artifact": "gitrack.record.artifact",
    "LoadedArtifact": "gitrack.analysis.access",
    "artifact": "gitrack.analysis.access",
    "log_artifact": "gitrack.record.session",
    "log_model": "gitrack.record.session",
    "use_artifact": "gitrack.record.session",
    "use_model": "gitrack.record.session",
    "Audio": "gitrack.record.media.audio",
    "Classes": "gitrack.record.media.masks",
    "DecisionTree": "gitrack.record.media.tree",
    "Embedding": "gitrack.record.media.embedding",
    "Histogram": "gitrack.record.media.histogram",
    "Html": "gitrack.record.media.texts",
    "Image": "gitrack.record.media.image",
    "LoadedRun": "gitrack.analysis.access",
    "Markdown": "gitrack.record.media.texts",
    "Molecule": "gitrack.record.media.object3d",
    "Object3D": "gitrack.record.media.object3d",
    "Plotly": "gitrack.record.media.figures",
    "Run": "gitrack.record.run",
    "Table": "gitrack.record.media.table",
    "Video": "gitrack.record.media.video",
    "box3d": "gitrack.record.media.object3d",
    "finish": "gitrack.record.session",
    "follow_tensorboard": "gitrack.record.session",
    "watch": "gitrack.record.session",
    "unwatch": "gitrack.record.session",
    "save": "gitrack.record.session",
    "log_code": "gitrack.record.session",
    "define_metric": "gitrack.record.session",
    "alert": "gitrack.record.session",
    "init": "gitrack.record.session",
    "load": "gitrack.analysis.access",
    "log": "gitrack.record.session",
    "plot_table": "gitrack.record.plot",
    "runs": "gitrack.analysis.access",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used; look the current run up at every use."""
    import importlib

    if home := _HOMES.get(name):
        value = globals()[name] = getattr(importlib.import_module(home), name)
        return value
    if name == "plot":
        return importlib.import_module("gitrack.record.plot")
    if name in ("config", "run", "summary"):
        from gitrack.record.session import session

        return getattr(session, name)
    raise AttributeError(f"module 'gitrack' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
