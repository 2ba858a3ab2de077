"""What classifiers do."""

from collections.abc import Mapping, Sequence
from typing import Any

from gitrack.interop.importance import importance_chart
from gitrack.interop.sklearn.scores import draw_learning_curve, draw_summary_metrics
from gitrack.interop.sklearn.sheet import (
    Sheet,
    chart,
    class_names,
    final_step,
    logged,
    one_against_rest,
    thinned,
    truth_and_scores,
)
from gitrack.record.media.chart import Chart
from gitrack.record.media.tree import DecisionTree

_BINS = 10
_FLAT = 2
_TREES = 15  # levels of a tree that plot_classifier still draws


def plot_classifier(
    model: Any,
    X_train: Any,
    X_test: Any,
    y_train: Any,
    y_test: Any,
    y_pred: Any,
    y_probas: Any,
    labels: Sequence[Any] | None,
    is_binary: bool = False,
    model_name: str = "Classifier",
    feature_names: Sequence[str] | None = None,
    log_learning_curve: bool = False,
) -> None:
    """
    Log every chart of a fitted classifier, as one row.

    Parameters
    ----------
    model : classifier
        The classifier, or a pipeline that ends in one; fitted.
    X_train, X_test : array_like of shape (n_samples, n_features)
        The samples.
    y_train, y_test, y_pred : array_like of shape (n_samples,)
        The true classes, and those predicted of `X_test`.
    y_probas : array_like of shape (n_samples, n_classes)
        The probabilities predicted of `X_test`.
    labels : sequence of str
        The classes' names, in the order of their values.
    is_binary : bool
        Whether the curves show the second class alone.
    model_name : str
        What the model's settings are called in the config.
    feature_names : sequence of str, optional
        The features' names.
    log_learning_curve : bool
        Whether the model is trained on growing parts of the data too, which takes its time.
    """
    sheet = Sheet(model, model_name)
    chosen = _second_class(y_test) if is_binary else None
    more: dict[str, Any] = {"plot_micro": not is_binary, "classes_to_plot": chosen}
    sheet.draw("feature_importances", draw_feature_importances, model, feature_names)
    if log_learning_curve:
        sheet.draw("learning_curve", draw_learning_curve, model, X_train, y_train)
    sheet.draw("confusion_matrix", draw_confusion_matrix, y_test, y_pred, labels)
    sheet.draw("summary_metrics", draw_summary_metrics, model, X_train, y_train, X_test, y_test)
    sheet.draw("class_proportions", draw_class_proportions, y_train, y_test, labels)
    if y_probas is not None:
        sheet.draw("roc", draw_roc, y_test, y_probas, labels, plot_macro=not is_binary, **more)
        sheet.draw("precision_recall", draw_precision_recall, y_test, y_probas, labels, **more)
        sheet.draw("calibration_curve", draw_calibration, y_test, y_probas, labels, chosen)
    fitted = getattr(final_step(model), "tree_", None)
    if fitted is not None and fitted.max_depth <= _TREES:
        sheet.draw("decision_tree", draw_decision_tree, model, feature_names, labels)
    sheet.log()


def draw_confusion_matrix(
    y_true: Any = None,
    y_pred: Any = None,
    labels: Sequence[Any] | None = None,
    true_labels: Sequence[Any] | None = None,
    pred_labels: Sequence[Any] | None = None,
    normalize: bool = False,
) -> Chart:
    """
    Count which class was predicted for which.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (n_samples,)
        True and predicted classes.
    labels : sequence of str, optional
        The classes' names, in the order of their values.
    true_labels, pred_labels : sequence, optional
        The names of the classes to show, of the true and of the predicted ones.
    normalize : bool
        Whether each true class counts as one.
    """
    import numpy as np
    from sklearn.metrics import confusion_matrix

    classes = np.union1d(np.asarray(y_true), np.asarray(y_pred)).tolist()
    names = class_names(classes, labels)
    scale = "true" if normalize else None
    counts = confusion_matrix(y_true, y_pred, labels=classes, normalize=scale)
    rows = [
        [actual, predicted, counts[i, j].item()]
        for i, actual in enumerate(names)
        for j, predicted in enumerate(names)
        if (true_labels is None or actual in map(str, true_labels))
        and (pred_labels is None or predicted in map(str, pred_labels))
    ]
    shown = {name for row in rows for name in row[:2]}
    facts = {"classes": [name for name in names if name in shown]}
    parts = {"x": "Predicted", "y": "Actual", "value": "nPredictions"}
    return chart("confusion", "Confusion matrix", parts, rows, list(_CONFUSION), facts)


