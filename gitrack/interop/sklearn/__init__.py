"""
Charts of what scikit-learn's models do, logged by one call each, or all at once.

    from gitrack.interop.sklearn import plot_classifier

    plot_classifier(model, X_train, X_test, y_train, y_test, y_pred, y_probas, labels)
"""

from gitrack.interop.sklearn.classifier import (
    plot_calibration_curve,
    plot_class_proportions,
    plot_classifier,
    plot_confusion_matrix,
    plot_decision_tree,
    plot_feature_importances,
    plot_precision_recall,
    plot_roc,
)
from gitrack.interop.sklearn.clusterer import plot_clusterer, plot_elbow_curve, plot_silhouette
from gitrack.interop.sklearn.regressor import (
    plot_outlier_candidates,
    plot_regressor,
    plot_residuals,
)
from gitrack.interop.sklearn.scores import plot_learning_curve, plot_summary_metrics

__all__ = [
    "plot_calibration_curve",
    "plot_class_proportions",
    "plot_classifier",
    "plot_clusterer",
    "plot_confusion_matrix",
    "plot_decision_tree",
    "plot_elbow_curve",
    "plot_feature_importances",
    "plot_learning_curve",
    "plot_outlier_candidates",
    "plot_precision_recall",
    "plot_regressor",
    "plot_residuals",
    "plot_roc",
    "plot_silhouette",
    "plot_summary_metrics",
]
