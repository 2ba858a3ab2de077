"""An artifact's files brought to this machine, and compared with its version."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gitrack.errors import UsageError
from gitrack.record.entries import Entries
from gitrack.record.notice import progress, warn_once
from gitrack.store.contents import verify_files, write_files
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.store.artifacts import Stored


class Copies(Entries):
    """The part of an artifact that writes its files."""

    _name: str
    _unrecorded: bool

    @property
    def name(self) -> str:
        """Its name; with the version behind it once it has one."""
        raise NotImplementedError

    def _version(self) -> "Stored":
        """Return the version, once it has landed."""
        raise NotImplementedError

    def _home(self) -> Repository:
        """Return where the version is recorded."""
        raise NotImplementedError

    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,
        skip_cache: bool | None = None,  # noqa: ARG002
        path_prefix: str | os.PathLike[str] | None = None,
        multipart: bool | None = None,  # noqa: ARG002
    ) -> str:
        """
        Write its files below a folder; files that stand there and are right are left alone.

        Parameters
        ----------
        root : path, optional
            The folder; ``artifacts/<name>:v<N>`` unless given.
        allow_missing_references : bool
            Whether references that cannot be had are left out with a warning.
        path_prefix : path, optional
            Only files whose path begins so.
        skip_cache, multipart : Any
            Taken for W&B's sake.

        Returns
        -------
        str
            The folder.

        Raises
        ------
        GitrackError
            If a file is not to be had, or is not what the manifest says.
        """
        if self._unrecorded:
            return os.fspath(root or self._default_root())
        stored, folder = self._version(), Path(root or self._default_root())
        prefix = os.fspath(path_prefix or "")
        with progress() as show:
            left_out = write_files(
                self._home(),
                stored,
                folder,
                prefix,
                allow_missing_references=allow_missing_references,
                progress=show,
            )
        for line in left_out:
            warn_once(f"reference {line}", f"left out: {line}")
        return str(folder)

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a folder hold this version and nothing else: other files in it are removed."""
        folder = Path(root or self._default_root())
        for path in folder.rglob("*"):
            own = path.relative_to(folder).as_posix() in self._files
            if not own and (path.is_symlink() or path.is_file()):
                path.unlink()
        return self.download(folder)

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """
        Write the one file that it holds, and return its path.

        Raises
        ------
        ValueError
            If it holds several.
        """
        if len(self._files) != 1:
            raise UsageError(f"{self.name} holds {len(self._files)} files: download() writes all")
        (path,) = self._files
        return str(Path(self.download(root)) / path)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """
        Compare a folder with the version; references are not looked at.

        Raises
        ------
        ValueError
            If a file is missing, differs, or is none of the artifact's.
        """
        if self._unrecorded:
            return
        manifest = self._version().manifest
        if skipped := verify_files(manifest, Path(root or self._default_root())):
            warn_once(f"verify {self.name}", f"{self.name}: {skipped} references were not compared")

    def _default_root(self) -> str:
        separator = "-" if os.name == "nt" else ":"
        number = self._version().manifest.version
        return str(Path("artifacts") / f"{self._name}{separator}v{number}")
