"""Embeddings: vectors with labels, and their projections to three dimensions."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from gitrack.record.media.arrays import array_from, keep_array, kept_array
from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.media.table import Table
from gitrack.record.values import text_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PROJECTIONS = ("pca", "umap", "tsne")
_DIMENSIONS = 3
_FLAT = 2
_PLACE = "tables"
_SEED = 0
_NOTHING = 1e-13  # share of the variance


class Embedding(Media):
    """
    Vectors of many dimensions, shown in two or three.

    Parameters
    ----------
    vectors : array_like of shape (n_samples, n_features)
        The vectors; kept exactly.
    labels : sequence of length n_samples, optional
        What each is.
    metadata : Table, DataFrame or mapping of columns, optional
        More of each, a row a vector; images too.
    name : str, optional
        What people call it.
    projections : sequence of {"pca", "umap", "tsne"}
        How to project: PCA needs nothing, UMAP the package umap-learn, t-SNE scikit-learn.

    Raises
    ------
    ValueError
        If lengths do not fit, a projection is unknown, or its package is not installed.
    """

    type: ClassVar[str] = "embedding"

    def __init__(
        self,
        vectors: Any,
        labels: Sequence[Any] | None = None,
        metadata: Any = None,
        name: str | None = None,
        projections: Sequence[str] = ("pca",),
    ) -> None:
        self._vectors = array_from(vectors)
        if self._vectors.ndim != _FLAT or 0 in self._vectors.shape:
            raise ValueError(f"vectors have a shape of (n, d), not {self._vectors.shape}")
        if unknown := [one for one in projections if one not in _PROJECTIONS]:
            raise ValueError(f"projection {unknown[0]!r} is not one of {', '.join(_PROJECTIONS)}")
        self._name = None if name is None else text_from(name)
        self._projections = list(dict.fromkeys(projections))
        count = len(self._vectors)
        table = metadata if isinstance(metadata, Table) else None
        if table is None and metadata is not None:
            table = Table(data=metadata)
        if labels is not None:
            values = labels.tolist() if hasattr(labels, "tolist") else list(labels)
            if table is None:
                table = Table(columns=["label"], data=[[value] for value in values])
            else:
                table.add_column("label", values)
        if table is not None and len(table) != count:
            raise ValueError(f"{len(table)} labels for {count} vectors")
        self._table = table

    def spool(self, spool: Spool) -> Item:
        """Keep the vectors and what is known of them."""
        kept = keep_array(self._vectors, spool)
        item: Item = {
            "type": self.type,
            "name": self._name,
            "vectors": kept,
            "projections": self._projections,
            "spooled": [kept["name"]],
        }
        if self._table is not None:
            item["table"] = self._table.spool(spool)
            item["spooled"] += item["table"]["spooled"]
        return item

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write vectors, labels and projections."""
        import numpy as np

        vectors = kept_array(item["vectors"], spool)
        made: Item = {
            "type": cls.type,
            "name": item["name"],
            "vectors": len(vectors),
            "dimensions": vectors.shape[1],
            **files.add(_npy(np.ascontiguousarray(vectors)), ".npy", _PLACE),
            "projections": {},
        }
        if "table" in item:
            table = Table.encode(item["table"], spool, files)
            made["labels"] = {key: table[key] for key in ("path", "columns", "rows")}
        for name in item["projections"]:
            try:
                points, facts = _PROJECTORS[name](vectors)
            except ImportError as error:
                made["projections"][name] = {"error": f"{error.name} is not installed"}
                continue
            kept = files.add(_npy(points.astype("<f4")), ".npy", _PLACE)
            made["projections"][name] = {"path": kept["path"], **facts}
        return made


def pca(vectors: "NDArray[Any]") -> "tuple[NDArray[np.float64], Item]":
    """
    Project vectors on the three directions in which they differ most.

    Each direction points to where its largest component, by size, is positive, so that the same
    vectors always look the same.

    Parameters
    ----------
    vectors : ndarray of shape (n_samples, n_features)
        The vectors; rows with NaN or infinities stay at the origin.

    Returns
    -------
    points : ndarray of shape (n_samples, 3)
        Their projection; a direction that is not there is 0.
    facts : dict
        ``explained_variance_ratio`` of each direction.

    References
    ----------
    Jolliffe, "Principal Component Analysis", 2nd edition, 2002, chapter 3: the directions are the
    eigenvectors of the smaller of the two matrices of products.
    """
    import numpy as np

    whole = np.asarray(vectors, dtype=np.float64)
    good = np.isfinite(whole).all(axis=1)
    points = np.zeros((len(whole), _DIMENSIONS))
    if not good.any():
        return points, {"explained_variance_ratio": [0.0] * _DIMENSIONS}
    centred = whole[good] - whole[good].mean(axis=0)
    rows, columns = centred.shape
    wide = columns > rows
    values, directions = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    order = np.argsort(values)[::-1][:_DIMENSIONS]
    values, directions = values[order].clip(0), directions[:, order]
    total = float((centred**2).sum()) or 1.0
    directions = directions * (values > total * _NOTHING)  # of rounding errors alone
    if wide:
        directions = centred.T @ directions
        lengths = np.linalg.norm(directions, axis=0)
        directions = np.divide(
            directions, lengths, out=np.zeros_like(directions), where=lengths > 0
        )
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, range(len(largest))])
    found = centred @ (directions * np.where(signs == 0, 1, signs))
    points[np.flatnonzero(good)[:, None], np.arange(found.shape[1])] = found
    ratios = (values / total).tolist()
    return points, {"explained_variance_ratio": ratios + [0.0] * (_DIMENSIONS - len(ratios))}


def _umap(vectors: "NDArray[Any]") -> "tuple[NDArray[Any], Item]":
    import umap

    made = umap.UMAP(n_components=_DIMENSIONS, random_state=_SEED, n_jobs=1)
    facts = {"neighbors": made.n_neighbors, "min_dist": made.min_dist, "seed": _SEED}
    return made.fit_transform(vectors), facts


def _tsne(vectors: "NDArray[Any]") -> "tuple[NDArray[Any], Item]":
    from sklearn.manifold import TSNE

    perplexity = min(30.0, max(1.0, (len(vectors) - 1) / 3))
    made = TSNE(_DIMENSIONS, perplexity=perplexity, random_state=_SEED, init="pca")
    return made.fit_transform(vectors), {"perplexity": perplexity, "seed": _SEED}


_PROJECTORS = {"pca": pca, "umap": _umap, "tsne": _tsne}


def _npy(array: "NDArray[Any]") -> bytes:
    import numpy as np

    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()
