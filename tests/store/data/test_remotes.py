"""Which remote data goes to, and the user's own DVC beside ours."""

import json
import os
from pathlib import Path

import pytest

from gitrack.errors import ConfigError
from gitrack.store.branch import Branch
from gitrack.store.data import DataStore
from gitrack.store.pointers import pointer_to_dvc
from gitrack.store.remotes import without_credentials

from .places import elsewhere, objects_in


def test_a_path_is_absolute_from_the_work_trees_top(store, repository, monkeypatch):
    (repository / "gitrack.toml").write_text('data_remote = "../shelf"\n')
    monkeypatch.chdir(repository.parent)
    assert store.remote == str(repository.parent / "shelf")


def test_a_word_that_names_no_remote_is_refused(store, repository):
    (repository / "gitrack.toml").write_text('data_remote = "shelf"\n')
    with pytest.raises(ConfigError, match=r"no DVC remote is named 'shelf'"):
        _ = store.remote


def test_the_users_own_dvc_remote_is_used_with_a_folder_of_ours(store, repository, dvc, clean):
    dvc(repository, "init", "-q")
    dvc(repository, "remote", "add", "-q", "-d", "Storage", str(clean / "theirs"))
    dvc(repository, "remote", "add", "-q", "second", "s3://bucket/data")
    assert store.remote == str(clean / "theirs" / "gitrack")
    (repository / "gitrack.toml").write_text('data_remote = "second"\n')
    assert DataStore(store.repository).remote == "s3://bucket/data/gitrack"


def test_no_credential_reaches_the_branch(store, repository, dvc, git):
    dvc(repository, "init", "-q")
    dvc(repository, "remote", "add", "-q", "-d", "cloud", "s3://bucket/data")
    for level, key, value in (
        ("--project", "endpointurl", "https://minio.example.org"),
        ("--project", "region", "eu-west-1"),
        ("--project", "profile", "hidden-profile"),
        ("--local", "access_key_id", "hidden-key"),
        ("--local", "secret_access_key", "hidden-secret"),
    ):
        dvc(repository, "remote", "modify", "-q", level, "cloud", key, value)
    (content,) = store.branch_files(None).values()
    assert b"hidden" not in content
    for kept in (b"s3://bucket/data/gitrack", b"https://minio.example.org", b"eu-west-1"):
        assert kept in content
    options = store._remote.options
    assert "hidden-secret" in options.values()
    assert "hidden" not in repr(store._remote)


def test_the_options_of_a_remote_that_holds_the_address_are_used(store, repository, dvc):
    dvc(repository, "init", "-q")
    dvc(repository, "remote", "add", "-q", "cloud", "s3://bucket/data")
    dvc(repository, "remote", "modify", "-q", "--local", "cloud", "access_key_id", "key")
    for address, expected in (("s3://bucket/data/sub", "key"), ("s3://bucket/data2", None)):
        (repository / "gitrack.toml").write_text(f'data_remote = "{address}"\n')
        assert DataStore(store.repository)._remote.options.get("access_key_id") == expected


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/data/of us", "/data/of us"),
        ("s3://bucket/x", "s3://bucket/x"),
        ("ssh://ada:pw@host:22/x", "ssh://ada@host:22/x"),
        ("https://token@host/x?sig=1#f", "https://host/x"),
        ("azure://box/x?sv=1&sig=2", "azure://box/x"),
    ],
)
def test_an_address_is_shown_without_credentials(url, shown):
    assert without_credentials(url) == shown


def test_the_branch_is_told_the_remote_once_and_again_when_it_changes(
    store, remote, repository, git, monkeypatch, clean
):
    branch = Branch(store.repository, "experiments/main")
    branch.add({"p/a": b"1"}, "Add", store.branch_files)
    assert str(remote) in git(repository, "show", "experiments/main:.dvc/config")
    assert store.branch_files(branch.tip()) == {}
    monkeypatch.setenv("GITRACK_DATA_REMOTE", "s3://new/place, with a comma")
    moved = DataStore(store.repository)
    branch.add({"p/b": b"1"}, "Add", moved.branch_files)
    assert moved.branch_files(branch.tip()) == {}
    monkeypatch.delenv("GITRACK_DATA_REMOTE")
    assert DataStore(store.repository).remote == "s3://new/place, with a comma"


