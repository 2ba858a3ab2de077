"""CSV files, plain and odd, become runs."""

import math

import pytest

import gitrack


@pytest.fixture
def table(repository):
    """Write a CSV file and give its path."""

    def write(content, name="a.csv"):
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_file_is_a_run(table, bring, only, rows_of):
    path = table(
        "step,loss,n,flag,note,lr\n0,0.1,1,true,x,0.5\n5,nan,,False,,0.5\n7,-inf,3,,y,0.5\n"
    )
    assert bring("csv", path, "--config", "lr") == 0
    run = only()
    rows = rows_of(run)
    assert math.isnan(rows[1][1].pop("loss"))
    assert rows == [
        (0, {"loss": 0.1, "n": 1, "flag": True, "note": "x"}),
        (5, {"flag": False}),
        (7, {"loss": -math.inf, "n": 3, "note": "y"}),
    ]
    assert run.config == {"lr": 0.5}
    assert (run.name, run.run.project, run.run.state) == ("a", "lab", "finished")
    assert run.id.startswith("a-")


def test_a_column_tells_runs_apart(table, bring):
    content = "".join(
        f"{run},{step},{run * step},{0.1 * run}\n" for step in range(3) for run in range(1, 4)
    )
    path = table("seed,step,loss,lr\n" + content)
    assert bring("csv", path, "--run-column", "seed", "--config", "l?") == 0
    assert bring.out.startswith("3 runs imported: ")
    for run in (1, 2, 3):
        loaded = _named(str(run))
        assert loaded.history()["loss"].tolist() == [0, run, 2 * run]
        assert loaded.config == {"lr": 0.1 * run}
    assert bring("csv", path, "--run-column", "seed", "--config", "l?") == 0
    assert bring.out == "0 runs imported, 3 unchanged\n"


def _named(name):
    runs = gitrack.runs()
    return gitrack.load(runs[runs["name"] == name]["id"].item())


@pytest.mark.parametrize(
    ("head", "cell", "time"),
    [("_timestamp", "1700000000.25", 1700000000.25), ("Wall time", "1700000000.25", 1700000000.25),
     ("timestamp", "2023-11-14T22:13:20", 1.7e9),
     ("timestamp", "2023-11-14T22:13:20+02:00", 1.7e9 - 7200)],
)  # fmt: skip
def test_times_are_read(table, bring, only, head, cell, time):
    bring("csv", table(f"{head},Step,Value\n{cell},3,0.5\n"))
    run = only()
    assert run.history()["_timestamp"].tolist() == [time]
    assert run.history()["_step"].tolist() == [3]
    assert run.run.created == time


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_a_byte_order_mark(table, bring, only, separator):
    bring("csv", table(b"\xef\xbb\xbf" + f"a{separator}b\n1{separator}2,5\n".encode()))
    assert only().summary == {"a": 1, "b": "2,5"}


def test_numbers_are_exact(table, bring, only):
    values = [
        "0.1",
        "1e-320",
        "1.7976931348623157e308",
        "9007199254740993.0",
        "123456789012345678901",
    ]
    bring("csv", table("x\n" + "\n".join(values) + "\n"))
    assert [str(one) for one in only().history()["x"]] == [
        str(int(one) if one.isdigit() else float(one)) for one in values
    ]


def test_files_of_one_name_are_named_by_their_folders(table, bring):
    paths = [table(f"x\n{n}\n", f"run{n}/progress.csv") for n in range(2)]
    assert bring("csv", *paths) == 0
    assert sorted(gitrack.runs()["name"]) == ["run0/progress", "run1/progress"]


