import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitrack.cli.main import COMMANDS, main


def test_ls_lists_every_run_oldest_first(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", "-C", str(recorded)]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:6] == ["id", "name", "project", "state", "created", "time"]
    assert "lr" in head.split()
    assert "val/accuracy" in head.split()
    assert [row.split()[1] for row in rows] == ["run-0", "run-1", "run-2", "bad"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (["lr<0.05", "state:finished"], ["run-1", "run-2"]),
        (["tag:even"], ["run-0", "run-2"]),
        (["-tag:even", "lr<1"], ["run-1"]),
        (["loss:nan"], ["bad <b>\x1b[31m"]),
        (["val/accuracy>=0.95"], ["run-0"]),
    ],
)
def test_ls_takes_a_search_line(
    recorded: Path, capsys: pytest.CaptureFixture[str], query: list[str], names: list[str]
) -> None:
    assert main(["ls", "--json", "-C", str(recorded), "--", *query]) == 0
    assert [run["name"] for run in json.loads(capsys.readouterr().out)] == names


def test_ls_shows_the_newest_when_asked_for_a_number(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", "-n", "1", "--json", "-C", str(recorded)]) == 0
    assert [run["state"] for run in json.loads(capsys.readouterr().out)] == ["failed"]


def test_json_is_strict_though_a_result_is_nan(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ls", "--json", "-C", str(recorded), "state:failed"])

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    (run,) = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert run["summary"] == {"loss": "NaN"}


def test_nothing_that_a_terminal_acts_on_is_printed(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ls", "-C", str(recorded)])
    run_id = next(r for r in capsys.readouterr().out.splitlines() if "bad" in r).split()[0]
    main(["show", run_id, "-C", str(recorded)])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "FloatingPointError: loss is NaN" in out


def test_show_prints_settings_results_and_curves(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "run-1", "-C", str(recorded)]) == 0
    out = capsys.readouterr().out
    assert "lr  0.01" in out
    assert "█" in out
    assert "experiments/main" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "nobody"], "no run 'nobody'"),
        (["show", "2"], "may mean"),
        (["ls", "larning_rate<1"], "cannot read"),
        (["ls", "lr<many"], "cannot read"),
        (["ls", "-C", "/does/not/exist"], "no such folder"),
    ],
)
def test_a_mistake_is_one_line_and_status_1(
    recorded: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(recorded)
    assert main(words) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("gitrack: ")
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_a_folder_of_the_users_is_never_built_into(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert main(["build", "-C", str(recorded), "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_build_says_where_the_site_is(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "site"
    assert main(["build", "-C", str(recorded), "--out", str(out)]) == 0
    assert (out / "index.html").as_uri() in capsys.readouterr().out
    assert (out / "index.html").is_file()


def test_demo_refuses_a_folder_with_something_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("")
    assert main(["demo", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err


def test_recover_says_when_there_is_nothing(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recover", "-C", str(recorded)]) == 0
    assert capsys.readouterr().out == "nothing to recover\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([command, "--help"])
    assert leaving.value.code == 0
    assert "usage: gitrack" in capsys.readouterr().out


def test_every_command_stands_in_the_reference() -> None:
    page = Path(__file__).parents[2] / "site" / "docs" / "reference" / "commands.md"
    text = page.read_text("utf-8")
    for command in COMMANDS:
        assert f"`gitrack {command}" in text


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {command}" in text for command in COMMANDS)


def test_a_reader_that_leaves_early_is_no_error(recorded: Path) -> None:
    words = [sys.executable, "-m", "gitrack", "ls", "--json", "-C", str(recorded)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 0
