"""Secrets taken out of captured text, since git's memory is for ever."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

REMOVED = "[removed]"

_TOKENS = re.compile(
    r"""
    \b(?:
        gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{40,}       # GitHub
      | gl(?:pat|ptt|rt|dt|ft|imt|agent)-[A-Za-z0-9_-]{18,}             # GitLab
      | hf_[A-Za-z0-9]{30,}                                             # Hugging Face
      | sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}                   # model providers
      | (?:AKIA|ASIA)[A-Z0-9]{16}                                       # AWS key ids
      | AIza[A-Za-z0-9_-]{35}                                           # Google
      | xox[abeoprs]-[A-Za-z0-9-]{10,}                                  # Slack
      | (?:pypi|npm)[-_][A-Za-z0-9_-]{36,}                              # package registries
      | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}   # JWT
    )
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_URL_CREDENTIALS = re.compile(
    r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@:]*(?::[^\s/@]*)?@", re.IGNORECASE
)
_URL_QUERY = re.compile(
    r"([?&](?:access_token|api_?key|auth|key|password|secret|sig|signature|token|x-amz-[a-z-]+)=)"
    r"[^&\s#'\"]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{12,}", re.IGNORECASE)
_TELLING_WORDS = frozenset(
    "apikey auth authorization bearer credential credentials passphrase passwd password pw pwd "
    "secret secrets".split()
)
_TELLING_FIRST = (
    "access api app auth bearer client deploy encryption hub private refresh secret session "
    "signing wandb hf github gitlab"
)
_TELLING_PAIRS = frozenset(f"{a} {b}" for a in _TELLING_FIRST.split() for b in ("key", "token"))
# a word "token" alone names counts and vocabularies far more often than a secret
_TOKEN_NAME = re.compile(r"(^|[^a-z])token$", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASSIGNMENT = re.compile(r"(-{0,2}[A-Za-z_][\w.\-/]*)=(.+)", re.DOTALL)


def redact(text: str) -> str:
    """
    Replace what looks like a secret wherever it stands in a text.

    Examples
    --------
    >>> redact("https://me:hunter2@example.org/x.git")
    'https://[removed]@example.org/x.git'
    """
    if "://" in text:
        text = _URL_CREDENTIALS.sub(rf"\1{REMOVED}@", text)
        text = _URL_QUERY.sub(rf"\1{REMOVED}", text)
    text = _BEARER.sub(rf"\1 {REMOVED}", text)
    return _TOKENS.sub(REMOVED, text)


def names_a_secret(name: str) -> bool:
    """
    Tell whether a setting of this name is likely to hold a secret.

    Examples
    --------
    >>> [names_a_secret(n) for n in ("api_key", "--db-password", "accessToken", "HF_TOKEN")]
    [True, True, True, True]
    >>> [names_a_secret(n) for n in ("max_tokens", "keyframes", "author", "key", "pad_token_id")]
    [False, False, False, False, False]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    return bool(
        _TELLING_WORDS.intersection(words)
        or pairs & _TELLING_PAIRS
        or (words and words[-1] == "token" and _TOKEN_NAME.search(name.replace("-", "_")))
    )


def redact_tree(value: Any, name: str = "") -> Any:
    """
    Redact nested plain values, whole values under telling names and texts everywhere.

    Numbers, booleans and None under a telling name stay: they are settings, not secrets.
    """
    if isinstance(value, str):
        return REMOVED if value and names_a_secret(name) else redact(value)
    if isinstance(value, Mapping):
        return {redact(str(k)): redact_tree(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact_tree(v, name) for v in value]
    return value


def redact_command(words: Sequence[str]) -> list[str]:
    """
    Redact a command line: ``--password x``, ``--password=x``, ``TOKEN=x`` and texts.

    Examples
    --------
    >>> redact_command(["train.py", "--api-key", "abc", "--lr=0.1"])
    ['train.py', '--api-key', '[removed]', '--lr=0.1']
    """
    cleaned: list[str] = []
    hide = False
    for word in words:
        if hide and not word.startswith("-"):
            cleaned.append(REMOVED)
            hide = False
            continue
        match = _ASSIGNMENT.fullmatch(word)
        if match and names_a_secret(match[1]):
            cleaned.append(f"{match[1]}={REMOVED}")
        else:
            cleaned.append(redact(word))
        hide = word.startswith("-") and match is None and names_a_secret(word)
    return cleaned
