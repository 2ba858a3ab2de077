"""An artifact as a script makes it, logs it, and gets it back."""

import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from gitrack.errors import NameRefusedError, NotLoggedError, UsageError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.names import LATEST, check_alias, check_artifact_name
from gitrack.model.run import Run as RunFacts
from gitrack.record.capture import explain
from gitrack.record.copies import Copies
from gitrack.record.entries import Entry, ManifestView
from gitrack.record.notice import warn_once
from gitrack.record.outbox import Waiting
from gitrack.record.redaction import redact, redact_tree
from gitrack.record.staging import keep_all, staging
from gitrack.record.values import plain, text_from
from gitrack.record.versions import Draft, change_aliases
from gitrack.store.artifacts import Stored, stored_on
from gitrack.store.data import DataStore
from gitrack.store.manifests import check_files, digest_of, size_of
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


class Artifact(Copies):
    """
    A named set of files whose versions are kept, and that runs make and use.

    A draft is filled and given to `Run.log_artifact`; what `Run.use_artifact` gives is a version,
    and is not changed any more but for its aliases.

    Parameters
    ----------
    name : str
        1 to 128 of ``A-Z a-z 0-9 . _ -``.
    type : str
        What it is: "model", "dataset" ….
    description : str, optional
        Free text.
    metadata : mapping, optional
        What there is to say of it, as in a config.
    incremental : bool
        Whether the files of the latest version belong to the new one too.
    use_as, storage_region, digest_algorithm : Any
        Taken for W&B's sake.

    Raises
    ------
    ValueError
        If the name or the type cannot be.
    """

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002 - W&B's word
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        incremental: bool = False,
        use_as: str | None = None,  # noqa: ARG002
        storage_region: str | None = None,  # noqa: ARG002
        digest_algorithm: str = "MD5",  # noqa: ARG002
    ) -> None:
        super().__init__()
        self._name = check_artifact_name(name)
        self._type = check_artifact_name(type, "artifact type")
        self.description = description
        self.metadata = dict(metadata or {})
        self._incremental = incremental
        self._tags: list[str] = []
        self._aliases: list[str] = []
        self._repository: Repository | None = None
        self._waiting: Waiting | None = None
        self._stored: Stored | None = None
        self._unrecorded = False  # it was logged to a run that records nothing

    @classmethod
    def from_stored(cls, repository: Repository, stored: Stored) -> Self:
        """Return a version that was found."""
        manifest = stored.manifest
        own = cls(manifest.name, manifest.type, manifest.description, manifest.metadata)
        own._adopt(repository, stored)
        return own

    def _adopt(self, repository: Repository, stored: Stored) -> None:
        self._repository, self._stored = repository, stored
        self._files = {file.path: file for file in stored.manifest.files}
        self._aliases = list(stored.aliases)
        self._tags = list(stored.manifest.tags)

    def draft(
        self,
        data: DataStore,
        project: str,
        made_by: str | None,
        aliases: Iterable[str],
        tags: Iterable[str],
        use: str = "output",
    ) -> Draft:
        """
        Return what is to be committed, all content kept.

        Raises
        ------
        GitrackError
            If content is gone, or two files cannot stand together.
        """
        files = sorted(self._files.values(), key=lambda file: file.path)
        try:
            check_files(files)
        except ValueError as error:
            raise UsageError(f"artifact {self._name}: {error}") from error
        if self._data is None or self._data.root != data.root:
            keep_all(data, ((file, self._source(file)) for file in files if file.md5))
        label = f"artifact.{self._name}"
        described = None if self.description is None else text_from(self.description)
        metadata = plain(self.metadata, label)
        return Draft(
            id=secrets.token_hex(8),
            name=self._name,
            type=self._type,
            project=project,
            created=time.time(),
            files=tuple(files),
            description=None if described is None else redact(described, f"{label}.description"),
            metadata=redact_tree(metadata if isinstance(metadata, dict) else {}, where=label),
            tags=tuple(dict.fromkeys(redact(text_from(tag)) for tag in (*self._tags, *tags))),
            made_by=made_by,
            aliases=fit_aliases(aliases),
            incremental=self._incremental,
            use=use,
        )

    def hand_over(self, repository: Repository, waiting: Waiting) -> None:
        """Note that it was logged, and what to ask for its version."""
        self._repository, self._waiting = repository, waiting
        self._aliases = [LATEST, *waiting.draft.aliases]

    def hand_over_to_nobody(self) -> None:
        """Note that it was logged to a run that records nothing."""
        self._unrecorded = True

    def wait(self, timeout: float | None = None) -> "Artifact":
        """
        Wait until the artifact has its version.

        Parameters
        ----------
        timeout : float, optional
            Seconds; as long as it takes unless given.

        Raises
        ------
        NotLoggedError
            If it is a draft.
        TimeoutError
            If the time is up.
        """
        if not self._unrecorded and self._waiting is None and self._stored is None:
            raise NotLoggedError(self._name, "give it to log_artifact() first")
        if self._waiting is not None and not self._waiting.wait(timeout):
            raise TimeoutError(f"artifact {self._name!r} has no version after {timeout} s")
        return self

    def _version(self) -> Stored:
        """Return the version, once it has landed."""
        if self._stored is None:
            self.wait()
            waiting = self._waiting
            if waiting is None or waiting.manifest is None or self._repository is None:
                raise NotLoggedError(self._name, "nothing of it is recorded yet")
            stored = stored_on(self._repository, waiting.branch, waiting.manifest)
            self._adopt(self._repository, replace(stored, aliases=tuple(self._aliases)))
            return stored
        return self._stored

    def _check_draft(self) -> None:
        if self._stored is not None or self._waiting is not None:
            raise UsageError(f"{self._name} was logged: a version is not changed any more")

    def _source(self, file: ArtifactFile) -> Path:
        if self._data is not None:
            return self._data.objects.path(str(file.md5))
        return self._sources.get(file.path, Path(file.path))

    @property
    def name(self) -> str:
        """Its name; with the version behind it once it has one."""
        manifest = self.landed
        return f"{self._name}:v{manifest.version}" if manifest else self._name

    @property
    def landed(self) -> Manifest | None:
        """The version's manifest; None as long as there is none."""
        if self._stored is not None:
            return self._stored.manifest
        return self._waiting.manifest if self._waiting is not None else None

    @property
    def pending(self) -> bool:
        """Whether it was logged, and has no version yet."""
        return self._waiting is not None and self.landed is None

    @property
    def source_name(self) -> str:
        """The same: nothing is linked."""
        return self.name

    @property
    def qualified_name(self) -> str:
        """Project, type and name, with the version behind it once it has one."""
        return "/".join(part for part in (self.project, self.type, self.name) if part)

    @property
    def project(self) -> str | None:
        """The project that it is recorded in; None for a draft."""
        if self._waiting is not None:
            return self._waiting.draft.project
        return self._stored.manifest.project if self._stored else None

    @property
    def type(self) -> str:
        """What it is."""
        return self._type

    @property
    def id(self) -> str | None:
        """The version's id; None for a draft."""
        manifest = self.landed
        return str(manifest.id) if manifest else None

    @property
    def version(self) -> str:
        """
        Its version, ``v<N>``, waited for where it is still on its way.

        Raises
        ------
        NotLoggedError
            If it is a draft.
        """
        if self._unrecorded:
            return "v0"
        return f"v{self._version().manifest.version}"

    @property
    def aliases(self) -> list[str]:
        """What the version is called; a changed list is recorded by `save`."""
        return self._aliases

    @aliases.setter
    def aliases(self, value: Iterable[str]) -> None:
        self._aliases = list(value)

    @property
    def tags(self) -> list[str]:
        """Labels; a version keeps those that it was logged with."""
        return self._tags

    @tags.setter
    def tags(self, value: Iterable[str]) -> None:
        self._tags = list(value)

    @property
    def state(self) -> str:
        """PENDING until it has a version, COMMITTED from then on."""
        return "COMMITTED" if self.landed else "PENDING"

    @property
    def incremental(self) -> bool:
        """Whether the files of the latest version belong to the new one too."""
        return self._incremental

    @property
    def created_at(self) -> str | None:
        """When the version was logged, ISO 8601, UTC; None for a draft."""
        from datetime import UTC, datetime

        manifest = self.landed
        return datetime.fromtimestamp(manifest.created, UTC).isoformat() if manifest else None

    @property
    def digest(self) -> str:
        """SHA-256 over all that it holds: equal content, equal digest."""
        manifest = self.landed
        return str(manifest.digest) if manifest else digest_of(self._files.values())

    @property
    def size(self) -> int:
        """Bytes of all files whose size is known."""
        return size_of(self._files.values())

    @property
    def file_count(self) -> int:
        """How many files and references it holds."""
        return len(self._files)

    @property
    def manifest(self) -> "ManifestView":
        """Its entries by their path, as ``artifact.manifest.entries``."""
        return ManifestView({path: Entry(file, self) for path, file in self._files.items()})

    def is_draft(self) -> bool:
        """Tell whether it has no version yet."""
        return not self.landed

    def get_entry(self, name: str | os.PathLike[str]) -> Entry:
        """
        Return a file of it by its path.

        Raises
        ------
        KeyError
            If it holds no such file.
        """
        path = os.fspath(name)
        if (file := self._files.get(path)) is None:
            raise KeyError(f"{self.name} holds no {path!r}")
        return Entry(file, self)

    def get_path(self, name: str | os.PathLike[str]) -> Entry:
        """Return a file of it by its path: `get_entry`, by W&B's older word."""
        return self.get_entry(name)

    def files(
        self,
        names: Sequence[str] | None = None,
        per_page: int = 50,  # noqa: ARG002 - W&B's pages
        start: str | None = None,  # noqa: ARG002
    ) -> list[Entry]:
        """Return its files, all or those of some names."""
        return [
            Entry(file, self)
            for path, file in self._files.items()
            if names is None or path in names
        ]

    def save(self, project: str | None = None, settings: Any = None) -> None:  # noqa: ARG002
        """Record changed aliases of a version, or log a draft to the current run."""
        try:
            if self.is_draft() and self._waiting is None:
                self._log()
                return
            stored = self._version()
            wanted = fit_aliases(self._aliases)
            gone = [one for one in stored.aliases if one != LATEST and one not in wanted]
            new = [one for one in wanted if one not in stored.aliases]
            if new or gone:
                change_aliases(self._home(), stored, new, gone)
                again = stored_on(self._home(), stored.shelf.branch, stored.manifest)
                self._stored = replace(again, aliases=(*wanted, LATEST))
            unchanged = (stored.manifest.description, dict(stored.manifest.metadata))
            if (self.description, self.metadata) != unchanged:
                warn_once(f"save {self.name}", f"{self.name}: a version keeps its description")
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once(f"save {self._name}", f"artifact {self._name}: {explain(error)}")

    def _log(self) -> None:
        if staging.run is None:
            raise UsageError("a draft is saved by a run: call gitrack.init() first")
        staging.run.log_artifact(self)

    def logged_by(self) -> RunFacts | None:
        """Return the run that made it; None where none did, or its record is not here."""
        made_by = self._version().manifest.made_by if not self._unrecorded else None
        return next((run for run in self._runs() if run.id == made_by), None)

    def used_by(self) -> list[RunFacts]:
        """Return the runs that used it, oldest first."""
        own = self.landed
        return [
            run
            for run in self._runs()
            if own and any(one.use == "input" and one.is_of(own) for one in run.artifacts)
        ]

    def _runs(self) -> list[RunFacts]:
        if self._unrecorded:
            return []
        return [record.run for record in Reader(self._home()).records()]

    def _home(self) -> Repository:
        if self._repository is None:
            raise NotLoggedError(self._name, "give it to log_artifact() first")
        return self._repository

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self._type}), {len(self._files)} files>"


def fit_aliases(aliases: Iterable[str]) -> tuple[str, ...]:
    """Return the aliases that can be given; "latest" is given anyway, others are refused aloud."""
    kept = []
    for alias in aliases:
        if alias == LATEST:
            continue
        try:
            kept.append(check_alias(redact(text_from(alias))))
        except NameRefusedError as error:
            warn_once(f"alias {alias}", str(error))
    return tuple(dict.fromkeys(kept))
