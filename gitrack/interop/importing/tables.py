"""Runs in CSV files: a file each, or a column that tells them apart."""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gitrack.errors import FormatError, UsageError
from gitrack.interop.importing.found import FoundRun, ImportedRun, Row
from gitrack.record.capture import explain
from gitrack.store.repository import Repository

_SEPARATORS = ",;\t"
_STEP, _RUNTIME = ("step",), ("runtime",)
_TIME = ("timestamp", "wall_time")
_WHOLE = re.compile(r"[-+]?(0|[1-9]\d*)")
_WORDS = {"true": True, "false": False}
_HEAD = 1 << 20  # bytes that hold the first line
_STEPS = 2**62
_NAME = 60  # characters of a name that become part of an id


@dataclass(frozen=True, slots=True)
class Columns:
    """
    What columns mean.

    Attributes
    ----------
    run : str or None
        The column that tells runs apart; a file is one run where there is none.
    step : str or None
        The column of the step; ``_step`` or ``step`` where none is named.
    config : sequence of str
        Columns that are settings; ``*`` stands for any letters.
    """

    run: str | None = None
    step: str | None = None
    config: Sequence[str] = ()

    def sets(self, name: str) -> bool:
        """Tell whether a column is a setting."""
        return any(fnmatchcase(name, pattern) for pattern in self.config)


@dataclass
class CsvRun(FoundRun):
    """
    The rows of one run.

    Attributes
    ----------
    file : pathlib.Path
        The file.
    place : str
        Where that is, so that another call from elsewhere finds the same.
    name : str
        What the run is called.
    lines : list of (int, list of str)
        Numbers of lines, and their cells.
    trouble : GitrackError or OSError, optional
        Why nothing can be read.
    """

    where: str
    file: Path
    place: str
    name: str
    columns: Columns
    value: str | None = None
    header: Sequence[str] = ()
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    trouble: Exception | None = None
    source: str = "csv"

    @property
    def id(self) -> str:
        """The run's name."""
        return self.name

    @property
    def identity(self) -> str:
        """The file's place, and which of its runs it is."""
        return self.place if self.value is None else f"{self.place}\0{self.value}"

    def digest(self) -> str:
        """
        Return a digest of the rows.

        Raises
        ------
        FormatError, OSError
            If they could not be read.
        """
        if self.trouble is not None:
            raise self.trouble
        digest = hashlib.sha256(repr((self.columns, self.header)).encode())
        for line in self.lines:
            digest.update(repr(line).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()

    def read(self) -> ImportedRun:
        """Read the cells."""
        layout = _Layout(self.header, self.columns)
        rows: list[Row] = []
        config: dict[str, Any] = {}
        for number, (_, cells) in enumerate(self.lines):
            row, settings = layout.row(number, cells)
            rows.append(row)
            config |= {name: value for name, value in settings.items() if name not in config}
        times = [row.time for row in rows if row.time is not None]
        created = min(times, default=self.file.stat().st_mtime)
        runtimes = [row.runtime for row in rows[-1:] if row.runtime is not None]
        lasted = runtimes[0] if runtimes else max(times) - created if times else None
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name)[:_NAME].strip("-._")
        return ImportedRun(
            id=f"{slug or 'csv'}-{self.key[:8]}",
            name=self.name,
            created=created,
            ended=max(times, default=None),
            duration=lasted,
            config=config,
            rows=[row for row in rows if row.values],
            damage=self.damage,
        )


