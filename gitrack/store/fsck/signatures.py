"""Signatures of the commits that made the record."""

from collections.abc import Iterator, Sequence

from gitrack.errors import GitError
from gitrack.store.fsck.report import Report
from gitrack.store.git import Git

_AT_ONCE = 100  # commits that one git verifies
_SHOWN = 12  # digits of a commit's id
#: git's own letters, what they mean, and whether the signature proves something wrong.
_MEANING = {
    "B": ("its signature is bad: the commit was changed after it was signed", True),
    "R": ("it is signed by a key that was revoked", True),
    "X": ("its signature has expired", False),
    "Y": ("its key has expired", False),
    "E": ("its signature cannot be checked: the key is not known here", False),
    "U": ("it is signed by a key that nobody here vouches for", False),
    "N": ("it is not signed", False),
}


def check_signatures(git: Git, branches: Sequence[str], report: Report) -> int:
    """
    Verify every commit of the experiments branches.

    Returns
    -------
    int
        How many are signed by a key that is trusted here.
    """
    commits = git.text("rev-list", *branches, "--").split() if branches else []
    good = 0
    for start in range(0, len(commits), _AT_ONCE):
        report.tell(f"verifying signatures: {start:,} of {len(commits):,}")
        for commit, letter, signer, title in _verified(git, commits[start : start + _AT_ONCE]):
            if letter == "G":
                good += 1
                continue
            what, bad = _MEANING.get(letter, (f"git says {letter!r} of its signature", False))
            by = f" ({signer})" if signer else ""
            add = report.error if bad else report.warning
            cure = _cure(git, letter)
            add("signature", f"{what}{by}", cure, path=f"{commit[:_SHOWN]} {title}", target=commit)
    return good


def _verified(git: Git, commits: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    words = ("log", "--no-walk=unsorted", "--stdin", "-z", "--format=%H%n%G?%n%GS%n%s")
    try:
        said = git.run(*words, stdin=asked).decode("utf-8", "replace")
    except GitError as error:  # a commit that cannot be read is named elsewhere
        said = error.stdout
    unchecked = None
    for line in said.split("\0"):
        if not line.strip():
            continue
        commit, letter, signer, title = line.split("\n", 3)
        if letter == "N":
            # Without a list of allowed signers git takes what ssh signed for unsigned.
            unchecked = _with_signature(git, commits) if unchecked is None else unchecked
            letter = "E" if commit in unchecked else "N"
        yield commit, letter, signer, title.strip()


def _with_signature(git: Git, commits: Sequence[str]) -> set[str]:
    """Return those that carry any signature."""
    from gitrack.store.fsck.objects import read_objects

    return {
        found.oid
        for found in read_objects(git, [(commit, True) for commit in commits])
        if found.content and b"\ngpgsig" in found.content.partition(b"\n\n")[0]
    }


def _cure(git: Git, letter: str) -> str:
    if letter in "EU" and not git.ask("config", "gpg.ssh.allowedSignersFile"):
        return (
            "git config gpg.ssh.allowedSignersFile FILE names the keys that sign; or gpg --import"
        )
    return ""
