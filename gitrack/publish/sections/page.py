"""The sections of a run's page, in the order in which they stand there."""

import sys
from collections.abc import Callable, Collection, Sequence
from functools import cache

from gitrack.errors import FormatError
from gitrack.model.run import Record
from gitrack.publish import engines, environment, packing, series
from gitrack.publish.cache import Cache, digest_of
from gitrack.publish.output import Output
from gitrack.publish.packing import ascii_json, digest
from gitrack.publish.sections.artifacts import artifacts_section
from gitrack.publish.sections.base import Section, Source, section_row, sources
from gitrack.publish.sections.code import code_section
from gitrack.publish.sections.console import console_section
from gitrack.publish.sections.embeddings import embeddings_section
from gitrack.publish.sections.files import files_section
from gitrack.publish.sections.graphs import graph_section
from gitrack.publish.sections.histograms import histograms_section
from gitrack.publish.sections.machine import machine_section
from gitrack.publish.sections.media import media_section
from gitrack.publish.sections.objects import objects_section
from gitrack.publish.sections.plots import plots_section
from gitrack.publish.sections.system import system_section
from gitrack.publish.sections.tables import tables_section
from gitrack.publish.sections.trees import trees_section
from gitrack.publish.shapes import gltf, mesh, molecule, obj, ply, stl
from gitrack.store.reader import Reader

Maker = Callable[[Source], Section | None]

MAKERS: tuple[Maker, ...] = (
    plots_section,
    system_section,
    media_section,
    tables_section,
    objects_section,
    embeddings_section,
    graph_section,
    histograms_section,
    trees_section,
    console_section,
    code_section,
    files_section,
    artifacts_section,
    machine_section,
)

_SHAPES = (gltf, mesh, molecule, obj, ply, stl)


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
    makers : sequence of callable
        Which sections are made, in their order.

    Attributes
    ----------
    damaged : list of str
        Files that could not be read, a line each; their sections are left out.
    """

    def __init__(
        self, reader: Reader, output: Output, cache: Cache, makers: Sequence[Maker] = MAKERS
    ) -> None:
        self.reader = reader
        self.output = output
        self.cache = cache
        self.damaged: list[str] = []
        self._makers = makers
        self._made_by = [_code(), *engines.engines(), *(make.__name__ for make in makers)]

    def write(self, records: Sequence[Record]) -> list[Sequence[Section]]:
        """Return the sections of each run."""
        away: dict[str, list[str]] = {record.path: [] for record in records}
        for record, path, pointer in self.reader.pointers(records):
            if not (pointer.is_folder or self.reader.data.has(pointer)):
                away[record.path].append(path)
        found = {
            record.path: self._known(self._key(record, away[record.path])) for record in records
        }
        new = [record for record in records if found[record.path] is None]
        for source in sources(self.reader, self.output, new):
            found[source.record.path] = self._made(source, away[source.record.path])
        return [found[record.path] or () for record in records]

    def _known(self, key: str) -> Sequence[Section] | None:
        entry = self.cache.find("sections", key)
        if entry is None:
            return None
        places, rows = entry
        there = [self.output.has(place) for place in places]  # which claims every one
        if not all(there):
            return None
        return [Section(*row) for row in rows]

    def _made(self, source: Source, away: Collection[str]) -> Sequence[Section]:
        sections: list[Section] = []
        whole = True
        for make in self._makers:
            try:
                section = make(source)
            except FormatError as error:
                self.damaged.append(str(error))
                whole = False
            else:
                sections += [section] if section is not None else []
        self.damaged += source.damaged
        whole = whole and not source.damaged
        # What was found damaged is gone from this disk, and may be fetched again.
        if whole and set(source.missing) <= set(away):
            rows = [section_row(section) for section in sections]
            self.cache.keep("sections", self._key(source.record, away), [source.places, rows])
        return sections

    def _key(self, record: Record, away: Collection[str]) -> str:
        """Name what a run's sections are made from: its files, those that are not here apart."""
        files = [record.path, sorted(record.blobs.items()), sorted(away)]
        return digest(ascii_json([*self._made_by, *files]))


@cache
def _code() -> str:
    own = [module for name, module in sorted(sys.modules.items()) if name.startswith(__package__)]
    return digest_of((*own, *_SHAPES, engines, environment, packing, series))
