"""What is printed is kept as a terminal would have shown it, and printed as ever."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gitrack
from gitrack.record.console import Console, console_text, keep_console

PRELUDE = "import gitrack, os, sys, time\nrun = gitrack.init(id='r')\n"


def console(run="r"):
    return gitrack.load(run).read("console.log").decode()


def fold(tmp_path, *texts, limit=1 << 20):
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    one = Console(folder, limit=limit)
    one.start()
    try:
        for text in texts:
            one.take(text)
    finally:
        one.stop()
    return (console_text(folder, limit) or b"").decode()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1))
def test_plain_lines_are_kept_as_they_are(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("console")
    text = "".join(f"{line}\n" for line in lines)
    assert fold(folder, text) == text
    assert fold(folder, *text) == text


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["10%\r50%\r100%\n"], "100%\n"),
        (["10%", "\r50%", "\r100%", "\n", "done\n"], "100%\ndone\n"),
        (["no end"], "no end\n"),
        (["\x1b[31mred\x1b[0m\n"], "red\n"),
        (["\x1b]0;title\x07x\n"], "x\n"),
        (["a\x00b\x07c\td\n"], "abc\td\n"),
        (["line\r\n"], "line\n"),
        (["outer 1\n", "\rinner 1", "\x1b[A", "\router 2\n", "\rinner 2\n", "end\n"],
         "outer 1\nouter 2\ninner 2\nend\n"),
        (["\n\n"], "\n\n"),
    ],
)  # fmt: skip
def test_what_a_terminal_overwrites_is_folded(tmp_path, texts, kept):
    assert fold(tmp_path, *texts) == kept


def test_a_bar_of_many_updates_costs_a_line(tmp_path):
    assert fold(tmp_path, *(f"\r{n}" for n in range(200_000)), "\n") == "199999\n"


def test_of_endless_output_the_beginning_and_the_end_are_kept(tmp_path):
    lines = [f"line {n:06d}\n" for n in range(20_000)]
    text = fold(tmp_path, *lines, limit=10_000)
    first, note, last = text.partition("…")
    assert text.startswith("line 000000\n")
    assert text.endswith("line 019999\n")
    assert first.count("\n") * 12 <= 10_000
    assert len(text) < 21_000
    left = int(note and last.split()[0].replace(",", ""))
    kept = sum(len(line) for line in lines if line in text)
    assert left == sum(map(len, lines)) - kept


def test_prints_logs_warnings_and_tracebacks_are_kept(repository, python):
    source = PRELUDE + (
        "import logging, warnings\nlogging.basicConfig(level='INFO')\n"
        "print('printed', 1)\nlogging.info('logged')\nwarnings.warn('warned')\n"
        "sys.stdout.writelines(['one\\n', 'two\\n'])\nraise ValueError('why')\n"
    )
    done = python(source, check=False)
    assert done.returncode == 1
    assert done.stdout == "printed 1\none\ntwo\n"
    text = console()
    for words in ("printed 1\n", "INFO:root:logged\n", "warned\n", "one\ntwo\n", "ValueError: why"):
        assert words in text


def test_what_was_printed_before_a_kill_is_kept(repository):
    source = PRELUDE + "for n in range(10**9):\n    print('line', n, flush=True)\n"
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        seen = [child.stdout.readline() for _ in range(500)]
        child.send_signal(signal.SIGKILL)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    assert console().startswith(b"".join(seen[:-1]).decode())


def test_the_output_of_subprocesses_is_kept_when_asked_for(repository, python, monkeypatch):
    monkeypatch.setenv("GITRACK_CONSOLE", "redirect")
    source = PRELUDE + (
        "import subprocess\nprint('before', flush=True)\n"
        "subprocess.run(['echo', 'from echo'])\nos.write(2, b'from C\\n')\nprint('after')\n"
    )
    done = python(source)
    assert done.stdout == "before\nfrom echo\nafter\n"
    assert "from C" in done.stderr
    text = console()
    for words in ("before", "from echo", "from C", "after"):
        assert f"{words}\n" in text


def test_lines_of_two_redirected_streams_stay_whole(repository, python, monkeypatch):
    monkeypatch.setenv("GITRACK_CONSOLE", "redirect")
    source = PRELUDE + (
        "import time\nfor n in range(20):\n    os.write(1, b'out')\n    time.sleep(0.01)\n"
        "    os.write(2, b'err')\n    time.sleep(0.01)\n    os.write(1, b'put\\n')\n"
        "    time.sleep(0.01)\n    os.write(2, b'or\\n')\n"
    )
    python(source)
    assert set(console().split()) == {"output", "error"}


def test_a_terminal_stays_one_when_it_is_redirected(repository):
    import pty

    source = PRELUDE + "print(sys.stdout.isatty(), os.isatty(1))\n"
    main, side = pty.openpty()
    environ = {**os.environ, "GITRACK_CONSOLE": "redirect"}
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=side, stderr=subprocess.DEVNULL, env=environ
    ) as child:
        assert child.wait(60) == 0
    os.close(side)
    assert b"True True" in os.read(main, 1000)
    os.close(main)
    assert "True True\n" in console()


def test_off_keeps_nothing(repository, python, monkeypatch):
    monkeypatch.setenv("GITRACK_CONSOLE", "off")
    assert python(PRELUDE + "print('x')\n").stdout == "x\n"
    assert "console.log" not in gitrack.load("r").files()


def test_sixteen_threads_that_print_lose_no_line(repository, python):
    source = PRELUDE + (
        "import threading\n"
        "def work(k):\n    for n in range(200): sys.stdout.write(f'{k}-{n}\\n')\n"
        "threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
    )
    done = python(source)
    expected = sorted(f"{k}-{n}" for k in range(16) for n in range(200))
    assert sorted(done.stdout.split()) == expected
    assert sorted(line for line in console().splitlines() if "-" in line) == expected


def test_a_broken_pipe_ends_a_script_as_ever(repository):
    bare = "for n in range(10**6): print(n)\n"
    codes = []
    for source in (bare, PRELUDE + bare):
        with subprocess.Popen(
            [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            child.stdout.readline()
            child.stdout.close()
            codes.append(child.wait(60))
    assert codes[0] == codes[1]


def test_two_runs_at_once_each_keep_the_console(begin, capsys):
    first = begin(id="one")
    second = begin(id="two", reinit="create_new")
    print("to both")
    first.finish()
    print("to the second")
    second.finish()
    assert "to both\n" in console("one")
    assert "to the second" not in console("one")
    assert console("two").startswith("to both\n")
    assert console("two").endswith("to the second\n")
    assert "write" not in vars(sys.stdout)


@given(st.lists(st.text("ab\r\n", max_size=12), max_size=20))
def test_what_another_tool_saw_is_folded_the_same_way(tmp_path, texts):
    folder = tmp_path / f"kept{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    keep_console(folder, "".join(texts))
    assert (console_text(folder) or b"").decode() == fold(tmp_path, "".join(texts))


@pytest.mark.parametrize("lines", [1000, 1])
def test_of_a_long_text_beginning_and_end_are_kept(tmp_path, lines):
    text = "".join(f"{number:05}" + "x" * (20_000 // lines) + "\n" for number in range(lines))
    keep_console(tmp_path, text, limit=2000)
    kept = console_text(tmp_path, 2000).decode()
    head, note, end = kept.partition("… ")
    assert text.startswith(head)
    assert note
    left_out, _, tail = end.partition(" bytes left out …\n")
    assert text.endswith(tail)
    assert len(head) + int(left_out.replace(",", "")) + len(tail) == len(text)
    assert 0 < len(head) <= 2000
