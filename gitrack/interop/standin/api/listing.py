"""Recorded runs that filters describe, as ``wandb.Api`` gives them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from gitrack.interop.standin.absent import Complete
from gitrack.interop.standin.api.filters import matches, order_key
from gitrack.interop.standin.api.runs import Run
from gitrack.interop.standin.errors import CommError
from gitrack.model.run import Record
from gitrack.store.reader import Reader


class MissingProjectError(CommError, ValueError):
    """
    A project that has no runs here.

    Parameters
    ----------
    project : str
        Its name.
    """

    def __init__(self, project: str) -> None:
        self.project = project
        super().__init__(f"project {project!r} has no runs here: `gitrack ls` lists what there is")


class Runs(Complete, Sequence[Run]):
    """
    Recorded runs that filters describe, in an order.

    Parameters
    ----------
    reader : Reader
        Where they are recorded.
    project : str or None
        Their project.
    entity : str or None
        Their entity; runs that name none are among them.
    filters : mapping
        See `matches`.
    order : str
        See `order_key`.
    """

    def __init__(
        self,
        reader: Reader,
        project: str | None = None,
        entity: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str | None = "+created_at",
    ) -> None:
        self._reader = reader
        self._project = project
        self._entity = entity
        self._filters = filters or {}
        self._order = order

    @cached_property
    def _records(self) -> list[Record]:
        everything = self._reader.records()
        of_project = [
            one
            for one in everything
            if self._project in (None, one.run.project)
            and (self._entity is None or one.run.entity in (None, self._entity))
        ]
        if self._project is not None and not of_project:
            raise MissingProjectError("/".join(filter(None, (self._entity, self._project))))
        place = order_key(self._order)
        found = [record for record in of_project if matches(record, self._filters)]
        return sorted(found, key=place)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        if isinstance(place, slice):
            return [Run(self._reader, record) for record in self._records[place]]
        return Run(self._reader, self._records[place])

    def histories(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        format: str = "default",  # noqa: A002 - W&B's word
        stream: str = "default",
    ) -> Any:
        """Return the histories of all of them, each row with its ``run_id``: see `Run.history`."""
        import pandas as pd

        frames = []
        for run in self:
            frame = run.history(samples, keys, x_axis, pandas=True, stream=stream)
            frames.append(pd.DataFrame(frame).assign(run_id=run.id))
        whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        return whole if format == "pandas" else whole.to_dict("records")

    def __repr__(self) -> str:
        return f"<Runs {self._project or ''}>"
