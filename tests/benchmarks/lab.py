"""What the benchmarks share: a fresh repository, and tables."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

BEGIN = 1_790_000_000.0  # seconds since the epoch: when the first of many runs begins
METRICS = 10


@contextmanager
def fresh_repository() -> Iterator[Path]:
    """Make a repository with one commit in a temporary folder, and work there."""
    with tempfile.TemporaryDirectory(prefix="gitrack-bench-") as top:
        folder = Path(top) / "lab"
        git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
        subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
        subprocess.run(
            [*git, "commit", "-q", "--allow-empty", "-m", "Begin"], cwd=folder, check=True
        )
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def many_runs(folder: Path, n: int, *, branch: str = "experiments/main") -> None:
    """
    Make a branch of `n` runs, a commit each, by one stream; a branch that is there is replaced.

    Runs ``r00000`` … of project ``big``, named ``run-0`` …, an hour apart: seven settings, ten
    metrics, one of ten histories of twenty rows.
    """
    from gitrack.store.beginning import first_files

    histories = [_history(random.Random(seed)) for seed in range(10)]
    with tempfile.TemporaryFile() as stream:
        stream.write(b"feature done\n")
        begin = {name: Path(path).read_bytes() for name, path in first_files().items()}
        _commit(stream, branch, 0, "Begin", begin)
        for number in range(n):
            files = _run_files(number, histories[number % len(histories)])
            _commit(stream, branch, number + 1, f"Run run-{number} (finished)", files)
        stream.write(b"done\n")
        stream.seek(0)
        words = ["git", "fast-import", "--quiet", "--done", "--force"]
        subprocess.run(words, cwd=folder, stdin=stream, check=True)


def _run_files(number: int, history: bytes) -> dict[str, bytes]:
    """Return one run's files by their path on the branch."""
    from gitrack.model.run import Code, Host, Run, State
    from gitrack.store.layout import run_folder
    from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

    chance = random.Random(number)
    created = BEGIN + 3600.0 * number
    run = Run(
        id=f"r{number:05}",
        project="big",
        name=f"run-{number}",
        state=State.CRASHED if number % 50 == 0 else State.FINISHED,
        created=created,
        ended=created + 500,
        duration=500.0,
        rows=20,
        group=f"sweep-{number // 100}",
        tags=("baseline",) if number % 10 == 0 else (),
        code=Code("4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0", "main", dirty=False),
        host=Host(name="host", system="Linux", cores=16),
        command=("python", "train.py", "--seed", str(number)),
        python="3.11.2",
    )
    config = {
        "lr": 10 ** -chance.uniform(1, 4),
        "seed": number,
        "batch_size": 2 ** chance.randint(4, 8),
        "optimizer": {"name": ("adam", "sgd")[number % 2], "weight_decay": 1e-4},
        "depth": chance.randint(2, 8),
        "dropout": round(chance.random(), 2),
        "augment": bool(number % 3),
    }
    kinds = ("train", "val")
    summary = {f"{kinds[i % 2]}/metric{i}": chance.random() for i in range(METRICS)}
    files = {
        "run.json": run_to_json(run, summary),
        "params.yaml": config_to_yaml(config),
        "metrics.json": summary_to_json(summary),
        "history.parquet": history,
    }
    place = run_folder(run)
    return {f"{place}/{name}": content for name, content in files.items()}


def _history(chance: random.Random) -> bytes:
    import pyarrow as pa

    from gitrack.store.history import table_to_bytes

    times = [0.5 * step for step in range(20)]
    columns = {
        "_step": pa.array(range(20), pa.int64()),
        "_runtime": pa.array(times),
        "_timestamp": pa.array([BEGIN + time for time in times]),
    }
    for metric in range(METRICS):
        values = [chance.random() for _ in times]
        columns[f"{('train', 'val')[metric % 2]}/metric{metric}"] = pa.array(values)
    return table_to_bytes(pa.table(columns))


def _commit(
    stream: IO[bytes], branch: str, number: int, title: str, files: Mapping[str, bytes]
) -> None:
    when = int(BEGIN) + 3600 * number
    message = title.encode()
    stream.write(b"commit refs/heads/%s\n" % branch.encode())
    stream.write(b"committer bench <bench@localhost> %d +0000\n" % when)
    stream.write(b"data %d\n%s\n" % (len(message), message))
    for path, content in files.items():
        stream.write(b"M 100644 inline %s\n" % path.encode())
        stream.write(b"data %d\n%s\n" % (len(content), content))


def git(*words: str) -> str:
    """Run git here and return what it printed."""
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


def recover() -> None:
    """Commit what died here."""
    words = [sys.executable, "-m", "gitrack", "recover"]
    subprocess.run(words, check=True, capture_output=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below a head, columns aligned."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
