"""The sections of a run's page, in the order in which they stand there."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import astuple

import orjson

from gitrack.errors import FormatError
from gitrack.model.run import Record
from gitrack.publish.cache import Cache
from gitrack.publish.output import Output
from gitrack.publish.sections.base import Section, Source, sources
from gitrack.publish.sections.code import code_section
from gitrack.publish.sections.console import console_section
from gitrack.publish.sections.files import files_section
from gitrack.publish.sections.media import media_section
from gitrack.store.reader import Reader

Maker = Callable[[Source], Section | None]

MAKERS: tuple[Maker, ...] = (media_section, console_section, code_section, files_section)


class SectionWriter:
    """
    Makes the sections of runs, those alone that are not there yet.

    Parameters
    ----------
    reader : Reader
        Where the runs' files are read.
    output : Output
        Where scripts and media are written; their names tell their content.
    cache : Cache
        What earlier builds made.

    Attributes
    ----------
    damaged : list of FormatError
        Files that could not be read; their sections are left out.
    """

    def __init__(self, reader: Reader, output: Output, cache: Cache) -> None:
        self.reader = reader
        self.output = output
        self.cache = cache
        self.damaged: list[FormatError] = []

    def write(self, records: Sequence[Record]) -> list[Sequence[Section]]:
        """Return the sections of each run."""
        found = {record.run.id: self._known(record) for record in records}
        missing = [record for record in records if found[record.run.id] is None]
        for source in sources(self.reader, self.output, missing):
            found[source.record.run.id] = self._made(source)
        return [found[record.run.id] or () for record in records]

    def _known(self, record: Record) -> Sequence[Section] | None:
        entry = self.cache.text(_key(record))
        if entry is None:
            return None
        places, rows = orjson.loads(entry)
        there = [self.output.has(place) for place in places]  # which claims every one
        if not all(there):
            return None
        return [Section(*row) for row in rows]

    def _made(self, source: Source) -> Sequence[Section]:
        sections: list[Section] = []
        whole = True
        for make in MAKERS:
            try:
                section = make(source)
            except FormatError as error:
                self.damaged.append(error)
                whole = False
            else:
                sections += [section] if section is not None else []
        if whole:
            rows = [astuple(section) for section in sections]
            entry = orjson.dumps([source.places, rows]).decode()
            self.cache.add_text(_key(source.record), entry)
        return sections


def _key(record: Record) -> str:
    """Name what a run's sections are made from: all of its files."""
    files = orjson.dumps(sorted(record.blobs.items()))
    return f"sections {record.run.project}/{record.run.id} {hashlib.sha256(files).hexdigest()}"
