"""Sending runs to another repository and taking them in, whoever else does so at the same time."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from gitrack.errors import (
    DataMissingError,
    FormatError,
    GitrackError,
    MergeConflictError,
    RemoteError,
    RepositoryError,
)
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.model.pointer import Pointer
from gitrack.store.branch import Branch, Content, Kept
from gitrack.store.data import DataStore
from gitrack.store.join import Union, difference, unite
from gitrack.store.layout import RUN_FILE, is_record, split_path
from gitrack.store.merge import Side
from gitrack.store.moved import Progress, short_bytes
from gitrack.store.peer import CODE, HEADS, Peer, came_late, missing_code
from gitrack.store.pointers import SUFFIX, pointer_from_dvc
from gitrack.store.purged import refuse_purged
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_INCOMING = "refs/gitrack/incoming/"
_BEFORE = "refs/gitrack/before/"
_ATTEMPTS = 12
_WAIT, _MOST_WAIT = 0.5, 20.0  # seconds before the second try, then twice as long; at most
_LOCK_SECONDS = 600.0


@dataclass
class Outcome:
    """
    What a push or a pull did.

    Attributes
    ----------
    done : list of str
        Branches that were sent, or that took something in.
    same : list of str
        Branches of which both sides had all.
    refused : dict of str to GitrackError
        Why a branch was left as it was, by its name.
    notes : list of str
        What a person should know, a line each.
    added, edited, removed : int
        Runs that came here, changed here, went here.
    """

    done: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    refused: dict[str, GitrackError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    added: int = 0
    edited: int = 0
    removed: int = 0

    def note(self, line: str) -> None:
        """Add a line, once."""
        if line not in self.notes:
            self.notes.append(line)

    def count(self, union: Union) -> None:
        """Add what a union brought."""
        self.added += union.added
        self.edited += union.edited
        self.removed += union.removed
        for line in union.renumbered:
            self.note(line)


def push(
    repository: Repository,
    remote: str = "origin",
    *,
    prefer: Side | None = None,
    data: bool = False,
    attended: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """
    Send every experiments branch, the snapshots of code and new large data.

    What the remote has and we have not is joined in first. Large data goes before the branch
    that names it. A branch that cannot go does not keep the others.

    Parameters
    ----------
    repository : Repository
        Whose experiments.
    remote : str
        Where to.
    prefer : {"ours", "theirs"}, optional
        Who wins where both sides changed one thing.
    data : bool
        Whether all large data is looked at, and not that of new records alone.
    attended : bool
        Whether a person is there who can be asked for a password.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    RemoteError
        If there is no such remote, or it cannot be reached.
    RepositoryError
        If another push does not end.
    """
    peer = Peer(repository, remote, attended=attended, progress=progress)
    if not peer.named:  # the settings, which travel with a repository, must not name an address
        raise RemoteError(peer.name, "is no remote here: git remote add NAME ADDRESS")
    report = Outcome()
    with _lock(repository):
        for attempt in range(_ATTEMPTS):
            late = _Push(repository, peer, report, prefer).attempt(progress, all_data=data)
            if not late:
                break
            if attempt + 1 < _ATTEMPTS:
                wait = min(_WAIT * 2**attempt, _MOST_WAIT)
                time.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311
        for name, reason in late.items():
            error = RemoteError(peer.name, f"does not take {name}: {reason}", passing=True)
            report.refused[name] = error
    return report


def pull(
    repository: Repository,
    source: str = "origin",
    *,
    foreign: bool = False,
    prefer: Side | None = None,
    attended: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """
    Take in another repository's experiments branches and snapshots of code.

    Parameters
    ----------
    repository : Repository
        Where to.
    source : str
        A remote, or the address of one.
    foreign : bool
        Whether it is somebody else's: every branch is then taken into the one of its name, made
        where there is none, runs and artifacts alone. Otherwise branches that are not here stay
        the remote's, where readers find them.
    prefer : {"ours", "theirs"}, optional
        Who wins where both sides changed one thing.
    attended : bool
        Whether a person is there who can be asked for a password.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    RemoteError
        If it cannot be read.
    UsageError
        If `source` is no remote and no address that data may be fetched from.
    """
    peer = Peer(repository, source, attended=attended, progress=progress)
    foreign = foreign or not peer.named
    report = Outcome()
    with _lock(repository):
        there = peer.refs()
        here = _refs(repository, HEADS)
        tracking = _fetch(repository, peer, there, here, report, foreign=foreign)
        for ref, oid in sorted(there.items()):
            name = EXPERIMENTS + ref.removeprefix(HEADS)
            if not ref.startswith(HEADS) or not (foreign or ref in here):
                continue
            try:
                union = join(repository, check_branch(name), oid, prefer, foreign=foreign)
            except GitrackError as error:
                report.refused[name] = error
                continue
            (report.same if union is None else report.done).append(name)
            if union is not None:
                report.count(union)
        for ref in tracking.values():
            if ref.startswith(_INCOMING):
                repository.git.ask("update-ref", "-d", ref)
        if wanted := missing_code(there, _refs(repository, CODE)):
            peer.fetch(wanted)
        _warn_of_case(repository, report.done, report)
    return report


def join(
    repository: Repository,
    name: str,
    theirs: str,
    prefer: Side | None = None,
    *,
    foreign: bool = False,
    own_files: Side = "theirs",
) -> Union | None:
    """
    Join a commit into one of our branches, or make the branch.

    Parameters
    ----------
    repository : Repository
        Whose branch.
    name : str
        The experiments branch.
    theirs : str
        The commit.
    prefer, foreign, own_files
        As `gitrack.store.join.unite` takes them.

    Returns
    -------
    Union or None
        What came; None where the branch had all of it.

    Raises
    ------
    MergeConflictError
        If both changed one thing to different values and `prefer` does not say who wins; the
        branch stays as it was.
    BranchBlockedError
        If the branch is checked out, or another one stands where it should be.
    RepositoryError
        If the commit has runs that were purged here.
    """
    union: Union | None = None

    def plan(tip: str | None) -> Mapping[str, Content] | None:
        nonlocal union
        refuse_purged(repository, theirs, tip, name)
        union = unite(repository.git, tip, theirs, prefer, foreign=foreign, own_files=own_files)
        if union.clashes and prefer is None:
            raise MergeConflictError(name, union.clashes)
        as_it_is = union.plain or (tip is None and not foreign)
        if as_it_is:
            return None
        return {
            path: Kept(one) if isinstance(one, str) else one for path, one in union.changes.items()
        }

    Branch(repository, name).merge(theirs, plan, f"Merge the runs of {name}\n")
    return union


class _Push:
    """One try of a push."""

    def __init__(
        self, repository: Repository, peer: Peer, report: Outcome, prefer: Side | None
    ) -> None:
        self._repository = repository
        self._git = repository.git
        self._peer = peer
        self._report = report
        self._prefer = prefer

    def attempt(self, progress: Progress | None, *, all_data: bool) -> dict[str, str]:
        """Send what can be sent; returns the branches that others were quicker with, and why."""
        report = self._report
        report.done, report.same, report.refused = [], [], {}
        there = self._peer.refs()
        here = _refs(self._repository, HEADS)
        if not here:
            return {}
        _fetch(self._repository, self._peer, there, here, report)
        wanted: dict[str, str] = {}
        for ref in here:
            name = EXPERIMENTS + ref.removeprefix(HEADS)
            try:
                tip = self._joined(ref, name, there)
                if tip is not None:
                    self._send_data(name, None if all_data else there.get(ref), tip, progress)
                    wanted[ref] = tip
            except GitrackError as error:
                report.refused[name] = error
        _warn_of_case(
            self._repository, [EXPERIMENTS + r.removeprefix(HEADS) for r in wanted], report
        )
        return self._send(wanted, there)

    def _joined(self, ref: str, name: str, there: Mapping[str, str]) -> str | None:
        """Join what is there into our branch; None where the branch is not to be sent."""
        if (oid := there.get(ref)) is not None:
            if union := join(self._repository, name, oid, self._prefer):
                self._report.count(union)
        elif self._git.ask("rev-parse", "-q", "--verify", self._seen(ref)):
            tip = self._git.text("rev-parse", ref)
            for other, oid in there.items():
                if other.startswith(HEADS) and self._git.contains(oid, tip):
                    holder = EXPERIMENTS + other.removeprefix(HEADS)
                    self._report.note(
                        f"{self._peer.name} removed {name}, whose runs are all on {holder}: not "
                        f"sent again (here: git branch -D {name})"
                    )
                    return None
        return self._git.text("rev-parse", ref)

    def _send_data(self, name: str, there: str | None, tip: str, progress: Progress | None) -> None:
        """
        Send the large data that a branch names and `there` does not.

        Raises
        ------
        GitrackError
            If the data remote does not take it: then the branch must wait.
        """
        pointers = pointers_between(self._repository, there, tip)
        if not pointers:
            return
        store = DataStore(self._repository)
        if store.remote is None:
            size = short_bytes(sum(pointer.size for pointer in pointers))
            what = "1 large file" if len(pointers) == 1 else f"{len(pointers)} large files"
            self._report.note(
                f"{what} of {name} ({size}) stay here: no data remote is set; "
                "with data_remote in gitrack.toml, `gitrack push --data` sends them"
            )
            return
        try:
            store.push(pointers, progress)
        except DataMissingError as error:
            # It is on neither side: holding the records back would not bring it.
            self._report.note(f"{name} names large data that is neither here nor there: {error}")

    def _send(self, wanted: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
        report = self._report
        for ref, tip in wanted.items():
            if there.get(ref) == tip:
                report.same.append(EXPERIMENTS + ref.removeprefix(HEADS))
        specs = [f"{tip}:{ref}" for ref, tip in wanted.items() if there.get(ref) != tip]
        code = missing_code(_refs(self._repository, CODE), there)
        refused = self._peer.push([*code, *specs]) if code or specs else {}
        late = {}
        for spec in specs:
            tip, _, ref = spec.partition(":")
            name = EXPERIMENTS + ref.removeprefix(HEADS)
            reason = refused.get(ref)
            if reason is None:
                report.done.append(name)
                self._git.ask("update-ref", self._seen(ref), tip)
            elif came_late(reason):
                late[name] = reason
            else:
                report.refused[name] = RemoteError(
                    self._peer.name, f"does not take {name}: {reason}"
                )
        if left := [ref for ref in refused if ref.startswith(CODE)]:
            report.note(
                f"{self._peer.name} does not take {len(left)} snapshots of code: {refused[left[0]]}"
            )
        return late

    def _seen(self, ref: str) -> str:
        return _tracking(self._peer, ref)


def _fetch(
    repository: Repository,
    peer: Peer,
    there: Mapping[str, str],
    here: Mapping[str, str],
    report: Outcome,
    *,
    foreign: bool = False,
) -> dict[str, str]:
    """Fetch the branches of the other side; returns where each one is kept here."""
    kept = {}
    stale = []
    for ref, oid in there.items():
        if not ref.startswith(HEADS):
            continue
        place = _INCOMING + ref.removeprefix(HEADS) if foreign else _tracking(peer, ref)
        kept[ref] = place
        before = repository.git.ask("rev-parse", "--quiet", "--verify", place)
        if before != oid:
            stale.append((ref, place, before, oid))
    if stale:
        peer.fetch([f"+{ref}:{place}" for ref, place, _, _ in stale], checked=foreign)
    for ref, place, before, oid in stale:
        if before is not None and not place.startswith(_INCOMING):
            _note_rewritten(repository, peer, ref, before, oid, here, report)
    return kept


def _note_rewritten(
    repository: Repository,
    peer: Peer,
    ref: str,
    before: str,
    after: str,
    here: Mapping[str, str],
    report: Outcome,
) -> None:
    """Say that a branch there is not what it was, and keep what it was."""
    git = repository.git
    if git.contains(after, before):
        return
    name = EXPERIMENTS + ref.removeprefix(HEADS)
    changes = difference(git, before, after)
    gone = sum(
        change.new is None and (split := split_path(path)) is not None and split[1] == RUN_FILE
        for path, change in changes.items()
    )
    kept = ""
    if not any(git.contains(tip, before) for tip in here.values()):
        git.run("update-ref", f"{_BEFORE}{peer.name}/{ref.removeprefix(HEADS)}", before)
        kept = f"; as it was, it is kept at {_BEFORE}{peer.name}/{ref.removeprefix(HEADS)}"
    if ref in here:
        kept += f"; what {name} has here is joined to it again"
    report.note(f"{peer.name}: {name} was rewritten there and has {gone} runs less{kept}")


def pointers_between(repository: Repository, there: str | None, tip: str) -> list[Pointer]:
    """Return the pointers to large data that a commit has and another one lacks."""
    git = repository.git
    base = there or git.run("mktree", stdin=b"").decode().strip()
    wanted = {
        path: change.new
        for path, change in difference(git, base, tip).items()
        if path.endswith(SUFFIX) and change.new
    }
    return list(_read_pointers(repository, wanted))


def data_of_artifacts(repository: Repository) -> list[Pointer]:
    """Return the pointers to the large data of every artifact on every branch."""
    git = repository.git
    wanted: dict[str, str] = {}
    for tip in set(Reader(repository).branches().values()):
        for line in git.run("ls-tree", "-r", "-z", "--full-tree", tip).split(b"\0"):
            info, _, name = line.partition(b"\t")
            path = name.decode("utf-8", "replace")
            if path.endswith(SUFFIX) and is_record(path) and split_path(path) is None:
                wanted[info.rsplit(b" ", 1)[1].decode()] = path
    return list(_read_pointers(repository, {path: oid for oid, path in wanted.items()}))


def _read_pointers(repository: Repository, blobs: Mapping[str, str]) -> Iterator[Pointer]:
    for path, content in zip(blobs, repository.git.blobs(blobs.values()), strict=True):
        with suppress(FormatError):
            yield pointer_from_dvc(content, path)


def _warn_of_case(repository: Repository, names: list[str], report: Outcome) -> None:
    """Name folders that macOS and Windows take for one."""
    for name in names:
        seen: dict[str, str] = {}
        words = ("ls-tree", "-r", "-d", "-z", "--name-only", f"refs/heads/{name}")
        for path in repository.git.run(*words).decode("utf-8", "replace").split("\0"):
            other = seen.setdefault(path.casefold(), path)
            if other != path and other.rpartition("/")[0] == path.rpartition("/")[0]:
                report.note(
                    f"{name} has both {other} and {path}: a checkout on macOS or Windows takes "
                    "them for one (git itself and gitrack do not)"
                )


def _tracking(peer: Peer, ref: str) -> str:
    return f"refs/remotes/{peer.name}/{EXPERIMENTS}{ref.removeprefix(HEADS)}"


def _refs(repository: Repository, prefix: str) -> dict[str, str]:
    lines = repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", prefix)
    pairs = (line.partition(" ") for line in lines.splitlines())
    return {ref: oid for oid, _, ref in pairs}


@contextmanager
def _lock(repository: Repository) -> Iterator[None]:
    import filelock

    folder = repository.own_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "push.lock", timeout=_LOCK_SECONDS):
            yield
    except filelock.Timeout as error:
        raise RepositoryError(f"{folder}: another push or pull does not end") from error
