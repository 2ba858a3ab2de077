"""Files and folders of a store of large data: kept once, checked, and whole or not there."""

import os
import signal
import subprocess
import sys
import time

import pytest

from gitrack.errors import (
    DataError,
    FormatError,
    NameRefusedError,
)
from gitrack.model.pointer import Pointer
from gitrack.store.data import DataStore
from gitrack.store.moved import Moved

EMPTY = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize("size", [0, 1, 1000, 1 << 22, (1 << 22) + 1, 9_000_000])
def test_a_kept_file_has_the_digest_that_md5sum_prints_and_the_same_bytes(store, clean, size):
    source = clean / "source.bin"
    source.write_bytes(os.urandom(size))
    pointer = store.add(source, "model.pt")
    printed = subprocess.run(["md5sum", source], capture_output=True, text=True, check=True)
    assert pointer == Pointer("model.pt", printed.stdout.split()[0], size)
    assert store.path(pointer).read_bytes() == source.read_bytes() == store.read(pointer)
    assert store.has(pointer)


def test_the_users_file_is_neither_linked_nor_changed(store, clean):
    source = clean / "source.bin"
    source.write_bytes(b"weights")
    source.chmod(0o640)
    pointer = store.add(source, "w")
    assert source.stat().st_nlink == 1
    assert source.stat().st_mode & 0o777 == 0o640
    source.write_bytes(b"overwritten")
    assert store.read(pointer) == b"weights"


def test_equal_content_is_kept_once(store, folder_of):
    files = folder_of("in", {"a": b"same", "b": b"same", "c": b"other"})
    for name, path in files.items():
        store.add(path, name)
    assert len(list(store.objects.all())) == 2


def test_a_folders_listing_is_the_one_that_dvc_makes(store, folder_of, dvc, clean):
    files = folder_of("in/data", {"b.txt": b"1", "a/ü n.bin": b"22", "a/b": b"", "Z": b"22"})
    pointer = store.add_folder(files, "data")
    dvc(clean / "in", "init", "--no-scm", "-q")
    dvc(clean / "in", "add", "-q", "data")
    written = (clean / "in" / "data.dvc").read_text()
    assert f"md5: {pointer.md5}\n" in written
    assert f"size: {pointer.size}\n" in written
    assert f"nfiles: {pointer.files}\n" in written
    assert store.folder(pointer)["a/ü n.bin"].size == 2


def test_a_folder_comes_back_as_it_was(store, folder_of, clean):
    files = folder_of("in", {"a/b/c": b"1", "a/d": b"", "e": os.urandom(70_000)})
    pointer = store.add_folder(files, "data")
    moved = store.checkout(pointer, clean / "out")
    assert moved == Moved(3, 70_001)
    for inner, path in files.items():
        assert (clean / "out" / inner).read_bytes() == path.read_bytes()
    (clean / "out" / "e").write_bytes(b"what is checked out is the user's own")
    assert store.has(pointer)


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", ".git/config", "a/../b", "a\nb", ""])
def test_paths_that_lead_elsewhere_are_refused(store, clean, name):
    (clean / "f").write_bytes(b"x")
    with pytest.raises(NameRefusedError):
        store.add_folder({name: clean / "f"}, "data")


def test_a_file_that_is_a_folder_too_is_refused(store, clean):
    (clean / "f").write_bytes(b"x")
    with pytest.raises(DataError, match="a file and a folder at once"):
        store.add_folder({"a": clean / "f", "a/b": clean / "f"}, "data")


@pytest.mark.parametrize(
    "listing",
    [
        b"no json",
        b"{}",
        b'[{"md5": "x", "relpath": "a"}]',
        b'[{"md5": "%s", "relpath": "../../a"}]' % EMPTY.encode(),
        b'[{"md5": "%s", "relpath": "a"}, {"md5": "%s", "relpath": "a/b"}]'
        % (EMPTY.encode(), EMPTY.encode()),
        b'[{"md5": "%s.dir", "relpath": "a"}]' % EMPTY.encode(),
        b"[" * 100_000,
    ],
)
def test_a_listing_made_by_other_hands_is_checked(store, listing, clean):
    store._prepare()
    pointer = Pointer("data", store.objects.add_bytes(listing, folder=True), 0, 1)
    with pytest.raises(FormatError):
        store.folder(pointer)
    with pytest.raises(FormatError):
        store.checkout(pointer, clean / "out")
    assert not store.has(pointer)


def test_a_file_that_cannot_be_read_is_named(store, clean):
    with pytest.raises(DataError, match=r"model\.pt.*No such file"):
        store.add(clean / "nothing", "model.pt")


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(store, clean):
    source = clean / "large"
    source.write_bytes(bytes(3_000_000))
    store.add_bytes(b"before", "before")
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from gitrack.errors import DataError\n"
        "from gitrack.store.data import DataStore\n"
        "from gitrack.store.repository import Repository\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "try:\n    DataStore(Repository.around()).add(Path(sys.argv[1]), 'large')\n"
        "except DataError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, source], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "large: it cannot be kept: File too large"
    assert len(list(store.objects.all())) == 1
    assert not list((store.objects.folder.parent / "partial").iterdir())


WRITER = """
import sys
from pathlib import Path
from gitrack.store.data import DataStore
from gitrack.store.repository import Repository

store = DataStore(Repository.around())
for number in range(20):
    print(store.add(Path(sys.argv[1]), "same").md5)
    print(store.add(Path(sys.argv[2]), "large").md5, flush=True)
"""


def test_eight_processes_add_the_same_content(store, clean):
    small, large = clean / "small", clean / "large"
    small.write_bytes(b"same")
    large.write_bytes(os.urandom(300_000))
    words = [sys.executable, "-c", WRITER, small, large]
    writers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    said = {line for writer in writers for line in writer.communicate()[0].splitlines()}
    assert [writer.returncode for writer in writers] == [0] * 8
    assert said == set(store.objects.all())
    assert len(said) == 2
    assert all(map(store.objects.check, said))


def test_a_kill_in_the_middle_leaves_no_broken_object(store, clean):
    large = clean / "large"
    large.write_bytes(os.urandom(40_000_000))
    code = WRITER.replace('"same"', '"same", None')
    partial = store.objects.folder.parent / "partial"
    for _ in range(3):
        words = [sys.executable, "-c", code, large, large]
        writer = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while writer.poll() is None and not (partial.is_dir() and any(partial.iterdir())):
            time.sleep(0.001)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert all(map(store.objects.check, store.objects.all()))
    left = list(partial.iterdir())
    assert left, "no process was killed while it wrote"
    for path in left:
        os.utime(path, (0, 0))
    again = DataStore(store.repository)
    assert again.has(again.add(large, "large"))
    assert not list(partial.iterdir())
