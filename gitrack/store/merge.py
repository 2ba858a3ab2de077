"""Two edits of one file, joined key by key: pure, over contents."""

import json
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitrack.errors import FormatError
from gitrack.store.layout import (
    CONFIG_FILE,
    CONSOLE_FILE,
    MEDIA_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    split_path,
)
from gitrack.store.schema import (
    config_from_yaml,
    config_to_yaml,
    finite_json,
    json_bytes,
    mapping_from_json,
    record_from_json,
    strict_json,
)

#: Who wins where both changed one thing: "ours" is the branch that is written.
Side = Literal["ours", "theirs"]

_APPENDED = frozenset((MEDIA_FILE, CONSOLE_FILE))
# lists of run.json whose order says nothing
_SETS = frozenset(("tags", "missing", "alerts", "redacted"))
_DVC_CONFIG = ".dvc/config"
_SHOWN = 60  # characters of a value in a message


class _Gone:
    def __repr__(self) -> str:
        return "removed"


_GONE = _Gone()


@dataclass(frozen=True, slots=True)
class Clash:
    """
    One thing that was changed here and there, to different values.

    Attributes
    ----------
    path : str
        The file on the branch, or a run's folder.
    key : str
        The key inside it, ``.`` between levels; empty for the whole file or run.
    ours, theirs : str
        The two values, in one line each.
    """

    path: str
    key: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        """Say it in one line."""
        split = split_path(self.path)
        what = self.path if split is None else f"run {split[0].rpartition('/')[2]}: {split[1]}"
        key = f" {self.key}" if self.key else ""
        return f"{what}{key}: {self.ours} here, {self.theirs} there"


def merge_file(
    path: str, base: bytes | None, ours: bytes, theirs: bytes, prefer: Side | None = None
) -> tuple[bytes, list[Clash]]:
    """
    Join two edits of one file.

    Parameters
    ----------
    path : str
        Where it lies on the branch, which tells its kind.
    base : bytes or None
        What both began from; None where both made the file.
    ours, theirs : bytes
        The two edits.
    prefer : {"ours", "theirs"}, optional
        Who wins where both changed one thing.

    Returns
    -------
    content : bytes
        The joined file; with clashes, our values stand in it unless theirs are preferred.
    clashes : list of Clash
        What both changed to different values, whoever won.
    """
    name = posixpath.basename(path)
    split = split_path(path)
    try:
        if split is not None and split[1] == CONFIG_FILE:
            return _mappings(path, (base, ours, theirs), config_from_yaml, config_to_yaml, prefer)
        if split is not None and split[1] in _APPENDED:
            return _appended(path, base or b"", ours, theirs, prefer)
        if path == _DVC_CONFIG:
            return _mappings(path, (base, ours, theirs), _config_from_ini, _config_to_ini, prefer)
        if split is None and name.endswith(".json"):
            files = (base, ours, theirs)
            return _mappings(path, files, mapping_from_json, json_bytes, prefer)
    except FormatError as error:
        return _whole(path, ours, theirs, prefer, error.reason)
    return _whole(path, ours, theirs, prefer)


def merge_results(
    folder: str,
    base: Mapping[str, bytes],
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    prefer: Side | None = None,
) -> tuple[dict[str, bytes], list[Clash]]:
    """
    Join two edits of a run's ``run.json`` and ``metrics.json``.

    They belong together: the one lists which words of the other stand for NaN and infinities.

    Parameters
    ----------
    folder : str
        The run's folder on the branch.
    base, ours, theirs : mapping of str to bytes
        The two files by name, where they are there; `base` is empty where both made the run.
    prefer : {"ours", "theirs"}, optional
        Who wins where both changed one key.

    Returns
    -------
    files : dict of str to bytes
        The joined files by name.
    clashes : list of Clash
        The keys that both changed to different values.
    """
    run_path, summary_path = f"{folder}/{RUN_FILE}", f"{folder}/{SUMMARY_FILE}"
    try:
        versions = [_results(folder, files) for files in (base, ours, theirs)]
    except FormatError as error:
        merged = {}
        clashes: list[Clash] = []
        for name in (RUN_FILE, SUMMARY_FILE):
            one, other = ours.get(name), theirs.get(name)
            if one is not None and other is not None and one != other:
                path = f"{folder}/{name}"
                merged[name], more = _whole(path, one, other, prefer, error.reason)
                clashes += more
        return merged, clashes
    records, summaries = zip(*versions, strict=True)
    of_run, of_summary = _Merger(run_path, prefer, _SETS), _Merger(summary_path, prefer)
    record = of_run.mapping((), *records)
    summary, words = strict_json(of_summary.mapping((), *summaries))
    if words:
        record["not_finite"] = words
    files = {RUN_FILE: json_bytes(record)}
    if SUMMARY_FILE in ours or SUMMARY_FILE in theirs:
        files[SUMMARY_FILE] = json_bytes(summary)
    return files, of_run.clashes + of_summary.clashes


