"""The files of an artifact, as a script names and adds them."""

import hashlib
import os
import posixpath
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from gitrack.errors import DataError, GitrackError, NameRefusedError, NotLoggedError, UsageError
from gitrack.model.artifact import ArtifactFile
from gitrack.model.names import check_path
from gitrack.record.media.base import RecordFiles, Spool, encode_item
from gitrack.record.media.kinds import media_from
from gitrack.record.notice import warn_once
from gitrack.record.redaction import redact
from gitrack.record.snapshot import is_secret_file
from gitrack.record.staging import keep, staging
from gitrack.store.external import local_path

if TYPE_CHECKING:
    from gitrack.record.artifact import Artifact
    from gitrack.store.data import DataStore

_POLICIES = ("mutable", "immutable", None)
_TMP_NAME = 20  # hex digits of the name that `is_tmp` gives
_MOST_OBJECTS = 10_000_000


class Entry:
    """
    One file of an artifact, or one reference.

    Attributes
    ----------
    path : str
        Its place inside the artifact.
    digest : str or None
        The md5 of a file; what a reference is known by.
    size : int or None
        Bytes, where known.
    ref : str or None
        The URI of a reference.
    """

    def __init__(self, file: ArtifactFile, parent: "Artifact | None" = None) -> None:
        self.file = file
        self.path = file.path
        self.digest = file.md5 or file.digest
        self.size = file.size
        self.ref = file.ref
        self._parent = parent

    @property
    def name(self) -> str:
        """Its path, by W&B's older word."""
        return self.path

    def parent_artifact(self) -> "Artifact":
        """
        Return the artifact that it belongs to.

        Raises
        ------
        NotLoggedError
            If it was only added to one.
        """
        if self._parent is None:
            raise NotLoggedError(self.path, "log the artifact first")
        return self._parent

    def ref_target(self) -> str:
        """
        Return what it refers to.

        Raises
        ------
        ValueError
            If it is a file.
        """
        if self.ref is None:
            raise UsageError(f"{self.path} is a file, and refers to nothing")
        return self.ref

    def download(
        self,
        root: str | None = None,
        skip_cache: bool | None = None,  # noqa: ARG002 - W&B's
        executor: Any = None,  # noqa: ARG002
    ) -> str:
        """Write the file below a folder, and return its path: see `Artifact.download`."""
        folder = self.parent_artifact().download(root, path_prefix=self.path)
        return os.path.join(folder, *self.path.split("/"))  # noqa: PTH118 - W&B gives text

    def __repr__(self) -> str:
        return f"<Entry {self.path}>"


