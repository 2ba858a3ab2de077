"""Keys that sign."""

import os
import shutil
import subprocess

import pytest


def require(program, word):
    """Skip where a program is not installed, or fail where it is required."""
    if shutil.which(program) is None:
        if word in os.environ.get("GITRACK_REQUIRE", "").split():
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def make_key():
    """Make a key of OpenSSH: ``make_key(path, passphrase="")`` gives its public half."""
    require("ssh-keygen", "ssh")

    def make(path, passphrase=""):
        path.unlink(missing_ok=True)
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path]
        subprocess.run(words, check=True)
        return path.with_suffix(".pub").read_text()

    return make


@pytest.fixture
def gpg_home(monkeypatch, tmp_path_factory):
    """Make a key of GnuPG in a home of its own, whose agent ends with the test."""
    require("gpg", "gpg")
    import tempfile

    # The agent's socket lies there, and its path must be short.
    with tempfile.TemporaryDirectory(prefix="gpg", dir="/tmp", ignore_cleanup_errors=True) as home:
        monkeypatch.setenv("GNUPGHOME", home)
        words = ["gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
        words += ["--quick-gen-key", "Ada <ada@example.org>", "ed25519", "sign", "never"]
        subprocess.run(words, check=True, capture_output=True)
        yield home
        subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
