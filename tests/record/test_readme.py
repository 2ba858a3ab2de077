"""What a git host draws of a run's folder."""

import csv
import io
import math
import struct
import zlib

import pytest

from gitrack.cli.main import main
from gitrack.model.run import Run, State
from gitrack.record.readme import readme_files
from gitrack.record.sparkline import sparkline_png
from gitrack.store.history import HistoryBuilder

EVIL = "@all #1 | `` ` <img src=x onerror=alert(1)> [a](https://evil.example)\n# h\n::x::"


def made(config=None, summary=None, history=None, **fields):
    run = Run(
        **{"id": "r", "project": "p", "name": "n", "state": State.FINISHED, "created": 0.0} | fields
    )
    builder = HistoryBuilder()
    for step, values in enumerate(history or []):
        builder.add(step, 0.0, 0.0, values)
    return readme_files(run, config or {}, summary or {}, builder)


def pixels(png):
    """Decode an image of ours: rows of levels, 0 to 3."""
    width, height = struct.unpack(">II", png[16:24])
    at, data = 8, b""
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    rows, stride = zlib.decompress(data), width // 4 + 1
    assert len(rows) == height * stride
    for y in range(height):
        yield [rows[y * stride + 1 + x // 4] >> (6 - 2 * (x % 4)) & 3 for x in range(width)]


def test_a_folder_has_a_readme_with_curves_and_a_table(begin, repository, git, capsys):
    with begin(project="p", config={"lr": 0.1, "model": {"depth": 3}}) as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1), "word": "x"})
    names = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    (readme,) = [name for name in names if name.startswith("p/") and name.endswith("/README.md")]
    text = git(repository, "show", f"experiments/main:{readme}")
    assert "| `loss` | 0.05 | ![curve](curves/1.png) |" in text
    assert "| `model.depth` | `3` |" in text
    table = git(
        repository, "show", f"experiments/main:{readme.replace('README.md', 'summary.csv')}"
    )
    assert table == "metric,value\nloss,0.05\nword,x"
    capsys.readouterr()
    assert main(["fsck"]) == 0


def test_hosts_are_told_what_is_generated(begin, repository, git):
    with begin(project="p") as run:
        run.log({"loss": 1.0})
        run.log({"loss": 0.5})
    git(repository, "worktree", "add", "-q", "../seen", "experiments/main")
    seen = repository.parent / "seen"
    said = {}
    for path in sorted(
        p.relative_to(seen).as_posix() for p in seen.rglob("p/runs/**/*") if p.is_file()
    ):
        said[path.split("/", 4)[4]] = git(seen, "check-attr", "linguist-generated", path).split()[
            -1
        ]
    assert {name for name, value in said.items() if value == "unset"} == {
        "README.md", "summary.csv", "curves/1.png",
    }  # fmt: skip
    assert said["run.json"] == "set"


@pytest.mark.parametrize("line", ["run_readme = false", "run_readme = maybe"])
def test_a_setting_leaves_them_out_and_a_broken_one_does_not(begin, repository, git, line):
    (repository / "gitrack.toml").write_text(f"{line}\n")
    with begin(project="p") as run:
        run.log({"loss": 1.0})
    names = git(repository, "ls-tree", "-r", "--name-only", "experiments/main")
    assert ("/README.md" in names) == (line == "run_readme = maybe")
    assert "/run.json" in names


def test_the_same_run_gives_the_same_bytes():
    facts = {"config": {"a": 1}, "summary": {"x": 2.0}, "history": [{"x": 1.0}, {"x": 2.0}]}
    assert made(**facts) == made(**facts)


def test_a_strangers_words_are_shown_as_they_are():
    files = made({EVIL: EVIL}, {EVIL: EVIL}, name=EVIL, error=EVIL, command=["python", EVIL])
    text = files["README.md"].decode()
    for line in text.splitlines():
        assert line.count("`") % 2 == 0
        outside = "".join(line.split("`")[::2])
        for sign in ("@all", "#1", "<img", "](https", "::"):
            assert sign not in outside
        if line.startswith("| "):
            assert line.count("|") in (3, 4)
    assert "\n# h" not in text


def test_a_spreadsheet_finds_no_formula():
    files = made(summary={"=1+1": "=HYPERLINK(1)", "a": "-x", "b": -1.5, "c": 'x",y\nz'})
    rows = list(csv.reader(io.StringIO(files["summary.csv"].decode())))
    assert rows[1:] == [["'=1+1", "'=HYPERLINK(1)"], ["a", "'-x"], ["b", "-1.5"], ["c", 'x",y\nz']]


def test_however_much_was_logged_it_stays_small():
    many = {f"metric/{'x' * 300}{i}": math.sin(i) for i in range(1000)}
    files = made(many, many, [many, many])
    assert sum(map(len, files.values())) < 10_000
    assert "960 more in `metrics.json`" in files["README.md"].decode()
    assert "summary.csv" not in files


def test_nested_and_odd_values_are_no_trouble():
    odd = {
        "n": None, "t": True, "big": 10**400, "list": [1, "a"], "deep": {"a": {"b": [{}]}},
        "image": {"_type": "image-file", "path": "x"}, "nan": math.nan,
        "surrogate": "\ud800", "": 1,
    }  # fmt: skip
    text = made(odd, odd)["README.md"].decode("utf-8", "surrogatepass")
    assert "image" not in text
    assert "| `list` | `1, a` |" in text


def test_a_curve_goes_where_its_values_go():
    rows = list(pixels(sparkline_png([0.0, 1.0])))
    assert (len(rows), len(rows[0])) == (20, 96)
    assert rows[0][95] > 0
    assert rows[19][0] > 0
    assert rows[0][0] == rows[19][95] == 0
    assert all(any(row[x] for row in rows) for x in range(96))


@pytest.mark.parametrize(
    "values",
    [
        [5.0, 5.0],
        [-1.7e308, 1.7e308],
        [math.nan, 1.0, math.inf, 2.0],
        [5e-324, 0.0],
        [float(i % 7) for i in range(100_000)],
    ],
    ids=["flat", "widest", "holes", "least", "many"],
)
def test_any_numbers_make_a_small_curve(values):
    png = sparkline_png(values)
    assert len(png) < 1200
    drawn = list(pixels(png))
    assert all(any(row[x] for row in drawn) for x in range(96))


@pytest.mark.parametrize("values", [[], [1.0], [math.nan, math.inf, 3.0]])
def test_less_than_two_numbers_make_none(values):
    assert sparkline_png(values) is None


def test_a_spike_among_many_values_is_seen():
    values = [0.0] * 100_000
    values[50_000] = 1.0
    assert any(next(iter(pixels(sparkline_png(values)))))
