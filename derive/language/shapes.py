"""Which shape each variable has: found equation by equation until nothing more follows."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterable

from derive.language import rules_shapes
from derive.language.context import Scope, Work
from derive.language.left import left_side
from derive.language.source import Sink
from derive.language.symbols import Shape, Symbols
from derive.language.syntax import Statement
from derive.language.values import Value

Evaluate = Callable[[ast.expr, Scope, Work], Value]


def infer(symbols: Symbols, evaluate: Evaluate, sink: Sink) -> None:
    """Find the shapes of all defined variables; where one stays open, nothing further can be said about it."""
    readers = _readers(symbols)
    _spread([name for name in symbols.defined if name not in symbols.shapes], symbols, readers, evaluate, sink, False)
    while True:  # what is still open may hang on a product with something open, which is then a vector
        open_names = [name for name in symbols.defined if name not in symbols.shapes]
        found = next((name for name in open_names if _attempt(name, symbols, evaluate, sink, True)), None)
        if found is None:
            break
        _spread(readers.get(found, []), symbols, readers, evaluate, sink, False)
    _scalars(symbols, evaluate, sink)


def report_open(symbols: Symbols, sink: Sink) -> None:
    """Report the shapes that stayed open, unless other faults explain them."""
    for name, defined in symbols.defined.items():
        if name not in symbols.shapes and defined.general is not None and not sink.faults:
            steps = "".join(f"{axis.size}, " for axis in defined.sequences)
            sink.report(defined.general.left, rules_shapes.shape_open(name, f"{steps}n_{name.lower()}"))


def _spread(
    names: Iterable[str],
    symbols: Symbols,
    readers: dict[str, list[str]],
    evaluate: Evaluate,
    sink: Sink,
    assumed: bool,
) -> None:
    queue = deque(names)
    waiting = set(queue)
    while queue:
        name = queue.popleft()
        waiting.discard(name)
        if name not in symbols.shapes and _attempt(name, symbols, evaluate, sink, assumed):
            for reader in readers.get(name, []):
                if reader not in waiting and reader not in symbols.shapes:
                    waiting.add(reader)
                    queue.append(reader)


def _attempt(name: str, symbols: Symbols, evaluate: Evaluate, sink: Sink, assumed: bool) -> bool:
    """Try to find the shape of one variable from its equations."""
    defined = symbols.defined[name]
    for statement in reversed(defined.statements):
        shape = _shape(statement, statement is defined.general, symbols, evaluate, sink, assumed)
        if shape is not None:
            symbols.shapes[name] = shape
            return True
    return False


def _shape(
    statement: Statement, general: bool, symbols: Symbols, evaluate: Evaluate, sink: Sink, assumed: bool
) -> Shape | None:
    """The shape that one equation says, None where it leaves it open."""
    work = Work(symbols, Sink(sink.source, quiet=True), evaluate, statement.name, vectors_assumed=assumed)
    left = left_side(statement, symbols.defined[statement.name], work)
    if left is None or left.open:
        return None
    value = work.value(statement.right, left.scope)
    if value.axes is None or (value.number and not general):
        return None
    return tuple(index.axis for index in left.features) + value.axes


def _scalars(symbols: Symbols, evaluate: Evaluate, sink: Sink) -> None:
    """What hangs on itself and on scalars alone is a scalar; what hangs on itself and on numbers alone stays open."""
    names = [name for name in symbols.defined if name not in symbols.shapes]
    mentioned = {
        name: set().union(*(_names(s.right, symbols) for s in symbols.defined[name].statements)) for name in names
    }
    symbols.shapes.update({name: () for name in names})
    left = set(names)
    while True:
        grounded = {name for name in left if mentioned[name] - set(names)}
        while more := {name for name in left - grounded if mentioned[name] & grounded}:
            grounded |= more
        wrong = {name for name in left if name not in grounded or not _is_scalar(name, symbols, evaluate, sink)}
        if not wrong:
            return
        left -= wrong
        for name in wrong:
            del symbols.shapes[name]


def _is_scalar(name: str, symbols: Symbols, evaluate: Evaluate, sink: Sink) -> bool:
    """Whether a variable's general equation agrees that it is a scalar."""
    general = symbols.defined[name].general
    return general is not None and _shape(general, True, symbols, evaluate, sink, False) == ()


def _readers(symbols: Symbols) -> dict[str, list[str]]:
    """For each variable, which variables' equations mention it."""
    readers: dict[str, list[str]] = {}
    for name, defined in symbols.defined.items():
        mentioned: dict[str, None] = {}
        for statement in defined.statements:
            mentioned.update(dict.fromkeys(sorted(_names(statement.right, symbols))))
        for other in mentioned:
            readers.setdefault(other, []).append(name)
    return readers


def _names(node: ast.AST, symbols: Symbols) -> set[str]:
    """The names of variables in an expression, and in the helpers that it calls."""
    found: set[str] = set()
    helpers: set[str] = set()
    todo = [node]
    while todo:
        for inner in ast.walk(todo.pop()):
            match inner:
                case ast.Attribute(value=ast.Name(id=name), attr="predicted"):
                    found.add(f"{name}.predicted")
                case ast.Name(id=name) if symbols.is_variable(name):
                    found.add(name)
                case ast.Name(id=name) if name in symbols.helpers and name not in helpers:
                    helpers.add(name)
                    todo.append(symbols.helpers[name].node)
    return found
