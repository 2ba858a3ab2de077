"""``gitrack compare``: a few runs side by side."""

import json
from pathlib import Path

import pytest

from gitrack.cli.main import main


def test_settings_that_differ_and_results_with_differences_are_shown(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "run-0", "run-1", "-C", str(recorded)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["run-0", "run-1"]
    assert ["lr", "0.1", "0.01"] in lines
    assert ["val/accuracy", "1", "0.91", "(-0.09)"] in lines
    assert ["packages"] not in lines


def test_all_shows_what_is_equal_too(put_run, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2):
        requirements = f"numpy==2.{number}\npandas==3.0\n# own==1.0 from a folder\n".encode()
        config = {"depth": 3, "opt": {"lr": 0.1 * number}}
        put_run(number, config=config, files={"requirements.txt": requirements})
    assert main(["compare", "run-1", "run-2"]) == 0
    out = capsys.readouterr().out
    assert "opt.lr" in out
    assert "numpy" in out
    assert "pandas" not in out
    assert "1 of 2 settings are equal: --all shows them\n" in out
    assert main(["compare", "--all", "run-1", "run-2"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("depth", "pandas", "own"))


def test_json_holds_everything(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "run-0", "run-1", "run-2", "--json", "-C", str(recorded)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["name"] for run in found["runs"]] == ["run-0", "run-1", "run-2"]
    assert found["config"]["lr"] == {"values": [0.1, 0.01, 0.001], "differs": True}
    differences = found["summary"]["val/accuracy"]["differences"]
    assert differences == pytest.approx([0, -0.09, -0.099])
    assert found["packages"]["numpy"]["differs"] is False


def test_what_a_run_lacks_or_logged_as_nothing_is_told_apart(
    put_run, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = b'{"loss": "NaN", "acc": 0.5}'
    put_run(1, config={"seed": None})
    put_run(2, files={"metrics.json": metrics}, config={"note": "a\x1b[31m\nb" * 20})
    assert main(["compare", "run-1", "run-2"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert rows["seed"] == ["null", "-"]
    assert rows["note"][0] == "-"
    assert rows["acc"] == ["-", "0.5"]


def test_one_run_is_no_comparison(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for runs in (["run-0"], ["run-0", "run-0"], ["run-0", "nobody"]):
        assert main(["compare", *runs, "-C", str(recorded)]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_a_mistake_in_the_words_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["compare"])
    assert leaving.value.code == 1
    assert "gitrack: the following arguments are required: RUN" in capsys.readouterr().err
