"""Tables, charts, embeddings, trees and histograms, read back as they were logged."""

import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gitrack
from gitrack.analysis.media import MediaCell
from gitrack.record.media.embedding import pca

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
)  # fmt: skip


def equal(one, other):
    if other is pd.NA or (one is None and isinstance(other, float) and math.isnan(other)):
        other = None
    if isinstance(one, float) and isinstance(other, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if isinstance(other, np.generic):
        other = other.item()
    return type(one) is type(other) and one == other


@settings(max_examples=25)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))))
def test_a_table_is_read_back_as_it_was_logged(begin, rows):
    columns = [f"c{place}" for place in range(len(rows[0]) if rows else 2)]
    with begin() as run:
        run.log({"t": gitrack.Table(columns=columns, data=rows)})
    frame = gitrack.load(run.id).table("t")
    assert list(frame.columns) == columns
    assert len(frame) == len(rows)
    for place, name in enumerate(columns):
        for row, value in zip(rows, frame[name].tolist(), strict=True):
            assert equal(row[place], value), (row[place], value)


def test_the_table_of_wandb_is_there(begin):
    table = gitrack.Table(columns=["a", "b"])
    table.add_data(1, "x")
    table.add_row(2, "y")
    table.add_column("c", [0.5, 1.5])
    assert table.get_column("c", convert_to="numpy").tolist() == [0.5, 1.5]
    assert list(table.iterrows()) == [(0, [1, "x", 0.5]), (1, [2, "y", 1.5])]
    assert table.get_index() == [0, 1]
    assert table.get_dataframe().shape == (2, 3)
    with begin() as run:
        run.log({"t": table})
        table.add_data(3, "z", 2.5)
        run.log({"t": table})
    loaded = gitrack.load(run.id)
    assert len(loaded.table("t", 0)) == 2
    assert len(loaded.table("t")) == 3
    with pytest.raises(KeyError):
        loaded.table("nothing")


def test_an_incremental_table_keeps_each_row_once(begin):
    table = gitrack.Table(columns=["n"], log_mode="INCREMENTAL")
    with begin() as run:
        for n in range(3):
            table.add_data(n)
            run.log({"t": table})
    loaded = gitrack.load(run.id)
    assert loaded.media()["facts"].map(lambda facts: facts["rows"]).tolist() == [1, 1, 1]
    assert loaded.table("t")["n"].tolist() == [0, 1, 2]
    assert loaded.table("t", 1)["n"].tolist() == [0, 1]


def test_frames_come_through_with_their_kinds(begin):
    frame = pd.DataFrame(
        {
            "x": [1.0, float("nan")],
            "n": [1, 2],
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True),
        }
    )
    named = pd.DataFrame({"v": ["a", None]}, index=pd.Index([3, 4], name="k"))
    with begin() as run:
        run.log({"frame": frame, "named": named, "array": gitrack.Table(data=np.eye(2))})
    loaded = gitrack.load(run.id)
    kept = loaded.table("frame")
    assert kept["n"].tolist() == [1, 2]
    assert math.isnan(kept["x"][1])
    assert pd.Timestamp(kept["when"][1]).isoformat().startswith("2026-01-02T00:00:00")
    assert loaded.table("named")["k"].tolist() == [3, 4]
    assert loaded.table("array")["1"].tolist() == [0.0, 1.0]


def test_media_in_a_cell_says_where_it_lies(begin):
    image = gitrack.Image(np.zeros((2, 2), np.uint8), caption="c")
    with begin() as run:
        run.log({"t": gitrack.Table(columns=["i", "n"], data=[[image, 1], [None, 2], [3.5, 3]])})
    loaded = gitrack.load(run.id)
    first, second, third = loaded.table("t")["i"]
    assert isinstance(first, MediaCell)
    assert (first.type, first.facts["caption"]) == ("image", "c")
    assert loaded.read(first.path).startswith(b"\x89PNG")
    assert (second, third) == (None, 3.5)
    assert loaded.media()["facts"][0]["media"] == ["i"]


