"""One artifact's folder: manifests, aliases, and the files that git keeps itself."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.pointer import Pointer
from gitrack.store.fsck.objects import Found
from gitrack.store.fsck.report import Report
from gitrack.store.layout import ALIASES_FILE, version_of_manifest
from gitrack.store.manifests import aliases_from_json, manifest_from_json
from gitrack.store.pointers import SUFFIX, pointer_from_dvc

_RESTORE = "git log --all -- PATH names the commits that have it whole"


@dataclass
class ArtifactCheck:
    """
    What is known of one artifact after its files were read.

    Attributes
    ----------
    branch, folder : str
        Where it is.
    files : mapping of str to Found
        What reading each file gave, by its path inside the folder.
    report : Report
        Where findings go.
    manifests : dict of int to Manifest
        The versions that can be read.
    pointers : dict of str to Pointer
        What DVC keeps, by a name for people.
    """

    branch: str
    folder: str
    files: Mapping[str, Found]
    report: Report
    manifests: dict[int, Manifest] = field(default_factory=dict)
    pointers: dict[str, Pointer] = field(default_factory=dict)

    def check(self) -> None:
        """Look at every file; what is wrong goes to the report."""
        numbers = set()
        for name, found in self.files.items():
            if found.trouble:
                self._error(name, "object", f"its content {found.trouble}", target=found.oid)
            number = version_of_manifest(name)
            if number is not None:
                numbers.add(number)
                self._check_manifest(name, number)
            elif name.endswith(SUFFIX) and "/" not in name:
                self._check_pointer(name)
        self._check_aliases(numbers)
        for name in self.files:
            version, slash, _ = name.partition("/")
            if slash and f"{version}.json" not in self.files:
                self._error(name, "artifact", f"the manifest of {version} is gone")

    def _error(self, name: str, kind: str, what: str, cure: str = _RESTORE, **more: Any) -> None:
        place = {"branch": self.branch, "path": f"{self.folder}/{name}"}
        self.report.error(kind, what, cure, **place, **more)

    def _check_manifest(self, name: str, number: int) -> None:
        content = self.files[name].content
        if content is None:
            return
        try:
            manifest = manifest_from_json(content, f"{self.folder}/{name}")
        except NewerFormatError as error:
            what = f"format version {error.found} is newer than {error.known}"
            self._error(name, "newer", what, "install a newer gitrack")
            return
        except FormatError as error:
            self._error(name, "format", error.reason)
            return
        self.manifests[number] = manifest
        for file in manifest.files:
            if file.md5 is not None:
                self._check_file(f"v{number}", file, file.md5)

    def _check_file(self, version: str, file: ArtifactFile, md5: str) -> None:
        name = f"{version}/{file.path}"
        found = self.files.get(name)
        if found is None:
            own = file.path.rpartition("/")[2]
            self.pointers[name] = Pointer(own, md5, file.size or 0)
        elif found.content is not None:
            digest = hashlib.md5(found.content, usedforsecurity=False).hexdigest()
            if digest != md5:
                self._error(name, "digest", f"its MD5 is not what {version}.json says")

    def _check_pointer(self, name: str) -> None:
        content = self.files[name].content
        if content is None:
            return
        try:
            self.pointers[name] = pointer_from_dvc(content, name)
        except FormatError as error:
            self._error(name, "format", error.reason)

    def _check_aliases(self, numbers: set[int]) -> None:
        found = self.files.get(ALIASES_FILE)
        if found is None or found.content is None:
            return
        try:
            aliases = aliases_from_json(found.content, ALIASES_FILE)
        except FormatError as error:
            self._error(ALIASES_FILE, "format", error.reason)
            return
        for alias, number in aliases.items():
            if number not in numbers:
                what = f"{alias!r} names v{number}, which is not there"
                cure = "gitrack promote moves it to another version"
                self._error(ALIASES_FILE, "alias", what, cure)
