"""How a script ends, and what the record says of it."""

import signal
import subprocess
import sys

import pytest

import gitrack

BEGIN = "import gitrack, sys, os, signal\nrun = gitrack.init(id='r')\ngitrack.log({'a': 1})\n"
RECOVER = [sys.executable, "-m", "gitrack", "recover"]


def ended():
    run = gitrack.load("r").run
    assert run.rows == 1
    return str(run.state), run.exit_code, run.error


@pytest.mark.parametrize(
    ("source", "status", "end"),
    [
        ("", 0, ("finished", 0, None)),
        ("gitrack.finish()", 0, ("finished", 0, None)),
        ("gitrack.finish(exit_code=1)", 0, ("failed", 1, None)),
        ("sys.exit()", 0, ("finished", 0, None)),
        ("sys.exit(0)", 0, ("finished", 0, None)),
        ("sys.exit(3)", 3, ("failed", 3, None)),
        ("sys.exit(True)", 1, ("failed", 1, None)),
        ("sys.exit('no data')", 1, ("failed", 1, "no data")),
        ("sys.exit(['x'])", 1, ("failed", 1, "['x']")),
        ("with run: sys.exit(4)", 4, ("failed", 4, None)),
        ("with run: raise SystemExit(5)", 5, ("failed", 5, None)),
        ("1 / 0", 1, ("failed", 1, "ZeroDivisionError: division by zero")),
        ("raise ValueError('one\\ntwo')", 1, ("failed", 1, "ValueError: two")),
        ("raise ValueError", 1, ("failed", 1, "ValueError")),
        ("with run: {}['k']", 1, ("failed", 1, "KeyError: 'k'")),
        ("raise KeyboardInterrupt", -2, ("stopped", 130, "KeyboardInterrupt")),
        ("os.kill(os.getpid(), signal.SIGINT)", -2, ("stopped", 130, "KeyboardInterrupt")),
        ("sys.excepthook = lambda *_: None\n1 / 0", 1,
         ("failed", 1, "ZeroDivisionError: division by zero")),
        ("try: sys.exit(2)\nexcept SystemExit: pass\ngitrack.finish()", 0, ("finished", 0, None)),
        ("import threading\nt = threading.Thread(target=sys.exit, args=(2,))\nt.start(); t.join()",
         0, ("finished", 0, None)),
        ("class Bad(Exception):\n def __str__(self): raise RuntimeError\nraise Bad", 1,
         ("failed", 1, "Bad: <Bad>")),
    ],
)  # fmt: skip
def test_an_end_is_recorded_as_it_was(repository, python, source, status, end):
    bare = (
        python("import sys, os, signal\n" + source.replace("with run: ", ""), check=False)
        if ("gitrack" not in source)
        else None
    )
    done = python(BEGIN + source, check=False)
    assert done.returncode == status
    assert ended() == end
    if bare is not None:
        assert done.stdout == bare.stdout
        assert done.returncode == bare.returncode
        ours = [line for line in done.stderr.splitlines() if line.startswith("gitrack: ")]
        theirs = [line for line in done.stderr.splitlines() if not line.startswith("gitrack: ")]
        assert len(ours) == 1
        if theirs or bare.stderr:
            assert theirs[-1] == bare.stderr.splitlines()[-1]


@pytest.mark.parametrize("death", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
@pytest.mark.parametrize("cure", ["recover", "init"])
def test_a_process_that_ends_without_a_word_is_recovered(repository, python, git, death, cure):
    assert python(BEGIN + death, check=False).returncode in (0, -signal.SIGKILL)
    assert len(gitrack.runs()) == 0
    if cure == "recover":
        done = subprocess.run(RECOVER, capture_output=True, text=True, check=True)
        assert done.stdout.startswith("r  ")
        assert "crashed, 1 rows on experiments/main" in done.stdout
    else:
        python("import gitrack\nwith gitrack.init(): pass")
    assert ended() == ("crashed", None, None)
    run = gitrack.load("r").run
    assert run.duration is not None
    assert run.created <= run.ended
    git(repository, "fsck", "--strict")
    assert not list((repository / ".git" / "gitrack" / "runs").iterdir())
    again = subprocess.run(RECOVER, capture_output=True, text=True, check=True)
    assert again.stdout == "nothing to recover\n"


def test_a_living_run_is_not_recovered(begin, python):
    run = begin(id="alive")
    run.log({"a": 1})
    assert subprocess.run(RECOVER, capture_output=True, text=True, check=True).stdout == (
        "nothing to recover\n"
    )
    from gitrack.record.recovery import recover
    from gitrack.store.repository import Repository

    assert recover(Repository.around()) == []  # nor by its own process
    run.log({"a": 2})
    run.finish()
    assert gitrack.load("alive").run.rows == 2


def test_a_run_committed_by_a_process_that_died_before_tidying_is_recorded_once(repository, python):
    source = """
import os, gitrack
from gitrack.record import folder
folder.RunFolder.remove = lambda self: os._exit(9)
gitrack.init(id="mine", branch="lab")
gitrack.log({"a": 1})
gitrack.finish()
"""
    assert python(source, check=False).returncode == 9
    subprocess.run(RECOVER, capture_output=True, check=True)
    assert list(gitrack.runs()["id"]) == ["mine"]
    assert gitrack.load("mine").run.state == "finished"


def test_a_journal_cut_short_keeps_its_whole_rows(repository, python):
    python(BEGIN + "gitrack.log({'a': 2}); os._exit(1)", check=False)
    journal = repository / ".git" / "gitrack" / "runs" / "r" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-5] + b"\nnull\n[1]\n\xff\n")
    subprocess.run(RECOVER, capture_output=True, check=True)
    assert gitrack.load("r").history()["a"].tolist() == [1]


def test_a_journal_without_a_beginning_waits_and_the_others_are_recovered(repository, python):
    python(BEGIN + "os._exit(1)", check=False)
    bad = repository / ".git" / "gitrack" / "runs" / "bad"
    bad.mkdir()
    (bad / "journal.jsonl").write_text("[1, 2, 0, 0, {}]\n")
    done = subprocess.run(RECOVER, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("r  ")
    assert "run bad waits" in done.stderr
    assert "the journal has no beginning" in done.stderr
    assert (bad / "journal.jsonl").exists()


def test_a_prompt_survives_its_errors(repository):
    typed = "import gitrack; run = gitrack.init(id='r'); run.log({'a': 1})\n1/0\nrun.config.x = 2\n"
    done = subprocess.run(
        [sys.executable, "-i", "-q"], input=typed, capture_output=True, text=True, check=True
    )
    assert "ZeroDivisionError" in done.stderr
    assert ended() == ("finished", 0, None)
    assert gitrack.load("r").config == {"x": 2}
