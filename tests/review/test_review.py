"""What a review says of real branches."""

import json
import random

import pytest

from gitrack.cli.main import main
from gitrack.model.run import Code, MetricRule, State

HIGH = [{"val/acc": 0.90 + 0.001 * n} for n in range(5)]
HIGHER = [{"val/acc": 0.95 + 0.001 * n} for n in range(5)]


def branch_off(git, repository, name="feature/x"):
    git(repository, "branch", f"experiments/{name}", "experiments/main")


def only(review):
    (comparison,) = review["comparisons"]
    return comparison


def metric(review, name="val/acc"):
    return next(m for m in only(review)["metrics"] if m["name"] == name)


def test_five_better_seeds_are_better(five_better, reviewed, review_of):
    status, out, told = reviewed()
    assert (status, told) == (0, "")
    assert "### `val/acc` is better: 0.9014 → 0.9514 (+0.0500, 95 % interval" in out
    found = review_of()
    assert only(found)["match"] == "same config"
    acc, loss = only(found)["metrics"]
    assert (acc["verdict"], loss["verdict"]) == ("better", "cannot tell")
    assert acc["p"] == pytest.approx(2 / 252)
    assert acc["p_adjusted"] == pytest.approx(4 / 252)
    assert loss["seeds"] > 5


def test_the_same_records_give_the_same_text(five_better, reviewed):
    assert reviewed() == reviewed()


def test_a_curve_code_and_cost_are_in_it(five_better, reviewed, review_of):
    found = only(review_of())
    assert found["curve"]["metric"] == "val/acc"
    assert len(found["curve"]["base"]) == len(found["curve"]["head"]) == 20
    assert found["curve"]["head"][-1] == pytest.approx(0.95 * (1 - 0.9**20), abs=0.01)
    assert found["code"]["files"] == [{"path": "train.py", "added": 2, "removed": 1}]
    assert found["cost"] == [{"name": "time", "base": 62.0, "head": 62.0}]
    _, out, _ = reviewed()
    assert "```mermaid\n" in out
    assert "| `train.py` | 2 | 1 |" in out


def test_three_seeds_a_side_cannot_tell_and_say_how_many_could(
    put_seeds, git, repository, reviewed, review_of
):
    put_seeds("main", "old", HIGH[:3])
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER[:3])
    found = metric(review_of())
    assert (found["verdict"], found["reason"]) == ("cannot tell", "too few seeds")
    assert (found["p"], found["seeds"]) == (None, 4)
    assert "3 against 3 seeds can tell nothing; 4 a side could" in reviewed()[1]


def test_runs_that_did_not_finish_are_shown_and_do_not_count(
    put_seeds, git, repository, reviewed, review_of
):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER)
    put_seeds("feature/x", "bad", [{"val/acc": 0.1}], state=State.FAILED, error="OOM")
    put_seeds("feature/x", "gone", [{"val/acc": 0.1}], state=State.CRASHED)
    found = review_of()
    head = found["head"]
    assert (head["runs"], head["finished"], head["failed"], head["crashed"]) == (7, 5, 1, 1)
    assert metric(found)["head_n"] == 5
    note = only(found)["notes"][0]
    assert (note["kind"], note["side"], note["count"]) == ("did not finish", "head", 2)
    out = reviewed()[1]
    assert "7 new runs (1 failed, 1 crashed)" in out
    assert "| failed | 1m00s | `OOM` |" in out


def test_a_new_configuration_is_compared_with_the_nearest(put_seeds, git, repository, review_of):
    put_seeds("main", "near", HIGH, config={"augment": "flip", "depth": 3})
    put_seeds("main", "far", HIGH, config={"augment": "none", "depth": 9})
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, config={"augment": "flip+elastic", "depth": 3})
    found = only(review_of())
    assert found["match"] == "nearest config"
    assert found["base"]["ids"][0] == "near-0"
    assert found["changes"] == [{"key": "augment", "base": "flip", "head": "flip+elastic"}]


def test_groups_and_job_types_are_kept_apart(put_seeds, git, repository, review_of):
    put_seeds("main", "one", HIGH, group="a", job_type="train")
    put_seeds("main", "two", HIGHER, group="b", job_type="eval")
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, group="a", job_type="train")
    put_seeds("feature/x", "other", HIGHER, group="c", job_type="eval")
    first, second = review_of()["comparisons"]
    assert (first["match"], first["base"]["ids"][0]) == ("same config", "one-0")
    assert (second["match"], second["base"]["ids"][0]) == ("nearest config", "two-0")
    assert second["changes"] == [{"key": "group", "base": "b", "head": "c"}]


