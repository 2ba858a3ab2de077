"""
Fit a decision tree to scikit-learn's wines, and record every chart of a classifier.

    python examples/sklearn_report.py
"""

from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

import gitrack
from gitrack.interop.sklearn import plot_classifier

data = load_wine()
train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, random_state=0)
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(train_x, train_y)

with gitrack.init(project="wine"):
    plot_classifier(
        model,
        train_x,
        test_x,
        train_y,
        test_y,
        model.predict(test_x),
        model.predict_proba(test_x),
        labels=[str(name) for name in data.target_names],
        model_name="tree",
        feature_names=data.feature_names,
        log_learning_curve=True,
    )
