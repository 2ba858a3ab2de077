"""Histograms of weights, gradients, activations and what else was counted, over the steps."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gitrack.publish.packing import pack_array
from gitrack.publish.sections.base import Section, Source
from gitrack.store.history import STEP
from gitrack.store.layout import HISTOGRAMS_FILE
from gitrack.store.media import histograms_from_bytes

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

#: Columns of one name that a page draws; more steps than these are put together.
_COLUMNS = 200
_BINS = 64  # of a column that was put together
_EVEN = 1e-9  # share of the span by which even edges may be off


def histograms_section(source: Source) -> Section | None:
    """
    Lay each logged histogram out over its steps, a script a name.

    The section's script holds ``names``: name, script, and how many histograms it has. A name's
    script is what `columns_of` gives.

    Raises
    ------
    FormatError
        If the file of the histograms is damaged.
    """
    content = source.read(HISTOGRAMS_FILE)
    if content is None:
        return None
    table = histograms_from_bytes(content, f"{source.record.path}/{HISTOGRAMS_FILE}")
    names = []
    for name, logged in _by_name(table):
        columns = columns_of(logged)
        if columns is not None:
            names.append([name, source.script({"name": name, **columns}), columns["logged"]])
    if not names:
        return None
    return Section("histograms", "Histograms", source.script({"names": names}), len(names))


#: A histogram: its step, its counts, and its edges.
Counted = tuple[int, "NDArray[np.float64]", "NDArray[np.float64]"]


def columns_of(logged: Sequence[Counted]) -> dict[str, Any] | None:
    """
    Turn the histograms of one name into the columns of a picture.

    Up to 200 steps stay as they were logged. More are put together in stretches of equally many
    steps: counts are added up, spread evenly within a bin where the edges differ.

    Parameters
    ----------
    logged : sequence of (int, ndarray of shape (n,), ndarray of shape (n + 1,))
        Steps in any order, counts and edges; of a step that returns the last counts.

    Returns
    -------
    dict or None
        ``first`` and ``last`` step of each column; ``bins``, how many each has; ``counts`` of all
        columns one after the other; ``low`` and ``high`` edge of each column where its bins are
        even, else ``edges``; ``logged``, how many there were; ``together``, how many steps make
        a column; ``skipped``, how many could not be drawn. None where nothing can be drawn.
    """
    import numpy as np

    sound = [row for row in logged if _is_sound(row[1], row[2])]
    if not sound:
        return None
    rows = sorted({row[0]: row for row in sound}.values(), key=lambda row: row[0])
    together = -(-len(rows) // _COLUMNS)
    stretches = [rows[place : place + together] for place in range(0, len(rows), together)]
    columns = [_joined(stretch) for stretch in stretches]
    counts = np.concatenate([column[0] for column in columns])
    edges = [column[1] for column in columns]
    even = all(map(_is_even, edges))
    return {
        "first": pack_array(np.array([stretch[0][0] for stretch in stretches], "f8")),
        "last": pack_array(np.array([stretch[-1][0] for stretch in stretches], "f8")),
        "bins": pack_array(np.array([len(column[0]) for column in columns], "u2")),
        "counts": pack_array(_narrowed(counts)),
        "low": pack_array(np.array([one[0] for one in edges])) if even else None,
        "high": pack_array(np.array([one[-1] for one in edges])) if even else None,
        "edges": None if even else pack_array(np.concatenate(edges)),
        "logged": len(logged),
        "together": together,
        "skipped": len(logged) - len(sound),
    }


def _by_name(table: "pa.Table") -> Iterator[tuple[str, list[Counted]]]:
    """Yield each name with its histograms in the order in which they were logged."""
    steps = table[STEP].to_numpy()
    places: dict[str, list[int]] = {}
    for row, name in enumerate(table["key"].to_pylist()):
        places.setdefault(name, []).append(row)
    (counts, counts_at), (edges, edges_at) = (_lists(table[name]) for name in ("counts", "edges"))
    for name, rows in sorted(places.items()):
        yield (
            name,
            [
                (
                    int(steps[row]),
                    counts[counts_at[row] : counts_at[row + 1]],
                    edges[edges_at[row] : edges_at[row + 1]],
                )
                for row in rows
            ],
        )


def _lists(column: "pa.ChunkedArray") -> "tuple[NDArray[np.float64], NDArray[np.int32]]":
    """Return the numbers of a column of lists, and where each list begins; the last one's end."""
    import pyarrow as pa

    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # combined, it is still several where it is empty
        whole = pa.array([], whole.type)
    return whole.values.to_numpy(zero_copy_only=False), whole.offsets.to_numpy()


def _is_sound(counts: "NDArray[np.float64]", edges: "NDArray[np.float64]") -> bool:
    import numpy as np

    return bool(
        len(counts)
        and len(edges) == len(counts) + 1
        and np.isfinite(edges).all()
        and (np.diff(edges) > 0).all()
        and np.isfinite(counts).all()
        and (counts >= 0).all()
    )


def _is_even(edges: "NDArray[np.float64]") -> bool:
    import numpy as np

    wanted = np.linspace(edges[0], edges[-1], len(edges))
    return bool(np.abs(edges - wanted).max() <= _EVEN * (edges[-1] - edges[0]))


def _joined(rows: Sequence[Counted]) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Add histograms up, in even bins over all that they cover; one alone stays as it is."""
    import numpy as np

    if len(rows) == 1:
        return rows[0][1:]
    filled = [(edges[:-1][counts > 0], edges[1:][counts > 0]) for _, counts, edges in rows]
    lows, highs = (np.concatenate([side[place] for side in filled]) for place in (0, 1))
    if not len(lows):
        return rows[-1][1:]
    edges = np.linspace(lows.min(), highs.max(), _BINS + 1)
    below = np.zeros(_BINS + 1)
    for _, counts, own in rows:
        below += np.interp(edges, own, np.concatenate([[0.0], np.cumsum(counts)]))
    return np.diff(below), edges


def _narrowed(counts: "NDArray[np.float64]") -> "NDArray[Any]":
    """Return counts in the narrowest kind that keeps each of them."""
    import numpy as np

    for kind in (np.uint8, np.uint16, np.uint32):
        if counts.max() <= np.iinfo(kind).max and (counts == np.floor(counts)).all():
            return counts.astype(kind)
    narrow = counts.astype(np.float32)
    return narrow if (narrow == counts).all() else counts
