"""Sending the experiments to a remote, whoever else sends theirs at the same time."""

import random
import time

from gitrack.errors import GitError, RepositoryError
from gitrack.model.names import EXPERIMENTS
from gitrack.store.branch import Branch
from gitrack.store.purged import refuse_purged
from gitrack.store.repository import Repository

_LOCAL = f"refs/heads/{EXPERIMENTS}"
_CODE = "refs/gitrack/code/"
_ATTEMPTS = 8
_WAIT = 1.0  # seconds before the second try; twice as long each time
_LOCK_SECONDS = 600.0
#: What git says when another push came first.
_PASSING = ("rejected", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update")


def push(repository: Repository, remote: str = "origin") -> list[str]:
    """
    Send every experiments branch, and the snapshots of code, to a remote.

    What the remote has and we have not is merged in first: runs are folders of their own, so
    that nothing meets.

    Parameters
    ----------
    repository : Repository
        Whose experiments.
    remote : str
        Where to.

    Returns
    -------
    list of str
        The branches that were sent.

    Raises
    ------
    RepositoryError
        If there is no such remote, it refuses, or one file was changed here and there.
    """
    import filelock

    git = repository.git
    if remote not in (git.ask("remote") or "").split():
        raise RepositoryError(f"there is no remote {remote!r}: git remote add {remote} …")
    lock = filelock.FileLock(repository.own_dir / "push.lock", timeout=_LOCK_SECONDS)
    with lock:
        for attempt in range(_ATTEMPTS):
            branches = _merged(repository, remote)
            if not branches:
                return []
            refs = [f"{_LOCAL}{name}:{_LOCAL}{name}" for name in branches]
            if git.text("for-each-ref", "--count=1", _CODE):
                refs.append(f"{_CODE}*:{_CODE}*")
            try:
                git.run("push", "--quiet", remote, *refs)
            except GitError as error:
                said = error.stderr.lower()
                if attempt + 1 == _ATTEMPTS or not any(word in said for word in _PASSING):
                    raise RepositoryError(f"{remote} refuses: {_last_line(error)}") from error
                time.sleep(_WAIT * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
            else:
                return [EXPERIMENTS + name for name in branches]
    return []


def _merged(repository: Repository, remote: str) -> list[str]:
    """Fetch, and join what is there with what is here; returns our branches' names."""
    git = repository.git
    tracking = f"refs/remotes/{remote}/{EXPERIMENTS}"
    try:
        git.run("fetch", "--quiet", "--no-tags", remote, f"+{_LOCAL}*:{tracking}*")
    except GitError as error:
        raise RepositoryError(f"{remote} cannot be read: {_last_line(error)}") from error
    ours = _tips(repository, _LOCAL)
    theirs = _tips(repository, tracking)
    for name, tip in ours.items():
        other = theirs.get(name)
        if other is not None:
            refuse_purged(repository, other, tip, f"{remote}: {EXPERIMENTS}{name}")
        if other is None or _contains(repository, tip, other):
            continue
        Branch(repository, EXPERIMENTS + name).check_free()
        new = other if _contains(repository, other, tip) else _merge(repository, name, tip, other)
        git.run("update-ref", _LOCAL + name, new, tip)
    return list(ours)


def _merge(repository: Repository, name: str, tip: str, other: str) -> str:
    git = repository.git
    try:
        tree = git.text("merge-tree", "--write-tree", "--allow-unrelated-histories", tip, other)
    except GitError as error:
        raise RepositoryError(
            f"{EXPERIMENTS}{name}: a run was changed here and on the remote; merge by hand"
        ) from error
    message = f"Merge the runs of {EXPERIMENTS}{name}\n".encode()
    words = ("commit-tree", "--no-gpg-sign", tree.splitlines()[0], "-p", tip, "-p", other)
    return git.run(*words, stdin=message, environment=_person(repository)).decode().strip()


def _person(repository: Repository) -> dict[str, str]:
    """Name somebody where git knows nobody."""
    if repository.git.ask("var", "GIT_COMMITTER_IDENT"):
        return {}
    return {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "gitrack"), ("EMAIL", "gitrack@localhost"))
    }


def _tips(repository: Repository, prefix: str) -> dict[str, str]:
    lines = repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", prefix)
    pairs = (line.partition(" ") for line in lines.splitlines())
    return {ref.removeprefix(prefix): oid for oid, _, ref in pairs}


def _contains(repository: Repository, tip: str, other: str) -> bool:
    return repository.git.ask("merge-base", "--is-ancestor", other, tip) is not None


def _last_line(error: GitError) -> str:
    lines = error.stderr.strip().splitlines()
    return lines[-1] if lines else str(error)
