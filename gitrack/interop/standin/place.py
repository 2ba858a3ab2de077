"""Where the stand-in lies, and how it gets in front of whatever ``wandb`` is installed."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitrack.errors import UsageError

#: The release of wandb whose names the stand-in answers to, as its metadata says too.
STANDS_FOR = "0.31.0"


def front() -> Path:
    """Return the folder that holds a package ``wandb`` and its metadata, and nothing else."""
    return Path(__file__).resolve().parent / "front"


def environment_with_front(environ: Mapping[str, str], *more: Path) -> dict[str, str]:
    """
    Return an environment whose Pythons, and theirs, import the stand-in, and whose shells run it.

    Parameters
    ----------
    environ : mapping of str to str
        The environment around.
    *more : pathlib.Path
        Folders that come right behind the stand-in's.

    Raises
    ------
    UsageError
        If the folder's path cannot stand in ``PYTHONPATH``.
    """
    own = [str(path) for path in (front(), *more)]
    if any(os.pathsep in path for path in own):
        raise UsageError(f"{own[0]}: a path with {os.pathsep!r} cannot stand in PYTHONPATH")
    # The command `wandb` is a shell's: it begins sweeps in scripts that are no Python.
    commands = [str(front().parent / "bin")] if os.name != "nt" else []
    paths = {"PYTHONPATH": own, "PATH": commands}
    return {**environ, **{name: _behind(environ, name, first) for name, first in paths.items()}}


def _behind(environ: Mapping[str, str], name: str, first: Sequence[str]) -> str:
    """Put folders first in a list of such."""
    default = os.defpath if name == "PATH" else ""
    before = environ.get(name, default)
    # An empty part means the current folder, and stays.
    others = [path for path in before.split(os.pathsep) if path not in first] if before else []
    return os.pathsep.join([*first, *others])