def test_a_file_that_grew_is_replaced(table, bring, only):
    path = table("step,x\n0,1\n")
    bring("csv", path)
    first = only()
    table("step,x\n0,1\n1,2\n")
    assert bring("csv", path) == 0
    assert bring.out.startswith("0 runs imported, 1 updated: ")
    assert only().id == first.id
    assert only().run.created == first.run.created
    assert only().history()["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no header"),
        (b"a,a\n1,2\n", "has two columns of one name"),
        (b"PAR1\0\0\0", "is no CSV"),
        (b'a,b\n1,"2\n', "is no CSV"),
        (b"a\n\xff\xfe\n", "is no CSV"),
    ],
)
def test_what_is_no_csv_is_named_and_the_others_come(table, bring, content, said):
    bad, good = table(content, "bad.csv"), table("x\n1\n", "good.csv")
    assert bring("csv", bad, good) == 1
    assert f"bad.csv: {said}" in bring.err
    assert list(gitrack.runs()["name"]) == ["good"]


def test_rows_that_do_not_fit_are_named(table, bring, only):
    assert bring("csv", table("a,b,c\n1,2,3\n4,5,6,7\n8,9\n1,2")) == 1
    assert "line 3 has 4 cells below 3 names" in bring.err
    assert "line 5 is not complete" in bring.err
    assert only().history()["a"].tolist() == [1, 8]


def test_mistakes_are_one_line(table, bring, tmp_path):
    assert bring("csv", tmp_path / "none.csv") == 1
    assert bring.err == f"gitrack: {tmp_path / 'none.csv'}: no such file\n"
    assert bring("csv", table("a\n1\n"), "--run-column", "seed") == 1
    assert "has no column 'seed'" in bring.err
    assert bring("csv", table("a\n1\n"), "--branch", "..") == 1


def test_hostile_names_stay_below_the_run(table, bring, repository, git):
    content = "name,x\n../../../etc,1\n.git,2\n\x1b[31m,3\n" + "n" * 5000 + ",4\n,5\n"
    assert bring("csv", table(content), "--run-column", "name", "--project", "../../x") == 0
    listing = git(repository, "ls-tree", "-r", "--name-only", "experiments/main").splitlines()
    assert len(gitrack.runs()) == 5
    assert all(line.startswith(("x/runs/", "README", ".")) for line in listing)
    assert ".." not in "".join(listing)


def test_many_runs_come_in_few_commits(table, bring, git, repository):
    rows = "".join(f"{run},{step},{run + step}\n" for run in range(600) for step in range(2))
    assert bring("csv", table("run,step,x\n" + rows), "--run-column", "run") == 0
    assert len(gitrack.runs()) == 600
    assert int(git(repository, "rev-list", "--count", "experiments/main")) == 2
    message = git(repository, "log", "-1", "--format=%B", "experiments/main")
    assert message.startswith("Import 100 runs from CSV\n\nRun-Id: ")
    assert message.endswith("Project: lab")


def test_a_blocked_branch_gets_a_neighbour(table, bring, git, repository, tmp_path):
    bring("csv", table("x\n1\n"))
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"), "experiments/main")
    assert bring("csv", table("x\n2\n", "b.csv")) == 0
    assert "experiments/main-runs (" in bring.out
    assert sorted(gitrack.runs()["name"]) == ["a", "b"]


def test_two_who_import_the_same_make_the_same(table, bring, git, repository):
    path = table("step,_timestamp,x\n0,1.7e9,1\n1,1700000001,2.5\n")
    trees = []
    for _ in range(2):
        assert bring("csv", path) == 0
        trees.append(git(repository, "rev-parse", "experiments/main^{tree}"))
        git(repository, "update-ref", "-d", "refs/heads/experiments/main")
    assert trees[0] == trees[1]


def test_again_reads_what_has_not_changed(table, bring, tip):
    path = table("x\n1\n")
    bring("csv", path)
    before = tip()
    assert bring("csv", path, "--again") == 0
    assert bring.out.startswith("0 runs imported, 1 updated: ")
    assert tip() != before


def test_secrets_are_taken_out(table, bring, only):
    token = "ghp_" + "aB3" * 12
    path = table(f"api_key,note,x\nabcd1234efgh5678,{token},1\n")
    bring("csv", path, "--config", "api_key")
    assert only().config == {"api_key": "[removed]"}
    assert only().summary["note"] == "[removed]"
    assert {found.where for found in only().run.redacted} >= {"config.api_key", "note"}
