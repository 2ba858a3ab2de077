"""The refs that lead to the record, and the commits of code that it names."""

import re
import time
from collections.abc import Mapping, Sequence

from gitrack.errors import GitError
from gitrack.store.branch import NEW_REFS
from gitrack.store.fsck.objects import broken_in_history
from gitrack.store.fsck.report import Report
from gitrack.store.repository import Repository

CODE_REFS = "refs/gitrack/code/"
_EXPERIMENTS = re.compile(r"refs/(?:heads|remotes/.+?)/experiments/.+")
_HEADS = "refs/heads/experiments"
_DAY = 86_400.0
_REPAIR = "gitrack fsck --repair"
_SHOWN = 3  # names in one line
_FETCH = "gitrack fsck --repair fetches it, where a remote has it"


def check_refs(repository: Repository, report: Report) -> dict[str, str]:
    """
    Check the refs of all experiments branches.

    Returns
    -------
    dict of str to str
        The tree of each branch that can be read, local ones first, by its short name.
    """
    git = repository.git
    said = git.text(
        "for-each-ref", "--format=%(objectname) %(refname) %(symref)", "refs/heads", "refs/remotes"
    )
    named: list[tuple[str, str]] = []
    alike: dict[str, str] = {}
    for line in said.splitlines():
        oid, ref, *target = line.split(" ")
        if ref == _HEADS:
            cure = "git branch -m experiments another-name"
            report.error("ref", "a branch named experiments keeps runs out", cure, target=ref)
        if not _EXPERIMENTS.fullmatch(ref):
            continue
        name = short_name(ref)
        named.append((name, oid))
        if target and target[0]:
            cure = f"git symbolic-ref -d {ref}"
            report.warning("ref", f"it stands for {target[0]}", cure, branch=name, target=ref)
        other = alike.setdefault(ref.casefold(), name)
        if other != name:
            what = f"{other} is the same name to some file systems"
            report.warning("alike", what, f"git branch -m {name} …", branch=name)
    trees = _trees(repository, named, report)
    _check_checkouts(repository, {name for name, _ in named}, report)
    _check_broken(repository, report)
    _check_roots(repository, list(trees), report)
    return trees