def _results(folder: str, files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read both files, NaN and infinities in their places."""
    path = f"{folder}/{RUN_FILE}"
    record = record_from_json(files[RUN_FILE], path) if RUN_FILE in files else {}
    words = record.pop("not_finite", [])
    path = f"{folder}/{SUMMARY_FILE}"
    summary = mapping_from_json(files.get(SUMMARY_FILE, b"{}"), path)
    try:
        return record, finite_json(summary, words)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(path, f"is no summary ({error})") from error


class _Merger:
    """One file's merge: values by key, and what clashed."""

    def __init__(self, path: str, prefer: Side | None, sets: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._prefer = prefer
        self._sets = sets
        self.clashes: list[Clash] = []

    def mapping(
        self, key: tuple[str, ...], base: Mapping[str, Any], ours: Any, theirs: Any
    ) -> dict[str, Any]:
        """Join two mappings: keys in the base's order, new ones by name, whoever asks."""
        news = {name for side in (ours, theirs) for name in side if name not in base}
        merged = {}
        for name in (*base, *sorted(news)):
            sides = (side.get(name, _GONE) for side in (base, ours, theirs))
            value = self._value((*key, name), *sides)
            if value is not _GONE:
                merged[name] = value
        return merged

    def _value(self, key: tuple[str, ...], base: Any, ours: Any, theirs: Any) -> Any:
        if _same(ours, theirs) or _same(base, theirs):
            return ours
        if _same(base, ours):
            return theirs
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self.mapping(key, base if isinstance(base, dict) else {}, ours, theirs)
        if key[0] in self._sets and isinstance(ours, list) and isinstance(theirs, list):
            return _union(base if isinstance(base, list) else (), ours, theirs)
        self.clashes.append(Clash(self._path, ".".join(key), _shown(ours), _shown(theirs)))
        return theirs if self._prefer == "theirs" else ours


def _union(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Join two lists as sets: what either side removed goes, what either added comes."""
    before, here, there = ({_text(item): item for item in side} for side in (base, ours, theirs))
    added = {**here, **there}
    kept = [item for text, item in before.items() if text in here and text in there]
    return kept + [added[text] for text in sorted(added.keys() - before.keys())]


def _mappings(
    path: str,
    files: tuple[bytes | None, bytes, bytes],
    load: Callable[[bytes, str], dict[str, Any]],
    dump: Callable[[Mapping[str, Any]], bytes],
    prefer: Side | None,
) -> tuple[bytes, list[Clash]]:
    base, ours, theirs = ({} if file is None else load(file, path) for file in files)
    merger = _Merger(path, prefer)
    return dump(merger.mapping((), base, ours, theirs)), merger.clashes


def _appended(
    path: str, base: bytes, ours: bytes, theirs: bytes, prefer: Side | None
) -> tuple[bytes, list[Clash]]:
    """Join two files that only grew; the order of the new parts does not depend on who asks."""
    if not (ours.startswith(base) and theirs.startswith(base)):
        return _whole(path, ours, theirs, prefer)
    first, second = sorted(side[len(base) :] for side in (ours, theirs))
    if second.startswith(first):  # one has all that the other has
        return base + second, []
    seen = set(first.splitlines())
    rest = b"".join(
        line for line in second.splitlines(keepends=True) if line.strip(b"\r\n") not in seen
    )
    gap = b"" if not first or first.endswith(b"\n") else b"\n"
    return base + first + gap + rest, []


def _whole(
    path: str, ours: bytes, theirs: bytes, prefer: Side | None, reason: str = ""
) -> tuple[bytes, list[Clash]]:
    """Let one of two files stand."""
    if ours == theirs:
        return ours, []
    why = f" ({reason})" if reason else ""
    clash = Clash(path, "", f"{len(ours):,} bytes", f"{len(theirs):,} other bytes{why}")
    return (theirs if prefer == "theirs" else ours), [clash]


def _config_from_ini(content: bytes, path: str) -> dict[str, Any]:
    import configparser

    parser = configparser.RawConfigParser(default_section="\0")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(content.decode())
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except (configparser.Error, UnicodeDecodeError) as error:
        raise FormatError(path, f"is no configuration ({error})") from error


def _config_to_ini(config: Mapping[str, Any]) -> bytes:
    lines = []
    for section, values in config.items():
        lines.append(f"[{section}]")
        lines += [f"    {key} = {value}" for key, value in values.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are one: 1, 1.0 and True are three, NaN is itself."""
    return one is other or (_GONE not in (one, other) and _text(one) == _text(other))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _shown(value: Any) -> str:
    text = repr(value) if value is _GONE else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
