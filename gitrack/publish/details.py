"""What a comparison asks of a run beyond its index: where its sections lie, its machine."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitrack.analysis.columns import flatten, text_of
from gitrack.model.run import Record
from gitrack.publish import format as fmt
from gitrack.publish.output import Output
from gitrack.publish.packing import digest, script
from gitrack.publish.plan import Project
from gitrack.publish.sections.base import Section
from gitrack.publish.shards import ProjectData
from gitrack.store.layout import PACKAGES_FILE

#: Texts that the index writes as it writes a value of another type.
_AMBIGUOUS = re.compile(
    r"null|true|false|NaN|-?Infinity|-?\d[\d.]*(e[+-]?\d+)?|[\[{].*", re.IGNORECASE | re.DOTALL
)


def write_details(
    project: Project,
    data: ProjectData,
    sections: Mapping[str, Sequence[Section]],
    packages: Mapping[str, tuple[str, int]],
    output: Output,
) -> list[str]:
    """
    Write one script a chunk of runs, so that a page of a few runs loads a few.

    Parameters
    ----------
    project : Project
        Its runs.
    data : ProjectData
        Its chunks.
    sections : mapping of str to sequence of Section
        What scripts draw of each run, by its folder on the branch.
    packages : mapping of str to (str, int)
        The script of each ``requirements.txt`` and its lines, by git object id.
    output : Output
        Where the scripts are written.

    Returns
    -------
    list of str
        Each chunk's script, relative to the site's root.
    """
    places = []
    for chunk in data.chunks:
        records = project.records[chunk.first : chunk.first + chunk.size]
        runs = [
            _details(
                record,
                sections.get(record.path, ()),
                packages.get(record.blobs.get(PACKAGES_FILE, ""), ("", 0)),
            )
            for record in records
        ]
        whole = script({"runs": runs})
        places.append(f"data/{project.name}/details/{digest(whole)}.js")
        output.write_new(places[-1], whole)
    return places


def _details(
    record: Record, sections: Sequence[Section], packages: tuple[str, int]
) -> dict[str, Any]:
    place, count = packages
    return {
        "sections": [[section.name, section.script] for section in sections],
        "packages": place,
        "package_count": count,
        "facts": [list(fact) for fact in _facts(record)],
        "texts": list(_ambiguous_texts(record.config)),
        "snapshot": record.run.code.snapshot,
    }


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what of machine and environment can make a difference, as label and text."""
    run, host = record.run, record.run.host
    facts: tuple[tuple[str, object], ...] = (
        ("command", shlex.join(run.command)),
        ("python", run.python),
        ("host", host.name),
        ("system", host.system),
        ("cpu", host.cpu),
        ("cores", host.cores),
        ("memory", None if host.memory is None else fmt.memory(host.memory)),
        ("gpu", ", ".join(host.gpus)),
        ("gitrack", (run.recorder or "").removeprefix("gitrack ")),
        ("recorded by", run.entity),
        ("recorded on", record.branch),
    )
    yield from ((label, str(value)) for label, value in facts if value)
    hardware = flatten({key: value for key, value in run.hardware.items() if key != "gpus"})
    yield from ((f"hardware.{key}", text_of(hardware[key])) for key in sorted(hardware))
    yield from ((f"${name}", run.environment[name]) for name in sorted(run.environment))


def _ambiguous_texts(config: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the settings that are texts and look like something else, by their flat keys."""
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _ambiguous_texts(value, f"{prefix}{key}.")
        elif isinstance(value, str) and _AMBIGUOUS.fullmatch(value):
            yield f"{prefix}{key}"
