"""Where the runs of a branch lie, read from git's own trees."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from itertools import permutations
from typing import NamedTuple

from gitrack.errors import FormatError
from gitrack.store.batch import Object
from gitrack.store.git import Git
from gitrack.store.layout import is_runs_folder

_TREE, _SUBMODULE = b"40000", b"160000"


class Folder(NamedTuple):
    """
    A folder on a branch.

    Attributes
    ----------
    branch : str
        The branch's short name.
    path : str
        Where it lies there; empty for the branch's root.
    tree : str
        Its git object id, which tells everything that is in it.
    """

    branch: str
    path: str
    tree: str

    @property
    def name(self) -> str:
        """Its own name; for a run's folder the run's id."""
        return self.path.rpartition("/")[2]


def run_folders(
    git: Git, branches: Iterable[tuple[str, str]], lost: list[FormatError], beginning: str = ""
) -> list[Folder]:
    """
    Find every run's folder, each run once.

    Of a run that branches hold in different versions, the one is taken that was changed since
    they parted; if all were, that of the first branch. What several branches share is read once;
    what is in the folders is not read at all.

    Parameters
    ----------
    git : Git
        Where to read.
    branches : iterable of (str, str)
        Short names and commits, what counts first before what counts less.
    lost : list of FormatError
        Takes what git could not read.
    beginning : str
        What the runs' ids are to begin with; those alone are looked at.
    """
    branches = list(branches)
    names: dict[str, str] = {}
    for name, commit in branches:
        names.setdefault(f"{commit}^{{tree}}", name)
    roots = [Folder(name, "", tree) for tree, name in names.items()]
    projects = _folders_in(git, roots, lost)
    inside = _folders_in(git, projects, lost)
    days = _folders_in(git, [folder for folder in inside if is_runs_folder(folder.path)], lost)
    found: dict[str, list[Folder]] = {}
    for folder in _folders_in(git, days, lost, beginning):
        found.setdefault(folder.name, []).append(folder)
    several = [versions for versions in found.values() if len(versions) > 1]
    newest = _newest(git, dict(branches), several) if several else {}
    return [newest.get(name, versions[0]) for name, versions in found.items()]


def _newest(
    git: Git, commits: Mapping[str, str], runs: Sequence[Sequence[Folder]]
) -> dict[str, Folder]:
    """Choose among the versions of each run: one that its branch never changed is the older."""

    @cache
    def parted(one: str, other: str) -> str | None:
        return git.ask("merge-base", commits[one], commits[other])

    before = {
        (base, one.path): None
        for versions in runs
        for one, other in permutations(versions, 2)
        if "\n" not in one.path and (base := parted(*sorted((one.branch, other.branch))))
    }
    objects = git.objects(f"{base}:{path}" for base, path in before)
    trees = {place: found.id for place, found in zip(before, objects, strict=True) if found}

    def newer(best: Folder, other: Folder) -> Folder:
        base = parted(*sorted((best.branch, other.branch)))
        return other if base and trees.get((base, best.path)) == best.tree else best

    return {versions[0].name: reduce(newer, versions) for versions in runs}


def run_files(
    git: Git, folders: Iterable[Folder], lost: list[FormatError]
) -> dict[str, dict[str, str]]:
    """
    List the files of run folders.

    Returns
    -------
    dict of str to dict of str to str
        By each folder's tree: the files' blob ids by their path inside it, sorted. A folder
        that git could not read is missing, and named in `lost`.
    """
    # Of each folder that is to be read: the run's tree, and what its files' paths begin with.
    level = [(folder, folder.tree, "") for folder in folders]
    files: dict[str, dict[str, str]] = {top: {} for _, top, _ in level}
    while level:
        trees = git.objects(folder.tree for folder, _, _ in level)
        deeper = []
        for (folder, top, prefix), tree in zip(level, trees, strict=True):
            if (entries := _entries(tree)) is None:
                if files.pop(top, None) is not None:
                    lost.append(lost_object(git, folder.path))
                continue
            for mode, name, oid in entries:
                path = prefix + name
                if mode == _TREE:
                    inner = Folder(folder.branch, f"{folder.path}/{name}", oid)
                    deeper.append((inner, top, f"{path}/"))
                elif mode != _SUBMODULE and top in files:
                    files[top][path] = oid
        level = deeper
    return {tree: dict(sorted(here.items())) for tree, here in files.items()}


def lost_object(git: Git, path: str) -> FormatError:
    """Name what git has no longer, cannot read, or was not given."""
    if git.partial:
        return FormatError(path, "is not in this partial clone, and its remote does not give it")
    return FormatError(path, "its objects are missing or damaged here: `git fsck` tells more")


def _folders_in(
    git: Git, folders: list[Folder], lost: list[FormatError], beginning: str = ""
) -> list[Folder]:
    """List the folders inside folders; one that several branches share belongs to the first."""
    found: dict[tuple[str, str], Folder] = {}
    somewhere = f" {beginning}".encode()
    for folder, tree in zip(folders, git.objects(f.tree for f in folders), strict=True):
        if beginning and tree is not None and somewhere not in tree.content:
            continue
        if (entries := _entries(tree)) is None:
            lost.append(lost_object(git, folder.path or folder.branch))
            continue
        prefix = f"{folder.path}/" if folder.path else ""
        for mode, name, oid in entries:
            if mode == _TREE and name.startswith(beginning):
                place = prefix + name
                found.setdefault((place, oid), Folder(folder.branch, place, oid))
    return list(found.values())


def _entries(tree: Object | None) -> list[tuple[bytes, str, str]] | None:
    """Read a tree's ``<mode> <name> NUL <id>``, again and again; None where there is no tree."""
    if tree is None or tree.kind != "tree":
        return None
    size = len(tree.id) // 2
    found = _entry(size).findall(tree.content)
    if sum(len(mode) + len(name) + size + 2 for mode, name, _ in found) != len(tree.content):
        return None
    return [(mode, name.decode("utf-8", "replace"), oid.hex()) for mode, name, oid in found]


@cache
def _entry(size: int) -> re.Pattern[bytes]:
    return re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % size, re.DOTALL)
