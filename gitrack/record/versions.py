"""A logged artifact becoming a version on an experiments branch, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from gitrack.errors import ArtifactNotFoundError, BranchBlockedError, DataMissingError
from gitrack.model.artifact import ArtifactFile, ArtifactUse, Manifest
from gitrack.model.names import EXPERIMENTS
from gitrack.model.pointer import Pointer
from gitrack.record.large import LargeFiles
from gitrack.store.artifacts import Artifacts, Shelf, Stored
from gitrack.store.branch import Branch, Content
from gitrack.store.data import DataStore
from gitrack.store.layout import ALIASES_FILE, artifact_folder, manifest_path
from gitrack.store.manifests import aliases_to_json, digest_of, manifest_to_json, size_of
from gitrack.store.pointers import SUFFIX, pointer_to_dvc
from gitrack.store.repository import Repository

_FILE = tuple(part.name for part in fields(ArtifactFile))
_parts = attrgetter(*_FILE)
_MANY = 100  # files; an artifact of more is no burden for git's trees


@dataclass(frozen=True)
class Draft:
    """
    An artifact that was logged and has no number yet; its files are kept already.

    Attributes
    ----------
    id : str
        What the version will be known by.
    name, type, project : str
        As in the manifest.
    created : float
        Seconds since the epoch, UTC.
    files : sequence of ArtifactFile
        What it holds.
    description, metadata, tags, made_by
        As in the manifest.
    aliases : sequence of str
        What the version is to be called.
    incremental : bool
        Whether the files of the latest version belong to it too.
    use : {"output", "input"}
        What it is to the run.
    """

    id: str
    name: str
    type: str
    project: str
    created: float
    files: Sequence[ArtifactFile] = ()
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    made_by: str | None = None
    aliases: Sequence[str] = ()
    incremental: bool = False
    use: str = "output"

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Draft":
        """Read what `to_event` wrote."""
        return cls(**{**event, "files": tuple(ArtifactFile(**one) for one in event["files"])})

    def to_event(self) -> dict[str, Any]:
        """Return it as plain JSON values, for the journal."""
        own = {part.name: getattr(self, part.name) for part in fields(self)}
        return {
            **own,
            "files": [dict(zip(_FILE, _parts(file), strict=True)) for file in self.files],
        }


def used(manifest: Manifest, use: str) -> ArtifactUse:
    """Return how a run's record refers to a version."""
    return ArtifactUse(manifest.id, manifest.full_name, manifest.version, manifest.digest, use)


def commit_draft(
    repository: Repository, branch: str, draft: Draft, threshold: int, *, again: bool = False
) -> tuple[Manifest, str]:
    """
    Give a draft its number, in one commit of its own.

    Content that equals the latest version's makes no new one: its aliases move to that.

    Parameters
    ----------
    repository : Repository
        Where to.
    branch : str
        The experiments branch; its neighbour takes the version where it is blocked.
    draft : Draft
        What was logged.
    threshold : int
        Bytes of all files together up to which they stand in git itself.
    again : bool
        Whether an earlier try may have been committed.

    Returns
    -------
    manifest : Manifest
        The version.
    branch : str
        Where it is.

    Raises
    ------
    DataMissingError
        If the files are not kept here any more.
    GitrackError
        If it cannot be committed.
    """
    change = _Change(repository, draft, threshold, again=again)
    try:
        return change.on(branch), branch
    except BranchBlockedError:
        return change.on(beside(branch)), beside(branch)


def beside(branch: str) -> str:
    """Name the branch for what `branch` cannot take; readers show the union of both."""
    rest = branch.removeprefix(EXPERIMENTS)
    return EXPERIMENTS + rest.replace("/", "-") + "-runs"


