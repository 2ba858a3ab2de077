"""Studies of Optuna over a real classifier: a run a trial, one group, one run of the study."""

import pytest

STUDY = """
import warnings
warnings.filterwarnings("ignore")
import optuna, sys
from sklearn.datasets import load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
import gitrack
from gitrack.interop.optuna import GitrackCallback
optuna.logging.set_verbosity(optuna.logging.ERROR)
x, y = load_wine(return_X_y=True)
x = (x - x.mean(0)) / x.std(0)
parts = train_test_split(x, y, random_state=0)

def accuracy(trial, log=None):
    alpha = trial.suggest_float("alpha", 1e-5, 1.0, log=True)
    penalty = trial.suggest_categorical("penalty", ["l1", "l2"])
    model = SGDClassifier(alpha=alpha, penalty=penalty, random_state=0)
    for epoch in range(3):
        model.partial_fit(parts[0], parts[2], classes=[0, 1, 2])
        score = model.score(parts[1], parts[3])
        trial.report(score, epoch)
        if log is not None:
            log({"accuracy": score, "epoch": epoch})
        if trial.number == 1 and epoch == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            raise ArithmeticError("no gradient")
    trial.set_user_attr("epochs", 3)
    return score

def study(name):
    return optuna.create_study(
        study_name=name, direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
"""


def test_each_trial_is_a_run_and_the_study_one_more(trained):
    source = STUDY + (
        "wine = study('wine')\n"
        "tracker = GitrackCallback('accuracy', project='search', tags=['wine'])\n"
        "wine.optimize(accuracy, n_trials=5, callbacks=[tracker], catch=ArithmeticError)\n"
        "assert gitrack.run is None\n"
        "tracker.finish(wine)\n"
        "import json\n"
        "print(json.dumps([[t.params, t.value] for t in wine.trials]))\n"
        "print(wine.best_value)\n"
    )
    *trials, whole = trained(source, "optuna", "sklearn")
    import json

    told, best = trained.done.stdout.splitlines()
    for number, (run, (params, value)) in enumerate(zip(trials, json.loads(told), strict=True)):
        assert run.run.name == f"wine-{number}"
        assert (run.run.group, run.run.project) == ("wine", "search")
        assert run.config == params
        assert run.summary["trial/number"] == number
        if number not in (1, 2):
            assert run.summary["accuracy"] == value
            assert run.run.state == "finished"
            assert run.history()["accuracy/reported"].tolist()[-1] == value
            assert run.summary["trial/epochs"] == 3
    _, pruned, failed, *_ = trials
    assert pruned.run.state == "finished"
    assert list(pruned.run.tags) == ["wine", "pruned"]
    assert len(pruned.history()) == 2
    assert failed.run.state == "failed"
    assert list(failed.run.tags) == ["wine", "failed"]

    assert (whole.run.name, whole.run.job_type, whole.run.group) == ("wine", "study", "wine")
    assert whole.summary["best/accuracy"] == float(best)
    assert [whole.summary[f"trials/{one}"] for one in ("complete", "pruned", "failed")] == [3, 1, 1]
    table = whole.table("study/trials")
    assert table["state"].tolist() == ["complete", "pruned", "failed", "complete", "complete"]
    assert table["params/alpha"].tolist() == [run.config["alpha"] for run in trials]
    drawn = whole.table("study/history")
    so_far = drawn[drawn["lineKey"] == "best so far"]["lineVal"].tolist()
    assert so_far == sorted(so_far)
    assert so_far[-1] == float(best)
    importance = whole.table("study/importance")
    assert set(importance["feature"]) == {"alpha", "penalty"}
    assert importance["importance"].sum() == pytest.approx(1)


def test_tracked_trials_side_by_side_log_into_runs_of_their_own(trained):
    source = STUDY + (
        "tracker = GitrackCallback('accuracy')\n"
        "tracked = tracker.track(lambda trial: accuracy(trial, tracker.run(trial).log))\n"
        "with gitrack.init(name='outer') as outer:\n"
        "    wine = study('wine')\n"
        "    wine.optimize(tracked, 6, n_jobs=3, callbacks=[tracker], catch=ArithmeticError)\n"
        "    assert gitrack.run is outer and outer.recording\n"
        "    gitrack.log({'after': 1})\n"
        "    tracker.finish(wine)\n"
        "lone = study('lone')\n"
        "lone.optimize(tracker.track(lambda t: accuracy(t, gitrack.log)), 1, callbacks=[tracker])\n"
    )
    runs = trained(source, "optuna", "sklearn")
    by_name = {run.run.name: run for run in runs}
    assert set(by_name) == {"outer", "lone-0", *(f"wine-{number}" for number in range(6))}
    for number in range(6):
        run = by_name[f"wine-{number}"]
        epochs = {1: [0, 1], 2: [0]}.get(number, [0, 1, 2])
        assert run.history()["epoch"].dropna().tolist() == epochs
        assert run.history()["accuracy"].notna().sum() == len(epochs)
    assert by_name["wine-2"].run.error == "ArithmeticError: no gradient"
    assert by_name["outer"].summary["after"] == 1
    assert by_name["outer"].summary["trials/complete"] == 4
    assert by_name["lone-0"].history()["epoch"].dropna().tolist() == [0, 1, 2]


def test_two_objectives_have_values_by_their_names(trained):
    source = STUDY + (
        "wide = optuna.create_study(study_name='wide', directions=['maximize', 'minimize'])\n"
        "tracker = GitrackCallback(['accuracy', 'size'])\n"
        "def both(trial):\n"
        "    return 0.5, trial.suggest_int('size', 1, 9)\n"
        "wide.optimize(both, 2, callbacks=[tracker])\n"
        "tracker.finish(wide)\n"
    )
    first, second, whole = trained(source, "optuna", "sklearn")
    for run in (first, second):
        assert run.summary["accuracy"] == 0.5
        assert run.summary["size"] == run.config["size"]
    assert whole.config["directions"] == ["maximize", "minimize"]
    assert list(whole.table("study/trials").columns) == [
        "trial",
        "state",
        "accuracy",
        "size",
        "params/size",
    ]
