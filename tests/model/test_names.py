import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitrack.errors import GitrackError, NameRefusedError
from gitrack.model.names import (
    check_branch,
    check_path,
    check_run_id,
    folder_from_project,
    name_from_id,
    new_run_id,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "..",
    ".git",
    "a\nb",
    "nul\0byte",
    "🎉 party 🎉",
    "x" * 4096,
    "é" * 300,
    "CON",
    "nul.txt",
    "COM1",
    "name.lock",
    "-rf",
    ".",
    " ",
    "",
    "a//b",
    "refs/heads/main",
    "\ud800",
]


@pytest.mark.parametrize("value", ["20261123-140233-k7qa", "a", "A.b_c-9", "x" * 128])
def test_a_plain_run_id_is_taken(value):
    assert check_run_id(value) == value


@pytest.mark.parametrize(
    "value", [*HOSTILE, "x" * 129, "a/b", "a b", "ends.", "aux.json", None, 5, b"id", "é"]
)
def test_a_run_id_that_means_something_else_is_refused_by_name(value):
    with pytest.raises(NameRefusedError, match="run id") as caught:
        check_run_id(value)
    assert caught.value.name is value
    assert "\n" not in str(caught.value)


def test_new_ids_are_ids_and_begin_with_their_time():
    made = {new_run_id(0.0) for _ in range(50)}
    assert len(made) > 45
    assert all(check_run_id(one).startswith("19700101-000000-") for one in made)


def test_a_name_from_an_id_stays_the_same():
    assert name_from_id("20261123-140233-k7qa") == name_from_id("20261123-140233-k7qa")
    assert len({name_from_id(f"run-{n}") for n in range(200)}) > 190


@pytest.mark.parametrize("project", HOSTILE)
def test_any_project_becomes_one_plain_folder(project):
    folder = folder_from_project(project)
    assert "/" not in folder
    assert len(folder.encode("utf-8", "surrogatepass")) <= 140
    check_path(f"{folder}/runs/2026-11-23/r/run.json").encode()


@given(st.text(st.characters(), max_size=200))
def test_every_text_becomes_a_folder_that_can_be_committed(project):
    folder = folder_from_project(project)
    assert check_path(f"{folder}/run.json").count("/") == 1
    folder.encode()
    assert folder_from_project(folder) == folder


@pytest.mark.parametrize(
    ("given_name", "branch"),
    [
        ("main", "experiments/main"),
        ("experiments/main", "experiments/main"),
        ("refs/heads/feature/x", "experiments/feature/x"),
        ("größe", "experiments/größe"),
    ],
)
def test_a_branch_is_named_with_or_without_its_prefix(given_name, branch):
    assert check_branch(given_name) == branch


@pytest.mark.parametrize(
    "value",
    [
        v
        for v in HOSTILE
        if v not in ("CON", "nul.txt", "COM1", "refs/heads/main", "<script>alert(1)</script>")
    ],
)
def test_a_branch_that_git_would_not_take_is_refused(value):
    with pytest.raises(GitrackError, match="branch"):
        check_branch(value)


@settings(max_examples=60)
@given(st.text(st.characters(), min_size=1, max_size=30))
def test_git_takes_every_branch_that_is_taken_here(value):
    try:
        branch = check_branch(value)
    except NameRefusedError:
        return
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=False)
    assert done.returncode == 0
