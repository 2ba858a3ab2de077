"""Many writers at once: threads, forked children, processes."""

import subprocess
import sys
import threading

import pytest

import gitrack

TEN = """
import sys, gitrack
for number in range(int(sys.argv[2])):
    with gitrack.init(id=f"w{sys.argv[1]}-{number}", config={"writer": int(sys.argv[1])}) as run:
        for step in range(20):
            run.log({"value": step * number})
"""


def test_eight_processes_record_into_one_repository_at_once(repository, git):
    writers = [
        subprocess.Popen([sys.executable, "-c", TEN, str(n), "3"], stderr=subprocess.PIPE)
        for n in range(8)
    ]
    assert [(w.communicate(), w.returncode)[1] for w in writers] == [0] * 8
    frame = gitrack.runs()
    assert sorted(frame["id"]) == sorted(f"w{n}-{k}" for n in range(8) for k in range(3))
    assert set(frame["state"]) == {"finished"}
    assert set(frame["rows"]) == {20}
    assert gitrack.load("w7-2").history()["value"].tolist() == [2 * n for n in range(20)]
    git(repository, "fsck", "--strict")
    assert git(repository, "rev-list", "--count", "experiments/main") == "24"


def test_one_id_asked_for_by_many_processes_at_once_becomes_many_runs(repository):
    source = "import gitrack\nwith gitrack.init(id='same') as run: run.log({'a': 1})"
    writers = [
        subprocess.Popen([sys.executable, "-c", source], stderr=subprocess.PIPE) for _ in range(6)
    ]
    for writer in writers:
        writer.communicate()
    assert len(gitrack.runs()) == 6


def test_sixteen_threads_that_log_one_run_lose_nothing(begin):
    run = begin()

    def work(number):
        for step in range(200):
            run.log({f"t{number}": step})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    history = gitrack.load(run.id).history()
    assert history["_step"].tolist() == list(range(3200))
    for number in range(16):
        assert history[f"t{number}"].dropna().tolist() == list(range(200))


def test_threads_may_finish_a_run_all_at_once(begin, capsys):
    run = begin()
    run.log({"a": 1})
    threads = [threading.Thread(target=run.finish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gitrack.runs()) == 1
    assert capsys.readouterr().err.count("finished: 1 rows") == 1


FORK = """
import os, sys, threading, time, gitrack
run = gitrack.init(id="parent", config={"lr": 1})
run.log({"n": 0})
if "busy" in sys.argv:  # a thread that holds the run's lock nearly always
    threading.Thread(target=lambda: [run.log({"t": n}) for n in range(20_000)], daemon=True).start()
child = os.fork()
if child == 0:
    assert gitrack.config.lr == 1 and run.summary.n == 0
    run.log({"n": "child"})
    run.config.lr = 2
    if "own" in sys.argv:
        with gitrack.init(id="child") as own:
            own.log({"n": 7})
    if "raise" in sys.argv:
        raise ValueError("in the child")
    sys.exit(3)
status = os.waitpid(child, 0)[1]
gitrack.log({"n": 1})
alive = os.system(f'"{sys.executable}" -m gitrack recover')
gitrack.log({"n": 2})
print(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("how", ["", "own", "raise", "busy"])
def test_a_forked_child_neither_ends_nor_changes_its_parents_run(repository, python, how):
    done = python(FORK, how, timeout=60)
    assert "nothing to recover" in done.stdout
    assert done.stdout.split()[-1] == ("1" if how == "raise" else "3")
    loaded = gitrack.load("parent")
    assert (loaded.run.state, loaded.run.exit_code, loaded.config) == ("finished", 0, {"lr": 1})
    assert loaded.history()["n"].dropna().tolist() == [0, 1, 2]
    assert "log() in a forked process is not recorded" in done.stderr
    assert len(gitrack.runs()) == (2 if how == "own" else 1)
    if how == "own":
        assert gitrack.load("child").history()["n"].tolist() == [7]


def test_workers_of_multiprocessing_leave_the_run_alone(repository, python):
    source = """
import multiprocessing, gitrack

def square(n):
    gitrack.log({"never": n})
    return n * n

if __name__ == "__main__":
    run = gitrack.init(id="r")
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            run.log({"sum": sum(pool.map(square, range(4)))})
"""
    python(source, timeout=60)
    history = gitrack.load("r").history()
    assert history.columns[3:].tolist() == ["sum"]
    assert history["sum"].tolist() == [14, 14]
