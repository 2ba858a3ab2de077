"""The files of a recorded run, as ``wandb.Api`` gives them."""

import fnmatch
import mimetypes
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from gitrack.analysis.access import LoadedRun
from gitrack.errors import UsageError
from gitrack.interop.standin.absent import Complete
from gitrack.interop.standin.files import file_of
from gitrack.model.names import check_path

_SAVED = "files/"
#: W&B's names of files that the record has under others.
_OTHER_NAMES = {
    "config.yaml": "params.yaml",
    "output.log": "console.log",
    "wandb-summary.json": "metrics.json",
}


class File(Complete):
    """
    One file of a recorded run.

    Attributes
    ----------
    name : str
        The name it was saved under, or its place in the record.
    """

    def __init__(self, run: LoadedRun, name: str) -> None:
        self._run = run
        self.name = name

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self._content())

    @property
    def mimetype(self) -> str | None:
        """Its kind, guessed by its name."""
        return mimetypes.guess_type(self.name)[0]

    def download(
        self,
        root: str | os.PathLike[str] = ".",
        replace: bool = False,
        exist_ok: bool = False,
        api: object = None,  # noqa: ARG002 - W&B's
    ) -> IO[str]:
        """
        Write the file below a folder, and open it.

        Raises
        ------
        ValueError
            If it is there already, and neither `replace` nor `exist_ok` says what to do.
        """
        place = Path(root) / check_path(self.name)
        if place.exists() and not replace:
            if not exist_ok:
                raise UsageError(f"{place} is there already: replace=True writes it again")
            return place.open()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(self._content())
        return place.open()

    def _content(self) -> bytes:
        return file_of(self._run, _OTHER_NAMES.get(self.name, self.name))

    def __repr__(self) -> str:
        return f"<File {self.name}>"


class Files(Complete, Sequence[File]):
    """
    Files of a recorded run, those of some names or of a pattern.

    Raises
    ------
    ValueError
        If names and a pattern are both given.
    """

    def __init__(
        self, run: LoadedRun, names: Sequence[str] | None = None, pattern: str | None = None
    ) -> None:
        if names and pattern:
            raise UsageError("files() takes names or a pattern, not both")
        shown = [name.removeprefix(_SAVED) for name in run.files()]
        if names:
            shown = [name for name in names if _OTHER_NAMES.get(name, name) in shown]
        elif pattern:
            glob = pattern.replace("%", "*")  # W&B takes SQL's words too
            shown = [name for name in shown if fnmatch.fnmatchcase(name, glob)]
        self._files = [File(run, name) for name in shown]

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        return self._files[place]

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[File]:
        return iter(self._files)
