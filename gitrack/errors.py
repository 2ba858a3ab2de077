"""Every error that gitrack raises, as one tree."""

from collections.abc import Sequence


class GitrackError(Exception):
    """Base of all: what went wrong, where, and what to do, in one line."""


class UsageError(GitrackError, ValueError):
    """A call or a command line that cannot be meant."""


class NameRefusedError(UsageError):
    """
    A name that cannot stand in a path or a ref.

    Parameters
    ----------
    kind : str
        What was named, "run id" say.
    name : object
        What the caller gave.
    rule : str
        What would be taken.
    """

    def __init__(self, kind: str, name: object, rule: str) -> None:
        self.kind = kind
        self.name = name
        self.rule = rule
        super().__init__(f"{kind} {name!r} is refused: {rule}")


class QueryError(UsageError):
    """
    A search line that cannot be read.

    Parameters
    ----------
    token : str
        The part that is wrong.
    reason : str
        Why.
    """

    def __init__(self, token: str, reason: str) -> None:
        self.token = token
        self.reason = reason
        super().__init__(f"cannot read {token!r} in the query: {reason}")


class ConfigError(GitrackError, ValueError):
    """
    A setting in ``gitrack.toml`` or the environment that cannot be used.

    Parameters
    ----------
    source : str
        The file or variable.
    reason : str
        What is wrong with it.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")


class RepositoryError(GitrackError, OSError):
    """A git repository that is missing, broken or not to be written."""


class GitError(RepositoryError):
    """
    A git command that failed.

    Parameters
    ----------
    command : str
        The git command's name, "fast-import" say.
    status : int
        Its exit status.
    stderr : str
        What it said.
    """

    def __init__(self, command: str, status: int, stderr: str) -> None:
        self.command = command
        self.status = status
        self.stderr = stderr
        lines = [line for line in stderr.splitlines() if line.strip()] or ["no message"]
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        super().__init__(f"git {command} failed ({status}): {said.strip()}")


class BranchBlockedError(RepositoryError):
    """
    A ref or a checkout stands where runs are to be recorded.

    Parameters
    ----------
    branch : str
        The experiments branch.
    reason : str
        What stands in the way, and how to clear it.
    """

    def __init__(self, branch: str, reason: str) -> None:
        self.branch = branch
        self.reason = reason
        super().__init__(f"cannot record on {branch}: {reason}")


class RunNotFoundError(GitrackError, LookupError):
    """
    No run of that id, prefix or name.

    Parameters
    ----------
    run : str
        What was asked for.
    hint : str
        What to do.
    """

    def __init__(self, run: str, hint: str = "`gitrack ls` lists them") -> None:
        self.run = run
        super().__init__(f"no run {run!r}: {hint}")


class AmbiguousRunError(GitrackError, LookupError):
    """
    Several runs answer to one prefix or name.

    Parameters
    ----------
    run : str
        What was asked for.
    candidates : sequence of str
        The ids it may mean.
    """

    def __init__(self, run: str, candidates: Sequence[str]) -> None:
        self.run = run
        self.candidates = tuple(candidates)
        shown = ", ".join(self.candidates[:5])
        more = f" and {len(self.candidates) - 5} more" if len(self.candidates) > 5 else ""  # noqa: PLR2004
        super().__init__(f"{run!r} may mean {shown}{more}: give more of the id")


class RunActiveError(GitrackError, RuntimeError):
    """
    A run that is being recorded, and would write over what is changed now.

    Parameters
    ----------
    run : str
        Its id.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__(
            f"run {run} is being recorded here: change it in its script, or once it has ended"
        )


class FormatError(GitrackError, ValueError):
    """
    A record that cannot be read.

    Parameters
    ----------
    path : str
        Where it lies on the branch.
    reason : str
        What is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class NewerFormatError(FormatError):
    """
    A record written by a newer gitrack.

    Parameters
    ----------
    path : str
        Where it lies on the branch.
    found, known : int
        Its format version, and the newest that this gitrack reads.
    """

    def __init__(self, path: str, found: int, known: int) -> None:
        self.found = found
        self.known = known
        super().__init__(
            path, f"format version {found} is newer than {known}: install a newer gitrack"
        )


class DataMissingError(GitrackError, FileNotFoundError):
    """
    Large data that is recorded and not on this machine.

    Parameters
    ----------
    name : str
        What is missing, "run calm-1: model.pt" say.
    cure : str
        The command that brings it, or why none does.
    """

    def __init__(self, name: str, cure: str) -> None:
        self.name = name
        self.cure = cure
        super().__init__(f"{name} is not on this machine: {cure}")


class BuildError(GitrackError, RuntimeError):
    """The site cannot be built or written."""