class ManifestView:
    """What ``artifact.manifest`` gives: entries by their path."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)


class Entries:
    """
    What a draft holds, and the ways to add to it.

    Adding keeps the content as it is at that moment.
    """

    def __init__(self) -> None:
        self._files: dict[str, ArtifactFile] = {}
        self._data: DataStore | None = None
        self._sources: dict[str, Path] = {}  # where the content lies that no store keeps

    def add_file(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool | None = False,
        skip_cache: bool | None = False,  # noqa: ARG002 - W&B's cache is none of ours
        policy: str | None = "mutable",
        overwrite: bool = False,
    ) -> Entry:
        """
        Add a file.

        Parameters
        ----------
        local_path : path
            The file.
        name : str, optional
            Its place inside the artifact; its own name unless given.
        is_tmp : bool, optional
            Whether the name is made from the content.
        skip_cache : bool, optional
            Taken for W&B's sake.
        policy : {"mutable", "immutable"}
            Taken for W&B's sake: the content is kept as it is now.
        overwrite : bool
            Whether it may replace a file of other content.

        Raises
        ------
        ValueError
            If it is no file, the name or the policy cannot be, or other content has the name.
        """
        self._check_draft()
        _check_policy(policy)
        source = Path(local_path)
        if not source.is_file():
            raise UsageError(f"{source} is no file")
        path = _logical(name or source.name)
        file = self._keep(source, path)
        if is_tmp:
            folder, base = posixpath.split(path)
            suffix = base.partition(".")[2]
            base = f"{str(file.md5)[:_TMP_NAME]}.{suffix}" if suffix else str(file.md5)[:_TMP_NAME]
            file = ArtifactFile(posixpath.join(folder, base), file.md5, file.size)
        return self._add(file, source, overwrite=overwrite)

    def add_dir(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        skip_cache: bool | None = False,  # noqa: ARG002
        policy: str | None = "mutable",
        merge: bool = False,
    ) -> None:
        """
        Add the files below a folder; links to files are followed, links to folders are not.

        Parameters
        ----------
        local_path : path
            The folder.
        name : str, optional
            Its place inside the artifact; the top unless given.
        skip_cache : bool, optional
            Taken for W&B's sake.
        policy : {"mutable", "immutable"}
            Taken for W&B's sake.
        merge : bool
            Whether its files may replace others of other content.

        Raises
        ------
        ValueError
            If it is no folder, or other content has a file's name.
        """
        self._check_draft()
        _check_policy(policy)
        top = Path(local_path)
        if not top.is_dir():
            raise UsageError(f"{top} is no folder")
        for source in _below(top):
            inner = source.relative_to(top).as_posix()
            try:
                path = _logical(f"{name}/{inner}" if name else inner)
            except NameRefusedError as error:
                warn_once(f"artifact {inner}", f"{error}: left out of the artifact")
                continue
            self._add(self._keep(source, path), source, overwrite=merge)

    def add_reference(
        self,
        uri: "Entry | str",
        name: str | os.PathLike[str] | None = None,
        checksum: bool | str = True,
        max_objects: int | None = None,
    ) -> Sequence[Entry]:
        """
        Add what stays where it is: it is recorded, and never fetched on its own account.

        Parameters
        ----------
        uri : str or Entry
            ``file://…``, ``https://…``, ``s3://…`` or any other scheme; a folder of ``file://``
            gives an entry a file. Of another artifact's entry the content is shared.
        name : path, optional
            Its place inside the artifact; the last part of the URI unless given.
        checksum : bool or str
            Whether a file's content is digested. A text is the digest or etag that the content is
            known by, for whatever lies elsewhere: no server is asked.
        max_objects : int, optional
            The most files of a folder to take.

        Raises
        ------
        ValueError
            If it is no URI, or names no file that there is.
        """
        self._check_draft()
        if isinstance(uri, Entry) and uri.ref is None:
            return [self.add_file(uri.download(), os.fspath(name) if name else uri.path)]
        text = uri.ref_target() if isinstance(uri, Entry) else os.fspath(uri)
        scheme, server, way, _, _ = _split(text)
        if (kept := redact(text, "artifact reference")) != text:
            warn_once(f"reference {kept}", f"{kept} is recorded without its secret")
        place = None if name is None else os.fspath(name)
        if scheme == "file":
            limit = _MOST_OBJECTS if max_objects is None else max_objects
            found = _local_references(kept, place, checksum, limit)
        else:
            known = checksum if isinstance(checksum, str) else None
            base = way.rstrip("/").rpartition("/")[2] or server.rpartition("@")[2]
            found = [ArtifactFile(_logical(place or base), ref=kept, digest=known)]
        return [self._add(file, None, overwrite=True) for file in found]

    def add(self, obj: Any, name: str | os.PathLike[str], overwrite: bool = False) -> Entry:
        """
        Add media as a file: an image, a table, a figure ….

        Parameters
        ----------
        obj : Media, figure, image or DataFrame
            What would be taken by ``log``.
        name : path
            Its place inside the artifact; the file's ending is added where it lacks.
        overwrite : bool
            Whether it may replace a file of other content.

        Raises
        ------
        TypeError
            If it is no media.
        """
        import json

        self._check_draft()
        media = media_from(obj)
        if media is None:
            raise TypeError(f"a {type(obj).__name__} is no media: add_file takes any file")
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            spool, files = Spool(Path(folder)), RecordFiles(Path(folder))
            made = encode_item(media.spool(spool), spool, files)
            own = made.get("path")
            if own is None:
                own = "item.json"
                files.folder.mkdir(exist_ok=True)
                (files.folder / own).write_text(json.dumps(made), "utf-8")
            suffix = Path(own).suffix
            path = _logical(os.fspath(name))
            path = path if path.endswith(suffix) else path + suffix
            for source in _below(files.folder):
                inner = source.relative_to(files.folder).as_posix()
                if inner != own:  # what the cells of a table name
                    self._add(self._keep(source, inner), None, overwrite=True)
            return self.add_file(files.folder / own, path, overwrite=overwrite)

    @contextmanager
    def new_file(
        self,
        name: str,
        mode: str = "x",
        encoding: str | None = None,
        policy: str = "mutable",
    ) -> Iterator[IO[Any]]:
        """
        Open a new file that is added when it is closed.

        Parameters
        ----------
        name : str
            Its place inside the artifact.
        mode : str
            "x" for a new one, "w" for one that may replace another; with "b" for bytes.
        encoding : str, optional
            Of its text; UTF-8 unless given.
        policy : {"mutable", "immutable"}
            Taken for W&B's sake.

        Raises
        ------
        ValueError
            If the name cannot be, or is taken.
        """
        self._check_draft()
        path = _logical(name)
        if "x" in mode and path in self._files:
            raise UsageError(f"{path} is in the artifact already")
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            place = Path(folder) / path.rpartition("/")[2]
            text = None if "b" in mode else encoding or "utf-8"
            with place.open(mode, encoding=text) as file:
                yield file
            self.add_file(place, path, policy=policy, overwrite="x" not in mode)

    def remove(self, item: "str | os.PathLike[str] | Entry") -> None:
        """
        Take a file, or all below a folder, out of the draft.

        Raises
        ------
        FileNotFoundError
            If nothing is there.
        """
        self._check_draft()
        path = item.path if isinstance(item, Entry) else _logical(os.fspath(item))
        found = [own for own in self._files if own == path or own.startswith(f"{path}/")]
        if not found:
            raise FileNotFoundError(f"{path} is not in the artifact")
        for own in found:
            del self._files[own]

    def _check_draft(self) -> None:
        raise NotImplementedError

    def _keep(self, source: Path, path: str) -> ArtifactFile:
        """Keep content; where that fails the file is left out, with a warning."""
        if any(map(is_secret_file, {path.rpartition("/")[2], source.name})):
            warn_once(f"artifact {path}", f"{path} is a secret by its name: left out")
            return ArtifactFile(path)
        try:
            if self._data is None and not self._files:
                self._data = staging.data()
            return keep(self._data, source, path)
        except (GitrackError, OSError) as error:
            warn_once(f"artifact {path}", f"{path} is left out of the artifact: {error}")
            return ArtifactFile(path)

    def _add(self, file: ArtifactFile, source: Path | None, *, overwrite: bool) -> Entry:
        if file.md5 is None and file.ref is None:
            return Entry(file)
        there = self._files.get(file.path)
        if there is not None and there != file and not overwrite:
            raise UsageError(f"{file.path} is in the artifact already, with other content")
        self._files[file.path] = file
        if source is not None:
            self._sources[file.path] = source
        return Entry(file)


def _local_references(
    uri: str, name: str | None, checksum: bool | str, limit: int
) -> list[ArtifactFile]:
    """Return references to a file, or to the files below a folder."""
    try:
        top = local_path(uri)
    except DataError as error:
        raise UsageError(str(error)) from error
    if not top.exists():
        if checksum is True:
            raise UsageError(f"{uri}: there is no such file")
        known = checksum if isinstance(checksum, str) else None
        return [ArtifactFile(_logical(name or top.name), ref=uri, digest=known)]
    if not top.is_dir() or checksum is False:
        return [_local_reference(top, _logical(name or top.name), checksum)]
    found: list[ArtifactFile] = []
    for source in _below(top):
        if len(found) == limit:
            warn_once(f"reference {uri}", f"{uri}: only the first {limit} files are recorded")
            break
        inner = source.relative_to(top).as_posix()
        found.append(_local_reference(source, _logical(f"{name}/{inner}" if name else inner), True))
    return found


def _local_reference(source: Path, path: str, checksum: bool | str) -> ArtifactFile:
    uri, size = source.absolute().as_uri(), source.stat().st_size if source.is_file() else None
    if isinstance(checksum, str):
        return ArtifactFile(path, size=size, ref=uri, digest=checksum)
    if not checksum:
        return ArtifactFile(path, size=size, ref=uri)
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return ArtifactFile(path, size=size, ref=uri, digest=digest.hexdigest())


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise UsageError(f"{uri!r} is no URI: {error}") from error
    if not parts.scheme:
        raise UsageError(f"{uri!r} is no URI: a local file is file:///…")
    return parts


def _logical(name: str) -> str:
    """Return a path inside an artifact, or refuse it."""
    path = posixpath.normpath(name.replace(os.sep, "/")) if name else name
    return check_path(path)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file():
                yield path


def _check_policy(policy: str | None) -> None:
    if policy not in _POLICIES:
        raise UsageError(f"policy {policy!r} is neither 'mutable' nor 'immutable'")
