"""Data on its way to a remote and back, whatever happens there."""

import gc
import http.server
import os
import shutil
import threading

import pytest

from gitrack.errors import (
    DataError,
    DataMissingError,
    GitrackError,
)
from gitrack.model.pointer import Pointer
from gitrack.store.data import DataStore
from gitrack.store.moved import Moved

from .places import elsewhere, objects_in


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
