"""A bare remote, and clones of it."""

import pytest

from gitrack.store.repository import Repository

from .clones import MAIN, pulled, record, sent


@pytest.fixture
def files_of(git):
    return lambda folder, ref=MAIN: git(folder, "ls-tree", "-r", "--name-only", ref).splitlines()


@pytest.fixture
def runs_of(files_of):
    def runs(folder, ref=MAIN):
        return sorted(p.split("/")[-2] for p in files_of(folder, ref) if p.endswith("run.json"))

    return runs


@pytest.fixture
def remote(repository, git, clean):
    folder = clean / "remote.git"
    git(clean, "init", "-q", "--bare", folder)
    git(repository, "remote", "add", "origin", folder)
    git(repository, "push", "-q", "origin", "main")
    return folder


@pytest.fixture
def clones(remote, git, clean):
    folders = [clean / f"clone{number}" for number in range(2)]
    for folder in folders:
        git(clean, "clone", "-q", remote, folder)
    return folders


@pytest.fixture
def shared(clones):
    """Two clones that both have one run."""
    record(clones[0], "r", tags=("old",))
    sent(clones[0])
    pulled(clones[1])
    git = Repository.around(clones[1]).git
    git.run("update-ref", f"refs/heads/{MAIN}", f"refs/remotes/origin/{MAIN}")
    return clones
