"""Files that the script keeps with its run: ``save`` and ``log_code``."""

import glob as globbing
import hashlib
import inspect
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from gitrack.record.folder import RECORD
from gitrack.record.notice import warn_once
from gitrack.record.redaction import redact
from gitrack.record.snapshot import is_secret_file, is_text

_POLICIES = ("now", "live", "end")
_TEXT = 8 << 20  # bytes up to which a text is searched for secrets
_SKIPPED = frozenset(
    ".git .hg .svn .venv venv node_modules __pycache__ .tox .mypy_cache wandb mlruns _site".split()
)
_CODE = (".py", ".ipynb", ".sh", ".toml", ".yaml", ".yml", ".cfg")


class SavedFiles:
    """
    The files of one run.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._record = folder / RECORD
        self._partial = folder / "saving"
        self._again: dict[Path, str] = {}  # what is copied once more at the end

    def save(
        self, pattern: str | os.PathLike[str], base: str | os.PathLike[str] | None, policy: str
    ) -> list[str]:
        """
        Copy files into the run, below ``files/``.

        Parameters
        ----------
        pattern : str or path
            A file, a folder, or a pattern with ``*``.
        base : path, optional
            The folder that the names begin from; the current one unless given. A file outside it
            stands under its own name.
        policy : {"now", "live", "end"}
            "live" and "end" copy now and once more at the end.

        Returns
        -------
        list of str
            The files' places inside the run.

        Raises
        ------
        ValueError
            If the policy is unknown.
        OSError
            If a file cannot be copied.
        """
        if policy not in _POLICIES:
            raise ValueError(f"policy {policy!r} is not one of {', '.join(_POLICIES)}")
        start = Path(os.path.abspath(base or "."))  # noqa: PTH100 - links stay
        kept = []
        for path in self._found(os.fspath(pattern)):
            absolute = Path(os.path.abspath(path))  # noqa: PTH100
            inside = absolute.is_relative_to(start)
            name = absolute.relative_to(start).as_posix() if inside else absolute.name
            if is_secret_file(name):
                warn_once(f"save {name}", f"{name} is a secret by its name: not saved")
                continue
            place = _place("files", name)
            self._copy(absolute, place)
            kept.append(place)
            if policy != "now":
                self._again[absolute] = place
        return kept

    def log_code(
        self,
        root: str | os.PathLike[str],
        include: Callable[..., bool] | None,
        exclude: Callable[..., bool] | None,
    ) -> list[str]:
        """
        Copy the code below a folder into the run, below ``code/``.

        Parameters
        ----------
        root : path
            The folder.
        include, exclude : callable, optional
            Take a path, and the root if they have a second parameter; code and settings by their
            endings unless given.

        Returns
        -------
        list of str
            The files' places inside the run.
        """
        start = Path(os.path.abspath(root))  # noqa: PTH100
        kept = []
        for path in _below(start):
            name = path.relative_to(start).as_posix()
            wanted = _asked(include, path, start) if include else path.suffix in _CODE
            if not wanted or (exclude and _asked(exclude, path, start)) or is_secret_file(name):
                continue
            place = _place("code", name)
            self._copy(path, place)
            kept.append(place)
        return kept

    def finish(self) -> None:
        """Copy once more what was saved with "live" or "end"."""
        for path, place in self._again.items():
            try:
                self._copy(path, place)
            except OSError as error:
                warn_once(f"save {place}", f"{place} stays as it was saved first ({error})")

    def _found(self, pattern: str) -> Iterator[Path]:
        paths = [Path(pattern)] if Path(pattern).exists() else map(Path, globbing.glob(pattern))  # noqa: PTH207
        found = False
        for path in sorted(paths):
            found = True
            yield from _below(path) if path.is_dir() else (path,)
        if not found:
            warn_once(f"save {pattern}", f"save({pattern!r}): no such file")

    def _copy(self, source: Path, place: str) -> None:
        target = self._record / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            size = source.stat().st_size
            content = source.read_bytes() if size <= _TEXT else None
            if content is not None and is_text(content):
                text = content.decode("utf-8", "surrogateescape")
                self._partial.write_bytes(redact(text, place).encode("utf-8", "surrogateescape"))
            else:
                shutil.copyfile(source, self._partial)
            self._partial.replace(target)
        finally:
            self._partial.unlink(missing_ok=True)


def _place(folder: str, name: str) -> str:
    """Place a file; names that differ in a secret alone stay apart by a digest."""
    cleaned = redact(name, folder)
    if cleaned != name:
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        path = PurePosixPath(cleaned)
        cleaned = str(path.with_name(f"{path.stem}-{digest}{path.suffix}"))
    return f"{folder}/{cleaned}"


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without what tools keep there; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file():
                yield path


def _asked(choose: Callable[..., Any], path: Path, root: Path) -> bool:
    try:
        several = len(inspect.signature(choose).parameters) > 1
    except (TypeError, ValueError):
        several = False
    return bool(choose(str(path), str(root)) if several else choose(str(path)))
