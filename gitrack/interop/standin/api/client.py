"""``wandb.Api``."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from gitrack.errors import AmbiguousRunError, ArtifactNotFoundError, RunNotFoundError
from gitrack.interop.standin.absent import Refused
from gitrack.interop.standin.api.listing import Runs
from gitrack.interop.standin.api.runs import Run
from gitrack.interop.standin.api.sweeps import Sweep
from gitrack.interop.standin.artifact import Artifact
from gitrack.interop.standin.beginning import fit_id
from gitrack.interop.standin.errors import MissingArtifactError, MissingRunError
from gitrack.model.names import folder_from_project
from gitrack.record.session import session
from gitrack.settings import read_settings
from gitrack.store.artifacts import Artifacts
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

#: What belongs to W&B's server, with what does it here.
_ELSEWHERE = {
    "automation": "workflows of the git host do it: `gitrack init` writes them",
    "create": "begin a run with wandb.init()",
    "delete": "`gitrack rm` removes runs",
    "integration": "workflows of the git host do it",
    "job": "run the command, here or by CI",
    "queue": "nothing is queued: run the command, here or by CI",
    "registries": "`gitrack promote` names versions of artifacts",
    "registry": "`gitrack promote` names versions of artifacts",
    "report": "reports are files: `gitrack report list`",
    "team": "teams are the git host's",
    "user": "people are the git host's",
}


class Api:
    """
    Questions about the runs and artifacts that are recorded in the repository around.

    Parameters
    ----------
    overrides : mapping, optional
        ``project`` and ``entity`` where a path names none.
    timeout, api_key : Any
        Taken for W&B's sake.
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        timeout: int | None = None,  # noqa: ARG002
        api_key: str | None = None,  # noqa: ARG002
    ) -> None:
        self._overrides = dict(overrides or {})
        self._repository = Repository.find()

    @property
    def settings(self) -> dict[str, Any]:
        """The project and the entity where a path names none."""
        own = read_settings(self._repository.work_tree)
        project = self._overrides.get("project") or own.project or self._repository.name
        return {"project": project, "entity": self._overrides.get("entity") or own.entity}

    @property
    def default_entity(self) -> str | None:
        """The entity where a path names none."""
        entity: str | None = self.settings["entity"]
        return entity

    @property
    def api_key(self) -> None:
        """None: there is no account."""
        return

    def flush(self) -> None:
        """Do nothing: what is asked is read anew."""

    def run(self, path: str = "") -> Run:
        """
        Return one run.

        Parameters
        ----------
        path : str
            ``[[entity/]project/]id``; a name or the beginning of an id will do. The current
            run's id unless given.

        Raises
        ------
        ValueError
            If there is none, or there are several.
        """
        *before, name = [part for part in path.strip("/").split("/") if part] or [""]
        if not name and session.run is not None:
            name = session.run.id
        project = next((part for part in reversed(before) if part != "runs"), None)
        reader = Reader(self._repository)
        try:
            record = reader.find(name)
        except AmbiguousRunError as error:
            raise MissingRunError(path, str(error)) from error
        except RunNotFoundError:
            try:
                record = reader.with_id(fit_id(name))
            except RunNotFoundError as error:
                raise MissingRunError(path) from error
        if project is not None and folder_from_project(project) != record.run.project:
            raise MissingRunError(path, f"it is of project {record.run.project}")
        return Run(reader, record)

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        per_page: int = 50,  # noqa: ARG002 - W&B's pages
        include_sweeps: bool = True,  # noqa: ARG002
        lazy: bool = True,  # noqa: ARG002
    ) -> Runs:
        """
        Return the runs that filters describe.

        Parameters
        ----------
        path : str, optional
            ``[entity/]project``; the repository's own project unless given.
        filters : mapping, optional
            MongoDB's: ``{"config.lr": {"$lt": 0.1}, "tags": "baseline"}``.
        order : str
            ``+created_at``, ``-summary_metrics.loss`` ….
        """
        *before, project = (path or "").strip("/").split("/")
        name = project or self.settings["project"]
        entity = before[-1] if before else None
        return Runs(Reader(self._repository), folder_from_project(name), entity, filters, order)

    def sweep(self, path: str = "") -> Sweep:
        """
        Return a sweep by ``[[entity/]project/]id``.

        Raises
        ------
        ValueError
            If there is none.
        """
        return Sweep(Reader(self._repository), path.rpartition("/")[2])

    def artifact(self, name: str, type: str | None = None) -> Artifact:  # noqa: A002 - W&B's word
        """
        Return a version of an artifact by ``[[entity/]project/]name[:version or alias]``.

        Raises
        ------
        ValueError
            If there is none.
        """
        artifacts = Artifacts(self._repository, project=self.settings["project"])
        try:
            stored = artifacts.find(name, type)
        except ArtifactNotFoundError as error:
            raise MissingArtifactError(error.name, error.known) from error
        return Artifact.from_stored(self._repository, stored)

    def artifacts(
        self,
        type_name: str,
        name: str,
        order: str | None = None,
        per_page: int = 50,  # noqa: ARG002
        tags: Any = None,
        start: str | None = None,  # noqa: ARG002
    ) -> list[Artifact]:
        """Return the versions of an artifact, the newest first unless `order` begins with ``+``."""
        shelves = Artifacts(self._repository, project=self.settings["project"])
        try:
            versions = shelves.versions(name)
        except ArtifactNotFoundError as error:
            raise MissingArtifactError(error.name, error.known) from error
        wanted = {tags} if isinstance(tags, str) else set(tags or ())
        found = [
            Artifact.from_stored(self._repository, one)
            for one in versions
            if one.manifest.type == type_name and wanted <= set(one.manifest.tags)
        ]
        return found if order and order.startswith("+") else found[::-1]

    artifact_versions = artifacts

    def artifact_exists(self, name: str, type: str | None = None) -> bool:  # noqa: A002
        """Tell whether there is a version of an artifact."""
        try:
            self.artifact(name, type)
        except MissingArtifactError:
            return False
        return True

    def artifact_collection_exists(self, name: str, type: str) -> bool:  # noqa: A002
        """Tell whether there is an artifact of a name."""
        return self.artifact_exists(name, type)

    def projects(
        self,
        entity: str | None = None,
        per_page: int = 200,  # noqa: ARG002
    ) -> Iterator[SimpleNamespace]:
        """Return the projects that have runs."""
        records = Reader(self._repository).records()
        names = sorted({record.run.project for record in records})
        return iter([SimpleNamespace(name=name, id=name, entity=entity) for name in names])

    def project(self, name: str, entity: str | None = None) -> SimpleNamespace:
        """Return a project."""
        return SimpleNamespace(name=name, id=name, entity=entity)

    def from_path(self, path: str) -> Run | Runs:
        """Return a run by ``entity/project/id``, or a project's runs by ``entity/project``."""
        parts = [part for part in path.strip("/").split("/") if part != "runs"]
        return self.run(path) if len(parts) > 2 else self.runs(path)  # noqa: PLR2004

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = (advice for word, advice in _ELSEWHERE.items() if word in name)
        return Refused(f"Api.{name}", next(found, "gitrack.runs() and gitrack.load() read runs"))


def __getattr__(name: str) -> Api:
    """Return ``wandb.api``, made when it is first asked for: it needs a repository."""
    if name == "api":
        return Api()
    raise AttributeError(name)
