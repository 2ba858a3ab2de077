"""What clusterers do."""

import time
from collections.abc import Sequence
from typing import Any

from gitrack.interop.sklearn.classifier import draw_class_proportions
from gitrack.interop.sklearn.sheet import Sheet, chart, class_names, logged, thinned
from gitrack.record.media.chart import Chart

_RANGE = range(1, 10)


def plot_clusterer(
    model: Any,
    X_train: Any,
    cluster_labels: Any,
    labels: Sequence[Any] | None = None,
    model_name: str = "Clusterer",
) -> None:
    """
    Log every chart of a fitted clusterer, as one row.

    Parameters
    ----------
    model : clusterer
        The clusterer, fitted.
    X_train : array_like of shape (n_samples, n_features)
        The samples.
    cluster_labels : array_like of shape (n_samples,)
        The cluster of each.
    labels : sequence of str, optional
        The clusters' names, in the order of their numbers.
    model_name : str
        What the model's settings are called in the config.
    """
    sheet = Sheet(model, model_name)
    if hasattr(model, "n_clusters"):
        sheet.draw("elbow_curve", draw_elbow_curve, model, X_train)
    sheet.draw("silhouette_plot", draw_silhouette, model, X_train, cluster_labels, labels)
    sheet.draw("class_proportions", draw_class_proportions, cluster_labels, None, labels)
    sheet.log()


def draw_elbow_curve(
    clusterer: Any = None,
    X: Any = None,
    cluster_ranges: Sequence[int] | None = None,
    n_jobs: int = 1,
    show_cluster_time: bool = True,
) -> Chart:
    """
    Draw the sum of squared distances to the clusters' centres against their number.

    Parameters
    ----------
    clusterer : clusterer
        One with ``n_clusters``; copies of it are fitted.
    X : array_like of shape (n_samples, n_features)
        The samples.
    cluster_ranges : sequence of int, optional
        The numbers of clusters; 1 to 9 unless given.
    n_jobs : int
        How many are fitted at a time.
    show_cluster_time : bool
        Whether the table tells how long each took.

    Raises
    ------
    ValueError
        If the clusterer has no number of clusters.
    """
    from joblib import Parallel, delayed

    if not hasattr(clusterer, "n_clusters"):
        raise ValueError(f"{type(clusterer).__name__} has no n_clusters")
    numbers = sorted(_RANGE if cluster_ranges is None else cluster_ranges)
    numbers = [number for number in numbers if number <= len(X)]
    found = Parallel(n_jobs=n_jobs)(delayed(_fitted)(clusterer, X, number) for number in numbers)
    columns = ["clusters", "squared distances", *(["seconds"] if show_cluster_time else [])]
    rows = [
        [number, *each[: len(columns) - 1]] for number, each in zip(numbers, found, strict=True)
    ]
    parts = {"x": "clusters", "y": "squared distances"}
    return chart("line", "Elbow curve", parts, rows, columns)


def draw_silhouette(
    clusterer: Any = None,
    X: Any = None,
    cluster_labels: Any = None,
    labels: Sequence[Any] | None = None,
    metric: str = "euclidean",
    kmeans: bool = True,  # noqa: ARG001
) -> dict[str, Any]:
    """
    Draw how well each sample lies in its cluster, cluster by cluster, the best first.

    Parameters
    ----------
    clusterer : clusterer
        The clusterer; fitted here where `cluster_labels` are not given.
    X : array_like of shape (n_samples, n_features)
        The samples.
    cluster_labels : array_like of shape (n_samples,), optional
        The cluster of each.
    labels : sequence of str, optional
        The clusters' names.
    metric : str
        A distance that ``sklearn.metrics.silhouette_samples`` takes.
    kmeans : bool
        Taken for W&B's sake.

    Returns
    -------
    dict
        The chart under ``silhouette_plot``, and the mean under ``metrics/silhouette``.
    """
    import numpy as np
    from sklearn.metrics import silhouette_samples

    found = clusterer.fit_predict(X) if cluster_labels is None else cluster_labels
    clusters = np.asarray(found)
    values = silhouette_samples(X, clusters, metric=metric)
    numbers = np.unique(clusters).tolist()
    rows: list[list[Any]] = []
    at = left_out = 0
    for number, name in zip(numbers, class_names(numbers, labels), strict=True):
        own = np.sort(values[clusters == number])[::-1]
        kept = thinned(len(own))
        rows += [[name, at + int(place), float(own[place])] for place in kept]
        left_out += len(own) - len(kept)
        at += len(own)
    parts = {"x": "sample", "y": "silhouette", "stroke": "cluster"}
    columns = ["cluster", "sample", "silhouette"]
    facts = {"points_left_out": left_out}
    drawn = chart("line", "Silhouettes", parts, rows, columns, facts)
    return {"silhouette_plot": drawn, "metrics/silhouette": float(values.mean())}


plot_elbow_curve = logged("elbow_curve")(draw_elbow_curve)
plot_silhouette = logged("silhouette_plot")(draw_silhouette)


def _fitted(clusterer: Any, X: Any, number: int) -> tuple[float, float]:
    from sklearn.base import clone

    began = time.perf_counter()
    fitted = clone(clusterer).set_params(n_clusters=number).fit(X)
    seconds = time.perf_counter() - began
    if hasattr(fitted, "inertia_"):
        return float(fitted.inertia_), seconds
    return _squared_distances(X, fitted.labels_), seconds


def _squared_distances(X: Any, clusters: Any) -> float:
    """Return the same of a clusterer that does not tell it."""
    import numpy as np

    points = np.asarray(X, np.float64)
    groups = [points[clusters == number] for number in np.unique(clusters)]
    return float(sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups))
