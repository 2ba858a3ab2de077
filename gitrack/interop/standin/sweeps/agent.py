"""``wandb.sweep`` and ``wandb.agent``: trials one after the other, in as many agents as wanted."""

import math
import os
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gitrack.errors import SweepError
from gitrack.interop.standin.names import generate_id
from gitrack.interop.standin.sweeps.command import run_command
from gitrack.interop.standin.sweeps.schema import Sweep, nested
from gitrack.interop.standin.sweeps.shelf import Begun, Shelf
from gitrack.interop.standin.trial import Trial, TrialStopped, trial
from gitrack.record.notice import tell, warn_once
from gitrack.record.session import session
from gitrack.store.repository import Repository

_EXPONENT = re.compile(r"[+-]?[0-9]+\.?[0-9]*[eE][+-]?[0-9]+")
_FAILURES = 5  # in a row, from the first on: nothing works


def sweep(
    sweep: Any,
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Any = None,
) -> str:
    """
    Begin a sweep.

    Parameters
    ----------
    sweep : mapping, callable or path
        W&B's description, a function that returns one, or a YAML file of one.
    entity, project : str, optional
        Of its runs.
    prior_runs : Any, optional
        Not taken: trials begin anew.

    Returns
    -------
    str
        The sweep's id.

    Raises
    ------
    SweepError
        If it cannot be run.
    """
    if prior_runs:
        warn_once("prior_runs", "sweep(prior_runs=…): trials begin anew")
    found = sweep() if callable(sweep) else sweep
    if isinstance(found, str | os.PathLike):
        found = description_from(Path(found))
    description = dict(found) if isinstance(found, Mapping) else found
    named = {"entity": entity, "project": project}
    if isinstance(description, dict):
        description |= {key: value for key, value in named.items() if value is not None}
    shelf = Shelf(Repository.find(), generate_id())
    begun = shelf.write(description)
    tell(f"sweep {shelf.id}: {begun.method} over {len(begun.parameters)} parameters")
    return shelf.id


def agent(
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,
    project: str | None = None,
    count: int | None = None,
    forward_signals: bool | None = None,  # noqa: ARG001 - W&B's
    term_timeout: float | None = None,  # noqa: ARG001
    max_consecutive_failed_runs: int | None = None,
) -> None:
    """
    Run trials of a sweep until it is over.

    A trial that fails is recorded as such, and the next begins; where the first five fail, or as
    many in a row as it is told, the agent ends.

    Parameters
    ----------
    sweep_id : str
        The sweep, ``[[entity/]project/]id``.
    function : callable, optional
        Runs one trial; the sweep's program does unless given.
    entity, project : str, optional
        Of its runs; the sweep's own unless given.
    count : int, optional
        How many trials this agent runs at most.
    forward_signals, term_timeout : Any
        Taken for W&B's sake: a trial of a program gets the terminal's signals anyway.
    max_consecutive_failed_runs : int, optional
        How many trials may fail in a row.

    Raises
    ------
    SweepError
        If there is no such sweep, or it has neither a function nor a program.
    """
    shelf = Shelf(Repository.find(), sweep_id.rpartition("/")[2])
    described = shelf.read()
    if function is None and described.program is None and "${program}" in described.command:
        raise SweepError(shelf.id, "has no program: give wandb.agent() a function")
    if count is None and described.run_cap is None and described.method != "grid":
        tell(f"sweep {shelf.id}: goes on until it is stopped; count= or run_cap ends it")
    own = (project or described.project, entity or described.entity)
    failed = done = 0
    while (count is None or done < count) and (begun := shelf.next()) is not None:
        failed = 0 if _run(shelf, described, begun, function, own) else failed + 1
        done += 1
        if failed == max_consecutive_failed_runs or failed == done == _FAILURES:
            tell(f"sweep {shelf.id}: {failed} trials failed in a row: this agent ends")
            return


def _run(
    shelf: Shelf,
    described: Sweep,
    begun: Begun,
    function: Callable[[], Any] | None,
    own: tuple[str | None, str | None],
) -> bool:
    parameters = nested(begun.proposal.values)
    project, entity = own
    if function is None:
        made, reached, well = run_command(shelf.id, described, parameters, project, entity)
        shelf.tell(begun.number, reached, made)
        return well
    if session.run is not None and session.run.is_open:
        session.run.finish()
    current = Trial(shelf.id, parameters, project, entity, stopper=shelf.stopper())
    trial.current = current
    error: BaseException | None = None
    try:
        function()
    except TrialStopped:
        pass  # its run has ended
    except Exception as failure:  # noqa: BLE001 - the next trial may do better
        traceback.print_exc()
        error = failure
    except BaseException as stop:
        error = stop
        raise
    finally:
        trial.current = None
        for run in current.runs:
            if run.is_open and error is None:
                run.finish()
            elif run.is_open and error is not None:
                run.fail(error)
        # transformers begins a run of its own within a trial: the last that says anything counts.
        found = [result_from(run.summary, described) for run in current.runs]
        told = [value for value in found if value is not None and error is None]
        last = current.runs[-1].id if current.runs else None
        shelf.tell(begun.number, told[-1] if told else None, last)
    if not current.runs:
        warn_once("no trial", "a trial called no wandb.init(): nothing of it is recorded")
    elif described.goal is not None and not told and error is None:
        _no_result(described.goal.name)
    return error is None


def result_from(summary: Mapping[str, Any], described: Sweep) -> float | None:
    """Return what a trial reached by its summary; None where it says nothing."""
    if described.goal is None:
        return None
    found = summary.get(described.goal.name)
    if isinstance(found, Mapping):  # what define_metric keeps of it
        word = "max" if described.goal.maximize else "min"
        found = found.get(word, found.get("best", found.get("last")))
    if isinstance(found, bool) or not isinstance(found, int | float) or math.isnan(found):
        return None
    return float(found)


def _no_result(metric: str) -> None:
    warn_once(f"sweep metric {metric}", f"a trial logged no {metric}, the metric of its sweep")


def _with_numbers(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _with_numbers(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_numbers(value) for value in tree]
    return float(tree) if isinstance(tree, str) and _EXPONENT.fullmatch(tree) else tree


def description_from(path: Path) -> Any:
    """
    Read a sweep's description; ``1e-3`` is a number, which YAML 1.1 reads as a text.

    Raises
    ------
    SweepError
        If the file cannot be read.
    """
    import yaml

    try:
        return _with_numbers(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SweepError(str(path), f"cannot be read ({error})") from error
