"""Charts from data: what W&B has as ``wandb.plot``."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gitrack.record.media.arrays import array_from
from gitrack.record.media.chart import Chart
from gitrack.record.media.table import Table
from gitrack.record.values import text_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "pr_curve",
    "roc_curve",
    "scatter",
]

_EPSILON = 1e-12  # 0.6 as a fraction and as a point of the grid differ in the last bit
_POINTS = 1_000  # most points of a ROC curve that are kept


def line(
    table: Table,
    x: str,
    y: str,
    stroke: str | None = None,
    title: str = "",
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Draw a column against another, a line for each value of `stroke`.

    Parameters
    ----------
    table : Table
        The data.
    x, y, stroke : str
        Names of its columns.
    title : str
        What stands above.
    split_table : bool
        Taken for W&B's sake: the table is always kept as a file of its own.

    Raises
    ------
    ValueError
        If the table has no such column.
    """
    return _chart("line", table, title, {"x": x, "y": y, "stroke": stroke})


def scatter(table: Table, x: str, y: str, title: str = "", split_table: bool = False) -> Chart:  # noqa: ARG001
    """Draw a point a row: see `line`."""
    return _chart("scatter", table, title, {"x": x, "y": y})


def bar(table: Table, label: str, value: str, title: str = "", split_table: bool = False) -> Chart:  # noqa: ARG001
    """Draw a bar a row, `value` long, named by `label`: see `line`."""
    return _chart("bar", table, title, {"x": label, "y": value})


def histogram(table: Table, value: str, title: str = "", split_table: bool = False) -> Chart:  # noqa: ARG001
    """Draw how often the values of a column occur: see `line`."""
    return _chart("histogram", table, title, {"x": value})


def line_series(
    xs: Iterable[Any],
    ys: Iterable[Iterable[Any]],
    keys: Iterable[str] | None = None,
    title: str = "",
    xname: str = "x",
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Draw several lines.

    Parameters
    ----------
    xs : sequence of numbers, or of such sequences
        Positions: one sequence for all lines, or one for each.
    ys : sequence of sequences of numbers
        Values of each line.
    keys : sequence of str, optional
        The lines' names; ``line_0`` … unless given.
    title, xname : str
        What stands above and below.
    split_table : bool
        Taken for W&B's sake.

    Raises
    ------
    ValueError
        If the numbers of positions, values and names do not fit.
    """
    lines = [list(values) for values in ys]
    positions = list(xs)
    if not positions or not isinstance(positions[0], Iterable):
        positions = [positions] * len(lines)
    names = [f"line_{i}" for i in range(len(lines))] if keys is None else list(map(text_from, keys))
    table = Table(columns=["step", "lineKey", "lineVal"])
    for x, y, name in zip(positions, lines, names, strict=True):
        for place, value in zip(x, y, strict=True):
            table.add_data(place, name, value)
    panel = {"x": "step", "y": "lineVal", "stroke": "lineKey", "xname": xname}
    return _chart("line", table, title, panel)


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Count which class was predicted for which.

    Parameters
    ----------
    probs : array_like of shape (n_samples, n_classes), optional
        The probability of each class.
    y_true : array_like of shape (n_samples,)
        The true classes: places in `class_names`, or any values.
    preds : array_like of shape (n_samples,), optional
        The predicted classes, instead of probabilities.
    class_names : sequence of str, optional
        The classes' names.
    title : str
        What stands above.
    split_table : bool
        Taken for W&B's sake.

    Raises
    ------
    ValueError
        If there are both or neither of `probs` and `preds`, or lengths do not fit.
    """
    import numpy as np

    if (probs is None) == (preds is None) or y_true is None:
        raise ValueError("a confusion matrix takes y_true and either probs or preds")
    truth = _labels(y_true)
    guess = list(array_from(probs).argmax(axis=1)) if preds is None else _labels(preds)
    if len(truth) != len(guess):
        raise ValueError(f"{len(truth)} true classes and {len(guess)} predictions")
    values = sorted({*truth, *guess}, key=lambda value: (isinstance(value, str), value))
    if class_names is not None:
        names = [text_from(name) for name in class_names]
        if all(isinstance(v, int | np.integer) and 0 <= v < len(names) for v in values):
            values = list(range(len(names)))
        elif set(map(text_from, values)) <= set(names):
            values = sorted(values, key=lambda value: names.index(text_from(value)))
            names = [text_from(value) for value in values]
        else:
            raise ValueError(f"{len(names)} class names for {len(values)} classes")
    else:
        names = [text_from(value) for value in values]
    places = {value: place for place, value in enumerate(values)}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, ([places[v] for v in truth], [places[v] for v in guess]), 1)
    table = Table(
        columns=["Actual", "Predicted", "nPredictions"],
        data=[[a, p, int(counts[i, j])] for i, a in enumerate(names) for j, p in enumerate(names)],
    )
    panel = {"x": "Predicted", "y": "Actual", "value": "nPredictions"}
    return _chart("confusion", table, title, panel, {"classes": names})


