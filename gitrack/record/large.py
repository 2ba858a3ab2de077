"""A run's files that are too large for git: kept by DVC, with pointers in their places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitrack.errors import FormatError, GitrackError
from gitrack.model.pointer import Pointer
from gitrack.record.notice import warn_once
from gitrack.settings import Settings, read_settings
from gitrack.store.branch import Content
from gitrack.store.data import DataStore
from gitrack.store.history import table_from_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTORY_FILE,
    MEDIA_FILE,
    PREVIEW_FILE,
    RUN_FILE,
    SUMMARY_FILE,
)
from gitrack.store.moved import short_bytes
from gitrack.store.pointers import SUFFIX, name_on_branch, pointer_to_dvc
from gitrack.store.preview import preview_of
from gitrack.store.repository import Repository

#: A file of a run: its content, the file that holds it, or what stands for it.
Kept = bytes | Path | Pointer

#: What every reader of many runs reads, and merges key by key: a run without them is none.
_IN_GIT = frozenset((RUN_FILE, CONFIG_FILE, SUMMARY_FILE, MEDIA_FILE))
#: Up to here git takes a file that could not be kept outside it; bytes. Git hosts refuse 100 MB.
_GIT_MOST = 50 << 20


@dataclass
class LargeFiles:
    """
    Sets aside what is too large for git.

    Attributes
    ----------
    store : DataStore
        Where to.
    threshold : int
        The largest file that git takes; bytes.
    trouble : list of str
        What could not be set aside, and why, a line each.
    left : dict of str to pathlib.Path
        Files that are too large for git and could not be kept.
    """

    store: DataStore
    threshold: int
    trouble: list[str] = field(default_factory=list)
    left: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, repository: Repository) -> "LargeFiles":
        """Follow a repository's settings; where they are broken, the defaults."""
        try:
            threshold = read_settings(repository.work_tree).data_threshold
        except GitrackError:
            threshold = Settings().data_threshold
        return cls(DataStore(repository), threshold)

    def set_aside(self, files: Mapping[str, Kept]) -> dict[str, Kept]:
        """Return a run's files, the large ones as pointers, a large history with a preview."""
        kept: dict[str, Kept] = {}
        self.trouble.clear()
        self.left.clear()
        for name, content in files.items():
            if not self._belongs_outside(name, content):
                kept[name] = content
                continue
            try:
                kept[name] = self._keep(name, content)
            except GitrackError as error:
                self._complain(name, content, error, kept)
                continue
            if name == HISTORY_FILE and (preview := self._preview(content)):
                kept[PREVIEW_FILE] = preview
        return kept

    def branch_files(self, parent: str | None) -> dict[str, bytes]:
        """Return what the branch has to say of the remote, as far as that is known."""
        try:
            return self.store.branch_files(parent)
        except GitrackError as error:
            warn_once("data remote", f"{error}: the branch does not name where its data is")
            return {}

    def rescue_left(self, run_id: str) -> None:
        """Move the files that could not be kept out of the run's folder, before it is removed."""
        for name, path in self.left.items():
            target = _unkept(self.store.repository, run_id) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            warn_once(
                f"unkept {path}", f"run {run_id}: {name} could not be kept: it is at {target}"
            )

    def _belongs_outside(self, name: str, content: Kept) -> bool:
        if isinstance(content, Pointer) or name in _IN_GIT:
            return False
        return _size(content) > self.threshold

    def _keep(self, name: str, content: Kept) -> Pointer:
        own = name_on_branch(name).rpartition("/")[2]
        if isinstance(content, Path):
            return self.store.keep(content, own)
        assert isinstance(content, bytes)  # noqa: S101 - a pointer is not set aside
        return self.store.add_bytes(content, own)

    def _preview(self, content: Kept) -> bytes | None:
        assert isinstance(content, bytes)  # noqa: S101 - a history is made in memory
        try:
            return preview_of(table_from_bytes(content), self.threshold)
        except FormatError:
            return None

    def _complain(
        self, name: str, content: Kept, error: GitrackError, kept: dict[str, Kept]
    ) -> None:
        size = _size(content)
        if isinstance(content, Path) and size > _GIT_MOST:
            self.left[name] = content
            self.trouble.append(f"{name} ({short_bytes(size)}): {error}")
        else:
            kept[name] = content
            self.trouble.append(f"{name} ({short_bytes(size)}) is in git: {error}")


def stored_files(files: Mapping[str, Kept], *, replaced: bool = False) -> dict[str, Content]:
    """
    Return what stands on the branch for a run's files.

    Parameters
    ----------
    files : mapping of str to bytes, pathlib.Path or Pointer
        The files by their own names.
    replaced : bool
        Whether the run may stand there already: then the other form of each file goes, a pointer
        for what git holds now and the reverse.
    """
    named = {name_on_branch(name): content for name, content in files.items()}
    stored: dict[str, Content] = {}
    if replaced:
        others = (n if isinstance(c, Pointer) else n + SUFFIX for n, c in named.items())
        stored = dict.fromkeys((*others, PREVIEW_FILE))
    for name, content in named.items():
        if isinstance(content, Pointer):
            stored[name + SUFFIX] = pointer_to_dvc(content)
        else:
            stored[name] = content
    return stored


def _unkept(repository: Repository, run_id: str) -> Path:
    return repository.own_dir / "unkept" / run_id


def _size(content: Kept) -> int:
    if isinstance(content, Pointer):
        return content.size
    return len(content) if isinstance(content, bytes) else content.stat().st_size
