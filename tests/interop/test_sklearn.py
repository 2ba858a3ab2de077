"""Charts of scikit-learn's models say what scikit-learn's own functions say."""

import inspect

import numpy as np
import pytest

import gitrack

pytest.importorskip("sklearn")

from sklearn import metrics
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from gitrack.interop import sklearn as ours

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def wine():
    data = load_wine()
    parts = train_test_split(data.data, data.target, random_state=0, stratify=data.target)
    return data, parts


@pytest.fixture
def classified(begin):
    data, (train_x, test_x, train_y, test_y) = wine()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(train_x, train_y)
    guess, likelihood = model.predict(test_x), model.predict_proba(test_x)
    names = [str(name) for name in data.target_names]
    with begin(project="wine") as run:
        ours.plot_classifier(
            model,
            train_x,
            test_x,
            train_y,
            test_y,
            guess,
            likelihood,
            names,
            model_name="Logistic",
            feature_names=data.feature_names,
            log_learning_curve=True,
        )
    return gitrack.load(run.id), model, (train_x, test_x, train_y, test_y), guess, likelihood, names


def facts_of(run, key):
    return run.media(key)["facts"].iloc[-1]


def test_a_classifiers_numbers_are_scikit_learns(classified):
    run, model, (train_x, _, train_y, test_y), guess, _, names = classified
    assert len(run.history()) == 1
    scores = metrics.precision_recall_fscore_support(test_y, guess, average="weighted")[:3]
    expected = {"accuracy": metrics.accuracy_score(test_y, guess)}
    expected |= dict(zip(("precision", "recall", "f1"), map(float, scores), strict=True))
    assert {name: run.summary[f"metrics/{name}"] for name in expected} == expected
    table = run.table("summary_metrics")
    assert dict(zip(table["metric_name"], table["metric_value"], strict=True)) == expected

    counts = run.table("confusion_matrix").pivot_table("nPredictions", "Actual", "Predicted")
    assert counts.loc[names, names].to_numpy().tolist() == (
        metrics.confusion_matrix(test_y, guess).tolist()
    )
    assert facts_of(run, "confusion_matrix")["classes"] == names

    proportions = run.table("class_proportions").set_index("label")["count"]
    for number, name in enumerate(names):
        assert proportions[f"{name} (train)"] == (train_y == number).sum()
        assert proportions[f"{name} (test)"] == (test_y == number).sum()

    importance = run.table("feature_importances")
    sizes = np.abs(model[-1].coef_).mean(axis=0)
    assert importance["importance"].tolist() == sorted(sizes.tolist(), reverse=True)
    assert importance["feature"][0] == load_wine().feature_names[sizes.argmax()]
    described = run.config["Logistic"]
    assert described["class"] == "sklearn.pipeline.Pipeline"
    assert described["params"]["logisticregression__C"] == 0.01

    from sklearn.model_selection import learning_curve

    sizes, _, found = learning_curve(model, train_x, train_y, train_sizes=np.linspace(0.1, 1, 5))
    drawn = run.table("learning_curve").query("part == 'validation'")
    assert drawn["samples"].tolist() == sizes.tolist()
    assert drawn["score"].tolist() == pytest.approx(found.mean(axis=1), nan_ok=True)


