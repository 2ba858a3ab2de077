"""A store of MLflow's that is an SQLite database."""

import hashlib
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from gitrack.errors import FormatError
from gitrack.interop.importing.found import FoundRun, ImportedRun, digest_of
from gitrack.interop.importing.mlflow import Family, MlflowFacts, Point, run_from
from gitrack.interop.importing.within import Within

_RUNS = """
    SELECT r.run_uuid, r.name, r.status, r.start_time, r.end_time, r.user_id, r.artifact_uri,
           r.experiment_id, e.name,
           (SELECT value FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = 'mlflow.parentRunId')
    FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id
    WHERE r.lifecycle_stage IS NOT 'deleted'
    ORDER BY r.start_time, r.run_uuid
"""
_PARAMS = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key"
_TAGS = "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key"
_METRICS = """
    SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ?
    ORDER BY timestamp, step, key
"""
#: Where MLflow's server and its clients keep artifacts beside a database.
_BESIDE = ("mlartifacts", "mlruns")


@dataclass
class DatabaseRun(FoundRun):
    """One run's rows."""

    where: str
    database: Path
    top: Path
    row: tuple[Any, ...]
    family: Family
    source: str = "mlflow"

    @property
    def id(self) -> str:
        """MLflow's own id of the run."""
        return str(self.row[0])

    @property
    def identity(self) -> str:
        """The run's id, which is its own alone."""
        return self.id

    def digest(self) -> str:
        """
        Return a digest of the run's rows and artifacts.

        Raises
        ------
        FormatError
            If the database is damaged.
        """
        digest = hashlib.sha256(repr(self.row).encode("utf-8", "backslashreplace"))
        for query in (_PARAMS, _TAGS, _METRICS):
            for row in _rows(self.database, query, self.row[0]):
                digest.update(repr(row).encode("utf-8", "backslashreplace"))
        artifacts, _ = self._artifacts()
        files = artifacts.files()[0] if artifacts is not None else {}
        return digest_of(files.values(), *files, digest.hexdigest())

    def read(self) -> ImportedRun:
        """
        Read the run's rows.

        Raises
        ------
        FormatError
            If the database is damaged.
        """
        own_id, name, status, started, ended, user, _, _, experiment, _ = self.row
        points = []
        for key, value, time, step, is_nan in _rows(self.database, _METRICS, own_id):
            number = math.nan if is_nan else float(value)
            points.append(Point(str(key), number, int(time), int(step)))
        tags = _texts(self.database, _TAGS, own_id)
        artifacts, missing = self._artifacts()
        facts = MlflowFacts(
            id=self.id,
            name=str(name or tags.get("mlflow.runName") or self.id),
            experiment=str(experiment or "Default"),
            status=str(status),
            started=started if isinstance(started, int) else None,
            ended=ended if isinstance(ended, int) else None,
            user=str(user) if user else None,
            params=_texts(self.database, _PARAMS, own_id),
            tags=tags,
            points=points,
            artifacts=artifacts,
            missing=missing,
        )
        return run_from(facts, self.family)

    def _artifacts(self) -> tuple[Within | None, list[str]]:
        """Find the run's artifacts; only below the folder that was named are files taken."""
        top = self.top.resolve()
        told = str(self.row[6] or "")
        parts = urlsplit(told)
        here = unquote(parts.path) if parts.scheme in ("", "file") else ""
        places = [Path(here)] if here else []
        places += [top / name / str(self.row[7]) / self.id / "artifacts" for name in _BESIDE]
        for place in places:
            found = (top / place).resolve()
            if found.is_relative_to(top) and found != top and found.is_dir():
                return Within(found), []
        if not told or (here and not (top / here).is_dir()):
            return None, []
        return None, [f"artifacts at {told} lie outside of {top.name}: --artifacts names it"]


def find_in_database(path: Path, top: Path) -> Iterator[DatabaseRun]:
    """
    Yield the runs of a database, in the order of their beginning.

    Parameters
    ----------
    path : pathlib.Path
        The database.
    top : pathlib.Path
        The folder below which artifacts are taken.

    Raises
    ------
    FormatError
        If it is none of MLflow's, or damaged.
    """
    family = Family()
    rows = list(_rows(path, _RUNS))
    for row in rows:
        family.add(str(row[0]), str(row[1] or row[0]), row[9] and str(row[9]))
    for row in rows:
        yield DatabaseRun(f"{path.name}: {row[1] or row[0]}", path, top, row, family)


def _texts(path: Path, query: str, run: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in _rows(path, query, run)}


def _rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            return database.execute(query, values).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise FormatError(path.name, f"is no sound database of MLflow's ({error})") from error
