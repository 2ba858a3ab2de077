import json
import os
import subprocess
import sys

import gitrack
import pytest

from gitrack.errors import DataMissingError
from gitrack.store.data import DataStore
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


@pytest.fixture(autouse=True)
def small_threshold(clean, monkeypatch):
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "4000")


def names_on(git, folder, ref="experiments/main"):
    paths = git(folder, "ls-tree", "-r", "--name-only", ref).splitlines()
    return {path.split("/", 4)[4] for path in paths if path.count("/") > 3}


def test_a_large_file_goes_to_dvc_and_a_small_one_to_git(begin, repository, git):
    (repository / "model.pt").write_bytes(os.urandom(20_000))
    (repository / "notes.txt").write_text("short")
    with begin() as run:
        run.log({"loss": 1.0})
        run.save("model.pt")
        run.save("notes.txt")
    names = names_on(git, repository)
    assert {"files/model.pt.dvc", "files/notes.txt", "history.parquet"} <= names
    assert "files/model.pt" not in names
    loaded = gitrack.load(run.id)
    assert {"files/model.pt", "files/notes.txt"} <= set(loaded.files())
    assert loaded.read("files/model.pt") == (repository / "model.pt").read_bytes()
