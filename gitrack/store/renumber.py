"""Artifact versions that were made here and there under one number: ours take the next ones."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gitrack.errors import FormatError
from gitrack.store.schema import json_bytes, mapping_from_json

_VERSIONED = re.compile(r"([^/.][^/]*/artifacts/[^/]+/[^/]+)/v(\d+)(\.json|\.dvc|/.+)")
_NUMBER = re.compile(rb'^ "version": \d+(,?)$', re.MULTILINE)
_ALIASES = "aliases.json"


@dataclass
class Renumbered:
    """
    What becomes of versions whose number is taken.

    Attributes
    ----------
    changes : dict of str to (str, bytes or None)
        What changes on our branch by path: a blob's id, a content, None for what goes.
    aliases : dict of str to bytes
        Our ``aliases.json`` with the new numbers in it, by path.
    moved : list of str
        Each in one line, "p/artifacts/model/net: v3 is v4 now".
    """

    changes: dict[str, str | bytes | None] = field(default_factory=dict)
    aliases: dict[str, bytes] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)


def renumber(
    ours: Mapping[str, str | None],
    theirs: Mapping[str, str | None],
    base: Mapping[str, str | None],
    read: Callable[[str], bytes],
) -> Renumbered:
    """
    Give our new versions other numbers where theirs have the same ones.

    Records name a version by its id, so that nothing else has to change.

    Parameters
    ----------
    ours, theirs : mapping of str to (str or None)
        Blob ids of what each side changed, by path; None for what it removed.
    base : mapping of str to (str or None)
        What was there before, of these paths.
    read : callable
        Returns a blob's content.
    """
    result = Renumbered()
    numbers: dict[str, dict[int, int]] = {}
    for path, oid in ours.items():
        found = _VERSIONED.fullmatch(path)
        if not found or found[3] != ".json" or base.get(path) is not None or oid is None:
            continue
        if theirs.get(path) not in (None, oid):
            numbers.setdefault(found[1], {})[int(found[2])] = 0
    for folder, taken in numbers.items():
        free = 1 + max(_numbers(folder, (*ours, *theirs)))
        for number in sorted(taken):
            taken[number], free = free, free + 1
            result.moved.append(f"{folder}: v{number} from here is v{taken[number]} now")
        aliases = f"{folder}/{_ALIASES}"
        if (oid := ours.get(aliases)) is not None:
            before = base.get(aliases)
            contents = (read(before) if before else b"{}", read(oid))
            result.aliases[aliases] = _with_numbers(aliases, *contents, taken)
    for path in ours.keys() | theirs.keys():
        found = _VERSIONED.fullmatch(path)
        if not found or int(found[2]) not in numbers.get(found[1], {}):
            continue
        oid = ours.get(path)
        result.changes[path] = theirs.get(path)
        if oid is not None:
            number = numbers[found[1]][int(found[2])]
            moved: str | bytes = oid
            if found[3] == ".json":
                moved = _NUMBER.sub(rb' "version": %d\1' % number, read(oid), count=1)
            result.changes[f"{found[1]}/v{number}{found[3]}"] = moved
    return result


def _numbers(folder: str, paths: Iterable[str]) -> list[int]:
    found = (_VERSIONED.fullmatch(path) for path in paths)
    return [int(one[2]) for one in found if one and one[1] == folder]


def _with_numbers(path: str, before: bytes, content: bytes, numbers: Mapping[int, int]) -> bytes:
    """Let the aliases that we gave follow their versions."""
    try:
        old, new = mapping_from_json(before, path), mapping_from_json(content, path)
    except FormatError:
        return content
    for alias, number in new.items():
        if type(number) is int and number in numbers and old.get(alias) != number:
            new[alias] = numbers[number]
    return json_bytes(new)
