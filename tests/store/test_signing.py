"""Commits of runs carry the signature of the user's git; a key that cannot sign costs no run."""

import subprocess
import sys

import pytest

from gitrack.store import signing
from gitrack.store.branch import Branch
from gitrack.store.repository import Repository


@pytest.fixture
def key(clean, git, repository, make_key):
    """Let the repository sign with a key of OpenSSH."""
    path = clean / "key"
    allowed = clean / "allowed"
    allowed.write_text(f"ada@example.org {make_key(path)}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingKey": path,
        "commit.gpgSign": "true",
        "gpg.ssh.allowedSignersFile": allowed,
    }.items():
        git(repository, "config", name, value)
    return path


def branch_here(name="main"):
    return Branch(Repository.around(), f"experiments/{name}")


def signatures(git, folder, ref="experiments/main"):
    return git(folder, "log", "--format=%G?", ref).split()


def test_commits_are_signed_where_git_signs(key, repository, git):
    branch = branch_here()
    first = branch.add({"p/a": b"1"}, "Add ü\n\nRun-Id: r\n")
    second = branch.add({"p/b": b"2"}, "Add")
    assert signatures(git, repository) == ["G", "G"]
    assert git(repository, "log", "--format=%H").split()  # main itself stays as it was
    assert git(repository, "rev-list", "experiments/main").split() == [second, first]
    assert git(repository, "log", "-1", "--format=%B", first) == "Add ü\n\nRun-Id: r"
    assert git(repository, "log", "-1", "--format=%an <%ae>", first) == "Ada <ada@example.org>"
    assert git(repository, "show", "experiments/main:p/a") == "1"
    assert git(repository, "for-each-ref", "refs/gitrack/") == ""
    branch_here("feature").add({"p/c": b"3"}, "Add")
    assert signatures(git, repository, "experiments/feature") == ["G", "G", "G"]


def test_a_tip_that_moves_while_a_key_signs_loses_nothing(key, repository, git, monkeypatch):
    branch = branch_here()
    branch.add({"p/a": b"1"}, "Add")
    sign, rivals = signing.Signer.sign, []

    def move_then_sign(self, commit):
        if not rivals:
            rivals.append(None)
            branch_here().add({"p/rival": b""}, "Rival")
        return sign(self, commit)

    monkeypatch.setattr(signing.Signer, "sign", move_then_sign)
    branch.add({"p/b": b"2"}, "Add")
    assert signatures(git, repository) == ["G", "G", "G"]
    names = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").split()
    assert {"p/a", "p/b", "p/rival"} <= set(names)


def test_a_run_is_committed_without_a_signature_when_its_key_wants_a_passphrase(
    key, make_key, begin, repository, git, capsys
):
    make_key(key, "secret")
    for _ in range(2):
        with begin(project="p") as run:
            run.log({"loss": 1.0})
    assert signatures(git, repository) == ["N", "N"]
    warnings = [line for line in capsys.readouterr().err.splitlines() if "signature" in line]
    assert len(warnings) == 1
    assert "without a signature: git commit-tree failed" in warnings[0]


def test_an_edit_without_a_signature_is_made_and_told(key, make_key, begin, repository, git):
    with begin(project="p", id="r") as run:
        run.log({"loss": 1.0})
    make_key(key, "secret")
    words = [sys.executable, "-m", "gitrack", "note", "r", "Good."]
    done = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stderr.splitlines() if "signature" in line]
    assert line.startswith("gitrack: committed without a signature: git commit-tree failed")
    assert signatures(git, repository) == ["N", "G"]


def test_a_program_that_never_answers_is_ended_and_asked_once(
    key, repository, git, clean, monkeypatch
):
    program = clean / "stuck"
    asked = clean / "asked"
    program.write_text(f"#!/bin/sh\necho x >> {asked}\nsleep 600 & sleep 600\n")
    program.chmod(0o755)
    git(repository, "config", "gpg.ssh.program", program)
    monkeypatch.setattr(signing, "_SECONDS", 0.5)
    monkeypatch.setattr(signing, "_slow", set())
    branch = branch_here()
    branch.add({"p/a": b"1"}, "Add")
    assert branch.signer.trouble == "the key did not sign within 0.5 seconds"
    branch_here().add({"p/b": b"2"}, "Add")
    assert signatures(git, repository) == ["N", "N"]
    assert asked.read_text() == "x\n"


@pytest.mark.parametrize(
    ("configured", "setting", "signed"),
    [("false", "always", "G"), ("true", "never", "N"), ("false", "auto", "N"), ("true", "", "G")],
)
def test_the_setting_overrules_git(key, repository, git, monkeypatch, configured, setting, signed):
    git(repository, "config", "commit.gpgSign", configured)
    monkeypatch.setenv("GITRACK_SIGN", setting)
    branch_here().add({"p/a": b"1"}, "Add")
    assert signatures(git, repository) == [signed]


def test_a_repository_of_sha256_is_signed_in(key, clean, git, monkeypatch):
    git(clean, "init", "-q", "--object-format=sha256", clean / "new")
    for name in ("gpg.format", "user.signingKey", "gpg.ssh.allowedSignersFile"):
        git(clean / "new", "config", name, git(clean / "lab", "config", name))
    monkeypatch.setenv("GITRACK_SIGN", "always")
    branch = Branch(Repository.around(clean / "new"), "experiments/main")
    branch.add({"p/a": b"1"}, "Add")
    assert branch.signer.trouble is None
    assert signatures(git, clean / "new") == ["G"]


def test_commits_are_signed_with_gnupg(repository, git, gpg_home):
    git(repository, "config", "commit.gpgSign", "true")
    branch = branch_here()
    branch.add({"p/a": b"1"}, "Add")
    assert branch.signer.trouble is None
    assert signatures(git, repository) == ["G"]
    assert git(repository, "verify-commit", "--raw", "experiments/main") == ""


def test_a_key_of_gnupg_that_is_not_there_costs_no_run(repository, git, gpg_home):
    git(repository, "config", "commit.gpgSign", "true")
    git(repository, "config", "user.signingKey", "0123456789ABCDEF")
    branch = branch_here()
    branch.add({"p/a": b"1"}, "Add")
    assert "commit-tree failed" in branch.signer.trouble
    assert signatures(git, repository) == ["N"]
