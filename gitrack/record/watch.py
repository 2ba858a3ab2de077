"""Watching a model: histograms of gradients, weights and activations while it trains."""

import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gitrack.record.media.graph import Graph
from gitrack.record.media.histogram import Histogram
from gitrack.record.media.modules import Hook, is_keras, is_symbolic, parameters_of, parts_of
from gitrack.record.notice import warn_once

_BINS = 64
_KINDS = ("gradients", "parameters", "activations")
_OTHER_KERAS = (
    "Keras is watched on the torch backend alone (KERAS_BACKEND=torch); elsewhere log weights from "
    "a callback: run.log({w.path: gitrack.Histogram(w.numpy()) for w in model.trainable_weights})"
)
_NAMED = {"all": ("gradients", "parameters")}


class WatchedModels:
    """
    The models that one run watches.

    Between two batches that are looked at, a watched model costs the check of a counter.

    Parameters
    ----------
    log : callable
        Takes a row, and ``commit=False``: it joins the script's next one.
    """

    def __init__(self, log: Callable[..., None]) -> None:
        self._log = log
        self._watches: list[_Watch] = []

    def watch(
        self,
        models: Any,
        log: str | Sequence[str] | None,
        log_freq: int,
        idx: int | None,
        log_graph: bool,
    ) -> Graph | None:
        """
        Begin to watch.

        Returns
        -------
        Graph or None
            The model's structure, where it was asked for.

        Raises
        ------
        ValueError
            If there is something else to log, or it is watched already.
        TypeError
            If it is a model of neither PyTorch nor Keras.
        """
        kinds = _kinds_from(log)
        several = isinstance(models, list | tuple)
        graph = None
        for place, model in enumerate(models if several else [models]):
            if any(watch.model() is model for watch in self._watches):
                raise ValueError(f"this {type(model).__name__} is watched already")
            number = place if several else idx
            prefix = "" if not number else f"graph_{number}/"
            module = _module_of(model)
            if log_graph:
                graph = Graph.from_torch(module)
            if kinds:
                self._watches.append(
                    _Watch(module, kinds, max(int(log_freq), 1), prefix, self._log)
                )
        return graph

    def collect(self) -> dict[str, Any]:
        """Return what the last batches gave, for the script's own row."""
        row: dict[str, Any] = {}
        for watch in self._watches:
            row |= watch.collect()
        return row

    def unwatch(self, models: Any = None) -> None:
        """Stop watching some models, or all."""
        chosen = (
            models if isinstance(models, list | tuple) else None if models is None else [models]
        )
        for watch in list(self._watches):
            if chosen is None or any(watch.model() is _module_of(model) for model in chosen):
                watch.remove()
                self._watches.remove(watch)


def _kinds_from(log: str | Sequence[str] | None) -> tuple[str, ...]:
    words: Iterable[str] = () if log is None else log.split(",") if isinstance(log, str) else log
    kinds: list[str] = []
    for word in words:
        kinds += _NAMED.get(word.strip(), (word.strip(),))
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise ValueError(f"watch: log={unknown[0]!r} is not one of {', '.join(_KINDS)}, all")
    return tuple(dict.fromkeys(kinds))


