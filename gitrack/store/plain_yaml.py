"""The plain part of YAML that ``params.yaml`` is nearly always written in, read without YAML."""

import re
from functools import lru_cache
from typing import Any

# Each is narrower than YAML on purpose: what it takes, YAML reads as the same value.
_WORD = r"[A-Za-z_/](?:[\w./+,=@-]|:(?=[\w/])| (?=[\w./+=-]))*"
_LINE = re.compile(
    r"(?P<indent> {0,60})"
    r"(?:(?P<item>- )|(?P<key>[A-Za-z_][A-Za-z0-9_./-]{0,127}):(?P<open>$| ))"
    r"(?:"
    r"(?P<int>-?(?:0|[1-9]\d{0,30}))"
    r"|(?P<float>-?\d{1,30}\.\d{1,30}(?:e[-+]\d{1,3})?)"
    r"|(?P<constant>true|false|null|\{\}|\[\])"
    rf"|(?P<word>{_WORD})"
    r"|'(?P<quoted>[ -&(-~]*)'"
    r")?",
    re.ASCII,
)
_CONSTANTS = {"true": True, "false": False, "null": None}
#: Words that YAML 1.1 takes for something else, however they are spelled.
_TAKEN = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))


def plain_yaml(text: str) -> dict[str, Any] | None:
    r"""
    Read a mapping of plain lines, or return None where it takes a YAML reader to tell.

    Plain is what `config_to_yaml` makes of usual settings: a key and a value on each line,
    mappings inside mappings, lists of values.

    Examples
    --------
    >>> plain_yaml("lr: 0.01\nmodel:\n  depth: 2\n  widths:\n  - 8\n  - 16\n")
    {'lr': 0.01, 'model': {'depth': 2, 'widths': [8, 16]}}
    >>> plain_yaml("lr: 0.01 # a comment")
    """
    top: dict[str, Any] = {}
    # The mappings that a line may stand in, with their columns; the last one is the innermost.
    places = [(0, top)]
    column, here = places[-1]
    waiting: str | None = None  # a key whose mapping or list begins on the next line
    items: list[Any] | None = None
    for line in text.removesuffix("\n").split("\n"):
        parts = _parts(line)
        if parts is None:
            return None
        indent, key, is_open, kind, value = parts
        if key is None:
            if waiting is not None:
                items = here[waiting] = []
                waiting = None
            if items is None or indent != column or kind == "item":
                return None
            items.append(_value(kind, value))
            continue
        items = None
        if waiting is not None and indent > column:
            inner: dict[str, Any] = {}
            here[waiting] = inner
            places.append((indent, inner))
            waiting = None
        while indent < places[-1][0]:
            places.pop()
        column, here = places[-1]
        if waiting is not None or indent != column or key.lower() in _TAKEN:
            return None
        if is_open:
            if kind == "open":
                return None
            here[key] = _value(kind, value)
        else:
            here[key] = None
            waiting = key
    return None if waiting is not None else top


@lru_cache(maxsize=4096)
def _parts(line: str) -> tuple[int, str | None, bool, str, str] | None:
    """Take a line apart: many runs have the same ones."""
    match = _LINE.fullmatch(line)
    if match is None or (match.lastgroup == "word" and match["word"].lower() in _TAKEN):
        return None
    kind = match.lastgroup or ""
    return len(match["indent"]), match["key"], bool(match["open"]), kind, match[kind or 0]


def _value(kind: str, text: str) -> Any:
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    if kind == "constant":
        return {} if text == "{}" else [] if text == "[]" else _CONSTANTS[text]
    return text
