"""Which way a metric gets better, by the names that the field gives its metrics."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Goal = Literal["min", "max"]

_MIN = frozenset((
    "loss", "losses", "err", "error", "errors", "rmse", "mse", "mae", "mape", "smape", "rmsle",
    "nll", "bpb", "bpc", "bits", "perplexity", "ppl", "ece", "mce", "brier", "fid", "kid", "kl",
    "divergence", "jsd", "wer", "cer", "ter", "eer", "distance", "dist", "regret", "deviation",
    "cross", "crossentropy", "xent", "logloss", "hinge", "huber", "energy", "cost", "penalty",
    "rel", "fpr", "fnr", "latency", "hausdorff", "hd95", "chamfer", "lpips", "epe", "misses",
    "failures", "collisions", "mistakes", "residual", "violations", "overfit", "gap",
))  # fmt: skip
_MAX = frozenset((
    "acc", "accuracy", "top", "f1", "fscore", "auc", "auroc", "auprc", "roc", "prc", "ap", "map",
    "ndcg", "mrr", "hits", "recall", "precision", "sensitivity", "specificity", "iou", "miou",
    "jaccard", "dice", "r2", "score", "reward", "rewards", "return", "returns", "win", "wins",
    "winrate", "success", "successes", "bleu", "rouge", "meteor", "cider", "chrf", "bertscore",
    "psnr", "ssim", "mos", "likelihood", "elbo", "correlation", "corr", "pearson", "spearman",
    "kendall", "kappa", "mcc", "gini", "throughput", "tpr", "tnr", "coverage", "pass", "fps",
    "silhouette", "explained", "inception", "purity", "nmi", "ari", "em",
))  # fmt: skip
#: Words that say what is done with a quantity: ``loss_scale`` is a setting, not a loss.
_SETTINGS = frozenset((
    "scale", "weight", "weights", "coef", "coefficient", "factor", "lambda", "threshold",
))  # fmt: skip

_NEGATIONS = frozenset(("neg", "negative"))
_OPPOSITE: Mapping[Goal, Goal] = {"min": "max", "max": "min"}

_HELD_OUT = frozenset((
    "val", "valid", "validation", "dev", "eval", "evaluation", "test", "cv", "holdout",
))  # fmt: skip


@lru_cache(maxsize=10_000)
def goal_of(metric: str) -> Goal | None:
    """
    Tell whether a metric is to be small or large, None where its name does not say.

    The last telling word decides, since names go from the general to the particular.

    Examples
    --------
    >>> [goal_of(name) for name in ("train/loss", "val/rmse", "valErrorRate", "ppl", "nll_bpb")]
    ['min', 'min', 'min', 'min', 'min']
    >>> [goal_of(name) for name in ("val/acc", "f1", "test.top5", "eval/return", "mAP@50")]
    ['max', 'max', 'max', 'max', 'max']
    >>> [goal_of(name) for name in ("lr", "grad_norm", "loss_scale", "")]
    [None, None, None, None]
    >>> goal_of("neg_log_likelihood"), goal_of("accuracy_loss")
    ('min', 'min')
    """
    words = _words(metric)
    if not words or words[-1] in _SETTINGS:
        return None
    for word in reversed(words):
        goal: Goal | None = "min" if word in _MIN else "max" if word in _MAX else None
        if goal is not None:
            return _OPPOSITE[goal] if _NEGATIONS & set(words) else goal
    return None


def key_metric(logged: Mapping[str, int]) -> str | None:
    """
    Choose the metric that stands for a project.

    Parameters
    ----------
    logged : mapping of str to int
        How many runs logged each metric.

    Returns
    -------
    str or None
        One with a known goal before one without, held-out data before training, what most runs
        logged, a score before a loss; None without metrics.

    Examples
    --------
    >>> key_metric({"train/loss": 9, "val/loss": 9, "val/acc": 9, "lr": 9})
    'val/acc'
    """

    def rank(name: str) -> tuple[bool, bool, int, bool, int, str]:
        goal = goal_of(name)
        return goal is None, not is_held_out(name), -logged[name], goal != "max", len(name), name

    return min(logged, key=rank, default=None)


def is_held_out(metric: str) -> bool:
    """
    Tell whether a metric was measured on data that training does not see.

    Examples
    --------
    >>> is_held_out("val/loss"), is_held_out("train/loss")
    (True, False)
    """
    return bool(_HELD_OUT & set(_words(metric)))


def _words(metric: str) -> list[str]:
    words: list[str] = []
    for part in re.findall(r"[^\W_]+", metric):
        # mAP, BLEU and F1 are words; valError is two; top5 and acc1 carry a number behind them.
        if part.lower() in _MIN | _MAX:
            words.append(part.lower())
            continue
        words += (word.lower() for word in re.findall(r"[A-Z]*[a-z]+|[A-Z]+|\d+", part))
    return words
