import http.client
import subprocess
import sys
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
    assert ask(preview, "/__gitrack__/version") == (200, b"1.0")
    lab.add(metrics={"loss": [2.0]})
    deadline = time.monotonic() + 20
    while ask(preview, "/__gitrack__/version")[1] == b"1.0" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ask(preview, "/__gitrack__/version") == (200, b"2.0")
    assert ask(preview, "/projects/digits/runs/run-001.html")[0] == 200


LIVE = """
import sys
import gitrack
run = gitrack.init(project="digits", id="living", config={"lr": 0.1}, mode="offline")
for line in sys.stdin:
    run.log({"loss": float(line)})
    print("logged", flush=True)
    if line.startswith("-"):
        break
run.finish()
"""


@pytest.fixture
def training(lab):
    """A script that logs what it is told, beside the preview."""
    lab.add(metrics={"loss": [1.0, 0.5]})
    words = [sys.executable, "-c", LIVE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(words, cwd=lab.folder, stderr=subprocess.DEVNULL, **pipes) as process:

        def log(value):
            process.stdin.write(f"{value}\n")
            while process.stdout.readline() != "logged\n":
                assert process.poll() is None

        log(0.75)
        yield log
        process.stdin.close()


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_running_run_is_shown_and_refreshed_until_it_lands(training, lab, monkeypatch):
    monkeypatch.setattr("gitrack.publish.serve._SECONDS_BETWEEN_REFRESHES", 0)
    monkeypatch.setattr("gitrack.publish.serve._REST", 0)
    preview = Preview(lab.repository, lab.out)
    place = "projects/digits/runs/living.html"
    try:
        assert "Running" in lab.page(place)
        assert "last seen" in lab.page(place)
        assert ">0.75<" in lab.page(place)
        wait_for(lambda: not preview.look())  # what is captured beside it has come in
        before = preview.version(f"/{place}")
        home, other = preview.version("/"), preview.version("/projects/digits/runs/run-000.html")
        scripts = set(lab.out.glob(f"data/digits/{'[0-9a-f]' * 16}/*.js"))

        training(0.625)
        assert preview.look()
        assert ">0.625<" in lab.page(place)
        assert preview.version(f"/{place}") != before
        assert preview.version("/projects/digits/") != home
        assert preview.version("/projects/digits/runs/run-000.html") == other
        # The scripts of before went, those of the recorded run are the same.
        now = set(lab.out.glob(f"data/digits/{'[0-9a-f]' * 16}/*.js"))
        assert (len(now), len(now & scripts)) == (6, 3)

        training(-1)
        wait_for(lambda: preview.look() and "Finished" in lab.page(place))
        assert "last seen" not in lab.page(place)
    finally:
        preview._server.server_close()


def test_a_published_site_shows_what_is_on_branches_alone(training, lab):
    assert lab.build().runs == 1
    assert not (lab.out / "projects/digits/runs/living.html").exists()


def test_a_taken_port_is_one_clear_line(preview, lab):
    with pytest.raises(UsageError, match="cannot be used"):
        Preview(lab.repository, lab.out, port=urlsplit(preview.url).port)


def test_what_is_served_can_be_chosen_as_what_is_built(lab):
    lab.add(id="away", archived=True)
    lab.add(id="old", tags=("old",))
    lab.add(id="new")
    for chosen, shown in (
        ({}, {"old", "new"}),
        ({"archived": True}, {"away", "old", "new"}),
        ({"only": "-tag:old"}, {"new"}),
    ):
        with Preview(lab.repository, lab.out, **chosen):
            assert {path.stem for path in lab.out.glob("projects/digits/runs/*.html")} == shown