_CONFUSION = ("Actual", "Predicted", "nPredictions")


def draw_roc(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    plot_micro: bool = True,
    plot_macro: bool = True,
    classes_to_plot: Sequence[Any] | None = None,
) -> Chart:
    """
    Draw the true against the false positives of each class, and of their averages.

    Parameters
    ----------
    y_true : array_like of shape (n_samples,)
        True classes.
    y_probas : array_like of shape (n_samples, n_classes)
        Probabilities, in the order of the classes' values.
    labels : sequence of str, optional
        The classes' names.
    plot_micro, plot_macro : bool
        Whether the averages over all decisions, and over the classes, are drawn.
    classes_to_plot : sequence, optional
        The classes to draw; all unless given.
    """
    import numpy as np
    from sklearn.metrics import auc, roc_curve

    curves = {
        name: roc_curve(positive, score)[:2]
        for name, positive, score in one_against_rest(y_true, y_probas, labels, classes_to_plot)
    }
    if not curves:
        raise ValueError("a curve needs samples of a class and of others")
    areas = {name: float(auc(fpr, tpr)) for name, (fpr, tpr) in curves.items()}
    single = dict(curves)
    if plot_micro:
        curves["micro average"] = roc_curve(*_all_decisions(y_true, y_probas))[:2]
        areas["micro average"] = float(auc(*curves["micro average"]))
    if plot_macro and len(single) > 1:
        grid = np.unique(np.concatenate([fpr for fpr, _ in single.values()]))
        mean = np.mean([np.interp(grid, fpr, tpr) for fpr, tpr in single.values()], axis=0)
        # A curve begins at the origin, also where the first threshold already finds something.
        curves["macro average"] = np.concatenate([[0.0], grid]), np.concatenate([[0.0], mean])
        areas["macro average"] = float(np.mean([areas[name] for name in single]))
    rows, left_out = _curve_rows(curves)
    facts = {"auc": areas, "points_left_out": left_out}
    parts = {"x": "fpr", "y": "tpr", "stroke": "class"}
    return chart("roc", "ROC curve", parts, rows, ["class", "fpr", "tpr"], facts)