def test_a_large_table_of_numbers_holds_the_caller_for_a_copy_alone(begin):
    data = np.random.default_rng(0).random((200_000, 5))
    with begin() as run:
        run.log({"t": gitrack.Table(columns=list("abcde"), data=data)})
        data[:] = 0
    kept = gitrack.load(run.id).table("t")
    assert len(kept) == 200_000
    assert kept["a"].mean() == pytest.approx(0.5, abs=0.01)


@pytest.fixture(scope="module")
def iris():
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.linear_model import LogisticRegression

    x, y = datasets.load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=2000).fit(x[:, :1], y)
    return x, y, model.predict_proba(x[:, :1])


def chart_of(chart, begin, key="c"):
    with begin() as run:
        run.log({key: chart})
    loaded = gitrack.load(run.id)
    return loaded.media()["facts"][0], loaded.table(key)


def test_a_confusion_matrix_is_scikit_learns(begin, iris):
    from sklearn.metrics import confusion_matrix

    _, y, probabilities = iris
    names = ["setosa", "versicolor", "virginica"]
    chart = gitrack.plot.confusion_matrix(probs=probabilities, y_true=y, class_names=names)
    facts, table = chart_of(chart, begin)
    counts = table.pivot_table(index="Actual", columns="Predicted", values="nPredictions")
    assert counts.loc[names, names].to_numpy().astype(int).tolist() == (
        confusion_matrix(y, probabilities.argmax(axis=1)).tolist()
    )
    assert (facts["panel"]["chart"], facts["classes"]) == ("confusion", names)


def test_roc_curves_are_scikit_learns(begin, iris):
    from sklearn.metrics import roc_auc_score, roc_curve

    _, y, probabilities = iris
    facts, table = chart_of(gitrack.plot.roc_curve(y, probabilities), begin)
    for place in range(3):
        area = roc_auc_score(y == place, probabilities[:, place])
        assert facts["auc"][str(place)] == pytest.approx(area, abs=1e-12)
        rows = table[table["class"] == str(place)]
        fpr, tpr, _ = roc_curve(y == place, probabilities[:, place], drop_intermediate=False)
        assert np.allclose(rows["fpr"].astype(float), fpr)
        assert np.allclose(rows["tpr"].astype(float), tpr)
    assert facts["points_left_out"] == 0


def test_pr_curves_are_scikit_learns(begin, iris):
    from sklearn.metrics import average_precision_score, precision_recall_curve

    _, y, probabilities = iris
    facts, table = chart_of(gitrack.plot.pr_curve(y, probabilities), begin)
    for place in range(3):
        truth, score = y == place, probabilities[:, place]
        area = average_precision_score(truth, score)
        assert facts["average_precision"][str(place)] == pytest.approx(area, abs=1e-12)
        assert facts["prevalence"][str(place)] == truth.mean()
        precision, recall, _ = precision_recall_curve(truth, score)
        for _, row in table[table["class"] == str(place)].iterrows():
            best = precision[recall >= row["recall"] - 1e-12].max()
            if row["recall"] > 0:
                assert row["precision"] == pytest.approx(best, abs=1e-12)
    assert len(table) == 3 * 21


def test_lines_bars_and_points_keep_their_panel(begin):
    table = gitrack.Table(columns=["x", "y", "s"], data=[[1, 2.0, "a"], [2, 3.0, "b"]])
    charts = {
        "line": gitrack.plot.line(table, "x", "y", stroke="s", title="t"),
        "scatter": gitrack.plot.scatter(table, "x", "y"),
        "bar": gitrack.plot.bar(table, "s", "y"),
        "histogram": gitrack.plot.histogram(table, "y"),
        "series": gitrack.plot.line_series([0, 1], [[1, 2], [3, 4]], ["p", "q"], xname="t"),
        "spec": gitrack.plot_table("wandb/bar/v0", table, {"label": "s", "value": "y"}),
        "own": gitrack.plot_table("me/mine", table, {"a": "x"}),
    }
    with begin() as run:
        run.log(charts)
    loaded = gitrack.load(run.id)
    panels = {row.key: row.facts["panel"] for row in loaded.media().itertuples()}
    assert panels["line"] == {"chart": "line", "title": "t", "x": "x", "y": "y", "stroke": "s"}
    assert panels["bar"] == {"chart": "bar", "x": "s", "y": "y"}
    assert panels["spec"]["chart"] == "bar"
    assert (panels["own"]["chart"], panels["own"]["spec"]) == ("table", "me/mine")
    assert loaded.table("series")["lineVal"].tolist() == [1, 2, 3, 4]


