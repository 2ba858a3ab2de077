"""``run.json``, ``params.yaml`` and ``metrics.json``: text forms of a run, strict and exact."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.run import Code, Host, Run, State

VERSION = 1
#: Pure steps that lift a record of version N to N + 1.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_TIMES = ("created", "ended")


def run_to_json(run: Run, summary: Mapping[str, Any]) -> bytes:
    """Write a run; `summary` tells which of its values ``metrics.json`` holds as words."""
    record: dict[str, Any] = {"format": VERSION, **asdict(run)}
    for key in _TIMES:
        record[key] = _iso(record[key])
    if words := strict_json(summary)[1]:
        record["not_finite"] = words
    return _dump(record)


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
    try:
        record = json.loads(content)
        version = record["format"]
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise FormatError(path, f"{version!r} is no format version")
        if version > VERSION:
            raise NewerFormatError(path, version, VERSION)
        for step in range(version, VERSION):
            record = UPGRADES[step](record)
        return _run_from_record(record), list(record.get("not_finite", ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(path, f"is no run record ({type(error).__name__}: {error})") from error


def _run_from_record(record: dict[str, Any]) -> Run:
    known = {name: record[name] for name in Run.__dataclass_fields__ if name in record}
    known["state"] = State(known["state"])
    for key in _TIMES:
        known[key] = _seconds(known.get(key))
    known["tags"] = tuple(str(tag) for tag in known.get("tags", ()))
    known["command"] = tuple(str(word) for word in known.get("command", ()))
    known["missing"] = tuple(str(line) for line in known.get("missing", ()))
    code, host = known.get("code", {}), known.get("host", {})
    known["code"] = Code(**{k: v for k, v in code.items() if k in Code.__dataclass_fields__})
    host = {k: v for k, v in host.items() if k in Host.__dataclass_fields__}
    known["host"] = Host(**{**host, "gpus": tuple(host.get("gpus", ()))})
    for key in ("id", "project", "name"):
        if not isinstance(known[key], str):
            raise TypeError(f"{key} is not text")
    return Run(**known)


def summary_to_json(summary: Mapping[str, Any]) -> bytes:
    """Write a summary as strict JSON; NaN and infinities become words that ``run.json`` lists."""
    return _dump(strict_json(summary)[0])


def summary_from_json(content: bytes, not_finite: list[str], path: str) -> dict[str, Any]:
    """
    Read a summary, with its NaN and infinities back in place.

    Raises
    ------
    FormatError
        If it is no JSON object.
    """
    try:
        summary = json.loads(content)
        for pointer in not_finite:
            *way, last = (_unescape(part) for part in pointer.split("/"))
            place = summary
            for part in way:
                place = place[int(part)] if isinstance(place, list) else place[part]
            key = int(last) if isinstance(place, list) else last
            place[key] = _NOT_FINITE[place[key]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise FormatError(path, f"is no summary ({error})") from error
    if not isinstance(summary, dict):
        raise FormatError(path, "is no summary (not an object)")
    return summary


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
        If it is no YAML mapping of plain values.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        config = yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader, in C where built
    except (yaml.YAMLError, ValueError) as error:
        raise FormatError(path, "is no YAML") from error
    if not isinstance(config, dict | None):
        raise FormatError(path, "is no mapping")
    return config or {}


def _dump(value: Mapping[str, Any]) -> bytes:
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


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


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