def roc_curve(
    y_true: Any,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str = "ROC Curve",
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Draw the true against the false positives of every class, against all others.

    Parameters
    ----------
    y_true : array_like of shape (n_samples,)
        The true classes.
    y_probas : array_like of shape (n_samples, n_classes)
        The probability of each class, in the order of the classes' values.
    labels : sequence of str, optional
        The classes' names.
    classes_to_plot : sequence, optional
        The classes to draw; all unless given.
    title : str
        What stands above.
    split_table : bool
        Taken for W&B's sake.

    Raises
    ------
    ValueError
        If lengths do not fit, or there is one class alone.
    """
    import numpy as np

    table = Table(columns=["class", "fpr", "tpr"])
    areas: dict[str, float] = {}
    dropped = 0
    for name, truth, score in _one_against_rest(y_true, y_probas, labels, classes_to_plot):
        hits, misses = _cumulated(truth, score)
        tpr = np.concatenate([[0.0], hits / hits[-1]])
        fpr = np.concatenate([[0.0], misses / misses[-1]])
        areas[name] = float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
        kept = _thinned(len(tpr))
        dropped += len(tpr) - len(kept)
        for place in kept:
            table.add_data(name, float(fpr[place]), float(tpr[place]))
    facts = {"auc": areas, "points_left_out": dropped}
    return _chart("roc", table, title, {"x": "fpr", "y": "tpr", "stroke": "class"}, facts)


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Draw precision against recall of every class, against all others.

    Parameters
    ----------
    y_true, y_probas, labels, classes_to_plot, title, split_table
        As in `roc_curve`.
    interp_size : int
        How many points of recall, evenly from 0 to 1, each with the highest precision that is
        reached at that recall or beyond.

    Raises
    ------
    ValueError
        If lengths do not fit, or there is one class alone.

    References
    ----------
    Everingham et al., "The PASCAL Visual Object Classes Challenge", 2010, section 4.2.
    """
    import numpy as np

    table = Table(columns=["class", "precision", "recall"])
    average: dict[str, float] = {}
    prevalence: dict[str, float] = {}
    grid = np.linspace(0, 1, interp_size)
    for name, truth, score in _one_against_rest(y_true, y_probas, labels, classes_to_plot):
        hits, misses = _cumulated(truth, score)
        recall, precision = hits / hits[-1], hits / (hits + misses)
        average[name] = float(np.sum(np.diff(np.concatenate([[0.0], recall])) * precision))
        prevalence[name] = float(truth.mean())
        best = np.maximum.accumulate(precision[::-1])[::-1]
        places = np.searchsorted(recall, grid - _EPSILON, side="left").clip(0, len(best) - 1)
        for at, place in zip(grid, places, strict=True):
            table.add_data(name, float(best[place]), float(at))
    facts = {"average_precision": average, "prevalence": prevalence}
    return _chart("pr", table, title, {"x": "recall", "y": "precision", "stroke": "class"}, facts)


def plot_table(
    vega_spec_name: str,
    data_table: Table,
    fields: dict[str, Any],
    string_fields: dict[str, Any] | None = None,
    split_table: bool = False,  # noqa: ARG001
) -> Chart:
    """
    Draw a table by the name of one of W&B's charts; any other name keeps the table.

    Parameters
    ----------
    vega_spec_name : str
        ``wandb/line/v0``, ``wandb/scatter/v0`` ….
    data_table : Table
        The data.
    fields, string_fields : mapping of str to str
        The chart's parts and the columns, or the texts, that they take.
    split_table : bool
        Taken for W&B's sake.
    """
    words = vega_spec_name.split("/")
    kind = _SPECS.get(words[1] if len(words) > 1 else words[0], "table")
    texts = dict(string_fields or {})
    title = text_from(texts.pop("title", ""))
    panel = {"spec": vega_spec_name, **texts, **fields}
    for ours, theirs in (("x", "label"), ("y", "value")):
        if kind == "bar" and theirs in panel:
            panel[ours] = panel.pop(theirs)
    return _chart(kind, data_table, title, panel, check=False)


_SPECS = {
    "area-under-curve": "line",
    "bar": "bar",
    "confusion_matrix": "confusion",
    "histogram": "histogram",
    "line": "line",
    "lineseries": "line",
    "scatter": "scatter",
}


def _chart(
    kind: str,
    table: Table,
    title: str,
    panel: dict[str, Any],
    facts: dict[str, Any] | None = None,
    *,
    check: bool = True,
) -> Chart:
    if not isinstance(table, Table):
        table = Table(data=table)
    if check:
        for part in ("x", "y", "stroke", "value"):
            name = panel.get(part)
            if name is not None and name not in table.columns:
                raise ValueError(f"the table has no column {name!r}, only {table.columns}")
    return Chart({"chart": kind, "title": title or None, **panel}, table, facts)


def _labels(values: Any) -> list[Any]:
    if hasattr(values, "detach"):
        values = array_from(values)
    values = values.tolist() if hasattr(values, "tolist") else list(values)
    return [int(v) if isinstance(v, bool) else v for v in values]


def _one_against_rest(
    y_true: Any, y_probas: Any, labels: Sequence[str] | None, chosen: Sequence[Any] | None
) -> "list[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]":
    import numpy as np

    if y_true is None or y_probas is None:
        raise ValueError("a curve takes y_true and y_probas")
    truth = np.array(_labels(y_true))
    scores = np.asarray(array_from(y_probas), dtype=np.float64)
    classes = sorted(set(truth.tolist()))
    if scores.ndim == 1:
        scores = np.stack([1 - scores, scores], axis=1)
    if scores.ndim != 2 or len(scores) != len(truth):  # noqa: PLR2004
        raise ValueError(f"probabilities of shape {scores.shape} for {len(truth)} samples")
    if all(isinstance(one, int) and 0 <= one < scores.shape[1] for one in classes):
        classes = list(range(scores.shape[1]))
    if len(classes) != scores.shape[1]:
        raise ValueError(f"{scores.shape[1]} probabilities for {len(classes)} classes")
    found = []
    for place, one in enumerate(classes):
        positive = truth == one
        if (chosen is None or one in list(chosen)) and 0 < positive.sum() < len(truth):
            name = text_from(one if labels is None else labels[place])
            found.append((name, positive, scores[:, place]))
    if not found:
        raise ValueError("a curve needs samples of a class and of others")
    return found


def _cumulated(
    truth: "NDArray[np.bool_]", score: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Count true and false positives at every threshold, the highest first."""
    import numpy as np

    order = np.argsort(-score, kind="stable")
    ranked, hit = score[order], truth[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(hit)[ends].astype(np.float64)
    return hits, ends + 1 - hits


def _thinned(count: int) -> "NDArray[np.intp]":
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.intp))