def test_a_projection_is_scikit_learns_up_to_its_signs(iris):
    from sklearn.decomposition import PCA

    x, _, _ = iris
    for vectors in (x, x[:3], np.random.default_rng(0).random((20, 50))):
        points, facts = pca(vectors)
        model = PCA(min(3, *vectors.shape))
        expected = model.fit_transform(vectors)
        width = expected.shape[1]
        assert np.allclose(np.abs(points[:, :width]), np.abs(expected), atol=1e-8)
        ratios = facts["explained_variance_ratio"][:width]
        assert np.allclose(ratios, model.explained_variance_ratio_, atol=1e-8)


def test_an_embedding_keeps_vectors_labels_and_projections(begin, iris):
    x, y, _ = iris
    vectors = x.astype(np.float32)
    with begin() as run:
        run.log({"e": gitrack.Embedding(vectors, labels=y, projections=["pca", "tsne"])})
        broken = vectors.copy()
        broken[0] = np.nan
        run.log({"e": gitrack.Embedding(broken, metadata={"n": list(range(150))})})
    loaded = gitrack.load(run.id)
    first, second = (row.facts for row in loaded.media().itertuples())
    assert np.array_equal(np.load(io.BytesIO(loaded.read(loaded.media()["path"][0]))), vectors)
    for name in ("pca", "tsne"):
        points = np.load(io.BytesIO(loaded.read(first["projections"][name]["path"])))
        assert points.shape == (150, 3)
    assert first["labels"]["columns"] == ["label"]
    assert second["labels"]["columns"] == ["n"]


def test_a_decision_tree_decides_as_the_fitted_one(begin, iris):
    import json

    from sklearn.ensemble import RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    x, y, _ = iris
    fitted = DecisionTreeClassifier(max_depth=3, random_state=0).fit(x, y)
    with begin() as run:
        run.log({"tree": gitrack.DecisionTree(fitted, feature_names=list("abcd"))})
        forest = RandomForestClassifier(3, random_state=0).fit(x, y)
        run.log({"forest": gitrack.DecisionTree(forest, tree=2)})
    loaded = gitrack.load(run.id)
    tree = json.loads(loaded.read(loaded.media("tree")["path"][0]))

    def decide(row):
        node = tree["nodes"][0]
        while "feature" in node:
            side = "left" if np.float32(row[node["feature"]]) <= node["threshold"] else "right"
            node = tree["nodes"][node[side]]
        return int(np.argmax(node["value"][0]))

    assert [decide(row) for row in x] == fitted.predict(x).tolist()
    assert tree["class_names"] == ["0", "1", "2"]
    assert tree["feature_names"] == list("abcd")
    assert loaded.media("forest")["facts"][0]["depth"] >= 3


@pytest.mark.parametrize(
    "values",
    [[1, 2, 2, 3], np.arange(10).reshape(2, 5), [True, False], [1.5, float("nan"), float("inf")]],
)
def test_a_histogram_counts_what_numpy_counts(values):
    made = gitrack.Histogram(values, num_bins=4)
    flat = np.asarray(values, dtype=float).ravel()
    counts, edges = np.histogram(flat[np.isfinite(flat)], bins=4)
    assert made.histogram == counts.tolist()
    assert made.bins == pytest.approx(edges.tolist())


def test_histograms_are_read_back_by_their_key(begin):
    with begin() as run:
        run.log({"a": gitrack.Histogram([1, 2, 3]), "loss": 1})
        run.log({"b": gitrack.Histogram(np_histogram=np.histogram([5, 6], bins=2))})
    loaded = gitrack.load(run.id)
    assert loaded.histograms()["key"].tolist() == ["a", "b"]
    (row,) = loaded.histograms("b").itertuples()
    assert (list(row.counts), list(row.edges)) == ([1.0, 1.0], [5.0, 5.5, 6.0])
