"""Taking runs out of history: every local experiments branch is written again without them."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gitrack.errors import RepositoryError, RunNotFoundError
from gitrack.store.branch import Branch
from gitrack.store.holding import check_at_rest, local_tips
from gitrack.store.leftovers import Leftovers
from gitrack.store.purged import remember_purged
from gitrack.store.repository import Repository
from gitrack.store.rewrite import Rewriter

BACKUPS = "refs/gitrack/backup/"
_WORK = "refs/gitrack/purge"
_HEADS = "refs/heads/"


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
    RepositoryError
        If the clone is shallow.
    """

    def __init__(self, repository: Repository, ids: Sequence[str]) -> None:
        check_at_rest(repository, ids)
        self.repository = repository
        self.git = repository.git
        if self.git.text("rev-parse", "--is-shallow-repository") == "true":
            raise RepositoryError("this clone has not all history: git fetch --unshallow first")
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
            remember_purged(self.repository, self._roots)
            self.git.run("update-ref", "--stdin", stdin="\n".join([*lines, ""]).encode())
        objects = 0 if backup else self.leftovers.delete()
        return Purged(new, kept if backup else None, objects)

    def _look(self) -> None:
        """Find the commits that touched the runs, and all that came after these."""
        heads = local_tips(self.repository)
        asked = "".join(f"{tip}\n" for tip in heads.values()).encode()
        places = "".join(f":(glob)*/runs/*/{one}/**\n" for one in self.ids).encode()
        touching = self.git.run(
            "rev-list", "--full-history", "--stdin", stdin=asked + b"--\n" + places
        )
        self._touching = frozenset(touching.decode().split())
        dirty: set[str] = set()
        self._roots: list[str] = []
        self._before: set[str] = set()
        words = ("rev-list", "--topo-order", "--reverse", "--parents", "--stdin")
        with tempfile.TemporaryFile() as listing:
            self.git.run_into(listing, *words, stdin=asked)
            listing.seek(0)
            for line in listing:
                commit, *parents = line.decode().split()
                if commit in self._touching or not dirty.isdisjoint(parents):
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

    def holders(self) -> list[str]:
        """Name the refs that hold the old history, those of our backups left out."""
        words = [f"--contains={root}" for root in self._roots]
        refs = self.git.text("for-each-ref", "--format=%(refname)", *words).splitlines()
        return [ref for ref in refs if not ref.startswith(BACKUPS)]

    def push_commands(self) -> list[str]:
        """Write the commands that bring the new history to the remotes that have the old one."""
        commands = []
        for remote in (self.git.ask("remote") or "").split():
            seen = self.git.ids(f"refs/remotes/{remote}/{name}" for name in self.tips)
            commands += [
                f"git push --force-with-lease={name}:{tip} {remote} {name}"
                for name, tip in zip(self.tips, seen, strict=True)
                if tip is not None
            ]
        return commands
