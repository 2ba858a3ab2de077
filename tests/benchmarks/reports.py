"""A report as one file beside BokehJS alone, and claims held to many runs."""

import argparse
import math
import random
import time
from pathlib import Path

from lab import fresh_repository, many_runs

import gitrack
from gitrack.cli.main import main as command
from gitrack.publish.bokehjs import bokeh_scripts


def main() -> None:
    """Print sizes and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charts", type=int, default=10)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--records", type=int, default=1000)
    options = parser.parse_args()
    with fresh_repository() as folder:
        (folder / "reports").mkdir()
        _one_file(folder, options.charts, options.runs, options.steps)
    with fresh_repository() as folder:
        (folder / "reports").mkdir()
        _check(folder, options.records)


def _one_file(folder: Path, charts: int, runs: int, steps: int) -> None:
    chance = random.Random(0)
    for number in range(runs):
        with gitrack.init(project="bench", name=f"run-{number}", config={"lr": number}) as run:
            for step in range(steps):
                noise = chance.random() / 10
                run.log({f"m{at}": math.exp(-step / 300) + noise + at for at in range(charts)})
    blocks = (f"```gitrack\nchart: line\ny: m{at}\n```\n" for at in range(charts))
    (folder / "reports" / "charts.md").write_text("\n".join(blocks), "utf-8")
    began = time.perf_counter()
    command(["report", "export", "charts"])
    took = time.perf_counter() - began
    size = (folder / "charts.html").stat().st_size
    floor = sum(path.stat().st_size for path in bokeh_scripts().values())
    print(f"{charts} charts x {runs} runs x {steps} steps: {size:,} bytes in {took:.1f} s")
    print(f"BokehJS alone: {floor:,} bytes ({size / floor:.2f} times)")


def _check(folder: Path, records: int) -> None:
    many_runs(folder, records)
    lines = [f'{{{{ claim("count of run-{at} >= {at % 2}") }}}}\n' for at in range(100)]
    (folder / "reports" / "claims.md").write_text("\n".join(lines), "utf-8")
    for name in ("first", "again"):
        began = time.perf_counter()
        command(["report", "check"])
        print(f"100 claims over {records:,} runs, {name}: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
