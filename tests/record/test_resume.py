"""A run goes on: resumed, forked, rewound; several at once; alerts; ranks; notebooks."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

import gitrack


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def train(begin, steps, offset=0, **arguments):
    with begin(**arguments) as run:
        run.define_metric("loss", summary="min,mean,max")
        for step in range(offset, offset + steps):
            run.log({"loss": float(step), "acc": step / 10})
        run.log({"h": gitrack.Histogram([1, 2, 3]), "i": gitrack.Image([[offset]])})
    return gitrack.load(run.id)


@pytest.mark.parametrize("resume", ["allow", "must", True, "auto"])
def test_a_resumed_run_is_one_run(begin, rows_of, resume, capsys):
    first = train(begin, 3, id="r", config={"lr": 0.1, "seed": 1}, tags=["a"], name="one")
    with begin(id="r", resume=resume, config={"lr": 0.2}, tags=["b"]) as run:
        assert (run.id, run.name, run.resumed) == ("r", "one", True)
        assert (run.step, run.starting_step) == (4, 4)
        assert run.config.as_dict() == {"lr": 0.2, "seed": 1}
        assert run.summary["loss"] == {"min": 0.0, "mean": 1.0, "max": 2.0}
        run.define_metric("loss", summary="min,mean,max")
        run.log({"loss": 9.0})
        run.log({"h": gitrack.Histogram([1, 2])})
        print("again")
    loaded = gitrack.load("r")
    assert len(gitrack.runs()) == 1
    assert [step for step, _ in rows_of(loaded)] == [0, 1, 2, 3, 4, 5]
    assert loaded.summary["loss"] == {"min": 0.0, "mean": 3.0, "max": 9.0}
    assert loaded.config == {"lr": 0.2, "seed": 1}
    assert loaded.run.tags == ("a", "b")
    assert (loaded.run.sessions, loaded.run.created) == (2, first.run.created)
    assert loaded.histograms()["_step"].tolist() == [3, 5]
    assert len(loaded.media()) == 1
    assert loaded.run.duration >= first.run.duration
    runtimes = loaded.history()["_runtime"]
    assert runtimes.is_monotonic_increasing
    assert "again" in loaded.read("console.log").decode()


def test_a_crashed_run_is_resumed_as_it_was(repository, python, rows_of):
    first = (
        "import gitrack, os\nrun = gitrack.init(id='r', config={'lr': 0.1})\n"
        "for n in range(3): run.log({'n': n})\nos._exit(9)\n"
    )
    second = first.replace("id='r'", "id='r', resume='must'")
    for source in (first, second, second):
        python(source, check=False)
    python("import gitrack\nwith gitrack.init(id='r', resume='must') as run: run.log({'n': 9})")
    loaded = gitrack.load("r")
    assert [values["n"] for _, values in rows_of(loaded)] == [0, 1, 2] * 3 + [9]
    assert [step for step, _ in rows_of(loaded)] == list(range(10))
    assert (loaded.run.sessions, loaded.run.state) == (4, "finished")
    assert loaded.config == {"lr": 0.1}


def test_auto_goes_on_with_what_the_same_command_began(repository, clean):
    script = clean / "job.py"
    script.write_text(
        "import gitrack, os, sys\nrun = gitrack.init(resume='auto')\n"
        "run.log({'n': run.step})\nprint(run.id)\n"
        "os._exit(9) if run.step < 3 else None\n"
    )
    done = [
        subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
        for _ in range(4)
    ]
    ids = [one.stdout.strip() for one in done]
    assert ids[0] == ids[1] == ids[2]
    assert [one.returncode for one in done] == [9, 9, 0, 9]
    assert ids[3] != ids[0]  # it had ended well


def test_a_resume_without_a_run_begins_one(begin, capsys):
    with begin(id="new", resume="must") as run:
        assert (run.id, run.resumed) == ("new", False)
    assert "there is no run new" in capsys.readouterr().err
    with begin(id="new", resume="never") as run:
        assert run.id != "new"
    assert "resume='never'" in capsys.readouterr().err
    with begin(id="other", resume="often") as run:
        assert not run.resumed


def test_a_living_run_is_not_resumed(begin, python, capsys):
    with begin(id="r") as run:
        run.log({"a": 1})
        done = python("import gitrack\nwith gitrack.init(id='r', resume='allow') as r: print(r.id)")
        assert done.stdout.strip() != "r"
    assert len(gitrack.runs()) == 2


@pytest.mark.parametrize(("how", "kind"), [("fork_from", "fork"), ("resume_from", "rewind")])
def test_a_fork_begins_with_its_parents_rows(begin, rows_of, how, kind):
    train(begin, 5, id="parent", config={"lr": 0.1, "seed": 1})
    with begin(id="parent" if kind == "rewind" else "child", **{how: "parent?_step=2"}) as run:
        assert run.step == 3
        assert run.summary["acc"] == 0.2
        run.config.lr = 0.5
        run.log({"loss": 0.5, "acc": 0.9})
    loaded, parent = gitrack.load(run.id), gitrack.load("parent")
    assert loaded.id != "parent"
    assert [values["loss"] for _, values in rows_of(loaded)] == [0.0, 1.0, 2.0, 0.5]
    assert loaded.config == {"lr": 0.5, "seed": 1}
    assert loaded.summary["loss"] == {"min": 0.0, "mean": 0.875, "max": 2.0}
    assert (loaded.run.forked_from, loaded.run.forked_at) == ("parent", 2)
    assert loaded.run.supersedes == ("parent" if kind == "rewind" else None)
    assert len(rows_of(parent)) == 6
    assert len(loaded.media()) == 0


def test_a_fork_brings_the_media_of_its_rows(begin):
    train(begin, 1, id="parent")
    with begin(fork_from="parent?_step=1") as run:
        pass
    loaded = gitrack.load(run.id)
    assert loaded.read(loaded.media()["path"][0]).startswith(b"\x89PNG")
    assert len(loaded.histograms()) == 1


@pytest.mark.parametrize("fork", ["nobody?_step=1", "parent", "parent?_step=x", 7])
def test_a_fork_of_nothing_begins_an_ordinary_run(begin, fork, capsys):
    with begin(fork_from=fork) as run:
        run.log({"a": 1})
    assert gitrack.load(run.id).run.forked_from is None
    assert "begins anew" in capsys.readouterr().err


def test_several_runs_at_once_keep_apart(begin, rows_of):
    first = begin(id="one")
    second = begin(id="two", reinit="create_new")
    first.log({"a": 1})
    gitrack.log({"b": 2})
    assert begin(reinit="return_previous") is second
    second.finish()
    first.finish()
    assert rows_of(gitrack.load("one")) == [(0, {"a": 1})]
    assert rows_of(gitrack.load("two")) == [(0, {"b": 2})]


def test_all_open_runs_end_with_the_script(repository, python):
    source = (
        "import gitrack\na = gitrack.init(id='a')\nb = gitrack.init(id='b', reinit='create_new')\n"
        "a.log({'x': 1}); b.log({'x': 2})\n1/0\n"
    )
    python(source, check=False)
    assert [gitrack.load(run).run.state for run in "ab"] == ["failed", "failed"]


def test_settings_are_chosen_by_their_keys(begin):
    config = {"a": 1, "b": 2}
    with begin(config=config, config_exclude_keys=["a"]) as run:
        assert run.config.as_dict() == {"b": 2}
    with begin(config=config, config_include_keys=["a"]) as run:
        assert run.config.as_dict() == {"a": 1}


def test_an_alert_is_printed_recorded_and_posted(begin, capsys, monkeypatch, clean):
    posted = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITRACK_ALERT_WEBHOOK", f"http://127.0.0.1:{server.server_port}/x")
    out = clean / "said"
    monkeypatch.setenv("GITRACK_ALERT_COMMAND", f"{sys.executable} -c \"import sys; open('{out}', "
                       "'w').write(' '.join(sys.argv[1:]))\"")  # fmt: skip
    with begin(name="n") as run:
        run.alert("low", "loss of ghp_" + "a1B2" * 9, level="WARN")
        run.alert("low", "again")
        gitrack.alert("low", "once more", wait_duration=0)
        run.alert(object(), None, level=object())
    server.shutdown()
    server.server_close()
    err = capsys.readouterr().err
    assert "WARN: low: loss of [removed]" in err
    assert "again" not in err
    first, second, _ = gitrack.load(run.id).run.alerts
    assert (first.title, first.level, first.text) == ("low", "WARN", "loss of [removed]")
    assert second.text == "once more"
    assert {one["title"] for one in posted} >= {"low"}
    assert "ghp_" not in json.dumps(posted)
    assert out.exists()


def test_an_alert_that_cannot_be_sent_ends_nothing(begin, capsys, monkeypatch):
    monkeypatch.setenv("GITRACK_ALERT_WEBHOOK", "http://127.0.0.1:9/nobody")
    monkeypatch.setenv("GITRACK_ALERT_COMMAND", "/no/such/command")
    with begin() as run:
        run.alert("a", "b")
    assert gitrack.load(run.id).run.alerts[0].title == "a"
    assert "not posted" in capsys.readouterr().err


@pytest.mark.parametrize(("ranks", "runs"), [("zero", 1), ("group", 3), ("shared", 1)])
def test_the_ranks_of_a_training_record_as_the_settings_say(repository, clean, ranks, runs):
    pytest.importorskip("torch")
    script = clean / "ranked.py"
    script.write_text(
        "import gitrack, torch, torch.distributed as dist\n"
        "dist.init_process_group('gloo')\n"
        "with gitrack.init(project='p', config={'rank': dist.get_rank()}) as run:\n"
        "    value = torch.tensor([float(dist.get_rank())]); dist.all_reduce(value)\n"
        "    run.log({'sum': value})\n"
        "    assert run.summary['sum'] == 3.0 and run.config.rank == dist.get_rank()\n"
        "dist.destroy_process_group()\n"
    )
    (repository / "gitrack.toml").write_text(f'ranks = "{ranks}"\n')
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=3",
               f"--master-port={free_port()}", script]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    found = gitrack.runs()
    assert len(found) == runs
    assert set(found["summary.sum"]) == {3.0}
    if ranks == "shared":
        loaded = gitrack.load(found["id"][0])
        assert loaded.history()["sum"].tolist() == [3.0] * 3
        assert loaded.run.state == "finished"
    if ranks == "group":
        assert found["group"].nunique() == 1
        assert sorted(found["config.rank"]) == [0, 1, 2]


def test_a_notebook_shows_a_run_and_its_errors_end_none(repository, python):
    pytest.importorskip("IPython")
    source = (
        "from IPython.testing.globalipapp import start_ipython\n"
        "shell = start_ipython()\n"
        "def cell(text): return shell.run_cell(text)\n"
        'cell(\'import gitrack; run = gitrack.init(id="r", config={"<b>": "<script>"})\')\n'
        "cell('run.log({\"a\": 1}); 1/0')\n"
        "cell('run.log({\"a\": 2})')\n"
        "run = shell.user_ns['run']\n"
        "page = run._repr_html_()\n"
        "assert '<script>' not in page and '&lt;script&gt;' in page, page\n"
        "assert run.recording and str(run.state) == 'running'\n"
        "assert run.display()\n"
        "cell('run = gitrack.init(id=\"s\")')\n"
    )
    python(source)
    states = [gitrack.load(run).run.state for run in "rs"]
    assert states == ["finished", "finished"]
    assert gitrack.load("r").history()["a"].tolist() == [1, 2]


SHARED = """
import gitrack, os, sys, time
rank = int(os.environ["RANK"])
run = gitrack.init(config={"lr": 0.1})
for n in range(20):
    run.log({f"rank{rank}": n, "n": n, "h": gitrack.Histogram([n, n + 1])}, step=n)
    time.sleep(0.005)
