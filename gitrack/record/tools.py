"""What a run does beside logging: alerts, watched models, saved files, a look in a notebook."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gitrack.model.run import page_of
from gitrack.record.alert import Alerts
from gitrack.record.beside import Beside
from gitrack.record.capture import explain
from gitrack.record.fields import Config, Summary
from gitrack.record.folder import RECORD, RunFolder
from gitrack.record.lineage import Lineage
from gitrack.record.media.graph import Graph
from gitrack.record.notebook import run_page, show
from gitrack.record.notice import warn_once

if TYPE_CHECKING:
    from gitrack.model.run import State
    from gitrack.record.watch import WatchedModels


class Tools(Lineage):
    """The part of a run that a training can do without; none of it raises."""

    config: Config
    summary: Summary
    _alerts: Alerts
    _beside: Beside
    _closed: str | None
    _folder: RunFolder
    _graph: Graph | None
    _lock: threading.RLock
    _state: "State"
    _watched: "WatchedModels | None"

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Append values to the history."""
        raise NotImplementedError

    def alert(
        self,
        title: str,
        text: str = "",
        level: Any = None,
        wait_duration: float | timedelta | None = None,
    ) -> None:
        """
        Tell a person: on the console, in the record, and where the settings say.

        Parameters
        ----------
        title, text : str
            What to say.
        level : {"INFO", "WARN", "ERROR"}, optional
            How urgent it is; "INFO" unless given.
        wait_duration : float or timedelta, optional
            Seconds during which the same title is not sent again; 60 unless given.
        """
        try:
            if self._closed is not None:
                self._refuse("alert()")
                return
            if alert := self._alerts.send(self.name, title, text, level, wait_duration):
                self._event("alert", asdict(alert))
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("alert", f"alert(): {explain(error)}")

    def watch(
        self,
        models: Any,
        criterion: Any = None,  # noqa: ARG002 - taken for W&B's sake
        log: str | Sequence[str] | None = "gradients",
        log_freq: int = 1000,
        idx: int | None = None,
        log_graph: bool = False,
    ) -> Graph | None:
        """
        Record histograms of a model while it trains, as part of the script's own rows.

        Parameters
        ----------
        models : torch.nn.Module, or sequence of such
            The model; one of Keras on the torch backend is one too.
        criterion : Any, optional
            Taken for W&B's sake.
        log : str or sequence of str, optional
            "gradients", "parameters", "activations", "all" for the first two, or several of them.
        log_freq : int
            How many batches, that is forward passes in training mode, from one look to the next.
        idx : int, optional
            A number for the names, where several models are watched one by one.
        log_graph : bool
            Whether the model's structure is recorded too, with the row after a forward pass.

        Returns
        -------
        Graph or None
            The structure, where it was asked for.
        """
        try:
            if self._closed is not None:
                self._refuse("watch()")
                return None
            if self._watched is None:
                from gitrack.record.watch import WatchedModels

                self._watched = WatchedModels(self.log)
            graph = self._watched.watch(models, log, log_freq, idx, log_graph)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once("watch", f"watch(): {explain(error)}")
            return None
        self._graph = graph
        return graph

    def unwatch(self, models: Any = None) -> None:
        """Stop watching some models, or all."""
        try:
            if self._watched is not None:
                self._watched.unwatch(models)
        except Exception as error:  # noqa: BLE001
            warn_once("watch", f"unwatch(): {explain(error)}")

    def save(
        self,
        glob_str: str | os.PathLike[str],
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
        glob: bool = True,  # noqa: ARG002 - a path that exists is taken as it is
    ) -> list[str]:
        """
        Keep files with the run, below ``files/``.

        Parameters
        ----------
        glob_str : str or path
            A file, a folder, or a pattern with ``*``.
        base_path : path, optional
            The folder that the names begin from; the current one unless given.
        policy : {"live", "now", "end"}
            "now" copies now; the others now and once more when the run ends.
        glob : bool
            Taken for W&B's sake.

        Returns
        -------
        list of str
            The files' places inside the run; empty where nothing could be saved.
        """
        return self._keep("save()", lambda: self._beside.saved.save(glob_str, base_path, policy))

    def log_code(
        self,
        root: str | os.PathLike[str] | None = ".",
        name: str | None = None,  # noqa: ARG002 - W&B's name of an artifact
        include_fn: Callable[..., bool] | None = None,
        exclude_fn: Callable[..., bool] | None = None,
    ) -> list[str]:
        """
        Keep the code below a folder with the run, below ``code/``, secrets taken out.

        Parameters
        ----------
        root : path
            The folder.
        name : str, optional
            Taken for W&B's sake.
        include_fn, exclude_fn : callable, optional
            Say of a path, or of a path and the root, whether it is taken; code and settings by
            their endings unless given.

        Returns
        -------
        list of str
            The files' places inside the run.
        """
        saved = self._beside.saved
        return self._keep("log_code()", lambda: saved.log_code(root or ".", include_fn, exclude_fn))

    def _keep(self, what: str, keep: Callable[[], list[str]]) -> list[str]:
        try:
            with self._lock:
                if self._closed is not None:
                    self._refuse(what)
                    return []
                return keep()
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once(what, f"{what}: {explain(error)}")
            return []

    @property
    def dir(self) -> str:
        """The folder whose files are committed with the run."""
        folder = self._folder.path / RECORD / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    @property
    def url(self) -> str | None:
        """
        The ``file:`` address of its page, once ``gitrack build`` has made it in ``_site/``.

        None where the record lies in no work tree.
        """
        tree = self._repository.work_tree
        return (tree / "_site" / page_of(self.project, self.id)).as_uri() if tree else None

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return the run as a small page: see `run_page`."""
        title = f"{self.name} ({self.id}) {self._state}"
        return run_page(title, self.config, self.summary, height, hidden=hidden)

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run below a notebook's cell; False outside a notebook."""
        return show(self.to_html(height, hidden))

    def _repr_html_(self) -> str:
        return self.to_html()

    def _log_graph(self) -> None:
        """Record the model's structure, with the shapes that passed through it."""
        if self._graph is not None:
            graph, self._graph = self._graph, None
            self.log({"graph": graph}, commit=False)

    def _refuse(self, what: str) -> None:
        warn_once(f"closed {what}", f"{what} {self._closed} is not recorded")
