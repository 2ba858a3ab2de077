"""What the benchmarks share: a fresh repository, and tables."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


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
