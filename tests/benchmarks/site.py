"""Building and using the site of many runs: seconds to build, to add a run, to interact."""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
from lab import fresh_repository, table

from gitrack.model.run import Code, Host, Run, State
from gitrack.store.branch import Branch
from gitrack.store.history import table_to_bytes
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

BEGIN = 1_790_000_000.0
READY = """() => {
  const all = [...document.querySelectorAll('.gt-panel')].map(e => e.panel);
  const panels = all.filter(p => p.visible);
  return document.querySelector('.gt-runs tbody th a') && panels.length
    && panels.every(p => p.figure && p.entries.length === 10);
}"""
HOME = """() => document.querySelector('.gt-card') && window.gitrack && gitrack.writeAges
  && document.readyState !== 'loading'"""
# Written into the box and taken, or a head clicked, until the table's first rows are painted.
TABLE = """act => new Promise(done => {
  const { list, table, state } = gitrack.workspace;
  const began = performance.now();
  if (act === 'filter') state.set({ q: `lr<${0.001 + Math.random() / 100} optimizer:adam` });
  else state.set({ sort: [`${Math.random() < 0.5 ? '-' : ''}config.dropout`, 'config.lr'] });
  const end = () => done([performance.now() - began, list.rows.length]);
  requestAnimationFrame(() => requestAnimationFrame(end));
})"""
SLIDE = """value => new Promise(done => {
  const slider = document.querySelector('input[aria-label=Smoothing]');
  const inSight = e => {
    const box = e.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  };
  const panels = [...document.querySelectorAll('.gt-panel')].filter(inSight).map(e => e.panel);
  const before = panels.map(p => p.figure.sources.lines.data);
  const began = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  const look = () => {
    if (panels.every((p, i) => p.figure.sources.lines.data !== before[i]))
      // Bokeh paints in the frame after it was given data; when the next begins, that is seen.
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def add_runs(folder: Path, first: int, last: int, metrics: int, length: int) -> None:
    """Record runs of noisy curves, a hundred a commit."""
    branch = Branch(Repository.find(folder), "experiments/main")
    files: dict[str, bytes | Path] = {}
    for number in range(first, last):
        noise, steps = np.random.default_rng(number), np.arange(length)
        created = BEGIN + 60 * number
        columns = {
            "_step": pa.array(steps, pa.int64()),
            "_runtime": pa.array(steps * 0.5 + noise.random(length) / 10),
            "_timestamp": pa.array(created + steps * 0.5),
        }
        summary = {}
        for metric in range(metrics):
            name = f"{('train', 'val')[metric % 2]}/metric{metric}"
            values = np.exp(-steps / noise.uniform(200, 500)) + noise.normal(0, 0.03, length)
            columns[name] = pa.array(values)
            summary[name] = float(values[-1])
        run = Run(
            id=f"r{number:05}",
            project="big",
            name=f"run-{number}",
            state=State.FINISHED,
            created=created,
            ended=created + 500,
            duration=500.0,
            rows=length,
            code=Code("4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0", "main", dirty=False),
            host=Host(name="host"),
        )
        config = {
            "lr": float(10 ** -noise.uniform(1, 4)),
            "seed": number % 5,
            "batch_size": int(2 ** noise.integers(4, 9)),
            "optimizer": ("adam", "sgd")[number % 2],
            "depth": int(noise.integers(2, 9)),
            "dropout": round(float(noise.random()), 2),
            "weight_decay": 1e-4,
            "augment": bool(number % 3),
        }
        place = f"big/runs/{run.day}/{run.id}/"
        files[f"{place}run.json"] = run_to_json(run, summary)
        files[f"{place}params.yaml"] = config_to_yaml(config)
        files[f"{place}metrics.json"] = summary_to_json(summary)
        files[f"{place}history.parquet"] = table_to_bytes(pa.table(columns))
        if len(files) >= 400 or number == last - 1:
            branch.add(files, f"Runs to {run.id}")
            files = {}


def build(folder: Path) -> tuple[float, float, float]:
    """Return the seconds, the seconds of all cores, and the peak memory of all processes in MB."""
    words = [sys.executable, "-m", "gitrack", "build", "-C", str(folder)]
    began, peak = time.perf_counter(), 0
    cores: dict[int, float] = {}
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        top = psutil.Process(process.pid)
        while process.poll() is None:
            memory = 0
            with contextlib.suppress(psutil.Error):
                for one in (top, *top.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        memory += one.memory_info().rss
                        spent = one.cpu_times()
                        cores[one.pid] = spent.user + spent.system
            peak = max(peak, memory)
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"the build failed: {words}")
    return time.perf_counter() - began, sum(cores.values()), peak / 1e6


def built(folder: Path, what: str) -> list[object]:
    seconds, cores, memory = build(folder)
    return [what, f"{seconds:.1f} s", f"{cores:.1f} s of cores, {memory:,.0f} MB"]


def browse(site: Path) -> list[list[object]]:
    """Open home and workspace five times, move the slider, filter and sort the table."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        binary = shutil.which("chromium") or shutil.which("google-chrome")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=binary, args=flags)
        opened, homes = [], []
        for _ in range(5):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.perf_counter()
            page.goto(f"{site.as_uri()}/index.html", wait_until="commit")
            page.wait_for_function(HOME)
            homes.append(time.perf_counter() - began)
            page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.perf_counter()
            page.goto(f"{site.as_uri()}/projects/big/index.html", wait_until="commit")
            page.wait_for_function(READY)
            opened.append(time.perf_counter() - began)
        slides = [page.evaluate(SLIDE, value / 31) for value in range(1, 31)]
        filters = [page.evaluate(TABLE, "filter")[0] for _ in range(15)]
        page.evaluate("gitrack.workspace.state.set({q: ''})")
        sorts = [page.evaluate(TABLE, "sort")[0] for _ in range(15)]
        browser.close()
    return [
        ["home interactive", f"{statistics.median(homes):.2f} s", max(homes)],
        ["workspace interactive, 10 runs drawn", f"{statistics.median(opened):.2f} s", max(opened)],
        ["slider to repainted charts", f"{statistics.median(slides):.0f} ms", max(slides)],
        ["filter to repainted table", f"{statistics.median(filters):.0f} ms", max(filters)],
        ["sort to repainted table", f"{statistics.median(sorts):.0f} ms", max(sorts)],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--metrics", type=int, default=20)
    parser.add_argument("--steps", type=int, default=1000)
    options = parser.parse_args()
    shape = options.metrics, options.steps
    with fresh_repository() as folder:
        add_runs(folder, 0, options.runs, *shape)
        rows = [built(folder, f"build {options.runs:,} runs")]
        add_runs(folder, options.runs, options.runs + 1, *shape)
        rows.append(built(folder, "one more run"))
        rows.append(built(folder, "nothing new"))
        rows += [
            [name, median, f"max {worst:.2f}"] for name, median, worst in browse(folder / "_site")
        ]
        size = sum(path.stat().st_size for path in (folder / "_site").rglob("*") if path.is_file())
        rows.append(["site", f"{size / 1e6:.0f} MB", f"{size / options.runs / 1e3:.0f} KB a run"])
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        rows.append(["load of the machine", load, f"{os.cpu_count()} cores"])
    table(["", "", ""], rows)


if __name__ == "__main__":
    main()
