"""What every kind of media does: keep its content at the call, become files later."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any, ClassVar

from gitrack.record.folder import RECORD, SPOOL
from gitrack.record.redaction import redact, redact_tree

#: What `Media.spool` returns and `Media.encode` takes: plain JSON values, under "type" its kind.
Item = dict[str, Any]

_PARTIAL = ".partial"
_DIGEST = 32  # hex digits of SHA-256 in a file's name
_FANOUT = 2
#: Formats that hold texts of the script's: titles, names, comments.
_TEXTS = frozenset(
    "json svg obj gltf ply stl babylon pdb pqr mmcif mcif cif sdf sd gro mol2".split()
)
_TEXT = 8 << 20  # bytes up to which one is searched for secrets


class Spool:
    """
    The folder that keeps content between the call that logged it and its encoding.

    What stands here is on disk when ``log()`` returns, so that a killed process loses nothing:
    whoever commits the run encodes what is left.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / SPOOL
        self._count = 0

    def keep(self, *parts: "bytes | memoryview") -> str:
        """
        Write content as one file.

        Parameters
        ----------
        *parts : bytes-like
            Contiguous pieces, written one after the other.

        Returns
        -------
        str
            The file's name inside `folder`.

        Raises
        ------
        OSError
            If the disk does not take it.
        """
        name, path = self._next()
        with path.open("xb", buffering=0) as file:
            for part in parts:
                _write_all(file, memoryview(part).cast("B"))
        return name

    def keep_file(self, source: "str | os.PathLike[str]") -> str:
        """
        Copy a file, as it is now.

        Raises
        ------
        OSError
            If it cannot be read, or the disk does not take it.
        """
        name, path = self._next()
        shutil.copyfile(source, path)
        return name

    def path(self, name: str) -> Path:
        """Return where a file of the spool lies."""
        return self.folder / name

    def _next(self) -> tuple[str, Path]:
        if not self._count:
            self.folder.mkdir(exist_ok=True)
        self._count += 1
        # Another session of the same run, or another process of it, counts on its own.
        name = f"{os.getpid()}-{self._count}"
        return name, self.folder / name


class RecordFiles:
    """
    The files of a run as they will stand in its folder on the branch.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / RECORD

    def add(self, content: bytes | Path, suffix: str, place: str = "media") -> dict[str, Any]:
        """
        Keep content under a name made from its digest, so that equal content is stored once.

        Secrets are taken out of formats that hold texts.

        Parameters
        ----------
        content : bytes or pathlib.Path
            The content, or a file that holds it.
        suffix : str
            ".png" say.
        place : str
            The folder inside the run's folder.

        Returns
        -------
        dict
            ``path`` inside the run's folder, ``sha256`` of the content, ``size`` in bytes.
        """
        content = _cleaned(content, suffix)
        if isinstance(content, bytes):
            digest, size = hashlib.sha256(content).hexdigest(), len(content)
        else:
            with content.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = content.stat().st_size
        path = f"{place}/{digest[:_FANOUT]}/{digest[:_DIGEST]}{suffix}"
        target = self.folder / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = self.folder.with_name(digest + _PARTIAL)
            if isinstance(content, bytes):
                partial.write_bytes(content)
            else:
                shutil.copyfile(content, partial)
            partial.replace(target)
        return {"path": path, "sha256": digest, "size": size}


class Media:
    """
    Base of everything that is logged as media.

    A kind is one class: its ``__init__`` takes and checks what W&B's takes; `spool` runs inside
    ``log()`` and must be quick; `encode` runs later, in another thread or after a crash, from
    what `spool` returned alone.
    """

    #: The kind's name in the record; also the key of `KINDS`.
    type: ClassVar[str]

    def spool(self, spool: Spool) -> Item:
        """
        Keep the content as it is now.

        Returns
        -------
        dict
            Plain JSON values with ``"type"``. Where ``"spooled"`` (a list of names that
            `Spool.keep` gave) is among them, `encode` is called later; else it is the line of
            ``media.jsonl`` already.
        """
        raise NotImplementedError

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """
        Turn what was kept into files of the record.

        Returns
        -------
        dict
            The line of ``media.jsonl``: ``type``, ``path`` if there is a file, and facts.
        """
        raise NotImplementedError


def encode_item(item: Item, spool: Spool, files: RecordFiles) -> Item:
    """
    Encode what a kind's `spool` returned.

    Raises
    ------
    Exception
        Whatever the kind's encoder raises.
    """
    from gitrack.record.media.kinds import kind_of

    if "spooled" not in item:
        return item
    return kind_of(item["type"]).encode(item, spool, files)


def _cleaned(content: bytes | Path, suffix: str) -> bytes | Path:
    """Take secrets out of a text; content without any stays as it is, byte for byte."""
    kind = suffix.lower().rpartition(".")[2]
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if kind not in _TEXTS or size > _TEXT:
        return content
    try:
        text = (content if isinstance(content, bytes) else content.read_bytes()).decode()
        if kind == "json":
            found = json.loads(text)
            cleaned = redact_tree(found, where="media")
            return content if repr(cleaned) == repr(found) else json.dumps(cleaned).encode()
    except (ValueError, RecursionError):
        return content  # a binary mesh
    cleaned = redact(text, "media")
    return content if cleaned == text else cleaned.encode()


def _write_all(file: IO[bytes], content: memoryview) -> None:
    while content:
        content = content[file.write(content) :]
