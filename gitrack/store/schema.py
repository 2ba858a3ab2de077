"""``run.json``, ``params.yaml`` and ``metrics.json``: text forms of a run, strict and exact."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from types import NoneType
from typing import Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.run import Run, State
from gitrack.store.fields import TIMES, field_from, run_fields, seconds_from
from gitrack.store.plain_yaml import plain_yaml

VERSION = 1
#: Pure steps that lift a record of version N to N + 1.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_DEPTH = 200
_DIGITS, _LONG_NUMBER = bytes.maketrans(b"123456789", b"000000000"), b"0" * 19
_SCALARS = frozenset((str, float, int, bool, NoneType))


def run_to_json(run: Run, summary: Mapping[str, Any]) -> bytes:
    """Write a run; `summary` tells which of its values ``metrics.json`` holds as words."""
    record: dict[str, Any] = {"format": VERSION, **asdict(run)}
    for key in TIMES:
        record[key] = _iso(record[key])
    if words := strict_json(summary)[1]:
        record["not_finite"] = words
    return json_bytes(record)


def run_from_json(content: bytes, path: str) -> tuple[Run, list[str]]:
    """
    Read a run.

    Parameters
    ----------
    content : bytes
        A ``run.json`` of this or an older format.
    path : str
        Where it lies, for the error's sake.

    Returns
    -------
    run : Run
        The run.
    not_finite : list of str
        JSON pointers into ``metrics.json`` whose words stand for NaN and infinities.

    Raises
    ------
    NewerFormatError
        If a newer gitrack wrote it.
    FormatError
        If it is not a run.
    """
    record = record_from_json(content, path)
    try:
        return _run_from_record(record), list(record.get("not_finite", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(path, f"is no run record ({type(error).__name__}: {error})") from error


def record_from_json(content: bytes, path: str) -> dict[str, Any]:
    """
    Read a ``run.json`` as it stands, lifted to this format, with keys that we do not know.

    Raises
    ------
    NewerFormatError
        If a newer gitrack wrote it.
    FormatError
        If it is no run's.
    """
    try:
        record: dict[str, Any] = _loads(content, parse_constant=_refuse_word)
        version = field_from("format", record["format"], int, optional=False, many=False)
        if version <= VERSION:
            for step in range(version, VERSION):
                record = UPGRADES[step](record)
            return record
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(path, f"is no run record ({type(error).__name__}: {error})") from error
    raise NewerFormatError(path, version, VERSION)


def mapping_from_json(content: bytes, path: str) -> dict[str, Any]:
    """
    Read a JSON object.

    Raises
    ------
    FormatError
        If it is none.
    """
    try:
        tree = json.loads(content, parse_constant=_refuse_word)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"is no JSON object ({error})") from error
    return _plain_mapping(tree, path)


def edited_run_json(
    content: bytes, path: str, change: Callable[[Run], Mapping[str, object]]
) -> bytes:
    """
    Write a run's record with some of its fields changed.

    All other fields stay as they are, those included that this version knows nothing of.

    Parameters
    ----------
    content : bytes
        A ``run.json`` of this or an older format.
    path : str
        Where it lies, for the error's sake.
    change : callable
        Takes the run and returns the new values of fields, as JSON holds them.

    Returns
    -------
    bytes
        The new record; `content` itself where nothing changes.

    Raises
    ------
    NewerFormatError
        If a newer gitrack wrote it.
    FormatError
        If it is not a run.
    """
    run, _ = run_from_json(content, path)
    fields = change(run)
    if not fields:
        return content
    try:
        return json_bytes({**json.loads(content), **fields})
    except ValueError as error:  # a number beyond what a float holds
        raise FormatError(path, f"cannot be written again ({error})") from error


def _run_from_record(record: dict[str, Any]) -> Run:
    times = {key: seconds_from(record.get(key)) for key in TIMES}
    parts = {"code": record.get("code", {}), "host": record.get("host", {})}
    return Run(**run_fields({**record, **times, **parts, "state": State(record["state"])}))


def _loads(content: bytes, **options: Any) -> Any:
    """Read JSON as `json.loads` does, nearly always with the quicker reader."""
    # An integer of more than 64 bits is all that both accept and do not read alike.
    if _LONG_NUMBER not in content.translate(_DIGITS):
        import orjson

        try:
            return orjson.loads(content)
        except ValueError:
            pass
    return json.loads(content, **options)


def _refuse_word(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def summary_to_json(summary: Mapping[str, Any]) -> bytes:
    """Write a summary as strict JSON; NaN and infinities become words that ``run.json`` lists."""
    return json_bytes(strict_json(summary)[0])


def summary_from_json(content: bytes, not_finite: list[str], path: str) -> dict[str, Any]:
    """
    Read a summary, with its NaN and infinities back in place.

    Raises
    ------
    FormatError
        If it is no JSON object.
    """
    try:
        summary = finite_json(_loads(content), not_finite)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise FormatError(path, f"is no summary ({error})") from error
    return _plain_mapping(summary, path)


def config_to_yaml(config: Mapping[str, Any]) -> bytes:
    """Write a config, nested as logged."""
    import yaml

    return bytes(
        yaml.dump(
            dict(config),
            Dumper=_dumper(),
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            encoding="utf-8",
        )
    )


def config_from_yaml(content: bytes, path: str) -> dict[str, Any]:
    """
    Read a config.

    Raises
    ------
    FormatError
        If it is no YAML mapping of plain values, or holds aliases.
    """
    if (plain := plain_yaml(content.decode("utf-8", "replace"))) is not None:
        return plain
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        trouble = _trouble_in(content, loader)
        config = None if trouble else yaml.load(content, Loader=loader)  # noqa: S506 - a safe one
    except (yaml.YAMLError, RecursionError) as error:
        raise FormatError(path, "is no YAML") from error
    except ValueError as error:  # a date that is none
        raise FormatError(path, f"is no config ({error})") from error
    if trouble:
        raise FormatError(path, trouble)
    return _plain_mapping({} if config is None else config, path)


def _trouble_in(content: bytes, loader: Any) -> str | None:
    """
    Name what no recorder writes and what loading would not survive.

    Nested aliases grow without bounds, and libyaml's loader calls itself for every level.
    """
    import yaml

    # Brackets and columns are what nests; most configs have too few of them to look closer.
    most = content.count(b"[") + content.count(b"{") + max(map(len, content.split(b"\n")))
    if most <= _DEPTH and b"*" not in content:
        return None
    depth = 0
    for event in yaml.parse(content, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            return "has aliases"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH:
            return "is nested too deep"
    return None


def _plain_mapping(tree: Any, path: str) -> dict[str, Any]:
    """Refuse what no recorder writes, so that nobody who walks the tree has to."""
    if not isinstance(tree, dict):
        raise FormatError(path, "is no mapping")
    if _SCALARS.issuperset(map(type, tree.values())) and {str}.issuperset(map(type, tree)):
        return tree
    layer: list[Any] = [tree]
    for _ in range(_DEPTH):
        inner: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                for key in value:
                    if not isinstance(key, str):
                        raise FormatError(path, f"the key {key!r} is no text")
                inner += value.values()
            elif isinstance(value, list):
                inner += value
            elif not isinstance(value, str | float | int | None):  # a bool is an int
                raise FormatError(path, f"{value!r} is no plain value")
        if not inner:
            return tree
        layer = inner
    raise FormatError(path, "is nested too deep")


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Write a mapping as every JSON file of a record is written."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def strict_json(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """
    Replace NaN and infinities, which JSON has not, by words.

    Returns
    -------
    strict : dict
        The same tree with "NaN", "Infinity" and "-Infinity" in their places.
    pointers : list of str
        Where these stand: JSON pointers without the leading slash.

    Examples
    --------
    >>> strict_json({"loss": float("nan"), "a/b": [1.0, float("inf")]})
    ({'loss': 'NaN', 'a/b': [1.0, 'Infinity']}, ['loss', 'a~1b/1'])
    """
    pointers: list[str] = []

    def strict(value: Any, pointer: str) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            pointers.append(pointer)
            if math.isnan(value):
                return "NaN"
            return "Infinity" if value > 0 else "-Infinity"
        if isinstance(value, dict):
            return {k: strict(v, f"{pointer}/{_escape(k)}") for k, v in value.items()}
        if isinstance(value, list):
            return [strict(v, f"{pointer}/{i}") for i, v in enumerate(value)]
        return value

    return {key: strict(value, _escape(key)) for key, value in tree.items()}, pointers


def finite_json(tree: Any, pointers: Iterable[str]) -> Any:
    """
    Put NaN and infinities back where `strict_json` wrote words; the tree itself is changed.

    Raises
    ------
    KeyError, IndexError, TypeError, ValueError
        If a pointer points at no such word.
    """
    for pointer in pointers:
        *way, last = (_unescape(part) for part in pointer.split("/"))
        place = tree
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key = int(last) if isinstance(place, list) else last
        place[key] = _NOT_FINITE[place[key]]
    return tree


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


# Words that YAML 1.2 readers, DVC's among them, take for numbers though YAML 1.1 does not.
_NUMBER_LIKE = re.compile(r"[-+]?(\d[\d_]*(\.\d*)?([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|0o[0-7]+)")


def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]
        def ignore_aliases(self, _data: Any) -> bool:
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "'" if _NUMBER_LIKE.fullmatch(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
