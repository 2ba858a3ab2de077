"""One run's folder, held against the formats of its files and against itself."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.pointer import Pointer
from gitrack.model.run import Run
from gitrack.store.fsck.objects import Found
from gitrack.store.fsck.report import Report
from gitrack.store.history import column_values, holds_json, table_from_bytes
from gitrack.store.layout import (
    CONFIG_FILE,
    HISTOGRAMS_FILE,
    HISTORY_FILE,
    MEDIA_FILE,
    PREVIEW_FILE,
    RUN_FILE,
    SUMMARY_FILE,
    SYSTEM_FILE,
    id_from_folder,
)
from gitrack.store.media import histograms_from_bytes, media_from_jsonl
from gitrack.store.pointers import SUFFIX, pointer_from_dvc
from gitrack.store.schema import config_from_yaml, run_from_json, summary_from_json

if TYPE_CHECKING:
    import pyarrow as pa

_PARSED = frozenset(
    (
        RUN_FILE,
        CONFIG_FILE,
        SUMMARY_FILE,
        HISTORY_FILE,
        PREVIEW_FILE,
        SYSTEM_FILE,
        HISTOGRAMS_FILE,
        MEDIA_FILE,
    )
)
_AHEAD = 3600.0  # seconds that a clock may be ahead of ours without a word
_RESTORE = "gitrack fsck --repair takes it from an earlier commit, where one has it"


def is_parsed(name: str) -> bool:
    """Tell whether a file of a run's folder is read, not only digested."""
    return name in _PARSED or name.endswith(SUFFIX)


