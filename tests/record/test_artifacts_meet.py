"""Versions that are logged at once, on branches of their own, or by a process that dies."""

import os
import subprocess
import sys

import pytest

import gitrack
from gitrack.errors import AmbiguousArtifactError
from gitrack.store.artifacts import Artifacts
from gitrack.store.data import DataStore
from gitrack.store.repository import Repository

from .test_artifacts import CRASH, made, objects


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("size", [10, 2 << 20])
def test_a_crash_between_log_and_commit_loses_no_version_and_makes_none_twice(
    repository, python, git, where, size
):
    assert python(CRASH, where, str(size), check=False).returncode == 1
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    versions = Artifacts(Repository.around()).versions("net")
    assert [stored.manifest.label for stored in versions] == ["net:v0"]
    assert versions[0].aliases == ("best", "latest")
    (output,) = gitrack.load("r").run.artifacts
    assert output.id == versions[0].manifest.id
    out = gitrack.artifact("net").download(repository / "out")
    assert (out / "w").stat().st_size == size
    git(repository, "fsck", "--strict")


def test_a_crash_whose_data_is_gone_leaves_a_run_that_says_so(repository, python):
    python(CRASH, "before", "10", check=False)
    for md5 in objects():
        DataStore(Repository.around()).objects.drop(md5)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    run = gitrack.load("r").run
    assert not run.artifacts
    assert "artifact net: w" in run.missing[0]


RACE = """
import sys, gitrack
run = gitrack.init(project="lab")
artifact = gitrack.Artifact("net", "model")
with artifact.new_file("w") as file:
    file.write(sys.argv[1])
run.log_artifact(artifact).wait()
run.finish()
"""


def test_eight_processes_that_log_versions_at_once_give_each_number_once(repository, git):
    those = [
        subprocess.Popen([sys.executable, "-c", RACE, str(number)], stderr=subprocess.DEVNULL)
        for number in range(8)
    ]
    assert [one.wait() for one in those] == [0] * 8
    versions = Artifacts(Repository.around()).versions("net")
    assert [stored.manifest.version for stored in versions] == list(range(8))
    assert len({stored.manifest.id for stored in versions}) == 8
    outputs = [gitrack.load(run_id).run.artifacts[0] for run_id in gitrack.runs()["id"]]
    assert {one.id: one.version for one in outputs} == {
        stored.manifest.id: stored.manifest.version for stored in versions
    }
    git(repository, "fsck", "--strict")


def test_a_branch_of_its_own_counts_on_and_each_finds_its_own_first(begin, repository, git):
    def logged(content, branch):
        with begin(branch=branch) as run:
            run.log_artifact(made(w=content), aliases=["best"]).wait()

    logged("1", "main")
    logged("2", "feature/x")
    logged("3", "main")
    assert [s.manifest.version for s in Artifacts(Repository.around()).versions("net")] == [0, 1, 2]
    run = begin(branch="feature/x")
    assert run.use_artifact("net:best").version == "v1"
    assert run.use_artifact("net:best@main").version == "v2"
    assert run.use_artifact("net").version == "v2"


def test_one_number_with_two_meanings_is_told_apart(begin, repository, git, clean):
    with begin() as run:
        run.log_artifact(made(w="1")).wait()
    git(clean, "clone", "-q", repository, clean / "clone")
    for place, content in ((repository, "here"), (clean / "clone", "there")):
        subprocess.run([sys.executable, "-c", RACE, content], cwd=place, check=True,
                       capture_output=True)  # fmt: skip
    git(clean / "clone", "fetch", "-q")
    os.chdir(clean / "clone")
    with pytest.raises(AmbiguousArtifactError, match="net:v1@origin/experiments/main"):
        gitrack.artifact("net:v1")
    both = [gitrack.artifact(f"net:v1@{one}") for one in ("main", "origin/experiments/main")]
    folders = [one.download(clean / str(number)) for number, one in enumerate(both)]
    assert [(folder / "w").read_text() for folder in folders] == ["there", "here"]
    run = gitrack.init(project="lab")
    assert run.use_artifact("net:v1").id == both[0].manifest.id
    run.finish()
