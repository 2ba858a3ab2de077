"""Which objects of large data the records name: what must never be freed."""

import contextlib
import re
from collections.abc import Iterable, Iterator

from gitrack.errors import DataError, DataMissingError, FormatError
from gitrack.model.pointer import Pointer
from gitrack.store.data import DataStore
from gitrack.store.layout import split_artifact_path, split_path, version_of_manifest
from gitrack.store.manifests import manifest_from_json
from gitrack.store.pointers import SUFFIX, pointer_from_dvc
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

#: A line of a journal that logs an artifact, and the digests in it.
_ARTIFACT = b'{"artifact":'
_MD5 = re.compile(rb'"md5": ?"([0-9a-f]{32})"')


#: Tips that are kept so that a step can be taken back.
KEPT_REFS = ("refs/gitrack/backup", "refs/gitrack/before")


def named_objects(repository: Repository, *, days: float = 0.0) -> set[str]:
    """
    Return the digests of all objects that records name.

    These are what the tips of all experiments branches point at, local and of remotes, with the
    files of folders, what backups of them point at, and what runs have logged that are not
    committed yet. What an older commit alone pointed at is among them for some days only: then
    a record that was removed gives its data free.

    Parameters
    ----------
    repository : Repository
        Whose records.
    days : float
        How old the commit may be that removed or changed what named an object.

    Returns
    -------
    set of str
        md5s, those of folders' listings with ``.dir``.

    Raises
    ------
    FormatError
        If a pointer or a manifest cannot be read: what it names is not known.
    """
    reader, data = Reader(repository), DataStore(repository)
    places: dict[str, str] = {}
    kept = repository.git.text("for-each-ref", "--format=%(objectname)", *KEPT_REFS).split()
    tips = {*reader.tips(), *kept}
    for tip in tips:
        listed = repository.git.run("ls-tree", "-r", "-z", "--full-tree", tip).split(b"\0")
        for line in listed:
            info, _, name = line.partition(b"\t")
            path = name.decode("utf-8", "replace")
            if info.startswith(b"100") and _names_data(path):
                places.setdefault(info.rsplit(b" ", 1)[1].decode(), path)
    found = set(_logged(repository))
    for path, content in zip(places.values(), reader.read_many(places), strict=True):
        if path.endswith(SUFFIX):
            found |= _pointed_at(pointer_from_dvc(content, path), data)
        else:
            found |= {file.md5 for file in manifest_from_json(content, path).files if file.md5}
    return found | (_named_lately(reader, tips, days) if days and tips else set())


def _named_lately(reader: Reader, tips: Iterable[str], days: float) -> set[str]:
    """Return what files named that commits of some days removed or changed."""
    words = ("log", "-m", f"--since={days * 86_400:.0f}.seconds.ago", "--format=", "--raw", "-z")
    said = reader.git.run(*words, "--no-abbrev", "--no-renames", "--diff-filter=DM", *tips, "--")
    lines = said.split(b"\0")
    places = {}
    for facts, name in zip(lines[::2], lines[1::2], strict=False):
        path = name.decode("utf-8", "replace")
        if facts.strip().startswith(b":100") and _names_data(path):
            places[facts.split()[2].decode()] = path
    found: set[str] = set()
    for path, content in zip(places.values(), reader.read_many(places), strict=True):
        with contextlib.suppress(FormatError):  # what nobody could read names nothing
            if path.endswith(SUFFIX):
                found |= _pointed_at(pointer_from_dvc(content, path), reader.data)
            else:
                found |= {file.md5 for file in manifest_from_json(content, path).files if file.md5}
    return found


def _names_data(path: str) -> bool:
    if split := split_artifact_path(path):
        inner = split[1]
        own = inner.endswith(SUFFIX) and "/" not in inner
        return own or version_of_manifest(inner) is not None
    return path.endswith(SUFFIX) and split_path(path) is not None


def _pointed_at(pointer: Pointer, data: DataStore) -> set[str]:
    """Return a pointer's object, and those of a folder whose listing is here."""
    found = {pointer.md5}
    if pointer.is_folder:
        try:
            found |= {one.md5 for one in data.folder(pointer).values()}
        except (DataMissingError, DataError, FormatError):
            return found
    return found


def _logged(repository: Repository) -> Iterator[str]:
    """Yield what journals name, whose runs are not committed."""
    for journal in (repository.own_dir / "runs").glob("*/journal*.jsonl"):
        try:
            with journal.open("rb") as file:
                for line in file:
                    if line.startswith(_ARTIFACT):
                        yield from (match.decode() for match in _MD5.findall(line))
        except OSError:  # it was committed meanwhile, and the branch names the same
            continue
