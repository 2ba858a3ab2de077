"""Make a repository, train a classifier in it with many settings, and build its site."""

import argparse
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from gitrack.cli.build import build_site
from gitrack.errors import BuildError, UsageError
from gitrack.resources import data_dir
from gitrack.store.repository import Repository

_SCRIPT = "digits.py"
_GRID = [
    ["--lr", "1", "--hidden", "16", "--tag", "too-fast"],
    *(
        ["--lr", lr, "--hidden", hidden, "--group", f"lr-{lr}"]
        for lr in ("0.3", "0.1", "0.03", "0.01")
        for hidden in ("16", "64")
    ),
    *(["--lr", "0.1", "--hidden", "64", "--group", "lr-0.1", "--seed", s] for s in ("1", "2")),
    ["--lr", "0.03", "--hidden", "64", "--alpha", "1", "--tag", "strong-penalty"],
    ["--lr", "0.03", "--hidden", "64", "--batch-size", "256", "--tag", "large-batch"],
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("gitrack-demo"),
        metavar="DIR",
        help="a new folder (default: gitrack-demo)",
    )
    parser.add_argument("--epochs", type=int, default=30, help="epochs of each training")


def run(options: argparse.Namespace) -> None:
    """Train for real, and say where the site is."""
    folder: Path = options.folder
    if importlib.util.find_spec("sklearn") is None:
        raise UsageError("the demo trains with scikit-learn: pip install 'gitrack[demo]'")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already: name a new folder, or remove it")
    _make_repository(folder)
    for number, settings in enumerate(_GRID, 1):
        print(f"training {number} of {len(_GRID)}: {' '.join(settings)}", flush=True)
        _train(folder, [*settings, "--epochs", str(options.epochs)])
    repository = Repository.around(folder)
    if repository is None:
        raise BuildError(f"{folder}: the repository is gone")
    build_site(repository, folder / "_site")
    print(f"The runs: git -C {folder} log experiments/main")
    print(f"Look around: gitrack ls -C {folder}, gitrack serve -C {folder}")


def _make_repository(folder: Path) -> None:
    import git

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(data_dir("examples") / _SCRIPT, folder / _SCRIPT)
    (folder / ".gitignore").write_text("/_site/\n", "utf-8")
    repository = git.Repo.init(folder, initial_branch="main")
    repository.index.add([_SCRIPT, ".gitignore"])
    person = git.Actor("gitrack demo", "demo@localhost")
    repository.index.commit(
        "Train a classifier on handwritten digits", [], author=person, committer=person
    )
    repository.close()


def _train(folder: Path, settings: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", _SCRIPT, *settings],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise BuildError(f"the training failed: {' '.join(last)}")
    print(f"  {done.stdout.strip()}", flush=True)
