"""Sweeps and their trials, kept beside the runs of this machine."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitrack.errors import SweepError
from gitrack.interop.standin.sweeps.early import Stopper
from gitrack.interop.standin.sweeps.schema import Sweep, sweep_from
from gitrack.interop.standin.sweeps.search import Proposal, Told, propose
from gitrack.model.names import check_run_id
from gitrack.store.repository import Repository

_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Begun:
    """
    A trial that an agent is to run.

    Attributes
    ----------
    number : int
        Its place in the sweep, from 0.
    proposal : Proposal
        What it tries.
    """

    number: int
    proposal: Proposal


class Shelf:
    """
    One sweep of a repository.

    Parameters
    ----------
    repository : Repository
        Where its runs go.
    sweep_id : str
        Its id.

    Raises
    ------
    NameRefusedError
        If the id cannot be one.
    """

    def __init__(self, repository: Repository, sweep_id: str) -> None:
        self.id = check_run_id(sweep_id)
        self._place = repository.own_dir / "sweeps" / f"{self.id}.json"

    def write(self, description: Mapping[str, Any]) -> Sweep:
        """
        Begin the sweep.

        Raises
        ------
        SweepError
            If the description cannot be run.
        """
        sweep = sweep_from(description)
        with self._locked():
            self._save({"created": time.time(), "sweep": dict(description), "trials": []})
        return sweep

    def read(self) -> Sweep:
        """
        Return the sweep's description.

        Raises
        ------
        SweepError
            If there is no such sweep.
        """
        return sweep_from(self._load()["sweep"])

    def exists(self) -> bool:
        """Tell whether the sweep was begun here."""
        return self._place.is_file()

    def next(self) -> Begun | None:
        """Begin the next trial; None where the sweep is over."""
        with self._locked():
            state = self._load()
            trials = [Told(one["places"], one["value"]) for one in state["trials"]]
            proposal = propose(sweep_from(state["sweep"]), self.id, trials)
            if proposal is None:
                return None
            state["trials"].append({"places": dict(proposal.places), "value": None})
            self._save(state)
            return Begun(len(trials), proposal)

    def peek(self) -> Proposal | None:
        """Return what the next trial would try; None where the sweep is over."""
        state = self._load()
        trials = [Told(one["places"], one["value"]) for one in state["trials"]]
        return propose(sweep_from(state["sweep"]), self.id, trials)

    def stopper(self) -> Stopper | None:
        """Return what ends a trial before its time; None where every trial runs to its end."""
        sweep = self.read()
        if sweep.early is None or sweep.goal is None:
            return None
        return Stopper(sweep.early, sweep.goal.name, self._compare, maximize=sweep.goal.maximize)

    def _compare(self, band: int, value: float) -> list[float]:
        """Note what a trial reached at a band; return what all have reached there."""
        with self._locked():
            state = self._load()
            reached: list[float] = state.setdefault("bands", {}).setdefault(str(band), [])
            reached.append(value)
            self._save(state)
            return reached

    def tell(self, number: int, value: float | None, run: str | None) -> None:
        """Note what a trial reached, and its run."""
        with self._locked():
            state = self._load()
            state["trials"][number].update(value=value, run=run)
            self._save(state)

    def _load(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self._place.read_text("utf-8"))
        except FileNotFoundError:
            raise SweepError(self.id, "there is no such sweep in this repository") from None
        except ValueError as error:
            raise SweepError(self.id, f"{self._place} cannot be read ({error})") from error
        return state

    def _save(self, state: Mapping[str, Any]) -> None:
        partial = self._place.with_suffix(".partial")
        try:
            partial.write_text(json.dumps(state), "utf-8")
        except TypeError as error:
            raise SweepError("sweep", f"holds more than texts and numbers ({error})") from error
        partial.replace(self._place)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import filelock

        self._place.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(Path(f"{self._place}.lock"), timeout=_LOCK_SECONDS)
        with lock:
            yield