def _module_of(model: Any) -> Any:
    """Return the torch module behind a model; Keras' on torch are some, wrappers are opened."""
    import sys

    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        if is_keras(model):
            raise TypeError(_OTHER_KERAS)
        raise TypeError(f"watch takes models of PyTorch, or of Keras on it, not {type(model)}")
    if isinstance(model, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
        return model.module
    return getattr(model, "_orig_mod", model)  # what torch.compile wraps


class _Watch:
    """
    One model: its hooks and what they found in the batch that is looked at.

    A batch is a forward pass in training mode. Of a model that is never called itself, only its
    parts, as by Lightning or by agents of reinforcement learning, it is a backward pass.
    Histograms are counted where the tensors are and fetched together, for the next row that the
    script logs.
    """

    def __init__(
        self, module: Any, kinds: tuple[str, ...], every: int, prefix: str, log: Callable[..., None]
    ) -> None:
        self.model = weakref.ref(module)
        self._kinds = kinds
        self._every = every
        self._prefix = prefix
        self._log = log
        self._batch = -1
        self._due = False
        self._lock = threading.Lock()
        self._found: dict[str, Any] = {}
        self._is_keras = is_keras(module)
        self._gradients_hooked = "gradients" not in kinds
        self._hooked: set[int] = set()  # parameters, by their identity
        self._backward: dict[str, int] = {}  # passes by parameter, until the model is called
        self._handles: list[Any] = [
            module.register_forward_pre_hook(_Begin(self)),
            module.register_forward_hook(_Passed(self)),
        ]
        if "activations" in kinds:
            self._handles += [
                part.module.register_forward_hook(_Activation(self, part.name))
                for part in parts_of(module)
                if part.is_leaf
            ]
        if not self._gradients_hooked and not self._is_keras:
            self._hook_gradients(module)

    def _hook_gradients(self, module: Any) -> None:
        """Be told of gradients of the parameters that have been made and are not hooked yet."""
        from torch.nn.parameter import is_lazy

        for name, parameter in parameters_of(module).items():
            if parameter.requires_grad and id(parameter) not in self._hooked:
                if is_lazy(parameter):
                    continue
                self._hooked.add(id(parameter))
                hook = _Gradient(self, name)
                self._handles.append(parameter.register_post_accumulate_grad_hook(hook))

    def begin(self, module: Any, given: Any) -> None:
        """Begin a batch, and look whether it is due."""
        if not module.training or (self._is_keras and is_symbolic(given)):
            return
        self._batch += 1
        self._due = self._batch % self._every == 0
        if self._due:
            self.flush()

    def passed(self, module: Any, given: Any) -> None:
        """Look at the weights once a batch has passed: now even lazy ones have been made."""
        if not module.training or (self._is_keras and is_symbolic(given)):
            return
        if not self._gradients_hooked:
            self._gradients_hooked = True
            self._hook_gradients(module)
        if self._due and "parameters" in self._kinds:
            for name, parameter in parameters_of(module).items():
                self.take(f"parameters/{self._prefix}{name}", parameter)

    def gradient(self, name: str, parameter: Any) -> None:
        """Take a gradient; one that is accumulated counts as it stands last."""
        if parameter.grad is None:
            return
        due = self._due
        if self._batch < 0:
            passes = self._backward[name] = self._backward.get(name, -1) + 1
            due = passes % self._every == 0
            if due and f"gradients/{self._prefix}{name}" in self._found:
                self.flush()
            if due and "parameters" in self._kinds:
                self.take(f"parameters/{self._prefix}{name}", parameter)
        if due:
            self.take(f"gradients/{self._prefix}{name}", parameter.grad)

    def activation(self, name: str, output: Any) -> None:
        """Take a layer's output: the first tensor of it."""
        if not self._due:
            return
        model = self.model()
        while isinstance(output, list | tuple) and output:
            output = output[0]
        if isinstance(output, dict) and output:
            output = next(iter(output.values()))
        if model is not None and model.training and hasattr(output, "detach"):
            self.take(f"activations/{self._prefix}{name or 'output'}", output)

    def take(self, name: str, tensor: Any) -> None:
        """Count a tensor; what goes wrong ends the watch, never the training."""
        try:
            counted = _counted(tensor)
            if counted is not None:
                with self._lock:
                    self._found[name] = counted
        except Exception as error:  # noqa: BLE001
            warn_once("watch", f"watch: {name} cannot be counted ({type(error).__name__}: {error})")

    def flush(self) -> None:
        """Log what no row of the script's has taken yet; it joins the next one."""
        if row := self.collect():
            self._log(row, commit=False)

    def collect(self) -> dict[str, Any]:
        """Return the histograms of the batch that was looked at last, once."""
        with self._lock:
            found, self._found = self._found, {}
        row: dict[str, Any] = {}
        for name, (counts, low, high, not_finite) in found.items():
            bottom, top = float(low), float(high)
            if bottom <= top:
                row[name] = _histogram(counts.tolist(), bottom, top)
            if bad := int(not_finite):
                row[f"{name}/not_finite"] = bad
        return row

    def remove(self) -> None:
        """Take every hook away, after what is left has been handed over."""
        self.flush()
        for handle in self._handles:
            handle.remove()
        self._handles.clear()


def _counted(tensor: Any) -> tuple[Any, Any, Any, Any] | None:
    """
    Count a tensor where it is, without waiting for its device.

    Returns
    -------
    tuple of tensors, or None
        Counts in 64 bins from the least to the greatest finite value, these two values, and how
        many are NaN or infinite. None for what holds no values.
    """
    import torch

    values = tensor.detach()
    if values.is_sparse:
        values = values.coalesce().values()
    if values.is_quantized:
        values = values.dequantize()
    if values.is_meta or values.numel() == 0:
        return None
    if values.is_complex():
        values = values.abs()
    with torch.no_grad():
        values = values.reshape(-1).to(
            torch.float64 if values.dtype == torch.float64 else torch.float32
        )
        finite = torch.isfinite(values)
        infinity = torch.full_like(values, torch.inf)
        low = torch.where(finite, values, infinity).min()
        high = torch.where(finite, values, -infinity).max()
        span = torch.where(high > low, high - low, torch.ones_like(high))
        scaled = torch.where(finite, (values - low) / span * _BINS, torch.zeros_like(values))
        places = scaled.clamp(0, _BINS - 1).to(torch.int64)
        counts = torch.zeros(_BINS, dtype=torch.int64, device=values.device)
        counts.scatter_add_(0, places, finite.to(torch.int64))
        return counts, low, high, (~finite).sum()


def _histogram(counts: list[int], low: float, high: float) -> Histogram:
    span = (high - low) or 1.0
    edges = [low + span * place / _BINS for place in range(_BINS + 1)]
    return Histogram(np_histogram=(counts, edges))


class _Begin(Hook):
    def tell(self, module: Any, given: Any) -> None:
        self._owner.begin(module, given)


class _Passed(Hook):
    def tell(self, module: Any, given: Any, _output: Any) -> None:
        self._owner.passed(module, given)


class _Gradient(Hook):
    def tell(self, parameter: Any) -> None:
        self._owner.gradient(self._name, parameter)


class _Activation(Hook):
    def tell(self, _module: Any, _given: Any, output: Any) -> None:
        self._owner.activation(self._name, output)
