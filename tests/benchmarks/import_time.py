"""What ``import gitrack`` adds to bare Python, in wall time of whole processes."""

import statistics
import subprocess
import sys
import time

from lab import table

ROUNDS = 25


def wall(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    bare, ours, used = [], [], []
    for _ in range(ROUNDS):
        bare.append(wall("pass"))
        ours.append(wall("import gitrack"))
        used.append(wall("import gitrack; gitrack.init"))
    floor = statistics.median(bare)
    table(
        ["", "median ms", "over bare"],
        [
            ["bare Python", f"{floor:.1f}", ""],
            *(
                [name, f"{statistics.median(times):.1f}", f"{statistics.median(times) - floor:.1f}"]
                for name, times in (("import gitrack", ours), ("and gitrack.init", used))
            ),
        ],
    )


if __name__ == "__main__":
    main()