def test_a_classifiers_curves_are_scikit_learns(classified):
    run, _, (*_, test_y), _, likelihood, names = classified
    areas = facts_of(run, "roc")["auc"]
    precisions = facts_of(run, "precision_recall")["average_precision"]
    briers = facts_of(run, "calibration_curve")["brier_score"]
    roc, pr = run.table("roc"), run.table("precision_recall")
    from sklearn.calibration import calibration_curve

    for number, name in enumerate(names):
        truth, score = test_y == number, likelihood[:, number]
        assert areas[name] == pytest.approx(metrics.roc_auc_score(truth, score), abs=1e-15)
        assert precisions[name] == metrics.average_precision_score(truth, score)
        assert briers[name] == metrics.brier_score_loss(truth, score)
        fpr, tpr, _ = metrics.roc_curve(truth, score)
        drawn = roc[roc["class"] == name]
        assert (drawn["fpr"].tolist(), drawn["tpr"].tolist()) == (fpr.tolist(), tpr.tolist())
        precision, recall, _ = metrics.precision_recall_curve(truth, score)
        drawn = pr[pr["class"] == name]
        assert drawn["precision"].tolist() == precision[::-1].tolist()
        assert drawn["recall"].tolist() == recall[::-1].tolist()
        observed, predicted = calibration_curve(truth, score, n_bins=10)
        drawn = run.table("calibration_curve").query(f"`class` == {name!r}")
        assert drawn["share of positives"].tolist() == observed.tolist()
        assert drawn["predicted probability"].tolist() == predicted.tolist()
    for average in ("micro", "macro"):
        expected = metrics.roc_auc_score(test_y, likelihood, average=average, multi_class="ovr")
        assert areas[f"{average} average"] == pytest.approx(expected, abs=1e-15)
    onehot = np.eye(3)[test_y]
    expected = metrics.average_precision_score(onehot, likelihood, average="micro")
    assert precisions["micro average"] == pytest.approx(expected, abs=1e-15)


def test_a_binary_classifier_shows_its_second_class_and_a_tree_its_structure(begin):
    data = load_breast_cancer(as_frame=True)
    train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, random_state=0)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(train_x, train_y)
    labels = [str(name) for name in data.target_names]
    likelihood = tree.predict_proba(test_x)
    with begin() as run:
        ours.plot_classifier(
            tree,
            train_x,
            test_x,
            train_y,
            test_y,
            tree.predict(test_x),
            likelihood,
            labels,
            is_binary=True,
        )
    loaded = gitrack.load(run.id)
    assert set(loaded.table("roc")["class"]) == {"benign"}
    assert facts_of(loaded, "roc")["auc"] == {
        "benign": pytest.approx(metrics.roc_auc_score(test_y, likelihood[:, 1]), abs=1e-15)
    }
    assert set(loaded.table("calibration_curve")["class"]) == {"perfect", "benign"}
    assert facts_of(loaded, "decision_tree")["leaves"] == tree.get_n_leaves()
    table = loaded.table("feature_importances")
    found = dict(zip(table["feature"], table["importance"], strict=True))
    assert found == dict(zip(data.feature_names, tree.feature_importances_.tolist(), strict=True))


def test_a_regressors_charts_are_what_a_linear_model_says(begin):
    x, y = load_diabetes(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x, y, random_state=0)
    model = LinearRegression().fit(train_x, train_y)
    with begin() as run:
        ours.plot_regressor(model, train_x, test_x, train_y, test_y)
    loaded = gitrack.load(run.id)
    guess = model.predict(test_x)
    assert loaded.summary["metrics/r2"] == metrics.r2_score(test_y, guess)
    assert loaded.summary["metrics/mae"] == metrics.mean_absolute_error(test_y, guess)
    assert loaded.summary["metrics/mse"] == metrics.mean_squared_error(test_y, guess)
    residuals = loaded.table("residuals")
    assert residuals["predicted"].tolist() == guess.tolist()
    assert residuals["residual"].tolist() == (test_y - guess).tolist()
    # Cook's distance by its definition: train without the sample and see all predictions move
    drawn = loaded.table("outlier_candidates").set_index("sample")["distance"]
    before = model.predict(train_x)
    variance = ((train_y - before) ** 2).sum() / (len(train_y) - 11)
    for sample in (0, 17, int(drawn.idxmax())):
        left = np.arange(len(train_y)) != sample
        after = LinearRegression().fit(train_x[left], train_y[left]).predict(train_x)
        expected = ((before - after) ** 2).sum() / (11 * variance)
        assert drawn[sample] == pytest.approx(expected, rel=1e-6)
    assert len(loaded.table("learning_curve")) == 10


