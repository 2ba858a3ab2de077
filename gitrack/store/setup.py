"""How a repository is set up for recording: git, branches, remotes, data, disk, clock."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from gitrack.errors import GitError, GitrackError
from gitrack.model.fact import Fact
from gitrack.model.names import EXPERIMENTS
from gitrack.store.data import DataStore
from gitrack.store.moved import short_bytes
from gitrack.store.remotes import without_credentials
from gitrack.store.repository import Repository
from gitrack.store.signing import Signer

_SECONDS = 10.0  # that a remote may take to answer
_ROOM = 1 << 30  # bytes that a disk should have free
_AHEAD = 300.0  # seconds that a clock may be ahead
_LEAST_GIT = (2, 38)
_HOOKS = ("pre-push", "reference-transaction", "post-commit", "pre-commit")


def describe(repository: Repository) -> Iterator[Fact]:
    """
    Yield what is to know about a repository, a fact at a time; nothing is changed.

    Remotes are asked whether they answer, for some seconds at most.
    """
    for about in (
        _git, _kind, _identity, _signing, _branches, _remotes, _data, _disk, _clock,
        _file_system, _hooks,
    ):  # fmt: skip
        try:
            yield from about(repository)
        except (GitrackError, OSError) as error:
            topic = about.__name__.lstrip("_").replace("_", " ")
            yield Fact(topic, str(error), "gitrack fsck tells what is damaged")


def _git(repository: Repository) -> Iterator[Fact]:
    version = repository.git.text("version").removeprefix("git version ")
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    hint = "merging what two machines recorded needs git 2.38" if found < _LEAST_GIT else ""
    yield Fact("git", version, hint)


def _kind(repository: Repository) -> Iterator[Fact]:
    git = repository.git
    kinds = []
    if repository.personal:
        kinds.append("your own store, for runs outside any repository")
    elif repository.work_tree is None:
        kinds.append("bare")
    if repository.git_dir != repository.common_dir:
        kinds.append(f"a linked work tree of {repository.common_dir}")
    hint = ""
    if git.ask("rev-parse", "--is-shallow-repository") == "true":
        kinds.append("shallow")
        hint = "git fetch --unshallow brings the history of the code"
    if git.ask("config", "extensions.partialClone"):
        kinds.append("a partial clone: what is missing is fetched when it is read")
    if git.ask("rev-parse", "--show-object-format") == "sha256":
        kinds.append("SHA-256")
    place = repository.work_tree or repository.common_dir
    yield Fact("repository", f"{place} ({', '.join(kinds)})" if kinds else str(place), hint)


def _identity(repository: Repository) -> Iterator[Fact]:
    name = repository.git.ask("config", "user.name")
    email = repository.git.ask("config", "user.email")
    if name and email:
        yield Fact("identity", f"{name} <{email}>")
    else:
        cure = "git config --global user.name …; git config --global user.email …"
        yield Fact("identity", "git knows no name: the user's and the machine's are taken", cure)


def _signing(repository: Repository) -> Iterator[Fact]:
    git = repository.git
    if not Signer(repository).works:
        yield Fact("signing", "commits of runs are not signed (commit.gpgSign, sign)")
        return
    kind = git.ask("config", "gpg.format") or "openpgp"
    hint = ""
    if kind == "ssh" and not git.ask("config", "user.signingKey"):
        hint = "git config user.signingKey FILE"
    elif kind == "ssh" and not git.ask("config", "gpg.ssh.allowedSignersFile"):
        hint = "git config gpg.ssh.allowedSignersFile FILE, or nobody can verify them here"
    yield Fact("signing", f"commits of runs are signed ({kind})", hint)


def _branches(repository: Repository) -> Iterator[Fact]:
    git = repository.git
    if git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{EXPERIMENTS.rstrip('/')}"):
        cure = "git branch -m experiments another-name"
        yield Fact("branches", "a branch named experiments keeps runs out", cure)
    ours, tracked = (
        git.text("for-each-ref", "--format=%(refname:lstrip=2)", where).split()
        for where in ("refs/heads/experiments/", "refs/remotes/")
    )
    theirs = {name for name in tracked if f"/{EXPERIMENTS}" in name}
    if not ours and not theirs:
        yield Fact("branches", "nothing is recorded yet", "gitrack demo shows how")
    for name in ours:
        copies = sorted(one for one in theirs if one.endswith(f"/{name}"))
        if not copies:
            runs = _runs_in(repository, name)
            yield Fact("branches", f"{name}: {runs} runs, on no remote", "gitrack push")
        for copy in copies:
            yield _compared(repository, name, copy)
    for name in sorted(theirs):
        if not any(name.endswith(f"/{one}") for one in ours):
            yield Fact("branches", f"{name}: on the remote alone, and read from there")


def _compared(repository: Repository, name: str, copy: str) -> Fact:
    counts = repository.git.text("rev-list", "--left-right", "--count", f"{name}...{copy}", "--")
    ahead, behind = map(int, counts.split())
    if not ahead and not behind:
        return Fact("branches", f"{name}: as on {copy} when it was fetched last")
    parts = []
    if ahead:
        words = ("diff", "--name-only", "-z", "--diff-filter=A", f"{copy}...{name}", "--")
        new = repository.git.text(*words).split("\0")
        runs = sum(path.endswith("/run.json") for path in new)
        parts.append(f"{ahead} commits with {runs} new runs not pushed")
    if behind:
        parts.append(f"{behind} commits of {copy} not merged")
    return Fact("branches", f"{name}: {', '.join(parts)}", "gitrack push")


def _runs_in(repository: Repository, name: str) -> int:
    paths = repository.git.text("ls-tree", "-r", "--name-only", "-z", name).split("\0")
    return sum(path.endswith("/run.json") for path in paths)


def _remotes(repository: Repository) -> Iterator[Fact]:
    names = (repository.git.ask("remote") or "").split()
    if not names:
        yield Fact("remote", "none: the record is on this machine alone", "git remote add origin …")
    for name in names:
        url = without_credentials(repository.git.ask("remote", "get-url", name) or "")
        try:
            words = ("ls-remote", "--heads", name)
            quiet = {"GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
            repository.git.run_alone(*words, stdin=b"", environment=quiet, seconds=_SECONDS)
        except TimeoutError:
            yield Fact("remote", f"{name} ({url}) did not answer in {_SECONDS:g} s", "try again")
        except GitError:
            cure = f"git fetch {name} tells why"
            yield Fact("remote", f"{name} ({url}) cannot be read", cure)
        else:
            yield Fact("remote", f"{name} ({url}) answers")


def _data(repository: Repository) -> Iterator[Fact]:
    store = DataStore(repository)
    sizes = [store.objects.path(md5).stat().st_size for md5 in store.objects.all()]
    yield Fact("data", f"{len(sizes)} objects of large data here, {short_bytes(sum(sizes))}")
    if (remote := store.remote) is None:
        hint = "set data_remote in gitrack.toml, or nobody else can read it" if sizes else ""
        yield Fact("data remote", "none", hint)
        return
    answers: list[set[str] | GitrackError] = []

    def ask() -> None:
        try:
            answers.append(store.on_remote(store.objects.all()))
        except GitrackError as error:
            answers.append(error)

    # Some file systems try for many minutes.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_SECONDS)
    there = answers[0] if answers else None
    if there is None:
        yield Fact("data remote", f"{remote} did not answer in {_SECONDS:g} s", "try again")
        return
    if isinstance(there, GitrackError):
        yield Fact("data remote", str(there), "check its address and credentials")
        return
    missing = len(sizes) - len(there)
    hint = "gitrack push" if missing else ""
    what = f"{remote} answers" + (f", and lacks {missing} objects" if missing else "")
    yield Fact("data remote", what, hint)


def _disk(repository: Repository) -> Iterator[Fact]:
    free = shutil.disk_usage(repository.common_dir).free
    hint = "gitrack gc shows what could be freed" if free < _ROOM else ""
    own = _size_of(repository.own_dir)
    what = f"{short_bytes(free)} free; gitrack's own folder has {short_bytes(own)}"
    yield Fact("disk", what, hint)


def _clock(repository: Repository) -> Iterator[Fact]:
    words = ("for-each-ref", "--format=%(committerdate:unix) %(refname:short)")
    said = repository.git.text(*words, "refs/heads/experiments", "refs/remotes")
    for line in said.splitlines():
        made, _, name = line.partition(" ")
        if EXPERIMENTS in name and made and (ahead := int(made) - time.time()) > _AHEAD:
            what = f"{name} has a commit from {ahead / 60:,.0f} minutes in the future"
            yield Fact("clock", what, "set the clock of this machine, or of the one that made it")


def _file_system(repository: Repository) -> Iterator[Fact]:
    if (repository.common_dir / "head").exists():
        hint = "runs and branches whose names differ by case alone clash in a checkout"
        yield Fact("file system", "takes upper and lower case for the same", hint)


def _hooks(repository: Repository) -> Iterator[Fact]:
    place = repository.common_dir / "hooks"
    words = ("config", "--path", "--show-scope", "--get-all", "core.hooksPath")
    for line in (repository.git.ask(*words) or "").splitlines():
        scope, _, folder = line.partition("\t")
        if scope != "command":  # our own, which runs none
            place = Path(folder)
    start = repository.work_tree or repository.common_dir
    found = [name for name in _HOOKS if (start / place / name).is_file()]
    if found:
        yield Fact("hooks", f"{', '.join(found)}: gitrack's own commits and pushes run none")


def _size_of(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.lstat().st_size
        except OSError:  # gone meanwhile
            continue
    return size