@dataclass
class RunCheck:
    """
    What is known of one run after its files were read.

    Attributes
    ----------
    branch, folder : str
        Where it is.
    files : mapping of str to Found
        What reading each file gave, by its path inside the folder.
    report : Report
        Where findings go.
    run : Run or None
        The run, if its ``run.json`` can be read.
    pointers : dict of str to Pointer
        Its large files, by their paths inside the folder without ``.dvc``.
    """

    branch: str
    folder: str
    files: Mapping[str, Found]
    report: Report
    run: Run | None = None
    pointers: dict[str, Pointer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.id = id_from_folder(self.folder)

    def check(self) -> None:
        """Look at every file; what is wrong goes to the report."""
        self.report.runs += 1
        unread = False
        for name, found in self.files.items():
            if found.trouble:
                unread = True
                self._error(name, "object", f"its content {found.trouble}", target=found.oid)
        for name in self.files:
            if name.endswith(SUFFIX):
                self._check_pointer(name)
        newer = self._check_record()
        if newer:
            return
        self._check_texts()
        self._check_tables(sure=not unread)
        self._check_media()

    def _error(self, name: str, kind: str, what: str, cure: str = _RESTORE, **more: Any) -> None:
        self.report.error(kind, what, cure, **self._place(name), **more)

    def _warning(self, name: str, kind: str, what: str, cure: str = "") -> None:
        self.report.warning(kind, what, cure, **self._place(name))

    def _place(self, name: str) -> dict[str, Any]:
        path = f"{self.folder}/{name}" if name else self.folder
        return {"branch": self.branch, "run": self.id, "path": path}

    def _content(self, name: str) -> bytes | None:
        found = self.files.get(name)
        return None if found is None or found.trouble else found.content

    def _check_record(self) -> bool:
        """Check ``run.json``; tells whether a newer gitrack wrote it."""
        content = self._content(RUN_FILE)
        if content is None:
            if RUN_FILE not in self.files:
                self._error(RUN_FILE, "gone", "the run has no run.json, so that no reader sees it")
            return False
        try:
            self.run, self._not_finite = run_from_json(content, RUN_FILE)
        except NewerFormatError as error:
            what = f"format version {error.found} is newer than {error.known}"
            self._error(RUN_FILE, "newer", what, "install a newer gitrack")
            return True
        except FormatError as error:
            self._error(RUN_FILE, "format", error.reason)
            return False
        run = self.run
        project, _, day, _ = self.folder.split("/")
        if (run.project, run.id) != (project, self.id):
            self._error(RUN_FILE, "place", f"it names the run {run.project}/{run.id}")
        elif run.day != day:
            self._warning(
                RUN_FILE, "place", f"the run began on {run.day}, and its folder says {day}"
            )
        if run.created > time.time() + _AHEAD:
            self._warning(
                RUN_FILE,
                "clock",
                f"the run began in the future ({run.day}): the clock of {run.host.name} was ahead",
                "set that machine's clock; the record stays as it is",
            )
        elif run.ended is not None and run.ended < run.created:
            self._warning(RUN_FILE, "clock", "the run ended before it began: its clock was set")
        return False

    def _check_texts(self) -> None:
        for name, read in (
            (CONFIG_FILE, config_from_yaml),
            (SUMMARY_FILE, partial(_summary, getattr(self, "_not_finite", []))),
        ):
            content = self._content(name)
            if name not in self.files:
                self._warning(name, "gone", "it is not there, as if nothing had been in it")
            elif content is not None:
                self._attempt(name, read, content)
        for name in (RUN_FILE, SUMMARY_FILE):
            if content := self._content(name):
                self._check_style(name, content)

    def _check_style(self, name: str, content: bytes) -> None:
        """Name what is read and yet no recorder writes."""
        if content.startswith(b"\xef\xbb\xbf"):
            self._warning(name, "style", "it begins with a byte order mark")
        if b"\r\n" in content:
            self._warning(
                name,
                "style",
                "its lines end in CRLF: git changed it",
                "keep .gitattributes as it is",
            )
        twice: list[str] = []

        def note(pairs: list[tuple[str, Any]]) -> None:
            keys = [key for key, _ in pairs]
            if len(set(keys)) < len(keys):
                twice.extend(key for key in set(keys) if keys.count(key) > 1)

        try:
            json.loads(content, object_pairs_hook=note)
        except (ValueError, RecursionError):
            return
        if twice:
            self._warning(
                name, "style", f"{twice[0]!r} stands there twice: the last of them counts"
            )

    def _check_tables(self, *, sure: bool) -> None:
        table = self._table(HISTORY_FILE)
        rows = self.run.rows if self.run else None
        if table is not None and rows is not None and table.num_rows != rows:
            what = f"it has {table.num_rows} rows, and run.json says {rows}"
            self._error(HISTORY_FILE, "rows", what)
        if HISTORY_FILE not in self.files and HISTORY_FILE not in self.pointers and rows and sure:
            self._error(HISTORY_FILE, "gone", f"it is not there, and run.json says {rows} rows")
        for name in (PREVIEW_FILE, SYSTEM_FILE):
            self._table(name)
        if content := self._content(HISTOGRAMS_FILE):
            self._attempt(HISTOGRAMS_FILE, histograms_from_bytes, content)

    def _table(self, name: str) -> "pa.Table | None":
        content = self._content(name)
        if content is None:
            return None
        table = self._attempt(name, table_from_bytes, content)
        for column in table.schema if table is not None else ():
            if holds_json(column):
                try:
                    column_values(table, column.name)
                except FormatError as error:
                    self._error(name, "format", f"the column {column.name!r} {error.reason}")
        return table

    def _attempt(self, name: str, read: Any, content: bytes) -> Any:
        try:
            return read(content, name)
        except FormatError as error:
            line = error.path.removeprefix(name).lstrip(":")
            self._error(name, "format", f"line {line} {error.reason}" if line else error.reason)
            return None

    def _check_pointer(self, name: str) -> None:
        content = self._content(name)
        if content is None:
            return
        pointer = self._attempt(name, pointer_from_dvc, content)
        if pointer is None:
            return
        if pointer.name != name.rpartition("/")[2].removesuffix(SUFFIX):
            self._error(
                name, "pointer", f"it points at {pointer.name!r}, not at what it stands for"
            )
        self.pointers[name.removesuffix(SUFFIX)] = pointer
        if name.removesuffix(SUFFIX) in self.files:
            self._warning(name, "pointer", "the file that it stands for is there as well")

    def _check_media(self) -> None:
        content = self._content(MEDIA_FILE)
        items = None if content is None else self._attempt(MEDIA_FILE, media_from_jsonl, content)
        for item in items or ():
            if item.path is None:
                continue
            if item.path in self.pointers:
                size = (item.facts or {}).get("size")
                if isinstance(size, int) and size != self.pointers[item.path].size:
                    what = f"it points at {self.pointers[item.path].size} bytes, not {size}"
                    self._error(f"{item.path}{SUFFIX}", "pointer", what)
                continue
            found = self.files.get(item.path)
            if found is None:
                if f"{item.path}{SUFFIX}" not in self.files:
                    self._error(item.path, "gone", f"media.jsonl names it ({item.key!r})")
            elif found.sha256 and found.sha256 != (item.facts or {}).get("sha256", found.sha256):
                self._error(item.path, "digest", "its SHA-256 is not what media.jsonl says")


def _summary(not_finite: list[str], content: bytes, path: str) -> dict[str, Any]:
    return summary_from_json(content, not_finite, path)
