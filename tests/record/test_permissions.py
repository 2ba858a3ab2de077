"""Folders that cannot be written: the training goes on, and reading still works."""

import os
import shutil
import subprocess
import sys

import pytest

import gitrack

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps other permissions")

LOG = """
import gitrack
with gitrack.init(config={"k": 1}) as run:
    run.log({"a": 1})
    run.config.late = 2
print("trained")
"""


@pytest.fixture
def ordinary():
    """Run Python as a user whom permissions bind, which root is not."""
    before = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root needs setpriv to give up its rights")
        before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]

    def run(*words):
        done = subprocess.run(
            [*before, sys.executable, *words], capture_output=True, text=True, check=False
        )
        said = done.stderr.splitlines()
        assert all(line.startswith("gitrack: ") for line in said), done.stderr
        return done.returncode, done.stdout, said

    return run


@pytest.fixture
def locked():
    """Take the right to write from folders; what it returns gives it back."""
    modes = {}

    def unlock():
        for place, mode in modes.items():
            place.chmod(mode)

    def lock(folder):
        for place in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            modes[place] = place.stat().st_mode
        for place in modes:
            place.chmod(0o500)
        return unlock

    yield lock
    unlock()


def test_a_read_only_repository_leaves_the_run_to_the_own_store(
    repository, ordinary, locked, clean, git
):
    locked(repository / ".git")
    status, out, said = ordinary("-c", LOG)
    assert (status, out, len(said)) == (0, "trained\n", 2)
    assert "lab/.git cannot be written (PermissionError" in said[0]
    assert "recording in your own store" in said[0]
    (run_id,) = gitrack.runs(repository=clean / "own" / "store.git")["id"]
    loaded = gitrack.load(run_id, clean / "own" / "store.git")
    assert loaded.config == {"k": 1, "late": 2}
    assert loaded.run.project == "lab"
    assert loaded.run.code.commit == git(repository, "rev-parse", "HEAD")


def test_where_nothing_can_be_written_the_training_goes_on(repository, ordinary, locked, clean):
    locked(repository / ".git")
    (clean / "own").mkdir()
    locked(clean / "own")
    status, out, said = ordinary("-c", LOG)
    assert (status, out, len(said)) == (0, "trained\n", 1)
    assert "nothing is recorded" in said[0]


def test_objects_that_cannot_be_written_keep_the_run_for_later(repository, ordinary, locked):
    (repository / ".git" / "gitrack").mkdir()
    locked(repository / ".git" / "objects")
    unlock = locked(repository / ".git" / "refs")
    status, out, said = ordinary("-c", LOG)
    assert (status, out, len(said)) == (0, "trained\n", 1)
    assert "is kept, `gitrack recover` commits it" in said[0]
    status, out, said = ordinary("-m", "gitrack", "recover")
    assert (status, out) == (0, "nothing to recover\n")
    assert "waits" in said[0]
    unlock()
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    assert gitrack.runs()["rows"].tolist() == [1]


def test_a_read_only_repository_is_read(repository, ordinary, locked, python):
    python(LOG)
    python(LOG + "import os\ngitrack.init(id='died'); os._exit(1)", check=False)
    locked(repository)
    status, out, said = ordinary("-m", "gitrack", "ls")
    assert status == 0
    assert len([line for line in out.splitlines() if " finished " in line]) == 2
    assert len(said) <= 1
    assert (repository / ".git" / "gitrack" / "runs" / "died").exists()


def test_disabled_writes_nothing_anywhere(repository, python, clean):
    def everything():
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(clean.rglob("*"))
            if not path.is_relative_to(clean / "scripts")
        }

    before = everything()
    source = LOG.replace("init(", "init(mode='disabled', ").replace("print", "1 / 0\nprint")
    done = python(source, check=False, env=os.environ | {"TMPDIR": str(clean)})
    assert done.returncode == 1
    assert "gitrack" not in done.stderr.replace(str(clean), "")
    assert everything() == before
