"""A repository with a few runs, recorded by a script as a user would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import gitrack

for number, lr in enumerate((0.1, 0.01, 0.001)):
    with gitrack.init(
        project="digits", name=f"run-{number}", config={"lr": lr}, tags=["even"] * (number % 2 == 0)
    ) as run:
        for step in range(5):
            run.log({"loss": 1 / (step + 1) + lr, "val": {"accuracy": 0.9 + lr}})
try:
    with gitrack.init(project="digits", name="bad <b>\\x1b[31m", config={"lr": 9.0}) as run:
        run.log({"loss": float("nan")})
        raise FloatingPointError("loss is NaN")
except FloatingPointError:
    pass
"""


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with four runs, one of them failed."""
    folder = tmp_path_factory.mktemp("recorded") / "lab"
    folder.mkdir()
    home = folder.parent / "home"
    home.mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "XDG", "CI"))}
    clean |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "-b", "main", folder], env=clean, check=True)
    (folder / "train.py").write_text(SCRIPT)
    subprocess.run([sys.executable, "train.py"], cwd=folder, env=clean, check=True)
    return folder
