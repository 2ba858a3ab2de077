"""From a recorded commit back to its code: the page on the git host, and the command line."""

import re
import shlex
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from gitrack.model.run import Run

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)
_SCP = re.compile(r"(?:[\w.~-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>.+)")
_PATH = re.compile(r"[\w.~+/ -]+")
#: A word in the host's name, and how its pages of commits are called.
_PAGES = (
    ("github", "commit"),
    ("gitlab", "-/commit"),
    ("bitbucket", "commits"),
    ("codeberg", "commit"),
    ("gitea", "commit"),
    ("forgejo", "commit"),
    ("git.sr.ht", "commit"),
)


def commit_href(remote: str | None, commit: str | None) -> str | None:
    """
    Find a commit's page on the git host.

    Parameters
    ----------
    remote : str or None
        A remote's address, of https, ssh or ``user@host:path``; untrusted.
    commit : str or None
        A full sha.

    Returns
    -------
    str or None
        An https address, or http where the remote itself is; None for hosts whose pages are
        not known and addresses that are not plain.

    Examples
    --------
    >>> commit_href("git@github.com:ada/lab.git", "4f2c9e1")
    'https://github.com/ada/lab/commit/4f2c9e1'
    >>> commit_href("https://gitlab.example.org/group/lab", "4f2c9e1")
    'https://gitlab.example.org/group/lab/-/commit/4f2c9e1'
    >>> commit_href("javascript://github.com/%0aalert(1)", "4f2c9e1")
    """
    if not remote or not commit or not _COMMIT.fullmatch(commit):
        return None
    scheme, host, path = _parts(remote)
    path = path.strip("/").removesuffix(".git")
    page = next((page for word, page in _PAGES if word in host), None)
    plain = _HOST.fullmatch(host) and _PATH.fullmatch(path)
    if page is None or not plain or {"", ".", ".."} & set(path.split("/")):
        return None
    return f"{scheme}://{host}/{quote(path)}/{page}/{commit}"


def reproduce_line(run: Run) -> str:
    """
    Write the one line that brings a run's code and command back; empty without a commit.

    A changed tree that was kept stands in the place of its commit.

    Examples
    --------
    >>> from gitrack.model.run import Code, State
    >>> code = Code(commit="4f2c9e1a", branch="main")
    >>> run = Run("r1", "p", "n", State.FINISHED, 0.0, code=code, command=("python", "t.py"))
    >>> reproduce_line(run)
    'git worktree add --detach ../r1 4f2c9e1a && cd ../r1 && python t.py'
    """
    commit = run.code.snapshot or run.code.commit
    if not is_sha(commit):
        return ""
    folder = shlex.quote(f"../{run.id}")
    line = f"git worktree add --detach {folder} {commit} && cd {folder}"
    if run.command and is_one_line(run.command):
        line += f" && {shlex.join(run.command)}"
    return line


def is_sha(commit: str | None) -> bool:
    """Tell whether this is a commit's name, and can stand in a command."""
    return commit is not None and _COMMIT.fullmatch(commit) is not None


def is_one_line(words: Sequence[str]) -> bool:
    """Tell whether a terminal, into which these are pasted, would act on none of them."""
    return all(word.isprintable() for word in words)


def _parts(remote: str) -> tuple[str, str, str]:
    if "://" not in remote:
        found = _SCP.fullmatch(remote)
        return ("https", found["host"].lower(), found["path"]) if found else ("", "", "")
    try:
        split = urlsplit(remote)
        port = split.port
    except ValueError:
        return "", "", ""
    host = (split.hostname or "").lower()
    if split.scheme in {"ssh", "git", "git+ssh"}:
        return "https", host, split.path
    if split.scheme in {"https", "http"}:
        return split.scheme, f"{host}:{port}" if port else host, split.path
    return "", "", ""
