"""Recorded runs in Python: all of them as a table, or one with its history."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitrack.model.run import Record, Run
from gitrack.store.artifacts import Artifacts, Stored
from gitrack.store.layout import HISTOGRAMS_FILE, HISTORY_FILE, MEDIA_FILE, SYSTEM_FILE
from gitrack.store.reader import Reader, data_missing, own_names
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    import pandas as pd

    from gitrack.model.media import MediaItem


def runs(
    query: str | None = None,
    repository: str | os.PathLike[str] | None = None,
    *,
    archived: bool = False,
) -> "pd.DataFrame":
    """
    Return the recorded runs as a table, a row a run, oldest first.

    Parameters
    ----------
    query : str, optional
        A search line as in ``gitrack ls``: ``lr<0.01 tag:baseline state:finished``.
    repository : path, optional
        A folder inside the repository; the current one unless given.
    archived : bool
        Whether archived runs are in it; a query that compares ``archived`` asks for them too.

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
    from gitrack.analysis.query import select_shown

    records = Reader(_repository(repository)).records()
    return runs_frame(select_shown(records, query or "", archived=archived))


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


def artifact(
    name: str,
    type: str | None = None,  # noqa: A002
    repository: str | os.PathLike[str] | None = None,
) -> "LoadedArtifact":
    """
    Return one version of an artifact, without a run that uses it.

    Parameters
    ----------
    name : str
        ``[[project/]type/]name[:version or alias][@branch]``; the latest version unless it says
        otherwise.
    type : str, optional
        What it has to be.
    repository : path, optional
        A folder inside the repository; the current one unless given.

    Raises
    ------
    ArtifactNotFoundError
        If there is none.
    AmbiguousArtifactError
        If the name may mean several.
    """
    own = _repository(repository)
    return LoadedArtifact(own, Artifacts(own).find(name, type))


