"""Writing an export: a folder with a table of the runs, and a file of rows for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gitrack.errors import DataMissingError, FormatError, NameRefusedError, UsageError
from gitrack.interop.exporting.events import event_file, event_name
from gitrack.interop.exporting.runs import history_name, whole_history
from gitrack.interop.exporting.tables import (
    history_csv,
    history_jsonl,
    history_parquet,
    runs_csv,
    runs_jsonl,
    runs_parquet,
)
from gitrack.model.names import check_path
from gitrack.model.run import Record
from gitrack.store.reader import Reader

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "parquet", "jsonl", "tensorboard")
_HISTORY: dict[str, Callable[["pa.Table"], bytes]] = {
    "csv": history_csv,
    "parquet": history_parquet,
    "jsonl": history_jsonl,
}
_RUNS: dict[str, Callable[[Sequence[Record]], bytes]] = {
    "csv": runs_csv,
    "parquet": runs_parquet,
    "jsonl": runs_jsonl,
}


@dataclass
class Exported:
    """
    What an export wrote.

    Attributes
    ----------
    files : int
        How many files.
    bytes : int
        How large they are together.
    left_out : list of str
        Runs whose rows could not be had, and why, a line each.
    """

    files: int = 0
    bytes: int = 0
    left_out: list[str] = field(default_factory=list)


def export_runs(
    reader: Reader,
    records: Sequence[Record],
    kind: str,
    out: Path,
    *,
    force: bool = False,
    show: Callable[[str], None] | None = None,
) -> Exported:
    """
    Write runs; the same runs give the same bytes.

    Parameters
    ----------
    reader : Reader
        Where they are.
    records : sequence of Record
        The runs.
    kind : {"csv", "parquet", "jsonl", "tensorboard"}
        The format. All but the last write ``runs.<kind>`` and ``history/<project>/<id>.<kind>``;
        the last writes ``<project>/<id>/events.out.tfevents.…``.
    out : pathlib.Path
        The folder; made if it is not there.
    force : bool
        Whether files that are there are written over; others stay.
    show : callable, optional
        Takes a line about what is going on.

    Raises
    ------
    UsageError
        If the folder holds anything and `force` is not given.
    OSError
        If it cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not force:
        raise UsageError(f"{out} is not empty: --force writes over what is there")
    done = Exported()

    def write(name: str, content: bytes) -> None:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        done.files += 1
        done.bytes += len(content)

    if kind in _RUNS:
        write(f"runs.{kind}", _RUNS[kind](records))
    for number, record in enumerate(records, 1):
        if show is not None:
            show(f"{number:,} of {len(records):,} {record.run.id}")
        try:
            table = whole_history(reader, record)
            if kind in _HISTORY:
                name, content = f"{history_name(record.run)}.{kind}", _HISTORY[kind](table)
            else:
                folder = check_path(f"{record.run.project}/{record.run.id}")
                name, content = f"{folder}/{event_name(record)}", event_file(record, table)
        except (DataMissingError, FormatError, NameRefusedError) as error:
            done.left_out.append(str(error))
        else:
            write(name, content)
    return done