def test_a_project_that_the_base_lacks_is_shown_alone(put_seeds, git, repository, reviewed):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, project="letters")
    status, out, _ = reviewed()
    assert status == 0
    assert "Compared with nothing: the base has no run of the project." in out
    assert "cannot tell: no value on the base" in out


def test_define_metric_says_which_way_is_better(put_seeds, git, repository, review_of):
    rules = (MetricRule("quality*", goal="minimize"),)
    put_seeds("main", "old", [{"quality": n / 10} for n in range(5)])
    branch_off(git, repository)
    put_seeds("feature/x", "new", [{"quality": 2 + n / 10} for n in range(5)], metrics=rules)
    found = metric(review_of(), "quality")
    assert (found["goal"], found["verdict"]) == ("min", "worse")


def test_a_metric_of_no_goal_is_shown_without_a_verdict(put_seeds, git, repository, review_of):
    put_seeds("main", "old", [{"lr": 1.0 * n} for n in range(5)])
    branch_off(git, repository)
    put_seeds("feature/x", "new", [{"lr": 100.0 * n} for n in range(5)])
    found = review_of()
    assert (metric(found, "lr")["reason"], found["tests"]) == ("no goal", 0)
    assert metric(found, "lr")["low"] is not None


def test_values_that_are_no_numbers_are_counted_and_left_out(put_seeds, git, repository, review_of):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    odd = [{"val/acc": value} for value in (float("nan"), float("inf"), "high", True, None, 0.9)]
    put_seeds("feature/x", "new", odd)
    found = review_of()
    assert metric(found)["head"] == [0.9]
    assert only(found)["notes"][0]["kind"] == "not finite"
    assert only(found)["notes"][0]["count"] == 2


def test_runs_of_one_seed_are_no_evidence(put_seeds, git, repository, reviewed):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, config={"seed": 0})
    assert "The head's 5 runs have 1 different seed:" in reviewed()[1]


def test_other_seeds_are_named_in_the_settings(put_seeds, git, repository, review_of):
    (repository / "gitrack.toml").write_text('[review]\nseed_keys = ["data.fold"]\n')
    put_seeds("main", "old", HIGH, config=lambda n: {"data": {"fold": n}})
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, config=lambda n: {"data": {"fold": n}})
    found = review_of()
    assert only(found)["head"]["runs"] == 5
    assert found["seed_keys"] == ["data.fold", "seed"]


def test_a_setting_that_keeps_every_run_apart_is_named(put_seeds, git, repository, reviewed):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, config=lambda n: {"out": f"runs/{n}"})
    assert "`out` differs in every run, so that none repeats another" in reviewed()[1]


def test_a_branch_without_new_runs_passes(put_seeds, git, repository, reviewed):
    (repository / "gitrack.toml").write_text(
        '[[review.rule]]\nmetric = "val/acc"\nrequired = true\n'
    )
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    status, out, _ = reviewed()
    assert status == 0
    assert "### No new runs" in out
    assert "rules are not applied" in out


def test_many_configurations_say_what_is_not_shown(put_seeds, git, repository, review_of):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER[:1] * 33, config=lambda n: {"depth": n})
    found = review_of()
    assert len(found["comparisons"]) == 30
    assert {"what": "configurations", "count": 3} in found["left_out"]


def test_code_that_is_not_here_is_said(put_seeds, git, repository, reviewed):
    put_seeds("main", "old", HIGH, code=Code("1" * 40, "main"))
    branch_off(git, repository)
    patch = b"--- a/t.py\n+++ b/t.py\n@@ -1 +1,2 @@\n-a\n+b\n+c\n"
    code = Code(git(repository, "rev-parse", "HEAD"), "x", dirty=True)
    put_seeds("feature/x", "new", HIGHER, code=code, files={"code.patch": patch})
    out = reviewed()[1]
    assert "One of the commits is not in this clone" in out
    assert "the head's tree had changes that no commit holds (3 lines in its patch)" in out


def test_a_damaged_run_is_named_and_ends_nothing(put_seeds, git, repository, reviewed):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER)
    put_seeds("feature/x", "torn", HIGHER[:1], files={"metrics.json": b"{"})
    status, out, _ = reviewed()
    assert status == 0
    assert "A run could not be read: `digits/runs/" in out


