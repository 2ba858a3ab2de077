"""A stretch of history written again without some runs, from one stream to another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO

from gitrack.errors import RepositoryError

_TRAILER = b"Run-Id: "
_PURGED = b"A run that was purged\n"


@dataclass
class _Commit:
    """A commit of the stream."""

    mark: bytes = b""
    oid: str = ""
    #: author, committer, encoding: kept as they are
    head: list[bytes] = field(default_factory=list)
    message: bytes = b""
    parents: list[bytes] = field(default_factory=list)
    changes: list[bytes] = field(default_factory=list)


class Rewriter:
    """
    Leaves runs out of what ``git fast-export --no-data --show-original-ids`` writes.

    A commit that did nothing else goes, and with it its message; all others keep their authors,
    dates and messages. Only marks are held in memory, never a file of the history.

    Parameters
    ----------
    ids : iterable of str
        The runs.
    ref : str
        Where the new commits are to be built; not there yet.

    Attributes
    ----------
    places : dict of str to bytes
        What stands for each commit of the stream: a mark, or the id of an older commit.
    dropped : int
        Commits that went.
    """

    def __init__(self, ids: Iterable[str], ref: str) -> None:
        self._ids = frozenset(one.encode() for one in ids)
        any_of = b"|".join(re.escape(one) for one in sorted(self._ids))
        self._path = re.compile(rb'"?[^/]+/runs/[^/]+/(?:%s)(?:/|"?\Z)' % any_of)
        self._ref = ref.encode()
        self._aliases: dict[bytes, bytes] = {}
        self.places: dict[str, bytes] = {}
        self.dropped = 0

    def write(self, source: IO[bytes], target: IO[bytes]) -> None:
        """
        Copy a stream.

        Raises
        ------
        RepositoryError
            If it holds what is not expected, or ends early.
        """
        target.write(b"feature done\n")
        while line := source.readline():
            if line.startswith(b"commit "):
                self._commit(_read(source), target)
            elif line == b"done\n":
                target.write(line)
                return
            # Where branches stand is set at the end, all at once.
            elif not line.startswith((b"reset ", b"from ", b"feature ", b"\n")):
                raise RepositoryError(f"git fast-export wrote {line[:40]!r}")
        raise RepositoryError("git fast-export ended early")

    def _commit(self, commit: _Commit, target: IO[bytes]) -> None:
        kept = [line for line in commit.changes if not self._is_of_run(line)]
        parents = list(dict.fromkeys(self._aliases.get(one, one) for one in commit.parents))
        emptied = not kept and (commit.changes or len(commit.parents) > 1)
        if emptied and len(parents) == 1:
            self._aliases[commit.mark] = self.places[commit.oid] = parents[0]
            self.dropped += 1
            return
        self.places[commit.oid] = commit.mark
        if not parents:
            target.write(b"reset %s\n" % self._ref)
        message = self._message(commit.message)
        target.write(b"commit %s\nmark %s\n" % (self._ref, commit.mark))
        target.writelines(commit.head)
        target.write(b"data %d\n%s\n" % (len(message), message))
        for word, parent in zip((b"from", *[b"merge"] * len(parents)), parents, strict=False):
            target.write(b"%s %s\n" % (word, parent))
        target.writelines(kept)
        target.write(b"\n")

    def _is_of_run(self, change: bytes) -> bool:
        path = change[2:] if change.startswith(b"D ") else change.split(b" ", 3)[-1]
        return self._path.match(path.rstrip(b"\n")) is not None

    def _message(self, message: bytes) -> bytes:
        """Name the runs no more in messages that are ours."""
        lines = message.splitlines(keepends=True)
        named = [line for line in lines if line.startswith(_TRAILER)]
        gone = [line for line in named if line[len(_TRAILER) :].strip() in self._ids]
        if not gone:
            return message
        if len(gone) == len(named):
            return _PURGED
        return b"".join(line for line in lines if line not in gone)


def _read(source: IO[bytes]) -> _Commit:
    commit = _Commit()
    while not (line := source.readline()).startswith(b"data "):
        word, _, rest = line.partition(b" ")
        if word == b"mark":
            commit.mark = rest.strip()
        elif word == b"original-oid":
            commit.oid = rest.strip().decode()
        elif line:
            commit.head.append(line)
        else:
            raise RepositoryError("git fast-export ended early")
    commit.message = source.read(int(line[5:]))
    while (line := source.readline()) not in (b"\n", b""):
        word, _, rest = line.partition(b" ")
        if word in (b"from", b"merge"):
            commit.parents.append(rest.strip())
        else:
            commit.changes.append(line)
    return commit
