"""A sweep, as ``wandb.Api`` gives it."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gitrack.errors import SweepError
from gitrack.interop.standin.absent import Complete
from gitrack.interop.standin.api.listing import Runs
from gitrack.interop.standin.api.runs import Run
from gitrack.interop.standin.errors import MissingRunError
from gitrack.interop.standin.sweeps.shelf import Shelf
from gitrack.store.reader import Reader

if TYPE_CHECKING:
    from gitrack.interop.standin.sweeps.schema import Sweep as Described


class Sweep(Complete):
    """
    A sweep and its runs.

    Attributes
    ----------
    id : str
        Its id.
    config : dict
        Its description; empty where it was begun on another machine.

    Raises
    ------
    ValueError
        If there is neither a sweep nor a run of one by this id.
    """

    def __init__(self, reader: Reader, sweep_id: str) -> None:
        self._reader = reader
        self.id = sweep_id
        self._described: Described | None = None
        with suppress(SweepError):
            self._described = Shelf(reader.repository, sweep_id).read()
        self.config: dict[str, Any] = dict(self._described.description) if self._described else {}
        if not self.config and not len(self.runs):
            raise MissingRunError(sweep_id, "no such sweep here")

    @property
    def name(self) -> str:
        """What it is called; its id unless it has a name."""
        return str(self.config.get("name") or self.id)

    @property
    def state(self) -> str:
        """FINISHED where no trial is left to begin, RUNNING otherwise."""
        shelf = Shelf(self._reader.repository, self.id)
        return "RUNNING" if shelf.exists() and shelf.peek() is not None else "FINISHED"

    @property
    def runs(self) -> Runs:
        """Its runs."""
        return Runs(self._reader, filters={"sweep": self.id})

    @property
    def order(self) -> str | None:
        """The order of its runs that puts the best first; None without a metric."""
        goal = self._described.goal if self._described else None
        if goal is None:
            return None
        return f"{'-' if goal.maximize else '+'}summary_metrics.{goal.name}"

    def best_run(self, order: str | None = None) -> Run | None:
        """Return the best of its runs; None without a metric or runs."""
        order = order or self.order
        runs = Runs(self._reader, filters={"sweep": self.id}, order=order)
        return runs[0] if order and len(runs) else None

    def __repr__(self) -> str:
        return f"<Sweep {self.id}>"
