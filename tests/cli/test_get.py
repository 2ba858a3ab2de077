import os
import shutil

import pytest

from gitrack.cli.main import main
from gitrack.store.data import DataStore
from gitrack.store.large import push_data
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


@pytest.fixture
def recorded(begin, repository, clean, monkeypatch):
    """A run with a small, a large and a nested file, its data on a remote and not here."""
    monkeypatch.setenv("GITRACK_DATA_THRESHOLD", "5000")
    monkeypatch.setenv("GITRACK_DATA_REMOTE", str(clean / "remote"))
    (repository / "deep").mkdir()
    (repository / "model.pt").write_bytes(os.urandom(9000))
    (repository / "deep" / "ünï code.bin").write_bytes(os.urandom(8000))
    (repository / "notes.txt").write_text("short")
    with begin(id="calm-1") as run:
        run.log({"loss": 0.5})
        for name in ("model.pt", "deep", "notes.txt"):
            run.save(name)
    reader = Reader(Repository.around())
    push_data(reader, reader.records())
    shutil.rmtree(reader.data.root)
    out = clean / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    return repository


def get(recorded, *words):
    return main(["get", "-C", str(recorded), *words])


def test_one_file_comes_to_the_current_folder(recorded, clean, capsys):
    assert get(recorded, "calm-1:files/model.pt") == 0
    assert (clean / "out/model.pt").read_bytes() == (recorded / "model.pt").read_bytes()
    assert "1 file, 9.0 kB" in capsys.readouterr().out


def test_a_folder_comes_to_a_folder_of_its_name(recorded, clean):
    assert get(recorded, "calm:files") == 0
    found = {p.relative_to(clean / "out").as_posix() for p in (clean / "out").rglob("*.*")}
    assert found == {"files/model.pt", "files/deep/ünï code.bin", "files/notes.txt"}


def test_a_whole_run_comes_to_a_folder_of_its_id(recorded, clean):
    assert get(recorded, "calm-1") == 0
    assert (clean / "out/calm-1/history.parquet").stat().st_size > 0
    assert (clean / "out/calm-1/files/notes.txt").read_text() == "short"


def test_files_that_are_there_are_replaced_only_by_force(recorded, clean, capsys):
    place = clean / "out/d/model.pt"
    place.parent.mkdir()
    place.write_text("mine")
    assert get(recorded, "calm-1:files", "-o", "d") == 1
    assert "is there already: --force replaces it" in capsys.readouterr().err
    assert [path.name for path in place.parent.iterdir()] == ["model.pt"]
    assert place.read_text() == "mine"
    assert get(recorded, "calm-1:files", "-o", "d", "--force") == 0
    assert place.read_bytes() == (recorded / "model.pt").read_bytes()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_nothing_is_written_through_a_link(recorded, clean, capsys, force):
    outside = clean / "outside"
    outside.mkdir()
    (clean / "out/d").mkdir()
    (clean / "out/d/deep").symlink_to(outside)
    assert get(recorded, "calm-1:files", "-o", "d", *force) == 1
    assert "is a link or a file" in capsys.readouterr().err
    assert not list(outside.iterdir())


def test_a_link_in_a_files_place_is_replaced_and_not_followed(recorded, clean):
    (clean / "precious").write_text("mine")
    (clean / "out/model.pt").symlink_to(clean / "precious")
    assert get(recorded, "calm-1:files/model.pt") == 1
    assert get(recorded, "calm-1:files/model.pt", "--force") == 0
    assert (clean / "precious").read_text() == "mine"
    assert not (clean / "out/model.pt").is_symlink()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["calm-1:files/none"], "has no file or folder 'files/none'"),
        (["nobody:files"], "no run 'nobody'"),
        (["calm-1:../../x"], "has no file or folder"),
    ],
)
def test_a_mistake_is_told_in_one_line(recorded, capsys, words, said):
    assert get(recorded, *words) == 1
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_data_that_is_nowhere_is_named(recorded, clean, capsys):
    shutil.rmtree(clean / "remote")
    assert get(recorded, "calm-1:files/model.pt") == 1
    assert "model.pt is not on this machine" in capsys.readouterr().err
    assert not list((clean / "out").iterdir())


def test_a_damaged_copy_is_fetched_again(recorded, clean):
    assert get(recorded, "calm-1:files/model.pt") == 0
    store = DataStore(Repository.around(recorded))
    (md5,) = store.objects.all()
    path = store.objects.path(md5)
    path.chmod(0o644)
    path.write_bytes(b"?" * 9000)
    assert get(recorded, "calm-1:files/model.pt", "--force") == 0
    assert (clean / "out/model.pt").read_bytes() == (recorded / "model.pt").read_bytes()


def test_show_names_the_large_files_and_what_brings_them(recorded, capsys):
    assert main(["show", "-C", str(recorded), "calm-1"]) == 0
    assert "9.0 kB, not here, gitrack get calm-1:files/model.pt" in capsys.readouterr().out
    get(recorded, "calm-1:files/model.pt")
    capsys.readouterr()
    main(["show", "-C", str(recorded), "calm-1"])
    assert "gitrack get calm-1:files/model.pt" not in capsys.readouterr().out
