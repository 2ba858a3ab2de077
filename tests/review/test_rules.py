"""Rules of ``gitrack.toml``: what they decide, and what they may say."""

import pytest

from gitrack.errors import ConfigError
from gitrack.review.rules import Rule, Settings, rules_from
from gitrack.settings import table_from

GOOD = [{"val/acc": 0.90 + 0.001 * n, "speed": 10.0 + n / 10} for n in range(5)]


def worse(by, count=5):
    return [{"val/acc": one["val/acc"] - by, "speed": one["speed"]} for one in GOOD[:count]]


@pytest.fixture
def judged(put_seeds, git, repository, reviewed, review_of):
    """Review a head's results under rules: gives the exit status, the first rule, stderr."""

    def run(results, rule, base=GOOD, **fields):
        (repository / "gitrack.toml").write_text(f"[[review.rule]]\nmetric = 'val/acc'\n{rule}\n")
        put_seeds("main", "old", base)
        git(repository, "branch", "experiments/feature/x", "experiments/main")
        put_seeds("feature/x", "new", results, **fields)
        status, _, told = reviewed("--json")
        return status, review_of()["rules"][0], told

    return run


def test_a_required_rule_fails_where_the_metric_is_worse(judged, reviewed):
    status, rule, told = judged(worse(0.02), "required = true")
    assert status == 2
    assert told == "gitrack: a required rule does not hold: val/acc\n"
    assert (rule["outcome"], rule["why"], rule["verdict"]) == ("fail", "worse", "worse")
    assert rule["loss"] == pytest.approx(0.02)
    out = reviewed()[1]
    assert "### ✗ `val/acc` is worse: 0.9020 → 0.8820" in out
    assert "| `val/acc` | **✗ fails** | worse by 0.0200, 0 allowed |" in out


def test_a_rule_that_is_not_required_is_shown_and_passes(judged, reviewed):
    status, rule, _ = judged(worse(0.02), "")
    assert (status, rule["outcome"]) == (0, "fail")
    assert "✗ fails, and is not required" in reviewed()[1]


def test_a_loss_within_what_is_allowed_passes(judged, reviewed):
    status, rule, _ = judged(worse(0.02), "required = true\nmax_regression = 0.05")
    assert (status, rule["why"], rule["verdict"]) == (0, "within what is allowed", "worse")
    assert "worse by 0.0200, which is within the 0.05 allowed" in reviewed()[1]


def test_too_few_seeds_fail_a_rule_and_say_how_many_it_takes(judged, reviewed):
    status, rule, _ = judged(worse(0.02, 2), "required = true")
    assert (status, rule["why"], rule["side"]) == (2, "too few seeds", "head")
    assert (rule["seeds"], rule["least"]) == (2, 4)
    out = reviewed()[1]
    assert "### ✗ `val/acc` cannot be told yet: " in out
    assert "2 seeds on the head, 4 needed" in out


def test_three_seeds_that_tell_against_five_are_enough(judged):
    status, rule, _ = judged(worse(0.02, 3), "required = true")
    assert (status, rule["why"], rule["verdict"]) == (2, "worse", "worse")


def test_a_rule_may_ask_for_more_or_fewer_seeds(judged):
    status, rule, _ = judged(worse(0.0), "required = true\nmin_seeds = 6")
    assert (status, rule["least"]) == (2, 6)


def test_too_few_seeds_of_the_base_fail_a_rule_too(judged):
    status, rule, _ = judged(GOOD, "required = true", base=GOOD[:2])
    assert (status, rule["side"], rule["seeds"]) == (2, "base", 2)


def test_a_head_that_failed_altogether_fails_a_rule(judged):
    from gitrack.model.run import State

    status, rule, _ = judged(GOOD, "required = true", state=State.FAILED)
    assert (status, rule["why"]) == (2, "no value")


def test_a_metric_that_the_base_never_had_is_held_against_nothing(judged):
    status, rule, _ = judged(GOOD, "required = true", base=[{"speed": 1.0}] * 5)
    assert (status, rule["why"]) == (0, "nothing to hold it against")


def test_what_is_not_shown_to_be_worse_passes(judged):
    status, rule, _ = judged(worse(0.0005), "required = true")
    assert (status, rule["why"], rule["verdict"]) == (0, "not shown to be worse", "cannot tell")


def test_a_margin_makes_a_small_difference_none(judged, review_of):
    _, rule, _ = judged(worse(0.0005), "margin = 0.02")
    assert (rule["verdict"], rule["outcome"]) == ("no difference", "pass")
    (found, _) = review_of()["comparisons"][0]["metrics"]
    assert (found["verdict"], found["margin"]) == ("no difference", 0.02)


def test_a_margin_that_the_interval_leaves_tells_nothing(judged):
    _, rule, _ = judged(worse(0.0005), "margin = 0.0012")
    assert rule["verdict"] == "cannot tell"


def test_a_rule_may_turn_a_metrics_goal_round(judged):
    status, rule, _ = judged(worse(0.02), 'required = true\ngoal = "minimize"')
    assert (status, rule["verdict"]) == (0, "better")


def test_a_rule_may_choose_its_runs(judged, put_seeds, review_of):
    status, rule, _ = judged(worse(0.02), "required = true\nruns = 'seed<4'")
    assert (status, rule["why"]) == (2, "worse")
    assert rule["loss"] == pytest.approx(0.02)


def test_a_rule_whose_runs_the_head_lacks_fails(judged, reviewed):
    status, rule, _ = judged(GOOD, "required = true\nruns = 'tag:final'")
    assert (status, rule["why"], rule["comparison"]) == (2, "no value", None)
    assert "`val/acc` of `tag:final`" in reviewed()[1]


