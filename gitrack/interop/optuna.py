"""A callback for Optuna: a run a trial, in one group, and a run of the study."""

import functools
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from gitrack.interop.attach import harmless, running
from gitrack.interop.importance import importance_chart
from gitrack.record.capture import explain
from gitrack.record.media.table import Table
from gitrack.record.notice import warn_once
from gitrack.record.plot import line_series
from gitrack.record.run import Run
from gitrack.record.session import init, session
from gitrack.record.staging import staging

__all__ = ["GitrackCallback"]

_STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


class GitrackCallback:
    """
    Makes each trial of a study a run of one group.

    Given to ``study.optimize(…, callbacks=[…])`` alone it records a trial when that has ended:
    settings, values, the values reported on the way, state. With `track` around the objective the
    run is open meanwhile, and the objective logs to it. Trials may run side by side (``n_jobs``).

    A run under way before the study is left alone; `finish` records the study into it.

    Parameters
    ----------
    metric_name : str or sequence of str
        What the objective's value is called, or its values.
    group : str, optional
        The group; the study's name unless given.
    project : str, optional
        The project.
    tags : sequence of str
        Labels of every run.
    **options : Any
        More arguments of `gitrack.init`.

    Examples
    --------
    ::

        tracker = GitrackCallback("accuracy")

        @tracker.track
        def objective(trial): ...

        study.optimize(objective, n_trials=20, callbacks=[tracker])
        tracker.finish(study)
    """

    def __init__(
        self,
        metric_name: str | Sequence[str] = "value",
        group: str | None = None,
        project: str | None = None,
        tags: Sequence[str] = (),
        **options: Any,
    ) -> None:
        self._metric_name = metric_name
        self._group = group
        self._tags = tuple(tags)
        self._options = {"project": project, **options}
        self._lock = threading.Lock()
        self._runs: dict[tuple[str, int], Run] = {}  # of trials whose end Optuna has not told yet
        self._errors: dict[tuple[str, int], Exception] = {}
        self._made: weakref.WeakSet[Run] = weakref.WeakSet()
        self._outer: Run | None = None

    def track(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """
        Open the run of each trial before the objective is called with it.

        In the objective `run` gives it; ``gitrack.log`` goes to it too where trials do not run
        side by side.
        """

        @functools.wraps(objective)
        def tracked(trial: Any, *arguments: Any, **options: Any) -> Any:
            self._open(trial.study.study_name, trial.number)
            try:
                return objective(trial, *arguments, **options)
            except optuna.TrialPruned:
                raise
            except Exception as error:
                self._errors[trial.study.study_name, trial.number] = error
                raise
            finally:
                self._restore()

        return tracked

    def run(self, trial: Any) -> Run | None:
        """Return the open run of a trial; None where `track` is not used."""
        return self._runs.get((trial.study.study_name, trial.number))

    @harmless
    def __call__(self, study: Any, trial: FrozenTrial) -> None:
        """Record how a trial ended."""
        key = (study.study_name, trial.number)
        run = self._runs.get(key) or self._open(*key)
        if run is None:
            return
        try:
            self._record(run, study, trial)
        finally:
            self._runs.pop(key, None)
            self._end(run, trial, self._errors.pop(key, None))
            self._restore()

    @harmless
    def finish(self, study: Any) -> None:
        """
        Record the study: best values, settings, states, all trials, the settings' importance.

        That goes to the run under way, or to one of its own in the group, of the job type
        "study".
        """
        outer = running()
        run = outer or init(
            name=study.study_name,
            group=self._group or study.study_name,
            job_type="study",
            **self._tagged(),
        )
        trials = study.get_trials(deepcopy=False)
        done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
        summary: dict[str, Any] = {
            f"trials/{word}": sum(trial.state == state for trial in trials)
            for state, word in _STATES.items()
        }
        if done and len(study.directions) == 1:
            best = study.best_trial
            summary |= {"best/trial": best.number, f"best/{self._names(1)[0]}": best.value}
            summary |= {f"best/params/{name}": value for name, value in best.params.items()}
        run.config.update(
            directions=[direction.name.lower() for direction in study.directions],
            sampler=type(study.sampler).__name__,
            pruner=type(study.pruner).__name__,
        )
        run.log(self._media(study, trials, done))
        run.summary.update(summary)
        if outer is None:
            run.finish()

    def _media(
        self, study: Any, trials: Sequence[FrozenTrial], done: Sequence[FrozenTrial]
    ) -> dict[str, Any]:
        names = self._names(len(study.directions))
        settings = list(dict.fromkeys(name for trial in trials for name in trial.params))
        table = Table(columns=["trial", "state", *names, *(f"params/{one}" for one in settings)])
        for trial in trials:
            values = trial.values or [None] * len(names)
            state = _STATES.get(trial.state, trial.state.name.lower())
            params = [trial.params.get(name) for name in settings]
            table.add_data(trial.number, state, *values, *params)
        row: dict[str, Any] = {"study/trials": table}
        if not done or len(names) > 1:
            return row
        better = max if study.directions[0].name == "MAXIMIZE" else min
        best: list[float] = []
        for trial in done:
            best.append(better([*best[-1:], *trial.values]))
        numbers = [trial.number for trial in done]
        curves: list[list[Any]] = [[trial.value for trial in done], best]
        row["study/history"] = line_series(
            numbers, curves, [names[0], "best so far"], "Optimization history", "trial"
        )
        if len(done) > 1:
            try:
                found = optuna.importance.get_param_importances(study)
            except Exception as error:  # noqa: BLE001 - settings that never vary, say
                warn_once("optuna", f"the importance of settings is left out: {explain(error)}")
            else:
                row["study/importance"] = importance_chart(
                    found, "Optuna", what="Importance of settings"
                )
        return row

    def _names(self, count: int) -> list[str]:
        if not isinstance(self._metric_name, str):
            return list(self._metric_name)
        if count == 1:
            return [self._metric_name]
        return [f"{self._metric_name}_{place}" for place in range(count)]

    def _tagged(self, *more: str) -> dict[str, Any]:
        return {**self._options, "tags": [*self._tags, *more]}

    @harmless
    def _open(self, study_name: str, number: int) -> Run | None:
        with self._lock:
            if session.run not in self._made:
                self._outer = session.run
            run = init(
                name=f"{study_name}-{number}",
                group=self._group or study_name,
                reinit="create_new",
                **self._tagged(),
            )
            self._runs[study_name, number] = run
            self._made.add(run)
            return run

    @harmless
    def _record(self, run: Run, study: Any, trial: FrozenTrial) -> None:
        run.config.update(trial.params)
        names = self._names(len(study.directions))
        if trial.intermediate_values:
            reported = f"{names[0]}/reported"
            run.define_metric(reported, step_metric="trial/step")
            for step, value in sorted(trial.intermediate_values.items()):
                run.log({reported: value, "trial/step": step})
        state = _STATES.get(trial.state, trial.state.name.lower())
        summary: dict[str, Any] = {"trial/number": trial.number, "trial/state": state}
        if trial.duration is not None:
            summary["trial/duration"] = trial.duration.total_seconds()
        if trial.values is not None:
            summary |= dict(zip(names, trial.values, strict=True))
        summary |= {f"trial/{name}": value for name, value in trial.user_attrs.items()}
        run.summary.update(summary)
        if trial.state != TrialState.COMPLETE:
            run.tags = (*run.tags, state)

    def _end(self, run: Run, trial: FrozenTrial, error: Exception | None) -> None:
        if error is not None:
            run.fail(error)
        else:
            run.finish(exit_code=int(trial.state == TrialState.FAIL), quiet=True)

    def _restore(self) -> None:
        """Make the run before the study current again, where a trial's took its place."""
        with self._lock:
            if session.run in self._made:
                session.run = staging.run = self._outer
