"""Files of recorded runs, as ``wandb.restore`` gives them."""

import os
from pathlib import Path
from typing import IO, Any

from gitrack.analysis.access import load
from gitrack.errors import GitrackError
from gitrack.interop.standin.errors import MissingRunError
from gitrack.model.names import check_path

_SAVED = "files/"


def restored(
    name: str,
    run_path: str | None,
    run: Any,
    root: str | os.PathLike[str] | None = None,
    *,
    replace: bool = False,
) -> IO[str] | None:
    """
    Write a file of a recorded run to a folder, and open it.

    Parameters
    ----------
    name : str
        The file, as it was saved or as the record names it.
    run_path : str or None
        The run, ``[[entity/]project/]id``; that which `run` goes on from where it is None.
    run : Run or None
        The current run.
    root : path, optional
        The folder; that of the current run's files unless given.
    replace : bool
        Whether a file that is there is written again.

    Returns
    -------
    file or None
        The file, open for reading; None where the run goes on from nothing.

    Raises
    ------
    ValueError
        If there is no such run or file.
    """
    if run_path is None and (run is None or not run.resumed):
        return None
    folder = Path(root) if root is not None else Path(run.dir if run is not None else ".")
    place = folder / check_path(name)
    if place.is_file() and not replace:
        return place.open()
    wanted = run_path.rpartition("/")[2] if run_path is not None else run.id
    try:
        content = file_of(load(wanted), name)
    except GitrackError as error:
        raise MissingRunError(wanted) from error
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place.open()


def file_of(run: Any, name: str) -> bytes:
    """
    Return a file of a recorded run, by the name it was saved under or its place in the record.

    Raises
    ------
    ValueError
        If there is none.
    """
    for place in (f"{_SAVED}{name}", name):
        try:
            content: bytes = run.read(place)
        except FileNotFoundError:
            continue
        return content
    raise ValueError(f"run {run.id} has no file {name!r}")
