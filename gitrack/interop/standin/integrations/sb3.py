"""``wandb.integration.sb3``."""

import os
from pathlib import Path

from stable_baselines3.common.callbacks import BaseCallback

from gitrack.interop.attach import harmless
from gitrack.interop.standin.integrations.trees import open_run
from gitrack.record.notice import warn_once

__all__ = ["WandbCallback"]

_LOGS = ("gradients", "parameters", "all", None)
_PLAIN = (bool, int, float, str)


class WandbCallback(BaseCallback):  # type: ignore[misc]
    """
    Records an agent's settings, its gradients and its model while Stable-Baselines3 trains it.

    Metrics are those that the algorithm writes to TensorBoard: ``sync_tensorboard=True``.

    Parameters
    ----------
    verbose : int
        2 tells of each saved model.
    model_save_path : str, optional
        The folder that the model is saved in; not saved unless given.
    model_save_freq : int
        From one saved model to the next, in steps; only at the end where it is 0.
    gradient_save_freq : int
        From one look at the gradients to the next, in updates; none where it is 0.
    log : {"gradients", "parameters", "all"}, optional
        What is looked at.
    """

    def __init__(
        self,
        verbose: int = 0,
        model_save_path: str | os.PathLike[str] | None = None,
        model_save_freq: int = 0,
        gradient_save_freq: int = 0,
        log: str | None = "all",
    ) -> None:
        super().__init__(verbose)
        if log not in _LOGS:
            warn_once("sb3 log", f"log={log!r} is not one of {_LOGS}: 'all' is recorded")
            log = "all"
        if model_save_path is None and model_save_freq:
            warn_once("sb3 path", "model_save_freq without model_save_path: no model is saved")
        self.model_save_freq = model_save_freq
        self.model_save_path = None if model_save_path is None else os.fspath(model_save_path)
        self.gradient_save_freq = gradient_save_freq
        self.log = log

    @harmless
    def _init_callback(self) -> None:
        run = open_run()
        # The text of other objects tells where they lie in memory, and nothing that compares.
        found = {
            key: value
            for key, value in vars(self.model).items()
            if isinstance(value, _PLAIN) and not key.startswith("_")
        }
        run.config.setdefaults({"algo": type(self.model).__name__, **found})
        if self.gradient_save_freq > 0:
            run.watch(self.model.policy, log=self.log, log_freq=self.gradient_save_freq)

    def _on_step(self) -> bool:
        if self.model_save_freq > 0 and self.n_calls % self.model_save_freq == 0:
            self.save_model()
        return True

    def _on_training_end(self) -> None:
        self.save_model()

    @harmless
    def save_model(self) -> None:
        """Save the model, and keep it with the run."""
        if self.model_save_path is None:
            return
        path = Path(self.model_save_path) / "model.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.model.save(path)
        open_run().save(path, base_path=self.model_save_path, policy="now")
