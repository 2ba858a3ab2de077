"""Keep and push one large file and a folder of many: against ``cp`` and ``md5sum`` of the same."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from lab import fresh_repository, table

_KEPT = """
import json, resource, sys, time
from pathlib import Path
from gitrack.store.data import DataStore
from gitrack.store.repository import Repository

source = Path(sys.argv[1])
store = DataStore(Repository.around())
assert store.remote
began = time.perf_counter()
if source.is_dir():
    files = {p.relative_to(source).as_posix(): p for p in source.rglob("*") if p.is_file()}
    pointer = store.add_folder(files, "data")
else:
    pointer = store.add(source, "data")
kept = time.perf_counter()
moved = store.push([pointer])
pushed = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([kept - began, pushed - kept, moved.files, moved.bytes, memory]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000, help="of the one file")
    parser.add_argument("--files", type=int, default=10_000, help="of 20 kB, of the folder")
    options = parser.parse_args()
    rows = []
    with fresh_repository() as lab:
        os.environ["GITRACK_DATA_REMOTE"] = str(lab.parent / "remote")
        large = lab.parent / "large.bin"
        with large.open("wb") as file:
            for _ in range(options.megabytes):
                file.write(os.urandom(1_000_000))
        rows.append(measured("one file", large))
        large.unlink()
        folder = lab.parent / "folder"
        for number in range(options.files):
            path = folder / f"{number % 100:02}" / f"{number:05}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(20_000))
        rows.append(measured("folder", folder))
        for path in sorted(folder.rglob("*.bin"))[::100]:
            path.write_bytes(os.urandom(20_000))
        rows.append(measured("folder, 1 % changed", folder))
    head = [
        "",
        "cp + md5 s",
        "keep s",
        "push s",
        "keep x",
        "push x",
        "both x",
        "moved",
        "MB",
        "peak MiB",
    ]
    table(head, rows)


def measured(name: str, source: Path) -> list[str]:
    """Return a row: seconds, how many times the floor's speed, what moved, peak memory."""
    floor = floor_seconds(source)
    os.sync()
    done = subprocess.run(
        [sys.executable, "-c", _KEPT, source], check=True, capture_output=True, text=True
    )
    keep, push, files, size, memory = json.loads(done.stdout)
    os.sync()
    return [
        name,
        *(f"{seconds:.2f}" for seconds in (floor, keep, push)),
        *(f"{floor / seconds:.2f}" for seconds in (keep, push, keep + push)),
        f"{files:,}",
        f"{size / 1e6:.1f}",
        f"{memory:.0f}",
    ]


def floor_seconds(source: Path) -> float:
    """Return how long ``cp`` and ``md5sum`` take for the same content, one after the other."""
    copy = source.with_name("copy")
    os.sync()
    began = time.perf_counter()
    subprocess.run(["cp", "-r", source, copy], check=True)
    files = ["find", source, "-type", "f", "-exec", "md5sum", "{}", "+"]
    subprocess.run(files, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
    return seconds


if __name__ == "__main__":
    main()
