import gc
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gitrack.errors import (
    ConfigError,
    DataError,
    DataMissingError,
    FormatError,
    GitrackError,
    NameRefusedError,
)
from gitrack.model.pointer import Pointer
from gitrack.store.branch import Branch
from gitrack.store.data import DataStore
from gitrack.store.moved import Moved
from gitrack.store.pointers import pointer_to_dvc
from gitrack.store.remotes import without_credentials
from gitrack.store.repository import Repository

EMPTY = "d41d8cd98f00b204e9800998ecf8427e"


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


def elsewhere(store, remote):
    """Give the store of a machine that has none of the data."""
    shutil.rmtree(store.root)
    return DataStore(store.repository)


def objects_in(folder):
    return sorted(
        path.parent.name + path.name for path in folder.glob("files/md5/??/*") if path.is_file()
    )


# keeping


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


# moving


def test_what_is_pushed_can_be_pulled_and_goes_once(store, remote, folder_of):
    files = folder_of("in", {f"{n:03}": os.urandom(50 + n) for n in range(150)})
    folder = store.add_folder(files, "data")
    model = store.add_bytes(os.urandom(100_000), "model.pt")
    total = folder.size + model.size
    first = store.push([folder, model])
    assert (first.files, first.already) == (152, 0)
    assert first.bytes > total
    assert store.push([folder, model]) == Moved(0, 0, 152)
    other = elsewhere(store, remote)
    assert not other.has(folder)
    assert other.pull([folder, model]) == first
    assert other.has(folder)
    assert other.has(model)
    assert other.pull([folder, model]) == Moved(0, 0, 152)


def test_a_second_version_of_a_folder_moves_what_changed(store, remote, folder_of):
    contents = {f"{n:03}": os.urandom(30) for n in range(100)}
    store.push([store.add_folder(folder_of("one", contents), "data")])
    second = store.add_folder(folder_of("two", {**contents, "007": b"changed"}), "data")
    moved = store.push([second])
    assert (moved.files, moved.already) == (2, 99)


def test_an_interrupted_push_goes_on_where_it_ended_and_shows_no_folder_before_its_files(
    store, remote, folder_of
):
    folder = store.add_folder(folder_of("in", {f"{n}": os.urandom(9) for n in range(90)}), "data")

    class Enough(BaseException):
        pass

    def stop(said):
        if len(objects_in(remote)) >= 40:
            raise Enough

    from gitrack.store import moved

    moved_period, moved._PERIOD = moved._PERIOD, 0.0
    try:
        with pytest.raises(Enough):
            store.push([folder], stop)
    finally:
        moved._PERIOD = moved_period
    sent = objects_in(remote)
    assert 40 <= len(sent) < 90
    assert folder.md5 not in sent
    assert store.push([folder]).already == len(sent)
    assert folder.md5 in objects_in(remote)


def test_without_a_remote_the_line_says_how_to_name_one(store):
    pointer = store.add_bytes(b"x" * 10, "model.pt")
    assert store.remote is None
    with pytest.raises(DataError, match=r"model\.pt: there is no remote.*data_remote"):
        store.push([pointer])
    assert store.push([]) == Moved()


def test_data_that_is_nowhere_is_named_and_the_rest_is_moved(store, remote):
    here = store.add_bytes(b"here", "here.bin")
    gone = Pointer("gone.bin", "0" * 32, 5)
    gone_folder = Pointer("gone", "1" * 32 + ".dir", 5, 3)
    with pytest.raises(DataMissingError, match=r"gone.*and 1 more"):
        store.push([gone, here, gone_folder])
    assert objects_in(remote) == [here.md5]
    other = elsewhere(store, remote)
    with pytest.raises(DataMissingError, match="gone"):
        other.pull([gone, here, gone_folder])
    assert other.has(here)


def test_a_folder_with_a_lost_file_is_not_announced(store, remote, folder_of):
    folder = store.add_folder(folder_of("in", {"a": b"1", "b": b"2"}), "data")
    store.objects.drop(store.folder(folder)["b"].md5)
    with pytest.raises(DataMissingError, match="data/b"):
        store.push([folder])
    assert folder.md5 not in objects_in(remote)


def spoil(path):
    path.chmod(0o644)
    path.write_bytes(b"?" * path.stat().st_size)


