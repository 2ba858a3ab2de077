"""Where runs are recorded: the user's repository, or the user's own store outside any."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gitrack.errors import GitError, RepositoryError
from gitrack.settings import user_store
from gitrack.store.git import Git


@dataclass(frozen=True)
class Repository:
    """
    One git repository, found without starting git.

    Attributes
    ----------
    git_dir, common_dir : pathlib.Path
        The private folder of this work tree, and the one that all work trees share.
    work_tree : pathlib.Path or None
        The checked-out files; None for a bare repository.
    personal : bool
        Whether this is the user's own store.
    """

    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    personal: bool = False

    @classmethod
    def find(cls, start: Path | None = None) -> "Repository":
        """
        Find the repository that `start` lies in, or else the user's own store.

        Parameters
        ----------
        start : pathlib.Path, optional
            A folder; the current one unless given.

        Raises
        ------
        RepositoryError
            If there is neither and the store cannot be made.
        """
        return cls.around(start) or cls.own_store()

    @classmethod
    def around(cls, start: Path | None = None) -> "Repository | None":
        """
        Find the repository that `start` lies in, or None.

        Raises
        ------
        RepositoryError
            If it belongs to another user and git has not been told to trust it.
        """
        folder = Path(os.path.realpath(start or Path.cwd()))
        for place in (folder, *folder.parents):
            if found := cls._at(place):
                return found._trusted()  # noqa: SLF001 - our own
        return None

    @classmethod
    def _at(cls, place: Path) -> "Repository | None":
        marker = place / ".git"
        if _is_git_dir(marker):
            return cls(marker, marker, place)
        if marker.is_file() and (git_dir := _pointed_to(marker)):
            return cls(git_dir, _common_dir(git_dir), place)
        if _is_git_dir(place):
            inside = place.name == ".git"
            return cls(place, _common_dir(place), place.parent if inside else None)
        return None

    def _trusted(self) -> "Repository":
        """
        Refuse what git refuses: another user's configuration may name commands to run.

        Naming GIT_DIR, as we do, would tell git that we trust it.
        """
        places = [place for place in (self.work_tree, self.git_dir) if place is not None]
        if not hasattr(os, "geteuid") or {p.stat().st_uid for p in places} == {os.geteuid()}:
            return self
        trusted: list[str] = []
        asked = ("config", "--path", "--show-scope", "--get-all", "safe.directory")
        for line in (self.git.ask(*asked) or "").splitlines():
            scope, _, folder = line.partition("\t")
            if scope in ("system", "global", "command"):
                trusted = [*trusted, folder] if folder else []
        top = str(places[0])
        for folder in trusted:
            if folder in ("*", top) or (folder.endswith("/*") and top.startswith(folder[:-1])):
                return self
        cure = f"git config --global --add safe.directory {top}"
        raise RepositoryError(f"{top} belongs to another user: to trust it, {cure}")

    @classmethod
    def own_store(cls) -> "Repository":
        """
        Open the user's own store, made on first use.

        Raises
        ------
        RepositoryError
            If it cannot be made.
        """
        folder = user_store()
        if not _is_git_dir(folder):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                Git(folder).run("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
            except (OSError, GitError) as error:
                raise RepositoryError(f"no repository here, and no store: {error}") from error
        return cls(folder, folder, None, personal=True)

    @property
    def name(self) -> str:
        """What people call it: its folder's name."""
        if self.personal:
            return "runs"
        folder = self.work_tree or self.common_dir
        return folder.name.removesuffix(".git") or "repository"

    @property
    def own_dir(self) -> Path:
        """The folder inside the common dir that is gitrack's own."""
        return self.common_dir / "gitrack"

    @property
    def runs_dir(self) -> Path:
        """The folder of the runs that are not committed yet, a folder each."""
        return self.own_dir / "runs"

    @property
    def push_state(self) -> Path:
        """The file in which a push in the background leaves word of its failure."""
        return self.own_dir / "push.json"

    def has_living_runs(self) -> bool:
        """Tell whether a run is being recorded here, or waits to be recovered."""
        try:
            with os.scandir(self.runs_dir) as found:
                return any(found)
        except OSError:
            return False

    @cached_property
    def git(self) -> Git:
        """Git commands on it."""
        return Git(self.git_dir, self.work_tree, self.common_dir)


def _is_git_dir(place: Path) -> bool:
    return (place / "HEAD").is_file() and (
        (place / "commondir").is_file()
        or ((place / "objects").is_dir() and (place / "refs").is_dir())
    )


def _pointed_to(marker: Path) -> Path | None:
    """Follow a ``.git`` file, as work trees and submodules have."""
    try:
        text = marker.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if not text.startswith("gitdir:"):
        return None
    target = marker.parent / text.removeprefix("gitdir:").strip()
    return Path(os.path.realpath(target)) if _is_git_dir(target) else None


def _common_dir(git_dir: Path) -> Path:
    try:
        text = (git_dir / "commondir").read_text("utf-8").strip()
    except OSError:
        return git_dir
    return Path(os.path.realpath(git_dir / text))
