"""What belongs to runs outside the branches: data in the cache, snapshots of their code."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gitrack.errors import GitrackError
from gitrack.store.data import DataStore
from gitrack.store.layout import RUN_FILE, id_from_folder, split_path
from gitrack.store.objects import Objects
from gitrack.store.pointers import SUFFIX, pointer_from_dvc
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import run_from_json

_CODE = "refs/gitrack/code/"
_NAMING = (f"/{RUN_FILE}", SUFFIX, ".json")  # ends of files that name commits and digests
_WORD = re.compile(rb"[0-9a-f]{32,64}")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """
    What runs name outside the branches.

    Attributes
    ----------
    repository : Repository
        Whose.
    ids : sequence of str
        The runs.
    code : sequence of str
        Commits of code that are kept alive for them.
    data : sequence of str
        Digests of their large files and folders; a folder's ends in ``.dir``.
    """

    repository: Repository
    ids: Sequence[str]
    code: Sequence[str]
    data: Sequence[str]

    @classmethod
    def of(cls, repository: Repository, ids: Sequence[str], commits: Iterable[str]) -> "Leftovers":
        """Read what the runs named in any of the commits that touched them."""
        git = repository.git
        files: dict[str, str] = {}
        words = ("diff-tree", "-r", "-m", "--root", "--no-commit-id", "-z", "--stdin")
        listing = git.run(*words, stdin="".join(f"{one}\n" for one in commits).encode())
        parts = iter(listing.decode("utf-8", "replace").split("\0"))
        for info, path in zip(parts, parts, strict=False):
            _, _, _, oid, status = info.split(" ")
            split = split_path(path)
            if status != "D" and split and id_from_folder(split[0]) in ids:
                files[oid] = path
        code: set[str] = set()
        data: set[str] = set()
        files = {oid: path for oid, path in files.items() if path.endswith(_NAMING[:2])}
        for path, content in zip(files.values(), git.blobs(files), strict=True):
            with suppress(GitrackError):
                if path.endswith(SUFFIX):
                    data.add(pointer_from_dvc(content, path).md5)
                else:
                    made = run_from_json(content, path)[0].code
                    code.update(filter(None, (made.commit, made.snapshot)))
        kept = git.text("for-each-ref", "--format=%(refname)", _CODE).split()
        there = code.intersection(ref.removeprefix(_CODE) for ref in kept)
        return cls(repository, ids, sorted(there), sorted(data))

    def delete(self) -> int:
        """Delete what no other run or artifact names; return how many objects of data went."""
        git = self.repository.git
        named = self._named_elsewhere()
        lines = [f"delete {_CODE}{one}\n" for one in self.code if one not in named]
        git.run("update-ref", "--stdin", stdin="".join(lines).encode())
        ours = [md5 for md5 in self.data if md5.removesuffix(".dir") not in named]
        folders = [md5 for md5 in ours if md5.endswith(".dir")]
        inner = {one for md5 in folders for one in _inside(self._objects.path(md5))}
        count = sum(_delete(self._objects.path(md5)) for md5 in ours)
        # What remains of the folders' listings may name the same files.
        for listing in self._objects.folder.glob("*/*.dir"):
            inner -= set(_inside(listing))
        return count + sum(_delete(self._objects.path(md5)) for md5 in inner - named)

    @property
    def _objects(self) -> Objects:
        return DataStore(self.repository).objects

    def _named_elsewhere(self) -> set[str]:
        """Collect every digest that stands in a record, a pointer or a manifest of a branch."""
        git = self.repository.git
        blobs: dict[str, None] = {}
        for tip in set(Reader(self.repository).branches().values()):
            for line in git.run("ls-tree", "-r", "-z", tip).decode("utf-8", "replace").split("\0"):
                info, _, path = line.partition("\t")
                split = split_path(path)
                if path.endswith(_NAMING) and not (split and id_from_folder(split[0]) in self.ids):
                    blobs[info.split(" ")[2]] = None
        return {word.decode() for content in git.blobs(blobs) for word in _WORD.findall(content)}


def _inside(listing: Path) -> Iterator[str]:
    """Yield the digests of a folder's files."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        for entry in json.loads(listing.read_bytes()):
            if _WORD.fullmatch(str(entry["md5"]).encode()):
                yield entry["md5"]


def _delete(path: Path) -> int:
    try:
        path.unlink()
    except OSError:
        return 0
    return 1
