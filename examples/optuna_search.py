"""
Search for the settings of a linear classifier on handwritten digits, a run a trial.

    python examples/optuna_search.py
"""

import optuna
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

import gitrack
from gitrack.interop.optuna import GitrackCallback

parts = train_test_split(*load_digits(return_X_y=True), random_state=0)
train_x, val_x, train_y, val_y = parts
tracker = GitrackCallback("accuracy", project="digits", tags=["search"])


@tracker.track
def objective(trial: optuna.Trial) -> float:
    alpha = trial.suggest_float("alpha", 1e-5, 1e2, log=True)
    model = SGDClassifier(alpha=alpha, random_state=0)
    for epoch in range(5):
        accuracy = model.partial_fit(train_x, train_y, range(10)).score(val_x, val_y)
        gitrack.log({"epoch": epoch, "accuracy": accuracy})
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


sampler = optuna.samplers.TPESampler(seed=0)
study = optuna.create_study(study_name="sgd", direction="maximize", sampler=sampler)
study.optimize(objective, n_trials=8, callbacks=[tracker])
tracker.finish(study)
