"""What an artifact is: versions of a set of files, and the runs that made and used them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """
    One file of an artifact, or a reference to something that lies elsewhere.

    Attributes
    ----------
    path : str
        Its place inside the artifact.
    md5 : str or None
        The content's digest, 32 hex digits; None for a reference.
    size : int or None
        Bytes; None for a reference whose size nobody knows.
    ref : str or None
        The URI of what lies elsewhere; None for a file.
    digest : str or None
        What a reference's content is known by: an md5, an etag, whatever was recorded.
    """

    path: str
    md5: str | None = None
    size: int | None = None
    ref: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    One version of an artifact, never changed once it is committed.

    Attributes
    ----------
    id : str
        Unique for ever; what runs refer to, whatever number the version has.
    version : int
        0 or more.
    name, type, project : str
        Folders on the branch: ``<project>/artifacts/<type>/<name>/``.
    created : float
        Seconds since the epoch, UTC.
    digest : str
        SHA-256 over all files; equal content has an equal digest.
    size : int
        Bytes, all files whose size is known together.
    files : sequence of ArtifactFile
        Sorted by path.
    description : str or None
        Free text.
    metadata : mapping of str to Any
        What its maker said of it.
    tags : sequence of str
        Labels.
    made_by : str or None
        The id of the run that logged it.
    """

    id: str
    version: int
    name: str
    type: str
    project: str
    created: float
    digest: str
    size: int
    files: Sequence[ArtifactFile] = ()
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    made_by: str | None = None

    @property
    def full_name(self) -> str:
        """Project, type and name with slashes between."""
        return f"{self.project}/{self.type}/{self.name}"

    @property
    def label(self) -> str:
        """Name and version: ``model:v3``."""
        return f"{self.name}:v{self.version}"


@dataclass(frozen=True, slots=True)
class ArtifactUse:
    """
    A version that a run made or used.

    Attributes
    ----------
    id : str
        The version's id.
    name : str
        ``<project>/<type>/<name>``.
    version : int
        Its number when the run ended.
    digest : str
        Its digest.
    use : str
        "output" or "input".
    """

    id: str
    name: str
    version: int
    digest: str
    use: str

    def is_of(self, manifest: Manifest) -> bool:
        """
        Tell whether it means a version.

        Two machines that log equal content give it two ids, of which one stays when they meet.
        """
        known = (manifest.full_name, manifest.version, manifest.digest)
        return self.id == manifest.id or (self.name, self.version, self.digest) == known