@pytest.mark.parametrize("kind", [KMeans, AgglomerativeClustering])
def test_a_clusterers_charts_are_scikit_learns(begin, kind):
    x = StandardScaler().fit_transform(load_wine().data)
    more = {"random_state": 0, "n_init": 2} if kind is KMeans else {}
    model = kind(n_clusters=3, **more).fit(x)
    with begin() as run:
        ours.plot_clusterer(model, x, model.labels_, ["a", "b", "c"])
    loaded = gitrack.load(run.id)
    assert loaded.summary["metrics/silhouette"] == metrics.silhouette_score(x, model.labels_)
    each = metrics.silhouette_samples(x, model.labels_)
    drawn = loaded.table("silhouette_plot")
    assert sorted(drawn["silhouette"]) == sorted(each.tolist())
    assert drawn["sample"].tolist() == list(range(len(x)))
    own = drawn[drawn["cluster"] == "b"]["silhouette"].tolist()
    assert own == sorted(each[model.labels_ == 1].tolist(), reverse=True)
    elbow = loaded.table("elbow_curve").set_index("clusters")["squared distances"]
    assert elbow.index.tolist() == list(range(1, 10))
    assert elbow[1] == pytest.approx(((x - x.mean(axis=0)) ** 2).sum())
    if kind is KMeans:
        assert elbow[3] == KMeans(3, random_state=0, n_init=2).fit(x).inertia_
    sizes = loaded.table("class_proportions").set_index("class")["count"]
    assert sizes.tolist() == np.bincount(model.labels_).tolist()


def test_single_charts_go_to_the_run_under_way_and_come_back(begin):
    truth, guess = ["b", "a", "b", "b"], ["b", "a", "a", "b"]
    with begin() as run:
        made = ours.plot_confusion_matrix(truth, guess, normalize=True)
        part = ours.plot_confusion_matrix(truth, guess, true_labels=["b"])
        assert run.recording
    loaded = gitrack.load(run.id)
    assert loaded.media("confusion_matrix")["step"].tolist() == [0, 1]
    shares = loaded.table("confusion_matrix", 0)["nPredictions"].tolist()
    assert shares == [1.0, 0.0, pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert made.table.columns == ["Actual", "Predicted", "nPredictions"]
    assert part.table.data == [["b", "a", 1], ["b", "b", 2]]


def test_a_single_chart_without_a_run_makes_one_and_ends_it(begin, capsys):
    truth = [0, 1, 1, 0]
    ours.plot_roc(truth, [0.1, 0.8, 0.7, 0.3])
    assert not gitrack.run.recording
    (run,) = gitrack.runs()["id"]
    assert facts_of(gitrack.load(run), "roc")["auc"]["1"] == 1.0


def test_a_chart_that_cannot_be_drawn_leaves_the_others(begin, capsys):
    x = load_wine().data
    model = KMeans(2, n_init=1).fit(x)
    with begin() as run:
        assert ours.plot_feature_importances(model) is None
        ours.plot_clusterer(model, x, model.labels_, ["only one"])
    said = capsys.readouterr().err
    assert "feature_importances is not drawn: ValueError: KMeans tells no importance" in said
    assert "silhouette_plot is not drawn: ValueError: 1 labels for 2 classes" in said
    assert set(gitrack.load(run.id).media()["key"]) == {"elbow_curve"}


def test_more_curve_than_a_page_takes_is_thinned_and_keeps_its_ends(begin):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 20_000)
    score = rng.normal(size=20_000) + truth
    with begin() as run:
        ours.plot_roc(truth, score, plot_micro=False, classes_to_plot=[1])
    loaded = gitrack.load(run.id)
    table, facts = loaded.table("roc"), facts_of(loaded, "roc")
    whole = len(metrics.roc_curve(truth, score)[0])
    assert len(table) == 1000
    assert facts["points_left_out"] == whole - 1000
    assert table[["fpr", "tpr"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert facts["auc"]["1"] == pytest.approx(metrics.roc_auc_score(truth, score), abs=1e-12)


def test_every_chart_of_wandbs_takes_the_same_arguments():
    theirs = pytest.importorskip("wandb.sklearn")
    names = [name for name in dir(theirs) if name.startswith("plot_")]
    assert len(names) == 15
    for name in names:
        wanted = list(inspect.signature(getattr(theirs, name)).parameters)
        assert list(inspect.signature(getattr(ours, name)).parameters)[: len(wanted)] == wanted
