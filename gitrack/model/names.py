"""Names that stand in paths and refs: what is taken, what is refused, how new ones are made."""

import base64
import re
import unicodedata
from datetime import UTC, datetime

from gitrack.errors import NameRefusedError

EXPERIMENTS = "experiments/"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,128}")
_REF_FORBIDDEN = re.compile(r"[\ud800-\udfff\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_UNSAFE_PART = re.compile(r"\.{1,2}|\.git|git~\d+", re.IGNORECASE)
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
#: The alias that every artifact has: its highest version.
LATEST = "latest"
_VERSION = re.compile(r"v(0|[1-9][0-9]{0,8})")
_ALIAS_CHARACTERS = 128
_FOLDER_BYTES = 128
_REF_BYTES = 512

_FIRST = (
    "amber bold brisk calm clear cold copper crisp dawn deep dim dry dusty early fair faint "
    "fleet gentle glad golden grand green grey high keen late light long loud lunar mellow mild "
    "misty narrow noble north old pale patient plain proud quick quiet rapid royal sandy shy "
    "silent silver slow small smooth soft solar steady still sunny swift tall thin vast warm "
    "wide wild winter young"
).split()
_SECOND = (
    "acorn arch badger basalt bay beacon birch bloom brook canyon cedar cliff cloud comet coral "
    "cove crane creek delta dune eagle ember falcon fern field finch fjord flint forest fox glade "
    "grove harbor hare hawk heath heron hill island ivy juniper lake lantern lark leaf maple marsh "
    "meadow mesa moon moss oak orchard otter owl peak pebble pine pond prairie quartz rain raven "
    "reef ridge river robin sage sky snow spring star stone stream thicket tide trail valley wave "
    "willow wind wren"
).split()


def check_run_id(value: object) -> str:
    """
    Take a run id, or refuse it.

    Raises
    ------
    NameRefusedError
        If it is not 1 to 128 of ``A-Z a-z 0-9 . _ -``, or means something to a file system or git.

    Examples
    --------
    >>> check_run_id("20261123-140233-k7qa")
    '20261123-140233-k7qa'
    """
    return _plain_name("run id", value)


def new_run_id(created: float) -> str:
    """
    Make the id of a run that begins now.

    Parameters
    ----------
    created : float
        Seconds since the epoch, UTC.

    Returns
    -------
    str
        ``<yyyymmdd>-<hhmmss>-<4 base32>``.
    """
    stamp = datetime.fromtimestamp(created, UTC).strftime("%Y%m%d-%H%M%S")
    import secrets

    tail = base64.b32encode(secrets.token_bytes(3)).decode().lower()[:4]
    return f"{stamp}-{tail}"


def name_from_id(run_id: str) -> str:
    """
    Give a run a name that people can say, always the same for one id.

    Examples
    --------
    >>> name_from_id("20261123-140233-k7qa") == name_from_id("20261123-140233-k7qa")
    True
    """
    import hashlib

    digest = hashlib.sha256(run_id.encode()).digest()
    first = _FIRST[int.from_bytes(digest[:4]) % len(_FIRST)]
    second = _SECOND[int.from_bytes(digest[4:8]) % len(_SECOND)]
    return f"{first}-{second}-{int.from_bytes(digest[8:12]) % 1000}"


def check_artifact_name(value: object, kind: str = "artifact name") -> str:
    """
    Take the name or the type of an artifact, or refuse it.

    Raises
    ------
    NameRefusedError
        If it is not 1 to 128 of ``A-Z a-z 0-9 . _ -``, or means something to a file system or git.

    Examples
    --------
    >>> check_artifact_name("resnet-50.pt")
    'resnet-50.pt'
    """
    return _plain_name(kind, value)


def _plain_name(kind: str, value: object) -> str:
    rule = "it takes 1 to 128 of A-Z a-z 0-9 . _ - and does not begin with '.' or '-'"
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise NameRefusedError(kind, value, rule)
    if value[0] in ".-" or value.endswith((".", ".lock")) or _DEVICES.fullmatch(value):
        raise NameRefusedError(kind, value, rule)
    return value


def check_alias(value: object) -> str:
    """
    Take an alias of an artifact's version, or refuse it.

    Raises
    ------
    NameRefusedError
        If it is "latest", looks like a version, or could not be told from the rest of
        ``name:alias``.

    Examples
    --------
    >>> check_alias("production")
    'production'
    """
    rule = "an alias is 1 to 128 characters without / : @ and spaces"
    if not isinstance(value, str) or not 0 < len(value) <= _ALIAS_CHARACTERS:
        raise NameRefusedError("alias", value, rule)
    if not value.isprintable() or any(c in "/:@" or c.isspace() for c in value):
        raise NameRefusedError("alias", value, rule)
    if value == LATEST or _VERSION.fullmatch(value):
        raise NameRefusedError("alias", value, "it is what versions are called by themselves")
    return value


def version_from(text: str) -> int | None:
    """
    Read ``v<N>``; None for anything else.

    Examples
    --------
    >>> version_from("v12"), version_from("v012"), version_from("best")
    (12, None, None)
    """
    match = _VERSION.fullmatch(text)
    return int(match[1]) if match else None


def folder_from_project(project: str) -> str:
    r"""
    Turn a project's name into the name of its folder on the branch.

    Letters and digits of any script stay, so do ``.``, ``_`` and ``-``; anything else becomes a
    single ``-``.

    Examples
    --------
    >>> folder_from_project("nuclei-seg")
    'nuclei-seg'
    >>> folder_from_project("../evil name\n")
    'evil-name'
    """
    kept = unicodedata.normalize("NFC", project)
    kept = "".join(c if c.isalnum() or c in "._-" else " " for c in kept)
    kept = "-".join(kept.split()).lstrip(".-").rstrip(".-")
    while len(kept.encode()) > _FOLDER_BYTES:
        kept = kept[:-1]
    kept = kept.removesuffix(".lock").rstrip(".-")
    if not kept or _DEVICES.fullmatch(kept):
        return f"project-{kept}".rstrip("-")
    return kept


def check_branch(value: str) -> str:
    """
    Take an experiments branch, with or without its prefix, or refuse it.

    Raises
    ------
    NameRefusedError
        If git would not take it as a branch.

    Examples
    --------
    >>> check_branch("feature/x")
    'experiments/feature/x'
    """
    branch = EXPERIMENTS + value.removeprefix("refs/heads/").removeprefix(EXPERIMENTS)
    parts = branch.split("/")
    if (
        _REF_FORBIDDEN.search(branch)
        or branch.endswith((".", "/"))
        or "@" in parts
        or len(branch.encode("utf-8", "replace")) > _REF_BYTES
        or any(len(p.encode("utf-8", "replace")) > _FOLDER_BYTES for p in parts)
        or any(not p or p.startswith((".", "-")) or p.endswith(".lock") for p in parts)
    ):
        raise NameRefusedError("branch", value, "git takes no such branch name")
    return branch


def check_path(path: str) -> str:
    """
    Take a path on a branch, or refuse it.

    Raises
    ------
    NameRefusedError
        If it is absolute, climbs, names git's own folder, or holds control characters.

    Examples
    --------
    >>> check_path("digits/runs/2026-11-23/r1/run.json")
    'digits/runs/2026-11-23/r1/run.json'
    """
    parts = path.split("/")
    if (
        path.startswith('"')
        or "\\" in path
        or any(ord(c) < 32 or ord(c) == 127 for c in path)  # noqa: PLR2004
        or any(not part or _UNSAFE_PART.fullmatch(part) for part in parts)
        or any(part.rstrip(". ") != part for part in parts)
    ):
        raise NameRefusedError("path", path, "a file on the branch has a plain, relative path")
    return path
