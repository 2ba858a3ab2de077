"""``v<N>.json`` and ``aliases.json``: what an artifact's folder says of it, strict and exact."""

import hashlib
import json
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from gitrack.errors import FormatError, NameRefusedError, NewerFormatError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.names import check_alias, check_artifact_name, check_path, check_run_id
from gitrack.store.layout import artifact_folder, split_artifact_path, version_of_manifest
from gitrack.store.schema import finite_json, strict_json

VERSION = 1
#: Pure steps that lift a manifest of version N to N + 1.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_WORDS = "not_finite"
_MD5 = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f]+")
_MOST = 1 << 60  # bytes, and more than any disk holds
_TEXT = 4096  # characters of a reference
_TROUBLE = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError,
    NameRefusedError,
)  # fmt: skip


def digest_of(files: Iterable[ArtifactFile]) -> str:
    """
    Return the digest over the files of an artifact: equal content, equal digest.

    Examples
    --------
    >>> one, two = ArtifactFile("a", "0" * 32, 1), ArtifactFile("b", "1" * 32, 1)
    >>> digest_of([one, two]) == digest_of([two, one])
    True
    """
    digest = hashlib.sha256()
    for file in sorted(files, key=_path_of):
        known = [file.path, file.md5] if file.ref is None else [file.path, file.ref, file.digest]
        digest.update(json.dumps(known).encode() + b"\n")
    return digest.hexdigest()


def size_of(files: Iterable[ArtifactFile]) -> int:
    """Return the bytes of all files whose size is known."""
    return sum(file.size or 0 for file in files)


def check_files(files: Sequence[ArtifactFile]) -> None:
    """
    Refuse files that cannot stand in one folder.

    Raises
    ------
    ValueError
        If two have one path, or one's path is a folder of another's.
    """
    # Sorted by its parts, a folder is followed by what is in it.
    for one, two in pairwise(sorted(file.path.split("/") for file in files)):
        if two[: len(one)] == one:
            raise ValueError(f"{'/'.join(one)!r} is there twice, or a file and a folder")


def manifest_to_json(manifest: Manifest) -> bytes:
    """Write a manifest, a line a file, so that git shows what differs between two versions."""
    metadata, words = strict_json(manifest.metadata)
    head: dict[str, Any] = {
        "format": VERSION,
        "id": manifest.id,
        "version": manifest.version,
        "name": manifest.name,
        "type": manifest.type,
        "project": manifest.project,
        "description": manifest.description,
        "metadata": metadata,
        "tags": list(manifest.tags),
        "created": datetime.fromtimestamp(manifest.created, UTC).isoformat(timespec="microseconds"),
        "made_by": manifest.made_by,
        "digest": manifest.digest,
        "size": manifest.size,
    }
    if words:
        head[_WORDS] = words
    lines = [f' "{key}": {_line(value)},' for key, value in head.items()]
    files = sorted(manifest.files, key=_path_of)
    inner = ",\n".join(f"  {_line(_file_to_json(file))}" for file in files)
    text = "\n".join(["{", *lines, f' "files": [\n{inner}\n ]' if files else ' "files": []', "}"])
    return text.encode("utf-8", "backslashreplace") + b"\n"


def manifest_from_json(content: bytes, path: str) -> Manifest:
    """
    Read a manifest.

    Parameters
    ----------
    content : bytes
        A manifest of this or an older format.
    path : str
        Where it lies on the branch, which it has to agree with.

    Raises
    ------
    NewerFormatError
        If a newer gitrack wrote it.
    FormatError
        If it is no manifest, or not that of this place.
    """
    try:
        record = json.loads(content, parse_constant=_refuse_word)
        version = _number(record["format"])
        if version <= VERSION:
            for step in range(version, VERSION):
                record = UPGRADES[step](record)
            return _checked(_manifest(record), path)
    except _TROUBLE as error:
        raise FormatError(path, f"is no manifest ({type(error).__name__}: {error})") from error
    raise NewerFormatError(path, version, VERSION)


def aliases_to_json(aliases: Mapping[str, int]) -> bytes:
    """Write which version each alias names."""
    text = json.dumps(dict(sorted(aliases.items())), indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def aliases_from_json(content: bytes, path: str) -> dict[str, int]:
    """
    Read which version each alias names.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    try:
        record = json.loads(content, parse_constant=_refuse_word)
        return {check_alias(alias): _number(version) for alias, version in record.items()}
    except _TROUBLE as error:
        raise FormatError(path, f"is no list of aliases ({error})") from error


def _manifest(record: dict[str, Any]) -> Manifest:
    metadata = finite_json(_is(record["metadata"], dict), record.get(_WORDS, []))
    made_by, description = record["made_by"], record["description"]
    return Manifest(
        id=check_run_id(record["id"]),
        version=_number(record["version"]),
        name=check_artifact_name(record["name"]),
        type=check_artifact_name(record["type"], "artifact type"),
        project=check_path(_is(record["project"], str)),
        created=datetime.fromisoformat(record["created"]).timestamp(),
        digest=_matching(_SHA256, record["digest"]),
        size=_number(record["size"]),
        files=tuple(map(_file_from_json, _is(record["files"], list))),
        description=None if description is None else _is(description, str),
        metadata=metadata,
        tags=tuple(_is(tag, str) for tag in _is(record.get("tags", []), list)),
        made_by=None if made_by is None else check_run_id(made_by),
    )


def _checked(manifest: Manifest, path: str) -> Manifest:
    """Refuse a manifest that disagrees with its place or with itself."""
    folder, inner = split_artifact_path(path) or ("", path)
    named = artifact_folder(manifest.project, manifest.type, manifest.name)
    if (folder, version_of_manifest(inner)) != (named, manifest.version):
        raise ValueError(f"it names {manifest.full_name} v{manifest.version}")
    check_files(manifest.files)
    if manifest.digest != digest_of(manifest.files):
        raise ValueError("its digest is not that of its files")
    if manifest.size != size_of(manifest.files):
        raise ValueError("its size is not that of its files")
    return manifest


def _file_to_json(file: ArtifactFile) -> dict[str, Any]:
    known = (
        {"md5": file.md5, "size": file.size}
        if file.ref is None
        else {"ref": file.ref, "digest": file.digest, "size": file.size}
    )
    return {"path": file.path, **{key: value for key, value in known.items() if value is not None}}


def _file_from_json(record: Any) -> ArtifactFile:
    path, size = check_path(_is(record["path"], str)), record.get("size")
    if "ref" not in record:
        return ArtifactFile(path, _matching(_MD5, record["md5"]), _number(size))
    if len(ref := _matching(_URI, record["ref"])) > _TEXT:
        raise ValueError("a reference is too long")
    digest = record.get("digest")
    return ArtifactFile(
        path,
        size=None if size is None else _number(size),
        ref=ref,
        digest=None if digest is None else _is(digest, str),
    )


def _path_of(file: ArtifactFile) -> str:
    return file.path


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise TypeError(f"{reprlib.repr(value)} is no number of at least 0")
    return value


def _is(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{reprlib.repr(value)} is no {kind.__name__}")
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{reprlib.repr(value)} is not of the form {pattern.pattern}")
    return value


def _refuse_word(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
