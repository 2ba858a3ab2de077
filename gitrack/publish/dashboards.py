"""A work tree's dashboards: ``[[dashboard]]`` in ``gitrack.toml``, ``dashboards/*.yaml``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from gitrack.analysis.dashboard import Dashboard, dashboard_from
from gitrack.errors import ConfigError, FormatError, PanelError
from gitrack.publish.packing import script
from gitrack.settings import read_tables
from gitrack.store.schema import config_from_yaml

FOLDER = "dashboards"
SETTINGS = "gitrack.toml"
_LARGEST = 1 << 20  # bytes of a file

#: Reads a dashboard, and tells where it stands.
_Reader = Callable[[], tuple[str, Dashboard]]


class Dashboards(NamedTuple):
    """
    What was found.

    Attributes
    ----------
    good : sequence of Dashboard
        Those of ``gitrack.toml`` first, then the files by name.
    damaged : sequence of str
        What cannot be used, a line each.
    """

    good: Sequence[Dashboard] = ()
    damaged: Sequence[str] = ()

    def of(self, project: str) -> list[Dashboard]:
        """Return those that belong to a project, or to all."""
        return [one for one in self.good if one.project in ("", project)]


def read_dashboards(work_tree: Path | None) -> Dashboards:
    """
    Read the dashboards of a work tree; one that is damaged is named and costs no other.

    Parameters
    ----------
    work_tree : pathlib.Path or None
        The checked-out files; None for a bare repository, which has no dashboards.
    """
    if work_tree is None:
        return Dashboards()
    good: dict[str, Dashboard] = {}
    damaged: list[str] = []
    for read in (*_in_settings(work_tree, damaged), *_in_files(work_tree)):
        try:
            place, found = read()
        except (PanelError, FormatError) as error:
            damaged.append(str(error))
            continue
        if found.name in good:
            damaged.append(f"{place}: there is another dashboard named {found.name!r}")
        else:
            good[found.name] = found
    return Dashboards(tuple(good.values()), tuple(damaged))


def dashboards_script(
    dashboards: Iterable[Dashboard], files: Sequence[tuple[str, Mapping[str, Any]]]
) -> bytes:
    """
    Write what the browser draws of a project's dashboards.

    Parameters
    ----------
    dashboards : iterable of Dashboard
        In their order.
    files : sequence of (str, mapping)
        The charts of the repository that they name; see `OwnFigures`.
    """
    return script({"dashboards": [one.described() for one in dashboards], "files": files})


def _in_settings(work_tree: Path, damaged: list[str]) -> Iterator[_Reader]:
    try:
        found = read_tables(work_tree, "dashboard")
    except ConfigError as error:
        damaged.append(str(error))
        return
    for number, table in enumerate(found, 1):
        yield partial(_from_table, f"{SETTINGS}: dashboard {number}", table)


def _from_table(place: str, table: object) -> tuple[str, Dashboard]:
    return place, dashboard_from(table, place)


def _in_files(work_tree: Path) -> Iterator[_Reader]:
    for path in dashboard_files(work_tree):
        yield partial(_from_file, f"{FOLDER}/{path.name}", path)


def _from_file(place: str, path: Path) -> tuple[str, Dashboard]:
    # A link could lead to any file of this machine, and a site is public.
    if path.is_symlink() or not path.is_file():
        raise PanelError(place, "is no plain file")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise PanelError(place, f"cannot be read ({error.strerror})") from error
    if len(content) > _LARGEST:
        raise PanelError(place, f"is larger than {_LARGEST:,} bytes")
    return place, dashboard_from(config_from_yaml(content, place), place, path.stem)


def dashboard_files(work_tree: Path) -> list[Path]:
    """Return the files of a work tree that describe a dashboard each, by name."""
    folder = work_tree / FOLDER
    if folder.is_symlink():
        return []
    return sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"})
