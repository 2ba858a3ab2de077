"""Where a recorded run stands: in which folder, on which branches of this repository."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitrack.errors import RepositoryError, RunActiveError, RunNotFoundError
from gitrack.model.names import EXPERIMENTS
from gitrack.model.run import Record
from gitrack.store.branch import Branch
from gitrack.store.layout import RUN_FILE, id_from_folder, split_path
from gitrack.store.purged import refuse_purged
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_LOCAL = "refs/heads/"
_REMOTE = re.compile(rf"refs/remotes/(?P<remote>.+?)/(?P<branch>{EXPERIMENTS}.+)")


@dataclass(frozen=True, slots=True)
class Holding:
    """
    A run and its folder.

    Attributes
    ----------
    id : str
        The run's id.
    folder : str
        Its folder on the branch.
    """

    id: str
    folder: str

    @classmethod
    def of(cls, record: Record) -> "Holding":
        """Return where a record lies."""
        return cls(record.run.id, record.path)

    @property
    def record(self) -> str:
        """Its ``run.json`` on the branch."""
        return f"{self.folder}/{RUN_FILE}"


def find_holding(reader: Reader, name: str) -> Holding:
    """
    Find the run of an id, of a unique beginning of one, or of a name.

    A whole id is found without reading any record, and so is a run that cannot be read.

    Raises
    ------
    RunActiveError
        If it is being recorded here.
    RunNotFoundError
        If there is none.
    AmbiguousRunError
        If there are several.
    """
    for tip in dict.fromkeys(reader.branches().values()):
        for folder in run_folders(reader.repository, tip):
            if id_from_folder(folder) == name:
                check_at_rest(reader.repository, [name])
                return Holding(name, folder)
    try:
        found = Holding.of(reader.find(name))
    except RunNotFoundError:
        waiting = _active(reader.repository)
        check_at_rest(reader.repository, [one for one in waiting if name and one.startswith(name)])
        raise
    check_at_rest(reader.repository, [found.id])
    return found


def run_folders(repository: Repository, commit: str) -> list[str]:
    """List the runs' folders in a commit."""
    listing = repository.git.run("ls-tree", "-r", "-d", "-z", "--name-only", commit)
    paths = listing.decode("utf-8", "replace").split("\0")
    return [path for path in paths if split_path(f"{path}/.") == (path, ".")]


def local_tips(repository: Repository) -> dict[str, str]:
    """Return the commit of each local experiments branch, by short name."""
    pairs = _tips(repository, f"{_LOCAL}{EXPERIMENTS}")
    return {ref.removeprefix(_LOCAL): tip for ref, tip in pairs}


def check_at_rest(repository: Repository, ids: Iterable[str]) -> None:
    """
    Refuse runs that are being recorded: their end would write over what is changed now.

    Raises
    ------
    RunActiveError
        If one is.
    """
    for run_id in sorted(_active(repository).intersection(ids)):
        raise RunActiveError(run_id)


def branches_of(repository: Repository, runs: Sequence[Holding]) -> dict[str, list[Holding]]:
    """
    Sort runs by the local branches that hold them; a run counts for each that does.

    What a remote alone has is brought here first: its branch is begun, or moved forward.

    Returns
    -------
    dict of str to list of Holding
        By the branch's short name.

    Raises
    ------
    RunNotFoundError
        If no branch holds a run.
    BranchBlockedError
        If a branch may not be moved.
    RepositoryError
        If only a remote has a run, on a branch that went another way than the local one.
    """
    found: dict[str, list[Holding]] = {}
    for name, tip in local_tips(repository).items():
        if here := _held(repository, tip, runs):
            found[name] = here
    known = {run for here in found.values() for run in here}
    left = [run for run in runs if run not in known]
    for ref, tip in _tips(repository, "refs/remotes/"):
        match = _REMOTE.fullmatch(ref)
        if match and (here := _held(repository, tip, left)):
            _bring(Branch(repository, match["branch"]), tip, match["remote"])
            found.setdefault(match["branch"], []).extend(here)
            known.update(here)
            left = [run for run in left if run not in known]
    if left:
        raise RunNotFoundError(left[0].id)
    for name in found:
        Branch(repository, name).check_free()
    return found


def _held(repository: Repository, tip: str, runs: Sequence[Holding]) -> list[Holding]:
    trees = repository.git.ids(f"{tip}:{run.folder}" for run in runs)
    return [run for run, tree in zip(runs, trees, strict=True) if tree]


def _bring(branch: Branch, tip: str, remote: str) -> None:
    """Begin a branch at a remote's, or move it forward to there."""
    git, own = branch.git, branch.tip()
    branch.check_free()
    if own is not None and git.ask("merge-base", "--is-ancestor", own, tip) is None:
        raise RepositoryError(
            f"the run is on {branch.name} of {remote} alone, and ours went another way: "
            f"`gitrack push {remote}` joins them"
        )
    refuse_purged(branch.repository, tip, own, f"{remote}: {branch.name}")
    git.run("update-ref", branch.ref, tip, own or "0" * len(tip))


def _tips(repository: Repository, prefix: str) -> list[tuple[str, str]]:
    """List refs with their commits, those of ``origin`` first."""
    lines = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", prefix)
    pairs = [(ref, oid) for ref, _, oid in (line.partition(" ") for line in lines.splitlines())]
    return sorted(pairs, key=lambda pair: not pair[0].startswith("refs/remotes/origin/"))


def _active(repository: Repository) -> set[str]:
    """Name the runs whose folders wait to be committed."""
    try:
        return {name for name in os.listdir(repository.own_dir / "runs") if name[0] != "."}
    except OSError:
        return set()
