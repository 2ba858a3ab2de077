"""Where the files that are not Python live: ``templates/`` and ``site/``."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """
    Find one of the folders that travel with gitrack.

    Parameters
    ----------
    name : {"templates", "site", "examples"}
        The folder's name at the top of the repository.

    Returns
    -------
    pathlib.Path
        The wheel's copy or, in a checkout of gitrack itself, the folder beside ``pyproject.toml``.

    Raises
    ------
    FileNotFoundError
        If neither is there: the installation is damaged.
    """
    shipped = _PACKAGE / "_data" / name
    if shipped.is_dir():
        return shipped
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise FileNotFoundError(f"gitrack's own folder {name!r} is missing: install gitrack again")
