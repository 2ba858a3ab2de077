"""A callback for Stable-Baselines3: what its logger writes, settings, gradients, models."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stable_baselines3.common import logger as sb3
from stable_baselines3.common.callbacks import BaseCallback

from gitrack.interop.attach import Attachment, harmless, log_model
from gitrack.record.media.histogram import Histogram
from gitrack.record.media.image import Image
from gitrack.record.media.video import Video
from gitrack.record.run import Run

__all__ = ["GitrackCallback"]

_STEP = "global_step"
_PLAIN = (bool, int, float, str)


class GitrackCallback(BaseCallback):  # type: ignore[misc]
    """
    Records what the algorithm's logger writes, whenever it writes it.

    Rows hold ``global_step``, the steps of the environment so far, and ``rollout/…``, ``time/…``,
    ``train/…`` as Stable-Baselines3 names them; figures, images and videos too.

    Parameters
    ----------
    verbose : int
        As `BaseCallback` takes it.
    model_save_freq : int
        From one version of the model to the next, in calls of the environment's ``step``; 0 for
        none on the way.
    log_model : bool
        Whether the trained model becomes a version of an artifact; so it does where there are
        versions on the way.
    gradient_save_freq : int
        From one look at the gradients to the next, in rollouts; 0 for none.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts as long as
        ``learn`` does.
    """

    def __init__(
        self,
        verbose: int = 0,
        model_save_freq: int = 0,
        log_model: bool = False,
        gradient_save_freq: int = 0,
        run: Run | None = None,
    ) -> None:
        super().__init__(verbose)
        self._save_every = model_save_freq
        self._log_model = log_model or model_save_freq > 0
        self._gradients_every = gradient_save_freq
        self._attached = Attachment(run)
        self._writer: _Writer | None = None
        self._rollouts = 0

    @harmless
    def _on_training_start(self) -> None:
        run = self._attached.run
        run.config.setdefaults(self._settings())
        run.define_metric("*", step_metric=_STEP)
        self._writer = _Writer(run)
        self.logger.output_formats.append(self._writer)

    def _on_step(self) -> bool:
        if self._save_every and self.n_calls % self._save_every == 0:
            self._save([f"step-{self.num_timesteps}"])
        return True

    @harmless
    def _on_rollout_start(self) -> None:
        # The gradients of the last batch stand until the next update begins.
        self._rollouts += 1
        if not self._gradients_every or (self._rollouts - 1) % self._gradients_every:
            return
        row = {
            f"gradients/{name}": Histogram(parameter.grad)
            for name, parameter in self.model.policy.named_parameters()
            if parameter.grad is not None
        }
        if row:
            self._attached.run.log({**row, _STEP: self.num_timesteps})

    @harmless
    def _on_training_end(self) -> None:
        if self._writer in self.logger.output_formats:
            self.logger.output_formats.remove(self._writer)
        if self._log_model:
            self._save(["final"])
        self._attached.finish()

    @harmless
    def _save(self, aliases: list[str]) -> None:
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            path = Path(folder) / "model.zip"
            self.model.save(path)
            metadata = {_STEP: self.num_timesteps, "algorithm": type(self.model).__name__}
            log_model(self._attached.run, path, None, aliases, metadata)

    def _settings(self) -> dict[str, Any]:
        """Return the algorithm's plain settings; schedules as they stand at the beginning."""
        model = self.model
        found: dict[str, Any] = {
            "algorithm": type(model).__name__,
            "policy": type(model.policy).__name__,
            "n_envs": model.n_envs,
            "total_timesteps": self.locals.get("total_timesteps"),
        }
        for name, value in vars(model).items():
            if name.startswith("_") or name in ("num_timesteps", "verbose"):
                continue
            if isinstance(value, _PLAIN):
                found[name] = value
            elif name in ("clip_range", "clip_range_vf") and callable(value):
                found[name] = float(value(1.0))
        return found


class _Writer(sb3.KVWriter):  # type: ignore[misc]
    """One more format of the algorithm's logger."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @harmless
    def write(
        self, key_values: Mapping[str, Any], key_excluded: Mapping[str, Any], step: int = 0
    ) -> None:
        """Record a row."""
        row: dict[str, Any] = {}
        for key, value in key_values.items():
            if "gitrack" in (key_excluded.get(key) or ()):
                continue
            if isinstance(value, sb3.HParam):
                self._run.config.update(dict(value.hparam_dict))
            else:
                row[key] = _loggable(value)
        self._run.log({**row, _STEP: step})

    def close(self) -> None:
        """Do nothing: the run is the callback's."""


def _loggable(value: Any) -> Any:
    if isinstance(value, sb3.Figure):
        return Image(value.figure)
    if isinstance(value, sb3.Video):
        return Video(value.frames[0], fps=int(value.fps))
    if isinstance(value, sb3.Image):
        return Image(_pixels(value.image, value.dataformats))
    if getattr(value, "ndim", 0) > 0:
        return Histogram(value)
    return value


def _pixels(image: Any, order: str) -> Any:
    """Return an image with its channels last, whatever order it came in."""
    import numpy as np

    if isinstance(image, str):
        return image
    array = image.detach().cpu().numpy() if hasattr(image, "detach") else np.asarray(image)
    letters = order.upper()
    if "N" in letters:  # the first of a batch
        array = array.take(0, axis=letters.index("N"))
        letters = letters.replace("N", "")
    places = [letters.index(letter) for letter in "HWC" if letter in letters]
    return array.transpose(places)
