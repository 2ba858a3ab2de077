"""How long ``log`` holds the caller with an image of 256 x 256, and with larger things."""

import argparse
import statistics
import subprocess
import sys
import time

from lab import fresh_repository, table

CALLS = 200
PEERS = {
    "trackio": "import trackio as peer; peer.init(project='bench')",
    "wandb offline": "import wandb as peer; peer.init(project='bench', mode='offline')",
}
PEER_LOOP = """
import statistics, time
import numpy as np
{begin}
images = np.random.default_rng(0).integers(0, 255, ({calls}, 256, 256, 3), dtype=np.uint8)
times = []
for image in images:
    began = time.perf_counter_ns()
    peer.log({{"image": peer.Image(image)}})
    times.append(time.perf_counter_ns() - began)
    time.sleep(0.01)
print("median", statistics.median(times) / 1e6)
peer.finish()
"""


def ours() -> list[list[object]]:
    import numpy as np

    import gitrack

    rng = np.random.default_rng(0)
    things = {
        "image 256 x 256": lambda: gitrack.Image(rng.integers(0, 255, (256, 256, 3), np.uint8)),
        "image 1024 x 1024": lambda: gitrack.Image(rng.integers(0, 255, (1024, 1024, 3), np.uint8)),
        "video 64 x 128 x 128": lambda: gitrack.Video(
            rng.integers(0, 255, (64, 3, 128, 128), np.uint8)
        ),
        "audio of 10 s": lambda: gitrack.Audio(rng.random(441_000, np.float32), 44_100),
        "100,000 points": lambda: gitrack.Object3D(rng.random((100_000, 3))),
        "histogram of 100,000": lambda: rng.random(100_000),
    }
    rows: list[list[object]] = []
    with gitrack.init(project="bench") as run:
        time.sleep(1)
        for name, make in things.items():
            times = []
            for _ in range(CALLS if "256" in name else 20):
                thing = make()
                began = time.perf_counter_ns()
                run.log({name: gitrack.Histogram(thing) if "histogram" in name else thing})
                times.append((time.perf_counter_ns() - began) / 1e6)
                time.sleep(0.01)
            rows.append(["gitrack", name, f"{statistics.median(times):.3f}", f"{max(times):.3f}"])
        began = time.perf_counter()
    rows.append(["gitrack", "finish, s", f"{time.perf_counter() - began:.2f}", ""])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has trackio and wandb")
    options = parser.parse_args()
    with fresh_repository():
        rows = ours()
        for name, begin in PEERS.items() if options.peers else ():
            code = PEER_LOOP.format(begin=begin, calls=CALLS)
            done = subprocess.run(
                [options.peers, "-c", code], capture_output=True, text=True, check=False
            )
            found = [line.split()[1] for line in done.stdout.splitlines() if "median" in line]
            held = f"{float(found[0]):.3f}" if found else "failed"
            rows.append([name, "image 256 x 256", held, ""])
    table(["", "what", "median ms", "most"], rows)


if __name__ == "__main__":
    sys.exit(main())
