"""The code as it ran: a dirty tree as a commit of its own, and as a patch for human eyes."""

import fnmatch
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitrack.errors import GitError
from gitrack.record.redaction import redact
from gitrack.store.git import Git

REFS = "refs/gitrack/code/"
_FILES = 5_000  # changed or untracked files that are looked at
_NAMED = 100  # of those left out
_TEXT_BYTES = 8_000
_GITLINK = "160000"
_NOTHING = b"0" * 64
#: Files that are secrets by their name.
_SECRET_NAMES = (
    ".env .env.* *.env *.pem *.key *.p12 *.pfx *.jks *.keystore *.kdbx *.ppk *.asc id_rsa* id_dsa* "
    "id_ecdsa* id_ed25519* .netrc _netrc .pypirc .npmrc .git-credentials .htpasswd credentials "
    "credentials.json client_secret*.json service-account*.json service_account*.json *.tfstate "
    "*.tfstate.* .dockerconfigjson secrets.toml secrets.yaml secrets.yml secrets.json"
).split()
_HARMLESS = (".env.example", ".env.sample", ".env.template", "*.pub")


@dataclass
class Snapshot:
    """
    What was kept of the code.

    Attributes
    ----------
    commit : str or None
        The commit that holds the tree as it ran; HEAD itself where nothing differed.
    patch : str
        What differs from HEAD, secrets taken out; empty where nothing does.
    left_out : list of (str, str)
        Files that the snapshot does not hold, and why.
    """

    commit: str | None = None
    patch: str = ""
    left_out: list[tuple[str, str]] = field(default_factory=list)


def take_snapshot(git: Git, *, keep: bool, max_file: int, max_total: int) -> Snapshot:
    """
    Keep the work tree as it is, without touching the user's index, work tree or HEAD.

    Equal trees on one HEAD make one and the same commit.

    Parameters
    ----------
    git : Git
        The repository; it has a work tree.
    keep : bool
        Whether a commit is made, or the patch alone.
    max_file, max_total : int
        Bytes of the largest file, and of all together, that are taken.

    Raises
    ------
    GitError
        If git cannot read the tree.
    """
    head = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    changed = _changes(git)
    made = Snapshot()
    if not changed:
        if keep and head is not None:
            git.run("update-ref", REFS + head, head)
            made.commit = head
        return made
    entries = _entries(git, changed, made, max_file, max_total)
    with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
        own = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git.run("read-tree", head or "--empty", environment=own)
        git.run("update-index", "-z", "--index-info", stdin=entries, environment=own)
        tree = git.run("write-tree", environment=own).decode().strip()
    base = f"{head}^{{tree}}" if head else git.run("mktree", stdin=b"").decode().strip()
    made.patch = redact(_diff(git, base, tree), "code.patch")
    if keep:
        made.commit = _commit(git, tree, head)
        git.run("update-ref", REFS + made.commit, made.commit)
    return made


def is_secret_file(name: str) -> bool:
    """
    Tell whether a file is a secret by its name.

    Examples
    --------
    >>> [is_secret_file(name) for name in ("a/.env", "id_rsa", "id_rsa.pub", "train.py")]
    [True, True, False, False]
    """
    base = name.rpartition("/")[2].lower()
    if any(fnmatch.fnmatchcase(base, pattern) for pattern in _HARMLESS):
        return False
    return any(fnmatch.fnmatchcase(base, pattern) for pattern in _SECRET_NAMES)


def is_text(content: bytes) -> bool:
    """Tell whether git would take content for text: no NUL at its beginning."""
    return b"\0" not in content[:_TEXT_BYTES]


def _changes(git: Git) -> dict[bytes, bool]:
    """Return what differs from HEAD by path, and whether it is a submodule."""
    words = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames")
    found: dict[bytes, bool] = {}
    for line in git.run(*words).split(b"\0"):
        kind = line[:2]
        if kind == b"1 ":
            found[line.split(b" ", 8)[8]] = _GITLINK.encode() in line.split(b" ", 6)[3:6]
        elif kind == b"u ":
            found[line.split(b" ", 10)[10]] = False
        elif kind == b"? ":
            found[line[2:]] = False
    return found