def test_curves_that_are_not_here_or_no_curves_are_left_out(put_seeds, git, repository, review_of):
    put_seeds("main", "old", HIGH, curves=True)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGHER, files={"history.parquet": b"PAR1 no more"})
    pointer = (
        b"outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 9\n  path: history.parquet\n"
    )
    put_seeds("feature/x", "far", HIGHER, files={"history.parquet.dvc": pointer})
    found = review_of()
    assert (only(found)["curve"], metric(found)["head_n"]) == (None, 10)


def test_a_preview_is_enough_for_a_curve(put_seeds, git, repository, review_of, make_history):
    put_seeds("main", "old", HIGH, curves=True)
    branch_off(git, repository)
    pointer = (
        b"outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 9\n  path: history.parquet\n"
    )
    preview = make_history({"val/acc": 0.95}, random.Random(1))
    files = {"history.parquet.dvc": pointer, "history.preview.parquet": preview}
    put_seeds("feature/x", "new", HIGHER, files=files)
    assert only(review_of())["curve"]["head_runs"] == 5


def test_memory_and_energy_are_costs(put_seeds, git, repository, reviewed, review_of):
    from gitrack.store.history import HistoryBuilder, table_to_bytes

    def system(peak):
        builder = HistoryBuilder()
        for number, share in enumerate((0.5, 1.0, 0.25)):
            sizes = {"memory.process": peak * share, "memory.children": 1e6}
            builder.add(number, number, number, sizes)
        return {"system.parquet": table_to_bytes(builder.table())}

    put_seeds("main", "old", [r | {"system/energy_kwh": 0.1} for r in HIGH], files=system(1e9))
    branch_off(git, repository)
    results = [r | {"system/energy_kwh": 0.2} for r in HIGHER]
    put_seeds("feature/x", "new", results, files=system(3e9))
    costs = {cost["name"]: (cost["base"], cost["head"]) for cost in only(review_of())["cost"]}
    assert costs["energy"] == pytest.approx((0.1, 0.2))
    assert costs["memory"] == (1.001e9, 3.001e9)
    assert "| energy | 0.1 kWh | 0.2 kWh | +100 % |" in reviewed()[1]


def test_it_can_be_written_to_a_file(five_better, reviewed, tmp_path):
    place = tmp_path / "review.json"
    status, out, _ = reviewed("--json", "--out", str(place))
    assert (status, out) == (0, "")
    assert json.loads(place.read_text("utf-8"))["format"] == 1


def test_two_equal_sides_are_no_finding(put_seeds, git, repository, review_of):
    put_seeds("main", "old", HIGH)
    branch_off(git, repository)
    put_seeds("feature/x", "new", HIGH)
    found = metric(review_of())
    assert (found["verdict"], found["difference"], found["p"]) == ("cannot tell", 0, 1)
    assert found["seeds"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--limit", "100"], "gitrack: a comment needs a limit of at least 4000 characters"),
        (["--site-url", "javascript:alert(1)"], "gitrack: --site-url takes a plain https://"),
        (["--format", "html"], "gitrack: argument --format: invalid choice"),
        (["--out", "/nowhere/at/all.md"], "gitrack: No such file or directory"),
    ],
)
def test_mistakes_are_told_in_one_line(five_better, reviewed, capsys, words, message):
    try:
        status, _, told = reviewed(*words)
    except SystemExit as leaving:
        status, told = leaving.code, capsys.readouterr().err
    assert status == 1
    assert told.splitlines()[-1].startswith(message)
    assert "Traceback" not in told


def test_recorded_runs_are_reviewed_as_they_are(begin, repository, git, capsys):
    for branch, accuracy in (("main", 0.5), ("better", 0.75)):
        if branch != "main":
            git(repository, "checkout", "-q", "-b", branch)
        for seed in range(4):
            with begin(project="lab", config={"seed": seed}) as run:
                for step in range(5):
                    run.log({"acc": accuracy + seed / 100 + step / 1000})
    assert main(["review", "--base", "main", "--head", "better"]) == 0
    out = capsys.readouterr().out
    assert "### `acc` is better: 0.519 → 0.769 (+0.250" in out
    assert "4 new runs on `experiments/better` against 4 on `experiments/main`" in out