if rank == 1: time.sleep(1.5)
run.log({"last": rank})
print(run.id)
if rank == 2: os._exit(9)
if rank == 3: sys.exit(4)
"""


def test_all_ranks_record_one_run_and_the_last_commits_it(repository):
    (repository / "gitrack.toml").write_text('ranks = "shared"\n')
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", SHARED],
            env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "4", "MASTER_PORT": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(4)
    ]
    ids = {process.communicate(timeout=120)[0].strip() for process in ranks}
    assert [process.returncode for process in ranks] == [0, 0, 9, 4]
    assert len(ids) == 1
    (run_id,) = gitrack.runs()["id"]
    loaded = gitrack.load(run_id)
    history = loaded.history()
    for rank in range(4):
        column = history[f"rank{rank}"].dropna()
        assert column.tolist() == list(range(20))
    assert sorted(history["last"].dropna().tolist()) == [0, 1, 2, 3]
    assert history["_timestamp"].is_monotonic_increasing
    assert len(loaded.histograms()) == 80
    assert loaded.summary["last"] == 1
    assert loaded.config == {"lr": 0.1}
    assert any(line.startswith("rank 3 failed") for line in loaded.run.missing)
    assert not os.listdir(repository / ".git" / "gitrack" / "runs")


def test_a_silent_run_prints_nothing_but_warnings(begin, capsys, monkeypatch):
    monkeypatch.setenv("GITRACK_SILENT", "1")
    with begin() as run:
        run.log({"a": 1})
        run.define_metric("")
    err = capsys.readouterr().err
    assert "finished" not in err
    assert "define_metric" in err


def test_the_environment_names_a_run_that_the_script_does_not(
    begin, monkeypatch, clean, repository
):
    for name, value in {
        "NAME": "n", "NOTES": "why", "GROUP": "g", "JOB_TYPE": "eval", "TAGS": "a, b",
        "RUN_ID": "r", "PROJECT": "p", "ENTITY": "us", "DIR": str(repository),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"GITRACK_{name}", value)
    monkeypatch.chdir(clean)
    with begin() as run:
        pass
    record = gitrack.load("r", repository).run
    assert (record.id, record.name, record.notes, record.group) == (run.id, "n", "why", "g")
    assert (record.job_type, record.tags) == ("eval", ("a", "b"))
    assert (record.project, record.entity) == ("p", "us")
