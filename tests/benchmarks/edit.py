"""An edit of a recorded run beside the commit of one, with few and with many runs there."""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from lab import fresh_repository, git, many_runs, table

from gitrack.model.edit import Edit
from gitrack.store.branch import Branch
from gitrack.store.edit import edit_runs, remove_runs
from gitrack.store.holding import find_holding
from gitrack.store.purge import Purge
from gitrack.store.reader import Reader
from gitrack.store.removed import restore_runs
from gitrack.store.repository import Repository

ID = "r00007"


def times(act: Callable[[int], object], rounds: int) -> str:
    """Do something again and again, and return the median in milliseconds."""
    found = []
    for number in range(rounds + 1):
        began = time.perf_counter()
        act(number)
        if number:  # the first fills caches
            found.append(time.perf_counter() - began)
    return f"{1000 * statistics.median(found):.0f}"


def measure(folder: Path, runs: int, rounds: int) -> list[str]:
    many_runs(folder, runs)
    repository = Repository.find(folder)
    branch = Branch(repository, "experiments/main")
    files = {f"f{number}": bytes([number]) * 50_000 for number in range(8)}

    def commit(number: int) -> object:
        place = f"big/runs/2026-12-31/new{number}"
        return branch.add({f"{place}/{name}": body for name, body in files.items()}, "Run")

    def found(number: int) -> object:
        return find_holding(Reader(repository), ID)

    def edited(number: int) -> object:
        run = find_holding(Reader(repository), ID)
        return edit_runs(repository, [run], Edit(add_tags=[f"tag-{number}"]))

    def removed(number: int) -> object:
        remove_runs(repository, [find_holding(Reader(repository), ID)])
        return restore_runs(repository, [ID])

    cells = [times(act, rounds) for act in (commit, found, edited, removed)]
    every = [find_holding(Reader(repository), f"r{number:05}") for number in range(10)]
    cells.append(times(lambda n: edit_runs(repository, every, Edit(group=f"g{n}")), rounds))
    began = time.perf_counter()
    purge = Purge(repository, [ID])
    purge.run(backup=False)
    cells.append(f"{1000 * (time.perf_counter() - began):.0f} ({purge.commits} commits)")
    git("fsck", "--strict")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[10, 10_000])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    columns = []
    for runs in options.runs:
        with fresh_repository() as folder:
            columns.append(measure(folder, runs, options.rounds))
    names = [
        "commit of a run, 8 files (the floor)",
        "find a run by its id",
        "find and tag it",
        "remove and restore it",
        "change ten runs",
        "purge",
    ]
    table(
        ["ms", *(f"{runs:,} runs" for runs in options.runs)],
        [[name, *cells] for name, cells in zip(names, zip(*columns, strict=True), strict=True)],
    )


if __name__ == "__main__":
    main()
