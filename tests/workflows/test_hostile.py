"""What a pull request may leave for the workflow that holds a token."""

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest

from gitrack.review.markdown import LIMIT
from gitrack.review.writing import MOST_BYTES

HONEST = Path(__file__).parents[1] / "review" / "corpus" / "review-1.json"
SHA = "4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0"
EVIL = (
    "@everyone fixes #1 <img src=x onerror=alert(1)> [a](https://evil.example)\n"
    "::set-output name=x::y\n/merge\n```\n${{ secrets.TOKEN }} ../../etc/passwd"
)


FREE = frozenset("made_by ref branch commit project name metric id".split())
COSTS = ("time", "energy", "memory")


def archive(members, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as made:
        for name, text in members:
            made.writestr(name, text)
    return content.getvalue()


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def filled(value, text):
    """Put a text in place of every text that is one of a person's."""
    if isinstance(value, dict):
        return {
            key: text if key in FREE and inner not in COSTS else filled(inner, text)
            for key, inner in value.items()
        }
    return [filled(item, text) for item in value] if isinstance(value, list) else value


@pytest.fixture
def post(host, clean, monkeypatch, say):
    """Leave an artifact, and run what the comment's workflow runs."""

    def run(content, head="mallory/lab:x", sha=SHA):
        place = clean / "elsewhere"
        place.mkdir(exist_ok=True)
        monkeypatch.chdir(place)
        monkeypatch.setenv("GITHUB_REPOSITORY", "ada/lab")
        monkeypatch.setenv("GITHUB_API_URL", host.url)
        monkeypatch.setenv("GITHUB_TOKEN", "the-token")
        host.artifacts["5"] = {} if content is None else {"gitrack-review": content}
        host.open_pull(9, "mallory/lab", "x", SHA)
        before = set(clean.rglob("*"))
        told = say("comment", "--post", "--run", "5", "--sha", sha, "--head", head)
        assert set(clean.rglob("*")) == before, "something was written"
        return told

    return run


def test_an_honest_review_is_posted(post, host):
    status, out, err = post(archive([("review.json", HONEST.read_bytes())]))
    assert (status, out, err) == (0, "wrote https://example.org/1000\n", "")
    assert len(host.checks) == 1


def test_only_the_review_is_read_out_of_an_archive(post, host):
    evil = [
        ("../../../../tmp/evil", "x"),
        ("/etc/evil", "x"),
        ("C:\\evil", "x"),
        (".git/config", "x"),
        link("review.json/..", "/etc/passwd"),
        ("review.json", HONEST.read_bytes()),
    ]
    assert post(archive(evil))[0] == 0
    assert len(host.comments) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b"PK\x03\x04 and no more", "cannot be read"),
        (archive([("other.json", b"{}")]), "has no review.json"),
        (archive([("../review.json", HONEST.read_bytes())]), "has no review.json"),
        (archive([link("review.json", "/etc/passwd")]), "is no JSON"),
        (archive([("review.json", b" " * (MOST_BYTES + 1))]), "is longer than"),
        (archive([("review.json", b"[" * 100_000)]), "is no JSON"),
        (archive([("review.json", b'{"format": 1}')]), "review"),
        (archive([("review.json", b'{"format": 99}')]), "newer"),
        (b"\0" * (MOST_BYTES + 1), "is longer than"),
    ],
    ids=[
        "empty", "cut short", "another file", "climbing", "a link", "a bomb", "deep", "half a form",
        "newer", "10 MB",
    ],
)  # fmt: skip
def test_what_is_no_review_is_refused_in_one_line(post, host, content, said):
    status, out, err = post(content)
    assert (status, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1
    assert host.comments == host.checks == []


def test_a_field_of_ten_megabytes_is_refused(post, host):
    review = json.loads(HONEST.read_bytes())
    review["made_by"] = "x" * 10_000_000
    assert post(archive([("review.json", json.dumps(review))]))[0] == 1
    assert host.comments == []


def test_a_strangers_words_do_nothing_in_a_comment(post, host):
    review = filled(json.loads(HONEST.read_bytes()), EVIL[:280])
    status, out, err = post(archive([("review.json", json.dumps(review))]))
    assert (status, out, err) == (0, "wrote https://example.org/1000\n", "")
    (comment,) = host.comments
    assert len(comment["body"]) <= LIMIT
    for line in comment["body"].splitlines():
        assert not line.startswith(("/", "::"))
        outside = "".join(line.split("`")[::2])  # code spans are shown as they are
        for sign in ("@everyone", "#1", "<img", "](https://evil", "${{", "::set-output"):
            assert sign not in outside
    assert "::set-output" not in comment["body"]


def test_a_pull_request_that_moved_on_is_left_alone(post, host):
    content = archive([("review.json", HONEST.read_bytes())])
    status, out, err = post(content, sha="0" * 40)
    assert (status, out) == (0, "")
    assert "no open pull request stands at this commit" in err
    assert host.comments == host.checks == []


def test_a_run_that_left_nothing_is_no_error(post, host):
    assert post(None) == (0, "", "gitrack: the review left nothing to say\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--run", "5/../../x", "--sha", SHA, "--head", "a/b:x"),
        ("--run", "5", "--sha", "main", "--head", "a/b:x"),
        ("--run", "5", "--sha", SHA, "--head", "../..:x"),
        ("--run", "5", "--sha", SHA, "--head", "a/b"),
        ("--run", "5", "--sha", SHA),
    ],
)
def test_what_names_no_place_is_refused(post, host, say, words):
    post(None)
    host.asked.clear()
    status, out, err = say("comment", "--post", *words)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert host.asked == []


def test_a_host_that_refuses_is_told_in_one_line(post, monkeypatch, host, say):
    post(None)
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/other")
    status, _, err = say("comment", "--post", "--run", "5", "--sha", SHA, "--head", "a/b:x")
    assert (status, err.count("\n")) == (1, 1)
    assert "404" in err
    assert "the-token" not in err
    monkeypatch.delenv("GITHUB_TOKEN")
    status, _, err = say("comment", "--post", "--run", "5", "--sha", SHA, "--head", "a/b:x")
    assert (status, err.count("\n")) == (1, 1)
    assert "GITHUB_TOKEN" in err


def test_only_our_own_comment_is_changed_however_many_there_are(post, host):
    for number in range(250):
        host.add_comment(f"comment {number}", "bob")
    content = archive([("review.json", HONEST.read_bytes())])
    assert post(content)[0] == 0
    assert post(content)[0] == 0
    assert len(host.comments) == 251


def test_a_note_on_gitlab_is_written_once(host, monkeypatch, say):
    monkeypatch.setenv("CI_API_V4_URL", host.url)
    monkeypatch.setenv("CI_PROJECT_ID", "7")
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "3")
    assert say("comment", HONEST, "--post")[0] == 1
    monkeypatch.setenv("GITRACK_TOKEN", "the-token")
    host.add_comment("hello", "bob")
    for _ in range(2):
        assert say("comment", HONEST, "--post") == (0, "wrote note 1001 of !3\n", "")
    assert len(host.comments) == 2


def test_a_comment_is_printed_or_written_where_it_is_not_posted(clean, say):
    status, out, err = say("comment", HONEST)
    assert (status, err) == (0, "")
    assert say("comment", HONEST, "--out", clean / "review.md") == (0, "", "")
    assert (clean / "review.md").read_text() == out
    assert say("comment")[0] == 1
    assert say("comment", clean / "nowhere.json")[0] == 1
