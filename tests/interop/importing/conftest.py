"""Files that the tools themselves wrote, each made once, and the import as a user calls it."""

import os
import shutil
import subprocess
import sys

import pytest

import gitrack


@pytest.fixture(scope="session")
def written(tmp_path_factory, need):
    """
    Run a script once, in a folder of its own: ``written(source, *packages, **variables)``.

    Gives the folder, which nobody changes; `copied` is for those who do.
    """
    made = {}

    def run(source, *packages, **variables):
        need(*packages)
        if source not in made:
            folder = tmp_path_factory.mktemp("written")
            plain = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GIT", "WANDB", "MLFLOW", "CI"))
            }
            path = folder / "job.py"
            path.write_text(source, "utf-8")
            done = subprocess.run(
                [sys.executable, path],
                cwd=folder,
                env={**plain, "HOME": str(folder), "OMP_NUM_THREADS": "1", **variables},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            made[source] = folder
        return made[source]

    return run


@pytest.fixture
def copied(tmp_path):
    """Copy a folder, links as they are."""

    def copy(folder, name="copy"):
        return shutil.copytree(folder, tmp_path / name, symlinks=True)

    return copy


@pytest.fixture
def bring(repository, capsys):
    """Import: ``bring("csv", path, …)`` gives the exit status, and what was said."""
    from gitrack.cli.main import main

    def run(*words):
        capsys.readouterr()
        status = main(["import", *map(str, words)])
        said = capsys.readouterr()
        run.out, run.err = said.out, said.err
        return status

    return run


@pytest.fixture
def only(repository):
    """Load the one run that is here."""

    def load():
        (run_id,) = gitrack.runs()["id"]
        return gitrack.load(run_id)

    return load


@pytest.fixture
def tip(repository, git):
    """Give the commit that the experiments stand at."""
    return lambda branch="main": git(repository, "rev-parse", f"experiments/{branch}")