class LoadedArtifact:
    """
    One version of an artifact.

    Attributes
    ----------
    manifest : Manifest
        What it is: ``manifest.version``, ``manifest.files``, ``manifest.metadata`` …
    aliases : list of str
        What it is called beside its number.
    """

    def __init__(self, repository: Repository, stored: Stored) -> None:
        self._repository = repository
        self._stored = stored
        self.manifest = stored.manifest
        self.aliases = list(stored.aliases)

    @property
    def name(self) -> str:
        """Name and version: ``model:v3``."""
        return self.manifest.label

    @property
    def metadata(self) -> dict[str, Any]:
        """What its maker said of it."""
        return dict(self.manifest.metadata)

    def files(self) -> list[str]:
        """Return the paths of its files and references."""
        return [file.path for file in self.manifest.files]

    def download(
        self,
        root: str | os.PathLike[str],
        prefix: str = "",
        *,
        allow_missing_references: bool = False,
    ) -> Path:
        """
        Write its files below a folder, and return that.

        Parameters
        ----------
        root : path
            The folder; made if it is not there.
        prefix : str
            Only files whose path begins so.
        allow_missing_references : bool
            Whether references that cannot be had are left out.

        Raises
        ------
        GitrackError
            If a file is not to be had, or is not what the manifest says.
        """
        from gitrack.store.contents import write_files

        write_files(
            self._repository,
            self._stored,
            Path(root),
            prefix,
            allow_missing_references=allow_missing_references,
        )
        return Path(root)

    def made_by(self) -> Run | None:
        """Return the run that logged it; None where none did, or its record is not here."""
        return next((one for one in self._runs() if one.id == self.manifest.made_by), None)

    def used_by(self) -> list[Run]:
        """Return the runs that used it, oldest first."""
        return [
            run
            for run in self._runs()
            if any(one.use == "input" and one.is_of(self.manifest) for one in run.artifacts)
        ]

    def _runs(self) -> list[Run]:
        return [record.run for record in Reader(self._repository).records()]

    def __repr__(self) -> str:
        return f"<LoadedArtifact {self.name}, {len(self.manifest.files)} files>"


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
        self._take(record)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.run.id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.run.name

    def history(self, *, preview: bool = False) -> "pd.DataFrame":
        """
        Return every logged row, in order.

        Parameters
        ----------
        preview : bool
            Whether some of the rows will do, where DVC keeps the whole and it is not here.

        Returns
        -------
        pandas.DataFrame
            ``_step`` (int), ``_runtime`` and ``_timestamp`` (seconds), then a column a metric.
            A value that was not logged is missing (``pandas.NA``); NaN is a logged NaN. Whole
            numbers stay whole.

        Raises
        ------
        DataMissingError
            If the whole is not on this machine, and no preview was asked for.
        """
        from gitrack.analysis.media import frame_from_table

        if not preview and self._reader.is_preview(self._record):
            raise data_missing(self._record, HISTORY_FILE)
        return frame_from_table(self._reader.history(self._record))

    def system(self) -> "pd.DataFrame":
        """
        Return the samples of the machine while it trained.

        Returns
        -------
        pandas.DataFrame
            ``_step`` (the sample's number), ``_runtime`` and ``_timestamp`` (seconds), then a
            column a metric; empty where nothing was sampled.
        """
        from gitrack.analysis.media import frame_from_table
        from gitrack.store.history import HistoryBuilder, table_from_bytes

        content = self._content(SYSTEM_FILE)
        table = HistoryBuilder().table()
        return frame_from_table(table_from_bytes(content, SYSTEM_FILE) if content else table)

    def media(self, key: str | None = None) -> "pd.DataFrame":
        """
        Return what was logged and is no number, in order.

        Parameters
        ----------
        key : str, optional
            The name it was logged under; all unless given.

        Returns
        -------
        pandas.DataFrame
            ``key step runtime timestamp type index path facts``; `read` reads a `path`.
        """
        from gitrack.analysis.media import media_frame

        return media_frame([item for item in self._media() if key in (None, item.key)])

    def histograms(self, key: str | None = None) -> "pd.DataFrame":
        """
        Return the logged histograms, in order.

        Parameters
        ----------
        key : str, optional
            The name they were logged under; all unless given.

        Returns
        -------
        pandas.DataFrame
            ``_step _runtime _timestamp key counts edges``; the last two hold arrays.
        """
        from gitrack.store.media import HistogramsBuilder, histograms_from_bytes

        content = self._content(HISTOGRAMS_FILE)
        table = histograms_from_bytes(content) if content else HistogramsBuilder().table()
        frame: pd.DataFrame = table.to_pandas(use_threads=False)
        return frame if key is None else frame[frame["key"] == key].reset_index(drop=True)

    def table(self, key: str, step: int | None = None) -> "pd.DataFrame":
        """
        Return a logged table, or the table that a logged chart draws.

        Parameters
        ----------
        key : str
            The name it was logged under.
        step : int, optional
            The step of its row; the last one unless given. The parts of an incremental table
            up to that step come together.

        Returns
        -------
        pandas.DataFrame
            The rows; media in a cell says its type, path and facts.

        Raises
        ------
        KeyError
            If the run has no such table.
        """
        import pandas as pd

        from gitrack.analysis.media import frame_from_table
        from gitrack.store.history import read_parquet

        found = [
            item
            for item in self._media()
            if item.key == key
            and item.type in ("table", "chart")
            and item.path is not None
            and (step is None or item.step <= step)
        ]
        if not found or (step is not None and found[-1].step != step):
            raise KeyError(f"run {self.id} has no table {key!r}" + (f" at {step}" if step else ""))
        parts = found if "first" in (found[-1].facts or {}) else found[-1:]
        paths = [item.path for item in parts if item.path is not None]
        frames = [frame_from_table(read_parquet(self.read(path), path)) for path in paths]
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def files(self) -> list[str]:
        """Return the names of the run's files; those that DVC keeps by their own names too."""
        return own_names(self._record)

    def read(self, path: str) -> bytes:
        """
        Return one of the run's files.

        Raises
        ------
        FileNotFoundError
            If the run has no such file, or DVC keeps it and it is not on this machine
            (`DataMissingError`).
        """
        content = self._content(path)
        if content is None:
            raise FileNotFoundError(f"run {self.id} has no file {path!r}")
        return content

    def edit(
        self,
        *,
        name: str | None = None,
        tags: Sequence[str] | None = None,
        notes: str | None = None,
        group: str | None = None,
        job_type: str | None = None,
        project: str | None = None,
        archived: bool | None = None,
    ) -> None:
        """
        Change the record, in one commit on each local branch that holds it.

        What is not named stays. Secrets are taken out of texts, as while recording.

        Parameters
        ----------
        name, notes, group, job_type : str, optional
            As ``init`` takes them; an empty text takes notes, group or job type away.
        tags : sequence of str, optional
            All its tags from now on.
        project : str, optional
            Where its files move to; the id stays.
        archived : bool, optional
            Whether it is left out of lists and sites unless it is asked for.

        Raises
        ------
        NameRefusedError
            If a text is too long or holds control characters.
        RunActiveError
            If the run is being recorded here.
        RunNotFoundError
            If it was removed meanwhile.
        RepositoryError
            If git cannot write.
        """
        from gitrack.record.edit import clean_edit
        from gitrack.store.edit import edit_runs
        from gitrack.store.holding import Holding

        repository = self._reader.repository
        edit = clean_edit(
            repository,
            name=name,
            tags=None if tags is None else tuple(tags),
            notes=notes,
            group=group,
            job_type=job_type,
            project=project,
            archived=archived,
        )
        edit_runs(repository, [Holding.of(self._record)], edit)
        self._take(self._reader.find(self.id))

    def _take(self, record: Record) -> None:
        self._record = record
        self.run: Run = record.run
        self.config: dict[str, Any] = dict(record.config)
        self.summary: dict[str, Any] = dict(record.summary)

    def _content(self, path: str) -> bytes | None:
        (content,) = self._reader.read(self._record, path)
        return content

    def _media(self) -> "list[MediaItem]":
        from gitrack.store.media import media_from_jsonl

        content = self._content(MEDIA_FILE)
        return media_from_jsonl(content, f"{self._record.path}/{MEDIA_FILE}") if content else []

    def __repr__(self) -> str:
        return f"<LoadedRun {self.id} {self.name!r} {self.run.state}>"


def _repository(start: str | os.PathLike[str] | None) -> Repository:
    return Repository.find(None if start is None else Path(start))