class _Change:
    """The commit of one draft, planned on whatever the branch holds by then."""

    def __init__(
        self, repository: Repository, draft: Draft, threshold: int, *, again: bool
    ) -> None:
        self._repository = repository
        self._data = DataStore(repository)
        self._draft = draft
        self._large = LargeFiles(self._data, threshold)
        self._again = again
        self._folder = artifact_folder(draft.project, draft.type, draft.name)
        self._made: Manifest | None = None
        for file in draft.files:
            if file.md5 and not self._data.objects.has(file.md5):
                label = f"artifact {draft.name}: {file.path}"
                raise DataMissingError(label, "it was kept, and is gone from the cache")

    def on(self, name: str) -> Manifest:
        branch = Branch(self._repository, name)
        draft = self._draft
        message = [
            f"Artifact {draft.name} ({draft.type})\n",
            f"Artifact: {draft.project}/{draft.type}/{draft.name}",
            f"Artifact-Id: {draft.id}",
        ]
        if draft.made_by:
            message.append(f"Run-Id: {draft.made_by}")
        branch.change(lambda parent: self._plan(name, parent), "\n".join(message) + "\n")
        if self._made is None:
            raise AssertionError("a change is planned before it is made")
        return self._made

    def _plan(self, branch: str, parent: str | None) -> dict[str, Content]:
        reader = Artifacts(self._repository)
        shelf = Shelf(branch, "", self._folder, {})
        if parent is not None:
            shelf = reader.at(parent, self._folder, branch)
        files: dict[str, Content] = {}
        latest = reader.latest(shelf)
        inside = {file.path: file for file in self._draft.files}
        if self._draft.incremental and latest is not None:
            inside = {file.path: file for file in latest.manifest.files} | inside
        digest = digest_of(inside.values())
        made = reader.with_id(shelf, self._draft.id) if self._again else None
        if made is not None:
            self._made = made.manifest
        elif latest is not None and latest.manifest.digest == digest:
            self._made = latest.manifest
        else:
            self._made = self._manifest(reader.highest(self._folder) + 1, inside, digest)
            files = self._version(self._made, latest, parent)
        aliases = reader.aliases(shelf)
        moved = aliases | dict.fromkeys(self._draft.aliases, self._made.version)
        if moved != aliases:
            files[f"{self._folder}/{ALIASES_FILE}"] = aliases_to_json(moved)
        return files

    def _manifest(self, version: int, files: Mapping[str, ArtifactFile], digest: str) -> Manifest:
        draft = self._draft
        return Manifest(
            id=draft.id,
            version=version,
            name=draft.name,
            type=draft.type,
            project=draft.project,
            created=draft.created,
            digest=digest,
            size=size_of(files.values()),
            files=tuple(files.values()),
            description=draft.description,
            metadata=draft.metadata,
            tags=draft.tags,
            made_by=draft.made_by,
        )

    def _version(
        self, manifest: Manifest, base: Stored | None, parent: str | None
    ) -> dict[str, Content]:
        """Return a new version's files by their path on the branch."""
        place = f"{self._folder}/v{manifest.version}"
        found: dict[str, Content] = {
            manifest_path(self._folder, manifest.version): manifest_to_json(manifest)
        }
        own = [file for file in manifest.files if file.md5]
        if self._draft.incremental and base is not None:
            self._keep(base)
        if len(own) <= _MANY and size_of(own) <= self._large.threshold and self._all_here(own):
            return found | {f"{place}/{file.path}": self._read(file) for file in own}
        entries = [(file.path, str(file.md5)) for file in own]
        pointer = self._data.put_folder(entries, f"v{manifest.version}", size_of(own))
        return found | {place + SUFFIX: pointer_to_dvc(pointer)} | self._large.branch_files(parent)

    def _keep(self, base: Stored) -> None:
        """Keep what of an earlier version stands in git, where DVC is to hold it from now on."""
        oids = base.in_git
        for path, content in zip(oids, self._repository.git.blobs(oids.values()), strict=True):
            self._data.add_bytes(content, path.rpartition("/")[2])

    def _all_here(self, files: Sequence[ArtifactFile]) -> bool:
        return all(self._data.objects.has(str(file.md5)) for file in files)

    def _read(self, file: ArtifactFile) -> bytes:
        return self._data.read(Pointer(file.path, str(file.md5), file.size or 0))


def change_aliases(
    repository: Repository,
    stored: Stored,
    add: Sequence[str],
    remove: Sequence[str],
    message: str | None = None,
) -> str:
    """
    Move aliases to a version, or take them away, in one commit on the branch that holds it.

    Parameters
    ----------
    repository : Repository
        Where to.
    stored : Stored
        The version.
    add, remove : sequence of str
        Aliases.
    message : str, optional
        Why; it stands in the commit.

    Returns
    -------
    str
        The branch that was changed.

    Raises
    ------
    GitrackError
        If it cannot be committed.
    """
    manifest, name = stored.manifest, stored.shelf.branch
    name = name[max(name.find(EXPERIMENTS), 0) :]
    reader = Artifacts(repository)

    def plan(parent: str | None) -> dict[str, Content]:
        if parent is None:
            raise ArtifactNotFoundError(manifest.label)
        aliases = reader.aliases(reader.at(parent, stored.shelf.path, name))
        moved = {alias: number for alias, number in aliases.items() if alias not in remove}
        moved |= dict.fromkeys(add, manifest.version)
        if moved == aliases:
            return {}
        return {f"{stored.shelf.path}/{ALIASES_FILE}": aliases_to_json(moved)}

    what = [f"is {alias}" for alias in add] + [f"is not {alias} any more" for alias in remove]
    lines = [f"{manifest.label} {', '.join(what)}", "", *([message, ""] if message else ())]
    lines += [f"Artifact: {manifest.full_name}", f"Version: v{manifest.version}"]
    lines += [f"Artifact-Id: {manifest.id}"]
    lines += [f"Alias: {alias}" for alias in add] + [f"Alias-Removed: {one}" for one in remove]
    Branch(repository, name).change(plan, "\n".join(lines) + "\n")
    return name
