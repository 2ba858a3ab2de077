"""``gitrack artifacts`` and ``gitrack promote``."""

import json

import pytest

import gitrack
from gitrack.cli.main import main


@pytest.fixture
def logged(begin, repository, capsys):
    """Record a dataset, a model made of it in two versions, and an evaluation of the second."""

    def artifact(name, kind, content, **facts):
        made = gitrack.Artifact(name, kind, **facts)
        with made.new_file("file.txt") as file:
            file.write(content)
        return made

    with begin(name="prepare") as run:
        run.log_artifact(artifact("data", "dataset", "d"))
    with begin(name="train", job_type="train") as run:
        run.use_artifact("data")
        run.log_artifact(artifact("net", "model", "1"))
        about = "two\nlines \x1b[31m"
        made = artifact("net", "model", "22", description=about, metadata={"acc": 0.5})
        run.log_artifact(made, aliases=["best"])
    with begin(name="evaluate") as run:
        run.use_artifact("net:best")
    capsys.readouterr()
    return repository


def told(capsys, *words):
    status = main(list(words))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_artifacts_are_listed(logged, capsys):
    status, out, _ = told(capsys, "artifacts")
    head, *rows = out.splitlines()
    assert status == 0
    assert head.split()[:3] == ["artifact", "latest", "versions"]
    assert [row.split()[:3] for row in rows] == [
        ["lab/dataset/data", "v0", "1"], ["lab/model/net", "v1", "2"],
    ]  # fmt: skip
    assert rows[1].split()[-1] == "best:v1"


def test_one_artifact_is_shown_with_versions_and_a_tree_of_runs(logged, capsys):
    _, out, _ = told(capsys, "artifacts", "net")
    lines = out.splitlines()
    assert lines[0] == "lab/model/net"
    assert lines[3].split()[0] == "v1"
    assert lines[3].endswith("best latest")
    tree = "\n".join(lines[4:])
    assert tree.index("run train") < tree.index("data:v0") < tree.index("run prepare")
    assert tree.index("v1 is used by") < tree.index("run evaluate")


def test_one_version_tells_what_is_known_of_it_and_nothing_a_terminal_acts_on(logged, capsys):
    _, out, _ = told(capsys, "artifacts", "net:best")
    assert "metadata.acc" in out
    assert "two lines" in out
    assert "\x1b" not in out


def test_json_holds_the_manifests(logged, capsys):
    _, out, _ = told(capsys, "artifacts", "net", "--json")
    first, second = json.loads(out)
    assert (first["version"], second["version"]) == (0, 1)
    assert second["aliases"] == ["best", "latest"]
    assert len(second["used_by"]) == 1
    assert len(json.loads(told(capsys, "artifacts", "--json")[1])) == 3


def test_files_are_written(logged, capsys, clean):
    status, out, _ = told(capsys, "artifacts", "net:v0", "-o", str(clean / "out"))
    assert status == 0
    assert "net:v0: 1 file" in out
    assert (clean / "out" / "file.txt").read_text() == "1"


def test_get_takes_an_artifact_where_no_run_is_called_so(logged, capsys):
    status, out, _ = told(capsys, "get", "net:best")
    assert (status, (logged / "net" / "file.txt").read_text()) == (0, "22")
    assert "net:v1: 1 file" in out
    status, _, err = told(capsys, "get", "net:nowhere")
    assert (status, err.count("\n")) == (1, 1)
    assert "no artifact 'net:nowhere'" in err
    assert "no run 'nobody'" in told(capsys, "get", "nobody")[2]


def test_a_version_is_promoted_in_one_commit_that_says_why(logged, capsys, git):
    before = git(logged, "rev-list", "--count", "experiments/main")
    status, out, _ = told(capsys, "promote", "net:best", "production", "-m", "Good on all sites")
    assert status == 0
    assert "net:v1 is production on experiments/main" in out
    assert int(git(logged, "rev-list", "--count", "experiments/main")) == int(before) + 1
    message = git(logged, "log", "-1", "--format=%B", "experiments/main")
    assert "Good on all sites" in message
    trailers = git(logged, "log", "-1", "--format=%(trailers:only)", "experiments/main")
    assert "Artifact: lab/model/net\nVersion: v1\n" in trailers
    assert trailers.endswith("Alias: production")
    changed = git(logged, "show", "--format=", "--name-only", "experiments/main")
    assert changed == "lab/artifacts/model/net/aliases.json"
    _, out, _ = told(capsys, "promote", "net:v0", "production")
    assert "v1 is not any more" in out
    assert gitrack.artifact("net:production").manifest.version == 0
    told(capsys, "promote", "net:v0", "production", "--remove")
    assert gitrack.artifact("net:v0").aliases == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["artifacts", "nothing"], "no artifact 'nothing'"),
        (["artifacts", "net:v7"], "there is lab/model/net:v1"),
        (["promote", "net", "production"], "names no version"),
        (["promote", "net:v0", "latest"], "'latest' is refused"),
        (["promote", "net:v0", "v3"], "'v3' is refused"),
        (["promote", "net:v0", "a b"], "'a b' is refused"),
        (["promote", "net:v0", "best", "--remove"], "is not called best"),
        (["artifacts", "../../net"], "no artifact"),
    ],
)
def test_a_mistake_is_one_line(logged, capsys, words, message):
    status, out, err = told(capsys, *words)
    assert (status, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_where_there_are_none_that_is_said(repository, capsys):
    assert told(capsys, "artifacts") == (0, "", "gitrack: no artifacts\n")
