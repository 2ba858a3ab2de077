"""Files of runs that are damaged or gone, taken from an earlier commit or another branch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitrack.errors import GitError
from gitrack.model.finding import Finding, Severity
from gitrack.model.names import EXPERIMENTS
from gitrack.store.branch import Branch, Content
from gitrack.store.fsck.objects import Found, read_objects
from gitrack.store.fsck.report import Report
from gitrack.store.fsck.runs import RunCheck, is_parsed
from gitrack.store.layout import RUN_FILE, SUMMARY_FILE
from gitrack.store.repository import Repository
from gitrack.store.schema import finite_json

_KINDS = frozenset(("format", "gone", "rows", "digest", "object", "place", "pointer"))
_FOLDER_PARTS = 4


def restore_files(repository: Repository, report: Report) -> Iterator[str]:
    """
    Restore what an earlier commit of any experiments branch has whole.

    A file is taken only if it is whole itself, and agrees with all else that is in the run's
    folder.

    Yields
    ------
    str
        What was done.
    """
    folders = dict.fromkeys(
        (str(finding.branch), "/".join(str(finding.path).split("/")[:_FOLDER_PARTS]))
        for finding in report.findings
        if _is_restorable(finding)
    )
    for branch, folder in folders:
        yield from _restore_run(Branch(repository, branch), folder)


def _is_restorable(finding: Finding) -> bool:
    return (
        finding.severity is Severity.ERROR
        and finding.kind in _KINDS
        and finding.run is not None
        and (finding.branch or "").startswith(EXPERIMENTS)  # a remote's branch is not ours to move
        and (finding.path or "").count("/") >= _FOLDER_PARTS
    )


def _restore_run(branch: Branch, folder: str) -> Iterator[str]:
    """Restore one file after the other: a mended ``run.json`` may tell of more that is gone."""
    tried: set[str] = set()
    while (tip := branch.tip()) is not None:
        files = _folder_at(branch, tip, folder)
        errors = _errors(branch, folder, files)
        names = [name for name in _names(errors, folder) if name not in tried]
        if not names:
            return
        tried.add(names[0])
        if done := _restore(branch, folder, names[0], files, errors):
            yield f"{branch.name}: {folder}/{names[0]}: {done}"


def _names(errors: Iterable[Finding], folder: str) -> list[str]:
    """Return the files that errors are about, ``run.json`` first."""
    inner = (str(error.path).removeprefix(f"{folder}/") for error in errors)
    names = {name.partition(":")[0] if ".jsonl:" in name else name for name in inner}
    return sorted(names, key=lambda name: (name != RUN_FILE, name))


def _restore(
    branch: Branch, folder: str, name: str, files: Mapping[str, Found], before: list[Finding]
) -> str | None:
    git, path = branch.git, f"{folder}/{name}"
    damaged = files[name].oid if name in files else None
    known = {(error.kind, error.path) for error in before}
    tried = {damaged}
    for commit in _commits_with(branch, path):
        oid = git.ask("rev-parse", "--verify", "--quiet", f"{commit}:{path}")
        if oid is None or oid in tried:
            continue
        tried.add(oid)
        (found,) = read_objects(git, [(oid, True)])
        if found.trouble or found.content is None:
            continue
        after = _errors(branch, folder, {**files, name: found})
        worse = {(error.kind, error.path) for error in after if error.kind != "gone"} - known
        if not worse and name not in _names(after, folder):
            words = f"Restore {path}\n\nFrom-Commit: {commit}\n"
            _put(branch, path, damaged, found.content, words)
            return f"restored from {commit[:12]}"
    if name == SUMMARY_FILE and (content := _without_idle_words(files)) is not None:
        words = f"Read {path} as it stands\n"
        _put(branch, f"{folder}/{RUN_FILE}", files[RUN_FILE].oid, content, words)
        return "run.json no longer takes plain values in it for NaN"
    return None


def _put(branch: Branch, path: str, before: str | None, content: bytes, message: str) -> None:
    """Write a file, unless somebody else changed it meanwhile."""

    def plan(parent: str | None) -> Mapping[str, Content]:
        stands = branch.git.ask("rev-parse", "--verify", "--quiet", f"{parent}:{path}")
        return {path: content} if stands == before else {}

    branch.change(plan, message)


def _commits_with(branch: Branch, path: str) -> list[str]:
    """Return the commits that changed a path, newest first, on every experiments branch."""
    globs = ("--branches=experiments/*", "--remotes=*/experiments/*")
    try:
        said = branch.git.text("log", "--format=%H", "--full-history", *globs, "--", path)
    except GitError as error:  # as far as git could read
        said = error.stdout
    return said.split()


def _folder_at(branch: Branch, commit: str, folder: str) -> dict[str, Found]:
    said = branch.git.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/")
    entries = []
    for line in said.split(b"\0"):
        info, _, path = line.partition(b"\t")
        if b" blob " in info:
            name = path.decode("utf-8", "surrogateescape").removeprefix(f"{folder}/")
            entries.append((name, info.split()[2].decode()))
    found = read_objects(branch.git, [(oid, is_parsed(name)) for name, oid in entries])
    return {name: one for (name, _), one in zip(entries, found, strict=True)}


def _errors(branch: Branch, folder: str, files: Mapping[str, Found]) -> list[Finding]:
    report = Report()
    RunCheck(branch.name, folder, files, report).check()
    return [finding for finding in report.findings if finding.severity is Severity.ERROR]


def _without_idle_words(files: Mapping[str, Found]) -> bytes | None:
    """
    Return a ``run.json`` without pointers at values that are no words for NaN or infinities.

    Such a pointer cannot mean anything, and keeps readers from the whole summary.
    """
    try:
        record: dict[str, Any] = json.loads(files[RUN_FILE].content or b"")
        summary = files[SUMMARY_FILE].content or b""
        kept = [word for word in record["not_finite"] if _means(summary, word)]
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    if kept == record["not_finite"]:
        return None
    record["not_finite"] = kept
    return json.dumps(record, indent=1, ensure_ascii=False).encode() + b"\n"


def _means(summary: bytes, pointer: str) -> bool:
    try:
        finite_json(json.loads(summary), [pointer])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return False
    return True