def short_name(ref: str) -> str:
    """Return a branch's name as people write it."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _trees(
    repository: Repository, named: Sequence[tuple[str, str]], report: Report
) -> dict[str, str]:
    """Return the tree of each branch whose commit can be read."""
    asked = [line for _, oid in named for line in (oid, f"{oid}^{{tree}}")]
    answers = _facts(repository, asked)
    trees = {}
    for (name, oid), kind, tree in zip(named, answers[::2], answers[1::2], strict=True):
        if kind[-1] == "commit" and tree[-1] == "tree":
            trees[name] = tree[0]
        elif kind[-1] in ("missing", "commit"):
            what = "the commit that it stands at cannot be read"
            report.error("object", what, _FETCH, branch=name, target=oid)
        else:
            what = f"it stands at a {kind[-1]}, not at a commit"
            report.error("ref", what, f"git branch -f {name} COMMIT", branch=name, target=oid)
    return trees


def _facts(repository: Repository, asked: Sequence[str]) -> list[list[str]]:
    """Return the id and the type of objects; "missing" where they cannot be read."""
    words = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
    try:
        said = repository.git.run(*words, stdin="".join(f"{line}\n" for line in asked).encode())
    except GitError as error:
        said = error.stdout.encode()
    lines = [line.split() for line in said.decode("utf-8", "replace").splitlines()]
    # git gives up at an object that it cannot unpack.
    if lines and len(lines) < len(asked):
        lost = [[asked[len(lines)], "missing"]]
        return lines + lost + _facts(repository, asked[len(lines) + 1 :])
    return lines or [[line, "missing"] for line in asked]


def _check_checkouts(repository: Repository, names: set[str], report: Report) -> None:
    place = ""
    for line in (repository.git.ask("worktree", "list", "--porcelain") or "").splitlines():
        key, _, value = line.partition(" ")
        if key == "worktree":
            place = value
        elif key == "branch" and (name := short_name(value)) in names:
            cure = f"git -C {place} switch another branch: runs go to a neighbour meanwhile"
            report.warning("ref", f"it is checked out in {place}", cure, branch=name)


def _check_broken(repository: Repository, report: Report) -> None:
    """Name refs that git passes over: files that hold no id, as a crash may leave them."""
    for folder in ("heads/experiments", "gitrack"):
        top = repository.common_dir / "refs" / folder
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            ref = path.relative_to(repository.common_dir).as_posix()
            if not path.is_file():
                continue
            if path.suffix == ".lock":
                what = "a lock on the ref: git moves it no more while the lock is there"
                report.warning("lock", what, _REPAIR, path=ref, target=str(path))
            elif not re.fullmatch(rb"(ref: .*|[0-9a-f]{40}|[0-9a-f]{64})\s*", path.read_bytes()):
                what = "the ref's file holds no commit: a crash left it so"
                cure = "gitrack fsck --repair takes what the ref's log or a remote has"
                report.error("broken-ref", what, cure, branch=short_name(ref), target=ref)
    words = ("for-each-ref", "--format=%(refname) %(committerdate:unix)", NEW_REFS)
    for line in (repository.git.ask(*words) or "").splitlines():
        ref, _, made = line.partition(" ")
        if made and int(made) < time.time() - _DAY:
            what = "a commit that never got its signature, and was made again"
            report.note("unsigned-ref", what, _REPAIR, path=ref, target=ref)


def _check_roots(repository: Repository, names: Sequence[str], report: Report) -> None:
    roots = repository.git.ask("rev-list", "--max-parents=0", *names, "--") if names else None
    if roots and len(roots.split()) > 1:
        what = (
            f"the branches have {len(roots.split())} beginnings: plain git merges them only when "
        )
        report.note("roots", what + "told to", "gitrack push joins them all the same")


def check_history(
    repository: Repository, branches: Sequence[str], known: set[str], report: Report
) -> None:
    """Check that every object which an earlier commit needs is there; `known` are reported."""
    report.tell("checking the history of commits")
    lost = [oid for oid in broken_in_history(repository.git, branches) if oid not in known]
    for oid in lost:
        what = "an earlier state of the record needs a git object that cannot be read"
        report.error("object", what, _FETCH, target=oid)


def check_code(
    repository: Repository, commits: Mapping[str, Sequence[str]], report: Report
) -> None:
    """Check that the commits of code which runs name are here, and kept alive by a ref."""
    git = repository.git
    if not commits:
        return
    facts = _facts(repository, list(commits))
    missing = {c for c, fact in zip(commits, facts, strict=True) if fact[-1] != "commit"}
    if missing:
        what = f"{len(missing)} commits of code are not here: {_runs_of(missing, commits)}"
        cure = f"git fetch REMOTE '{CODE_REFS}*:{CODE_REFS}*'"
        report.note("code", what, cure)
    there = [commit for commit in commits if commit not in missing]
    try:
        asked = "".join(f"{commit}\n" for commit in there).encode()
        loose = git.run("rev-list", "--stdin", "--not", "--all", stdin=asked).decode().split()
    except GitError:
        return  # a damaged history is named elsewhere
    for commit in sorted(set(loose) & set(there)):
        what = f"no ref keeps the code of {_runs_of([commit], commits)}: git gc will remove it"
        report.warning("code-ref", what, _REPAIR, target=commit)


def _runs_of(some: Sequence[str] | set[str], commits: Mapping[str, Sequence[str]]) -> str:
    runs = sorted({run for commit in some for run in commits[commit]})
    more = f" and {len(runs) - _SHOWN} more" if len(runs) > _SHOWN else ""
    return f"runs {', '.join(runs[:_SHOWN])}{more}"
