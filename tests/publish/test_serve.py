import http.client
import time
from urllib.parse import urlsplit

import pytest

from gitrack.errors import UsageError
from gitrack.publish.serve import Preview


@pytest.fixture
def preview(lab):
    lab.add(metrics={"loss": [1.0, 0.5]})
    with Preview(lab.repository, lab.out) as preview:
        yield preview


def ask(preview, path, host=None):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(preview.url).port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_served_page_asks_for_newer_ones_and_the_file_does_not(preview, lab):
    status, page = ask(preview, "/projects/digits/index.html")
    assert status == 200
    assert b"/__gitrack__/version" in page
    assert "__gitrack__" not in lab.page("projects/digits/index.html")
    assert ask(preview, "/")[1].count(b"/__gitrack__/version") == 1


def test_other_files_are_served_as_they_are(preview, lab):
    assert ask(preview, "/data/digits/index.js") == (
        200,
        (lab.out / "data/digits/index.js").read_bytes(),
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../lab/.git/config",
        "/%2e%2e/lab/.git/config",
        "/..%2flab/.git/config",
        "//etc/passwd",
        "/.gitrack-site",
        "/data/",
        "/missing.html",
    ],
)
def test_nothing_but_the_sites_files_is_served(preview, path):
    assert ask(preview, path)[0] == 404


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.evil.org", "localhost.evil.org:80"]
)
def test_a_foreign_host_name_gets_no_answer(preview, host):
    assert ask(preview, "/", host)[0] == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
def test_names_of_this_machine_get_one(preview, host):
    assert ask(preview, "/", host)[0] == 200


def test_a_run_that_lands_makes_a_newer_version(preview, lab):
    assert ask(preview, "/__gitrack__/version") == (200, b"1")
    lab.add(metrics={"loss": [2.0]})
    deadline = time.monotonic() + 20
    while ask(preview, "/__gitrack__/version")[1] == b"1" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ask(preview, "/__gitrack__/version") == (200, b"2")
    assert ask(preview, "/projects/digits/runs/run-001.html")[0] == 200


def test_a_taken_port_is_one_clear_line(preview, lab):
    with pytest.raises(UsageError, match="cannot be used"):
        Preview(lab.repository, lab.out, port=urlsplit(preview.url).port)
