"""Import of many runs, first and again, and the mere reading of the files by peers' readers."""

import argparse
import csv
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lab import fresh_repository, git, table

from gitrack.record.tensorboard.records import framed
from gitrack.record.wire import BYTES, EIGHT, FOUR, VARINT, field

METRICS = ("loss", "val/loss", "accuracy", "lr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=100)
    options = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory(prefix="gitrack-import-") as folder:
        for name, (write, read) in SOURCES.items():
            place = Path(folder, name)
            write(place, options.runs, options.rows)
            words = [str(path) for path in sorted(place.glob("*.csv"))] or [str(place)]
            with fresh_repository():
                first = seconds(lambda words=words, name=name: gitrack("import", name, *words))
                again = seconds(lambda words=words, name=name: gitrack("import", name, *words))
                recorded = int(git("rev-list", "--count", "experiments/main"))
            floor = seconds(lambda read=read, place=place: read(place))
            lines.append(
                [name, options.runs, f"{first:.2f}", f"{1e3 * first / options.runs:.2f}",
                 recorded, f"{again:.2f}", f"{floor:.2f}", f"{first / floor:.1f}"]
            )  # fmt: skip
    heads = ["", "runs", "import s", "ms a run", "commits", "again s", "mere reading s", "times it"]
    table(heads, lines)


def gitrack(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "gitrack", *words], check=True, capture_output=True)


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def values(run: int, step: int) -> list[float]:
    return [math.exp(-step / 30) + run / 1e3, 1 / (step + 1), math.tanh(step / 20), 0.1 / (run + 1)]


def csv_files(place: Path, runs: int, rows: int) -> None:
    place.mkdir()
    for run in range(runs):
        with (place / f"run{run:05}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["step", *METRICS])
            writer.writerows([step, *values(run, step)] for step in range(rows))


def events(place: Path, runs: int, rows: int) -> None:
    for run in range(runs):
        folder = place / f"run{run:05}"
        folder.mkdir(parents=True)
        began = 1.79e9 + run * 1e3
        content = [
            framed(scalar(began + step, step, name, value))
            for step in range(rows)
            for name, value in zip(METRICS, values(run, step), strict=True)
        ]
        (folder / f"events.out.tfevents.{began:.0f}.bench").write_bytes(b"".join(content))


def scalar(time: float, step: int, tag: str, number: float) -> bytes:
    value = field(1, BYTES, tag) + field(2, FOUR, number)
    summary = field(1, BYTES, value)
    return field(1, EIGHT, time) + field(2, VARINT, step) + field(5, BYTES, summary)


def read_csv(place: Path) -> None:
    """Read all files by pandas, in a process of its own."""
    source = f"""
import pandas, pathlib
for path in pathlib.Path({str(place)!r}).glob("*.csv"):
    pandas.read_csv(path)
"""
    subprocess.run([sys.executable, "-c", source], check=True)


def read_events(place: Path) -> None:
    """Read all files by TensorBoard's own reader, in a process of its own."""
    source = f"""
import pathlib
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
for path in pathlib.Path({str(place)!r}).iterdir():
    found = EventAccumulator(str(path), size_guidance={{"tensors": 0}})
    found.Reload()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", source], check=True, capture_output=True)


SOURCES = {"csv": (csv_files, read_csv), "tensorboard": (events, read_events)}

if __name__ == "__main__":
    main()
