"""Repairs that cannot cost anything: what is damaged is put aside, never deleted."""

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gitrack.errors import GitError, GitrackError
from gitrack.model.finding import Finding
from gitrack.model.pointer import Pointer
from gitrack.store.data import DataStore
from gitrack.store.fsck.leftovers import partial_files
from gitrack.store.fsck.objects import read_objects
from gitrack.store.fsck.refs import CODE_REFS
from gitrack.store.fsck.report import Report
from gitrack.store.fsck.restore import restore_files
from gitrack.store.repository import Repository

_HOUR = 3600.0
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Repair:
    """
    What can be done about the findings of a check.

    Parameters
    ----------
    repository : Repository
        What was checked.
    report : Report
        What was found.
    """

    def __init__(self, repository: Repository, report: Report) -> None:
        self.repository = repository
        self.git = repository.git
        self.report = report
        self._aside = repository.own_dir / "damaged" / time.strftime("%Y%m%d-%H%M%S", time.gmtime())

    def run(self) -> Iterator[str]:
        """Repair, and yield a line for each thing that was done, or could not be."""
        steps: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
            ("packs", self._packs),
            ("objects", self._objects),
            ("refs", self._refs),
            ("files", self._files),
            ("data", self._data),
            ("leftovers", self._leftovers),
        )
        for name, step in steps:
            self.report.tell(f"repairing {name}")
            try:
                yield from step()
            except (GitrackError, OSError) as error:
                yield f"not repaired: {name}: {error}"

    def _of(self, *kinds: str) -> list[Finding]:
        return [finding for finding in self.report.findings if finding.kind in kinds]

    def _packs(self) -> Iterator[str]:
        for finding in self._of("pack"):
            pack = Path(str(finding.target))
            kept = None
            for path in sorted(pack.parent.glob(f"{pack.stem}.*")):
                moved = self._put_aside(path)
                kept = moved if path == pack else kept
            found = 0
            if kept is not None:
                before = self._loose_count()
                with contextlib.suppress(GitError), kept.open("rb") as stream:
                    self.git.run("unpack-objects", "-r", "-q", stdin=stream)
                found = self._loose_count() - before
            yield f"{pack.name} is put aside; {found} of its objects could still be read"

    def _objects(self) -> Iterator[str]:
        named = dict.fromkeys(finding.target for finding in self._of("object") if finding.target)
        lost = self._unreadable(list(named))
        for oid in lost:
            loose = self.git.objects_dir / oid[:2] / oid[2:]
            if loose.is_file():
                self._put_aside(loose)
        remotes = (self.git.ask("remote") or "").split()
        # What else a broken pack held nobody can name, so that at least one remote is asked.
        unnamed = bool(self._of("pack"))
        for remote in remotes:
            if not (lost := self._unreadable(lost)) and not unnamed:
                break
            unnamed = False
            self.report.tell(f"fetching from {remote}")
            specs = [
                _tracking(remote),
                f"{CODE_REFS}*:{CODE_REFS}*",
            ]
            try:
                self.git.run("fetch", "--quiet", "--refetch", "--no-tags", remote, *specs)
            except GitError as error:
                yield f"{remote} gives nothing: {error}"
        for remote in remotes:
            # git takes what stands damaged in a pack for being there, and keeps no second copy.
            if lost := self._unreadable(lost):
                self._copy(remote, lost)
        lost = self._unreadable(lost)
        if len(lost) < len(named):
            yield f"{len(named) - len(lost)} objects can be read again"
        if lost:
            where = "no remote has" if remotes else "there is no remote that might have"
            yield f"not repaired: {where} {len(lost)} objects: {', '.join(lost[:3])}"

    def _copy(self, remote: str, oids: list[str]) -> None:
        """Fetch into a folder of objects that is empty, and take these from there."""
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            words = ("-c", "fetch.unpackLimit=1000000000", "fetch", "--quiet", "--refetch")
            where = ("--no-tags", remote, _tracking(remote))
            with contextlib.suppress(GitError):  # told by the fetch before
                self.git.run(*words, *where, environment={"GIT_OBJECT_DIRECTORY": folder})
            for oid in oids:
                fetched = Path(folder) / oid[:2] / oid[2:]
                place = self.git.objects_dir / oid[:2] / oid[2:]
                if fetched.is_file() and not place.exists():
                    place.parent.mkdir(exist_ok=True)
                    partial = place.with_name(f"tmp_obj_{oid[2:]}")
                    shutil.copy2(fetched, partial)
                    partial.replace(place)

    def _unreadable(self, oids: list[str]) -> list[str]:
        found = read_objects(self.git, [(oid, False) for oid in oids])
        return [one.oid for one in found if one.trouble]

    def _refs(self) -> Iterator[str]:
        for finding in self._of("broken-ref"):
            ref = str(finding.target)
            if commit := self._last_of(ref):
                self._put_aside(self.repository.common_dir / ref)
                self.git.run("update-ref", ref, commit)
                yield f"{ref} stands at {commit[:12]} again"
            else:
                yield f"not repaired: neither a log nor a remote says where {ref} stood"
        for finding in self._of("lock"):
            lock = Path(str(finding.target))
            if time.time() - lock.stat().st_mtime > _HOUR:
                lock.unlink()
                yield f"removed the stale lock {finding.path}"
            else:
                yield f"not removed: {finding.path} is fresh, and may be in use"
        for finding in self._of("code-ref"):
            self.git.run("update-ref", f"{CODE_REFS}{finding.target}", str(finding.target), "")
            yield f"the code {str(finding.target)[:12]} is kept alive by a ref again"

    def _last_of(self, ref: str) -> str | None:
        """Return where a ref stood last, by its log or by a remote."""
        log = self.repository.common_dir / "logs" / ref
        lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
        stood = [words[1] for line in reversed(lines) if len(words := line.split(" ", 2)) > 1]
        for remote in (self.git.ask("remote") or "").split():
            place = ref.replace("refs/heads/", f"refs/remotes/{remote}/")
            stood += (self.git.ask("rev-parse", "--verify", "--quiet", place) or "").split()
        for commit in stood:
            if _ID.fullmatch(commit) and self.git.ask("cat-file", "-t", commit) == "commit":
                return commit
        return None

    def _files(self) -> Iterator[str]:
        yield from restore_files(self.repository, self.report)

    def _data(self) -> Iterator[str]:
        store = DataStore(self.repository)
        for finding in self._of("cache"):
            md5 = str(finding.target)
            if store.objects.has(md5):
                self._put_aside(store.objects.path(md5))
            folder = 0 if md5.endswith(".dir") else None
            try:
                store.pull([Pointer(md5, md5, 0, folder)], self.report.progress)
            except GitrackError as error:
                yield f"{finding.path}: the damaged data is put aside, and not fetched: {error}"
            else:
                yield f"{finding.path}: the damaged data is put aside, and fetched again"

    def _leftovers(self) -> Iterator[str]:
        removed = 0
        for path in partial_files(self.repository):
            path.unlink()
            removed += 1
        if removed:
            yield f"removed {removed} files that were never finished"
        for finding in self._of("unsigned-ref"):
            self.git.run("update-ref", "-d", str(finding.target))
            yield f"removed {finding.target}, whose commit never got its signature"

    def _put_aside(self, path: Path) -> Path:
        """Move a damaged file to where nobody reads it, and nothing deletes it."""
        target = self._aside / path.relative_to(self.repository.common_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        return path.replace(target)

    def _loose_count(self) -> int:
        return sum(1 for _ in (self.repository.common_dir / "objects").glob("??/*"))


def _tracking(remote: str) -> str:
    return f"+refs/heads/experiments/*:refs/remotes/{remote}/experiments/*"
