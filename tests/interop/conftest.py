"""Frameworks that may be missing, and runs that a script of its own made."""

import pytest

import gitrack


@pytest.fixture
def trained(repository, python, monkeypatch, need):
    """
    Run a training script in a process of its own, and give the runs that it left.

    ``trained(source, "keras")`` needs the packages named, and checks that nothing was warned of.
    """
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def train(source, *packages, quiet=True, check=True, words=()):
        need(*packages)
        done = python(source, *words, cwd=repository, check=False)
        if check:
            assert done.returncode == 0, done.stderr
        said = [line for line in done.stderr.splitlines() if line.startswith("gitrack: ")]
        if quiet:
            assert all("rows on experiments/main" in line for line in said), said
        runs = gitrack.runs().sort_values("created", kind="stable")
        loaded = [gitrack.load(one) for one in runs["id"]]
        train.said, train.done = said, done
        return loaded

    return train


@pytest.fixture
def versions(repository):
    """Give an artifact's versions as (version, metadata, aliases), oldest first."""

    def find(name):
        latest = gitrack.artifact(name).manifest.version
        found = [gitrack.artifact(f"{name}:v{number}") for number in range(latest + 1)]
        return [(one.manifest.version, one.metadata, one.aliases) for one in found]

    return find
