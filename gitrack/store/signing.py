"""Signatures of commits on an experiments branch, where the user's git signs its commits."""

import re

from gitrack.errors import ConfigError, GitError
from gitrack.settings import read_settings
from gitrack.store.repository import Repository

_SECONDS = 15.0  # for an agent, a token that wants to be touched, a window that asks
_PERSON = re.compile(rb"(author|committer) (.*?) ?<(.*?)> (\d+ [+-]\d{4})")
# Nobody sits before the terminal when a training ends.
_NO_TERMINAL = {"SSH_ASKPASS_REQUIRE": "never", "GPG_TTY": ""}
#: Repositories whose key kept us waiting, by this process: it is not asked again.
_slow: set[str] = set()
#: Why commits of this process have no signature though they should.
troubles: set[str] = set()


class Signer:
    """
    Gives commits the signature that the user's git would give them.

    A key that cannot sign now, since it wants a passphrase and nobody is there, costs no run:
    the commit stays as it is.

    Parameters
    ----------
    repository : Repository
        Whose commits, and whose git configuration: ``gpg.format``, ``user.signingKey`` ….

    Attributes
    ----------
    trouble : str or None
        Why a commit that should be signed is not.
    """

    def __init__(self, repository: Repository) -> None:
        self.git = repository.git
        self.trouble: str | None = None
        self._wanted = _is_wanted(repository)

    @property
    def works(self) -> bool:
        """Whether commits are to be signed, and nothing has kept us from it so far."""
        return self._wanted and self.trouble is None and str(self.git.git_dir) not in _slow

    def sign(self, commit: str) -> str:
        """
        Return a signed commit of the same tree, parents, people and message.

        Where no signature comes, that is the commit itself, and `trouble` says why.
        """
        if not self.works:
            return commit
        head, _, message = self.git.run("cat-file", "commit", commit).partition(b"\n\n")
        words = [line.split() for line in head.decode("utf-8", "replace").splitlines()]
        parents = [part for key, oid, *_ in words if key == "parent" for part in ("-p", oid)]
        try:
            signed = self.git.run_alone(
                "commit-tree",
                "-S",
                f"{commit}^{{tree}}",
                *parents,
                stdin=message,
                environment={**_people(head), **_NO_TERMINAL},
                seconds=_SECONDS,
            )
        except TimeoutError:
            _slow.add(str(self.git.git_dir))
            self.trouble = f"the key did not sign within {_SECONDS:g} seconds"
        except GitError as error:
            self.trouble = str(error)
        else:
            return signed.decode().strip()
        troubles.add(self.trouble)
        return commit


def _is_wanted(repository: Repository) -> bool:
    try:
        choice = read_settings(repository.work_tree).sign
    except ConfigError:  # the recorder has told of it
        choice = "auto"
    if choice != "auto":
        return choice == "always"
    return repository.git.ask("config", "--type=bool", "commit.gpgSign") == "true"


def _people(head: bytes) -> dict[str, str]:
    """Return the variables that make git name the same people at the same time."""
    named = {}
    for role, name, email, when in _PERSON.findall(head):
        for part, value in (("NAME", name), ("EMAIL", email), ("DATE", b"@" + when)):
            named[f"GIT_{role.decode().upper()}_{part}"] = value.decode("utf-8", "replace")
    return named