def find_csv(files: Sequence[Path], columns: Columns) -> Iterator[CsvRun]:
    """
    Yield the runs of CSV files, file by file.

    Parameters
    ----------
    files : sequence of pathlib.Path
        The files.
    columns : Columns
        What their columns mean.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    stems = [path.stem for path in files]
    for path in files:
        parent = path.resolve().parent.name
        name = path.stem if stems.count(path.stem) == 1 else f"{parent}/{path.stem}"
        run = CsvRun(str(path), path, _place(path), name, columns)
        try:
            _fill(run)
            runs = _divided(run)
        except (OSError, FormatError) as error:
            run.trouble = error
            runs = [run]
        yield from runs


def _place(path: Path) -> str:
    """Return a path below the work tree, which moves with it, or else the whole path."""
    real = path.resolve()
    found = Repository.around(real.parent)
    if found is not None and found.work_tree is not None:
        top = found.work_tree.resolve()
        if real.is_relative_to(top):
            return real.relative_to(top).as_posix()
    return str(real)


def _fill(run: CsvRun) -> None:
    """Read a file's lines into a run."""
    path = run.file
    with path.open("rb") as binary:
        head = binary.read(_HEAD).partition(b"\n")[0]
        binary.seek(0, 2)
        size = binary.tell()
        binary.seek(max(size - 1, 0))
        ends = binary.read(1) in (b"\n", b"\r", b"")
    if b"\0" in head:
        raise FormatError(run.where, "is no CSV")
    text = head.decode("utf-8", "replace")
    separator = max(_SEPARATORS, key=lambda one: (text.count(one), one == ","))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            run.header = [name.strip() for name in next(reader, [])]
            lines = [(reader.line_num, cells) for cells in reader if cells]
    except (csv.Error, UnicodeDecodeError) as error:
        raise FormatError(run.where, f"is no CSV ({explain(error)})") from error
    width = len(run.header)
    if not any(run.header):
        raise FormatError(run.where, "has no header")
    if len(set(run.header)) != width:
        raise FormatError(run.where, "has two columns of one name")
    for place, (number, cells) in enumerate(lines):
        last = place == len(lines) - 1
        if len(cells) > width:
            run.damage.append(f"line {number} has {len(cells)} cells below {width} names")
        elif len(cells) < width and last and not ends:
            run.damage.append(f"line {number} is not complete")
        else:
            run.lines.append((number, cells))


def _divided(run: CsvRun) -> list[CsvRun]:
    column = run.columns.run
    if column is None:
        return [run]
    if column not in run.header:
        raise FormatError(run.where, f"has no column {column!r}")
    place = run.header.index(column)
    header = [name for name in run.header if name != column]
    runs: dict[str, CsvRun] = {}
    for number, cells in run.lines:
        value = cells[place] if place < len(cells) else ""
        one = runs.get(value)
        if one is None:
            where = f"{run.where}: {column} {value}"
            one = CsvRun(where, run.file, run.place, value or "(none)", run.columns, value, header)
            runs[value] = one
        one.lines.append((number, cells[:place] + cells[place + 1 :]))
    found = list(runs.values())
    if run.damage:
        (found[0] if found else run).damage += run.damage
    return found or [run]


class _Layout:
    """Which column is what."""

    def __init__(self, header: Sequence[str], columns: Columns) -> None:
        plain = [name.lower().replace(" ", "_").strip("_") for name in header]
        step = columns.step
        self._step = header.index(step) if step in header else _first(plain, _STEP)
        self._time, self._runtime = _first(plain, _TIME), _first(plain, _RUNTIME)
        own = {self._step, self._time, self._runtime}
        self._settings = [
            (place, name)
            for place, name in enumerate(header)
            if columns.sets(name) and place not in own
        ]
        set_aside = own | {place for place, _ in self._settings}
        self._metrics = [
            (place, name) for place, name in enumerate(header) if place not in set_aside and name
        ]

    def row(self, number: int, cells: Sequence[str]) -> tuple[Row, dict[str, Any]]:
        """Return a line's row, and its settings."""
        step, time, runtime = (
            _cell(cells, place) for place in (self._step, self._time, self._runtime)
        )
        values = self._values(self._metrics, cells)
        if type(step) is float and step.is_integer():
            step = int(step)
        if type(step) is not int or abs(step) > _STEPS:
            step = number
        row = Row(step, _seconds(time), values, _number(runtime))
        return row, self._values(self._settings, cells)

    @staticmethod
    def _values(named: Sequence[tuple[int, str]], cells: Sequence[str]) -> dict[str, Any]:
        found = ((name, _cell(cells, place)) for place, name in named)
        return {name: value for name, value in found if value is not None}


def _first(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(cells: Sequence[str], place: int | None) -> Any:
    """Return a cell as what it looks like; None for an empty one."""
    if place is None or place >= len(cells) or not (text := cells[place].strip()):
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(text) if "_" not in text else text
    except ValueError:
        return _WORDS.get(text.lower(), cells[place])


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _seconds(value: Any) -> float | None:
    """Return a time: seconds since the epoch, or a date of ISO 8601, UTC unless it says else."""
    if not isinstance(value, str):
        return _number(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
