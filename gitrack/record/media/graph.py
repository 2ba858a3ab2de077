"""The structure of a model: its modules, their parameters and the shapes that pass through."""

import json
from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.values import text_from

_TEXT = 200  # characters of a module's own description


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

    @classmethod
    def from_torch(cls, module: Any) -> "Graph":
        """
        Read a PyTorch module; its next forward pass tells shapes and order.

        Parameters
        ----------
        module : torch.nn.Module
            The model.
        """
        nodes = []
        seen: set[int] = set()
        for name, part in module.named_modules():
            own = [p for p in part.parameters(recurse=False) if id(p) not in seen]
            seen.update(map(id, own))
            nodes.append(
                {
                    "id": name or "model",
                    "parent": None if not name else name.rpartition(".")[0] or "model",
                    "class": type(part).__name__,
                    "parameters": sum(p.numel() for p in own),
                    "trainable": sum(p.numel() for p in own if p.requires_grad),
                    "text": text_from(part.extra_repr())[:_TEXT],
                }
            )
        graph = cls(nodes, "torch")
        graph._follow(module)
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
        """Keep what is known now."""
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

    def _follow(self, module: Any) -> None:
        """Note shapes and order in one forward pass; a tensor's maker leads to its user."""
        nodes = {node["id"]: node for node in self.nodes}
        makers: dict[int, str] = {}
        kept: list[Any] = []  # an id is a tensor's own only as long as the tensor lives

        def pass_by(name: str, is_leaf: bool) -> Any:
            def hook(_module: Any, given: Any, output: Any) -> None:
                node = nodes[name]
                node.setdefault("input", _shapes(given))
                node.setdefault("output", _shapes(output))
                if is_leaf:
                    for tensor in _tensors(given):
                        if (maker := makers.get(id(tensor))) and (maker, name) not in self.edges:
                            self.edges.append((maker, name))
                    for tensor in _tensors(output):
                        makers[id(tensor)] = name
                        kept.append(tensor)
                if name == "model":
                    for handle in self._handles:
                        handle.remove()
                    self._handles.clear()
                    makers.clear()
                    kept.clear()

            return hook

        for name, part in module.named_modules():
            is_leaf = not list(part.children())
            self._handles.append(part.register_forward_hook(pass_by(name or "model", is_leaf)))


def _tensors(value: Any) -> list[Any]:
    if hasattr(value, "shape"):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    if isinstance(values, list | tuple) or isinstance(value, dict):
        return [tensor for one in values for tensor in _tensors(one)]
    return []


def _shapes(value: Any) -> list[list[int]]:
    return [[int(length) for length in tensor.shape] for tensor in _tensors(value)]
