"""Finding artifacts: every version on every experiments branch, by name and alias."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gitrack.errors import AmbiguousArtifactError, ArtifactNotFoundError, FormatError
from gitrack.model.artifact import Manifest
from gitrack.model.names import EXPERIMENTS, LATEST, version_from
from gitrack.store.branch import default_branches
from gitrack.store.layout import (
    ALIASES_FILE,
    ARTIFACTS,
    artifact_folder,
    manifest_path,
    split_artifact_path,
    version_of_manifest,
)
from gitrack.store.manifests import aliases_from_json, manifest_from_json
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


@dataclass(frozen=True)
class Shelf:
    """
    An artifact's folder on one branch.

    Attributes
    ----------
    branch, commit : str
        The branch, as readers name it, and where it stands.
    path : str
        ``<project>/artifacts/<type>/<name>``.
    blobs : mapping of str to str
        Git object ids by the file's path inside the folder.
    """

    branch: str
    commit: str
    path: str
    blobs: Mapping[str, str] = field(repr=False)

    @property
    def full_name(self) -> str:
        """Project, type and name with slashes between."""
        return self.path.replace(f"/{ARTIFACTS}/", "/", 1)

    @cached_property
    def versions(self) -> dict[int, str]:
        """The blob of each version's manifest, in order."""
        found = {version_of_manifest(inner): oid for inner, oid in self.blobs.items()}
        return {number: found[number] for number in sorted(n for n in found if n is not None)}


@dataclass(frozen=True)
class Stored:
    """
    One version, and where it stands.

    Attributes
    ----------
    manifest : Manifest
        What it is.
    shelf : Shelf
        Where it was read.
    aliases : sequence of str
        What it is called beside its number, "latest" last.
    """

    manifest: Manifest
    shelf: Shelf
    aliases: Sequence[str] = ()

    @property
    def in_git(self) -> dict[str, str]:
        """Git object ids of the files that stand in git itself, by their path."""
        prefix = f"v{self.manifest.version}/"
        blobs = self.shelf.blobs.items()
        return {inner.removeprefix(prefix): oid for inner, oid in blobs if inner.startswith(prefix)}

    @property
    def pointer(self) -> str | None:
        """The blob of the pointer to what DVC keeps, if there is one."""
        return self.shelf.blobs.get(f"v{self.manifest.version}{SUFFIX}")


