"""A store of large data, a remote for it, and the real dvc."""

import subprocess
import sys

import pytest

from gitrack.store.data import DataStore
from gitrack.store.repository import Repository


@pytest.fixture
def store(repository):
    return DataStore(Repository.around(repository))


@pytest.fixture
def remote(clean, monkeypatch):
    monkeypatch.setenv("GITRACK_DATA_REMOTE", str(clean / "remote"))
    return clean / "remote"


@pytest.fixture
def dvc(clean):
    """Run the real dvc in a folder."""

    def run(folder, *words, check=True):
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *words],
            cwd=folder, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def folder_of(clean):
    """Write files below a folder of this name and return them by their inner paths."""

    def write(name, contents):
        files = {}
        for inner, content in contents.items():
            path = clean / name / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            files[inner] = path
        return files

    return write
