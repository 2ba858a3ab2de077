"""Secrets taken out of everything captured, since git's memory is for ever."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from gitrack.errors import ConfigError
from gitrack.model.run import Redaction
from gitrack.record.shapes import (
    TOKEN_HINTS,
    TOKENS,
    is_folder,
    is_placeholder,
    looks_random,
    telling,
)

REMOVED = "[removed]"

_URL_CREDENTIALS = re.compile(
    r"(\b[a-z][a-z0-9+.-]{1,20}://)(?!\[removed\]|git@)[^\s/@:]*(?::[^\s/@]*)?@", re.IGNORECASE
)
_URL_QUERY = re.compile(
    r"([?&](?:access_token|api_?key|auth|code|key|password|secret|sig|signature|token|x-amz-[a-z-]+)=)"
    r"(?!\[removed\])[^&\s#'\"]+",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\b(bearer|basic|token)(\s+)([A-Za-z0-9+/=._~-]{12,})", re.IGNORECASE)
#: An underscore ends a word here: a token may stand behind one, in a name.
_SHAPES = tuple(
    (rule, TOKEN_HINTS[rule].split(), re.sub(r"^\\b", "(?<![A-Za-z0-9])", shape))
    for rule, shape in TOKENS.items()
)
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = re.compile(r"[^\r\n]*(?:\r?\n[+\- ]?[A-Za-z0-9+/=]{16,}(?=\r?\n|\Z))*")
_KEY_LENGTH = 20_000  # characters from a key's first line to its last
#: A line is searched for assignments only if it holds one of these.
_HINT = re.compile(
    r"key|token|secret|passw|passphrase|passcode|pwd|auth|credential|cookie|login|curl|bearer|basic"
)
_QUOTED = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]{0,60})"""
    r"""(?P<between>\\{0,3}["']?\]?\s{0,3}(?:=>|:=|[:=])\s{0,3}[rbuf]?)"""
    r"""(?P<quote>\\{0,3}["'])(?P<value>[^"'\r\n\\]{4,4096})(?P=quote)"""
)
_NAMED = re.compile(r"""(?P<name>[A-Za-z_][\w.-]{0,60})["']?(?:=|:\s{1,3}|\s=\s)""")
_BARE = re.compile(r"""(?P<value>[^\s"'(){}\[\],;$<>&|]{4,4096})(?P<after>[(\[]?)""")
_OPTION = re.compile(r"(--?[A-Za-z][\w-]{2,40}\s+|\s-u\s+[^\s:]{1,60}:)([^\s'\"-][^\s'\"]{3,400})")
#: What tells of a secret beside its name: netrc's words, a login, a pair of user and key.
_TOLD = tuple(
    re.compile(told + r"(?P<secret>" + secret + ")")
    for told, secret in (
        (r"\blogin\s+\S{1,100}\s+password\s+", r"\S{1,400}"),
        (r"^[+\- ]?\s*password\s+", r"\S{8,400}(?=\s*$)"),
        (r"\blogin\s*\(\s*(?:key\s*=\s*)?\\{0,3}[\"']", r"\w{32,100}(?=\\{0,3}[\"'])"),
        (r"\b(?:wandb|comet|neptune)\s+login\s+(?:--[\w-]+\s+)?", r"[A-Za-z0-9_]{32,100}\b"),
        (
            r"(?i)\b(?:uid|user id|user|username)=[^;=]{1,100};\s*(?:pwd|password)=",
            r"[^;\s/][^;\s]*",
        ),
        (
            r"\busername\W{1,12}[^\"'\\]{1,100}\\{0,3}[\"']\s*,\s*\\{0,3}[\"']key\W{1,12}",
            r"[0-9a-f]{32}\b",
        ),
    )
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[A-Za-z_]+")
_ASSIGNMENT = re.compile(r"(-{0,2}[A-Za-z_][\w.\-/]*)=(.+)", re.DOTALL)
_LONGEST_LINE = 20_000
_INSIDE = 8  # names looked at inside one value
_QUICK = 12  # shorter texts without these characters hold nothing that is looked for
_SIGNS = frozenset("=:@ -_.")


class Redactor:
    """
    Takes secrets out of texts, trees and command lines, and counts them.

    Parameters
    ----------
    patterns : sequence of str
        Regular expressions of more secrets: the group ``secret``, or the first group, or all of
        the match is taken out.

    Raises
    ------
    ConfigError
        If a pattern cannot be compiled, or matches nothing at all.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns: list[re.Pattern[str]] = []
        self._found: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self.learn(patterns)

    def learn(self, patterns: Iterable[str]) -> None:
        """Take more patterns: see the class."""
        for text in patterns:
            try:
                pattern = re.compile(text)
            except re.error as error:
                raise ConfigError("secrets", f"{text!r} is no pattern: {error}") from error
            if pattern.search(""):
                raise ConfigError("secrets", f"{text!r} matches the empty text")
            if pattern not in self._patterns:
                self._patterns.append(pattern)

    def report(self) -> tuple[Redaction, ...]:
        """Return what was taken out since the last report: where, by which rule, how often."""
        with self._lock:
            found, self._found = self._found, Counter()
        return tuple(Redaction(where, rule, n) for (where, rule), n in sorted(found.items()))

    def text(self, text: str, where: str = "text") -> str:
        """Return a text with its secrets replaced; it keeps its lines."""
        if len(text) < _QUICK and _SIGNS.isdisjoint(text) and not self._patterns:
            return text
        if "PRIVATE KEY" in text:
            text = self._without_keys(text, where)
        if "://" in text or "?" in text:
            text = _URL_CREDENTIALS.sub(lambda m: self._kept(m[1], "url", where) + "@", text)
            text = _URL_QUERY.sub(lambda m: self._kept(m[1], "url", where), text)
        for rule, hints, shape in _SHAPES:
            if any(hint in text for hint in hints):
                # Compiled when it is first needed: forty patterns take as long as an import.
                text = re.sub(shape, partial(self._token, rule, where), text)
        text = self._without_assignments(text, where)
        for pattern in self._patterns:
            text = pattern.sub(lambda m: self._custom(m, where), text)
        return text

    def tree(self, value: Any, name: str = "", where: str = "") -> Any:
        """
        Redact nested plain values, whole texts under telling names and texts everywhere.

        Numbers, booleans and None under a telling name stay: they are settings, not secrets.
        """
        if isinstance(value, str):
            if not value:
                return value
            surely = telling(name) if name else None
            if surely == "strong" and not is_placeholder(value) and not is_folder(name, value):
                return self._kept("", "name", where or name)
            if surely == "weak" and looks_random(value):
                return self._kept("", "name", where or name)
            return self.text(value, where or name or "text")
        if isinstance(value, Mapping):
            names = {k: self.text(str(k), where or "key") for k in value}
            return {
                names[k]: self.tree(v, str(k), f"{where}.{names[k]}" if where else "")
                for k, v in value.items()
            }
        if isinstance(value, list | tuple):
            return [
                self.tree(one, _option(before, one) or name, where)
                for before, one in zip((None, *value), value, strict=False)
            ]
        return value

    def command(self, words: Sequence[str], where: str = "command") -> list[str]:
        """Redact a command line: ``--password x``, ``--password=x``, ``TOKEN=x`` and texts."""
        cleaned: list[str] = []
        hide = False
        for word in words:
            if hide and not word.startswith("-"):
                cleaned.append(self._kept("", "name", where))
                hide = False
                continue
            match = _ASSIGNMENT.fullmatch(word)
            if match and telling(match[1]) and not is_placeholder(match[2]):
                cleaned.append(self._kept(f"{match[1]}=", "name", where))
            else:
                cleaned.append(self.text(word, where))
            hide = word.startswith("-") and match is None and telling(word) is not None
        return cleaned

    def _kept(self, before: str, rule: str, where: str) -> str:
        with self._lock:
            self._found[where, rule] += 1
        return before + REMOVED

    def _token(self, rule: str, where: str, _match: re.Match[str]) -> str:
        return self._kept("", rule, where)

    def _without_keys(self, text: str, where: str) -> str:
        """Blank private keys, line by line, from their first line to their last."""
        pieces: list[str] = []
        place = 0
        while begin := _KEY_BEGIN.search(text, place):
            end = _KEY_END.search(text, begin.end(), begin.end() + _KEY_LENGTH)
            end = end or _KEY_LINES.match(text, begin.end())
            stop = end.end() if end else begin.end()
            first, *others = text[begin.end() : stop].splitlines(keepends=True) or [""]
            pieces += (text[place : begin.start()], self._kept("", "private-key", where))
            pieces += (first[len(first.rstrip("\r\n")) :], *map(_blank, others))
            place = stop
        return "".join(pieces) + text[place:]

    def _without_assignments(self, text: str, where: str) -> str:
        """Look closely at the lines that hold a telling word; the others pass by."""
        pieces: list[str] = []
        place = 0
        lower = text.lower()  # ten times as fast as a search that ignores case
        if len(lower) != len(text):  # a few letters grow
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        for hint in _HINT.finditer(lower):
            if hint.start() < place:
                continue
            start = max(text.rfind("\n", 0, hint.start()) + 1, place)
            end = text.find("\n", hint.end())
            end = len(text) if end < 0 else end
            pieces += (text[place:start], self._line(text[start:end], where))
            place = end
        return "".join(pieces) + text[place:]

    def _custom(self, match: re.Match[str], where: str) -> str:
        group = "secret" if "secret" in match.re.groupindex else min(match.re.groups, 1)
        found = match.group(group)
        if not found or found == REMOVED:
            return match[0]
        start, end = match.span(group)
        start, end = start - match.start(), end - match.start()
        return self._kept(match[0][:start], "own pattern", where) + match[0][end:]

    def _line(self, line: str, where: str) -> str:
        if len(line) > _LONGEST_LINE:
            pieces = (line[i : i + _LONGEST_LINE] for i in range(0, len(line), _LONGEST_LINE))
            return "".join(self._line(piece, where) for piece in pieces)
        line = _HEADER.sub(lambda m: self._header(m, where), line)
        for told in _TOLD:
            line = told.sub(lambda m: self._told(m, where), line)
        line = _QUOTED.sub(lambda m: self._quoted(m, where), line)
        line = self._bare(line, where)
        return _OPTION.sub(lambda m: self._option(m, where), line)

    def _told(self, match: re.Match[str], where: str) -> str:
        value = match["secret"]
        if REMOVED in value or is_placeholder(value):
            return match[0]
        return self._kept(match[0].removesuffix(value), "told", where)

    def _header(self, match: re.Match[str], where: str) -> str:
        if not looks_random(match[3]) and not (
            match[3].isalpha() and "uthorization" in match.string
        ):
            return match[0]
        return self._kept(match[1] + " ", "header", where)

    def _quoted(self, match: re.Match[str], where: str) -> str:
        value, surely = match["value"], telling(match["name"])
        if surely is None or REMOVED in value or is_placeholder(value) or _is_prose(value):
            return match[0]
        if is_folder(match["name"], value):
            return match[0]
        if surely == "weak" and not looks_random(value):
            return match[0]
        before = f"{match['name']}{match['between']}{match['quote']}"
        return self._kept(before, "name", where) + match["quote"]

    def _bare(self, line: str, where: str) -> str:
        """Look at each value without quotes; one that is no secret may hold another name."""
        pieces: list[str] = []
        place = 0
        end, inside = 0, 0
        for named in _NAMED.finditer(line):
            if named.start() < place or (surely := telling(named["name"])) is None:
                continue
            inside = inside + 1 if named.start() < end else 0
            match = _BARE.match(line, named.end()) if inside < _INSIDE else None
            if match is None or match["after"]:
                continue
            value, end = match["value"], max(end, match.end())
            # In code a bare word is a name: only what looks chosen as a secret counts.
            if REMOVED in value or is_placeholder(value) or _DOTTED.fullmatch(value):
                continue
            if is_folder(named["name"], value):
                continue
            if looks_random(value) or _is_password(value, surely):
                pieces += (line[place : named.end()], self._kept("", "name", where))
                place = match.end("value")
        return "".join(pieces) + line[place:]

    def _option(self, match: re.Match[str], where: str) -> str:
        option, value = match[1], match[2]
        if REMOVED in value or is_placeholder(value):
            return match[0]
        if option.lstrip().startswith("-u ") or telling(option.strip()) == "strong":
            return self._kept(option, "option", where)
        return match[0]


def _option(before: Any, word: Any) -> str | None:
    """Return the option that a word is the value of, in a command line kept as a list."""
    if not isinstance(before, str) or not isinstance(word, str) or word.startswith("-"):
        return None
    return before if before.startswith("--") and "=" not in before else None


def _blank(line: str) -> str:
    """Blank a line of a key; a patch's sign at its beginning stays."""
    body = line.rstrip("\r\n")
    return (body[:1] if body[:1] in ("+", "-", " ") else "") + REMOVED + line[len(body) :]


def _is_prose(value: str) -> bool:
    """Tell whether a quoted value reads like words: a message, a label, a template."""
    return " " in value.strip() or "{" in value


def _is_password(value: str, surely: str) -> bool:
    """Tell whether a bare value under a sure name may be a short password."""
    return surely == "strong" and any(c.isdigit() for c in value) and any(map(str.isalpha, value))


_redactor = Redactor()
#: The process's own redactor, which every capture goes through.
redact: Callable[..., str] = _redactor.text
redact_tree: Callable[..., Any] = _redactor.tree
redact_command: Callable[..., list[str]] = _redactor.command
report = _redactor.report
learn = _redactor.learn


def names_a_secret(name: str) -> bool:
    """
    Tell whether a setting of this name is likely to hold a secret.

    Examples
    --------
    >>> [names_a_secret(n) for n in ("api_key", "--db-password", "accessToken", "HF_TOKEN")]
    [True, True, True, True]
    >>> [names_a_secret(n) for n in ("max_tokens", "keyframes", "author", "key", "pad_token")]
    [False, False, False, False, False]
    """
    return telling(name) is not None
