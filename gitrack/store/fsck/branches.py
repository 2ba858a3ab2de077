"""One experiments branch after the other: its trees, its paths, and each record in them."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitrack.errors import NameRefusedError
from gitrack.model.names import check_path, check_run_id
from gitrack.model.pointer import Pointer
from gitrack.store.fsck.artifacts import ArtifactCheck
from gitrack.store.fsck.objects import (
    SUBMODULE,
    SYMLINK,
    TREE,
    Entry,
    Found,
    entries_of,
    read_objects,
)
from gitrack.store.fsck.report import Report
from gitrack.store.fsck.runs import RunCheck, is_parsed
from gitrack.store.git import Git
from gitrack.store.layout import ARTIFACTS, id_from_folder

_DEPTH = 4  # parts of the path of a run's or an artifact's folder
_RECORDS = 50  # whose files are listed at once
_NAME_BYTES, _PATH_BYTES = 255, 4096
_FETCH = "gitrack fsck --repair fetches it, where a remote has it"


@dataclass
class Survey:
    """
    What the branches hold, gathered while they are checked.

    Attributes
    ----------
    pointers : dict of Pointer to str
        Large data, and the first place that names it.
    commits : dict of str to list of str
        Commits of code, and the runs that name them.
    """

    git: Git
    report: Report
    pointers: dict[Pointer, str] = field(default_factory=dict)
    commits: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _folders: dict[str, str] = field(default_factory=dict)

    def check(self, branch: str, tree: str) -> None:
        """Check what a branch holds, but for what another branch held just so."""
        records = [
            entry
            for entry in self._walk(branch, [Entry("", TREE, tree)], stop=True)
            if _is_record(entry) and self._is_new(entry)
        ]
        for start in range(0, len(records), _RECORDS):
            self.report.tell(f"checking {branch}: {start:,} of {len(records):,} records")
            self._check_records(branch, records[start : start + _RECORDS])

    def _check_records(self, branch: str, folders: Sequence[Entry]) -> None:
        files: dict[str, dict[str, Entry]] = {folder.path: {} for folder in folders}
        for entry in self._walk(branch, folders, stop=False):
            if entry.mode not in (TREE, SUBMODULE):
                folder, inner = _split(entry.path)
                files[folder][inner] = entry
        wanted = [
            (entry.oid, _is_artifact(folder) or is_parsed(inner))
            for folder, inside in files.items()
            for inner, entry in inside.items()
        ]
        contents = read_objects(self.git, wanted)
        for folder, inside in files.items():
            found = {inner: next(contents) for inner in inside}
            if _is_artifact(folder):
                self._check_artifact(branch, folder, found)
            else:
                self._check_run(branch, folder, found)

    def _check_artifact(self, branch: str, folder: str, files: Mapping[str, Found]) -> None:
        check = ArtifactCheck(branch, folder, files, self.report)
        check.check()
        for name, pointer in check.pointers.items():
            self.pointers.setdefault(pointer, f"{branch}: {folder}/{name}")

    def _check_run(self, branch: str, folder: str, files: Mapping[str, Found]) -> None:
        check = RunCheck(branch, folder, files, self.report)
        check.check()
        place = {"branch": branch, "run": check.id, "path": folder}
        try:
            check_run_id(check.id)
        except NameRefusedError as error:
            self.report.error("name", f"no run has such an id: {error.rule}", **place)
        other = self._folders.setdefault(check.id, folder)
        if other != folder:
            self.report.error(
                "twice", f"{other} is a run of the same id: readers show one", **place
            )
        for name, pointer in check.pointers.items():
            self.pointers.setdefault(pointer, f"{branch}: {folder}/{name}")
        if check.run is not None:
            for commit in {check.run.code.commit, check.run.code.snapshot} - {None}:
                self.commits[str(commit)].append(check.id)

    def _walk(self, branch: str, roots: Iterable[Entry], *, stop: bool) -> Iterator[Entry]:
        """
        Yield everything below some trees, level by level.

        With `stop` that leaves out what is inside records, and what another branch has just so.
        """
        level = list(roots)
        while level:
            below: list[Entry] = []
            found = read_objects(self.git, [(entry.oid, True) for entry in level])
            for folder, tree in zip(level, found, strict=True):
                if tree.trouble or tree.content is None:
                    self._lost_folder(branch, folder, tree)
                    continue
                inside = list(entries_of(tree.content, folder.path, len(tree.oid) // 2))
                self._check_names(branch, inside)
                for entry in inside:
                    if entry.mode == TREE and not (stop and _is_record(entry)):
                        below.append(entry)
                    yield entry
            level = [entry for entry in below if not stop or self._is_new(entry)]

    def _is_new(self, entry: Entry) -> bool:
        before = len(self._seen)
        self._seen.add((entry.path, entry.oid))
        return len(self._seen) > before

    def _lost_folder(self, branch: str, folder: Entry, tree: Found) -> None:
        what = f"the folder's own object {tree.trouble}, and all below it cannot be read"
        place = {"branch": branch, "path": folder.path or "(top)", "target": tree.oid}
        if _is_record(folder) and not _is_artifact(folder.path):
            place["run"] = id_from_folder(folder.path)
        self.report.error("object", what, _FETCH, **place)

    def _check_names(self, branch: str, siblings: Sequence[Entry]) -> None:
        alike: dict[str, str] = {}
        for entry in siblings:
            place: dict[str, Any] = {"branch": branch, "path": entry.path}
            if len(parts := entry.path.split("/")) >= _DEPTH and parts[1] == "runs":
                place["run"] = parts[_DEPTH - 1]
            if entry.mode == SYMLINK:
                self.report.error("link", "it is a symbolic link: readers pass over it", **place)
            elif entry.mode == SUBMODULE:
                self.report.error("submodule", "it is a submodule: readers pass over it", **place)
            name = entry.name
            encoded = name.encode("utf-8", "surrogateescape")
            try:
                encoded.decode("utf-8")
                check_path(name)
            except UnicodeDecodeError:
                self.report.warning("name", "its name is no UTF-8", **place)
            except NameRefusedError:
                cure = "do not check the branch out; remove it with git"
                self.report.error("name", "a name that leads elsewhere", cure, **place)
            if (
                len(encoded) > _NAME_BYTES
                or len(entry.path.encode("utf-8", "replace")) > _PATH_BYTES
            ):
                what = f"a name of {len(encoded):,} bytes: most file systems cannot hold it"
                self.report.warning("name", what, "read it from git; no checkout has it", **place)
            other = alike.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
            if other != name:
                what = f"{other!r} beside it is the same name to some file systems"
                self.report.warning("alike", what, "rename one before a checkout there", **place)


def _split(path: str) -> tuple[str, str]:
    parts = path.split("/", _DEPTH)
    return "/".join(parts[:_DEPTH]), parts[_DEPTH]


def _is_record(entry: Entry) -> bool:
    parts = entry.path.split("/")
    return entry.mode == TREE and len(parts) == _DEPTH and parts[1] in ("runs", ARTIFACTS)


def _is_artifact(folder: str) -> bool:
    return folder.split("/")[1] == ARTIFACTS
