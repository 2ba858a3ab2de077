"""Every error that gitrack raises, as one tree."""

from collections.abc import Sequence

_SHOWN = 5  # names in a message


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


class DescriptionError(UsageError):
    """
    Something that a person wrote to be shown, and that cannot be.

    Parameters
    ----------
    place : str
        Where it stands, "reports/lr.md:12" say.
    reason : str
        What is wrong with it.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")


class PanelError(DescriptionError):
    """A panel's or a dashboard's description that cannot be drawn."""


class ReportError(DescriptionError):
    """A report that cannot be read, or a part of one that cannot be told."""


class DisagreementError(GitrackError, ValueError):
    """
    Reports and runs that disagree.

    Parameters
    ----------
    wrong : int
        Sentences that do not hold, or of which nobody can tell.
    checked : int
        Sentences that were held to the runs.
    troubles : int
        Values and panels that cannot be shown.
    """

    def __init__(self, wrong: int, checked: int, troubles: int) -> None:
        self.wrong = wrong
        self.checked = checked
        self.troubles = troubles
        said = [f"{wrong} of {checked} claims do not hold"] if wrong else []
        said += [f"{troubles} places cannot be told"] if troubles else []
        super().__init__(" and ".join(said))


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
    stderr, stdout : str
        What it said.
    """

    def __init__(self, command: str, status: int, stderr: str, stdout: str = "") -> None:
        self.command = command
        self.status = status
        self.stderr = stderr
        self.stdout = stdout
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


class RemoteError(RepositoryError):
    """
    A remote that cannot be reached, or does not take what it is sent.

    Parameters
    ----------
    remote : str
        Its name or address.
    reason : str
        What it said.
    passing : bool
        Whether trying again later may help.
    """

    def __init__(self, remote: str, reason: str, *, passing: bool = False) -> None:
        self.remote = remote
        self.reason = reason
        self.passing = passing
        super().__init__(f"{remote} {reason}")


class HostError(GitrackError, OSError):
    """
    A git host's API that does not do what was asked.

    Parameters
    ----------
    method, path : str
        What was asked.
    reason : str
        Why it was not done.
    """

    def __init__(self, method: str, path: str, reason: str) -> None:
        self.method = method
        self.path = path
        self.reason = reason
        super().__init__(f"the host's API, {method} {path}: {reason}")


class MergeConflictError(GitrackError, ValueError):
    """
    Things that were changed on two sides, to different values.

    Parameters
    ----------
    branch : str
        The branch that stays as it was.
    clashes : sequence of object
        What clashes; each says itself in one line.
    """

    def __init__(self, branch: str, clashes: Sequence[object]) -> None:
        self.branch = branch
        self.clashes = tuple(clashes)
        count = len(self.clashes)
        what = "1 value was" if count == 1 else f"{count} values were"
        super().__init__(
            f"{branch} stays as it was: {what} changed here and there ({self.clashes[0]}"
            f"{'; …' if count > 1 else ''}); --ours or --theirs chooses"
        )


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
        super().__init__(f"{run!r} may mean {_some(self.candidates)}: give more of the id")


class ArtifactNotFoundError(GitrackError, LookupError):
    """
    No artifact, or no version or alias of it.

    Parameters
    ----------
    name : str
        What was asked for.
    known : sequence of str
        What there is instead.
    """

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        self.name = name
        self.known = tuple(known)
        there = f"there is {_some(self.known)}" if known else "`gitrack artifacts` lists them"
        super().__init__(f"no artifact {name!r}: {there}")


class NotLoggedError(GitrackError, AttributeError):
    """
    Something that only a logged artifact has was asked of another one.

    Parameters
    ----------
    artifact : str
        Its name.
    reason : str
        Why it is not logged, and what to do.
    """

    def __init__(self, artifact: str, reason: str) -> None:
        self.artifact = artifact
        self.reason = reason
        super().__init__(f"artifact {artifact!r} is not logged: {reason}")


class AmbiguousArtifactError(GitrackError, LookupError):
    """
    Several artifacts answer to one name, or branches hold different versions of one number.

    Parameters
    ----------
    name : str
        What was asked for.
    candidates : sequence of str
        What it may mean.
    """

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        super().__init__(f"{name!r} may mean {_some(self.candidates)}")


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


class DigestError(GitrackError, ValueError):
    """
    Data that is not what its record says.

    Parameters
    ----------
    path : str
        The file.
    expected, found : str
        Digests.
    """

    def __init__(self, path: str, expected: str, found: str) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        super().__init__(f"{path}: its digest is {found}, and {expected} is recorded")


class DataError(GitrackError, OSError):
    """
    Large data that cannot be stored, or moved to or from its remote.

    Parameters
    ----------
    name : str
        Which, or the remote.
    reason : str
        Why, and what to do.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: {reason}")


class DamagedError(GitrackError, RuntimeError):
    """
    A check found errors.

    Parameters
    ----------
    count : int
        How many.
    place : str
        Where.
    """

    def __init__(self, count: int, place: str = "what is recorded") -> None:
        self.count = count
        self.place = place
        super().__init__(f"{count} error{'s' * (count != 1)} in {place}")


class SweepError(UsageError):
    """
    A sweep that cannot be run.

    Parameters
    ----------
    part : str
        The part of its description, or its id.
    reason : str
        What is wrong with it.
    """

    def __init__(self, part: str, reason: str) -> None:
        self.part = part
        self.reason = reason
        super().__init__(f"sweep: {part}: {reason}")


class NotHereError(GitrackError, NotImplementedError):
    """
    Something of W&B that has no meaning without its server.

    Parameters
    ----------
    name : str
        Its name in wandb.
    instead : str
        What to do instead.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name = name
        self.instead = instead
        super().__init__(f"{name} is not part of gitrack: {instead}")


class BuildError(GitrackError, RuntimeError):
    """The site cannot be built or written."""


def _some(names: Sequence[str]) -> str:
    """Name the first of many."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
