import json
import os

import pytest

from gitrack.publish.build import Builder, build
from gitrack.publish.revision import branches_at
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

MAKE = """
import gitrack
with gitrack.init(project="chain", id="prepare", tags=["shown"]) as run:
    data = gitrack.Artifact("images", "dataset", metadata={"px": 256, "share": float("nan")})
    with data.new_file("a.txt") as file:
        file.write("aaa")
    data.add_reference("s3://bucket/key", checksum="etag")
    run.log_artifact(data, aliases=["clean"])
with gitrack.init(project="chain", id="train") as run:
    run.use_artifact("images:clean")
    for content in ("one", "two"):
        net = gitrack.Artifact("net", "model")
        with net.new_file("net.pt") as file:
            file.write(content)
        run.log_artifact(net).wait()
with gitrack.init(project="abroad", id="reuse") as run:
    run.use_artifact("chain/model/net:v0")
"""


def put(path):
    return json.loads(path.read_text()[len("gitrack.put(") : -3])


@pytest.fixture
def chain(repository, python):
    python(MAKE, cwd=repository)
    return Repository.around(repository)


@pytest.fixture
def out(clean):
    return clean / "site"


def versions(catalogue):
    return {
        f"{artifact['name']}:v{version['version']}": version
        for artifact in catalogue["artifacts"]
        for version in artifact["versions"]
    }


def test_a_catalogue_tells_versions_and_the_runs_that_made_and_used_them(chain, out):
    build(chain, out)
    catalogue = put(out / "data/chain/artifacts.js")
    found = versions(catalogue)
    assert list(found) == ["images:v0", "net:v0", "net:v1"]
    named = {
        label: (
            [catalogue["runs"][at][1] for at in one["made"]],
            [catalogue["runs"][at][:2] for at in one["used"]],
            one["aliases"],
        )
        for label, one in found.items()
    }
    assert named == {
        "images:v0": (["prepare"], [["chain", "train"]], ["clean", "latest"]),
        "net:v0": (["train"], [["abroad", "reuse"]], []),
        "net:v1": (["train"], [], ["latest"]),
    }
    images = found["images:v0"]
    assert (images["count"], images["references"], images["size"]) == (2, 1, 3)
    assert images["metadata"] == {"m": [["px", 256], ["share", {"n": "NaN"}]]}
    files = put(out / images["files"])["files"]
    assert files[0][:2] == ["a.txt", 3]
    assert files[1] == ["key", None, "etag", "s3://bucket/key"]
    assert not (out / "data/abroad/artifacts.js").exists()
    page = (out / "projects/chain/artifacts.html").read_text()
    assert "images" in page
    assert "2 artifacts of chain in 3 versions" in page


def test_a_second_build_writes_nothing(chain, out):
    build(chain, out)
    report = build(chain, out)
    assert (report.pages, report.shards) == (0, 0)


def test_a_site_of_chosen_runs_shows_no_version_that_none_of_them_touched(chain, out):
    build(chain, out, only="tag:shown")
    assert list(versions(put(out / "data/chain/artifacts.js"))) == ["images:v0"]


def test_a_site_as_of_a_commit_has_the_versions_of_then(chain, repository, git, out):
    first = git(repository, "rev-list", "--reverse", "experiments/main").splitlines()
    then = next(
        commit
        for commit in first
        if "model/net/v0.json" in git(repository, "ls-tree", "-r", "--name-only", commit)
    )
    reader = Reader(chain, at=branches_at(chain, then))
    Builder(chain, out, reader=reader).build()
    assert "net:v1" not in versions(put(out / "data/chain/artifacts.js"))


def test_a_damaged_manifest_is_named_and_the_rest_is_shown(chain, repository, git, out):
    tip = git(repository, "rev-parse", "experiments/main")
    blob = git(repository, "hash-object", "-w", "--stdin", input="{}")
    index = {"GIT_INDEX_FILE": str(repository / "index")}
    env = os.environ | index
    git(repository, "read-tree", tip, env=env)
    place = f"100644,{blob},chain/artifacts/model/net/v1.json"
    git(repository, "update-index", "--cacheinfo", place, env=env)
    tree = git(repository, "write-tree", env=env)
    commit = git(repository, "commit-tree", tree, "-p", tip, "-m", "Damage")
    git(repository, "update-ref", "refs/heads/experiments/main", commit)
    report = build(chain, out)
    assert any("v1.json" in line for line in report.damaged)
    assert "net:v0" in versions(put(out / "data/chain/artifacts.js"))


def test_a_run_lists_what_it_made_and_used(chain, out):
    build(chain, out)
    page = (out / "projects/chain/runs/train.html").read_text()
    assert "2 made, 1 used" in page
