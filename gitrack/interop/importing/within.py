"""Files that a source names, as far as they may be taken."""

from pathlib import Path

from gitrack.errors import DataMissingError, NameRefusedError
from gitrack.model.names import check_path


class Within:
    """
    A folder whose files may be taken.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    follow : bool
        Whether links may lead out of it: then a source that somebody prepared can have any file
        of this machine imported.
    """

    def __init__(self, folder: Path, *, follow: bool = False) -> None:
        self.folder = folder
        self.follow = follow
        self._real = folder.resolve()

    def file(self, name: str) -> Path:
        """
        Return a file by its path inside the folder.

        Raises
        ------
        NameRefusedError
            If the name would lead out, or a link in the folder does.
        DataMissingError
            If there is no such file.
        """
        path = self.folder / check_path(name)
        if not self.follow and not path.resolve().is_relative_to(self._real):
            raise NameRefusedError("file", name, "a link leads out of its folder")
        if not path.is_file():
            raise DataMissingError(name, f"it is not in {self.folder.name}")
        return path

    def files(self) -> tuple[dict[str, Path], list[str]]:
        """
        Return the files below the folder, in order, and a line for each that may not be taken.

        Links to folders are not followed.
        """
        found: dict[str, Path] = {}
        refused: list[str] = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_dir():
                continue
            name = path.relative_to(self.folder).as_posix()
            try:
                found[name] = self.file(name)
            except (NameRefusedError, DataMissingError) as error:
                refused.append(str(error))
        return found, refused
