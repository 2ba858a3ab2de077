"""What is said of classifiers and regressors alike: scores, and how they grow with the data."""

from typing import Any

from gitrack.interop.sklearn.sheet import chart, logged
from gitrack.record.media.chart import Chart

_SIZES = 5


def draw_summary_metrics(
    model: Any = None, X: Any = None, y: Any = None, X_test: Any = None, y_test: Any = None
) -> dict[str, Any]:
    """
    Score a model on samples that it was not trained on.

    Parameters
    ----------
    model : classifier or regressor
        A fitted model.
    X, y : array_like
        What it was trained on; scored where there is nothing else.
    X_test, y_test : array_like
        What it is scored on.

    Returns
    -------
    dict
        The chart under ``summary_metrics``, and each score under ``metrics/<name>``: accuracy,
        and precision, recall and F1 weighted by the classes' sizes; or mean absolute error, mean
        squared error and R² of a regressor.
    """
    from sklearn import metrics
    from sklearn.base import is_classifier

    if X_test is None or y_test is None:
        X_test, y_test = X, y
    guess = model.predict(X_test)
    if is_classifier(model):
        weighted: dict[str, Any] = {"average": "weighted", "zero_division": 0}
        found = {
            "accuracy": metrics.accuracy_score(y_test, guess),
            "precision": metrics.precision_score(y_test, guess, **weighted),
            "recall": metrics.recall_score(y_test, guess, **weighted),
            "f1": metrics.f1_score(y_test, guess, **weighted),
        }
    else:
        found = {
            "mae": metrics.mean_absolute_error(y_test, guess),
            "mse": metrics.mean_squared_error(y_test, guess),
            "r2": metrics.r2_score(y_test, guess),
        }
    rows = [[name, float(value)] for name, value in found.items()]
    columns = ["metric_name", "metric_value"]
    drawn = chart("bar", "Summary metrics", {"x": columns[0], "y": columns[1]}, rows, columns)
    numbers = {f"metrics/{name}": float(value) for name, value in found.items()}
    return {"summary_metrics": drawn, **numbers}


def draw_learning_curve(
    model: Any = None,
    X: Any = None,
    y: Any = None,
    cv: Any = None,
    shuffle: bool = False,
    random_state: Any = None,
    train_sizes: Any = None,
    n_jobs: int | None = 1,
    scoring: Any = None,
) -> Chart:
    """
    Draw a model's score against the number of samples that it is trained on.

    Parameters
    ----------
    model : estimator
        The model; copies of it are trained.
    X : array_like of shape (n_samples, n_features)
        The samples.
    y : array_like of shape (n_samples,)
        What is true of them.
    cv, shuffle, random_state, train_sizes, n_jobs, scoring
        As ``sklearn.model_selection.learning_curve`` takes them.
    """
    import numpy as np
    from sklearn.model_selection import learning_curve

    sizes, *scores = learning_curve(
        model,
        X,
        y,
        cv=cv,
        shuffle=shuffle,
        random_state=random_state,
        train_sizes=np.linspace(0.1, 1.0, _SIZES) if train_sizes is None else train_sizes,
        n_jobs=n_jobs,
        scoring=scoring,
    )
    rows = [
        [part, int(size), float(folds.mean()), float(folds.std())]
        for part, found in zip(("train", "validation"), scores, strict=True)
        for size, folds in zip(sizes, found, strict=True)
    ]
    parts = {"x": "samples", "y": "score", "stroke": "part"}
    columns = ["part", "samples", "score", "deviation"]
    return chart("line", "Learning curve", parts, rows, columns)


plot_summary_metrics = logged("summary_metrics")(draw_summary_metrics)
plot_learning_curve = logged("learning_curve")(draw_learning_curve)