def test_a_rule_of_a_metric_without_a_goal_is_a_mistake(judged, put_seeds, repository, reviewed):
    judged(GOOD, "")
    (repository / "gitrack.toml").write_text("[[review.rule]]\nmetric = 'speed'\n")
    status, _, told = reviewed()
    assert status == 1
    assert told.startswith("gitrack: gitrack.toml: review.rule 1: ")


def test_what_a_rule_names_is_corrected_for_itself(judged, review_of, repository):
    judged(worse(0.02), "")
    acc, speed = review_of()["comparisons"][0]["metrics"]
    assert acc["p"] == acc["p_adjusted"]
    assert (acc["ruled"], speed["ruled"]) == (True, False)


def test_a_failure_in_another_configuration_is_the_headline(judged, put_seeds, reviewed):
    judged(GOOD, "required = true")
    put_seeds("feature/x", "wild", worse(0.3), config={"depth": 9})
    status, out, _ = reviewed()
    assert status == 2
    assert "### ✗ `val/acc` fails its rule for configuration 2: worse by 0.3000, 0 allowed" in out


LAX = "[[review.rule]]\nmetric = 'val/acc'\nrequired = true\nmax_regression = 1.0\n"
STRICT = "[[review.rule]]\nmetric = 'val/acc'\nrequired = true\n"
OTHER = "The head's `gitrack.toml` has other rules: those of the base hold."


@pytest.fixture
def loosened(put_seeds, git, repository):
    """A worse head which is checked out, and which would allow itself more than its base does."""
    put_seeds("main", "old", GOOD)
    git(repository, "branch", "experiments/feature/x", "experiments/main")
    put_seeds("feature/x", "new", worse(0.02))
    for branch, text in (("main", STRICT), ("feature/x", LAX)):
        git(repository, "switch", "-q", *([] if branch == "main" else ["-c"]), branch)
        (repository / "gitrack.toml").write_text(text)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", f"Rules of {branch}")
    return repository


def test_a_branch_does_not_loosen_the_rules_that_it_is_held_to(loosened, reviewed):
    status, out, told = reviewed()
    assert status == 2
    assert "a required rule does not hold: val/acc" in told
    assert f"- {OTHER}" in out


@pytest.mark.parametrize("base", ["experiments/main", "refs/heads/main", "origin/main"])
def test_the_base_may_be_named_in_any_way(loosened, git, reviewed, base):
    for name in ("main", "experiments/main"):
        git(loosened, "update-ref", f"refs/remotes/origin/{name}", name)
    git(loosened, "remote", "add", "origin", "nowhere")
    status, out, _ = reviewed(base=base)
    assert (status, OTHER in out) == (2, True)


def test_other_rules_are_tried_by_their_file(loosened, reviewed):
    status, out, _ = reviewed("--rules", "gitrack.toml")
    assert (status, OTHER in out) == (0, False)
    status, _, told = reviewed("--rules", "none.toml")
    assert (status, told) == (1, "gitrack: no rules: there is no none.toml\n")


def test_rules_that_are_taken_away_still_hold(loosened, reviewed):
    (loosened / "gitrack.toml").unlink()
    status, out, _ = reviewed()
    assert (status, OTHER in out) == (2, True)


def test_the_same_rules_need_no_word(loosened, reviewed):
    (loosened / "gitrack.toml").write_text(f"project = 'x'\n{STRICT}")
    status, out, _ = reviewed()
    assert (status, OTHER in out) == (2, False)


def test_nothing_said_is_the_defaults():
    assert rules_from(None) == rules_from({}) == Settings()


def test_everything_said_is_read():
    table = table_from(
        "project = 'x'\n[review]\nalpha = 0.01\ntest = 'mann-whitney'\ncorrection = 'none'\n"
        "metrics = ['val/*']\nseed_keys = ['fold']\n"
        "[[review.rule]]\nmetric = 'a'\ngoal = 'max'\nmin_seeds = 3\nalpha = 0.1\n"
        "max_regression = 1\nrequired = true\nruns = 'tag:x'\nmargin = 0.5\n"
    )
    rule = Rule("a", "max", 3, 0.1, 1, required=True, runs="tag:x", margin=0.5)
    found = rules_from(table["review"])
    assert found == Settings(0.01, "mann-whitney", "none", ("val/*",), ("fold",), (rule,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("review = 1", "review: expected a table"),
        ("[review]\nrule = 1", "expected rules as"),
        ("[review]\nalpa = 1", "knows no 'alpa'"),
        ("[review]\nalpha = 1.5", "review.alpha: expected a number between 0 and 1"),
        ("[review]\ntest = ['t']", 'expected "permutation"'),
        ("[review]\ncorrection = 3", 'expected "holm"'),
        ("[review]\nmetrics = 'all'", "expected a list of texts"),
        ("[[review.rule]]\nrequired = true", "review.rule 1: names no metric"),
        ("[[review.rule]]\nmetric = ''", "review.rule 1.metric: expected text"),
        ("[[review.rule]]\nmetric = 'a'\ngoal = 'up'", 'expected "min" or "max"'),
        ("[[review.rule]]\nmetric = 'a'\nmin_seeds = true", "whole number"),
        ("[[review.rule]]\nmetric = 'a'\nmargin = nan", "at least 0"),
        ("[[review.rule]]\nmetric = 'a'\nmax_regression = -1", "at least 0"),
        ("[[review.rule]]\nmetric = 'a'\nrequired = 'yes'", "true or false"),
        ("[[review.rule]]\nmetric = 'a'\nruns = 'lr<'", "review.rule 1.runs: cannot read"),
        ("[[review.rule]]\nmetric = 'a'\n[[review.rule]]\nx = 1", "review.rule 2"),
        ("[review", "gitrack.toml"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_place(text, message):
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        rules_from(table_from(text)["review"])
