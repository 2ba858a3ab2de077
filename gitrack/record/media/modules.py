"""The parts of a model of PyTorch or Keras, and hooks on them that stay behind when it leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitrack.record.notice import warn_once


@dataclass(frozen=True, slots=True)
class Part:
    """
    A module or a layer.

    Attributes
    ----------
    name : str
        Where it stands: ``encoder.0`` in PyTorch, ``encoder/dense`` in Keras, "" for the model.
    parent : str or None
        The name of what contains it; None for the model.
    module : Any
        The part itself.
    is_leaf : bool
        Whether it contains no others.
    """

    name: str
    parent: str | None
    module: Any
    is_leaf: bool


def is_keras(module: Any) -> bool:
    """Tell whether a module is Keras' own: it lists its layers itself, not as PyTorch does."""
    return hasattr(module, "_flatten_layers") and hasattr(module, "trainable_variables")


def parts_of(module: Any) -> Iterator[Part]:
    """Yield a model and all its parts, each once, what contains others before these."""
    if is_keras(module):
        yield from _layers(module, "", None, set())
        return
    for name, part in module.named_modules():
        parent = name.rpartition(".")[0] if name else None
        yield Part(name, parent, part, not list(part.children()))


def parameters_of(module: Any) -> dict[str, Any]:
    """Return the parameters by name, as far as they have been made; in Keras the trained ones."""
    if not is_keras(module):
        return {name: one for name, one in module.named_parameters() if _is_made(one)}
    found: dict[int, tuple[str, Any]] = {}
    for part in parts_of(module):
        for variable in part.module.trainable_variables:
            # The part that is named last is the one that holds it, not one around that.
            name = f"{part.name}/{variable.name}" if part.name else variable.path
            found[id(variable)] = (name, variable.value)
    return dict(found.values())


def own_parameters(part: Part) -> list[Any]:
    """Return the parameters that a part holds itself, not in parts of it."""
    if not is_keras(part.module):
        return [one for one in part.module.parameters(recurse=False) if _is_made(one)]
    inner = {id(v) for layer in _children(part.module) for v in layer.weights}
    return [v.value for v in part.module.weights if id(v) not in inner]


def is_symbolic(given: Any) -> bool:
    """Tell whether a forward pass only works shapes out, as Keras does before the first batch."""
    values = given.values() if isinstance(given, dict) else given
    if isinstance(values, list | tuple) or isinstance(given, dict):
        return any(is_symbolic(one) for one in values)
    return type(given).__name__ == "KerasTensor" or getattr(given, "is_meta", False) is True


class Hook:
    """
    A hook on a model, which a copied or saved one leaves behind: there it does nothing.

    Parameters
    ----------
    owner : Any, optional
        Whom it tells.
    name : str
        What it is about.
    """

    def __init__(self, owner: Any = None, name: str = "") -> None:
        self._owner = owner
        self._name = name

    def __call__(self, *arguments: Any) -> None:
        """Pass on what PyTorch says; what goes wrong here is no trouble of the training's."""
        if self._owner is None:
            return
        try:
            self.tell(*arguments)
        except Exception as error:  # noqa: BLE001 - tracking never ends a training
            reason = f"{type(error).__name__}: {error}"
            warn_once("hook", f"watch: {self._name or 'the model'} cannot be followed ({reason})")

    def tell(self, *arguments: Any) -> None:
        """Tell the owner."""
        raise NotImplementedError

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()

    def __deepcopy__(self, _memo: Any) -> "Hook":
        return type(self)()


def _layers(layer: Any, name: str, parent: str | None, seen: set[int]) -> Iterator[Part]:
    seen.add(id(layer))
    inner = _children(layer)
    yield Part(name, parent, layer, not inner)
    for one in inner:
        if id(one) not in seen:
            yield from _layers(one, f"{name}/{one.name}" if name else one.name, name, seen)


def _children(layer: Any) -> list[Any]:
    """Return the layers right inside one, without those that only stand for an input."""
    inner = layer._flatten_layers(include_self=False, recursive=False)  # noqa: SLF001 - Keras has no public way
    return [one for one in inner if type(one).__name__ != "InputLayer"]


def _is_made(parameter: Any) -> bool:
    """Tell whether a lazy module's parameter has its shape by now."""
    import torch

    return not isinstance(parameter, torch.nn.parameter.UninitializedTensorMixin)
