"""What stands on the branch in place of a large file or folder, whose content DVC keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pointer:
    """
    A file or a folder whose content lies in DVC's cache and remotes.

    Attributes
    ----------
    name : str
        The file's or folder's own name; the pointer file beside it is ``<name>.dvc``.
    md5 : str
        The content's digest, 32 hex digits; a folder's ends in ``.dir``.
    size : int
        Bytes, all of a folder's files together.
    files : int or None
        How many files a folder has; None for a file.
    """

    name: str
    md5: str
    size: int
    files: int | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder."""
        return self.files is not None
