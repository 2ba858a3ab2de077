"""Manifests and aliases read strictly, versions found, and numbers given twice."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.errors import (
    AmbiguousArtifactError,
    ArtifactNotFoundError,
    DataError,
    DigestError,
    FormatError,
    NewerFormatError,
)
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.pointer import Pointer
from gitrack.store.artifacts import Artifacts
from gitrack.store.branch import Branch
from gitrack.store.contents import write_files
from gitrack.store.external import fetch
from gitrack.store.manifests import (
    aliases_from_json,
    aliases_to_json,
    digest_of,
    manifest_from_json,
    manifest_to_json,
    size_of,
)
from gitrack.store.numbering import renumbered
from gitrack.store.pointers import pointer_from_dvc, pointer_to_dvc
from gitrack.store.references import named_objects
from gitrack.store.repository import Repository

FOLDER = "lab/artifacts/model/net"
MD5 = "0cc175b9c0f1b6a831c399e269772661"  # of "a"


def manifest(version=0, content="a", **facts):
    import hashlib

    md5 = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    own = facts.pop("files", (ArtifactFile("w", md5, len(content)),))
    known = {
        "id": f"id-{content}-{version}", "version": version, "name": "net", "type": "model",
        "project": "lab", "created": 1795577758.25, "digest": digest_of(own), "size": size_of(own),
        "files": own,
    }  # fmt: skip
    return Manifest(**{**known, **facts})


def files_of(one, content="a"):
    folder = f"{one.project}/artifacts/{one.type}/{one.name}"
    return {
        f"{folder}/v{one.version}.json": manifest_to_json(one),
        f"{folder}/v{one.version}/w": content.encode(),
    }


@given(
    st.dictionaries(st.text(), st.floats() | st.text() | st.none() | st.lists(st.integers())),
    st.none() | st.text(),
)
def test_a_manifest_comes_back_as_it_was(metadata, description):
    files = (
        ArtifactFile("a b/ü", MD5, 1),
        ArtifactFile("r", ref="s3://bucket/k", digest="etag", size=5),
        ArtifactFile("z", ref="https://example.org/?q=1"),
    )
    one = manifest(3, files=files, metadata=metadata, description=description, made_by="r1")
    content = manifest_to_json(one)
    again = manifest_from_json(content, f"{FOLDER}/v3.json")
    assert manifest_to_json(again) == content
    assert (again.files, again.digest, again.created) == (files, one.digest, one.created)
    if not any(0xD800 <= ord(c) <= 0xDFFF for c in description or ""):
        assert again.description == description


def spoiled(**changes):
    record = json.loads(manifest_to_json(manifest()))
    record.update(changes)
    return json.dumps(record).encode()


def with_file(**changes):
    file = {"path": "w", "md5": MD5, "size": 1, **changes}
    return spoiled(files=[{key: value for key, value in file.items() if value is not ...}])


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"\xff\xfe", b"{" * 100_000, b'{"format": 1}', spoiled(format="1"),
        spoiled(format=True), spoiled(version=1), spoiled(version=-1), spoiled(version=True),
        spoiled(version=10**30), spoiled(name="other"), spoiled(name="../net"), spoiled(name=3),
        spoiled(project="../lab"), spoiled(type="data"), spoiled(id="../x"), spoiled(id=None),
        spoiled(made_by="a/b"), spoiled(created="yesterday"), spoiled(created=1e400),
        spoiled(metadata=[]), spoiled(metadata={"a": 1}, not_finite=["b/c"]), spoiled(tags="t"),
        spoiled(description=5), spoiled(size=2), spoiled(size=1e9), spoiled(digest="0" * 64),
        spoiled(digest="x"), spoiled(files={}), spoiled(files=["w"]), spoiled(files=[None]),
        with_file(path="../w"), with_file(path="/etc/passwd"), with_file(path=".git/hooks/x"),
        with_file(path="a\nb"), with_file(path=""), with_file(path="a\\b"), with_file(path=7),
        with_file(md5="../../x"), with_file(md5=MD5.upper()), with_file(md5=...),
        with_file(size=-1), with_file(size=10**30), with_file(size="1"), with_file(size=...),
        with_file(ref="file", md5=...), with_file(ref="http://a\nb", md5=...),
        with_file(ref="s3://" + "k" * 5000, md5=...), with_file(ref=3, md5=...),
        spoiled(files=[{"path": "w", "md5": MD5, "size": 1}] * 2),
        spoiled(files=[{"path": p, "md5": MD5, "size": 1} for p in ("w", "w/x")]),
        b'{"format": ' + b"9" * 5000 + b"}",
        spoiled().replace(b'"size": 1,', b'"size": NaN,'),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused_in_one_line(content):
    with pytest.raises(FormatError) as refused:
        manifest_from_json(content, f"{FOLDER}/v0.json")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


def test_a_newer_manifest_is_refused_by_name():
    with pytest.raises(NewerFormatError, match="install a newer gitrack"):
        manifest_from_json(spoiled(format=2), f"{FOLDER}/v0.json")


@pytest.mark.parametrize(
    "content",
    [b"[]", b'{"latest": 1}', b'{"v1": 1}', b'{"a/b": 1}', b'{"a": "1"}', b'{"a": -1}',
     b'{"a": true}', b'{"a": 1e3}', b'{"": 1}', b"{", b'{"a\\n": 1}'],
)  # fmt: skip
def test_what_is_no_list_of_aliases_is_refused(content):
    with pytest.raises(FormatError):
        aliases_from_json(content, f"{FOLDER}/aliases.json")


def test_aliases_come_back_as_they_were():
    aliases = {"best": 3, "prød": 0}
    assert aliases_from_json(aliases_to_json(aliases), "aliases.json") == aliases


@pytest.fixture
def home(repository):
    return Repository.around()


def test_names_are_found_with_as_much_as_they_need(home):
    branch = Branch(home, "experiments/main")
    branch.add(files_of(manifest()), "Add")
    branch.add(files_of(manifest(type="other")), "Add")
    branch.add(files_of(manifest(project="second", name="solo")), "Add")
    found = Artifacts(home)
    assert found.names() == ["lab/model/net", "lab/other/net", "second/model/solo"]
    with pytest.raises(AmbiguousArtifactError, match="lab/model/net, lab/other/net"):
        found.find("net")
    for name in ("model/net", "lab/model/net:v0", "model/net:latest@main", "model/net:id-a-0"):
        assert found.find(name).manifest.type == "model"
    assert found.find("net", "other").manifest.type == "other"
    for name in ("solo", "solo:", "second/solo", "team/second/solo:v0"):
        assert found.find(name).manifest.project == "second"
    for name in ("lab/solo", "net/", "", "model/net:v1@nowhere", "solo:best", "solo:v00"):
        with pytest.raises(ArtifactNotFoundError):
            found.find(name)


def test_a_damaged_version_is_named_and_the_others_are_read(home):
    branch = Branch(home, "experiments/main")
    branch.add(files_of(manifest()), "Add")
    branch.add({f"{FOLDER}/v1.json": b"{}", f"{FOLDER}/aliases.json": b"[]"}, "Spoil")
    found = Artifacts(home)
    assert [stored.manifest.version for stored in found.versions("net")] == [0]
    assert sorted(error.path for error in found.damaged) == [
        f"{FOLDER}/aliases.json", f"{FOLDER}/v1.json",
    ]  # fmt: skip
    with pytest.raises(FormatError):
        found.find("net")


def test_a_link_on_the_branch_is_no_file_of_an_artifact(home, repository, git):
    Branch(home, "experiments/main").add(files_of(manifest()), "Add")
    tree = git(repository, "rev-parse", "experiments/main^{tree}")
    link = git(repository, "hash-object", "-w", "--stdin", input="/etc/passwd")
    index = {"GIT_INDEX_FILE": str(repository / "index"), "PATH": "/usr/bin:/bin"}
    git(repository, "read-tree", tree, env=index)
    entry = f"120000,{link},{FOLDER}/v0/w"
    git(repository, "update-index", "--add", "--cacheinfo", entry, env=index)
    changed = git(repository, "write-tree", env=index)
    commit = git(repository, "commit-tree", changed, "-m", "Link")
    git(repository, "update-ref", "refs/heads/experiments/main", commit)
    stored = Artifacts(home).find("net")
    assert stored.in_git == {}
    with pytest.raises(DataError):
        write_files(home, stored, repository / "out")
    assert not (repository / "out" / "w").exists()


def test_content_that_is_not_what_the_manifest_says_is_not_written(home, repository):
    Branch(home, "experiments/main").add(files_of(manifest(), "b"), "Add")
    with pytest.raises(DigestError, match="recorded"):
        write_files(home, Artifacts(home).find("net"), repository / "out")
    assert not list((repository / "out").iterdir())


def test_files_that_are_right_are_left_alone_and_others_replaced(home, repository):
    Branch(home, "experiments/main").add(files_of(manifest()), "Add")
    stored, out = Artifacts(home).find("net"), repository / "out"
    write_files(home, stored, out)
    before = (out / "w").stat()
    write_files(home, stored, out)
    assert (out / "w").stat() == before
    (out / "w").unlink()
    (out / "w").symlink_to(repository / "train.py")
    write_files(home, stored, out)
    assert not (out / "w").is_symlink()
    assert (repository / "train.py").read_text() == "print('training')\n"
    (out / "w").unlink()
    (out / "w").mkdir()
    with pytest.raises(DataError, match="folder"):
        write_files(home, stored, out)


@pytest.mark.parametrize(
    "uri", ["s3://b/k", "http://127.0.0.1/x", "ftp://h/x", "file://elsewhere/x", "file:///no/such",
            "https://[removed]@h/x", "https://127.0.0.1:9/x", "file:relative"],
)  # fmt: skip
def test_a_reference_that_cannot_be_had_is_one_line(tmp_path, uri):
    with pytest.raises(DataError) as refused:
        fetch(ArtifactFile("x", ref=uri), tmp_path / "x", lambda _: None)
    assert "\n" not in str(refused.value)


def test_a_reference_that_changed_is_refused_by_digest_and_by_size(tmp_path):
    (tmp_path / "source").write_bytes(b"a")
    uri = (tmp_path / "source").as_uri()
    sha = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    for number, digest in enumerate((None, MD5, f"sha256:{sha}", sha, '"an-etag"')):
        target = tmp_path / str(number)
        fetch(ArtifactFile("x", ref=uri, digest=digest, size=1), target, lambda _: None)
        assert target.read_bytes() == b"a"
    (tmp_path / "source").write_bytes(b"abc")
    for file in (
        ArtifactFile("x", ref=uri, digest=MD5),
        ArtifactFile("x", ref=uri, digest=sha),
        ArtifactFile("x", ref=uri, size=1),
        ArtifactFile("x", ref=uri, size=9),
    ):
        (tmp_path / "target").unlink(missing_ok=True)
        with pytest.raises(DigestError):
            fetch(file, tmp_path / "target", lambda _: None)


def test_the_remotes_version_keeps_its_number_and_ours_follow_in_their_order():
    common = files_of(manifest(0), "a")
    ours = {
        **common,
        **files_of(manifest(1, "b"), "b"),
        f"{FOLDER}/v2.json": manifest_to_json(manifest(2, "c")),
        f"{FOLDER}/v2.dvc": pointer_to_dvc(Pointer("v2", f"{MD5}.dir", 9, 2)),
        f"{FOLDER}/aliases.json": aliases_to_json({"old": 0, "best": 1, "new": 2}),
        "lab/runs/2026-11-25/r/run.json": b"{}",
    }
    theirs = {**common, **files_of(manifest(1, "d"), "d"), **files_of(manifest(2, "e"), "e")}
    changes = renumbered(ours, theirs)
    merged = {**ours, **changes}
    gone = [path for path, content in merged.items() if content is None]
    assert sorted(gone) == [
        f"{FOLDER}/v1.json", f"{FOLDER}/v1/w", f"{FOLDER}/v2.dvc", f"{FOLDER}/v2.json",
    ]  # fmt: skip
    union = {**{path: content for path, content in merged.items() if content}, **theirs}
    assert sorted(path for path in union if path.endswith(".json") and "/v" in path) == [
        f"{FOLDER}/v{number}.json" for number in range(5)
    ]
    first = manifest_from_json(merged[f"{FOLDER}/v3.json"], f"{FOLDER}/v3.json")
    second = manifest_from_json(merged[f"{FOLDER}/v4.json"], f"{FOLDER}/v4.json")
    assert (first.id, second.id) == ("id-b-1", "id-c-2")
    assert merged[f"{FOLDER}/v3/w"] == b"b"
    assert pointer_from_dvc(merged[f"{FOLDER}/v4.dvc"], "v4.dvc").name == "v4"
    assert aliases_from_json(merged[f"{FOLDER}/aliases.json"], "") == {
        "old": 0, "best": 3, "new": 4,
    }  # fmt: skip
    assert not any("/runs/" in path for path in changes)


def test_one_number_with_equal_content_is_one_version_the_remotes():
    ours, theirs = manifest(0), replace(manifest(0), id="theirs")
    assert renumbered(files_of(ours), files_of(theirs)) == {
        f"{FOLDER}/v0.json": manifest_to_json(theirs)
    }
    assert renumbered(files_of(ours), files_of(ours)) == {}


def test_artifacts_that_only_one_side_has_and_numbers_that_differ_stay():
    assert renumbered(files_of(manifest(0)), files_of(manifest(0, name="other"))) == {}
    assert renumbered(files_of(manifest(1, "b"), "b"), files_of(manifest(0))) == {}
    assert renumbered({}, files_of(manifest(0))) == {}


def test_a_damaged_manifest_of_the_remote_takes_no_number_of_ours():
    ours = files_of(manifest(0))
    assert renumbered(ours, {f"{FOLDER}/v0.json": b"{}"}) == {}
    theirs = files_of(manifest(0, "b"), "b")
    assert renumbered({f"{FOLDER}/v0.json": b"{}"}, theirs) == {
        f"{FOLDER}/v0.json": theirs[f"{FOLDER}/v0.json"]
    }


def test_a_pointer_that_cannot_be_read_lets_nothing_be_freed(home):
    Branch(home, "experiments/main").add({f"{FOLDER}/v0.dvc": b"outs: []"}, "Spoil")
    with pytest.raises(FormatError, match=r"v0\.dvc"):
        named_objects(home)


def test_files_of_an_artifact_that_look_like_pointers_are_none(home):
    content = {**files_of(manifest()), f"{FOLDER}/v0/x.dvc": b"no pointer"}
    Branch(home, "experiments/main").add(content, "Add")
    assert named_objects(home) == {MD5}
