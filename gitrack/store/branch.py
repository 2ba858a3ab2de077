"""Adding files to an experiments branch: all of a run or nothing, whoever else writes."""

import contextlib
import getpass
import re
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gitrack.errors import BranchBlockedError, GitError, RepositoryError
from gitrack.model.names import EXPERIMENTS, check_path
from gitrack.store.beginning import first_files
from gitrack.store.git import Git
from gitrack.store.locks import clear_stale_lock
from gitrack.store.repository import Repository
from gitrack.store.signing import Signer

#: Where a commit waits for its signature.
NEW_REFS = "refs/gitrack/new/"
_ATTEMPTS = 20
_LOCK_SECONDS = 120.0
_FILE, _FOLDER = "100644", "040000"
_COPY_BYTES = 1 << 20
# what fast-import says when another process moved or holds the branch, or pruned a blob
_PASSING = ("not updating", "cannot lock ref", "file exists", "not found")
_CRASH_REPORT = re.compile(r"crash report to .*(fast_import_crash_\d+)")


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What git holds already, to stand at a path as it is.

    Attributes
    ----------
    oid : str
        A blob's id, or that of a folder's whole tree.
    mode : str
        Git's mode of it.
    """

    oid: str
    mode: str = _FILE

    @classmethod
    def folder(cls, oid: str) -> "Kept":
        """Stand for a folder with all that is in it."""
        return cls(oid, _FOLDER)


#: What a path on the branch is to hold; None for what is to go.
Content = bytes | Path | Kept | None


class Branch:
    """
    One experiments branch, as a place to add files.

    Parameters
    ----------
    repository : Repository
        Where it lives.
    name : str
        Its short name, ``experiments/main`` say.
    """

    def __init__(self, repository: Repository, name: str) -> None:
        self.repository = repository
        self.git = repository.git
        self.name = name
        self.ref = f"refs/heads/{name}"
        self._signer: Signer | None = None

    def add(
        self,
        files: Mapping[str, Content],
        message: str,
        also: Callable[[str | None], Mapping[str, bytes | Path]] | None = None,
    ) -> str:
        """
        Commit files in one commit.

        Blobs are stored first, without a lock; the commit is made under one and again
        whenever the tip moved meanwhile.

        Parameters
        ----------
        files : mapping of str to bytes, pathlib.Path or None
            Contents, or the files that hold them, by their path on the branch; None for what goes
            if it is there.
        message : str
            The commit's message.
        also : callable, optional
            Takes the commit that this one builds on (None on a new branch), and returns more files.

        Returns
        -------
        str
            The commit's id.

        Raises
        ------
        NameRefusedError
            If a path is not plain and relative.
        BranchBlockedError
            If another ref or a checkout stands where the branch should be.
        RepositoryError
            If git cannot write.
        """
        for path in files:
            check_path(path)
        entries = self._entries(files)

        def commit(pruned: bool) -> str:
            if pruned:
                entries.update(self._entries(files))
            parent = self._parent()
            more = self._entries(also(parent)) if also else {}
            return self._commit(parent, {**entries, **more}, message)

        return self._retried(commit)

    def change(self, plan: Callable[[str | None], Mapping[str, Content]], message: str) -> str:
        """
        Commit what follows from the branch as it stands, in one commit.

        Parameters
        ----------
        plan : callable
            Takes the commit that the change builds on (None on a new branch), and returns what
            to write by its path on the branch, in order: contents, files that hold them, what
            git has already, or None for a file or a folder that goes. It is asked again whenever
            the tip moved meanwhile.
        message : str
            The commit's message.

        Returns
        -------
        str
            The commit's id; the parent's where there is nothing to change.

        Raises
        ------
        NameRefusedError
            If a path is not plain and relative.
        BranchBlockedError
            If another ref or a checkout stands where the branch should be.
        RepositoryError
            If git cannot write.
        """

        def commit(_pruned: bool) -> str:
            parent = self._parent()
            files = plan(parent)
            for path in files:
                check_path(path)
            if not files and parent is not None:
                return parent
            return self._commit(parent, self._entries(files), message)

        return self._retried(commit)

    def merge(
        self,
        other: str,
        plan: Callable[[str | None], Mapping[str, Content] | None],
        message: str,
    ) -> str:
        """
        Take in another commit.

        Parameters
        ----------
        other : str
            The commit.
        plan : callable
            Takes the commit that the branch stands at (None on a new branch), and returns what
            the merge changes there by path, as for `change`; None as a whole lets the branch
            move to `other` itself. It is asked again whenever the tip
            moved meanwhile.
        message : str
            The merge commit's message.

        Returns
        -------
        str
            The commit that the branch stands at now.

        Raises
        ------
        BranchBlockedError
            If another ref or a checkout stands where the branch is.
        RepositoryError
            If git cannot write.
        """

        def commit(_pruned: bool) -> str:
            tip = self.tip()
            if tip is not None and self.git.contains(tip, other):
                return tip
            changes = plan(tip)
            if changes is None:
                self.git.run("update-ref", self.ref, other, tip or "0" * len(other))
                return other
            return self._commit(tip, self._entries(changes), message, other)

        return self._retried(commit)

    def _retried(self, commit: Callable[[bool], str]) -> str:
        """Commit under the lock, again while other writers of git come first."""
        error: GitError | None = None
        pruned = False
        if self.signer.works:
            # A key may take its time, so that other writers should not have to wait for it.
            self.check_free()
            with contextlib.suppress(GitError):
                return commit(False)
        with self.lock():
            for attempt in range(_ATTEMPTS):
                self.check_free()
                try:
                    return commit(pruned)
                except GitError as failure:
                    error = failure
                    said = failure.stderr.lower()
                    if clear_stale_lock(failure.stderr, self.repository.common_dir):
                        continue
                    if not any(trouble in said for trouble in _PASSING):
                        break
                    # A pruned blob is stored again; a moved tip is read again.
                    pruned = "not found" in said
                    time.sleep(0.05 * min(attempt, 10))
        raise RepositoryError(f"{self.name}: {error}") from error

    @property
    def signer(self) -> Signer:
        """What signs its commits."""
        if self._signer is None:
            self._signer = Signer(self.repository)
        return self._signer

    def tip(self) -> str | None:
        """Return the commit that the branch stands at, or None."""
        return self.git.ask("rev-parse", "--verify", "--quiet", f"{self.ref}^{{commit}}")

    def _store(self, files: Mapping[str, bytes | Path]) -> dict[str, Kept]:
        """Write blobs and return them by path."""
        with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
            marks = Path(folder) / "marks"
            with tempfile.TemporaryFile() as stream:
                stream.write(b"feature done\n")
                for mark, content in enumerate(files.values(), 1):
                    stream.write(b"blob\nmark :%d\n" % mark)
                    _write_data(stream, content)
                stream.write(b"done\n")
                self._import(stream, f"--export-marks={marks}")
            ids = dict(line.split() for line in marks.read_text().splitlines())
        return {path: Kept(ids[f":{mark}"]) for mark, path in enumerate(files, 1)}

    def _parent(self) -> str | None:
        return self.tip() or self._origin()

    def _entries(self, files: Mapping[str, Content]) -> dict[str, Kept | None]:
        """Store what git has not yet, and return what stands at each path, in order."""
        fresh = {
            path: one
            for path, one in files.items()
            if one is not None and not isinstance(one, Kept)
        }
        there = {path: one for path, one in files.items() if one is None or isinstance(one, Kept)}
        stored = self._store(fresh) if fresh else {}
        return {path: stored[path] if path in stored else there[path] for path in files}

    def _commit(
        self,
        parent: str | None,
        entries: Mapping[str, Kept | None],
        message: str,
        merged: str | None = None,
    ) -> str:
        """Commit entries by path on top of a commit; None removes a path."""
        if parent is None:
            entries = {**self._store(first_files(self.repository.work_tree)), **entries}
        # fast-import cannot sign: where that is wanted it works aside, and the branch moves after.
        aside = f"{NEW_REFS}{secrets.token_hex(8)}" if self.signer.works else None
        with tempfile.TemporaryFile() as stream:
            stream.write(b"feature done\n")
            stream.write(f"commit {aside or self.ref}\nmark :1\n".encode())
            stream.write(f"committer {self._person()}\n".encode())
            _write_data(stream, message.encode("utf-8", "replace"))
            if parent is not None:
                stream.write(f"from {parent}\n".encode())
            if merged is not None:
                stream.write(f"merge {merged}\n".encode())
            # What goes, goes first: a file may stand where a folder was.
            for path, kept in sorted(entries.items(), key=lambda item: item[1] is not None):
                change = f"D {path}" if kept is None else f"M {kept.mode} {kept.oid} {path}"
                stream.write(f"{change}\n".encode())
            stream.write(b"\nget-mark :1\ndone\n")
            made = self._import(stream).decode().strip()
        if aside is not None:
            try:
                made = self.signer.sign(made)
                # The branch must still stand where the commit begins, or not be there at all.
                before = parent if parent is not None and self.tip() is not None else ""
                self.git.run("update-ref", self.ref, made, before)
            finally:
                self.git.ask("update-ref", "-d", aside)
        return made

    def _import(self, stream: IO[bytes], *options: str) -> bytes:
        stream.seek(0)
        try:
            return self.git.run("fast-import", "--quiet", "--done", *options, stdin=stream)
        except GitError as error:
            if report := _CRASH_REPORT.search(error.stderr):
                Path(self.git.git_dir, report[1]).unlink(missing_ok=True)
            raise

    def _origin(self) -> str | None:
        """
        Find what a new branch begins from.

        The same branch of a remote first, then the default branch's experiments here or there.
        """
        remotes = _remotes(self.git)
        candidates = [f"refs/remotes/{remote}/{self.name}" for remote in remotes]
        for default in default_branches(self.git):
            candidates.append(f"refs/heads/{default}")
            candidates += [f"refs/remotes/{remote}/{default}" for remote in remotes]
        for ref in candidates:
            if ref != self.ref and (
                oid := self.git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            ):
                return oid
        return None

    def check_free(self) -> None:
        """
        Make sure that the branch may be moved.

        Raises
        ------
        BranchBlockedError
            If another ref or a checkout stands where it should be.
        """
        top = f"refs/heads/{EXPERIMENTS.rstrip('/')}"
        taken = self.git.ask("for-each-ref", "--format=%(refname) %(symref)", top) or ""
        for line in taken.splitlines():
            ref, _, target = line.partition(" ")
            if ref == self.ref and target:
                raise BranchBlockedError(self.name, f"it stands for {target}")
            if self.ref.startswith(f"{ref}/") or ref.startswith(f"{self.ref}/"):
                other = ref.removeprefix("refs/heads/")
                cure = f"rename it: git branch -m {other} …" if ref == top else "git keeps only one"
                raise BranchBlockedError(self.name, f"a branch named {other} is there ({cure})")
        worktrees = self.git.ask("worktree", "list", "--porcelain") or ""
        place = ""
        for line in worktrees.splitlines():
            key, _, value = line.partition(" ")
            if key == "worktree":
                place = value
            elif key == "branch" and value == self.ref:
                raise BranchBlockedError(self.name, f"it is checked out in {place}")

    def _person(self) -> str:
        if ident := self.git.ask("var", "GIT_COMMITTER_IDENT"):
            return ident
        user, host = _plain(_user()), _plain(socket.gethostname())
        return f"{user} <{user}@{host}> {int(time.time())} +0000"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """
        Keep other processes of gitrack from committing, on any branch.

        Raises
        ------
        RepositoryError
            If another process holds the lock for minutes.
        """
        import filelock

        folder = self.repository.own_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(folder / "commit.lock", timeout=_LOCK_SECONDS):
                yield
        except filelock.Timeout as error:
            raise RepositoryError(f"{folder}: another process holds the lock") from error


def default_branches(git: Git) -> list[str]:
    """Return what the experiments of the default branch may be called, the likeliest first."""
    found = []
    for remote in _remotes(git):
        prefix = f"refs/remotes/{remote}/"
        if head := git.ask("symbolic-ref", "--quiet", f"{prefix}HEAD"):
            found.append(head.removeprefix(prefix))
    if configured := git.ask("config", "init.defaultBranch"):
        found.append(configured)
    return [EXPERIMENTS + name for name in dict.fromkeys((*found, "main", "master"))]


def _remotes(git: Git) -> list[str]:
    return sorted((git.ask("remote") or "").split(), key=lambda name: name != "origin")


def _write_data(stream: IO[bytes], content: bytes | Path) -> None:
    if isinstance(content, bytes):
        stream.write(b"data %d\n" % len(content))
        stream.write(content)
    else:
        with content.open("rb") as source:
            left = content.stat().st_size
            stream.write(b"data %d\n" % left)
            while left and (piece := source.read(min(left, _COPY_BYTES))):
                stream.write(piece)
                left -= len(piece)
            stream.write(b"\0" * left)
    stream.write(b"\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "gitrack"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", text) or "gitrack"