def _entries(
    git: Git, changed: dict[bytes, bool], made: Snapshot, max_file: int, max_total: int
) -> bytes:
    """Store what is taken and return the lines that ``update-index`` reads."""
    top = os.fsencode(git.work_tree or ".")
    lines: list[bytes] = []
    plain: list[tuple[bytes, str]] = []  # files that git can read by itself, filters and all
    total = 0

    def leave_out(path: bytes, reason: str) -> None:
        if len(made.left_out) < _NAMED:
            made.left_out.append((path.decode("utf-8", "replace"), reason))
        elif len(made.left_out) == _NAMED:
            made.left_out.append(("…", "and more"))

    for number, (path, is_submodule) in enumerate(sorted(changed.items())):
        place = os.path.join(top, path)  # noqa: PTH118 - bytes
        if is_submodule or path.endswith(b"/"):
            leave_out(path, "a repository of its own")
            continue
        try:
            info = os.lstat(place)
        except OSError:
            lines.append(b"0 " + _NOTHING[: git.id_length] + b"\t" + path)
            continue
        if number >= _FILES:
            leave_out(path, f"more than {_FILES:,} files differ")
        elif stat.S_ISLNK(info.st_mode):
            target = os.fsencode(os.readlink(place))  # noqa: PTH115
            lines.append(b"120000 " + _store(git, target) + b"\t" + path)
        elif not stat.S_ISREG(info.st_mode):
            leave_out(path, "no ordinary file")
        elif is_secret_file(path.decode("utf-8", "replace")):
            leave_out(path, "a secret by its name")
        elif info.st_size > max_file or total + info.st_size > max_total:
            leave_out(path, f"{info.st_size:,} bytes")
        else:
            total += info.st_size
            mode = "100755" if info.st_mode & 0o111 else "100644"
            content = Path(os.fsdecode(place)).read_bytes()
            cleaned = _cleaned(content)
            if cleaned is content and b"\n" not in path:
                plain.append((path, mode))
            else:
                lines.append(mode.encode() + b" " + _store(git, cleaned) + b"\t" + path)
    for (path, mode), oid in zip(plain, _store_files(git, [p for p, _ in plain]), strict=True):
        lines.append(mode.encode() + b" " + oid + b"\t" + path)
    return b"".join(line + b"\0" for line in lines)


def _cleaned(content: bytes) -> bytes:
    """Take secrets out of a text; the same object where there are none."""
    if not is_text(content):
        return content
    text = content.decode("utf-8", "surrogateescape")
    cleaned = redact(text, "code")
    return content if cleaned == text else cleaned.encode("utf-8", "surrogateescape")


def _store(git: Git, content: bytes) -> bytes:
    return git.run("hash-object", "-w", "--stdin", stdin=content).strip()


def _store_files(git: Git, paths: list[bytes]) -> Iterator[bytes]:
    """Store files as git would, in one process; a filter that is missing is done without."""
    if not paths:
        return iter(())
    names = b"".join(os.path.join(os.fsencode(git.work_tree or "."), p) + b"\n" for p in paths)  # noqa: PTH118
    try:
        ids = git.run("hash-object", "-w", "--stdin-paths", stdin=names)
    except GitError:
        ids = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
    return iter(ids.split())


def _diff(git: Git, base: str, tree: str) -> str:
    words = "diff --no-ext-diff --no-textconv --no-color --no-renames --src-prefix=a/"
    return git.run(*words.split(), "--dst-prefix=b/", base, tree).decode("utf-8", "replace")


def _commit(git: Git, tree: str, head: str | None) -> str:
    when = git.text("show", "-s", "--format=%ct", head) if head else "0"
    person: dict[str, Any] = {}
    for role in ("AUTHOR", "COMMITTER"):
        person |= {
            f"GIT_{role}_NAME": "gitrack",
            f"GIT_{role}_EMAIL": "gitrack@localhost",
            f"GIT_{role}_DATE": f"@{when} +0000",
        }
    parents = ("-p", head) if head else ()
    message = b"The tree as it ran\n"
    words = ("commit-tree", "--no-gpg-sign", tree, *parents)
    return git.run(*words, stdin=message, environment=person).decode().strip()
