"""What the tags of several event files are called in one run."""

import os
import posixpath
import re

#: How PyTorch names the folder of ``add_hparams``: by the time.
_SESSION = re.compile(r"\d{9,11}\.\d+")
#: Folders that say which part of the data was used, also where there is no other.
_PARTS = frozenset("train training val valid validation test eval evaluation".split())


class Names:
    """
    Names of metrics from folders and tags.

    One folder alone leaves its tags as they are. Of several, each puts its path before its tags,
    as seen from the folder around all; the first one, whose tags may be recorded already, does so
    only where it is called "train" or the like. What PyTorch's ``add_hparams`` and ``add_scalars``
    write beside is part of the folder that it lies in.

    Parameters
    ----------
    root : path, optional
        The folder that paths are seen from; found as above unless given.

    Examples
    --------
    >>> names = Names()
    >>> names.name("/logs/train", "loss"), names.name("/logs/val", "loss")
    ('train/loss', 'val/loss')
    """

    def __init__(self, root: str | os.PathLike[str] = "") -> None:
        self._root = os.path.abspath(root) if root and os.fspath(root) else ""  # noqa: PTH100
        self._prefixes: dict[str, str] = {}

    def name(self, folder: str, tag: str) -> str:
        """
        Return a metric's name.

        Parameters
        ----------
        folder : str
            The absolute path of the event file's folder.
        tag : str
            The tag.
        """
        parent, own = os.path.split(folder)
        beside = f"{tag.replace('/', '_')}_"
        if parent in self._prefixes and own.startswith(beside) and own != beside:
            return posixpath.join(self._prefixes[parent], tag, own.removeprefix(beside))
        return posixpath.join(self._prefix(folder), tag.lstrip("/"))

    def _prefix(self, folder: str) -> str:
        prefix = self._prefixes.get(folder)
        if prefix is None:
            prefix = self._prefixes[folder] = self._found(folder)
        return prefix

    def _found(self, folder: str) -> str:
        if self._root and _is_below(folder, self._root):
            return _seen_from(folder, self._root)
        above = max((one for one in self._prefixes if _is_below(folder, one)), key=len, default="")
        if above:
            inner = _seen_from(folder, above)
            return posixpath.join(self._prefixes[above], "" if _SESSION.fullmatch(inner) else inner)
        if not self._prefixes:
            own = os.path.basename(folder)  # noqa: PTH119
            return own if own in _PARTS else ""
        try:
            around = os.path.commonpath([*self._prefixes, folder])
        except ValueError:  # on another drive
            around = os.path.dirname(folder)  # noqa: PTH120
        return _seen_from(folder, around)


def _is_below(folder: str, other: str) -> bool:
    return folder == other or folder.startswith(other.rstrip(os.sep) + os.sep)


def _seen_from(folder: str, other: str) -> str:
    inner = os.path.relpath(folder, other).replace(os.sep, "/")
    return "" if inner == "." else inner
