"""The folder that a site is written into: nothing of the user's is ever overwritten or deleted."""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gitrack.errors import BuildError

#: Stands in every folder that a build wrote, and lists what it wrote.
MARKER = ".gitrack-site"
#: Lists what a build is about to write, while it runs; one that was killed leaves it.
UNDERWAY = ".gitrack-underway"
_FORMAT = 2


class Output:
    """
    One site's folder while it is built.

    Files are put in place whole, one by one, so that the older site stays usable until the newer
    one is complete; the end of the ``with`` removes what the older had and the newer has not.

    Parameters
    ----------
    root : pathlib.Path
        A folder that is missing, empty, or that an earlier build wrote.
    shared : bool
        Whether the folder is another's, MkDocs's say: nothing is checked, listed or removed.

    Attributes
    ----------
    sizes : dict of str to int
        Bytes of each file of this build, by its path.
    written : list of str
        Those that were new or changed.

    Raises
    ------
    BuildError
        If `root` holds anything else.
    """

    def __init__(self, root: Path, *, shared: bool = False) -> None:
        self.root = root
        self._place = str(root)
        self.sizes: dict[str, int] = {}
        self.written: list[str] = []
        self._keys: dict[str, str] = {}
        self._before: dict[str, tuple[int, str]] = {} if shared else _listed(root)
        self._underway = -1

    def has(self, path: str) -> bool:
        """Tell whether an earlier build left this file, and claim it for this one if so."""
        if path in self.sizes:
            return True
        if path not in self._before:
            return False
        try:
            # Asked of every file of a site: a Path a piece would take longer than the disk.
            self.sizes[path] = os.stat(f"{self._place}/{path}").st_size  # noqa: PTH116
        except OSError:
            return False
        return True

    def stands(self, path: str, key: str) -> bool:
        """Tell whether an earlier build made this file of the same, and claim it if so."""
        size, before = self._before.get(path, (0, ""))
        if before != key or not self.has(path):
            return False
        if self.sizes[path] != size:  # changed by other hands
            return False
        self._keys[path] = key
        return True

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self.root / path).read_bytes()

    def write_new(self, path: str, content: bytes) -> None:
        """Put a file in place whose name tells its content; one that is there is left alone."""
        if not self.has(path) or self.sizes[path] != len(content):
            self.write(path, content)

    def write(self, path: str, content: bytes, key: str = "") -> None:
        """
        Put a file in place, unless it stands there already, byte for byte.

        Parameters
        ----------
        path : str
            Below the site's root.
        content : bytes
            What it is to hold.
        key : str
            Names all that it was made from, for `stands`.

        Raises
        ------
        BuildError
            If the path leads out of the folder, or the disk refuses.
        """
        if not _inside(path) or "\\" in path:
            raise BuildError(f"{path!r} is no file inside the site")
        self.sizes[path] = len(content)
        self._keys[path] = key
        target = self.root / path
        try:
            if _holds(target, content):
                return
            self._announce(path)
            _put(target, content)
        except OSError as error:
            raise BuildError(f"cannot write {target}: {error.strerror or error}") from error
        self.written.append(path)

    def written_below(self, folder: str, suffix: str) -> int:
        """Count the files that were new or changed, by where they stand and what they are."""
        return sum(path.startswith(folder) and path.endswith(suffix) for path in self.written)

    def keep_others(self) -> None:
        """Claim all that earlier builds left: this one only adds to it."""
        for path, (_, key) in self._before.items():
            if path not in self.sizes and self.has(path):
                self._keys[path] = key

    def drop(self, path: str) -> None:
        """Give up a file, which goes at the end."""
        self.sizes.pop(path, None)
        self._keys.pop(path, None)

    def __enter__(self) -> Self:
        """Mark the folder as a site of ours before the first file is written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._mark(self._before)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._underway = os.open(self.root / UNDERWAY, flags, 0o644)
        except OSError as error:
            raise BuildError(f"cannot write {self.root}: {error.strerror or error}") from error
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """List what is there now; after a success, what only earlier builds wrote is removed."""
        now = {path: (size, self._keys.get(path, "")) for path, size in self.sizes.items()}
        if failure is None:
            for path in sorted(self._before.keys() - now.keys()):
                self._remove(path)
        else:
            now = {**self._before, **now}
        os.close(self._underway)
        self._underway = -1
        self._mark(now)
        (self.root / UNDERWAY).unlink(missing_ok=True)

    def _announce(self, path: str) -> None:
        """Tell the next build what this one may leave behind, before it does."""
        if self._underway >= 0:
            os.write(self._underway, f"{path}\n".encode("utf-8", "surrogateescape"))

    def _mark(self, files: Mapping[str, tuple[int, str]]) -> None:
        content = {"gitrack": _FORMAT, "files": dict(sorted(files.items()))}
        # Lines by the separators: with an indent, json would not write it in C.
        listing = json.dumps(content, separators=(",\n", ": "))
        target = self.root / MARKER
        try:
            if not _holds(target, listing.encode()):
                _put(target, listing.encode())
        except OSError as error:
            raise BuildError(f"cannot write {target}: {error.strerror or error}") from error

    def _remove(self, path: str) -> None:
        target = self.root / path
        try:
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self.root or any(folder.iterdir()):
                    return
                folder.rmdir()
        except FileNotFoundError:  # its folder went before it
            return
        except OSError as error:
            raise BuildError(f"cannot remove {target}: {error.strerror or error}") from error


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(target)
    partial.write_bytes(content)
    partial.replace(target)


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.part"[-200:])


def _holds(target: Path, content: bytes) -> bool:
    try:
        return target.stat().st_size == len(content) and target.read_bytes() == content
    except FileNotFoundError:
        return False


def _listed(root: Path) -> dict[str, tuple[int, str]]:
    """List what earlier builds wrote, or refuse a folder that is not ours."""
    try:
        if not root.exists():
            return {}
        if not root.is_dir():
            raise BuildError(f"{root} is a file: give the site a folder of its own")
        if all(path == _partial(root / MARKER) for path in root.iterdir()):
            return {}
        listing = json.loads((root / MARKER).read_text("utf-8"))
        if listing["gitrack"] == 1:
            files = dict.fromkeys(map(str, listing["files"]), (-1, ""))
        elif listing["gitrack"] == _FORMAT:
            files = {str(p): (int(size), str(key)) for p, (size, key) in listing["files"].items()}
        else:
            raise BuildError(f"{root} was built by a newer gitrack: upgrade, or name a new folder")
        return {p: facts for p, facts in files.items() if _inside(p)} | _left_behind(root)
    except FileNotFoundError:
        pass
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BuildError(f"{root / MARKER} is damaged: give the site a new folder") from error
    except OSError as error:
        raise BuildError(f"cannot read {root}: {error.strerror or error}") from error
    raise BuildError(
        f"{root} holds files that are not a gitrack site: give --out a new or an empty folder"
    )


def _left_behind(root: Path) -> dict[str, tuple[int, str]]:
    """List what a killed build wrote; of what it was made is not known."""
    try:
        text = (root / UNDERWAY).read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return {}
    found: dict[str, tuple[int, str]] = {}
    for path in text.split("\n"):
        if _inside(path):
            found[path] = (-1, "")
            with contextlib.suppress(OSError):
                _partial(root / path).unlink()
    return found


def _inside(path: str) -> bool:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return bool(parts) and not path.startswith("/") and ".." not in parts
