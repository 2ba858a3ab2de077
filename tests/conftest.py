"""Clean surroundings, real repositories, and scripts run as a user would run them."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "gitrack",
    deadline=None,
    database=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
    ],
)
hypothesis.settings.load_profile("gitrack")

# A shell starts what runs in the background deaf to Ctrl-C, and so would the tests' scripts be.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_OUTSIDE = ("GIT", "XDG_", "CI", "HF_", "WANDB_", "SSH_", "EMAIL")


@pytest.fixture(scope="session")
def need():
    """Skip where a framework is missing, unless GITRACK_REQUIRE says that they are all here."""

    def check(*names):
        for name in names:
            if importlib.util.find_spec(name) is None:
                if "frameworks" in os.environ.get("GITRACK_REQUIRE", "").split():
                    pytest.fail(f"{name} is not installed, and GITRACK_REQUIRE names frameworks")
                pytest.skip(f"{name} is not installed")

    return check


@pytest.fixture
def clean(tmp_path, monkeypatch):
    """Leave the caller's settings outside, and give the test a home of its own."""
    for name in list(os.environ):
        if name.startswith(_OUTSIDE) and name != "GITRACK_REQUIRE":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GITRACK_HOME", str(tmp_path / "own"))
    return tmp_path


@pytest.fixture
def git(clean):
    """Run git in a folder: ``git(folder, "status")`` gives what it printed, stripped."""

    def run(folder, *arguments, check=True, **options):
        done = subprocess.run(
            ["git", "-C", folder, *arguments],
            check=check,
            capture_output=True,
            text=True,
            **options,
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def repository(clean, git, monkeypatch) -> Path:
    """Make a repository with one commit on ``main``, and stand in it."""
    folder = clean / "lab"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text("print('training')\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def python(clean):
    """Run a Python script in a process of its own: ``python(source, *words, cwd=folder)``."""
    place = clean / "scripts"
    place.mkdir()

    def run(source, *words, check=True, **options):
        path = place / f"script{len(list(place.iterdir()))}.py"
        path.write_text(source, "utf-8")
        return subprocess.run(
            [sys.executable, path, *words], check=check, capture_output=True, text=True, **options
        )

    return run


@pytest.fixture
def begin(repository, monkeypatch):
    """Begin runs in this process, the recorder as fresh as in a new one."""
    import gitrack
    from gitrack.record import notice
    from gitrack.record.session import session

    monkeypatch.setattr(notice, "_said", set())
    monkeypatch.setattr(session, "run", None)
    yield gitrack.init
    if session.run is not None:
        session.run.finish(quiet=True)


@pytest.fixture
def put_run(repository):
    """Put a made-up run on a branch, quicker than recording one; gives its folder."""
    from gitrack.model.run import Run, State
    from gitrack.store.branch import Branch
    from gitrack.store.layout import run_folder
    from gitrack.store.repository import Repository
    from gitrack.store.schema import config_to_yaml, run_to_json

    def put(number, branch="main", *, files=None, config=None, **fields):
        made = {"project": "digits", "name": f"fox {number}", "state": State.FINISHED}
        run = Run(**({"id": f"run-{number}", "created": 1.79e9 + number} | made | fields))
        contents = {"run.json": run_to_json(run, {}), "params.yaml": config_to_yaml(config or {})}
        contents |= {"media/a b.png": f"only {number}".encode()} | (files or {})
        folder = run_folder(run)
        paths = {f"{folder}/{name}": content for name, content in contents.items()}
        message = f"Run {run.name}\n\nRun-Id: {run.id}\n"
        Branch(Repository.around(), f"experiments/{branch}").add(paths, message)
        return folder

    return put


def logged_rows(history):
    """Turn a history table into rows of (step, values), values that a row lacks left out."""
    import pandas as pd

    rows = [(int(step), {}) for step in history["_step"]]
    for name in history.columns[3:]:
        for (_, values), value in zip(rows, history[name], strict=True):
            if value is not None and value is not pd.NA:
                values[name] = value
    return rows


@pytest.fixture
def rows_of():
    """Give the function that reads a loaded run's rows."""
    return lambda loaded: logged_rows(loaded.history())
