"""Jinja2 as far as a report needs it: no attribute, no method, nothing that grows for ever."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gitrack.errors import UsageError
from gitrack.publish.reports.told import Told

_SECONDS = 10.0
_TURNS = 5_000  # of all loops of a text
_LONGEST = 2_000_000  # characters
_LOOP = frozenset(("index", "index0", "first", "last", "length"))
_REFUSED = (
    nodes.Macro, nodes.CallBlock, nodes.AssignBlock, nodes.FilterBlock, nodes.Include,
    nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block, nodes.NSRef,
)  # fmt: skip
_CONTAINERS = (nodes.List, nodes.Tuple, nodes.Dict)


class _Sandbox(ImmutableSandboxedEnvironment):
    """What a text may do: numbers, comparisons, loops over few things, and our own functions."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002
        return isinstance(obj, LoopContext) and attr in _LOOP

    def wrap_str_format(self, value: Any) -> None:  # noqa: ARG002
        """Let ``format`` be the attribute that it is: a refused one."""
        return

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(_is_number(side) for side in (left, right)):
            raise SecurityError(f"{operator} is for numbers, and ** is not there at all")
        try:
            return super().call_binop(context, operator, left, right)
        except (ZeroDivisionError, OverflowError) as error:
            raise UsageError(f"{operator}: {error}") from error


def fill_in(
    text: str, functions: Mapping[str, Callable[..., Any]], write: Callable[..., str]
) -> str:
    """
    Fill in a text.

    Parameters
    ----------
    text : str
        Markdown with ``{{ … }}`` and ``{% … %}``.
    functions : mapping of str to callable
        What it may call; each is given the line of its call as ``_line``, from 1 on.
    write : callable
        Writes a `Told`, of which nothing goes into the text as it is.

    Raises
    ------
    UsageError
        If it cannot be read, does what it may not, or does not come to an end.
    """
    clock = _Clock()

    def plain(value: Any) -> str:
        if isinstance(value, Told):
            return write(value)
        if isinstance(value, Undefined):
            return str(value)  # which says what is not there
        if isinstance(value, str | int | float):
            return str(value)
        raise SecurityError("only texts and numbers can be written: name one of the list")

    def join(values: Iterable[Any], between: str = "") -> str:
        return _short(str(between).join(plain(value) for value in clock.counted(values)))

    sandbox = _Sandbox(undefined=StrictUndefined, finalize=plain, trim_blocks=True)
    sandbox.globals = {name: clock.watched(one) for name, one in functions.items()}
    sandbox.globals["range"] = clock.range
    sandbox.filters = {
        "abs": abs,
        "counted": clock.counted,
        "default": lambda value, other: other if isinstance(value, Undefined) else value,
        "first": lambda values: next(iter(clock.counted(values)), ""),
        "join": join,
        "length": len,
        "round": lambda value, digits=0: round(value, min(max(int(digits), -20), 20)),
    }
    try:
        tree = _checked(sandbox.parse(text), frozenset(functions))
        parts: list[str] = []
        size = 0
        for part in sandbox.from_string(tree).generate():
            size += len(part)
            if size > _LONGEST:
                raise SecurityError(f"it becomes longer than {_LONGEST:,} characters")
            parts.append(part)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise UsageError(f"{where}{error.message or type(error).__name__}") from error
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(str(error) or type(error).__name__) from error
    return "".join(parts)


class _Clock:
    """What is left of a text's turns and time."""

    def __init__(self) -> None:
        self._turns = _TURNS
        self._until = time.monotonic() + _SECONDS

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        if not isinstance(values, Iterable) or isinstance(values, str):
            raise SecurityError("a loop is over a list")
        for value in values:
            self.tick()
            yield value

    def range(self, *bounds: int) -> Iterator[int]:
        if not bounds or not all(isinstance(bound, int) for bound in bounds):
            raise UsageError("range takes whole numbers")
        return self.counted(range(*bounds))

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.tick()
            return function(*arguments, **named)

        return call

    def tick(self) -> None:
        self._turns -= 1
        if self._turns < 0:
            raise SecurityError(f"it takes more than {_TURNS:,} turns")
        if time.monotonic() > self._until:
            raise SecurityError(f"it takes longer than {_SECONDS:.0f} seconds")


def _checked(tree: nodes.Template, functions: frozenset[str]) -> nodes.Template:
    """Refuse what could grow, count the turns of loops, and tell functions where they stand."""
    for node in tree.find_all(nodes.Node):
        if isinstance(node, _REFUSED):
            raise SecurityError(f"line {node.lineno}: {type(node).__name__} is not there")
        if isinstance(node, nodes.For):
            if node.recursive:
                raise SecurityError(f"line {node.lineno}: a loop is not within itself")
            node.iter = nodes.Filter(node.iter, "counted", [], [], None, None, lineno=node.lineno)
        if isinstance(node, nodes.Assign):
            _refuse_growth(node)
        if isinstance(node, nodes.Call):
            if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
                raise SecurityError(f"line {node.lineno}: only functions can be called")
            if node.node.name in functions:
                node.kwargs.append(nodes.Keyword("_line", nodes.Const(node.lineno)))
    return tree


def _refuse_growth(node: nodes.Assign) -> None:
    """Let no name hold names, of which each could be twice the one before."""
    grows = any(
        any(name.ctx == "load" and not _is_called(held, name) for name in held.find_all(nodes.Name))
        for kind in (*_CONTAINERS, nodes.Concat, nodes.Filter)
        for held in _of_kind(node.node, kind)
    )
    if grows:
        raise SecurityError(f"line {node.lineno}: a name cannot be made of other names")


def _of_kind(node: nodes.Node, kind: type[nodes.Node]) -> Iterator[nodes.Node]:
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)


def _is_called(tree: nodes.Node, name: nodes.Name) -> bool:
    return any(call.node is name for call in tree.find_all(nodes.Call))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Told)


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise SecurityError(f"it becomes longer than {_LONGEST:,} characters")
    return text
