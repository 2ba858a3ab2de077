"""Scripts written for W&B, run under ``gitrack exec`` where nothing can be reached."""

import os
import subprocess
import sys

import pytest

#: Put into every child: a connection is refused, and noted.
NO_NETWORK = """
import os, socket

def _refuse(self, address, *rest):
    if self.family == socket.AF_UNIX or (address and address[0] in ("127.0.0.1", "::1")):
        return _connect(self, address, *rest)
    with open(os.environ["CONNECTIONS"], "a") as log:
        print(address, file=log)
    raise OSError("no network in this test")

_connect = socket.socket.connect
socket.socket.connect = _refuse
socket.socket.connect_ex = lambda self, address: _refuse(self, address) or 0
_resolve = socket.getaddrinfo

def _no_name(host, *rest, **named):
    if host not in (None, "localhost", "127.0.0.1", "::1", socket.gethostname()):
        with open(os.environ["CONNECTIONS"], "a") as log:
            print("name", host, file=log)
        raise socket.gaierror("no network in this test")
    return _resolve(host, *rest, **named)

socket.getaddrinfo = _no_name
"""


@pytest.fixture
def under_exec(repository, clean, need):
    """
    Run a script's source under ``gitrack exec``, where no connection can be made.

    ``under_exec(source, *words, needs=("torch",), WANDB_MODE="offline")``; what gitrack said is in
    the result's ``said``.
    """
    guard = clean / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(NO_NETWORK)
    connections = clean / "connections.txt"

    def run(
        source, *words, needs=(), check=True, python=sys.executable, cwd=repository, **variables
    ):
        path = clean / f"job{len(list(clean.glob('job*.py')))}.py"
        path.write_text(source, "utf-8")
        environment = {
            **os.environ,
            "PYTHONPATH": str(guard),
            "CONNECTIONS": str(connections),
            "OMP_NUM_THREADS": "1",
            "KERAS_BACKEND": "torch",
            "HF_HUB_OFFLINE": "1",
            "GITRACK_SYSTEM_PERIOD": "0",
            **variables,
        }
        need(*needs)
        done = subprocess.run(
            [sys.executable, "-m", "gitrack", "exec", "--", python, path, *words],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        assert not connections.exists(), connections.read_text()
        done.said = [line for line in done.stderr.splitlines() if line.startswith("gitrack: ")]
        return done

    return run


@pytest.fixture
def only_run(repository):
    """Load the one run that was recorded."""

    def load():
        import gitrack

        (run_id,) = gitrack.runs()["id"]
        return gitrack.load(run_id)

    return load
