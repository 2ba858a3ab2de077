"""What a section of a run's page is made from, and what it leaves in the site."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

from gitrack.errors import DataMissingError
from gitrack.model.media import MediaItem
from gitrack.model.run import Record
from gitrack.publish.output import Output
from gitrack.publish.packing import digest, script
from gitrack.store.layout import (
    CONSOLE_FILE,
    HISTOGRAMS_FILE,
    MEDIA_FILE,
    PATCH_FILE,
    SYSTEM_FILE,
)
from gitrack.store.media import media_from_jsonl
from gitrack.store.pointers import SUFFIX
from gitrack.store.reader import Reader

#: Runs whose files are read together, and the files that most sections need.
_BATCH = 50
_USUAL = frozenset((CONSOLE_FILE, HISTOGRAMS_FILE, MEDIA_FILE, PATCH_FILE, SYSTEM_FILE))
#: Files that a browser shows and never runs, however they are opened.
SAFE = frozenset(
    ".png .jpg .jpeg .gif .webp .bmp .avif .mp4 .webm .ogg .ogv .mov .wav .mp3 .flac .m4a "
    ".npy .glb .stl .ply .obj .txt .log .csv .parquet .json .yaml .toml .lock .patch .pt".split()
)


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part of a run's page; its script is loaded and drawn when it comes into sight.

    Attributes
    ----------
    name : str
        Its place on the page, and its drawer's name in the browser: ``gitrack.sections[name]``.
    title : str
        Its heading.
    script : str
        Its data script, relative to the site's root.
    count : int or None
        How many things it holds.
    note : str
        A few words beside the heading.
    """

    name: str
    title: str
    script: str
    count: int | None = None
    note: str = ""


#: A section's fields, from which it can be made again; `astuple` would copy each of them deeply.
section_row = attrgetter(*(each.name for each in fields(Section)))


@dataclass
class Source:
    """
    One run as the makers of sections see it.

    Attributes
    ----------
    record : Record
        The run.
    reader : Reader
        Where its files are read.
    output : Output
        The site's folder.
    sizes : mapping of str to int
        Bytes of each of its files in git, by path.
    places : list of str
        What of the site its sections need.
    missing : list of str
        Files that they asked for, and whose data is not on this machine.
    damaged : list of str
        Files of which the rest of a section does without, a line each.
    """

    record: Record
    reader: Reader
    output: Output
    sizes: Mapping[str, int]
    _contents: dict[str, bytes | None] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        """Return a file of the run; None where it has none or its data is not on this machine."""
        if path not in self._contents:
            try:
                (self._contents[path],) = self.reader.read(self.record, path)
            except DataMissingError:
                self._contents[path] = None
                self.missing.append(path)
        return self._contents[path]

    @cached_property
    def media(self) -> Sequence[MediaItem]:
        """
        What was logged and is no number, in order.

        Raises
        ------
        FormatError
            If its list is damaged.
        """
        content = self.read(MEDIA_FILE)
        path = f"{self.record.path}/{MEDIA_FILE}"
        return media_from_jsonl(content, path) if content else ()

    def publish(self, path: str) -> str | None:
        """
        Copy a file of the run into the site, equal ones once.

        Returns
        -------
        str or None
            Its place relative to the site's root. None where there is no such file here, or a
            browser that opens it would run it: such content travels inside a script.
        """
        suffix = PurePosixPath(path).suffix.lower()
        content = self.read(path) if suffix in SAFE else None
        return None if content is None else self.keep(content, suffix)

    def keep(self, content: bytes, suffix: str) -> str:
        """Write a file that was made of the run's, equal ones once, and return its place."""
        name = hashlib.sha256(content).hexdigest()[:24]
        return self._put(f"media/{name[:2]}/{name}{suffix}", content)

    def script(self, data: Mapping[str, Any] | Sequence[Any]) -> str:
        """Write a data script, and return its place relative to the site's root."""
        whole = script(data)
        return self._put(f"data/{self.record.run.project}/section/{digest(whole)}.js", whole)

    def _put(self, place: str, content: bytes) -> str:
        """Write what stands under the name of its content, unless it is there."""
        self.output.write_new(place, content)
        self.places.append(place)
        return place


def sources(reader: Reader, output: Output, records: Sequence[Record]) -> Iterator[Source]:
    """Yield a source a run, what most sections need read for many runs at once."""
    for first in range(0, len(records), _BATCH):
        group = records[first : first + _BATCH]
        files = [
            [(path, oid) for path, oid in record.blobs.items() if path in _USUAL or SUFFIX in path]
            for record in group
        ]
        contents = reader.read_many(oid for found in files for _, oid in found)
        sizes = reader.git.sizes({oid for record in group for oid in record.blobs.values()})
        for record, found in zip(group, files, strict=True):
            yield Source(
                record,
                reader,
                output,
                {path: sizes[oid] for path, oid in record.blobs.items()},
                {path: next(contents) for path, _ in found},
            )
