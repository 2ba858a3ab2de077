"""The runs that ``wandb.init`` gives: gitrack's, with what scripts for W&B ask of them."""

import os
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from gitrack.interop.standin.absent import Idle
from gitrack.interop.standin.settings import Settings
from gitrack.interop.standin.trial import TrialStopped, trial
from gitrack.model.run import State
from gitrack.record.artifact import Artifact
from gitrack.record.capture import explain
from gitrack.record.disabled import DisabledRun
from gitrack.record.notice import warn_once
from gitrack.record.run import Run as OwnRun

if TYPE_CHECKING:
    from gitrack.interop.standin.sweeps.early import Stopper


class Run(OwnRun):
    """A run that scripts for W&B can talk to; what W&B alone can do says so once."""

    def log(
        self,
        data: Mapping[str, Any] | None = None,
        step: int | None = None,
        commit: bool | None = None,
        **others: Any,
    ) -> None:
        """Append values to the history; arguments that W&B had once are named once."""
        if others:
            _forgotten("log()", others)
        super().log({} if data is None else data, step, commit)
        current = trial.current
        if current is not None and current.stopper is not None and isinstance(data, Mapping):
            self._stop_if_hopeless(current.stopper, data)

    def _stop_if_hopeless(self, stopper: "Stopper", data: Mapping[str, Any]) -> None:
        try:
            over = stopper.ends(data)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("early_terminate", f"early_terminate: {explain(error)}")
            return
        if over:
            self._end(State.STOPPED, exit_code=0, error="early_terminate: others are better")
            raise TrialStopped(0)

    def __reduce__(self) -> tuple[Any, ...]:
        """Name the run: its copy in another process records into it too."""
        from gitrack.interop.standin.beginning import attach

        return attach, (self.id,)

    @property
    def settings(self) -> Settings:
        """What W&B's settings would say of the run."""
        return Settings(
            project=self.project,
            entity=self.entity,
            run_id=self.id,
            run_name=self.name,
            run_group=self.group,
            run_job_type=self.job_type,
            sweep_id=self.sweep_id,
            mode="disabled" if self.disabled else "offline",
            files_dir=self.dir,
        )

    @property
    def config_static(self) -> dict[str, Any]:
        """The config as it is now."""
        return self.config.as_dict()

    @property
    def sync_dir(self) -> str:
        """The folder whose files are committed with the run."""
        return self.dir

    def get_url(self) -> str | None:
        """Return the address of the run's page."""
        return self.url

    def link_artifact(
        self, artifact: Artifact, target_path: str, aliases: Sequence[str] | str | None = None
    ) -> Artifact:
        """Log the artifact, its version called by the aliases; there is no registry to link to."""
        _no_registry(f"link_artifact(…, {target_path!r})")
        names = [aliases] if isinstance(aliases, str) else list(aliases or ())
        if artifact.is_draft() and not artifact.pending:
            self.log_artifact(artifact, aliases=names)
        elif names:
            artifact.aliases = [*artifact.aliases, *names]
            artifact.save()
        return artifact

    def link_model(
        self,
        path: str | os.PathLike[str],
        registered_model_name: str,
        name: str | None = None,
        aliases: Sequence[str] | str | None = None,
    ) -> Artifact:
        """Log the model, its version called by the aliases; there is no registry to link to."""
        _no_registry(f"link_model(…, {registered_model_name!r})")
        return self.log_artifact(path, name, "model", aliases)

    def _artifact_class(self) -> type[Artifact]:
        from gitrack.interop.standin.artifact import Artifact as OwnKind

        return OwnKind

    def upsert_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - W&B's word
        aliases: Sequence[str] | str | None = None,  # noqa: ARG002
        distributed_id: str | None = None,  # noqa: ARG002
    ) -> Artifact:
        """Begin an artifact that `finish_artifact` will log, with the files of this process."""
        warn_once("upsert_artifact", "upsert_artifact(): each process logs the files of its own")
        return self._artifact_from(artifact_or_path, name, type)

    def finish_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002
        aliases: Sequence[str] | str | None = None,
        distributed_id: str | None = None,  # noqa: ARG002
    ) -> Artifact:
        """Log an artifact that `upsert_artifact` began."""
        return self.log_artifact(artifact_or_path, name, type, aliases)

    def restore(
        self,
        name: str,
        run_path: str | None = None,
        replace: bool = False,
        root: str | os.PathLike[str] | None = None,
    ) -> IO[str] | None:
        """Write a file of a recorded run to a folder, and open it: see `restored`."""
        from gitrack.interop.standin.files import restored

        return restored(name, run_path, self, root, replace=replace)

    def pin_config_keys(self, keys: Sequence[str]) -> None:  # noqa: ARG002
        """Do nothing: columns are pinned on the site."""
        warn_once("pin_config_keys", "pin_config_keys(): columns are pinned on the site")

    def write_logs(self, text: str) -> None:
        """Print the text, which records it with the console."""
        print(text)  # noqa: T201

    @property
    def _attach_id(self) -> str:
        """What another process joins the run by."""
        return self.id

    def _label(self, *_arguments: Any, **_options: Any) -> None:
        """Do nothing: nobody is told which library this is."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if hasattr(type(self), name):  # a property that had nothing to give says why
            return object.__getattribute__(self, name)
        return Idle(f"run.{name}", "gitrack does not know it")


class RunDisabled(DisabledRun, Run):
    """A run that records nothing, with all that a script may ask of it."""

    def log(
        self,
        data: Mapping[str, Any] | None = None,
        step: int | None = None,
        commit: bool | None = None,
        **others: Any,
    ) -> None:
        """Keep the step and the summary, which the script may ask for."""
        if others:
            _forgotten("log()", others)
        DisabledRun.log(self, {} if data is None else data, step, commit)

    def restore(self, *_arguments: Any, **_options: Any) -> None:
        """Restore nothing."""


def _forgotten(what: str, arguments: Mapping[str, Any]) -> None:
    names = ", ".join(arguments)
    warn_once(f"{what} {names}", f"{what} takes no {names}: left out")


def _no_registry(what: str) -> None:
    warn_once(
        "registry",
        f"{what} links to nothing: the version is recorded, `gitrack promote` names versions",
    )
