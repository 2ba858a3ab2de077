"""Taking runs out of history: every local experiments branch is written again without them."""

import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gitrack.errors import RepositoryError, RunNotFoundError
from gitrack.model.names import EXPERIMENTS
from gitrack.store.branch import Branch
from gitrack.store.holding import check_at_rest
from gitrack.store.leftovers import Leftovers
from gitrack.store.repository import Repository
from gitrack.store.rewrite import Rewriter

BACKUPS = "refs/gitrack/backup/"
_WORK = "refs/gitrack/purge"
_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_LIST = "purged"


@dataclass(frozen=True, slots=True)
class Purged:
    """
    What a purge did.

    Attributes
    ----------
    branches : dict of str to str
        The new commit of each branch that was written again.
    backup : str or None
        Below which refs the old history is kept.
    objects : int
        Objects of the data cache that were deleted.
    """

    branches: dict[str, str]
    backup: str | None
    objects: int


class Purge:
    """
    A purge of runs, looked into before it is done.

    Parameters
    ----------
    repository : Repository
        Whose history.
    ids : sequence of str
        The runs; they may have been removed before.

    Attributes
    ----------
    tips : dict of str to str
        The commit of each local branch whose history holds one of them, by short name.
    commits : int
        Commits that are to be written again.
    leftovers : Leftovers
        What belongs to the runs outside the branches.

    Raises
    ------
    RunActiveError
        If one is being recorded here.
    RunNotFoundError
        If no local branch ever held one of them.
    BranchBlockedError
        If a branch may not be moved.
    """

    def __init__(self, repository: Repository, ids: Sequence[str]) -> None:
        check_at_rest(repository, ids)
        self.repository = repository
        self.git = repository.git
        self.ids = tuple(ids)
        self._look()
        self.leftovers = Leftovers.of(repository, self.ids, self._touching)
        for name in self.tips:
            Branch(repository, name).check_free()

    def run(self, *, backup: bool = True) -> Purged:
        """
        Do it: all branches move at once, or none does.

        Parameters
        ----------
        backup : bool
            Whether the old history is kept under refs of our own. Without it, data and
            snapshots of code go too, where nothing else names them.

        Raises
        ------
        RepositoryError
            If git cannot write, or a branch was moved by other hands meanwhile.
        """
        with Branch(self.repository, next(iter(self.tips))).lock():
            self._look()  # what was recorded since is written again too
            new = self._rewritten()
            kept = f"{BACKUPS}{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}/"
            lines = [f"update {_HEADS}{name} {new[name]} {tip}" for name, tip in self.tips.items()]
            if backup:
                lines += [f"create {kept}{name} {tip}" for name, tip in self.tips.items()]
            self.git.run("update-ref", "--stdin", stdin="\n".join([*lines, ""]).encode())
            self._remember()
        objects = 0 if backup else self.leftovers.delete()
        return Purged(new, kept if backup else None, objects)

    def _look(self) -> None:
        """Find the commits that touched the runs, and all that came after these."""
        refs = self.git.text(
            "for-each-ref", "--format=%(objectname) %(refname)", f"{_HEADS}{EXPERIMENTS}"
        )
        heads = {
            ref.removeprefix(_HEADS): tip
            for tip, _, ref in (line.partition(" ") for line in refs.splitlines())
        }
        asked = "".join(f"{tip}\n" for tip in heads.values()).encode()
        specs = "".join(f":(glob)*/runs/*/{one}/**\n" for one in self.ids).encode()
        stdin = asked + b"--\n" + specs
        self._touching = (
            self.git.run("rev-list", "--full-history", "--stdin", stdin=stdin).decode().split()
        )
        dirty: set[str] = set()
        self._roots: list[str] = []
        self._before: set[str] = set()
        touching = frozenset(self._touching)
        words = ("rev-list", "--topo-order", "--reverse", "--parents", "--stdin")
        with tempfile.TemporaryFile() as listing:
            self.git.run_into(listing, *words, stdin=asked)
            listing.seek(0)
            for line in listing:
                commit, *parents = line.decode().split()
                if commit in touching or not dirty.isdisjoint(parents):
                    if dirty.isdisjoint(parents):
                        self._roots.append(commit)
                    self._before.update(one for one in parents if one not in dirty)
                    dirty.add(commit)
        self.tips = {name: tip for name, tip in heads.items() if tip in dirty}
        self.commits = len(dirty)
        if not self.tips:
            raise RunNotFoundError(self.ids[0])

    def _rewritten(self) -> dict[str, str]:
        """Write the history again, and return where each branch is to stand."""
        rewriter = Rewriter(self.ids, _WORK)
        asked = [f"{_HEADS}{name}" for name in self.tips] + [f"^{one}" for one in self._before]
        export = (
            "fast-export", "--no-data", "--show-original-ids", "--reference-excluded-parents",
            "--reencode=no", "--use-done-feature", "--stdin",
        )  # fmt: skip
        with (
            tempfile.TemporaryFile() as old,
            tempfile.TemporaryFile() as new,
            tempfile.TemporaryDirectory(prefix="gitrack-") as folder,
        ):
            self.git.ask("update-ref", "-d", _WORK)
            self.git.run_into(old, *export, stdin="\n".join([*asked, ""]).encode())
            old.seek(0)
            rewriter.write(old, new)
            new.seek(0)
            marks = Path(folder) / "marks"
            try:
                words = ("fast-import", "--quiet", "--done", f"--export-marks={marks}")
                self.git.run(*words, stdin=new)
            finally:
                self.git.ask("update-ref", "-d", _WORK)
            ids = dict(line.split() for line in marks.read_text().splitlines())
        places = {name: rewriter.places[tip].decode() for name, tip in self.tips.items()}
        return {name: ids.get(place, place) for name, place in places.items()}

    def _remember(self) -> None:
        """Note which commits must not come back from a remote."""
        with (self.repository.own_dir / _LIST).open("a", encoding="ascii") as file:
            file.writelines(f"{one}\n" for one in self._roots)

    def push_commands(self) -> list[str]:
        """Write the commands that bring the new history to the remotes that have the old one."""
        commands = []
        for remote in (self.git.ask("remote") or "").split():
            words = []
            for name in self.tips:
                seen = self.git.ask(
                    "rev-parse", "--verify", "--quiet", f"{_REMOTES}{remote}/{name}"
                )
                if seen:
                    words.append(f"--force-with-lease={name}:{seen} {name}")
            commands += [f"git push {word.split()[0]} {remote} {word.split()[1]}" for word in words]
        return commands


def refuse_purged(repository: Repository, commit: str, place: str) -> None:
    """
    Refuse history that was purged here, before it is joined with ours again.

    Raises
    ------
    RepositoryError
        If `commit` holds some.
    """
    roots: list[str] = []
    with suppress(OSError):
        roots = (repository.own_dir / _LIST).read_text("ascii").split()
    for root in _there(repository, roots):
        if repository.git.ask("merge-base", "--is-ancestor", root, commit) is not None:
            raise RepositoryError(
                f"{place} still has runs that were purged here: `gitrack rm --purge` told how to "
                "push the new history"
            )


def _there(repository: Repository, commits: Iterable[str]) -> list[str]:
    return [oid for oid in repository.git.ids(commits) if oid is not None]