class Artifacts:
    """
    The artifacts of one repository.

    Parameters
    ----------
    repository : Repository
        Where to read.
    prefer : str, optional
        The experiments branch whose aliases and versions count first.
    project : str, optional
        The project whose artifacts count first.
    branches : mapping of str to str, optional
        Commits to read by branch, instead of the branches as they stand.

    Attributes
    ----------
    damaged : list of FormatError
        Manifests and aliases that had to be left out, and why.
    """

    def __init__(
        self,
        repository: Repository,
        prefer: str | None = None,
        project: str | None = None,
        branches: Mapping[str, str] | None = None,
    ) -> None:
        self.repository = repository
        self.damaged: list[FormatError] = []
        self._prefer = prefer
        self._project = project
        self._branches = branches
        self._aliases: dict[str, dict[str, int]] = {}

    @cached_property
    def shelves(self) -> list[Shelf]:
        """The folder of every artifact on every branch, the branches that count first first."""
        first = [self._prefer, *default_branches(self.repository.git)]

        def rank(item: tuple[str, str]) -> tuple[bool, int, str]:
            branch = item[0]
            short = branch[max(branch.find(EXPERIMENTS), 0) :]
            place = first.index(short) if short in first else len(first)
            return not branch.startswith(EXPERIMENTS), place, branch

        read: dict[str, dict[str, dict[str, str]]] = {}
        found = []
        branches = self._branches
        if branches is None:
            branches = Reader(self.repository).branches()
        for branch, tip in sorted(branches.items(), key=rank):
            if tip not in read:
                read[tip] = self._folders(tip)
            found += [Shelf(branch, tip, path, blobs) for path, blobs in read[tip].items()]
        return found

    def names(self) -> list[str]:
        """Return ``project/type/name`` of every artifact, sorted."""
        return sorted({shelf.full_name for shelf in self.shelves if shelf.versions})

    def versions(self, name: str) -> list[Stored]:
        """
        Return every version of an artifact, oldest first; equal numbers by branch.

        Parameters
        ----------
        name : str
            Its name, with type and project in front where it needs them.

        Raises
        ------
        ArtifactNotFoundError
            If there is none.
        AmbiguousArtifactError
            If there are several of the name.
        """
        _, shelves = self._named(name, None, name)
        wanted: dict[str, tuple[int, Shelf]] = {}
        for shelf in shelves:
            for number, oid in shelf.versions.items():
                wanted.setdefault(oid, (number, shelf))
        found = []
        for (number, shelf), content in zip(
            wanted.values(), self.repository.git.blobs(wanted), strict=True
        ):
            try:
                manifest = manifest_from_json(content, manifest_path(shelf.path, number))
            except FormatError as error:
                self.damaged.append(error)
            else:
                found.append(Stored(manifest, shelf, self._aliases_of(shelves, shelf, number)))
        return sorted(found, key=lambda stored: stored.manifest.version)

    def find(self, name: str, kind: str | None = None) -> Stored:
        """
        Return the version that a name means.

        Parameters
        ----------
        name : str
            ``[[project/]type/]name[:version or alias or id][@branch]``; the latest version unless
            it says otherwise. ``entity/project/name``, as W&B has it, is understood too.
        kind : str, optional
            The artifact's type.

        Raises
        ------
        ArtifactNotFoundError
            If there is none.
        AmbiguousArtifactError
            If branches hold different ones under this name, and none of them is preferred.
        FormatError
            If its manifest cannot be read.
        """
        whole, at, branch = name.partition("@")
        base, _, alias = whole.partition(":")
        full_name, shelves = self._named(base, kind, name)
        if at:
            names = (branch, EXPERIMENTS + branch, f"refs/heads/{branch}")
            shelves = [shelf for shelf in shelves if shelf.branch in names]
        number, holder = self._number(shelves, alias or LATEST)
        if number is None:
            if stored := self._with_id(shelves, alias):
                return stored
            raise ArtifactNotFoundError(name, self._known(full_name, shelves))
        holders = {s.versions[number]: s for s in reversed(shelves) if number in s.versions}
        if not holders:
            raise ArtifactNotFoundError(name, self._known(full_name, shelves))
        first = next((s for s in shelves if number in s.versions), None)
        preferred = (holder, first if first and first.branch == self._prefer else None)
        shelf = next((s for s in preferred if s is not None and number in s.versions), None)
        if shelf is None:
            if len(holders) > 1:
                label = f"{full_name}:v{number}"
                several = sorted(f"{label}@{one.branch}" for one in holders.values())
                raise AmbiguousArtifactError(name, several)
            shelf = first or next(iter(holders.values()))
        return self._read(shelves, shelf, number)

    def highest(self, path: str) -> int:
        """Return the highest version of an artifact's folder on any branch; -1 without any."""
        tips = set(Reader(self.repository).branches().values())
        return max((n for tip in tips for n in self.at(tip, path, "").versions), default=-1)

    def latest(self, shelf: Shelf) -> Stored | None:
        """Return the highest version that one branch has, if there is one that can be read."""
        for number in sorted(shelf.versions, reverse=True):
            try:
                return self._read([shelf], shelf, number)
            except FormatError as error:
                self.damaged.append(error)
        return None

    def with_id(self, shelf: Shelf, wanted: str) -> Stored | None:
        """Return the version of an id that one branch has, if there is one."""
        return self._with_id([shelf], wanted)

    def aliases(self, shelf: Shelf) -> dict[str, int]:
        """Return the aliases that one branch has; damaged ones are named in `damaged`."""
        if (oid := shelf.blobs.get(ALIASES_FILE)) is None:
            return {}
        if oid not in self._aliases:
            (content,) = self.repository.git.blobs([oid])
            try:
                self._aliases[oid] = aliases_from_json(content, f"{shelf.path}/{ALIASES_FILE}")
            except FormatError as error:
                self.damaged.append(error)
                self._aliases[oid] = {}
        return dict(self._aliases[oid])

    def at(self, commit: str, path: str, branch: str) -> Shelf:
        """Return one artifact's folder as a commit has it."""
        listed = _listed(self.repository, commit, [path])
        return Shelf(branch, commit, path, {p.removeprefix(f"{path}/"): oid for p, oid in listed})

    def _folders(self, tip: str) -> dict[str, dict[str, str]]:
        """Return the files of every artifact's folder in a commit."""
        git = self.repository.git
        top = git.run("ls-tree", "-d", "-z", "--name-only", "--full-tree", tip).split(b"\0")
        projects = [name.decode("utf-8", "replace") for name in top if name]
        found: dict[str, dict[str, str]] = {}
        for path, oid in _listed(self.repository, tip, [f"{p}/{ARTIFACTS}" for p in projects]):
            if split := split_artifact_path(path):
                found.setdefault(split[0], {})[split[1]] = oid
        return dict(sorted(found.items()))

    def _named(self, name: str, kind: str | None, asked: str) -> tuple[str, list[Shelf]]:
        """Return the one artifact that a name without version means, and its folders."""
        *before, last = name.split("/")
        groups: dict[str, list[Shelf]] = {}
        for shelf in self.shelves:
            project, own_kind, own = shelf.full_name.split("/")
            if own == last and shelf.versions and kind in (None, own_kind):
                exact = before == [project, own_kind][-len(before) :] if before else True
                # W&B's own: project/name and entity/project/name
                if exact or before[-1] == project:
                    groups.setdefault(shelf.full_name, []).append(shelf)
        if len(groups) > 1:
            own_project = {n: s for n, s in groups.items() if n.split("/")[0] == self._project}
            groups = own_project if len(own_project) == 1 else groups
        if not groups:
            raise ArtifactNotFoundError(asked, self.names())
        if len(groups) > 1:
            raise AmbiguousArtifactError(asked, sorted(groups))
        return next(iter(groups.items()))

    def _number(self, shelves: Iterable[Shelf], alias: str) -> tuple[int | None, Shelf | None]:
        """Return the number that an alias names, and the folder that says so."""
        if alias == LATEST:
            return max((n for shelf in shelves for n in shelf.versions), default=None), None
        if (number := version_from(alias)) is not None:
            return number, None
        for shelf in shelves:
            if alias in (aliases := self.aliases(shelf)):
                return aliases[alias], shelf
        return None, None

    def _with_id(self, shelves: Iterable[Shelf], wanted: str) -> Stored | None:
        own = list(shelves)
        places = {oid: (shelf, n) for shelf in own for n, oid in shelf.versions.items()}
        quoted = f'"{wanted}"'.encode()
        contents = self.repository.git.blobs(places)
        for (shelf, number), content in zip(places.values(), contents, strict=True):
            if (
                quoted in content
                and (found := self._read(own, shelf, number)).manifest.id == wanted
            ):
                return found
        return None

    def _read(self, shelves: Sequence[Shelf], shelf: Shelf, number: int) -> Stored:
        (content,) = self.repository.git.blobs([shelf.versions[number]])
        manifest = manifest_from_json(content, manifest_path(shelf.path, number))
        return Stored(manifest, shelf, self._aliases_of(shelves, shelf, number))

    def _aliases_of(self, shelves: Sequence[Shelf], shelf: Shelf, number: int) -> tuple[str, ...]:
        """Name what a version is called; an alias counts where the first branch has it."""
        where: dict[str, tuple[int, Shelf]] = {}
        for one in shelves:
            for alias, named in self.aliases(one).items():
                where.setdefault(alias, (named, one))
        oid = shelf.versions[number]
        called = [
            alias
            for alias, (named, one) in sorted(where.items())
            if named == number and one.versions.get(number, oid) == oid
        ]
        if number == max(n for one in shelves for n in one.versions):
            called.append(LATEST)
        return tuple(called)

    def _known(self, full_name: str, shelves: Iterable[Shelf]) -> list[str]:
        numbers = sorted({n for shelf in shelves for n in shelf.versions}, reverse=True)
        return [f"{full_name}:v{number}" for number in numbers]


def _listed(repository: Repository, commit: str, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the plain files below some paths of a commit; no links, no submodules."""
    if not paths:
        return
    words = ("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
    for line in repository.git.run(*words).split(b"\0"):
        info, _, path = line.partition(b"\t")
        if info.startswith(b"100"):
            yield path.decode("utf-8", "replace"), info.rsplit(b" ", 1)[1].decode()


def stored_on(repository: Repository, branch: str, manifest: Manifest) -> Stored:
    """Return a version that is known to be on a branch, as the branch stands now."""
    tip = repository.git.text("rev-parse", "--verify", f"{_ref(branch)}^{{commit}}")
    path = artifact_folder(manifest.project, manifest.type, manifest.name)
    return Stored(manifest, Artifacts(repository).at(tip, path, branch))


def _ref(branch: str) -> str:
    return f"refs/{'heads' if branch.startswith(EXPERIMENTS) else 'remotes'}/{branch}"