def draw_precision_recall(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    plot_micro: bool = True,
    classes_to_plot: Sequence[Any] | None = None,
) -> Chart:
    """Draw precision against recall of each class, and of all decisions: see `draw_roc`."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    decisions = {
        name: (positive, score)
        for name, positive, score in one_against_rest(y_true, y_probas, labels, classes_to_plot)
    }
    if not decisions:
        raise ValueError("a curve needs samples of a class and of others")
    if plot_micro:
        decisions["micro average"] = _all_decisions(y_true, y_probas)
    curves = {}
    for name, (positive, score) in decisions.items():
        precision, recall, _ = precision_recall_curve(positive, score)
        curves[name] = recall[::-1], precision[::-1]
    rows, left_out = _curve_rows(curves)
    facts = {
        "average_precision": {
            name: float(average_precision_score(*found)) for name, found in decisions.items()
        },
        "prevalence": {name: float(found[0].mean()) for name, found in decisions.items()},
        "points_left_out": left_out,
    }
    parts = {"x": "recall", "y": "precision", "stroke": "class"}
    columns = ["class", "recall", "precision"]
    return chart("pr", "Precision and recall", parts, rows, columns, facts)


def draw_feature_importances(
    model: Any = None,
    feature_names: Sequence[str] | None = None,
    title: str = "Feature Importance",
    max_num_features: int = 50,
) -> Chart:
    """
    Draw features by their importance, or by the size of their coefficients.

    Parameters
    ----------
    model : estimator
        A fitted one with ``feature_importances_`` or ``coef_``.
    feature_names : sequence of str, optional
        The features' names; the model's own unless given.
    title : str
        What stands above.
    max_num_features : int
        How many are drawn.
    """
    import numpy as np

    last = final_step(model)
    found, kind = getattr(last, "feature_importances_", None), "of the model"
    if found is None:
        coefficients = getattr(last, "coef_", None)
        if coefficients is None:
            raise ValueError(f"{type(last).__name__} tells no importance of features")
        sizes = np.abs(np.asarray(coefficients))
        found, kind = sizes.mean(axis=0) if sizes.ndim == _FLAT else sizes, "|coefficient|"
    names = feature_names
    if names is None:
        names = getattr(last, "feature_names_in_", None)
    if names is None:
        names = [f"feature {place}" for place in range(len(found))]
    drawn = importance_chart(dict(zip(names, found, strict=True)), kind, max_num_features)
    if title != "Feature Importance":
        drawn.panel["title"] = title
    return drawn


def draw_class_proportions(
    y_train: Any = None, y_test: Any = None, labels: Sequence[Any] | None = None
) -> Chart:
    """
    Count the samples of each class.

    Parameters
    ----------
    y_train, y_test : array_like of shape (n_samples,)
        True classes; one of them may be left out.
    labels : sequence of str, optional
        The classes' names.
    """
    import numpy as np

    parts = {"train": y_train, "test": y_test}
    given = {name: np.asarray(y) for name, y in parts.items() if y is not None}
    classes = np.unique(np.concatenate(list(given.values()))).tolist()
    rows = [
        [f"{name} ({part})" if len(given) > 1 else name, name, part, int((y == one).sum())]
        for one, name in zip(classes, class_names(classes, labels), strict=True)
        for part, y in given.items()
    ]
    columns = ["label", "class", "part", "count"]
    return chart("bar", "Samples of each class", {"x": "label", "y": "count"}, rows, columns)


def draw_calibration_curve(
    clf: Any = None, X: Any = None, y: Any = None, clf_name: str = "Classifier"
) -> Chart:
    """
    Draw how often a class is true where it is said to be so likely.

    Parameters
    ----------
    clf : classifier
        A fitted one with ``predict_proba``.
    X : array_like of shape (n_samples, n_features)
        Samples, better not those that it was trained on.
    y : array_like of shape (n_samples,)
        Their classes.
    clf_name : str
        What stands above.
    """
    drawn = draw_calibration(y, clf.predict_proba(X))
    drawn.panel["title"] = f"Calibration of {clf_name}"
    return drawn


def draw_calibration(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
) -> Chart:
    """Draw the same of probabilities: see `draw_roc`."""
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import brier_score_loss

    truth, _, classes = truth_and_scores(y_true, y_probas)
    if classes_to_plot is None and len(classes) == _FLAT:
        classes_to_plot = _second_class(truth)
    rows: list[list[Any]] = [["perfect", 0.0, 0.0], ["perfect", 1.0, 1.0]]
    scores = {}
    for name, positive, score in one_against_rest(y_true, y_probas, labels, classes_to_plot):
        observed, predicted = calibration_curve(positive, score, n_bins=_BINS)
        pairs = zip(predicted.tolist(), observed.tolist(), strict=True)
        rows += [[name, at, share] for at, share in pairs]
        scores[name] = float(brier_score_loss(positive, score))
    parts = {"x": "predicted probability", "y": "share of positives", "stroke": "class"}
    columns = ["class", "predicted probability", "share of positives"]
    return chart("line", "Calibration", parts, rows, columns, {"brier_score": scores})


def draw_decision_tree(
    model: Any = None,
    feature_names: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    tree: int = 0,
) -> DecisionTree:
    """
    Return the structure of a fitted tree, or of one tree of a forest: see `DecisionTree`.

    Parameters
    ----------
    model : tree or forest
        A fitted one, or a pipeline that ends in one.
    feature_names, labels : sequence of str, optional
        The features' and the classes' names.
    tree : int
        Which tree of a forest.
    """
    last = final_step(model)
    classes = getattr(last, "classes_", None)
    names = None if classes is None else class_names(classes.tolist(), labels)
    return DecisionTree(last, feature_names, names, tree)


plot_confusion_matrix = logged("confusion_matrix")(draw_confusion_matrix)
plot_roc = logged("roc")(draw_roc)
plot_precision_recall = logged("precision_recall")(draw_precision_recall)
plot_feature_importances = logged("feature_importances")(draw_feature_importances)
plot_class_proportions = logged("class_proportions")(draw_class_proportions)
plot_calibration_curve = logged("calibration_curve")(draw_calibration_curve)
plot_decision_tree = logged("decision_tree")(draw_decision_tree)


def _second_class(y: Any) -> list[Any]:
    import numpy as np

    return [np.unique(np.asarray(y))[-1].item()]


def _all_decisions(y_true: Any, y_probas: Any) -> tuple[Any, Any]:
    """Return every decision of one class against the others, all classes together."""
    import numpy as np

    truth, scores, classes = truth_and_scores(y_true, y_probas)
    positive = np.stack([truth == one for one in classes], axis=1)
    return positive.ravel(), scores.ravel()


def _curve_rows(curves: Mapping[str, tuple[Any, Any]]) -> tuple[list[list[Any]], int]:
    rows: list[list[Any]] = []
    left_out = 0
    for name, (x, y) in curves.items():
        kept = thinned(len(x))
        left_out += len(x) - len(kept)
        rows += [[name, float(x[place]), float(y[place])] for place in kept]
    return rows, left_out
