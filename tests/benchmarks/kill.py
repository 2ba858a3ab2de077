"""``kill -9`` while a script logs, many times: what had returned must be on the branch."""

import argparse
import random
import signal
import subprocess
import sys
import time

from lab import fresh_repository, git, recover

CHILD = """
import itertools, os, sys, gitrack
gitrack.init(project="kill", id=sys.argv[1])
for n in itertools.count():
    gitrack.log({"n": n, "x": n / 7})
    os.write(1, b"%d\\n" % n)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    moments = random.Random(1)
    returned: dict[str, int] = {}
    with fresh_repository():
        import gitrack

        for number in range(options.kills):
            run_id = f"k{number}"
            with subprocess.Popen(
                [sys.executable, "-c", CHILD, run_id],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as child:
                first = child.stdout.readline()
                time.sleep(moments.random() * 0.4)
                child.send_signal(signal.SIGKILL)
                rest = first + child.stdout.read()
            # A kill may cut the last number short: only whole lines count.
            returned[run_id] = rest.count(b"\n")
            print(f"\r{number + 1} of {options.kills}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        recover()
        whole = lost = 0
        for run_id, calls in returned.items():
            values = gitrack.load(run_id).history()["n"].tolist()
            assert gitrack.load(run_id).run.state == "crashed"
            kept = values[:calls] == list(range(calls))
            whole += kept
            lost += 0 if kept else calls - len(values)
        git("fsck", "--strict")
    rows = sum(returned.values())
    print(f"{whole} of {options.kills} runs whole, {lost} of {rows} returned rows lost, fsck clean")


if __name__ == "__main__":
    main()
