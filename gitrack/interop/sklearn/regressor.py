"""What regressors do."""

from typing import Any

from gitrack.interop.sklearn.scores import draw_learning_curve, draw_summary_metrics
from gitrack.interop.sklearn.sheet import Sheet, chart, logged, thinned
from gitrack.record.media.chart import Chart


def plot_regressor(
    model: Any,
    X_train: Any,
    X_test: Any,
    y_train: Any,
    y_test: Any,
    model_name: str = "Regressor",
    log_learning_curve: bool = True,
) -> None:
    """
    Log every chart of a fitted regressor, as one row.

    Parameters
    ----------
    model : regressor
        The regressor, fitted.
    X_train, X_test : array_like of shape (n_samples, n_features)
        The samples.
    y_train, y_test : array_like of shape (n_samples,)
        What is true of them.
    model_name : str
        What the model's settings are called in the config.
    log_learning_curve : bool
        Whether copies of it are trained on growing parts of the data.
    """
    sheet = Sheet(model, model_name)
    sheet.draw("summary_metrics", draw_summary_metrics, model, X_train, y_train, X_test, y_test)
    if log_learning_curve:
        sheet.draw("learning_curve", draw_learning_curve, model, X_train, y_train)
    sheet.draw("outlier_candidates", draw_outlier_candidates, model, X_train, y_train)
    sheet.draw("residuals", draw_residuals, model, X_test, y_test)
    sheet.log()


def draw_outlier_candidates(regressor: Any = None, X: Any = None, y: Any = None) -> Chart:
    """
    Draw Cook's distance of each sample: how far all predictions move without it.

    The leverages are those of a linear model with an intercept, the residuals the regressor's.

    Parameters
    ----------
    regressor : regressor
        The regressor, fitted to these samples.
    X : array_like of shape (n_samples, n_features)
        The samples.
    y : array_like of shape (n_samples,)
        What is true of them.

    Raises
    ------
    ValueError
        If there are no more samples than coefficients.

    References
    ----------
    Cook, "Detection of influential observation in linear regression", Technometrics 19, 1977.
    """
    import numpy as np

    truth = np.asarray(y, np.float64).ravel()
    matrix = np.column_stack([np.ones(len(truth)), np.asarray(X, np.float64)])
    # The diagonal of the hat matrix, by an orthonormal basis of the columns: collinear ones too.
    basis, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    rank = int((sizes > sizes.max() * max(matrix.shape) * np.finfo(float).eps).sum())
    leverage = (basis[:, :rank] ** 2).sum(axis=1)
    freedom = len(truth) - rank
    if freedom <= 0:
        raise ValueError(f"{len(truth)} samples are too few for {rank} coefficients")
    residuals = truth - np.asarray(regressor.predict(X), np.float64).ravel()
    variance = (residuals**2).sum() / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = residuals**2 / (rank * variance) * leverage / (1 - leverage) ** 2
    kept = thinned(len(distance))
    greatest = np.argsort(-distance, kind="stable")[: len(kept) // 10]
    places = np.union1d(kept, greatest)  # those that matter are not among what is left out
    rows = [[int(place), float(distance[place])] for place in places]
    columns = ["sample", "distance"]
    facts = {"points_left_out": len(distance) - len(places)}
    title = "Outlier candidates (Cook's distance)"
    return chart("scatter", title, {"x": "sample", "y": "distance"}, rows, columns, facts)


def draw_residuals(regressor: Any = None, X: Any = None, y: Any = None) -> Chart:
    """
    Draw what is true less what is predicted, against what is predicted.

    Parameters
    ----------
    regressor : regressor
        The regressor, fitted.
    X : array_like of shape (n_samples, n_features)
        Samples, better not those that it was trained on.
    y : array_like of shape (n_samples,)
        What is true of them.
    """
    import numpy as np

    guess = np.asarray(regressor.predict(X), np.float64).ravel()
    rest = np.asarray(y, np.float64).ravel() - guess
    kept = thinned(len(guess))
    rows = [[float(guess[place]), float(rest[place])] for place in kept]
    columns = ["predicted", "residual"]
    facts = {"points_left_out": len(guess) - len(kept)}
    parts = {"x": "predicted", "y": "residual"}
    return chart("scatter", "Residuals", parts, rows, columns, facts)


plot_outlier_candidates = logged("outlier_candidates")(draw_outlier_candidates)
plot_residuals = logged("residuals")(draw_residuals)
