"""The trial of a sweep that runs begun now belong to."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitrack.errors import GitrackError
from gitrack.record.run import Run

if TYPE_CHECKING:
    from gitrack.interop.standin.sweeps.early import Stopper


@dataclass
class Trial:
    """
    What an agent asks the next run to try.

    Attributes
    ----------
    sweep : str
        The sweep's id.
    parameters : mapping of str to Any
        What is tried, above what the script says.
    project, entity : str or None
        The sweep's.
    runs : list of Run
        The runs that took it.
    stopper : Stopper or None
        What ends it before its time.
    """

    sweep: str
    parameters: Mapping[str, Any]
    project: str | None = None
    entity: str | None = None
    runs: list[Run] = field(default_factory=list)
    stopper: "Stopper | None" = None

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of ``init`` with what the sweep says in them."""
        own = {"project": self.project, "entity": self.entity}
        named = {key: value for key, value in own.items() if value is not None}
        return {"group": self.sweep, **given, **named}

    def begun(self, run: Run) -> None:
        """Give a run the parameters, above those that its script set."""
        run.config.hold(self.parameters)
        self.runs.append(run)


class TrialStopped(SystemExit):
    """Ends a trial before its time: a script quietly, a function for the agent to go on."""


class Trials:
    """
    Holds the process's trial.

    Attributes
    ----------
    current : Trial or None
        The trial.
    """

    def __init__(self) -> None:
        self.current = _from_environment(os.environ)


def _from_environment(environ: Mapping[str, str]) -> Trial | None:
    """Read the trial that an agent started this process for: W&B's own file of parameters."""
    path, sweep = environ.get("WANDB_SWEEP_PARAM_PATH"), environ.get("WANDB_SWEEP_ID")
    if not path or not sweep or not Path(path).is_file():
        return None
    from gitrack.record.config_source import config_from

    try:
        parameters = config_from(path)
    except (ValueError, OSError, TypeError):
        return None
    stopper = None
    with suppress(GitrackError, OSError):
        from gitrack.interop.standin.sweeps.shelf import Shelf
        from gitrack.store.repository import Repository

        stopper = Shelf(Repository.find(), sweep).stopper()
    named = (environ.get("WANDB_PROJECT"), environ.get("WANDB_ENTITY"))
    return Trial(sweep, parameters, *named, stopper=stopper)


trial = Trials()
