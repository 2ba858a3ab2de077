"""Artifacts as a script sees them: logged, used, downloaded, and not lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gitrack
from gitrack.errors import ArtifactNotFoundError, GitrackError
from gitrack.store.artifacts import Artifacts
from gitrack.store.data import DataStore
from gitrack.store.references import named_objects
from gitrack.store.repository import Repository

FOLDER = "lab/artifacts"


def objects():
    return set(DataStore(Repository.around()).objects.all())


def made(name="net", kind="model", **files):
    artifact = gitrack.Artifact(name, kind)
    for inner, content in files.items():
        with artifact.new_file(inner) as file:
            file.write(content)
    return artifact


def listed(git, repository, path=""):
    names = git(repository, "ls-tree", "-r", "--name-only", "experiments/main", f"{FOLDER}/{path}")
    return [name.removeprefix(f"{FOLDER}/") for name in names.splitlines()]


def test_a_small_artifact_stands_in_git_and_needs_no_dvc(begin, repository, git):
    run = begin()
    artifact = gitrack.Artifact("net", "model", "a description", {"acc": 0.9, "bad": float("nan")})
    (repository / "w.txt").write_text("weights")
    entry = artifact.add_file("w.txt", "inner/w.txt")
    assert run.log_artifact(artifact, aliases=["latest", "best"], tags=["t"]).wait() is artifact
    assert (artifact.name, artifact.version, artifact.state) == ("net:v0", "v0", "COMMITTED")
    run.finish()
    assert listed(git, repository) == [
        "model/net/aliases.json", "model/net/v0.json", "model/net/v0/inner/w.txt",
    ]  # fmt: skip
    manifest = gitrack.artifact("net:best").manifest
    assert manifest.description == "a description"
    assert manifest.metadata["acc"] == 0.9
    assert str(manifest.metadata["bad"]) == "nan"
    assert (manifest.made_by, manifest.tags) == (run.id, ("t",))
    assert manifest.files[0].md5 == entry.digest
    assert gitrack.artifact("net").download(repository / "out") == repository / "out"
    assert (repository / "out" / "inner" / "w.txt").read_text() == "weights"


def test_a_large_artifact_goes_to_dvc_and_comes_back_whole(begin, repository, git):
    run = begin()
    folder = repository / "data"
    (folder / "a").mkdir(parents=True)
    contents = {f"a/{n}.bin": os.urandom(400_000) for n in range(4)} | {"ünï code": b"x"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    run.log_artifact(str(folder), name="images", type="dataset").wait()
    used = run.use_artifact("images:latest", type="dataset")
    root = Path(used.download(repository / "out"))
    assert {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert {name: (root / name).read_bytes() for name in contents} == contents
    used.verify(root)
    assert listed(git, repository, "dataset/") == [
        "dataset/images/v0.dvc", "dataset/images/v0.json",
    ]  # fmt: skip
    (root / "extra").touch()
    with pytest.raises(ValueError, match="extra"):
        used.verify(root)
    (root / "extra").unlink()
    (root / "ünï code").write_bytes(b"y")
    with pytest.raises(ValueError, match="code"):
        used.verify(root)
    assert used.checkout(root) == str(root)
    used.verify(root)


def test_a_second_version_with_one_file_of_100_changed_adds_one_file(begin, repository):
    run = begin()
    folder = repository / "data"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number}.bin").write_bytes(os.urandom(20_000))
    run.log_artifact(str(folder), name="many", type="dataset").wait()
    before = objects()
    (folder / "7.bin").write_bytes(b"changed")
    run.log_artifact(str(folder), name="many", type="dataset").wait()
    new = objects() - before
    assert sorted(one.endswith(".dir") for one in new) == [False, True]
    versions = Artifacts(Repository.around()).versions("many")
    assert [stored.manifest.version for stored in versions] == [0, 1]
    assert len({stored.manifest.digest for stored in versions}) == 2


def test_equal_content_makes_no_new_version_and_its_aliases_move(begin, repository, git):
    first = begin(id="one")
    first.log_artifact(made(w="1"), aliases="best").wait()
    first.log_artifact(made(w="2")).wait()
    first.finish()
    second = begin(id="two")
    again = second.log_artifact(made(w="2"), aliases=["best", "candidate"]).wait()
    assert again.version == "v1"
    second.finish()
    assert "model/net/v2.json" not in listed(git, repository)
    assert gitrack.artifact("net:best").manifest.version == 1
    (output,) = gitrack.load("two").run.artifacts
    assert (output.use, output.version, output.name) == ("output", 1, "lab/model/net")
    assert output.id == gitrack.artifact("net:v1").manifest.id


def test_an_older_content_is_a_new_version_of_the_same_digest(begin):
    run = begin()
    for content in ("1", "2", "1"):
        run.log_artifact(made(w=content)).wait()
    digests = [gitrack.artifact(f"net:v{n}").manifest.digest for n in range(3)]
    assert digests[0] == digests[2] != digests[1]


def test_lineage_is_told_from_the_runs_records(begin):
    first = begin(name="prepare")
    first.log_artifact(made("data", "dataset", a="1")).wait()
    first.finish()
    second = begin(name="train")
    data = second.use_artifact("data")
    second.log_artifact(made(w="1"))
    second.finish()
    assert gitrack.artifact("net").made_by().name == "train"
    assert [run.name for run in gitrack.artifact("data").used_by()] == ["train"]
    assert data.logged_by().name == "prepare"
    assert [run.name for run in data.used_by()] == ["train"]


def test_content_is_what_it_was_when_it_was_added(begin, repository):
    run = begin()
    artifact = gitrack.Artifact("loop", "dataset")
    for number in range(3):
        (repository / "tmp.txt").write_text(str(number))
        artifact.add_file("tmp.txt", f"{number}.txt")
    (repository / "tmp.txt").unlink()
    run.log_artifact(artifact).wait()
    out = gitrack.artifact("loop").download(repository / "out")
    assert [(out / f"{n}.txt").read_text() for n in range(3)] == ["0", "1", "2"]


def test_secrets_are_taken_out_of_what_is_said_of_it_and_secret_files_left_out(
    begin, repository, git, capsys
):
    run = begin()
    token = "ghp_" + "a1B2" * 9
    artifact = gitrack.Artifact(
        "net", "model", f"made with {token}", {"api_key": "hunter2hunter2", "deep": [token]}
    )
    (repository / ".env").write_text("KEY=1")
    (repository / "w").write_text("w")
    artifact.add_file(".env")
    artifact.add_file("w")
    artifact.add_reference(f"https://user:{token}@example.org/x.bin")
    run.log_artifact(artifact, aliases=[token]).wait()
    run.finish()
    text = git(repository, "log", "-p", "--all")
    assert token not in text
    assert "hunter2hunter2" not in text
    assert gitrack.artifact("net").files() == ["w", "x.bin"]
    assert "secret by its name" in capsys.readouterr().err


def test_references_are_recorded_and_fetched_only_when_asked(begin, repository, clean):
    elsewhere = clean / "elsewhere"
    (elsewhere / "sub").mkdir(parents=True)
    (elsewhere / "a.bin").write_text("a")
    (elsewhere / "sub" / "b.bin").write_text("b")
    run = begin()
    artifact = gitrack.Artifact("outside", "dataset")
    artifact.add_reference(elsewhere.as_uri(), "there")
    artifact.add_reference("s3://bucket/key.bin", checksum="etag-1")
    run.log_artifact(artifact).wait()
    assert artifact.get_entry("key.bin").ref_target() == "s3://bucket/key.bin"
    assert not objects()
    used = run.use_artifact("outside")
    with pytest.raises(GitrackError, match="s3://"):
        used.download(repository / "out")
    used.download(repository / "out", allow_missing_references=True)
    assert (repository / "out" / "there" / "sub" / "b.bin").read_text() == "b"
    (elsewhere / "a.bin").write_text("A")
    with pytest.raises(GitrackError, match="digest"):
        used.download(repository / "again", path_prefix="there/a")
    assert not (repository / "again" / "there" / "a.bin").exists()
    assert not list((repository / "again").rglob("*.part"))


def test_media_are_encoded_to_files(begin, repository):
    import pandas as pd

    run = begin()
    artifact = gitrack.Artifact("report", "evaluation")
    artifact.add(gitrack.Table(columns=["a"], data=[[1], [2]]), "scores")
    artifact.add(gitrack.Html("<p>hi</p>"), "page.html")
    with pytest.raises(TypeError):
        artifact.add(3, "three")
    run.log_artifact(artifact).wait()
    out = gitrack.artifact("report").download(repository / "out")
    assert pd.read_parquet(out / "scores.parquet")["a"].tolist() == [1, 2]
    assert "hi" in (out / "page.html").read_text()


def test_an_incremental_artifact_goes_on_from_the_latest(begin, repository):
    run = begin()
    run.log_artifact(made("data", "dataset", a="1", b="1")).wait()
    more = gitrack.Artifact("data", "dataset", incremental=True)
    (repository / "big").write_bytes(os.urandom(2 << 20))
    more.add_file("big")
    with more.new_file("b") as file:
        file.write("2")
    run.log_artifact(more).wait()
    out = gitrack.artifact("data:v1").download(repository / "out")
    assert sorted(path.name for path in out.iterdir()) == ["a", "b", "big"]
    assert (out / "b").read_text() == "2"


@pytest.mark.parametrize("name", ["", "a/b", "../up", "a b", ".hidden", "-x", "con", "a" * 129, 3])
def test_a_name_that_cannot_be_is_a_value_error_at_once(clean, name):
    with pytest.raises(ValueError, match="artifact name"):
        gitrack.Artifact(name, "model")
    with pytest.raises(ValueError, match="artifact type"):
        gitrack.Artifact("net", name)


def test_misuse_of_a_draft_is_a_value_error_and_a_version_is_not_changed(begin, repository):
    run = begin()
    artifact = made(w="1")
    for name in ("../up", "/etc/passwd", "a//../../b", ".git/hooks/x"):
        with pytest.raises(ValueError, match="refused"):
            artifact.add_file(repository / "train.py", name)
    with pytest.raises(ValueError, match="no file"):
        artifact.add_file("nowhere")
    with pytest.raises(ValueError, match="other content"):
        artifact.add_file(repository / "train.py", "w")
    artifact.add_file(repository / "train.py", "w", overwrite=True)
    with pytest.raises(ValueError, match="no URI"):
        artifact.add_reference("/local/path")
    run.log_artifact(artifact).wait()
    with pytest.raises(ValueError, match="was logged"):
        artifact.add_file(repository / "train.py")


def test_what_is_to_be_trained_on_must_be_there(begin):
    run = begin()
    with pytest.raises(ArtifactNotFoundError, match="no artifact 'nothing:v3'"):
        run.use_artifact("nothing:v3")
    run.log_artifact(made(w="1")).wait()
    with pytest.raises(LookupError, match="net:v0"):
        run.use_artifact("net:v7")
    with pytest.raises(ValueError, match="is a model"):
        run.use_artifact("net", type="dataset")
    with pytest.raises(AttributeError, match="not logged"):
        _ = made(w="2").version


def test_aliases_of_a_version_are_changed_by_save(begin, repository):
    run = begin()
    run.log_artifact(made(w="1"), aliases=["best", "old"]).wait()
    artifact = run.use_artifact("net:best")
    artifact.aliases.remove("old")
    artifact.aliases.append("production")
    artifact.save()
    assert sorted(gitrack.artifact("net").aliases) == ["best", "latest", "production"]


def test_aliases_that_cannot_be_are_left_out_aloud(begin, capsys):
    run = begin()
    run.log_artifact(made(w="1"), aliases=["v7", "a:b", "fine"]).wait()
    assert gitrack.artifact("net").aliases == ["fine", "latest"]
    assert "alias 'v7' is refused" in capsys.readouterr().err


def test_models_are_artifacts_too(begin, repository):
    run = begin()
    (repository / "model.pt").write_bytes(b"weights")
    run.log_model("model.pt", "net", ["best"])
    path = run.use_model("net:best")
    assert Path(path).read_bytes() == b"weights"
    run.log_artifact(made("data", "dataset", a="1"))
    with pytest.raises(AssertionError):
        run.use_model("data")
    run.log_model("model.pt")
    run.finish()
    names = Artifacts(Repository.around()).names()
    assert names == ["lab/dataset/data", "lab/model/net", f"lab/model/run-{run.id}-model.pt"]


def test_a_disabled_run_keeps_nothing_and_may_use_what_is_there(begin, repository, git):
    run = begin()
    run.log_artifact(made(w="1")).wait()
    run.finish()
    before = git(repository, "rev-parse", "experiments/main")
    kept = objects()
    disabled = begin(mode="disabled")
    artifact = disabled.log_artifact(made(w="other"), aliases=["best"]).wait()
    assert (artifact.version, artifact.used_by(), artifact.logged_by()) == ("v0", [], None)
    artifact.verify()
    artifact.save()
    out = disabled.use_artifact("net:latest").download(repository / "out")
    assert (Path(out) / "w").read_text() == "1"
    disabled.finish()
    assert objects() == kept
    assert git(repository, "rev-parse", "experiments/main") == before


CRASH = """
import os, sys, gitrack
from gitrack.record import outbox
where = sys.argv[1]
commit = outbox.commit_draft
def dying(*words, **options):
    if where == "after":
        commit(*words, **options)
    os._exit(1)
