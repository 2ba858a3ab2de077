"""Arrays of any library: their bytes at the call, numpy's view of them later."""

import math
from typing import TYPE_CHECKING, Any

from gitrack.record.media.base import Item, Spool

if TYPE_CHECKING:
    from numpy.typing import NDArray


def array_from(value: Any) -> "NDArray[Any]":
    """
    Return a value as a numpy array, without a copy where its memory can be read as it is.

    Raises
    ------
    ValueError
        If it holds no numbers.
    """
    import numpy as np

    if hasattr(value, "detach"):  # torch, maybe on a GPU, in bfloat16 or part of a graph
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        value = value.numpy()
    elif hasattr(value, "numpy") and not isinstance(value, np.ndarray):  # TensorFlow
        value = value.numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"expected numbers, not an array of {array.dtype}")
    return array


def keep_array(array: "NDArray[Any]", spool: Spool) -> Item:
    """Keep an array's bytes; returns what `kept_array` reads them back by."""
    import numpy as np

    plain = np.ascontiguousarray(array)
    shape = list(array.shape)
    return {"name": spool.keep(plain.data), "dtype": plain.dtype.str, "shape": shape}


def kept_array(kept: Item, spool: Spool) -> "NDArray[Any]":
    """
    Return a kept array, mapped from its file: it costs memory where it is read.

    Raises
    ------
    OSError
        If the file is not there.
    """
    import numpy as np

    shape = tuple(kept["shape"])
    if math.prod(shape) == 0:
        return np.zeros(shape, dtype=kept["dtype"])
    path = spool.path(kept["name"])
    return np.memmap(path, dtype=kept["dtype"], mode="r", shape=shape)
