"""The built wheel, installed into a fresh environment, without the checkout in reach."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def call(*words: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GIT"))}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel of this checkout, and its dependencies from here."""
    folder = tmp_path_factory.mktemp("wheel")
    call(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
        ROOT,
        cwd=ROOT,
    )
    (wheel,) = folder.glob("gitrack-*.whl")
    venv.create(folder / "env", with_pip=True)
    binary = folder / "env" / "bin" / "python"
    call(binary, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    # A path in a .pth file brings packages, but not the .pth file of an editable checkout.
    site_packages = call(
        binary, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).strip()
    (Path(site_packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return binary


def test_the_wheel_is_what_runs(python: Path, tmp_path: Path) -> None:
    place = call(python, "-c", "import gitrack; print(gitrack.__file__)", cwd=tmp_path)
    assert Path(place.strip()).is_relative_to(python.parents[1])


@pytest.mark.parametrize("name", ["templates", "site", "examples"])
def test_the_wheel_carries_its_folders(python: Path, tmp_path: Path, name: str) -> None:
    question = f"from gitrack.resources import data_dir; print(data_dir({name!r}))"
    folder = Path(call(python, "-c", question, cwd=tmp_path).strip())
    assert folder.is_relative_to(python.parents[1])
    tracked = call("git", "ls-files", name, cwd=ROOT).splitlines()
    expected = {line.removeprefix(f"{name}/") for line in tracked}
    if name == "examples":
        expected = {"digits.py"}
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert expected <= found


def test_the_demo_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    printed = call(python, "-m", "gitrack", "demo", folder, "--epochs", "2", cwd=tmp_path)
    assert (folder / "_site" / "index.html").as_uri() in printed
    pages = list((folder / "_site" / "projects" / "digits" / "runs").glob("*.html"))
    assert len(pages) == 13
    log = call("git", "log", "--format=%s", "experiments/main", cwd=folder).splitlines()
    assert len(log) == 13


def test_the_stand_in_for_wandb_travels_and_is_in_front_under_exec_alone(
    python: Path, tmp_path: Path
) -> None:
    asked = (
        "import importlib.metadata as m, wandb; "
        "print(wandb.__file__, m.version('wandb'), m.distribution('wandb').locate_file('x'))"
    )
    told = call(python, "-m", "gitrack", "exec", "--", python, "-c", asked, cwd=tmp_path).split()
    assert told[1] == "0.31.0"
    for place in (Path(told[0]), Path(told[2])):
        assert place.is_relative_to(python.parents[1])
    front = "gitrack/interop/standin/front"
    tracked = call("git", "ls-files", front, cwd=ROOT).split()
    assert len(tracked) == 5
    folder = Path(told[2]).parent
    assert all((folder / line.removeprefix(f"{front}/")).is_file() for line in tracked)
    command = folder.parent / "bin" / "wandb"
    assert os.access(command, os.X_OK)
    # Without a list of its files pip cannot take it away to make room for the real one.
    uninstall = [python, "-m", "pip", "uninstall", "-y", "wandb"]
    done = subprocess.run(
        [python, "-m", "gitrack", "exec", "--", *uninstall],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RECORD" in done.stderr, done.stdout
    assert all((folder / line.removeprefix(f"{front}/")).is_file() for line in tracked)
    site_packages = next((python.parents[1] / "lib").glob("python*/site-packages"))
    listed = call(python, "-m", "pip", "list", "--path", site_packages, cwd=tmp_path)
    assert "gitrack" in listed
    assert "wandb" not in listed
