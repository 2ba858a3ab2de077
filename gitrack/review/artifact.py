"""A review out of what a workflow left: a file, or an archive that is never unpacked."""

import io
import zipfile
import zlib
from pathlib import Path

from gitrack.errors import FormatError
from gitrack.review.writing import MOST_BYTES

NAME = "review.json"
_ARCHIVE = b"PK\x03\x04"


def read_review(path: Path) -> bytes:
    """
    Read a review's JSON from a file or an archive.

    Raises
    ------
    FormatError
        If it is too large, or the archive has none.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    return review_in(content, path.name)


def review_in(content: bytes, name: str) -> bytes:
    """
    Return a review's JSON out of what a stranger may have made.

    One member is read, in memory: where an archive would write the others does not matter.

    Parameters
    ----------
    content : bytes
        The JSON, or an archive with it.
    name : str
        What to call it.

    Raises
    ------
    FormatError
        If it is too large, or the archive has none.
    """
    if len(content) > MOST_BYTES:
        raise FormatError(name, f"is longer than {MOST_BYTES} bytes, the most")
    if not content.startswith(_ARCHIVE):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(NAME) as member:
            found = member.read(MOST_BYTES + 1)
    except KeyError as error:
        raise FormatError(name, f"has no {NAME}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FormatError(name, "is an archive that cannot be read") from error
    if len(found) > MOST_BYTES:
        raise FormatError(f"{name}: {NAME}", f"is longer than {MOST_BYTES} bytes, the most")
    return found
