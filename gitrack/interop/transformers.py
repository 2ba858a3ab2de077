"""A callback for transformers' Trainer; ``report_to="gitrack"`` once this module is imported."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from transformers import TrainerCallback
from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

from gitrack.interop.attach import Attachment, harmless, log_model
from gitrack.record.run import Run

__all__ = ["GitrackCallback"]

_STEP = "train/global_step"
_TOTALS = frozenset(
    "train_runtime train_samples_per_second train_steps_per_second train_loss total_flos".split()
)


class GitrackCallback(TrainerCallback):  # type: ignore[misc]
    """
    Records what a Trainer logs, its arguments and the model's config; the first process does.

    A run that the callback began stays open for ``evaluate`` and ``predict``: it ends with
    ``gitrack.finish()``, with the script, or when another Trainer wants one. In a search of
    hyperparameters each trial is a run of its own, in one group.

    Parameters
    ----------
    project : str, optional
        The project.
    log_model : False, "end" or "checkpoint"
        Whether the model becomes a version of an artifact: when training ends, or also each
        checkpoint as it is saved.
    watch : str, optional
        What `gitrack.watch` is to record of the model: "gradients", "parameters", "all" ….
    run : Run, optional
        The run to record into; the one under way unless given.
    **options : Any
        More arguments of `gitrack.init`.

    Raises
    ------
    ValueError
        If `log_model` is something else.
    """

    def __init__(
        self,
        project: str | None = None,
        log_model: Literal["end", "checkpoint"] | bool = False,
        watch: str | None = None,
        run: Run | None = None,
        **options: Any,
    ) -> None:
        if log_model not in (False, True, "end", "checkpoint"):
            raise ValueError(f"log_model is False, 'end' or 'checkpoint', not {log_model!r}")
        self._log_model = "end" if log_model is True else log_model
        self._watch = watch
        self._given = run
        self._options = {"project": project, **options}
        self._attached: Attachment | None = None
        self._set_up: str | None = None  # the run that has the settings

    @harmless
    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **_more: Any
    ) -> None:
        """Begin, or find, the run and record the settings."""
        del control
        if state.is_hyper_param_search and self._attached is not None:
            self._attached.finish()
            self._attached = None
        if state.is_world_process_zero:
            self._run(args, state, model)

    @harmless
    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        model: Any = None,
        logs: Mapping[str, Any] | None = None,
        **_more: Any,
    ) -> None:
        """Record a row; totals of the whole training go to the summary."""
        del control
        if not state.is_world_process_zero or not logs:
            return
        run = self._run(args, state, model)
        run.summary.update({name: value for name, value in logs.items() if name in _TOTALS})
        row = {_renamed(name): value for name, value in logs.items() if name not in _TOTALS}
        if row:
            run.log({**row, _STEP: state.global_step})

    @harmless
    def on_predict(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any], **_more: Any
    ) -> None:
        """Record the metrics of a prediction."""
        del control
        if state.is_world_process_zero:
            row = {_renamed(name): value for name, value in metrics.items()}
            self._run(args, state, None).log({**row, _STEP: state.global_step})

    @harmless
    def on_save(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
        """Record a checkpoint."""
        del control
        if self._log_model != "checkpoint" or not state.is_world_process_zero:
            return
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        metadata = {"global_step": state.global_step, "epoch": state.epoch}
        aliases = [f"checkpoint-{state.global_step}"]
        log_model(self._run(args, state, None), folder, None, aliases, metadata)

    @harmless
    def on_train_end(
        self,
        args: Any,
        state: Any,
        control: Any,
        model: Any = None,
        processing_class: Any = None,
        **_more: Any,
    ) -> None:
        """Record the model, and let the run end when another wants to begin."""
        del control
        if not state.is_world_process_zero:
            return
        run = self._run(args, state, model)
        if state.best_metric is not None:
            run.summary["best_metric"] = state.best_metric
        if self._log_model and model is not None:
            with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
                model.save_pretrained(folder)
                if hasattr(processing_class, "save_pretrained"):
                    processing_class.save_pretrained(folder)
                metadata = {"global_step": state.global_step, "best_metric": state.best_metric}
                log_model(run, folder, None, ["final"], metadata)
        if self._attached is not None:
            self._attached.release()

    def _run(self, args: Any, state: Any, model: Any) -> Run:
        if self._attached is None:
            name, group = getattr(args, "run_name", None), None
            if state.is_hyper_param_search:
                name, group = state.trial_name, name or Path(args.output_dir).parent.name
            options = {"name": name, "group": group, **self._options}
            self._attached = Attachment(self._given, **options)
        run = self._attached.run
        if self._set_up != run.id:
            self._set_up = run.id
            self._record_settings(run, args, state, model)
        return run

    def _record_settings(self, run: Run, args: Any, state: Any, model: Any) -> None:
        settings = dict(args.to_dict())
        config = getattr(model, "config", None)
        if config is not None:
            settings["model"] = dict(config) if isinstance(config, dict) else config.to_dict()
        if hasattr(model, "num_parameters"):
            settings["num_parameters"] = model.num_parameters()
        if state.trial_params is not None:
            settings["trial"] = state.trial_params
        run.config.update(settings)
        run.define_metric("train/*", step_metric=_STEP)
        run.define_metric("eval/*", step_metric=_STEP)
        if self._watch and model is not None:
            run.watch(model, log=self._watch, log_freq=max(100, int(state.logging_steps)))


def _renamed(name: str) -> str:
    """Put a metric in the section of its part of the data."""
    for part in ("eval", "test"):
        if name.startswith(f"{part}_"):
            return f"{part}/{name.removeprefix(f'{part}_')}"
    return f"train/{name}"


INTEGRATION_TO_CALLBACK.setdefault("gitrack", GitrackCallback)
