"""``gitrack exec``: what gets in front of wandb, where, and what passes through."""

import os
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import gitrack

EXEC = [sys.executable, "-m", "gitrack", "exec"]
FIND = """
import importlib.metadata as metadata, importlib.util, sys
import wandb
spec = importlib.util.find_spec("wandb")
assert spec is wandb.__spec__ and spec.origin == wandb.__file__, spec
assert "standin" in spec.origin, spec
assert wandb.__version__ == metadata.version("wandb") == metadata.metadata("wandb")["Version"]
assert metadata.metadata("wandb")["Name"] == "wandb"
assert metadata.packages_distributions()["wandb"][0] == "wandb"
print("gitrack's")
"""


def test_the_stand_in_is_found_by_every_way_of_asking(under_exec):
    assert under_exec(FIND).stdout == "gitrack's\n"


def test_a_requirement_on_wandb_is_met(under_exec):
    pytest.importorskip("lightning_utilities")
    source = (
        "from lightning_utilities.core.imports import RequirementCache\n"
        "assert RequirementCache('wandb>=0.12.10'), RequirementCache('wandb>=0.12.10')\n"
    )
    under_exec(source)


def test_a_folder_of_runs_by_the_name_of_wandb_does_not_shadow_it(under_exec, repository, clean):
    for place in (repository, clean):  # where the script is started, and where it lies
        (place / "wandb" / "run-20240101_000000-abc").mkdir(parents=True)
    assert under_exec(FIND).stdout == "gitrack's\n"
    done = subprocess.run(
        [*EXEC, "--", sys.executable, "-c", FIND],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "gitrack's\n", done.stderr


def test_children_get_it_too(under_exec):
    source = (
        "import os, subprocess, sys\n"
        f"code = {FIND!r}\n"
        "sys.exit(subprocess.run([sys.executable, '-c', code]).returncode)\n"
    )
    assert under_exec(source).stdout == "gitrack's\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell's script")
def test_shells_find_the_command(repository, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    words = [*EXEC, "--", "sh", "-ec", "wandb login key; wandb sync; echo not here"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first == "gitrack: wandb login: nothing to do, runs are recorded in git"
    assert "gitrack push" in second


def test_without_exec_the_real_one_is_left_alone(repository):
    source = "import wandb; print('standin' in wandb.__file__)"
    pytest.importorskip("wandb")
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert done.stdout == "False\n", done.stderr


@pytest.mark.parametrize("status", [0, 3, 77])
def test_the_exit_status_passes_through(under_exec, status):
    assert under_exec(f"raise SystemExit({status})", check=False).returncode == status


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_reaches_the_command_itself(repository):
    source = "import time; print('up', flush=True); time.sleep(60)"
    words = [*EXEC, "--", sys.executable, "-c", source]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM


def test_arguments_reach_the_command_as_they_are(repository):
    echo = [sys.executable, "-c", "import sys; print(sys.argv[1:])"]
    for words in (["--", *echo], echo):
        whole = [*EXEC, *words, "--help", "--", "-x", "a b"]
        done = subprocess.run(whole, capture_output=True, text=True, check=True)
        assert done.stdout == "['--help', '--', '-x', 'a b']\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say what to run"),
        (["--"], "say what to run"),
        (["--", "no-such-command"], "no-such-command: no such command"),
    ],
)
def test_a_mistake_is_one_line(repository, words, said):
    done = subprocess.run([*EXEC, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("gitrack: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_path_that_pythonpath_has_already_stays_behind_it(repository):
    source = "import os; print(os.environ['PYTHONPATH'])"
    words = [*EXEC, "--", *EXEC, "--", sys.executable, "-c", source]
    environment = {**os.environ, "PYTHONPATH": f"/one{os.pathsep}{os.pathsep}/two"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    front, *others = done.stdout.strip().split(os.pathsep)
    assert front.endswith("front")
    assert others == ["/one", "", "/two"]


def test_a_python_without_gitrack_says_so_in_one_line(under_exec, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / "bin" / "python"
    source = "try:\n    import wandb\nexcept Exception:\n    print('trained unrecorded')\n"
    done = under_exec(source, python=python, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("gitrack exec: ")
    assert "No module named 'gitrack'" in done.stderr
    assert "install it there" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_python_that_reads_no_pythonpath_gets_what_is_installed(repository):
    """The limit that the guide names: ``python -I`` and ``-E`` leave PYTHONPATH out."""
    source = "import importlib.util as u; s = u.find_spec('wandb'); print(s and s.origin)"
    words = [*EXEC, "--", sys.executable, "-I", "-c", source]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "standin" not in done.stdout


def test_a_plain_script_is_recorded(under_exec, only_run):
    under_exec(
        "import wandb\n"
        "run = wandb.init(project='digits', config={'lr': 0.1}, tags=['first'])\n"
        "wandb.config.batch = 32\n"
        "for step in range(5):\n"
        "    wandb.log({'loss': 1 / (step + 1)})\n"
        "wandb.summary['best'] = 0.2\n"
        "print(run.url)\n"
        "wandb.finish()\n"
        "assert wandb.run is None\n"
    )
    run = only_run()
    assert (run.run.project, run.run.state, run.run.tags) == ("digits", "finished", ("first",))
    assert run.config == {"lr": 0.1, "batch": 32}
    assert run.summary == {"loss": 0.2, "best": 0.2}
    assert list(run.history()["loss"]) == [1.0, 0.5, 1 / 3, 0.25, 0.2]
    packages = run.read("requirements.txt").decode()
    assert "# wandb: the stand-in of gitrack for 0.31.0\n" in packages
    assert "wandb==" not in packages


def test_the_address_of_a_run_is_its_page(under_exec, repository):
    done = under_exec("import wandb\nprint(wandb.init().url)\n")
    subprocess.run([sys.executable, "-m", "gitrack", "build"], check=True, capture_output=True)
    path = done.stdout.strip().removeprefix("file://")
    assert Path(path).is_file()
    assert gitrack.runs()["id"][0] in path
