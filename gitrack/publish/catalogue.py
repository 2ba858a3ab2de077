"""The artifacts of a site: every version, and the runs that made and used it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitrack.model.artifact import Manifest
from gitrack.model.run import Run
from gitrack.publish.output import Output
from gitrack.publish.packing import digest, script
from gitrack.publish.plan import Plan
from gitrack.publish.tree import tree_of
from gitrack.store.artifacts import Artifacts, Stored

FORMAT = 1
#: Files of a version that a page lists; the command line tells all.
_FILES = 5_000


@dataclass(frozen=True)
class Catalogue:
    """
    The artifacts of one project.

    Attributes
    ----------
    project : str
        Its name.
    artifacts : sequence of sequence of Stored
        The versions of each artifact, oldest first, artifacts by type and name.
    runs : sequence of Run
        The shown runs that made or used any of them, of whatever project.
    made, used : mapping of str to sequence of int
        Places among `runs` by a version's id.
    files : mapping of str to str
        The script of its files by a version's id, relative to the site's root.
    """

    project: str
    artifacts: Sequence[Sequence[Stored]]
    runs: Sequence[Run]
    made: Mapping[str, Sequence[int]]
    used: Mapping[str, Sequence[int]]
    files: Mapping[str, str]

    def script(self) -> bytes:
        """Write its data script."""
        return script(
            {
                "format": FORMAT,
                "project": self.project,
                "runs": [[run.project, run.id, run.name, run.state] for run in self.runs],
                "artifacts": [
                    {
                        "type": versions[0].manifest.type,
                        "name": versions[0].manifest.name,
                        "versions": [self._version(stored) for stored in versions],
                    }
                    for versions in self.artifacts
                ],
            }
        )

    def _version(self, stored: Stored) -> dict[str, Any]:
        manifest = stored.manifest
        return {
            "id": manifest.id,
            "version": manifest.version,
            "digest": manifest.digest,
            "created": manifest.created,
            "size": manifest.size,
            "count": len(manifest.files),
            "references": sum(file.ref is not None for file in manifest.files),
            "kept": "dvc" if stored.pointer else "git",
            "branch": stored.shelf.branch,
            "aliases": list(stored.aliases),
            "tags": list(manifest.tags),
            "description": manifest.description,
            "metadata": tree_of(manifest.metadata),
            "get": f"gitrack artifacts {shlex.quote(_place(manifest))} -o {manifest.name}",
            "files": self.files[manifest.id],
            "made": list(self.made.get(manifest.id, ())),
            "used": list(self.used.get(manifest.id, ())),
        }


def catalogues(plan: Plan, artifacts: Artifacts, output: Output) -> dict[str, Catalogue]:
    """
    Gather the artifacts of a plan's projects, and write the lists of their files.

    Of a site that shows chosen runs, what none of them made or used is left out.

    Returns
    -------
    dict of str to Catalogue
        By project, those alone that have any.
    """
    runs = [record.run for project in plan.projects for record in project.records]
    places = _Places(runs)
    found: dict[str, Catalogue] = {}
    for project, names in _by_project(artifacts.names()).items():
        if all(project != one.name for one in plan.projects):
            continue
        kept = []
        for name in names:
            versions = artifacts.versions(name)
            if plan.query:
                versions = [one for one in versions if places.touches(one.manifest)]
            kept += [versions] if versions else []
        if kept:
            found[project] = _catalogue(project, kept, places, output)
    return found


def _catalogue(
    project: str, artifacts: Sequence[Sequence[Stored]], places: "_Places", output: Output
) -> Catalogue:
    manifests = [stored.manifest for versions in artifacts for stored in versions]
    made = {one.id: places.of(one, "output") for one in manifests}
    used = {one.id: places.of(one, "input") for one in manifests}
    there = sorted({place for found in (made, used) for many in found.values() for place in many})
    renamed = {place: at for at, place in enumerate(there)}
    files = {}
    for manifest in manifests:
        rows = [
            [file.path, file.size, file.md5 or file.digest, file.ref]
            for file in manifest.files[:_FILES]
        ]
        content = script({"files": rows})
        files[manifest.id] = f"data/{project}/artifact/{digest(content)}.js"
        output.write_new(files[manifest.id], content)
    return Catalogue(
        project,
        artifacts,
        [places.runs[place] for place in there],
        {name: [renamed[place] for place in many] for name, many in made.items()},
        {name: [renamed[place] for place in many] for name, many in used.items()},
        files,
    )


class _Places:
    """Which runs say that they made or used a version, by its id or by what it is known by."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self._by: dict[tuple[str, object], dict[int, None]] = {}
        for place, run in enumerate(runs):
            for one in run.artifacts:
                for key in (one.id, (one.name, one.version, one.digest)):
                    self._by.setdefault((one.use, key), {})[place] = None

    def of(self, manifest: Manifest, use: str) -> list[int]:
        known = (manifest.full_name, manifest.version, manifest.digest)
        return sorted({*self._by.get((use, manifest.id), ()), *self._by.get((use, known), ())})

    def touches(self, manifest: Manifest) -> bool:
        return bool(self.of(manifest, "output") or self.of(manifest, "input"))


def _by_project(names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition("/")[0], []).append(name)
    return found


def _place(manifest: Manifest) -> str:
    return f"{manifest.full_name}:v{manifest.version}"


def rows_of(catalogue: Catalogue) -> Iterator[tuple[Stored, int]]:
    """Yield the latest version of each artifact, and how many it has."""
    for versions in catalogue.artifacts:
        yield versions[-1], len(versions)
