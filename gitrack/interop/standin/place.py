"""Where the stand-in lies, and how it gets in front of whatever ``wandb`` is installed."""

import os
from collections.abc import Mapping
from pathlib import Path

from gitrack.errors import UsageError

#: The release of wandb whose names the stand-in answers to, as its metadata says too.
STANDS_FOR = "0.31.0"


def front() -> Path:
    """Return the folder that holds a package ``wandb`` and its metadata, and nothing else."""
    return Path(__file__).resolve().parent / "front"


def environment_with_front(environ: Mapping[str, str], *more: Path) -> dict[str, str]:
    """
    Return an environment whose Pythons, and theirs, import the stand-in.

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
    before = environ.get("PYTHONPATH", "").split(os.pathsep)
    others = [path for path in before if path and path not in own]
    return {**environ, "PYTHONPATH": os.pathsep.join([*own, *others])}
