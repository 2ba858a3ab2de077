"""Versions of artifacts that may go: all but the latest, the aliased and the used."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from gitrack.model.names import EXPERIMENTS
from gitrack.store.artifacts import Artifacts, Shelf
from gitrack.store.branch import Branch, Content
from gitrack.store.layout import version_of_manifest
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


@dataclass(frozen=True)
class Retired:
    """
    A version that may go from a branch.

    Attributes
    ----------
    shelf : Shelf
        The artifact's folder on that branch.
    version : int
        Its number.
    """

    shelf: Shelf
    version: int

    @property
    def label(self) -> str:
        """Full name and version, and the branch."""
        return f"{self.shelf.full_name}:v{self.version}@{self.shelf.branch}"

    @property
    def paths(self) -> list[str]:
        """Its files on the branch."""
        number = f"v{self.version}"
        return [
            f"{self.shelf.path}/{inner}"
            for inner in self.shelf.blobs
            if version_of_manifest(inner) == self.version
            or inner == f"{number}{SUFFIX}"
            or inner.startswith(f"{number}/")
        ]


def retired_versions(repository: Repository, keep: int) -> list[Retired]:
    """
    Return the versions on local branches that are neither among the latest, aliased, nor used.

    Parameters
    ----------
    repository : Repository
        Where to look.
    keep : int
        How many of the latest versions of each artifact stay; at least 1.
    """
    artifacts = Artifacts(repository)
    used = {
        (use.name, use.version)
        for record in Reader(repository).records()
        for use in record.run.artifacts
        if use.use == "input"
    }
    aliased: dict[str, set[int]] = defaultdict(set)
    numbers: dict[str, set[int]] = defaultdict(set)
    for shelf in artifacts.shelves:
        aliased[shelf.full_name] |= set(artifacts.aliases(shelf).values())
        numbers[shelf.full_name] |= set(shelf.versions)
    if artifacts.damaged:
        raise artifacts.damaged[0]
    found = []
    for shelf in artifacts.shelves:
        name = shelf.full_name
        latest = sorted(numbers[name])[-max(keep, 1) :]
        found += [
            Retired(shelf, version)
            for version in shelf.versions
            if shelf.branch.startswith(EXPERIMENTS)
            and version not in latest
            and version not in aliased[name]
            and (name, version) not in used
        ]
    return found


def retire(repository: Repository, versions: list[Retired]) -> list[str]:
    """Remove versions in one commit a branch; returns the branches that were changed."""
    by_branch: dict[str, list[Retired]] = defaultdict(list)
    for one in versions:
        by_branch[one.shelf.branch].append(one)
    for name, several in by_branch.items():
        branch = Branch(repository, name)
        message = f"Retire {len(several)} versions of artifacts\n\n"
        message += "".join(f"Retired: {one.shelf.full_name}:v{one.version}\n" for one in several)

        def plan(parent: str | None, several: list[Retired] = several) -> Mapping[str, Content]:
            return {path: None for one in several for path in _paths_now(repository, parent, one)}

        branch.change(plan, message)
    return list(by_branch)


def _paths_now(repository: Repository, parent: str | None, one: Retired) -> list[str]:
    """Return a version's files as they stand; none where somebody gave it an alias meanwhile."""
    artifacts = Artifacts(repository)
    shelf = artifacts.at(str(parent), one.shelf.path, one.shelf.branch)
    if one.version in artifacts.aliases(shelf).values() or artifacts.damaged:
        return []
    return Retired(shelf, one.version).paths
