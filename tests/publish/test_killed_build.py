"""A build that is killed leaves a site in which nothing is missing."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from gitrack.publish.chunks import metric_key

PROGRAM = """
import sys
from pathlib import Path
from gitrack.publish.build import build
from gitrack.store.repository import Repository
print("began", flush=True)
build(Repository.find(Path(sys.argv[1])), Path(sys.argv[2]))
"""
RUNS = 12


def scripts_of(site, read_script):
    """Name every script that a page or an index of a site asks for."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        for source in re.findall(r'<script src="([^"]+)"', text):
            yield page, (page.parent / source)
        if found := re.search(r'data-curves="(\{[^"]+)"', text):
            curves = json.loads(found[1].replace("&#34;", '"'))
            folder = site / "data" / page.parts[-3] / curves["chunk"]
            for _, key in curves["metrics"]:
                yield page, folder / f"{key}.js"
    for index in site.glob("data/*/index.js"):
        found = read_script(index.read_bytes())
        for metric in found["metrics"]:
            for at, name in enumerate(found["chunks"]["name"]):
                if name and (metric["in"] is None or at in metric["in"]):
                    yield index, index.parent / name / f"{metric_key(metric['name'])}.js"


def check(site, read_script):
    asked = list(scripts_of(site, read_script))
    assert len(asked) > RUNS
    for page, path in asked:
        assert path.resolve().is_file(), (page, path)
    ids = read_script((site / "data/digits/index.js").read_bytes())["runs"]["id"]
    ids = ids["of"] if isinstance(ids, dict) else ids
    pages = {path.stem for path in site.glob("projects/digits/runs/*.html")}
    return set(ids), pages


def test_whenever_a_build_is_killed_the_site_is_whole(lab, read_script, read_tree, tmp_path):
    metrics = {"loss": [0.5] * 20, "acc": [0.1] * 20}
    for number in range(RUNS):
        lab.add(metrics={**metrics, f"own{number}": [1.0] * 20}, created=1.79e9 + 60 * number)
    lab.build()
    shutil.copytree(lab.out, tmp_path / "older")
    # One lands between the others, so that chunks, pages and the index change.
    lab.add(metrics=metrics, created=1.79e9 + 90, id="late")
    before = {f"run-{number:03d}" for number in range(RUNS)}
    dice = random.Random(7)
    landed = 0
    for attempt in range(6):
        shutil.rmtree(lab.out)
        shutil.copytree(tmp_path / "older", lab.out)
        words = [sys.executable, "-c", PROGRAM, lab.folder, lab.out]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            if attempt % 2:  # kill it while it writes
                deadline = time.monotonic() + 60
                index = lab.out / "data/digits/index.js"
                stamp = index.stat().st_mtime_ns
                while time.monotonic() < deadline and process.poll() is None:
                    if index.stat().st_mtime_ns != stamp:
                        break
                time.sleep(dice.uniform(0, 0.02))
            else:
                time.sleep(dice.uniform(0, 2))
            process.send_signal(signal.SIGKILL)
        ids, pages = check(lab.out, read_script)
        assert ids in (before, before | {"late"})
        assert before <= pages <= before | {"late"}
        landed += "late" in ids
    lab.build()
    assert check(lab.out, read_script) == (before | {"late"},) * 2
    assert landed
    lab.build(tmp_path / "fresh")
    assert read_tree(lab.out) == read_tree(tmp_path / "fresh")
