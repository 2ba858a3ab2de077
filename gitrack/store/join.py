"""Joining two experiments branches: which files the union holds, and what clashes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gitrack.errors import NameRefusedError, RepositoryError
from gitrack.model.names import check_path
from gitrack.store.git import Git
from gitrack.store.layout import (
    ALIASES_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    is_record,
    split_artifact_path,
    split_path,
    version_of_manifest,
)
from gitrack.store.merge import Clash, Side, merge_file, merge_results
from gitrack.store.numbering import renumbered

_PLAIN = ("100644", "100755")
_NONE = "000000"
_MOST_BYTES = 100 << 20  # of a file in git; hosts take no larger ones, and DVC has those
_RESULTS = (RUN_FILE, SUMMARY_FILE)

#: Blob ids by path; None for what is not there.
Blobs = dict[str, str | None]


@dataclass
class Union:
    """
    What our branch becomes by taking in another.

    Attributes
    ----------
    changes : dict of str to (str, bytes or None)
        What changes on our branch by path: a blob's id, a merged content, None for what goes.
    clashes : list of Clash
        What both changed to different values, whoever wins.
    added, edited, removed : int
        Runs that come, change and go.
    renumbered : list of str
        Artifact versions of ours that got another number, each in one line.
    plain : bool
        Whether all of theirs is taken as it is and ours adds nothing.
    """

    changes: dict[str, str | bytes | None] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    added: int = 0
    edited: int = 0
    removed: int = 0
    renumbered: list[str] = field(default_factory=list)
    plain: bool = False


def unite(
    git: Git,
    ours: str | None,
    theirs: str,
    prefer: Side | None = None,
    *,
    foreign: bool = False,
    own_files: Side = "theirs",
) -> Union:
    """
    Plan the union of two commits.

    Git's own merge is not asked: the attributes of whatever is checked out would steer it, and it
    joins JSON line by line.

    Parameters
    ----------
    git : Git
        The repository that has both.
    ours : str or None
        Our commit; None where there is none yet.
    theirs : str
        The commit to take in.
    prefer : {"ours", "theirs"}, optional
        Who wins where both changed one thing.
    foreign : bool
        Whether theirs is a stranger's: then only its runs and artifacts are taken, nothing that
        it removed, and no file above 100 MiB.
    own_files : {"ours", "theirs"}
        Whose README, workflow … stays where both changed it.

    Raises
    ------
    RepositoryError
        If theirs holds a path or a kind of file that is not safe to check out.
    """
    nothing = git.run("mktree", stdin=b"").decode().strip()
    bases = [nothing] if ours is None else _bases(git, ours, theirs) or [nothing]
    here = [difference(git, base, ours) if ours else {} for base in bases]
    there = [difference(git, base, theirs) for base in bases]
    _check(git, there, foreign=foreign)
    sides = _Sides(here, there)
    if foreign:
        sides.keep_records()
    # What crossing merges have joined already is joined from where those had begun.
    below = (_bases(git, *bases[:2]) if len(bases) > 1 else []) or [nothing]
    trees = (below[0], *bases, ours or nothing, theirs)
    planner = _Planner(git, trees, prefer, own_files)
    union = planner.union(sides)
    union.plain = not foreign and bases == [ours]
    return union


class _Sides:
    """
    What each side changed, as blob ids by path.

    With several bases, as after two crossing merges, a side has changed what it holds unlike any
    of them.
    """

    def __init__(
        self, here: Sequence[Mapping[str, "Change"]], there: Sequence[Mapping[str, "Change"]]
    ) -> None:
        first = {**here[0], **there[0]}
        self.base: Blobs = {path: change.old for path, change in first.items()}
        self.ours = self._changed(here)
        self.theirs = self._changed(there)
        # Where each side stands with another base, both have changed it.
        for path in {path for side in (*here, *there) for path in side}:
            one, other = (self._now(side, path) for side in (here, there))
            if path not in self.ours and path not in self.theirs and one != other:
                self.ours[path], self.theirs[path] = one, other
                self.base[path] = None

    def keep_records(self) -> None:
        """Forget what a stranger has no say in."""
        self.theirs = {path: oid for path, oid in self.theirs.items() if is_record(path)}
        gone = {
            split[0]
            for path, oid in self.theirs.items()
            if oid is None and (split := split_path(path)) and split[1] == RUN_FILE
        }
        self.theirs = {
            path: oid
            for path, oid in self.theirs.items()
            if oid is not None or ((split := split_path(path)) and split[0] not in gone)
        }

    @staticmethod
    def _changed(side: Sequence[Mapping[str, "Change"]]) -> Blobs:
        common = set(side[0]).intersection(*side[1:])
        return {path: change.new for path, change in side[0].items() if path in common}

    def _now(self, side: Sequence[Mapping[str, "Change"]], path: str) -> str | None:
        change = side[0].get(path)
        return self.base.get(path) if change is None else change.new


class _Planner:
    """Plans one union."""

    def __init__(
        self, git: Git, trees: Sequence[str], prefer: Side | None, own_files: Side
    ) -> None:
        self._git = git
        self._trees = trees
        self._prefer = prefer
        self._own_files = own_files
        self._union = Union()
        self._aliases: dict[str, bytes] = {}

    def union(self, sides: _Sides) -> Union:
        ours, theirs = sides.ours, sides.theirs
        moves = self._renumber(ours, theirs)
        contested: dict[str, list[str]] = {}
        whole = self._unmergeable(ours, theirs)
        for path, oid in theirs.items():
            if path in moves and path not in self._aliases:
                continue
            folder = _folder(path)
            if folder in whole:
                contested.setdefault(folder, [])
            elif path not in ours:
                self._union.changes[path] = oid
            elif ours[path] != oid:
                contested.setdefault(folder or path, []).append(path)
        self._count(sides)
        if contested:
            self._settle(contested, whole)
        return self._union

    def _renumber(self, ours: Blobs, theirs: Blobs) -> Mapping[str, bytes | None]:
        """Let our versions of artifacts move on where theirs have the same numbers."""
        folders = {
            split[0]
            for path, oid in ours.items()
            if oid and theirs.get(path) not in (None, oid)
            if (split := split_artifact_path(path)) and version_of_manifest(split[1]) is not None
        }
        if not folders:
            return {}
        here, there = (
            _Files(_listing(self._git, tree, folders), self._content) for tree in self._trees[-2:]
        )
        moves = renumbered(here, there)
        for path, content in moves.items():
            self._union.changes[path] = there.blobs.get(path) if content is None else content
            folder, inner = split_artifact_path(path) or ("", "")
            if content is not None and inner == ALIASES_FILE:
                self._aliases[path] = content
                continue
            number = version_of_manifest(inner)
            if content is not None and number is not None and path not in there:
                line = f"{folder}: a version made here is v{number} now, its number was taken"
                self._union.renumbered.append(line)
        return moves

    def _unmergeable(self, ours: Blobs, theirs: Blobs) -> dict[str, tuple[str, str]]:
        """Find what one side removed or laid out otherwise and the other one edited."""
        found: dict[str, tuple[str, str]] = {}
        folders = [{_folder(path) for path in side} for side in (ours, theirs)]
        for folder in (folders[0] & folders[1]) - {""}:
            gone = [side.get(f"{folder}/{RUN_FILE}", "") is None for side in (ours, theirs)]
            if gone[0] != gone[1]:
                found[folder] = ("removed", "edited") if gone[0] else ("edited", "removed")
        for (one, words), other in zip(
            ((ours, ("a folder", "a file")), (theirs, ("a file", "a folder"))),
            (theirs, ours),
            strict=True,
        ):
            files = {path for path, oid in other.items() if oid is not None}
            for path, oid in one.items():
                if oid is not None and not files.isdisjoint(_parents(path)):
                    found.setdefault(_folder(path) or path, words)
        return found

    def _settle(
        self, contested: Mapping[str, list[str]], whole: Mapping[str, tuple[str, str]]
    ) -> None:
        """Join what both sides changed, run by run and file by file."""
        versions = [_listing(self._git, tree, contested) for tree in self._trees]
        for unit, paths in contested.items():
            below, *bases, ours, theirs = (
                {path: oid for path, oid in files.items() if (_folder(path) or path) == unit}
                for files in versions
            )
            if unit in whole:
                self._union.clashes.append(Clash(unit, "", *whole[unit]))
                chosen = theirs if self._prefer == "theirs" else ours
                self._replace(ours, chosen)
                continue
            results = [path for path in paths if path[len(unit) + 1 :] in _RESULTS]
            if results:
                self._settle_results(unit, (below, *bases), ours, theirs)
            for path in paths:
                if path not in results:
                    before = [blobs.get(path) for blobs in (below, *bases)]
                    self._settle_file(path, before, ours.get(path), theirs.get(path))

    def _replace(self, ours: Mapping[str, str], chosen: Mapping[str, str]) -> None:
        for path in ours.keys() | chosen.keys():
            if ours.get(path) != chosen.get(path):
                self._union.changes[path] = chosen.get(path)

    def _settle_results(
        self,
        folder: str,
        bases: Sequence[Mapping[str, str]],
        ours: Mapping[str, str],
        theirs: Mapping[str, str],
    ) -> None:
        below, base, *others = (self._files(folder, _RESULTS, blobs) for blobs in bases)
        for other in others:
            base, _ = merge_results(folder, below, base, other, "ours")
        here, there = (self._files(folder, _RESULTS, blobs) for blobs in (ours, theirs))
        merged, clashes = merge_results(folder, base, here, there, self._prefer)
        self._union.changes |= {f"{folder}/{name}": text for name, text in merged.items()}
        self._union.clashes += clashes

    def _settle_file(
        self, path: str, bases: Sequence[str | None], ours: str | None, theirs: str | None
    ) -> None:
        if ours is None or theirs is None:
            words = ("removed", "edited") if ours is None else ("edited", "removed")
            self._union.clashes.append(Clash(path, "", *words))
            self._union.changes[path] = theirs if self._prefer == "theirs" else ours
            return
        below, base, *others = (None if oid is None else self._content(oid) for oid in bases)
        for other in others:
            if base is None or other is None:
                base = base or other
            else:
                base, _ = merge_file(path, below, base, other, "ours")
        here = self._aliases.get(path) or self._content(ours)
        own = not is_record(path) and path != ".dvc/config"
        prefer = self._prefer or (self._own_files if own else None)
        merged, clashes = merge_file(path, base, here, self._content(theirs), prefer)
        self._union.changes[path] = merged
        self._union.clashes += [] if own else clashes

    def _files(
        self, folder: str, names: Iterable[str], blobs: Mapping[str, str]
    ) -> dict[str, bytes]:
        paths = {name: f"{folder}/{name}" for name in names}
        return {n: self._content(blobs[path]) for n, path in paths.items() if path in blobs}

    def _content(self, oid: str) -> bytes:
        return self._git.run("cat-file", "blob", oid)

    def _count(self, sides: _Sides) -> None:
        """Count runs, not files."""
        runs = {}
        for path in sides.theirs:
            if folder := _folder(path):
                runs[folder] = f"{folder}/{RUN_FILE}"
        for path in runs.values():
            if path not in sides.theirs or (sides.base.get(path) and sides.theirs[path]):
                self._union.edited += 1
            elif sides.theirs[path] is None:
                self._union.removed += 1
            else:
                self._union.added += path not in sides.ours


@dataclass(frozen=True, slots=True)
class Change:
    old: str | None
    new: str | None
    mode: str


def difference(git: Git, base: str, tip: str) -> dict[str, Change]:
    """Return what changed between two trees; a file's mode counts for nothing."""
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", base, tip)
    parts = iter(git.run(*words).split(b"\0"))
    found = {}
    for info in parts:
        if not info:
            continue
        old_mode, mode, old, new, _ = info.decode().lstrip(":").split(" ")
        path = next(parts).decode("utf-8", "surrogateescape")
        if old != new or mode not in _PLAIN:
            found[path] = Change(
                None if old_mode == _NONE else old, None if mode == _NONE else new, mode
            )
    return found


