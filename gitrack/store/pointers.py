"""Pointer files, ``X.dvc``: DVC's own format, read and written without importing DVC."""

import re
from typing import Any

from gitrack.errors import FormatError, NameRefusedError
from gitrack.model.names import check_path
from gitrack.model.pointer import Pointer

SUFFIX = ".dvc"
#: What DVC would read as its own, at the end of a path's part; a file of a run may be named so.
_DVC_OWN = re.compile(r"(^|.*\.)dvc(\.file)*|(dvc\.yaml|dvc\.lock|\.dvcignore)(\.file)*")
_ESCAPE = ".file"
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_LETTER = re.compile(r"[a-df]")
_MOST = 1 << 16  # bytes; a pointer has some hundred


def name_on_branch(path: str) -> str:
    """
    Return the name that a run's file has on the branch.

    What DVC would take for a part of the branch's own project gets an ending; all else stays.

    Examples
    --------
    >>> name_on_branch("files/model.pt"), name_on_branch("files/data.dvc")
    ('files/model.pt', 'files/data.dvc.file')
    """
    parts = path.split("/")
    return "/".join(part + _ESCAPE * bool(_DVC_OWN.fullmatch(part)) for part in parts)


def own_name(name: str) -> str:
    """
    Return a file's own name from its name on the branch, or from its pointer's.

    Examples
    --------
    >>> own_name("files/model.pt.dvc"), own_name("files/data.dvc.file")
    ('files/model.pt', 'files/data.dvc')
    """
    parts = name.removesuffix(SUFFIX).split("/")
    return "/".join(
        part.removesuffix(_ESCAPE) if _DVC_OWN.fullmatch(part) else part for part in parts
    )


def pointer_to_dvc(pointer: Pointer) -> bytes:
    r"""
    Write a pointer file.

    Examples
    --------
    >>> pointer_to_dvc(Pointer("model.pt", "a" * 32, 12)).decode().splitlines()[1:3]
    ['- md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '  size: 12']
    """
    import json

    # Digits alone, or with one e among them, would be read as a number.
    md5 = pointer.md5 if _LETTER.search(pointer.md5) else f"'{pointer.md5}'"
    lines = ["outs:", f"- md5: {md5}", f"  size: {pointer.size}"]
    if pointer.files is not None:
        lines.append(f"  nfiles: {pointer.files}")
    # A JSON string is a YAML one, whatever characters it holds.
    lines += ["  hash: md5", f"  path: {json.dumps(pointer.name, ensure_ascii=False)}"]
    return "".join(f"{line}\n" for line in lines).encode()


def pointer_from_dvc(content: bytes, path: str) -> Pointer:
    """
    Read a pointer file.

    Parameters
    ----------
    content : bytes
        The file.
    path : str
        Where it lies on the branch.

    Raises
    ------
    FormatError
        If it does not point at exactly one thing beside it.
    """
    import yaml

    try:
        return _pointer(_loaded(content))
    except (
        yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError, RecursionError,
        NameRefusedError,
    ) as error:  # fmt: skip
        raise FormatError(path, f"is no pointer to large data ({error})") from error


def _loaded(content: bytes) -> Any:
    import yaml

    if len(content) > _MOST or b"*" in content:
        raise ValueError("it is too large, or has aliases")
    return yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _pointer(loaded: Any) -> Pointer:
    (out,) = loaded["outs"]
    name, md5 = out["path"], out["md5"]
    if not isinstance(md5, str) or not _MD5.fullmatch(md5):
        raise ValueError(f"{md5!r} is no digest")
    if not isinstance(name, str) or "/" in check_path(name):
        raise ValueError(f"{name!r} is not beside it")
    size, files = out.get("size", 0), out.get("nfiles")
    if md5.endswith(".dir"):
        files = files or 0
    numbers = [size] if files is None else [size, files]
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("a size is no number")
    return Pointer(name, md5, size, files if md5.endswith(".dir") else None)


def check_md5(md5: object) -> str:
    """
    Take the digest of a file, or refuse it.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(md5, str) or not _MD5.fullmatch(md5) or md5.endswith(".dir"):
        raise ValueError(f"{md5!r} is no digest of a file")
    return md5