outbox.commit_draft = dying
run = gitrack.init(id="r")
artifact = gitrack.Artifact("net", "model")
with artifact.new_file("w", "xb") as file:
    file.write(bytes(int(sys.argv[2])))
run.log_artifact(artifact, aliases=["best"]).wait()
"""


def test_plain_dvc_pulls_an_artifact_in_a_clone_without_gitrack(begin, repository, git, clean):
    store = clean / "remote"
    store.mkdir()
    (repository / "gitrack.toml").write_text(f'data_remote = "{store}"\n')
    content = os.urandom(2 << 20)
    (repository / "big.bin").write_bytes(content)
    with begin() as run:
        run.log_artifact("big.bin", name="big", type="dataset").wait()
        run.log_artifact(made(w="small")).wait()
    data = DataStore(Repository.around())
    from gitrack.store.pointers import pointer_from_dvc

    stored = Artifacts(Repository.around()).find("big")
    (blob,) = Repository.around().git.blobs([stored.pointer])
    data.push([pointer_from_dvc(blob, "v0.dvc")])
    clone = clean / "clone"
    git(clean, "clone", "-q", "-b", "experiments/main", repository, clone)
    dvc = [sys.executable, "-m", "dvc", "pull"]
    subprocess.run(dvc, cwd=clone, check=True, capture_output=True)
    assert (clone / FOLDER / "dataset" / "big" / "v0" / "big.bin").read_bytes() == content
    assert (clone / FOLDER / "model" / "net" / "v0" / "w").read_text() == "small"


def test_what_is_not_here_is_pulled_when_it_is_downloaded(begin, repository, git, clean):
    store = clean / "remote"
    store.mkdir()
    (repository / "gitrack.toml").write_text(f'data_remote = "{store}"\n')
    for number in range(3):
        (repository / f"{number}.bin").write_bytes(os.urandom(500_000))
    with begin() as run:
        artifact = gitrack.Artifact("big", "dataset")
        for number in range(3):
            artifact.add_file(f"{number}.bin")
        run.log_artifact(artifact).wait()
    data = DataStore(Repository.around())
    from gitrack.model.pointer import Pointer

    manifest = gitrack.artifact("big").manifest
    data.push([Pointer(file.path, file.md5, file.size) for file in manifest.files])
    for md5 in objects():
        data.objects.drop(md5)
    out = gitrack.artifact("big").download(repository / "out", "1")
    assert [path.name for path in out.iterdir()] == ["1.bin"]
    assert objects() == {manifest.files[1].md5}


def test_every_object_that_a_record_names_is_named(begin, repository, git):
    run = begin()
    (repository / "a.bin").write_bytes(os.urandom(2 << 20))
    run.log_artifact("a.bin", name="big", type="dataset").wait()
    assert named_objects(Repository.around()) == objects()
    run.finish()
    assert named_objects(Repository.around()) >= objects()


def test_what_a_running_run_has_logged_is_named(repository, python):
    python(CRASH, "before", str(2 << 20), check=False)
    assert named_objects(Repository.around()) == objects() != set()


def test_a_link_below_the_folder_is_not_followed(begin, repository, clean):
    run = begin()
    run.log_artifact(made(**{"inner/w": "1"})).wait()
    outside = clean / "outside"
    outside.mkdir()
    (repository / "out").mkdir()
    (repository / "out" / "inner").symlink_to(outside)
    with pytest.raises(GitrackError, match="link"):
        run.use_artifact("net").download(repository / "out")
    assert not list(outside.iterdir())


def test_logging_never_raises_though_nothing_can_be_kept(begin, repository, capsys):
    run = begin()
    artifact = made(w="1")
    (repository / ".git" / "gitrack" / "dvc").rename(repository / "gone")
    (repository / ".git" / "gitrack" / "dvc").write_text("in the way")
    other = gitrack.Artifact("other", "model")
    other.add_file(repository / "train.py")
    run.log_artifact(artifact)
    run.log_artifact(other).wait()
    (repository / ".git" / "gitrack" / "dvc").unlink()
    run.finish()
    assert gitrack.load(run.id).run.state == "finished"
    assert "gitrack: " in capsys.readouterr().err


def test_a_resumed_run_keeps_what_it_made(begin):
    with begin(id="r") as run:
        run.log_artifact(made(w="1")).wait()
    with begin(id="r", resume="must") as run:
        run.log_artifact(made(w="2")).wait()
    assert [one.version for one in gitrack.load("r").run.artifacts] == [0, 1]


def test_the_manifest_is_strict_json_with_a_line_a_file(begin, repository, git):
    with begin() as run:
        run.log_artifact(made(a="1", b="2")).wait()
    text = git(repository, "show", f"experiments/main:{FOLDER}/model/net/v0.json")
    assert json.loads(text)["format"] == 1
    assert sum('"md5"' in line for line in text.splitlines()) == 2
