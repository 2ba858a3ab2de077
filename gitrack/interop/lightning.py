"""A logger for Lightning, under either of its names."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from gitrack.interop.attach import Attachment, harmless, log_model, number_from
from gitrack.record.config_source import config_from
from gitrack.record.media.audio import Audio
from gitrack.record.media.image import Image
from gitrack.record.media.table import Table
from gitrack.record.media.video import Video
from gitrack.record.run import Run

# Both packages may be installed; their classes differ, so the one that the script uses counts.
if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
    from pytorch_lightning.loggers.logger import Logger, rank_zero_experiment
    from pytorch_lightning.utilities.rank_zero import rank_zero_only
else:
    try:
        from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
        from lightning.pytorch.utilities.rank_zero import rank_zero_only
    except ImportError:
        from pytorch_lightning.loggers.logger import Logger, rank_zero_experiment
        from pytorch_lightning.utilities.rank_zero import rank_zero_only

__all__ = ["GitrackLogger"]

_STEP = "trainer/global_step"
_CHECKPOINT = "monitor mode save_last save_top_k save_weights_only".split()


class GitrackLogger(Logger):  # type: ignore[misc]
    """
    Records what a Lightning module logs; rank 0 alone does.

    A run that the logger began stays open for ``trainer.test`` after ``trainer.fit``: it ends
    with `finish`, with the script, or when another logger wants one.

    Parameters
    ----------
    name : str, optional
        The run's name.
    save_dir : path, optional
        Where Lightning puts checkpoints, below it the project and the run's id; the trainer's
        ``default_root_dir`` unless given.
    version, id : str, optional
        The run's id; a run of this id is gone on with.
    project : str, optional
        The project.
    log_model : bool or "all"
        Whether checkpoints become versions of an artifact: when training ends those that are
        kept, or "all" as they are saved.
    experiment : Run, optional
        The run to record into; the one under way unless given.
    prefix : str
        What stands before each metric's name, with a dash.
    checkpoint_name : str, optional
        The artifact's name; ``model-<run id>`` unless given.
    **options : Any
        More arguments of `gitrack.init`.
    """

    LOGGER_JOIN_CHAR = "-"

    def __init__(
        self,
        name: str | None = None,
        save_dir: str | os.PathLike[str] | None = None,
        version: str | None = None,
        id: str | None = None,  # noqa: A002 - W&B's word
        project: str | None = None,
        log_model: Literal["all"] | bool = False,
        experiment: Run | None = None,
        prefix: str = "",
        checkpoint_name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self._id = version or id
        if self._id is not None:
            options = {"resume": "allow", **options, "id": self._id}
        self._attached = Attachment(experiment, name=name, project=project, **options)
        self._project = project
        self._save_dir = None if save_dir is None else os.fspath(save_dir)
        self._log_model = log_model
        self._prefix = prefix
        self._checkpoint_name = checkpoint_name
        self._checkpoints: dict[int, Any] = {}  # the callbacks whose files are kept at the end
        self._logged: dict[str, float] = {}  # when the logged files were written
        self._defined: str | None = None

    @property
    @rank_zero_experiment  # type: ignore[untyped-decorator]
    def experiment(self) -> Run:
        """The run, for everything that gitrack has and Lightning has not."""
        run = self._attached.run
        if self._defined != run.id:
            self._defined = run.id
            run.define_metric("*", step_metric=_STEP)
        return run

    @property
    def save_dir(self) -> str | None:
        """Where Lightning puts its files."""
        return self._save_dir

    @property
    def name(self) -> str | None:
        """The project, which names the folder of checkpoints."""
        run = self._attached.begun
        return self._project if run is None else run.project

    @property
    def version(self) -> str | None:
        """The run's id; before it begins the one that was asked for."""
        run = self._attached.begun
        return self._id if run is None else run.id

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Record metrics as a row, with the trainer's step in it."""
        prefix = f"{self._prefix}{self.LOGGER_JOIN_CHAR}" if self._prefix else ""
        row = {f"{prefix}{name}": value for name, value in metrics.items()}
        self.experiment.log(row if step is None else {**row, _STEP: step})

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def log_hyperparams(self, params: Any, *_arguments: Any, **_options: Any) -> None:
        """Take hyperparameters over into the config."""
        self.experiment.config.update(config_from(params))

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def watch(
        self,
        model: Any,
        log: str | Sequence[str] | None = "gradients",
        log_freq: int = 100,
        log_graph: bool = True,
    ) -> None:
        """Record histograms of a model: see `gitrack.watch`."""
        self.experiment.watch(model, log=log, log_freq=log_freq, log_graph=log_graph)

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def log_table(
        self,
        key: str,
        columns: Sequence[str] | None = None,
        data: Any = None,
        dataframe: Any = None,
        step: int | None = None,
    ) -> None:
        """Record a table: see `gitrack.Table`."""
        table = Table(columns=columns, data=data, dataframe=dataframe)
        self.log_metrics({key: table}, step)

    def log_text(
        self,
        key: str,
        columns: Sequence[str] | None = None,
        data: Any = None,
        dataframe: Any = None,
        step: int | None = None,
    ) -> None:
        """Record texts, as a table."""
        self.log_table(key, columns, data, dataframe, step)

    def log_image(
        self, key: str, images: Sequence[Any], step: int | None = None, **options: Sequence[Any]
    ) -> None:
        """Record images; options of `gitrack.Image` are lists, one value an image."""
        self._log_media(Image, key, images, step, options)

    def log_audio(
        self, key: str, audios: Sequence[Any], step: int | None = None, **options: Sequence[Any]
    ) -> None:
        """Record sounds: see `log_image` and `gitrack.Audio`."""
        self._log_media(Audio, key, audios, step, options)

    def log_video(
        self, key: str, videos: Sequence[Any], step: int | None = None, **options: Sequence[Any]
    ) -> None:
        """Record videos: see `log_image` and `gitrack.Video`."""
        self._log_media(Video, key, videos, step, options)

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def _log_media(
        self,
        kind: Callable[..., Any],
        key: str,
        items: Sequence[Any],
        step: int | None,
        options: Mapping[str, Sequence[Any]],
    ) -> None:
        if not isinstance(items, list | tuple):
            raise TypeError(f"{key}: a list is logged, not a {type(items).__name__}")
        for name, values in options.items():
            if len(values) != len(items):
                raise ValueError(f"{key}: {len(items)} items and {len(values)} of {name}")
        media = [
            kind(item, **{name: values[place] for name, values in options.items()})
            for place, item in enumerate(items)
        ]
        self.log_metrics({key: media}, step)

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Record a checkpoint now, or remember to do so when training ends."""
        if self._log_model == "all" or (self._log_model and checkpoint_callback.save_top_k == -1):
            self._log_checkpoints(checkpoint_callback)
        elif self._log_model:
            self._checkpoints[id(checkpoint_callback)] = checkpoint_callback

    @rank_zero_only  # type: ignore[untyped-decorator]
    @harmless
    def finalize(self, status: str) -> None:
        """
        Record checkpoints; a run of the logger's own that failed ends here.

        Parameters
        ----------
        status : str
            "success", or how it went wrong.
        """
        if self._attached.begun is None:
            return
        for callback in self._checkpoints.values():
            self._log_checkpoints(callback)
        self._checkpoints.clear()
        if status == "success":
            self._attached.release()
        else:
            self._attached.fail()

    def finish(self, exit_code: int | None = None) -> None:
        """End the run if the logger began it."""
        self._attached.finish(exit_code)

    def use_artifact(self, artifact: str, artifact_type: str | None = None) -> Any:
        """Record that the run uses an artifact: see `gitrack.use_artifact`."""
        return self.experiment.use_artifact(artifact, type=artifact_type)

    def _log_checkpoints(self, callback: Any) -> None:
        scores: dict[str, Any] = {}
        if last := getattr(callback, "last_model_path", ""):
            scores[last] = getattr(callback, "current_score", None)
        scores |= getattr(callback, "best_k_models", {})
        if best := getattr(callback, "best_model_path", ""):
            scores[best] = getattr(callback, "best_model_score", None)
        found = [(Path(path).stat().st_mtime, path) for path in scores if Path(path).exists()]
        for written, path in sorted(found):
            if self._logged.get(path, 0) >= written:
                continue
            facts = {name: getattr(callback, name, None) for name in _CHECKPOINT}
            metadata = {
                "score": number_from(scores[path]),
                "original_filename": Path(path).name,
                callback.__class__.__name__: facts,  # what comes may be a weak proxy
            }
            aliases = ["best"] if path == best else []
            log_model(self.experiment, path, self._checkpoint_name, aliases, metadata, "model.ckpt")
            self._logged[path] = written
