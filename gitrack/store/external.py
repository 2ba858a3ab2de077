"""What an artifact refers to and does not hold: fetched when it is asked for, and only then."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from gitrack.errors import DataError, DigestError
from gitrack.model.artifact import ArtifactFile

_SECONDS = 60.0  # without a byte from a server
_PIECE = 1 << 20
_DIGEST = re.compile(r"(?:(md5|sha1|sha256|sha512)[:-])?([0-9a-f]+)", re.IGNORECASE)
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


def fetch(file: ArtifactFile, target: Path, tick: Callable[[int], None]) -> None:
    """
    Write what a reference points at to a file.

    Parameters
    ----------
    file : ArtifactFile
        The reference; ``file://`` and ``https://`` can be fetched without credentials.
    target : pathlib.Path
        The file.
    tick : callable
        Told how many bytes more are there.

    Raises
    ------
    DataError
        If its scheme is another, or it cannot be read.
    DigestError
        If it is not what was recorded.
    """
    uri = str(file.ref)
    scheme = uri.partition(":")[0].lower()
    if scheme not in ("file", "https"):
        reason = f"is a reference, and {scheme}:// is left to its own tools: fetch it with them"
        raise DataError(uri, reason)
    digest, expected = _known(file.digest)
    found: Any = hashlib.new(digest, usedforsecurity=False)
    size = 0
    try:
        with _opened(uri, scheme) as source, target.open("xb") as out:
            while piece := source.read(_PIECE):
                found.update(piece)
                out.write(piece)
                size += len(piece)
                tick(len(piece))
                if file.size is not None and size > file.size:
                    break
    except DataError:
        raise
    except (OSError, ValueError) as error:  # a URI that is none, or has lost its secret
        raise DataError(uri, f"cannot be fetched: {error}") from error
    if expected is not None and found.hexdigest() != expected:
        raise DigestError(uri, expected, found.hexdigest())
    if file.size is not None and size != file.size:
        raise DigestError(uri, f"{file.size} bytes", f"{size} bytes or more")


def local_path(uri: str) -> Path:
    """
    Return the path of a ``file://`` URI.

    Raises
    ------
    DataError
        If it lies on another machine.

    Examples
    --------
    >>> str(local_path("file:///data/a%20b"))
    '/data/a b'
    """
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise DataError(uri, "lies on another machine")
    return Path(unquote(parts.path))


def _known(digest: str | None) -> tuple[str, str | None]:
    """Return the algorithm and the hex digits of a digest that can be checked; an etag cannot."""
    match = _DIGEST.fullmatch(digest or "")
    if match is None or (name := (match[1] or _BY_LENGTH.get(len(match[2]), "")).lower()) == "":
        return "md5", None
    return name, match[2].lower()


def _opened(uri: str, scheme: str) -> IO[bytes]:
    if scheme == "file":
        return local_path(uri).open("rb")
    import urllib.request

    class OnlyHttps(urllib.request.HTTPRedirectHandler):
        """Refuses to be led from a server that is known to one that anybody can be."""

        def redirect_request(
            self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
        ) -> Any:
            if urlsplit(newurl).scheme != "https":
                raise DataError(uri, f"leads to {newurl}, which is no https://")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = urllib.request.build_opener(OnlyHttps)
    found: IO[bytes] = opener.open(uri, timeout=_SECONDS)
    return found
