"""The artifacts of the stand-in: gitrack's, with what W&B's have beside."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gitrack.analysis.media import MediaCell, frame_from_table
from gitrack.errors import NotHereError
from gitrack.interop.standin.absent import Idle
from gitrack.interop.standin.media import Table
from gitrack.record.artifact import Artifact as OwnArtifact
from gitrack.record.media.base import Media
from gitrack.record.media.kinds import kind_of
from gitrack.record.notice import warn_once
from gitrack.record.session import session
from gitrack.store.history import read_parquet

#: Kinds that are made again from their file.
_FROM_FILE = {"audio", "html", "image", "molecule", "object3d", "video"}
_ENDINGS = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"), "image"),
    **dict.fromkeys((".mp4", ".webm", ".ogg"), "video"),
    **dict.fromkeys((".wav", ".flac", ".mp3"), "audio"),
    **dict.fromkeys((".glb", ".gltf", ".obj", ".stl", ".ply"), "object3d"),
    **dict.fromkeys((".pdb", ".sdf", ".cif", ".mol", ".mol2"), "molecule"),
    ".html": "html",
}


class Artifact(OwnArtifact):
    """An artifact that scripts for W&B can talk to: see `gitrack.Artifact`."""

    is_link = False
    digest_algorithm = "MD5"
    entity: str | None = None
    use_as: str | None = None
    url: str | None = None

    def get(self, name: str) -> Any:
        """
        Return media that was added, read back: a table, an image ….

        Parameters
        ----------
        name : str
            What it was added as.

        Returns
        -------
        Table, Image or other media, or None
            None where the artifact has none of that name.

        Raises
        ------
        NotLoggedError
            If it is a draft.
        """
        self.wait()
        paths = [path for path in self._files if path == name or path.rpartition(".")[0] == name]
        if not paths:
            return None
        path = next((one for one in paths if one == name), paths[0])
        folder = Path(self.download())
        if path.endswith(".parquet"):
            frame = frame_from_table(read_parquet((folder / path).read_bytes(), path))
            table = Table(columns=list(frame.columns))
            for row in frame.itertuples(index=False, name=None):
                table.add_data(*(_object(cell, folder) for cell in row))
            return table
        kind = _ENDINGS.get(Path(path).suffix.lower())
        return None if kind is None else _media(kind, folder / path)

    def new_draft(self) -> "Artifact":
        """Return a draft of the next version, with all that this one holds."""
        draft = Artifact(self._name, self._type, self.description, self.metadata)
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            self.download(folder, allow_missing_references=True)
            for path, file in self._files.items():
                if file.ref is not None:
                    draft.add_reference(file.ref, path, checksum=file.digest or False)
                else:
                    draft.add_file(Path(folder) / path, path)
        return draft

    def link(self, target_path: str, aliases: Sequence[str] | None = None) -> "Artifact":
        """Log it, its version called by the aliases: see `Run.link_artifact`."""
        run = session.run
        if run is None or not hasattr(run, "link_artifact"):
            warn_once("registry", f"link({target_path!r}): there is no registry to link to")
            return self
        run.link_artifact(self, target_path, aliases)
        return self

    def unlink(self) -> None:
        """Do nothing: nothing is linked."""

    def finalize(self) -> None:
        """Do nothing: content is kept when it is added."""

    def delete(self, delete_aliases: bool = False) -> None:  # noqa: ARG002
        """
        Refuse.

        Raises
        ------
        NotHereError
            Always: versions are dropped all at once, and only when asked for.
        """
        raise NotHereError("artifact.delete()", "`gitrack gc --artifacts N` drops old versions")

    @property
    def ttl(self) -> None:
        """None: versions are kept."""
        return

    @ttl.setter
    def ttl(self, _value: Any) -> None:
        warn_once("ttl", "artifact.ttl: versions are kept until `gitrack gc --artifacts` is asked")

    @property
    def updated_at(self) -> str | None:
        """When the version was logged: it is not changed."""
        return self.created_at

    @property
    def collection(self) -> SimpleNamespace:
        """Its name and type."""
        return SimpleNamespace(name=self._name, type=self._type)

    source_collection = collection
    linked_artifacts: Sequence[Any] = ()

    @property
    def source_project(self) -> str | None:
        """Its project."""
        return self.project

    @property
    def source_version(self) -> str:
        """Its version."""
        return self.version

    @property
    def source_qualified_name(self) -> str:
        """Its name, project and type in front."""
        return self.qualified_name

    def json_encode(self) -> dict[str, Any]:
        """Return what names it."""
        return {"_type": "artifact", "id": self.id, "name": self.name}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if hasattr(type(self), name):  # a property that had nothing to give says why
            return object.__getattribute__(self, name)
        return Idle(f"artifact.{name}", "gitrack does not know it")


def _object(cell: Any, folder: Path) -> Any:
    """Return a cell of a table as it was logged; media that cannot be made again by its path."""
    if not isinstance(cell, MediaCell) or cell.path is None:
        return cell
    place = folder / cell.path
    return _media(cell.type, place) if cell.type in _FROM_FILE else str(place)


def _media(kind: str, path: Path) -> Media:
    made: Any = kind_of(kind)
    return made(path.read_text("utf-8")) if kind == "html" else made(str(path))  # type: ignore[no-any-return]
