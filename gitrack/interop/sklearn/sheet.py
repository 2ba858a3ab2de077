"""A sheet of charts: drawn one by one, logged together, a broken one left out with a warning."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from gitrack.interop.attach import current_or_own
from gitrack.record.capture import explain
from gitrack.record.media.chart import Chart
from gitrack.record.media.table import Table
from gitrack.record.notice import warn_once
from gitrack.record.values import text_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_P = ParamSpec("_P")
_T = TypeVar("_T")
_POINTS = 1_000  # most points of a curve


class Sheet:
    """
    What one call logs.

    Parameters
    ----------
    model : Any, optional
        The model that it is about, whose kind and settings go to the config.
    name : str, optional
        What the caller calls it.
    """

    def __init__(self, model: Any = None, name: str | None = None) -> None:
        self._model = model
        self._name = name
        self._row: dict[str, Any] = {}

    def draw(
        self, key: str, make: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs
    ) -> _T | None:
        """Draw a chart; what cannot be drawn is left out with a warning."""
        try:
            made = make(*arguments, **options)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            warn_once(f"sklearn {key}", f"{key} is not drawn: {explain(error)}")
            return None
        if isinstance(made, Mapping):
            self._row.update(made)
        else:
            self._row[key] = made
        return made

    def log(self) -> None:
        """Log what was drawn, as one row."""
        try:
            attached = current_or_own()
            run = attached.run
            if self._model is not None:
                kind = type(self._model)
                settings: Any = getattr(self._model, "get_params", dict)()
                described = {"class": f"{kind.__module__}.{kind.__qualname__}", "params": settings}
                run.config.setdefaults({self._name or "model": described})
            if self._row:
                run.log(self._row)
            attached.finish()
        except Exception as error:  # noqa: BLE001
            warn_once("sklearn", f"charts are not recorded: {explain(error)}")


def logged(key: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T | None]]:
    """Make a function that draws a chart log it too, under a key; it returns the chart."""

    def decorate(draw: Callable[_P, _T]) -> Callable[_P, _T | None]:
        @functools.wraps(draw)
        def plot(*arguments: _P.args, **options: _P.kwargs) -> _T | None:
            sheet = Sheet()
            made = sheet.draw(key, draw, *arguments, **options)
            sheet.log()
            return made

        return plot

    return decorate


def chart(
    kind: str,
    title: str,
    parts: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    columns: Sequence[str],
    facts: Mapping[str, Any] | None = None,
) -> Chart:
    """
    Return a chart of rows.

    Parameters
    ----------
    kind : str
        "line", "scatter", "bar", "roc", "pr" or "confusion".
    title : str
        What stands above.
    parts : mapping of str to str
        The column of each of its parts: ``x``, ``y``, ``stroke``, ``value``.
    rows : sequence of rows
        The data.
    columns : sequence of str
        The columns' names.
    facts : mapping, optional
        More to say of it.
    """
    table = Table(columns=columns, data=rows)
    return Chart({"chart": kind, "title": title, **parts}, table, dict(facts or {}))


def class_names(classes: Sequence[Any], labels: Sequence[Any] | None) -> list[str]:
    """
    Return the names of classes.

    Parameters
    ----------
    classes : sequence
        The classes' values, in order.
    labels : sequence of str or None
        A name for each; or, where classes are whole numbers, for each number from 0 on.

    Raises
    ------
    ValueError
        If there are other names than classes.

    Examples
    --------
    >>> class_names([0, 2], ["cat", "dog", "fox"])
    ['cat', 'fox']
    """
    names = None if labels is None else [text_from(label) for label in labels]
    if names is None:
        return [text_from(one) for one in classes]
    if len(names) == len(classes):
        return names
    if all(isinstance(one, int) and 0 <= one < len(names) for one in classes):
        return [names[one] for one in classes]
    raise ValueError(f"{len(names)} labels for {len(classes)} classes")


def one_against_rest(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[Any] | None,
    chosen: Sequence[Any] | None,
) -> "Iterator[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]":
    """
    Yield each class's name, which samples are of it, and the probability given to it.

    Raises
    ------
    ValueError
        If the probabilities do not fit the samples.
    """
    import numpy as np

    truth, scores, classes = truth_and_scores(y_true, y_probas)
    names = class_names(classes, labels)
    for place, one in enumerate(classes):
        positive = truth == one
        if (chosen is None or one in list(chosen)) and 0 < positive.sum() < len(truth):
            yield names[place], positive, np.asarray(scores[:, place], np.float64)


def truth_and_scores(
    y_true: Any, y_probas: Any
) -> "tuple[NDArray[Any], NDArray[np.float64], list[Any]]":
    """
    Return true classes, the probabilities of all, and the classes that their columns stand for.

    Raises
    ------
    ValueError
        If they do not fit together.
    """
    import numpy as np

    truth, scores = np.asarray(y_true), np.asarray(y_probas, np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([1 - scores, scores])
    classes = np.unique(truth).tolist()
    if len(scores) != len(truth):
        raise ValueError(f"{len(scores)} probabilities for {len(truth)} samples")
    if len(classes) != scores.shape[1]:
        # A class that no sample has: whole numbers tell which.
        if not all(isinstance(one, int) and 0 <= one < scores.shape[1] for one in classes):
            raise ValueError(f"{scores.shape[1]} probabilities for {len(classes)} classes")
        classes = list(range(scores.shape[1]))
    return truth, scores, classes


def thinned(count: int) -> "NDArray[np.intp]":
    """Return the places of at most 1,000 of so many points, both ends among them."""
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.intp))


def final_step(model: Any) -> Any:
    """Return the model at a pipeline's end; any other model as it is."""
    steps = getattr(model, "steps", None)
    return steps[-1][1] if steps else model
