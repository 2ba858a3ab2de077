"""The folder that a site is written into: nothing of the user's is ever overwritten or deleted."""

import json
from pathlib import Path, PurePosixPath
from typing import Self

from gitrack.errors import BuildError

#: Stands in every folder that a build wrote, and lists what it wrote.
MARKER = ".gitrack-site"
_FORMAT = 1


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

    Raises
    ------
    BuildError
        If `root` holds anything else.
    """

    def __init__(self, root: Path, *, shared: bool = False) -> None:
        self.root = root
        self._written: list[str] = []
        self._before = set() if shared else _listed(root)
        self._paths: set[str] = set()

    def has(self, path: str) -> bool:
        """Tell whether an earlier build left this file, and claim it for this one if so."""
        if path not in self._before and path not in self._paths:
            return False
        if not (self.root / path).is_file():
            return False
        self._paths.add(path)
        return True

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self.root / path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """
        Put a file in place, unless it stands there already, byte for byte.

        Raises
        ------
        BuildError
            If the path leads out of the folder, or the disk refuses.
        """
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or "\\" in path or ".." in parts:
            raise BuildError(f"{path!r} is no file inside the site")
        self._paths.add(path)
        target = self.root / path
        try:
            if target.is_file() and target.read_bytes() == content:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.part"[-200:])
            partial.write_bytes(content)
            partial.replace(target)
        except OSError as error:
            raise BuildError(f"cannot write {target}: {error.strerror or error}") from error
        self._written.append(path)

    def written_below(self, folder: str, suffix: str) -> int:
        """Count the files that were new or changed, by where they stand and what they are."""
        return sum(path.startswith(folder) and path.endswith(suffix) for path in self._written)

    def __enter__(self) -> Self:
        """Mark the folder as a site of ours before the first file is written."""
        self._mark(self._before)
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """List what is there now; after a success, what only earlier builds wrote is removed."""
        if failure is not None:
            self._mark(self._before | self._paths)
            return
        for path in sorted(self._before - self._paths):
            self._remove(path)
        self._mark(self._paths)

    def _mark(self, paths: set[str]) -> None:
        listing = json.dumps({"gitrack": _FORMAT, "files": sorted(paths)}, indent=0)
        kept = set(self._paths)
        self.write(MARKER, listing.encode())
        self._paths = kept

    def _remove(self, path: str) -> None:
        target = self.root / path
        try:
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self.root or any(folder.iterdir()):
                    return
                folder.rmdir()
        except OSError as error:
            raise BuildError(f"cannot remove {target}: {error.strerror or error}") from error


def _listed(root: Path) -> set[str]:
    """List what an earlier build wrote, or refuse a folder that is not ours."""
    try:
        if not root.exists():
            return set()
        if not root.is_dir():
            raise BuildError(f"{root} is a file: give the site a folder of its own")
        if not any(root.iterdir()):
            return set()
        listing = json.loads((root / MARKER).read_text("utf-8"))
        if listing["gitrack"] == _FORMAT:
            return {path for path in map(str, listing["files"]) if _inside(path)}
    except FileNotFoundError:
        pass
    except (KeyError, TypeError, ValueError) as error:
        raise BuildError(f"{root / MARKER} is damaged: give the site a new folder") from error
    except OSError as error:
        raise BuildError(f"cannot read {root}: {error.strerror or error}") from error
    raise BuildError(
        f"{root} holds files that are not a gitrack site: give --out a new or an empty folder"
    )


def _inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts
