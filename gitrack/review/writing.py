"""The JSON form of a review: written, read again, and described."""

import json
from typing import Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.review.codec import from_plain, schema_of, to_plain
from gitrack.review.model import FORMAT, Review

#: More than any review takes; what is longer is not read.
MOST_BYTES = 16 << 20
_NAME = "review"


def review_to_json(review: Review) -> bytes:
    """Write a review as strict JSON, with the fields of `Review` in its order."""
    text = json.dumps(to_plain(review), indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def review_from_json(content: bytes) -> Review:
    """
    Read a review that nobody vouches for.

    Raises
    ------
    FormatError
        If it is too large, no JSON, or not of the form; the message names the first place.
    NewerFormatError
        If a newer gitrack wrote it.
    """
    if len(content) > MOST_BYTES:
        raise FormatError(_NAME, f"is {len(content)} bytes; {MOST_BYTES} are the most")
    try:
        plain = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FormatError(_NAME, "is no JSON") from error
    found = plain.get("format") if isinstance(plain, dict) else None
    if type(found) is int and found > FORMAT:
        raise NewerFormatError(_NAME, found, FORMAT)
    if type(found) is not int or found != FORMAT:
        raise FormatError(_NAME, f"is no review of format {FORMAT}")
    try:
        return from_plain(Review, plain)
    except ValueError as error:
        raise FormatError(_NAME, str(error)) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the form, as ``schema.json`` beside this file has it."""
    return schema_of(Review)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no JSON")