def test_a_damaged_copy_is_noticed_and_mended_from_the_remote(store, remote, clean):
    pointer = store.add_bytes(b"precious", "model.pt")
    store.push([pointer])
    spoil(store.path(pointer))
    with pytest.raises(DataMissingError, match=r"model\.pt"):
        store.read(pointer)
    assert not store.has(pointer)
    store.pull([pointer])
    assert store.read(pointer) == b"precious"
    spoil(store.path(pointer))
    with pytest.raises(DataMissingError):
        store.checkout(pointer, clean / "out")
    assert not (clean / "out").exists()


def test_a_damaged_copy_is_not_sent(store, remote):
    bad, good = store.add_bytes(b"precious", "bad.pt"), store.add_bytes(b"fine", "good.pt")
    spoil(store.path(bad))
    with pytest.raises(DataError, match=r"bad\.pt.*damaged"):
        store.push([bad, good])
    assert objects_in(remote) == [good.md5]
    assert not store.has(bad)
    (put_by,) = (store.objects.folder.parent / "damaged").iterdir()
    assert put_by.read_bytes() == b"????????"


def test_a_damaged_object_of_the_remote_does_not_come_in(store, remote):
    pointer = store.add_bytes(b"precious", "model.pt")
    store.push([pointer])
    spoil(remote / "files" / "md5" / pointer.md5[:2] / pointer.md5[2:])
    other = elsewhere(store, remote)
    with pytest.raises(DataError, match=r"model\.pt.*damaged"):
        other.pull([pointer])
    assert not other.has(pointer)


def test_adding_once_more_mends_a_damaged_copy(store):
    pointer = store.add_bytes(b"precious", "model.pt")
    spoil(store.path(pointer))
    store.add_bytes(b"precious", "model.pt")
    assert store.read(pointer) == b"precious"


def test_a_remote_that_vanished_is_named(store, remote):
    pointer = store.add_bytes(b"precious", "model.pt")
    store.push([pointer])
    shutil.rmtree(remote)
    other = elsewhere(store, remote)
    with pytest.raises(DataMissingError, match=r"model\.pt.*remote has it not"):
        other.pull([pointer])
    remote.write_text("a file where the folder was")
    again = other.add_bytes(b"precious", "model.pt")
    with pytest.raises(DataError, match=r"model\.pt.*remote"):
        other.push([again])
    assert other.has(again)


class Shelf(http.server.BaseHTTPRequestHandler):
    """A web server that keeps what is put there."""

    kept: dict[str, bytes]
    refused = False

    def do_GET(self, *, body=True):
        content = self.kept.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body:
            self.wfile.write(content or b"")

    def do_HEAD(self):
        self.do_GET(body=False)

    def do_POST(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
        if not self.refused:
            self.kept[self.path] = content
        self.send_response(403 if self.refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def shelf(clean, monkeypatch):
    """A remote that is no folder, reached through DVC's own file system for it."""
    handler = type("Handler", (Shelf,), {"kept": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/store"
    monkeypatch.setenv("GITRACK_DATA_REMOTE", address)
    yield handler
    server.shutdown()
    server.server_close()


# DVC's file system closes its connections when it is collected, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_remote_of_another_kind_is_reached_through_dvc(store, shelf, folder_of):
    folder = store.add_folder(folder_of("in", {f"{n}": os.urandom(20) for n in range(7)}), "data")
    model = store.add_bytes(os.urandom(50_000), "model.pt")
    assert store.push([folder, model]).files == 9
    assert store.push([folder, model]) == Moved(0, 0, 9)
    other = elsewhere(store, None)
    assert other.pull([folder, model]).files == 9
    assert other.has(folder)
    assert other.has(model)
    path = next(path for path in shelf.kept if path.endswith(model.md5[2:]))
    shelf.kept[path] = b"rotten"
    other.objects.drop(model.md5)
    with pytest.raises(DataError, match=r"model\.pt.*damaged there"):
        other.pull([model])
    assert not other.has(model)
    gc.collect()


def test_a_remote_that_refuses_is_told_in_one_line(store, shelf):
    pointer = store.add_bytes(b"precious", "model.pt")
    shelf.refused = True
    with pytest.raises(DataError) as raised:
        store.push([pointer])
    assert "model.pt" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert store.has(pointer)


def test_a_remote_that_cannot_be_reached_is_told_in_one_line(store, monkeypatch):
    pointer = store.add_bytes(b"precious", "model.pt")
    for address in ("http://127.0.0.1:1/x", "s3://bucket/x", "teleport://x/y"):
        monkeypatch.setenv("GITRACK_DATA_REMOTE", address)
        with pytest.raises(GitrackError) as raised:
            DataStore(store.repository).push([pointer])
        assert address in str(raised.value)
        assert "\n" not in str(raised.value)


# which remote


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


# beside the user's own dvc


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