def _check(git: Git, there: Sequence[Mapping[str, Change]], *, foreign: bool) -> None:
    """Refuse what would be unsafe to check out, whoever sent it."""
    new = {path: change for side in there for path, change in side.items() if change.new}
    for path, change in new.items():
        try:
            check_path(path).encode()
        except (NameRefusedError, UnicodeEncodeError) as error:
            raise RepositoryError(f"it holds the path {path!a}, which is not safe") from error
        if change.mode not in _PLAIN:
            raise RepositoryError(f"{path!a} there is a link or a repository of its own")
    if foreign and new:
        ids = "".join(f"{change.new}\n" for change in new.values()).encode()
        sizes = git.run("cat-file", "--batch-check=%(objectsize)", stdin=ids).split()
        for path, size in zip(new, sizes, strict=True):
            if int(size) > _MOST_BYTES:
                raise RepositoryError(f"{path!a} there has {int(size):,} bytes")


class _Files(Mapping[str, bytes]):
    """Files of a tree by path, read when they are asked for."""

    def __init__(self, blobs: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self.blobs = blobs
        self._read = read

    def __getitem__(self, path: str) -> bytes:
        return self._read(self.blobs[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.blobs)

    def __len__(self) -> int:
        return len(self.blobs)


def _listing(git: Git, tree: str, paths: Iterable[str]) -> dict[str, str]:
    """List the files of some folders of a tree, or some files, by path."""
    found: dict[str, str] = {}
    wanted = list(paths)
    for start in range(0, len(wanted), 200):
        words = ("ls-tree", "-r", "-z", "--full-tree", tree, "--", *wanted[start : start + 200])
        for line in git.run(*words).split(b"\0"):
            info, _, path = line.partition(b"\t")
            if b" blob " in info:
                found[path.decode("utf-8", "surrogateescape")] = info.rsplit(b" ", 1)[1].decode()
    return found


def _bases(git: Git, ours: str, theirs: str) -> list[str]:
    return (git.ask("merge-base", "--all", ours, theirs) or "").split()


def _folder(path: str) -> str:
    split = split_path(path)
    return split[0] if split else ""


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
