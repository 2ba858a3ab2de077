"""A review as a comment of GitHub or GitLab: everything that matters, within a host's limit."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gitrack.errors import UsageError
from gitrack.review import parts
from gitrack.review.model import Review

#: Characters of a comment that GitHub takes.
LIMIT = 65_536
LEAST = 4_000
#: By this line a comment is found again.
MARKER = "<!-- gitrack review -->"
#: Rows of a table, from all to few, until the comment is short enough.
_ROWS = (1_000, 100, 40, 15, 6)


class Section(NamedTuple):
    """A part of the comment: what it is called if it is left out, and what writes it."""

    name: str
    write: Callable[[Review, int], str]


#: The most important first; what is last is left out first.
_SECTIONS = (
    Section("rules", parts.rules),
    Section("metrics", parts.metrics),
    Section("how it was tested", parts.method),
    Section("curve", parts.curve),
    Section("notes", parts.notes),
    Section("settings that differ", parts.changes),
    Section("other configurations", parts.others),
    Section("cost", parts.cost),
    Section("code", parts.code_changes),
    Section("runs", parts.runs),
)


def markdown(review: Review, limit: int = LIMIT) -> str:
    """
    Write a review as Markdown.

    Parameters
    ----------
    review : Review
        What was found. All its texts may be anybody's.
    limit : int
        Characters that the host takes; the text stays below. Tables lose their last rows first,
        then the least important sections go, and both is said.

    Returns
    -------
    str
        Ends with a line break.

    Raises
    ------
    UsageError
        If the limit is below 4,000, in which the verdict alone has no room.
    """
    check_limit(limit)
    for rows in _ROWS:
        written = [section.write(review, rows) for section in _SECTIONS]
        text = _joined(review, written, [])
        if _length(text) < limit:
            return text
    gone: list[str] = []
    for section in reversed(_SECTIONS):
        if written.pop():
            gone.insert(0, section.name)
        text = _joined(review, written, gone)
        if _length(text) < limit:
            break
    return text


def check_limit(limit: int) -> int:
    """
    Take a limit of characters, or refuse it.

    Raises
    ------
    UsageError
        If it is below 4,000.
    """
    if limit < LEAST:
        raise UsageError(f"a comment needs a limit of at least {LEAST} characters, not {limit}")
    return limit


def _joined(review: Review, written: Sequence[str], gone: Sequence[str]) -> str:
    shortened = f"Left out to stay within the host's limit: {', '.join(gone)}." if gone else ""
    blocks = [MARKER, parts.headline(review), *written, shortened, parts.footer(review)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _length(text: str) -> int:
    """Count as hosts do that count UTF-16's units."""
    return len(text.encode("utf-16-le")) // 2
