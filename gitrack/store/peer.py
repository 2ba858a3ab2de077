"""Another repository that runs are sent to and fetched from."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gitrack.errors import GitError, RemoteError, UsageError
from gitrack.model.names import EXPERIMENTS
from gitrack.store.locks import clear_stale_lock
from gitrack.store.moved import Progress
from gitrack.store.repository import Repository

HEADS = f"refs/heads/{EXPERIMENTS}"
CODE = "refs/gitrack/code/"

_REFSPECS = 300  # of one command
_PATIENCE = 600.0  # seconds of silence, with nobody there to press Ctrl-C
_ADDRESS = re.compile(r"(https?|ssh|git|git\+ssh|file)://[^-].*", re.IGNORECASE | re.DOTALL)
_SCP = re.compile(r"(?!-)[\w.@-]+:(?!:)[^\0\n]+")
_CODE_REF = re.compile(rf"{CODE}([0-9a-f]{{40}}|[0-9a-f]{{64}})")
_SECRET = re.compile(r"//[^/@\s]*@")
#: What git and the other side say when another push came first.
_LATE = (
    "fetch first", "non-fast-forward", "cannot lock ref", "failed to update", "stale info",
    "incorrect old value", "already exists",
)  # fmt: skip
# and when a network or a host has a bad moment
_PASSING = (
    "could not resolve", "connect to", "timed out", "timeout", "connection", "unreachable",
    "hung up", "early eof", "temporarily", "try again", "http 5", "error: 5", "429",
    "it was silent", "operation too slow", "network", "remote end",
)  # fmt: skip
# A dead network ends by itself; nobody is asked for anything.
_UNATTENDED = (
    "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60",
    "-c", "credential.interactive=false",
)  # fmt: skip
_SSH = ("ConnectTimeout=30", "BatchMode=yes", "ServerAliveInterval=15", "ServerAliveCountMax=4")


class Peer:
    """
    A remote of the repository, or an address that somebody named.

    Parameters
    ----------
    repository : Repository
        Our side.
    name : str
        A remote's name; or a URL or a folder, which is checked.
    attended : bool
        Whether a person is there who can be asked for a password.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    RemoteError
        If there is no such remote.
    UsageError
        If it is no address that data may be fetched from.
    """

    def __init__(
        self,
        repository: Repository,
        name: str,
        *,
        attended: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.repository = repository
        self.git = repository.git
        self.named = name in (self.git.ask("remote") or "").splitlines()
        self._address = name if self.named else _checked_address(name)
        self.name = name if self.named else shown_address(name)
        self._attended = attended
        self._progress = progress

    def refs(self) -> dict[str, str]:
        """
        Return the other side's experiments branches and snapshots of code.

        Raises
        ------
        RemoteError
            If it cannot be read.
        """
        out = self._speak("ls-remote", "--quiet", self._address, f"{HEADS}*", f"{CODE}*")
        found = {}
        for line in out.splitlines():
            oid, _, ref = line.partition("\t")
            snapshot = _CODE_REF.fullmatch(ref)
            if ref.startswith(HEADS) or (snapshot and snapshot[1] == oid):
                found[ref] = oid
        return found

    def fetch(self, refspecs: Sequence[str], *, checked: bool = False) -> None:
        """
        Bring refs here.

        Parameters
        ----------
        refspecs : sequence of str
            Which, and where to.
        checked : bool
            Whether every object is checked to be well-formed.

        Raises
        ------
        RemoteError
            If it cannot be read.
        """
        check = ("-c", "fetch.fsckObjects=true") if checked else ()
        options = "--progress --no-tags --no-write-fetch-head --no-recurse-submodules --refmap="
        for some in _pieces(refspecs):
            self._speak(*check, "fetch", *options.split(), self._address, *some)

    def push(self, refspecs: Sequence[str]) -> dict[str, str]:
        """
        Send refs.

        Returns
        -------
        dict of str to str
            Why a ref was not taken, by its name there; empty where all were.

        Raises
        ------
        RemoteError
            If it cannot be reached.
        """
        refused: dict[str, str] = {}
        for some in _pieces(refspecs):
            refused |= self._push(some)
        # A hook that refuses one ref refuses all that came with it.
        together = [spec for spec in refspecs if "pre-receive" in refused.get(_target(spec), "")]
        if len(together) > 1:
            for spec in together:
                del refused[_target(spec)]
                refused |= self._push([spec])
        return refused

    def _push(self, refspecs: Sequence[str]) -> dict[str, str]:
        options = "--progress --porcelain --no-follow-tags --no-signed --no-recurse-submodules"
        words = ("push", *options.split(), self._address, *refspecs)
        status, out, err = self._heard(words)
        refused = {}
        for line in out.splitlines():
            flag, _, rest = line.partition("\t")
            if flag == "!":
                pair, _, said = rest.partition("\t")
                refused[_target(pair)] = _with_hook(said, err)
        if status and not refused:
            raise self._error("cannot be sent to", err)
        return refused

    def _speak(self, *words: str) -> str:
        """Run a command that reads the other side."""
        status, out, err = self._heard(words)
        if status and clear_stale_lock(err, self.repository.common_dir):
            status, out, err = self._heard(words)
        if status:
            raise self._error("cannot be read", err)
        return out

    def _heard(self, words: Sequence[str]) -> tuple[int, str, str]:
        command = next(word for word in words if word in ("push", "fetch", "ls-remote"))

        def hear(line: str) -> None:
            if self._progress is not None:
                plain = "".join(c for c in line.removeprefix("remote: ") if c.isprintable())
                self._progress(f"{command} {self.name}: {plain}")

        environment = {"GIT_TERMINAL_PROMPT": str(int(self._attended))}
        if not self.named:
            environment["GIT_ALLOW_PROTOCOL"] = "file:git:http:https:ssh"
        if self._attended:
            return self.git.transfer(*words, environment=environment, progress=hear)
        environment |= {"GCM_INTERACTIVE": "never", **self._unattended_ssh()}
        try:
            return self.git.transfer(
                *_UNATTENDED, *words, environment=environment, progress=hear, patience=_PATIENCE
            )
        except GitError as error:
            raise self._error("cannot be reached", error.stderr) from error

    def _unattended_ssh(self) -> dict[str, str]:
        """Let ssh give up where nobody answers, if it is OpenSSH's."""
        command = os.environ.get("GIT_SSH_COMMAND") or self.git.ask("config", "core.sshCommand")
        if command is None and os.environ.get("GIT_SSH"):
            return {}
        try:
            program = shlex.split(command or "ssh")[0]
        except (ValueError, IndexError):
            return {}
        if Path(program).name not in ("ssh", "ssh.exe"):
            return {}
        options = " ".join(f"-o {option}" for option in _SSH)
        return {"GIT_SSH_COMMAND": f"{command or 'ssh'} {options}"}

    def _error(self, what: str, said: str) -> RemoteError:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:", "ssh:"))]
        line = (told or lines or ["git did not say why"])[0]
        line = shown_address(
            line.partition(" ")[2] if line.startswith(("fatal:", "error:")) else line
        )
        lower = said.lower()
        passing = any(word in lower for word in (*_PASSING, *_LATE))
        return RemoteError(self.name, f"{what}: {line}", passing=passing)


