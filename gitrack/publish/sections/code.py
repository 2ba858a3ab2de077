"""What of the code differed from its commit: a patch, file by file, with syntax colours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitrack.publish.sections.base import Section, Source
from gitrack.store.layout import PATCH_FILE

#: Characters of a patch up to which it is coloured, and up to which it is shown.
_COLOURED, _SHOWN = 400_000, 2_000_000
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")
_FILE = re.compile(r"diff --git (?:a/.*?|\".*?\") (?:b/(?P<plain>.*)|\"b/(?P<quoted>.*)\")")
_OLD, _NEW, _KEPT = "-", "+", " "

#: A coloured piece of a line: its class (a letter or nothing), and its text.
Piece = tuple[str, str]


@dataclass
class Line:
    """
    A line of a hunk.

    Attributes
    ----------
    kind : {"+", "-", " "}
        Added, removed, or kept.
    old, new : int or None
        Its number before and after.
    text : str
        Without the mark at its beginning.
    pieces : sequence of Piece
        The same text in colours; empty where it has none.
    """

    kind: str
    old: int | None
    new: int | None
    text: str
    pieces: Sequence[Piece] = ()


@dataclass
class Change:
    """
    What changed in one file.

    Attributes
    ----------
    path : str
        The file, as it is called after the change.
    note : str
        "new", "deleted", "binary" and the like; empty for a plain change.
    hunks : list of (str, list of Line)
        What stands around each stretch, and its lines.
    """

    path: str
    note: str = ""
    hunks: list[tuple[str, list[Line]]] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """Count the lines of a kind."""
        return sum(line.kind == kind for _, lines in self.hunks for line in lines)


def code_section(source: Source) -> Section | None:
    """Lay the patch of a dirty tree out, with what the snapshot left out."""
    code = source.record.run.code
    content = source.read(PATCH_FILE) or b""
    if not content and not code.left_out:
        return None
    text = content[:_SHOWN].decode("utf-8", "replace")
    changes = list(changes_from_patch(text))
    if len(text) <= _COLOURED:
        for change in changes:
            _colour(change)
    added, removed = (sum(change.count(kind) for change in changes) for kind in (_NEW, _OLD))
    data = {
        "commit": code.commit,
        "snapshot": code.snapshot,
        "left_out": list(code.left_out),
        "cut": len(content) > _SHOWN,
        "files": [_file(change) for change in changes],
    }
    against = code.commit[:7] if code.commit else "no commit"
    note = f"+{added:,} \N{MINUS SIGN}{removed:,} against {against}"
    return Section("code", "Code", source.script(data), len(changes), note)


def changes_from_patch(text: str) -> Iterator[Change]:
    r"""
    Read what ``git diff`` wrote.

    Examples
    --------
    >>> patch = "diff --git a/x.py b/x.py\n@@ -3 +3 @@ def f():\n-a\n+b\n"
    >>> [change] = changes_from_patch(patch)
    >>> change.path, [(line.kind, line.old, line.new) for line in change.hunks[0][1]]
    ('x.py', [('-', 3, None), ('+', None, 3)])
    """
    change: Change | None = None
    lines: list[Line] | None = None
    old = new = 0
    for row in text.split("\n"):
        if found := _FILE.match(row):
            if change is not None:
                yield change
            change, lines = Change(found["plain"] or found["quoted"] or "?"), None
        elif change is None:
            continue
        elif hunk := _HUNK.match(row):
            old, new, lines = int(hunk[1]), int(hunk[2]), []
            change.hunks.append((hunk[3], lines))
        elif lines is None:
            change.note = _note(row) or change.note
        elif row.startswith(_NEW):
            lines.append(Line(_NEW, None, new, row[1:]))
            new += 1
        elif row.startswith(_OLD):
            lines.append(Line(_OLD, old, None, row[1:]))
            old += 1
        elif row.startswith(_KEPT):
            lines.append(Line(_KEPT, old, new, row[1:]))
            old, new = old + 1, new + 1
    if change is not None:
        yield change


def _note(row: str) -> str:
    for beginning, note in (
        ("new file", "new"),
        ("deleted file", "deleted"),
        ("rename from ", "renamed"),
        ("Binary files", "binary"),
        ("GIT binary patch", "binary"),
        ("old mode", "mode changed"),
    ):
        if row.startswith(beginning):
            return note
    return ""


def _colour(change: Change) -> None:
    """Colour each side of each hunk by the language that the file's name tells."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(change.path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return
    for _, lines in change.hunks:
        for side in (_OLD, _NEW):
            shown = [line for line in lines if line.kind in (side, _KEPT)]
            coloured = _pieces(lexer, "\n".join(line.text for line in shown))
            for line, pieces in zip(shown, coloured, strict=False):
                line.pieces = pieces


def _pieces(lexer: Any, text: str) -> Iterator[list[Piece]]:
    from pygments.token import Comment, Keyword, Name, Number, String

    kinds = ((Comment, "c"), (Keyword, "k"), (String, "s"), (Number, "n"), (Name.Function, "f"))
    line: list[Piece] = []
    for token, value in lexer.get_tokens(text):
        mark = next((letter for kind, letter in kinds if token in kind), "")
        first, *rest = value.split("\n")
        line += [(mark, first)] if first else []
        for part in rest:
            yield line
            line = [(mark, part)] if part else []
    yield line


def _file(change: Change) -> dict[str, Any]:
    return {
        "path": change.path,
        "note": change.note,
        "added": change.count(_NEW),
        "removed": change.count(_OLD),
        "hunks": [
            {
                "head": head,
                "lines": [
                    [line.kind, line.old, line.new, line.pieces or line.text] for line in lines
                ],
            }
            for head, lines in change.hunks
        ],
    }
