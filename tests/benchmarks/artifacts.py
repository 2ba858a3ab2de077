"""Log one large artifact and one of many files: against ``cp`` and ``md5sum`` of the same."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from lab import fresh_repository, table

_LOGGED = """
import json, resource, sys, time
import gitrack

run = gitrack.init(project="bench")
artifact = gitrack.Artifact(sys.argv[2], "dataset")
began = time.perf_counter()
(artifact.add_dir if len(sys.argv) > 3 else artifact.add_file)(sys.argv[1])
added = time.perf_counter()
run.log_artifact(artifact)
logged = time.perf_counter()
artifact.wait()
landed = time.perf_counter()
artifact.download("out")
written = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
run.finish(quiet=True)
print(json.dumps([added - began, logged - added, landed - logged, written - landed, memory]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000, help="of the one file")
    parser.add_argument("--files", type=int, default=10_000, help="of 20 kB, of the folder")
    options = parser.parse_args()
    rows = []
    with fresh_repository() as lab:
        cache = lab / ".git" / "gitrack" / "dvc" / ".dvc" / "cache"
        large = lab.parent / "large.bin"
        with large.open("wb") as file:
            for _ in range(options.megabytes):
                file.write(os.urandom(1_000_000))
        rows.append(measured("one file", large, "large", cache))
        large.unlink()
        shutil.rmtree(cache)
        folder = lab.parent / "folder"
        folder.mkdir()
        for number in range(options.files):
            (folder / f"{number:05}.bin").write_bytes(os.urandom(20_000))
        rows.append(measured("folder", folder, "many", cache))
        for path in sorted(folder.iterdir())[::100]:
            path.write_bytes(os.urandom(20_000))
        rows.append(measured("folder, 1 % changed", folder, "many", cache))
    head = ["", "cp + md5sum s", "add s", "log s", "version s", "download s", "MB memory", "new"]
    table(head, rows)


def measured(what: str, source: Path, name: str, cache: Path) -> list[str]:
    """Copy and digest with plain tools, then log the same."""
    import json

    copy = source.with_name("copy")
    began = time.perf_counter()
    subprocess.run(["cp", "-r", source, copy], check=True)
    files = [copy] if copy.is_file() else sorted(copy.iterdir())
    for place in range(0, len(files), 1000):
        words = ["md5sum", *files[place : place + 1000]]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    floor = time.perf_counter() - began
    shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
    before = count(cache)
    words = [sys.executable, "-c", _LOGGED, source, name, *(["dir"] if source.is_dir() else [])]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    *seconds, memory = json.loads(done.stdout)
    shutil.rmtree("out")
    new = f"{count(cache) - before} objects"
    return [what, f"{floor:.2f}", *(f"{one:.2f}" for one in seconds), f"{memory:.0f}", new]


def count(cache: Path) -> int:
    """Count objects."""
    return sum(path.is_file() for path in cache.rglob("*"))


if __name__ == "__main__":
    main()
