"""What changed in the code between two runs, as far as this clone knows their commits."""

import re
from collections.abc import Sequence

from gitrack.errors import GitError, GitrackError
from gitrack.model.run import Record
from gitrack.review.model import FILES, CodeChange, CodeNote, FileChange, cut
from gitrack.store.layout import PATCH_FILE
from gitrack.store.reader import Reader

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIFF = ("diff", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", "-z")


def code_change(
    reader: Reader, base: Sequence[Record], head: Sequence[Record]
) -> CodeChange | None:
    """
    Compare the code of the newest run on each side.

    Returns
    -------
    CodeChange or None
        None where neither run says what code it ran.
    """
    one, other = (records[-1] if records else None for records in (base, head))
    before, after = _commit_of(one), _commit_of(other)
    if before is None and after is None:
        return None
    notes: list[CodeNote] = []
    if before is None:
        notes.append("no commit of the base")
    if after is None:
        notes.append("no commit of the head")
    files: list[FileChange] | None = None
    if before is not None and after is not None:
        try:
            files = _files(reader.git.look(*_DIFF, "--end-of-options", before, after))
        except GitError:
            notes.append("not in this clone")
    if len({_commit_of(record) for record in base}) > 1:
        notes.append("several commits of the base")
    if len({_commit_of(record) for record in head}) > 1:
        notes.append("several commits of the head")
    if _has_lost_changes(one):
        notes.append("uncommitted changes of the base")
    if _has_lost_changes(other):
        notes.append("uncommitted changes of the head")
    return CodeChange(
        base=before,
        head=after,
        files=tuple(sorted(files or (), key=_size)[:FILES]),
        total=None if files is None else len(files),
        base_patch=_patched(reader, one),
        head_patch=_patched(reader, other),
        notes=tuple(notes),
    )


def _size(file: FileChange) -> tuple[int, str]:
    return -((file.added or 0) + (file.removed or 0)), file.path


def _has_lost_changes(record: Record | None) -> bool:
    """Tell whether a run's tree had changes that no commit holds."""
    return record is not None and bool(record.run.code.dirty) and not record.run.code.snapshot


def _commit_of(record: Record | None) -> str | None:
    """Return what a run ran: the snapshot of a dirty tree, or else the commit."""
    if record is None:
        return None
    commit = record.run.code.snapshot or record.run.code.commit
    return commit if commit and _COMMIT.fullmatch(commit) else None


def _files(numstat: str) -> list[FileChange]:
    """Read ``added TAB removed TAB path`` between NULs; a binary file has dashes."""
    found = []
    for entry in numstat.split("\0"):
        added, _, rest = entry.partition("\t")
        removed, _, path = rest.partition("\t")
        if path:
            counts = [int(count) if count.isdecimal() else None for count in (added, removed)]
            found.append(FileChange(cut(path), *counts))
    return found


def _patched(reader: Reader, record: Record | None) -> int | None:
    """Count the lines that a run's own patch changes, where no commit holds them."""
    if record is None or not _has_lost_changes(record):
        return None
    try:
        (patch,) = reader.read(record, PATCH_FILE)
        # Nothing is applied: --numstat only tells what would be.
        listing = reader.git.run("apply", "--numstat", "-z", "-", stdin=patch or b"")
    except GitrackError:
        return None
    files = _files(listing.decode("utf-8", "replace"))
    return sum((file.added or 0) + (file.removed or 0) for file in files)
