"""Which files changed between the codes of runs, held to what git itself says."""

import os
import subprocess

import pytest

from gitrack.model.run import Code
from gitrack.publish import commits


def git(lab, *words):
    done = subprocess.run(
        ["git", *words], cwd=lab.folder, check=True, capture_output=True, env=os.environ
    )
    return done.stdout.decode().strip()


def commit(lab, files, gone=()):
    for path, text in files.items():
        place = lab.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for path in gone:
        (lab.folder / path).unlink()
    git(lab, "add", "-A")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(lab, *who, "commit", "-qm", "step", "--allow-empty")
    return git(lab, "rev-parse", "HEAD")


def script_of(lab):
    place = lab.gather().commits.get("digits")
    return place and lab.put(place)


def between(script, start, end):
    """Add the steps up as the browser does."""
    low, high = sorted((script["commits"].index(start), script["commits"].index(end)))
    found = {}
    for step in script["steps"][low:high]:
        for path, before, after in step:
            found[path] = (found.get(path, (before,))[0], after)
    return {script["paths"][path] for path, (before, after) in found.items() if before != after}


@pytest.fixture
def three(lab):
    """Three codes: b.py goes, comes back as it was; names are odd; one is of another branch."""
    odd = "sub/ä \t name.py"
    first = commit(lab, {"a.py": "1", "b.py": "1", odd: "1"})
    second = commit(lab, {"a.py": "2", odd: "2"}, gone=["b.py"])
    third = commit(lab, {"b.py": "1", "c.py": "3"})
    for sha in (first, second, third, second):
        lab.add(code=Code(sha, "main", dirty=False))
    return first, second, third


def test_the_files_between_any_two_codes_are_those_that_git_names(lab, three):
    script = script_of(lab)
    assert script["commits"] == list(three)
    for start in three:
        for end in three:
            said = git(lab, "-c", "core.quotepath=false", "diff", "--name-only", "-z", start, end)
            assert between(script, start, end) == set(filter(None, said.split("\0")))


def test_steps_are_found_once_and_then_remembered(lab, three, monkeypatch):
    before = script_of(lab)
    monkeypatch.setattr(commits, "_read", None)  # nothing is asked of git again
    assert script_of(lab) == before


def test_codes_that_are_not_here_or_are_none_are_left_out(lab):
    there = commit(lab, {"a.py": "1"})
    blob = git(lab, "rev-parse", "HEAD:a.py")
    for sha in (there, "f" * 40, blob, "--output=x", "HEAD", None):
        lab.add(code=Code(sha, "main"))
    assert script_of(lab) is None


def test_what_is_too_much_to_list_says_nothing(lab, three, monkeypatch):
    monkeypatch.setattr(commits, "_MOST", 2)
    assert [step is None for step in script_of(lab)["steps"]] == [True, False]
    # The second time they are remembered.
    assert [step is None for step in script_of(lab)["steps"]] == [True, False]


def test_the_tree_as_it_ran_counts_rather_than_the_commit_below(lab, three):
    first, second, third = three
    lab.add(code=Code(first, "main", dirty=True, snapshot=third))
    assert script_of(lab)["commits"] == [first, second, third]
