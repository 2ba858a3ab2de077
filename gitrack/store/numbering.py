"""Versions that two machines gave one number: the remote's keep it, ours move on."""

from collections.abc import Mapping
from dataclasses import replace

from gitrack.errors import FormatError
from gitrack.model.artifact import Manifest
from gitrack.store.layout import (
    ALIASES_FILE,
    manifest_path,
    split_artifact_path,
    version_of_manifest,
)
from gitrack.store.manifests import (
    aliases_from_json,
    aliases_to_json,
    manifest_from_json,
    manifest_to_json,
)
from gitrack.store.pointers import SUFFIX, pointer_from_dvc, pointer_to_dvc

#: What changes on a branch by its path; None for what goes.
Changes = dict[str, bytes | None]


def renumbered(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> Changes:
    """
    Return what has to change on our side, so that both sides' versions stand beside each other.

    Where one number means two versions, ours from that number on get the numbers after the
    remote's last, in their order, with their files and aliases. One number with equal content is
    one version: the remote's. Runs refer to versions by id, and stay as they are.

    Parameters
    ----------
    ours, theirs : mapping of str to bytes
        The files of artifacts by their path on the branch. Folders that are equal on both sides
        may be left out. Only manifests, aliases and what moves are read, so a mapping that reads
        when it is asked will do.

    Returns
    -------
    dict of str to bytes or None
        Files of our branch by their path; None for what goes.
    """
    changes: Changes = {}
    names = _by_folder(theirs)
    for folder, own in _by_folder(ours).items():
        if folder in names:
            changes |= _of_folder(folder, own, names[folder], ours, theirs)
    return changes


def _by_folder(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in files:
        if split := split_artifact_path(path):
            found.setdefault(split[0], []).append(split[1])
    return found


def _of_folder(
    folder: str,
    own: list[str],
    other: list[str],
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
) -> Changes:
    mine, known = _numbers(own), _numbers(other)
    changes: Changes = {}
    first = None
    new = [number for number in mine if number not in known]
    for number in (number for number in mine if number in known):
        path = manifest_path(folder, number)
        if ours[path] == theirs[path]:
            continue
        one, two = _read(ours[path], path), _read(theirs[path], path)
        if two is None:  # damaged: nothing good gives way to it, and nothing of it is known
            continue
        if one is None or one.id == two.id or one.digest == two.digest:
            changes[path] = theirs[path]
        else:
            first = number if first is None else first
            new.append(number)
    if first is None:
        return changes
    moving = sorted(number for number in new if number >= first)
    moved = {number: max(known) + place for place, number in enumerate(moving, 1)}
    for number in moving:
        changes |= dict.fromkeys(_files(folder, own, number))
    for number, to in moved.items():
        changes |= _moved(folder, own, number, to, ours)
    return changes | _aliases(folder, moved, ours)


def _numbers(inner: list[str]) -> list[int]:
    return sorted(n for n in map(version_of_manifest, inner) if n is not None)


def _read(content: bytes, path: str) -> Manifest | None:
    try:
        return manifest_from_json(content, path)
    except FormatError:
        return None


def _files(folder: str, own: list[str], number: int) -> list[str]:
    """Return the paths of everything that belongs to a version of ours."""
    label = f"v{number}"
    return [
        f"{folder}/{inner}"
        for inner in own
        if inner in (f"{label}.json", f"{label}{SUFFIX}") or inner.startswith(f"{label}/")
    ]


def _moved(
    folder: str, own: list[str], number: int, to: int, ours: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return a version's files under another number."""
    before, after = f"{folder}/v{number}", f"{folder}/v{to}"
    found = {}
    for path in _files(folder, own, number):
        content, place = ours[path], after + path.removeprefix(before)
        if path == f"{before}.json":
            if manifest := _read(content, path):
                content = manifest_to_json(replace(manifest, version=to))
        elif path == f"{before}{SUFFIX}":
            pointer = pointer_from_dvc(content, path)
            content = pointer_to_dvc(replace(pointer, name=f"v{to}"))
        found[place] = content
    return found


def _aliases(folder: str, moved: Mapping[int, int], ours: Mapping[str, bytes]) -> Changes:
    path = f"{folder}/{ALIASES_FILE}"
    if path not in ours:
        return {}
    try:
        aliases = aliases_from_json(ours[path], path)
    except FormatError:
        return {}
    now = {alias: moved.get(number, number) for alias, number in aliases.items()}
    return {path: aliases_to_json(now)} if now != aliases else {}
