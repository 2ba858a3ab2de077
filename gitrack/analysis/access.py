"""Recorded runs in Python: all of them as a table, or one with its history."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitrack.model.run import Record, Run
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    import pandas as pd


def runs(
    query: str | None = None, repository: str | os.PathLike[str] | None = None
) -> "pd.DataFrame":
    """
    Return the recorded runs as a table, a row a run, oldest first.

    Parameters
    ----------
    query : str, optional
        A search line as in ``gitrack ls``: ``lr<0.01 tag:baseline state:finished``.
    repository : path, optional
        A folder inside the repository; the current one unless given.

    Returns
    -------
    pandas.DataFrame
        Columns ``id name project state created duration group job_type tags branch commit …``,
        then ``config.<key>`` and ``summary.<key>``. `created` is in UTC, `duration` in seconds.

    Raises
    ------
    QueryError
        If the query cannot be read.
    RepositoryError
        If the repository cannot.
    """
    from gitrack.analysis.frame import runs_frame
    from gitrack.analysis.query import select

    records = Reader(_repository(repository)).records()
    return runs_frame(select(records, query or ""))


def load(run: str, repository: str | os.PathLike[str] | None = None) -> "LoadedRun":
    """
    Return one recorded run.

    Parameters
    ----------
    run : str
        Its id, a unique beginning of it, or its name.
    repository : path, optional
        A folder inside the repository; the current one unless given.

    Raises
    ------
    RunNotFoundError
        If there is no such run.
    AmbiguousRunError
        If there are several.
    """
    reader = Reader(_repository(repository))
    return LoadedRun(reader, reader.find(run))


class LoadedRun:
    """
    One recorded run.

    Attributes
    ----------
    run : Run
        Who and how: ``run.state``, ``run.code.commit``, …
    config : dict
        Its settings, nested as logged.
    summary : dict
        Its results by metric.
    """

    def __init__(self, reader: Reader, record: Record) -> None:
        self._reader = reader
        self._record = record
        self.run: Run = record.run
        self.config: dict[str, Any] = dict(record.config)
        self.summary: dict[str, Any] = dict(record.summary)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.run.id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.run.name

    def history(self) -> "pd.DataFrame":
        """
        Return every logged row, in order.

        Returns
        -------
        pandas.DataFrame
            ``_step`` (int), ``_runtime`` and ``_timestamp`` (seconds), then a column a metric.
            A value that was not logged is missing (``pandas.NA``); NaN is a logged NaN. Whole
            numbers stay whole.
        """
        import pandas as pd
        import pyarrow as pa

        from gitrack.store.history import column_values, holds_json

        table = self._reader.history(self._record)
        columns = {}
        for field in table.schema:
            if holds_json(field):
                columns[field.name] = pd.Series(column_values(table, field.name), dtype=object)
            elif table.column(field.name).null_count == 0 and not pa.types.is_string(field.type):
                columns[field.name] = pd.Series(table.column(field.name).to_numpy())
            else:
                kind = pd.ArrowDtype(field.type)
                columns[field.name] = pd.Series(table.column(field.name), dtype=kind)
        return pd.DataFrame(columns)

    def files(self) -> list[str]:
        """Return the names of the run's files on the branch."""
        return sorted(self._record.blobs)

    def read(self, path: str) -> bytes:
        """
        Return one of the run's files.

        Raises
        ------
        FileNotFoundError
            If the run has no such file.
        """
        (content,) = self._reader.read(self._record, path)
        if content is None:
            raise FileNotFoundError(f"run {self.id} has no file {path!r}")
        return content

    def __repr__(self) -> str:
        return f"<LoadedRun {self.id} {self.name!r} {self.run.state}>"


def _repository(start: str | os.PathLike[str] | None) -> Repository:
    return Repository.find(None if start is None else Path(start))
