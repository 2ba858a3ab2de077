"""
The one door to git: GitPython's command layer, with the caller's environment left outside.

What only reads objects and refs starts git itself: importing GitPython takes longer than reading
ten thousand runs.
"""

import contextlib
import os
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

from gitrack.errors import GitError, RepositoryError
from gitrack.store.batch import Object, objects_in

# The repository's hooks and file watcher are for what people do in it.
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
# "Writing objects:  33% (1/3)", and the other side's lines of that kind
_COUNTED = re.compile(r"^(remote: )?\w+ \w+.*: +\d+%? ?(\(\d+|, done|$)|^Total \d+")
_PIPE_BYTES = 1 << 16
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NO_GIT = "git is not installed, or not on the PATH"


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
        self.objects_dir = common_dir / "objects"
        self._here: frozenset[str] = frozenset()
        # What a git hook finds in its environment must not lead us elsewhere.
        self._environment = {
            "GIT_DIR": str(git_dir),
            "GIT_COMMON_DIR": str(common_dir),
            "GIT_OBJECT_DIRECTORY": str(self.objects_dir),
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
            status, out, err = self._execute(
                arguments,
                istream=source,
                with_extended_output=True,
                env={**self._environment, **(environment or {})},
            )
        if status:
            raise GitError(arguments[0], status, err, out.decode("utf-8", "replace"))
        return bytes(out)

    def run_alone(
        self,
        *arguments: str,
        stdin: bytes,
        environment: Mapping[str, str],
        seconds: float,
    ) -> bytes:
        """
        Run a command that might ask a person: without a terminal to ask on, and not for ever.

        Parameters
        ----------
        *arguments, stdin, environment
            As for `run`.
        seconds : float
            How long it may take before it is ended, with all that it has started.

        Raises
        ------
        GitError
            If it exits with anything but 0.
        TimeoutError
            If it takes longer.
        """
        with _as_file(stdin) as source:
            owner = self._execute(  # ends the process when it is collected
                arguments,
                istream=source,
                as_process=True,
                start_new_session=True,
                env={**self._environment, **environment},
            )
            process = owner.proc
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired as error:
                raise TimeoutError(f"git {arguments[0]} took {seconds:g} seconds") from error
            finally:
                _end(process)
        if process.returncode:
            raise GitError(arguments[0], process.returncode, err.decode("utf-8", "replace"))
        return bytes(out)

    def transfer(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        progress: Callable[[str], None] | None = None,
        patience: float | None = None,
    ) -> tuple[int, str, str]:
        """
        Run a command that speaks with another repository, hearing it while it runs.

        Parameters
        ----------
        *arguments : str
            The command.
        environment : mapping of str to str, optional
            More variables.
        progress : callable, optional
            Told every line of progress.
        patience : float, optional
            Seconds of silence after which it is ended; for ever unless given.

        Returns
        -------
        status : int
            Its exit status.
        out, err : str
            What it printed, and what it said, progress left out.

        Raises
        ------
        GitError
            If it was silent for too long.
        """
        # GitPython ends the process once nobody holds this.
        held = self._execute(
            arguments, as_process=True, env={**self._environment, **(environment or {})}
        )
        process = held.proc
        heard: queue.Queue[str | None] = queue.Queue()
        printed: list[bytes] = []
        ears = (
            threading.Thread(target=_hear, args=(process.stderr, heard), daemon=True),
            threading.Thread(target=lambda: printed.append(process.stdout.read()), daemon=True),
        )
        for ear in ears:
            ear.start()
        said: list[str] = []
        try:
            while (line := heard.get(timeout=patience)) is not None:
                if not _COUNTED.search(line):
                    said.append(line)
                elif progress is not None:
                    progress(line)
        except BaseException as error:
            process.kill()
            process.wait()
            if isinstance(error, queue.Empty):
                silence = f"fatal: it was silent for {patience:g} s"
                raise GitError(arguments[0], -1, silence) from error
            raise
        status = process.wait()
        for ear in ears:
            ear.join()
        process.stdout.close()
        process.stderr.close()
        return status, printed[0].decode("utf-8", "replace"), "\n".join(said)

    def text(self, *arguments: str) -> str:
        """Run one command and return its output as stripped text."""
        return self.run(*arguments).decode("utf-8", "replace").strip()

    def look(self, *arguments: str) -> str:
        """
        Run one command that only reads, and return its output as stripped text.

        Raises
        ------
        GitError
            If it exits with anything but 0.
        RepositoryError
            If git is not installed.
        """
        process = self._start(arguments, None, subprocess.PIPE, {})
        out, err = process.communicate()
        if process.returncode:
            raise GitError(arguments[0], process.returncode, err.decode("utf-8", "replace"))
        return out.decode("utf-8", "replace").strip()

    def ask(self, *arguments: str) -> str | None:
        """Run a command whose failure means "no": its stripped text, or None."""
        try:
            return self.text(*arguments)
        except GitError:
            return None

    def contains(self, commit: str, other: str) -> bool:
        """Tell whether a commit is or descends from another one."""
        return self.ask("merge-base", "--is-ancestor", other, commit) is not None

    def run_into(self, out: IO[bytes], *arguments: str, stdin: bytes | None = None) -> None:
        """
        Run one command and write what it prints into a file, without holding it in memory.

        Raises
        ------
        GitError
            If it exits with anything but 0.
        """
        with _as_file(stdin) as source:
            status, _, err = self._execute(
                arguments,
                istream=source,
                output_stream=out,
                with_extended_output=True,
                env=self._environment,
            )
        if status:
            raise GitError(arguments[0], status, err)

    def ids(self, names: Iterable[str]) -> list[str | None]:
        """
        Look objects up by name, ``<commit>:<path>`` say, all in one process.

        Returns
        -------
        list of (str or None)
            Their ids; None for what is not there.
        """
        listing = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        if not listing:
            return []
        found = self.run("cat-file", "--batch-check=%(objectname)", stdin=listing)
        return [
            None if line.endswith(b" missing") else line.decode() for line in found.splitlines()
        ]

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
        return any((self.objects_dir / "pack").glob("*.promisor"))

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
                if isinstance(stream, BufferedReader):
                    yield from objects_in(stream)
            finally:
                if stream is not None:
                    stream.close()
                process.terminate()
                process.wait()

    @contextmanager
    def batch(self, ids: Iterable[str]) -> Iterator[Any]:
        """Run one ``cat-file --batch`` over objects, in order; gives the process."""
        with _as_file("".join(f"{oid}\n" for oid in ids).encode()) as source:
            process = self._execute(
                ("cat-file", "--batch", "--buffer"),
                istream=source,
                as_process=True,
                env=self._environment,
            )
            try:
                yield process
            finally:
                process.proc.stdout.close()
                process.proc.terminate()
                process.proc.wait()
                process.proc.stderr.close()

    def sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """Return objects' sizes in bytes by id; one that is missing counts as empty."""
        asked = "".join(f"{oid}\n" for oid in ids).encode()
        answered = self.run("cat-file", "--batch-check", "--buffer", stdin=asked)
        found = (line.split() for line in answered.splitlines())
        return {parts[0].decode(): int(parts[2]) if len(parts) > 2 else 0 for parts in found}  # noqa: PLR2004

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

    def _execute(self, arguments: Iterable[str], **options: Any) -> Any:
        try:
            import git
        except ImportError as error:  # how GitPython says that it finds no git
            raise RepositoryError(_NO_GIT) from error
        try:
            return git.cmd.Git(str(self.work_tree or self.git_dir)).execute(
                ["git", *_QUIET, *arguments],
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                with_exceptions=False,
                **options,
            )
        except git.exc.GitCommandNotFound as error:
            raise RepositoryError(_NO_GIT) from error


def _hear(stream: IO[bytes], heard: "queue.Queue[str | None]") -> None:
    """Pass on what a process says, line by line; git ends a line of progress with a return."""
    rest = b""
    while piece := os.read(stream.fileno(), 1 << 16):
        *lines, rest = re.split(rb"[\r\n]", rest + piece)
        for line in lines:
            if line.strip():
                heard.put(line.decode("utf-8", "replace").rstrip())
    if rest.strip():
        heard.put(rest.decode("utf-8", "replace").rstrip())
    heard.put(None)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that leads a session, and what it has left running there."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


@contextmanager
def _as_file(content: bytes | IO[bytes] | None) -> Iterator[IO[bytes] | None]:
    """Give a process its input as a real file: no thread feeds it, and no pipe can fill up."""
    if not isinstance(content, bytes):
        yield content
        return
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file
