"""A store of MLflow's that is a folder: ``mlruns``."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitrack.errors import FormatError
from gitrack.interop.importing.found import FoundRun, ImportedRun, digest_of
from gitrack.interop.importing.mlflow import Family, MlflowFacts, Point, run_from
from gitrack.interop.importing.within import Within
from gitrack.store.schema import config_from_yaml

_META = "meta.yaml"
_SMALL = 1 << 20  # bytes of a parameter, a tag or a meta.yaml
_TRASH = ".trash"
_PARTS = (3, 5)  # of a line of a metric: time, value, step; newer ones name a data set


@dataclass
class FileRun(FoundRun):
    """One run's folder."""

    where: str
    folder: Path
    meta: Mapping[str, Any]
    experiment: str
    family: Family
    source: str = "mlflow"

    @property
    def id(self) -> str:
        """MLflow's own id of the run."""
        return str(self.meta.get("run_id") or self.meta.get("run_uuid") or self.folder.name)

    @property
    def identity(self) -> str:
        """The run's id, which is its own alone."""
        return self.id

    def digest(self) -> str:
        """Return a digest of all files of the run."""
        files, _ = Within(self.folder).files()
        return digest_of(files.values(), self.experiment, *files)

    def read(self) -> ImportedRun:
        """
        Read the run's files.

        Raises
        ------
        FormatError
            If ``meta.yaml`` cannot be read.
        """
        if not self.meta:
            raise FormatError(f"{self.where}/{_META}", "cannot be read")
        damage: list[str] = []
        points: list[Point] = []
        for name, path in _named(self.folder / "metrics"):
            points += _points(name, path, damage)
        tags = {name: _text(path, damage) for name, path in _named(self.folder / "tags")}
        params = {name: _text(path, damage) for name, path in _named(self.folder / "params")}
        artifacts = self.folder / "artifacts"
        facts = MlflowFacts(
            id=self.id,
            name=_name(self.meta, self.folder) or self.id,
            experiment=self.experiment,
            status=str(self.meta.get("status")),
            started=_whole(self.meta.get("start_time")),
            ended=_whole(self.meta.get("end_time")),
            user=str(self.meta["user_id"]) if self.meta.get("user_id") else None,
            params=params,
            tags=tags,
            points=points,
            artifacts=Within(artifacts) if artifacts.is_dir() and not _leads(artifacts) else None,
            damage=damage,
        )
        return run_from(facts, self.family)


def find_in_files(top: Path) -> Iterator[FileRun]:
    """Yield the runs of a folder ``mlruns``, experiment by experiment."""
    family = Family()
    found: list[FileRun] = []
    for experiment in _folders(top):
        name = _meta(experiment / _META).get("name") or experiment.name
        for folder in _folders(experiment):
            if not (folder / _META).is_file() or not (folder / "params").is_dir():
                continue  # a logged model, a trace
            meta = _meta(folder / _META)
            if meta.get("lifecycle_stage") == "deleted":
                continue
            where = f"{experiment.name}/{folder.name}"
            run = FileRun(where, folder, meta, str(name), family)
            parent = _text(folder / "tags" / "mlflow.parentRunId", []) or None
            family.add(run.id, _name(meta, folder) or run.id, parent)
            found.append(run)
    yield from found


def _folders(place: Path) -> list[Path]:
    names = (entry.name for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))
    return [place / name for name in sorted(names) if name != _TRASH]


def _meta(path: Path) -> dict[str, Any]:
    """Read a ``meta.yaml``; one that cannot be read says nothing."""
    try:
        if path.stat().st_size > _SMALL or _leads(path):
            return {}
        return config_from_yaml(path.read_bytes(), path.name)
    except (OSError, FormatError):
        return {}


def _name(meta: Mapping[str, Any], folder: Path) -> str | None:
    """Return the run's name, which older stores have among the tags."""
    return str(meta.get("run_name") or _text(folder / "tags" / "mlflow.runName", [])) or None


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield files by their names, which have folders in them where they have slashes."""
    if folder.is_dir() and not _leads(folder):
        files, _ = Within(folder).files()
        yield from files.items()


def _leads(path: Path) -> bool:
    """Tell whether a path is a link, which a store has none of."""
    return path.is_symlink()


def _text(path: Path, damage: list[str]) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_SMALL + 1)
    except OSError:
        return ""
    if len(content) > _SMALL:
        damage.append(f"{path.parent.name}/{path.name} is too large")
    return content[:_SMALL].decode("utf-8", "replace")


def _points(name: str, path: Path, damage: list[str]) -> Iterator[Point]:
    """Read a metric's file: a line a value."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            parts = line.split()
            if len(parts) not in _PARTS or not line.endswith(b"\n"):
                damage.append(f"metrics/{name}:{number} is not complete")
                continue
            try:
                yield Point(name, float(parts[1]), int(parts[0]), int(parts[2]))
            except ValueError as error:
                damage.append(f"metrics/{name}:{number} is no value ({error})")


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
