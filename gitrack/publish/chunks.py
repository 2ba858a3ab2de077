"""Runs that share data scripts, and the work of making these: bytes in, scripts out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gitrack.errors import FormatError
from gitrack.publish.packing import digest, pack_series
from gitrack.publish.series import Curve, Series, metrics_from_history
from gitrack.store.history import table_from_bytes

#: Runs of a chunk: at least and at most, and one in how many begins a new one between.
LEAST, MOST, _ONE_IN = 16, 40, 12


def divide(ids: Sequence[str], *, alone: Callable[[str], bool] = lambda _: False) -> list[int]:
    """
    Find where chunks of runs begin.

    Runs' own ids decide, not their count: a run that lands between others changes the chunk that
    it falls into, and perhaps the next, but not all that follow.

    Parameters
    ----------
    ids : sequence of str
        Run ids, oldest first.
    alone : callable
        Tells of an id whether its run stands in a chunk of its own.

    Returns
    -------
    list of int
        Each chunk's first run.

    Examples
    --------
    >>> divide([f"run-{number}" for number in range(100)])
    [0, 40, 65, 81]
    """
    starts: list[int] = []
    single = False
    for at, run_id in enumerate(ids):
        size = at - starts[-1] if starts else MOST
        before, single = single, alone(run_id)
        if before or single or size >= MOST or (size >= LEAST and _begins(run_id)):
            starts.append(at)
    return starts


def _begins(run_id: str) -> bool:
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:4]) % _ONE_IN == 0


def metric_key(metric: str) -> str:
    """Return the name of a metric's files, which any name can be turned into."""
    return digest(metric.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Batch:
    """
    What the scripts of a chunk are made from.

    Attributes
    ----------
    paths : tuple of str
        Each run's history on its branch, for errors' sake.
    histories : tuple of (bytes or None)
        Its content; None where there is none.
    """

    paths: tuple[str, ...]
    histories: tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """
    The scripts of a chunk.

    Attributes
    ----------
    name : str
        The digest of all scripts; empty without any.
    scripts : mapping of str to bytes
        By metric, in the order in which they were first logged, times last.
    curves : tuple of mapping of str to Curve
        Each run's metrics, in the order in which it first logged them.
    damaged : tuple of (int, str)
        Runs whose history could not be read, and why.
    """

    name: str
    scripts: Mapping[str, bytes]
    curves: tuple[Mapping[str, Curve], ...]
    damaged: tuple[tuple[int, str], ...]


def encode(batch: Batch) -> Encoded:
    """Make the scripts of a chunk; runs anywhere, on nothing but its argument."""
    series: dict[str, list[Series | None]] = {}
    times: dict[str, list[Series | None]] = {}
    curves: list[dict[str, Curve]] = []
    damaged: list[tuple[int, str]] = []
    count = len(batch.histories)
    for at, (path, content) in enumerate(zip(batch.paths, batch.histories, strict=True)):
        own: dict[str, Curve] = {}
        curves.append(own)
        if content is None:
            continue
        try:
            metrics = list(metrics_from_history(table_from_bytes(content, path)))
        except FormatError as error:
            damaged.append((at, str(error)))
            continue
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            damaged.append((at, str(FormatError(path, f"is no history ({error})"))))
            continue
        for metric in metrics:
            kind = times if metric.curve is None else series
            kind.setdefault(metric.name, [None] * count)[at] = metric.series
            if metric.curve is not None:
                own[metric.name] = metric.curve
    scripts = {name: pack_series(name, found) for name, found in (series | times).items()}
    whole = hashlib.sha256()
    for script in scripts.values():
        whole.update(script)
    name = whole.hexdigest()[:16] if scripts else ""
    return Encoded(name, scripts, tuple(curves), tuple(damaged))
