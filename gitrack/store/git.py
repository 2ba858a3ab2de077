"""The one door to git: its commands, with the caller's environment left outside."""

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple

from gitrack.errors import GitError, RepositoryError

# The repository's hooks and file watcher are for what people do in it.
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_PIPE_BYTES = 1 << 16
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NO_GIT = "git is not installed, or not on the PATH"


class Object(NamedTuple):
    """What git keeps under an id: its kind ("blob", "tree" …) and its content."""

    id: str
    kind: str
    content: bytes


class Git:
    """
    Git commands on one repository.

    None of them touches the index, the work tree or HEAD.

    Parameters
    ----------
    git_dir : pathlib.Path
        The repository's own folder; a worktree's private one is fine.
    work_tree : pathlib.Path or None
        The checked-out files; None for a bare repository.
    common_dir : pathlib.Path, optional
        The folder that all work trees share, if that is not `git_dir`.
    """

    def __init__(
        self, git_dir: Path, work_tree: Path | None = None, common_dir: Path | None = None
    ) -> None:
        self.git_dir = git_dir
        self.work_tree = work_tree
        common_dir = common_dir or git_dir
        self._here: frozenset[str] = frozenset()
        # What a git hook finds in its environment must not lead us elsewhere.
        self._environment = {
            "GIT_DIR": str(git_dir),
            "GIT_COMMON_DIR": str(common_dir),
            "GIT_OBJECT_DIRECTORY": str(common_dir / "objects"),
            "GIT_INDEX_FILE": str(git_dir / "index"),
            "GIT_NAMESPACE": "",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        if work_tree is not None or "GIT_WORK_TREE" in os.environ:
            self._environment["GIT_WORK_TREE"] = str(work_tree or git_dir)

    def run(
        self,
        *arguments: str,
        stdin: bytes | IO[bytes] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """
        Run one command and return what it printed.

        Parameters
        ----------
        *arguments : str
            The command.
        stdin : bytes or binary file, optional
            Its input.
        environment : mapping of str to str, optional
            More variables, such as an index of our own.

        Raises
        ------
        GitError
            If it exits with anything but 0.
        RepositoryError
            If git is not installed.
        """
        with _as_file(stdin) as source:
            process = self._start(arguments, source, subprocess.PIPE, environment or {})
            out, err = process.communicate()
        if process.returncode:
            raise GitError(arguments[0], process.returncode, err.decode("utf-8", "replace"))
        return out

    def text(self, *arguments: str) -> str:
        """Run one command and return its output as stripped text."""
        return self.run(*arguments).decode("utf-8", "replace").strip()

    def ask(self, *arguments: str) -> str | None:
        """Run a command whose failure means "no": its stripped text, or None."""
        try:
            return self.text(*arguments)
        except GitError:
            return None

    @property
    def id_length(self) -> int:
        """Hex digits of an object's id: 40, or 64 in a repository of SHA-256."""
        return len(self.run("mktree", stdin=b"").strip())

    def blobs(self, ids: Iterable[str]) -> Iterator[bytes]:
        """
        Stream blobs by id, in order.

        Raises
        ------
        GitError
            If one is missing or corrupt.
        """
        wanted = list(ids)
        for oid, found in zip(wanted, self.objects(wanted), strict=True):
            if found is None:
                raise GitError("cat-file", 1, f"object {oid} is missing: fetch the branch again")
            yield found.content

    def objects(self, names: Iterable[str]) -> Iterator[Object | None]:
        """
        Stream objects by id, or by another name that git knows, in order.

        One process reads them all. What is missing or corrupt is None, and ends nothing.
        """
        wanted = list(names)
        absent = self._absent(wanted) if self.partial else frozenset()
        asked = [name for name in wanted if name not in absent]
        found = self._found(asked)
        for name in wanted:
            yield None if name in absent else next(found)

    @cached_property
    def partial(self) -> bool:
        """Whether this is a partial clone, which fetches objects when they are needed."""
        packs = Path(self._environment["GIT_OBJECT_DIRECTORY"], "pack")
        return any(packs.glob("*.promisor"))

    def _absent(self, names: Iterable[str]) -> frozenset[str]:
        """Fetch what a partial clone lacks, all at once, and return what could not be had."""
        missing = self._not_here(name for name in names if _ID.fullmatch(name))
        if not missing:
            return frozenset()
        promised = self.ask("config", "--get-regexp", r"^remote\..*\.promisor$") or ""
        for line in promised.splitlines():
            remote = line.partition(" ")[0].removeprefix("remote.").removesuffix(".promisor")
            words = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags")
            more = ("--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none")
            with contextlib.suppress(GitError):
                self.run(*words, *more, "--stdin", remote, stdin="\n".join(missing).encode())
            if not (missing := self._not_here(missing)):
                break
        return frozenset(missing)

    def _not_here(self, ids: Iterable[str]) -> set[str]:
        """Tell which objects are not in this clone, without fetching them."""
        missing = set(ids) - self._here
        if missing:
            words = ("--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
            self._here = frozenset(self.text("cat-file", *words).split())
        return missing - self._here

    def _found(self, names: list[str]) -> Iterator[Object | None]:
        done = 0
        while done < len(names):
            # git ends at a corrupt object; the next process goes on behind it.
            for found in self._cat(names[done:]):
                yield found
                done += 1
            if done < len(names):
                yield None
                done += 1

    def _cat(self, names: list[str]) -> Iterator[Object | None]:
        with _as_file("".join(f"{name}\n" for name in names).encode()) as source:
            words = ("cat-file", "--batch", "--buffer")
            process = self._start(words, source, subprocess.DEVNULL, {})
            stream = process.stdout
            try:
                while stream is not None and (header := stream.readline()):
                    if header.endswith((b" missing\n", b" ambiguous\n")):
                        yield None
                        continue
                    oid, kind, size = header.split()
                    content = stream.read(int(size))
                    if stream.read(1) != b"\n":
                        return
                    yield Object(oid.decode(), kind.decode(), content)
            finally:
                if stream is not None:
                    stream.close()
                process.terminate()
                process.wait()

    def _start(
        self,
        arguments: Iterable[str],
        stdin: IO[bytes] | None,
        stderr: int,
        environment: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        place = str(self.work_tree or self.git_dir)
        try:
            return subprocess.Popen(
                ["git", *_QUIET, *arguments],
                bufsize=_PIPE_BYTES,
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=place if os.access(place, os.X_OK) else None,
                env={**os.environ, **self._environment, **environment},
            )
        except (FileNotFoundError, PermissionError) as error:
            raise RepositoryError(_NO_GIT) from error


@contextmanager
def _as_file(content: bytes | IO[bytes] | None) -> Iterator[IO[bytes] | None]:
    """Give a process its input as a real file: no thread feeds it, and no pipe can fill up."""
    if not isinstance(content, bytes):
        yield content
        return
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file