def came_late(reason: str) -> bool:
    """Tell whether a ref was refused because another push came first."""
    kind = reason.partition(": ")[0].lower()  # what follows is what the other side had to say
    # A branch inside another one's name is refused in the same words, and always will be.
    return any(word in kind for word in _LATE) and "; cannot create" not in reason


def shown_address(address: str) -> str:
    """
    Return an address without who is to log in.

    Examples
    --------
    >>> shown_address("https://ada:secret@example.org/lab.git")
    'https://example.org/lab.git'
    """
    return _SECRET.sub("//", address)


def _checked_address(name: str) -> str:
    """Take an address that git only reads from, or refuse it."""
    if name and not name.startswith("-") and "::" not in name and name.isprintable():
        if Path(name).is_dir():
            return str(Path(name).absolute())
        if (_ADDRESS if "://" in name else _SCP).fullmatch(name):
            return name
        if "://" not in name and not re.search(r"[/\\:]", name):
            raise RemoteError(repr(name), f"is no remote here: git remote add {name} …")
        if "://" not in name:
            raise RemoteError(name, "cannot be read: there is no such folder")
    raise UsageError(f"{name!r} is no remote, and no address: https, ssh, git, file or a folder")


def _with_hook(said: str, err: str) -> str:
    """Return why a ref was refused, with what the other side's hook had to say."""
    reason = said.partition("(")[2].rpartition(")")[0] or said
    hook = [line.removeprefix("remote:").strip() for line in err.splitlines() if "remote:" in line]
    trouble = [line for line in err.splitlines() if line.startswith(("fatal:", "error: object"))]
    words = " ".join(line for line in hook or trouble if line)
    return f"{reason}: {words}" if words else reason


def _target(refspec: str) -> str:
    return refspec.rpartition(":")[2]


def _pieces(refspecs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(refspecs), _REFSPECS):
        yield refspecs[start : start + _REFSPECS]


def missing_code(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return the snapshots' refs of one side that the other one lacks, as refspecs."""
    known = set(there)
    return [f"{ref}:{ref}" for ref in wanted if ref.startswith(CODE) and ref not in known]
