"""Verifying who made the record."""

import pytest

from gitrack.model.finding import Severity


@pytest.fixture
def key(lab, clean, make_key):
    """Let the repository sign; gives the public half of its key."""
    lab.git("config", "gpg.format", "ssh")
    lab.git("config", "user.signingKey", clean / "key")
    lab.git("config", "commit.gpgSign", "true")
    return make_key(clean / "key")


def allow(lab, clean, key, person="ada@example.org"):
    (clean / "allowed").write_text(f"{person} {key}")
    lab.git("config", "gpg.ssh.allowedSignersFile", clean / "allowed")


def test_unsigned_commits_are_listed_and_signed_ones_are_not(lab, clean, key):
    allow(lab, clean, key)
    signed = lab.write("r0", {"notes.txt": b"x"})
    found = lab.findings("signature", signatures=True)
    assert len(found) == 3
    assert signed not in {one.target for one in found}
    assert {one.what for one in found} == {"it is not signed"}
    assert {one.severity for one in found} == {Severity.WARNING}


def test_a_key_that_nobody_vouches_for_is_told_with_the_setting_that_is_missing(lab, clean, key):
    signed = lab.write("r0", {"notes.txt": b"x"})
    found = {one.target: one for one in lab.findings("signature", signatures=True)}
    assert "cannot be checked" in found[signed].what
    assert "allowedSignersFile" in found[signed].cure


def test_a_commit_that_was_changed_after_it_was_signed_is_an_error(lab, clean, key):
    allow(lab, clean, key)
    signed = lab.write("r0", {"notes.txt": b"x"})
    content = lab.git("cat-file", "commit", signed).replace("Change", "Forged")
    forged = lab.git("hash-object", "-t", "commit", "-w", "--stdin", input=f"{content}\n")
    lab.git("update-ref", "refs/heads/experiments/main", forged)
    found = {one.target: one for one in lab.findings("signature", signatures=True)}
    assert found[forged].severity is Severity.ERROR
    assert "was changed after it was signed" in found[forged].what