def test_what_others_wrote_into_the_branchs_configuration_stays(store, remote, git, repository):
    branch = Branch(store.repository, "experiments/main")
    theirs = b"[core]\n    autostage = true\n['remote \"more\"']\n    url = /more\n"
    branch.add({".dvc/config": theirs}, "Configure")
    (content,) = store.branch_files(branch.tip()).values()
    assert b"autostage = true" in content
    assert b"url = /more" in content
    branch.add({".dvc/config": b"[broken\n[[["}, "Break")
    (content,) = store.branch_files(branch.tip()).values()
    assert str(remote).encode() in content


def everything_below(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "tmp" not in path.relative_to(folder).parts
    }


def test_the_users_own_dvc_project_stays_as_it_is_and_its_gc_takes_nothing_of_ours(
    store, repository, dvc, git, clean
):
    dvc(repository, "init", "-q")
    dvc(repository, "remote", "add", "-q", "-d", "theirs", str(clean / "theirs"))
    for name in ("old.bin", "data.bin"):
        (repository / name).write_bytes(name.encode() * 99)
        dvc(repository, "add", "-q", name)
    dvc(repository, "push", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "Data")
    before = everything_below(repository / ".dvc"), git(repository, "status", "--porcelain")

    pointer = store.add_bytes(b"ours" * 99, "model.pt")
    Branch(store.repository, "experiments/main").add(
        {"p/model.pt.dvc": pointer_to_dvc(pointer)}, "Add", store.branch_files
    )
    assert store.push([pointer]).files == 1
    after = everything_below(repository / ".dvc"), git(repository, "status", "--porcelain")
    assert after == before
    assert "up to date" in dvc(repository, "status").stdout

    (repository / "old.bin.dvc").unlink()
    dvc(repository, "gc", "-w", "-c", "-f", "-q")
    theirs = objects_in(clean / "theirs")
    assert len(theirs) == 1, "their gc did something"
    assert store.read(pointer) == b"ours" * 99
    assert elsewhere(store, None).pull([pointer]).files == 1


def test_plain_git_and_dvc_bring_the_data_back(
    store, remote, git, dvc, repository, folder_of, clean
):
    model = store.add_bytes(os.urandom(5000), "model: #1 é.pt")
    files = folder_of("in", {"a/b.txt": b"1", "c": os.urandom(100)})
    folder = store.add_folder(files, "data")
    pointers = {f"p/runs/{one.name}.dvc": pointer_to_dvc(one) for one in (model, folder)}
    Branch(store.repository, "experiments/main").add(pointers, "Add", store.branch_files)
    store.push([model, folder])
    git(clean, "clone", "-q", "-b", "experiments/main", repository, clean / "runs")
    dvc(clean / "runs", "pull", "-q")
    assert (clean / "runs/p/runs" / model.name).read_bytes() == store.read(model)
    for inner, path in files.items():
        assert (clean / "runs/p/runs/data" / inner).read_bytes() == path.read_bytes()
    assert "up to date" in dvc(clean / "runs", "status").stdout


def test_the_hidden_project_is_one_that_dvc_works_with(store, dvc, folder_of):
    store.add_folder(folder_of("in", {"a": b"1"}), "data")
    inside = store.root
    found = dvc(inside, "cache", "dir").stdout.strip()
    assert Path(found, "files", "md5").resolve() == store.objects.folder.resolve()
    assert json.loads((store.objects.path(next(
        md5 for md5 in store.objects.all() if md5.endswith(".dir")
    ))).read_text())[0]["relpath"] == "a"  # fmt: skip
