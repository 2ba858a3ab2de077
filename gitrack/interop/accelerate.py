"""A tracker for accelerate: ``log_with=GitrackTracker(…)``, or by its name in newer releases."""

from collections.abc import Mapping, Sequence
from typing import Any

from accelerate.tracking import GeneralTracker, on_main_process

from gitrack.interop.attach import Attachment, harmless
from gitrack.record.media.image import Image
from gitrack.record.media.table import Table
from gitrack.record.run import Run

__all__ = ["GitrackTracker"]


class GitrackTracker(GeneralTracker):  # type: ignore[misc]
    """
    Records what ``Accelerator.log`` is given; the main process does.

    Parameters
    ----------
    run_name : str, optional
        The project, as accelerate means it.
    run : Run, optional
        The run to record into; the one under way unless given, or one that lasts until
        ``end_training``.
    **options : Any
        More arguments of `gitrack.init`.
    """

    name = "gitrack"
    requires_logging_directory = False
    main_process_only = True

    def __init__(self, run_name: str | None = None, run: Run | None = None, **options: Any) -> None:
        super().__init__()
        self._attached = Attachment(run, **{"project": run_name, **options})

    @property
    def tracker(self) -> Run:
        """The run."""
        return self._attached.run

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def start(self) -> None:
        """Begin, or find, the run."""
        _ = self._attached.run

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        """Take settings over into the config."""
        self.tracker.config.update(values)

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def log(self, values: Mapping[str, Any], step: int | None = None, **options: Any) -> None:
        """Record a row: see `gitrack.log`."""
        self.tracker.log(values, step=step, commit=options.get("commit"))

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def log_images(
        self, values: Mapping[str, Sequence[Any]], step: int | None = None, **_options: Any
    ) -> None:
        """Record lists of images: see `gitrack.Image`."""
        shown = {key: [Image(image) for image in images] for key, images in values.items()}
        self.tracker.log(shown, step=step)

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def log_table(
        self,
        table_name: str,
        columns: Sequence[str] | None = None,
        data: Any = None,
        dataframe: Any = None,
        step: int | None = None,
        **_options: Any,
    ) -> None:
        """Record a table: see `gitrack.Table`."""
        table = Table(columns=columns, data=data, dataframe=dataframe)
        self.tracker.log({table_name: table}, step=step)

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def finish(self) -> None:
        """End the run if the tracker began it."""
        self._attached.finish()


try:
    from accelerate.tracking import register_tracker_class
except ImportError:  # older releases take the trackers of others as objects alone
    pass
else:
    register_tracker_class(GitrackTracker)
