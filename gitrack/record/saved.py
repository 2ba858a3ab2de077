"""Files that the script keeps with its run: ``save`` and ``log_code``."""

import glob as globbing
import hashlib
import inspect
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from gitrack.errors import UsageError
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
        self._clean: set[str] = set()  # places whose content went through `_copy`
        self._again: dict[tuple[Path, str, Path], None] = {}  # what is looked for again at the end

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
            "live" and "end" copy now and once more at the end, with the files that have come since.

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
        here = Path.cwd()
        start = Path(os.path.abspath(base or here))  # noqa: PTH100 - links stay
        text = os.fspath(pattern)
        if policy != "now":
            self._again[here, text, start] = None
        kept = []
        for path, place in self._found(here, text, start):
            self._copy(path, place)
            kept.append(place)
        if not kept:
            warn_once(f"save {text}", f"save({text!r}): no such file, or none to be saved")
        return kept

    def keep(self, source: Path, name: str) -> str:
        """
        Copy one file into the run, below ``files/``, under a name of its own.

        Raises
        ------
        UsageError
            If the file is a secret by its name.
        OSError
            If it cannot be copied.
        """
        if is_secret_file(name):
            raise UsageError(f"{name} is a secret by its name: not saved")
        place = _place("files", name)
        self._copy(source, place)
        return place

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
        """
        Copy once more what was saved with "live" or "end", and look through what is in `run.dir`.

        Whoever commits a crashed run looks through all that its process saved.
        """
        for wanted in self._again:
            for path, place in self._found(*wanted):
                try:
                    self._copy(path, place)
                except OSError as error:
                    warn_once(f"save {place}", f"{place} stays as it was saved first ({error})")
        for path in sorted((self._record / "files").rglob("*")):
            place = path.relative_to(self._record).as_posix()
            if place not in self._clean and path.is_file() and not path.is_symlink():
                self._copy(path, place)

    def _found(self, here: Path, pattern: str, start: Path) -> Iterator[tuple[Path, str]]:
        """Yield what a pattern fits, from the folder it was given in, with its place in the run."""
        paths = [here / pattern]
        if not paths[0].exists():
            paths = [here / found for found in sorted(globbing.glob(pattern, root_dir=here))]  # noqa: PTH207
        for found in paths:
            for path in _below(found) if found.is_dir() else (found,):
                absolute = Path(os.path.abspath(path))  # noqa: PTH100
                inside = absolute.is_relative_to(start)
                name = absolute.relative_to(start).as_posix() if inside else absolute.name
                if absolute.is_relative_to(self._record):  # written to `run.dir`
                    yield absolute, absolute.relative_to(self._record).as_posix()
                elif is_secret_file(name):
                    warn_once(f"save {name}", f"{name} is a secret by its name: not saved")
                else:
                    yield absolute, _place("files", name)

    def _copy(self, source: Path, place: str) -> None:
        target = self._record / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            size = source.stat().st_size
            content = source.read_bytes() if size <= _TEXT else None
            if content is not None and is_text(content):
                text = content.decode("utf-8", "surrogateescape")
                self._partial.write_bytes(redact(text, place).encode("utf-8", "surrogateescape"))
            elif source == target:
                return
            else:
                shutil.copyfile(source, self._partial)
            self._partial.replace(target)
            if source != target:
                self._clean.add(place)
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
