"""A branch of a few runs, a remote that has them, and ways to damage either."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from gitrack.store.branch import Branch
from gitrack.store.fsck.check import Depth, check
from gitrack.store.fsck.repair import Repair
from gitrack.store.repository import Repository


class Lab:
    """A repository to break: three runs on ``experiments/main``, and a remote."""

    def __init__(self, folder, git) -> None:
        self.folder = folder
        self._git = git

    @property
    def repository(self):
        return Repository.around(self.folder)

    @property
    def branch(self):
        return Branch(self.repository, "experiments/main")

    def git(self, *words, **options):
        return self._git(self.folder, *words, **options)

    def check(self, **depth):
        return check(self.repository, Depth(**depth))

    def findings(self, *kinds, **depth):
        found = self.check(**depth).findings
        return [one for one in found if not kinds or one.kind in kinds]

    def repair(self):
        return list(Repair(self.repository, self.check()).run())

    def path(self, run, name):
        paths = self.git("ls-tree", "-r", "--name-only", "-z", "experiments/main").split("\0")
        return next(path for path in paths if path.endswith(f"/{run}/{name}"))

    def show(self, path, ref="experiments/main"):
        words = ["git", "-C", self.folder, "show", f"{ref}:{path}"]
        return subprocess.run(words, capture_output=True, check=True).stdout

    def write(self, run, files):
        """Put files into a run's folder, None for what goes."""
        folder = self.path(run, "run.json").rpartition("/")[0]
        plan = {f"{folder}/{name}": content for name, content in files.items()}
        return self.branch.change(lambda _parent: plan, "Change")

    def edit(self, run, **fields):
        record = json.loads(self.show(self.path(run, "run.json")))
        self.write(run, {"run.json": json.dumps(record | fields).encode()})

    def loose(self, oid):
        return self.folder / ".git" / "objects" / oid[:2] / oid[2:]

    def unpack(self):
        """Turn packs into loose objects, so that a single one can be damaged."""
        for pack in (self.folder / ".git" / "objects" / "pack").glob("*.pack"):
            content = pack.read_bytes()
            for path in pack.parent.glob(f"{pack.stem}.*"):
                path.unlink()
                words = ["git", "-C", self.folder, "unpack-objects", "-q"]
            subprocess.run(words, input=content, check=True)


SCRIPT = """
import gitrack

for number in range(3):
    with gitrack.init(project="p", id=f"r{number}", config={"lr": 0.1}) as run:
        for step in range(4):
            run.log({"loss": 1 / (step + 1), "mixed": step if step % 2 else "x"})
        if number == 0:
            run.log({"note": gitrack.Html("<b>hi</b>"), "loss": float("nan")})
            run.log({"shape": gitrack.Histogram([1.0, 2.0])})
"""


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """Record three runs, one of them with media, and send them to a remote."""
    top = tmp_path_factory.mktemp("recorded")
    (top / "home").mkdir()
    own = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "XDG", "CI"))}
    own |= {"HOME": str(top / "home"), "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*words):
        subprocess.run(words, cwd=top / "lab", env=own, check=True, capture_output=True)

    (top / "lab").mkdir()
    (top / "lab" / "train.py").write_text(SCRIPT)
    run("git", "init", "-q", "-b", "main")
    run("git", "add", ".")
    run("git", "-c", "user.name=Ada", "-c", "user.email=a@b", "commit", "-q", "-m", "Begin")
    run(sys.executable, "train.py")
    run("git", "init", "-q", "--bare", "-b", "main", top / "remote.git")
    run("git", "remote", "add", "origin", "../remote.git")
    refs = ("refs/heads/*:refs/heads/*", "refs/gitrack/code/*:refs/gitrack/code/*")
    run("git", "push", "-q", "origin", *refs)
    run("git", "fetch", "-q", "origin")
    return top


@pytest.fixture
def lab(recorded, clean, git, monkeypatch) -> Lab:
    """Give a copy of the recorded repository and its remote, to be broken."""
    for name in ("lab", "remote.git"):
        shutil.copytree(recorded / name, clean / name)
    monkeypatch.chdir(clean / "lab")
    return Lab(clean / "lab", git)
