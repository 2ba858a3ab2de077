"""The structure of a model: its modules, their parameters and the shapes that pass through."""

import json
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.media.modules import (
    Hook,
    Part,
    is_keras,
    is_symbolic,
    own_parameters,
    parts_of,
)
from gitrack.record.values import text_from

_TEXT = 200  # characters of a module's own description
_MODEL = "model"  # the id of the whole


class Graph(Media):
    """
    The modules of a model.

    Parameters
    ----------
    nodes : list of dict
        ``id``, ``name``, ``class``, ``parent``, ``parameters``, ``trainable`` of each; shapes are
        filled in by the first forward pass.
    framework : str
        What the model was made with.
    """

    type: ClassVar[str] = "graph"

    def __init__(self, nodes: list[Item], framework: str) -> None:
        self.nodes = nodes
        self.edges: list[tuple[str, str]] = []
        self._framework = framework
        self._handles: list[Any] = []
        self._parts: list[Part] = []
        self._makers: dict[int, str] = {}  # who made a tensor, by the tensor's id
        self._kept: list[Any] = []  # an id is a tensor's own only as long as the tensor lives

    @classmethod
    def from_torch(cls, module: Any) -> "Graph":
        """
        Read a PyTorch module, or a Keras model; its next forward pass tells shapes and order.

        Parameters
        ----------
        module : torch.nn.Module
            The model.
        """
        parts = list(parts_of(module))
        nodes = [
            {
                "id": part.name or _MODEL,
                "parent": None if part.parent is None else part.parent or _MODEL,
                "class": type(part.module).__name__,
                "text": "" if is_keras(module) else text_from(part.module.extra_repr())[:_TEXT],
            }
            for part in parts
        ]
        graph = cls(nodes, "keras" if is_keras(module) else "torch")
        graph._follow(parts)
        return graph

    @property
    def complete(self) -> bool:
        """Whether a forward pass has told the shapes."""
        return not self._handles

    @property
    def parameters(self) -> int:
        """How many parameters there are."""
        return sum(int(node["parameters"]) for node in self.nodes)

    def spool(self, spool: Spool) -> Item:
        """Keep what is known now; no later pass is followed."""
        self._leave()
        content = {"framework": self._framework, "nodes": self.nodes, "edges": self.edges}
        return {
            "type": self.type,
            "facts": {
                "framework": self._framework,
                "modules": len(self.nodes),
                "parameters": self.parameters,
                "trainable": sum(int(node["trainable"]) for node in self.nodes),
            },
            "spooled": [spool.keep(json.dumps(content).encode())],
        }

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the graph as JSON."""
        kept = files.add(spool.path(item["spooled"][0]), ".graph.json")
        return {"type": cls.type, **item["facts"], **kept}

    def _follow(self, parts: list[Part]) -> None:
        """Count parameters, and note shapes and order in one forward pass."""
        self._parts = parts
        self._count()
        self._handles += [
            part.module.register_forward_hook(_Passed(self, part.name or _MODEL)) for part in parts
        ]
        self._nodes = {node["id"]: node for node in self.nodes}
        self._leaves = {part.name or _MODEL for part in parts if part.is_leaf}

    def _count(self) -> None:
        """Count each part's own parameters, one that several hold once."""
        seen: set[int] = set()
        for node, part in zip(self.nodes, self._parts, strict=True):
            own = [p for p in own_parameters(part) if id(p) not in seen]
            seen.update(map(id, own))
            node["parameters"] = sum(p.numel() for p in own)
            node["trainable"] = sum(p.numel() for p in own if p.requires_grad)

    def passed(self, name: str, given: Any, output: Any) -> None:
        """Note a part's shapes; a tensor's maker leads to its user."""
        if is_symbolic(given):
            return
        node = self._nodes[name]
        node.setdefault("input", _shapes(given))
        node.setdefault("output", _shapes(output))
        if name in self._leaves:
            for tensor in _tensors(given):
                maker = self._makers.get(id(tensor))
                if maker and (maker, name) not in self.edges:
                    self.edges.append((maker, name))
            for tensor in _tensors(output):
                self._makers[id(tensor)] = name
                self._kept.append(tensor)
        if name == _MODEL:
            self._count()  # a lazy module or an unbuilt layer has its parameters only now
            self._leave()

    def _leave(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._makers.clear()
        self._kept.clear()
        self._parts = []


class _Passed(Hook):
    def tell(self, _module: Any, given: Any, output: Any) -> None:
        self._owner.passed(self._name, given, output)


def _tensors(value: Any) -> list[Any]:
    if hasattr(value, "shape"):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    if isinstance(values, list | tuple) or isinstance(value, dict):
        return [tensor for one in values for tensor in _tensors(one)]
    return []


def _shapes(value: Any) -> list[list[int]]:
    return [[int(length) for length in tensor.shape] for tensor in _tensors(value)]
