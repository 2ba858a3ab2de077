"""What a run makes and uses: artifacts, and models, which are artifacts of that type."""

import os
import re
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitrack.errors import UsageError
from gitrack.record.capture import explain
from gitrack.record.identity import Named
from gitrack.record.notice import warn_once
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.record.artifact import Artifact
    from gitrack.record.outbox import Outbox

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = 128  # characters


class Lineage(Named):
    """The part of a run that keeps artifacts."""

    disabled: bool
    _branch: str
    _closed: str | None
    _lock: threading.RLock
    _outbox: "Outbox | None"
    _repository: Repository
    _threshold: int

    @property
    def repository(self) -> Repository:
        """Where the run is recorded."""
        return self._repository

    def log_artifact(
        self,
        artifact_or_path: "Artifact | str | os.PathLike[str]",
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - W&B's word
        aliases: Sequence[str] | str | None = None,
        tags: Sequence[str] | str | None = None,
    ) -> "Artifact":
        """
        Record an artifact as made by the run.

        Its content is kept when the call returns; its version is committed beside the training.

        Parameters
        ----------
        artifact_or_path : Artifact or path
            The artifact, or a file, a folder or a URI to make one of.
        name : str, optional
            Of one made of a path; ``run-<id>-<file>`` unless given.
        type : str, optional
            Likewise; "unspecified" unless given.
        aliases : sequence of str, optional
            What the version is to be called beside "latest".
        tags : sequence of str, optional
            Labels of the version.

        Returns
        -------
        Artifact
            The artifact; its `wait` waits for the version.

        Raises
        ------
        ValueError
            If the name or the type cannot be, or nothing is at the path.
        """
        artifact = self._artifact_from(artifact_or_path, name, type)
        self._log_artifact(artifact, _several(aliases), _several(tags), "output")
        return artifact

    def use_artifact(
        self,
        artifact_or_name: "Artifact | str",
        type: str | None = None,  # noqa: A002
        aliases: Sequence[str] | str | None = None,
        use_as: str | None = None,  # noqa: ARG002 - taken for W&B's sake
    ) -> "Artifact":
        """
        Record that the run uses an artifact, and return it.

        Parameters
        ----------
        artifact_or_name : str or Artifact
            ``[[project/]type/]name[:version or alias][@branch]``; or a draft, which is logged and
            used at once.
        type : str, optional
            What it has to be.
        aliases : sequence of str, optional
            Of a draft, what the version is to be called.
        use_as : str, optional
            Taken for W&B's sake.

        Raises
        ------
        ArtifactNotFoundError
            If there is none: what is to be trained on must be there.
        AmbiguousArtifactError
            If the name may mean several.
        ValueError
            If its type is another.
        """
        from gitrack.record.artifact import Artifact
        from gitrack.record.versions import used

        if isinstance(artifact_or_name, Artifact):
            artifact = artifact_or_name
            if artifact.is_draft():
                self._log_artifact(artifact, _several(aliases), (), "input")
                return artifact
        else:
            artifact = self._find(artifact_or_name)
        if type is not None and type != artifact.type:
            raise UsageError(f"{artifact.name} is a {artifact.type}, and no {type}")
        if manifest := artifact.landed:
            self._note("use_artifact()", "used", asdict(used(manifest, "input")))
        return artifact

    def log_model(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        aliases: Sequence[str] | str | None = None,
    ) -> None:
        """Record a model's file or folder as an artifact of the type "model"."""
        self.log_artifact(path, name, "model", aliases)

    def use_model(self, name: str) -> str:
        """
        Record that the run uses a model, and return the path of its file or folder.

        Raises
        ------
        ArtifactNotFoundError
            If there is none.
        AssertionError
            If the artifact's type does not say that it is a model, as in W&B.
        """
        artifact = self.use_artifact(name)
        if "model" not in artifact.type.lower():
            raise AssertionError(f"{artifact.name} is a {artifact.type}: use_artifact() takes it")
        folder = artifact.download()
        files = artifact.files()
        return str(Path(folder) / files[0].path) if len(files) == 1 else folder

    def _artifact_from(self, given: Any, name: str | None, kind: str | None) -> "Artifact":
        from gitrack.record.artifact import Artifact

        if isinstance(given, Artifact):
            return given
        text = os.fspath(given)
        base = text.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        made = _UNFIT.sub("-", name or f"run-{self.id}-{base}") if name is None else name
        artifact = self._artifact_class()(
            made[-_NAME:].lstrip(".-") if name is None else made, kind or "unspecified"
        )
        if "://" in text:
            artifact.add_reference(text)
        elif Path(text).is_dir():
            artifact.add_dir(text)
        else:
            artifact.add_file(text)
        return artifact

    def _log_artifact(
        self, artifact: "Artifact", aliases: Sequence[str], tags: Sequence[str], use: str
    ) -> None:
        if self.disabled:
            artifact.hand_over_to_nobody()
            return
        try:
            with self._lock:
                if self._closed is not None:
                    warn_once("log_artifact", f"log_artifact() {self._closed} is not recorded")
                    artifact.hand_over_to_nobody()
                    return
                self._log_open(artifact, aliases, tags, use)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("log_artifact", f"log_artifact(): {explain(error)}")
            artifact.hand_over_to_nobody()

    def _log_open(
        self, artifact: "Artifact", aliases: Sequence[str], tags: Sequence[str], use: str
    ) -> None:
        from gitrack.record.outbox import Outbox
        from gitrack.store.data import DataStore

        if not artifact.is_draft() or artifact.pending:
            self._log_again(artifact, aliases, use)
            return
        made_by = self.id if use == "output" else None
        data = DataStore(self._repository)
        draft = artifact.draft(data, self.project, made_by, aliases, tags, use)
        if self._outbox is None:
            self._outbox = Outbox(self._repository, self._branch, self._threshold, self._event)
        artifact.hand_over(self._repository, self._outbox.put(draft))

    def _log_again(self, artifact: "Artifact", aliases: Sequence[str], use: str) -> None:
        """Record a version that is logged once more: the run made it, its aliases move."""
        from gitrack.record.versions import used

        manifest = artifact.wait().landed
        if manifest is not None:
            self._event("used", asdict(used(manifest, use)))
            artifact.aliases = [*artifact.aliases, *aliases]
            artifact.save()

    def _find(self, name: str) -> "Artifact":
        from gitrack.store.artifacts import Artifacts

        if self._outbox is not None:
            self._outbox.settle()
        repository = self.repository
        stored = Artifacts(repository, self._branch, self.project).find(name)
        return self._artifact_class().from_stored(repository, stored)

    def _artifact_class(self) -> "type[Artifact]":
        """Return the class that artifacts are made of."""
        from gitrack.record.artifact import Artifact

        return Artifact

    def _note(self, what: str, event: str, value: Any) -> None:
        if self._closed is None:
            self._event(event, value)
        elif not self.disabled:
            warn_once(what, f"{what} {self._closed} is not recorded")


def _several(values: Sequence[str] | str | None) -> Sequence[str]:
    return [values] if isinstance(values, str) else list(values or ())
