"""Decision trees: the structure of a fitted tree of scikit-learn."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.values import text_from

_LEAF = -1


class DecisionTree(Media):
    """
    The structure of a fitted decision tree.

    Parameters
    ----------
    estimator : fitted tree or forest of scikit-learn
        A ``DecisionTreeClassifier``, say; of a forest one of its trees.
    feature_names : sequence of str, optional
        The features; the estimator's own, or ``feature 0`` …, unless given.
    class_names : sequence of str, optional
        The classes, in the order of ``classes_``.
    tree : int
        Which tree of a forest.

    Raises
    ------
    ValueError
        If the estimator is no fitted tree, or the number of names does not fit.
    """

    type: ClassVar[str] = "tree"

    def __init__(
        self,
        estimator: Any,
        feature_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        tree: int = 0,
    ) -> None:
        classes = getattr(estimator, "classes_", None)
        if hasattr(estimator, "estimators_"):
            chosen = estimator.estimators_[tree]
            estimator = chosen[0] if hasattr(chosen, "__len__") else chosen
        found = getattr(estimator, "tree_", None)
        if found is None:
            raise ValueError(f"{type(estimator).__name__} is no fitted decision tree")
        names = feature_names
        if names is None:
            names = getattr(estimator, "feature_names_in_", None)
        if names is None:
            names = [f"feature {place}" for place in range(found.n_features)]
        if len(names) != found.n_features:
            raise ValueError(f"{len(names)} feature names for {found.n_features} features")
        if class_names is None and classes is not None and found.n_outputs == 1:
            class_names = [text_from(one) for one in classes]
        self._tree = {
            "feature_names": [text_from(name) for name in names],
            "class_names": None if class_names is None else [text_from(n) for n in class_names],
            "criterion": text_from(getattr(estimator, "criterion", "")),
            "nodes": _nodes(found),
            "importances": estimator.feature_importances_.tolist(),
        }
        self._facts = {
            "depth": int(found.max_depth),
            "leaves": int(found.n_leaves),
            "nodes": int(found.node_count),
            "criterion": self._tree["criterion"],
        }

    def spool(self, spool: Spool) -> Item:
        """Keep the structure."""
        content = json.dumps(self._tree).encode()
        return {"type": self.type, "facts": self._facts, "spooled": [spool.keep(content)]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the structure as JSON."""
        kept = files.add(spool.path(item["spooled"][0]), ".tree.json")
        return {"type": cls.type, **item["facts"], **kept}


def _nodes(tree: Any) -> list[Item]:
    """Return the nodes in scikit-learn's order: the root first, children by their places."""
    made = []
    for place in range(tree.node_count):
        node: Item = {
            "samples": int(tree.n_node_samples[place]),
            "weighted_samples": float(tree.weighted_n_node_samples[place]),
            "impurity": float(tree.impurity[place]),
            "value": tree.value[place].tolist(),
        }
        if tree.children_left[place] != _LEAF:
            node |= {
                "feature": int(tree.feature[place]),
                "threshold": float(tree.threshold[place]),
                "left": int(tree.children_left[place]),
                "right": int(tree.children_right[place]),
            }
        made.append(node)
    return made
