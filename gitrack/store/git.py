"""The one door to git: GitPython's command layer, with the caller's environment left outside."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gitrack.errors import GitError, RepositoryError

# The repository's hooks and file watcher are for what people do in it.
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
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
            status, out, err = self._execute(
                arguments,
                istream=source,
                with_extended_output=True,
                env={**self._environment, **(environment or {})},
            )
        if status:
            raise GitError(arguments[0], status, err)
        return bytes(out)

    def text(self, *arguments: str) -> str:
        """Run one command and return its output as stripped text."""
        return self.run(*arguments).decode("utf-8", "replace").strip()

    def ask(self, *arguments: str) -> str | None:
        """Run a command whose failure means "no": its stripped text, or None."""
        try:
            return self.text(*arguments)
        except GitError:
            return None

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
        Stream objects by id, in order, through one ``cat-file`` process.

        Raises
        ------
        GitError
            If an object is missing.
        """
        wanted = list(ids)
        if not wanted:
            return
        with _as_file("".join(f"{oid}\n" for oid in wanted).encode()) as source:
            process = self._execute(
                ("cat-file", "--batch", "--buffer"),
                istream=source,
                as_process=True,
                env=self._environment,
            )
            try:
                for oid in wanted:
                    yield _read_object(process.stdout, oid)
            finally:
                process.proc.stdout.close()
                process.proc.stderr.close()
                process.proc.terminate()
                process.proc.wait()

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


def _read_object(stream: IO[bytes], oid: str) -> bytes:
    header = stream.readline().split()
    if len(header) != 3:  # noqa: PLR2004
        raise GitError("cat-file", 1, f"object {oid} is missing: fetch the branch again")
    content = stream.read(int(header[2]))
    stream.read(1)
    return content


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
