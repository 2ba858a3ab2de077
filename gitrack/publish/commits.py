"""Which files changed between the codes of a project's runs, as steps from each to the next."""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from gitrack.errors import GitError
from gitrack.model.run import Run
from gitrack.publish.cache import Cache, digest_of
from gitrack.publish.packing import script
from gitrack.publish.plan import Project
from gitrack.store.git import Git

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: Files that one step, and all steps of a project, may list; a longer step says nothing.
_MOST, _TOGETHER = 2_000, 200_000
_SHORT = 12  # hex digits that tell one version of a file from another

#: A file, and its versions before and after as git's object ids; empty where there is none.
Change = tuple[str, str, str]


def code_of(run: Run) -> str | None:
    """Return the commit that holds the code as it ran, as well as the record knows."""
    found = run.code.snapshot or run.code.commit
    return found if found and _SHA.fullmatch(found) else None


def commits_script(project: Project, git: Git, cache: Cache) -> bytes | None:
    """
    Describe how the runs' codes differ in files, for any two of them.

    The codes stand in one row, those of a branch together, oldest first; each step tells the
    files that it changes. Going from one code to another, the browser adds the steps between
    them up: so the script grows with what was changed, not with the pairs.

    Parameters
    ----------
    project : Project
        Its runs.
    git : Git
        Where the commits are looked up; what is not here is left out. A partial clone would
        fetch them one by one, so it counts as having none.
    cache : Cache
        Steps that earlier builds found.

    Returns
    -------
    bytes or None
        ``commits`` (shas), ``paths``, and ``steps``: for each commit but the first a list of
        ``[path, before, after]``, a path's place and numbers of versions, 0 for none; null where
        too much changed. None where there are less than two.
    """
    commits = _present(git, _in_row(project))
    if len(commits) < 2:  # noqa: PLR2004  nothing differs
        return None
    paths: dict[str, int] = {}
    versions: dict[str, int] = {"": 0}
    steps: list[list[tuple[int, int, int]] | None] = []
    room = _TOGETHER
    for changes in _steps(git, cache, commits):
        if changes is None or len(changes) > room:
            steps.append(None)
            continue
        room -= len(changes)
        steps.append(
            [
                (
                    paths.setdefault(path, len(paths)),
                    versions.setdefault(before, len(versions)),
                    versions.setdefault(after, len(versions)),
                )
                for path, before, after in changes
            ]
        )
    return script({"commits": commits, "paths": list(paths), "steps": steps})


def _in_row(project: Project) -> list[str]:
    """Put the codes of one branch together: going back and forth would be told every time."""
    branches: dict[str, list[str]] = {}
    for record in project.records:
        if (code := code_of(record.run)) is not None:
            branches.setdefault(record.run.code.branch or "", []).append(code)
    return list(dict.fromkeys(code for codes in branches.values() for code in codes))


def _present(git: Git, commits: Sequence[str]) -> list[str]:
    if not commits or git.partial:
        return []
    try:
        found = git.ids(f"{commit}^{{commit}}" for commit in commits)
    except GitError:
        return []
    return [commit for commit, oid in zip(commits, found, strict=True) if oid == commit]


def _steps(git: Git, cache: Cache, commits: Sequence[str]) -> Iterator[list[Change] | None]:
    pairs = list(pairwise(commits))
    known = {pair: cache.find("step", _key(*pair)) for pair in pairs}
    new = [pair for pair in pairs if known[pair] is None]
    for pair, changes in zip(new, _differences(git, new), strict=True):
        if changes is not None:
            # A list of one None tells "too many": None alone would be "not known yet".
            known[pair] = [None] if len(changes) > _MOST else changes
            cache.keep("step", _key(*pair), known[pair])
    for pair in pairs:
        found = known[pair]
        yield None if found in (None, [None]) else [tuple(change) for change in found]


def _differences(git: Git, pairs: Sequence[tuple[str, str]]) -> Iterator[list[Change] | None]:
    """Compare trees, all pairs in one process; None for all where one is damaged."""
    if not pairs:
        return
    asked = "".join(f"{after} {before}\n" for before, after in pairs)
    words = ("--stdin", "-r", "-z", "--raw", "--no-renames")
    try:
        answer = git.run("diff-tree", *words, stdin=asked.encode())
    except GitError:
        yield from (None for _ in pairs)
    else:
        yield from _read(answer, pairs)


def _read(answer: bytes, pairs: Sequence[tuple[str, str]]) -> Iterator[list[Change]]:
    fields = iter(answer.decode("utf-8", "replace").split("\0"))
    found: dict[str, list[Change]] = {}
    changes: list[Change] = []
    for field in fields:
        if field.startswith(":"):
            _, _, before, after, _ = field.split()
            changes.append((next(fields), _short(before), _short(after)))
        elif field:
            changes = found.setdefault(field, [])
    # git says nothing of two commits with the same tree.
    yield from (found.get(after, []) for _, after in pairs)


def _short(oid: str) -> str:
    return "" if set(oid) == {"0"} else oid[:_SHORT]


def _key(before: str, after: str) -> str:
    return f"{_code()} {before} {after}"


@cache
def _code() -> str:
    return digest_of((sys.modules[__name__],))
