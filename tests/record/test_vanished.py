"""What a run depends on goes away while it records: the repository, the memory."""

import gitrack

VANISHES = """
import os, shutil, sys, gitrack
run = gitrack.init(id="r", config={"lr": 0.1})
for step in range(3):
    gitrack.log({"loss": step / 7})
{how}
for step in range(3, 6):
    gitrack.log({"loss": step / 7})
print("trained")
sys.exit(4)
"""


def check(loaded):
    assert loaded.history()["loss"].tolist() == [step / 7 for step in range(6)]
    assert loaded.config == {"lr": 0.1}
    assert (loaded.run.state, loaded.run.exit_code) == ("failed", 4)


def test_a_repository_deleted_underfoot_leaves_every_row_in_the_own_store(
    repository, python, clean
):
    how = "shutil.rmtree('.git')"
    done = python(VANISHES.replace("{how}", how), check=False, cwd=repository)
    assert (done.returncode, done.stdout) == (4, "trained\n")
    assert "is gone" in done.stderr
    check(gitrack.load("r", clean / "own" / "store.git"))


def test_a_repository_moved_underfoot_keeps_its_run_too(repository, python, clean):
    how = "os.rename('.git', 'elsewhere.git')"
    done = python(VANISHES.replace("{how}", how), check=False, cwd=repository)
    assert (done.returncode, done.stdout) == (4, "trained\n")
    check(gitrack.load("r", clean / "own" / "store.git"))


def test_a_training_that_runs_out_of_memory_is_recorded_as_failed(repository, python):
    source = (
        "import resource, gitrack\n"
        "run = gitrack.init(id='r')\n"
        "for step in range(5): gitrack.log({'loss': step / 7})\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "heap = [bytearray(64 << 20) for _ in range(10_000)]\n"
    )
    done = python(source, check=False, cwd=repository)
    assert done.returncode == 1
    loaded = gitrack.load("r")
    assert loaded.history()["loss"].tolist() == [step / 7 for step in range(5)]
    assert loaded.run.state == "failed"
    assert loaded.run.error.startswith("MemoryError")
