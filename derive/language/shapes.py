"""Which shape each variable has: found equation by equation until nothing more follows."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterable

from derive.language import rules_shapes
from derive.language.context import Scope, Work
from derive.language.left import left_side
from derive.language.source import Sink
from derive.language.symbols import Defined, Shape, Symbols
from derive.language.syntax import Statement
from derive.language.usage import used_axes
from derive.language.values import Value

Evaluate = Callable[[ast.expr, Scope, Work], Value]


def infer(symbols: Symbols, evaluate: Evaluate, sink: Sink) -> None:
    """Find the shapes of all defined variables; where one stays open, nothing further can be said about it."""
    loss = symbols.defined.get("loss")
    if loss is not None and loss.general is not None and not loss.general.subscripts:
        symbols.shapes["loss"] = ()
    readers = _readers(symbols)
    waiting = [name for name in symbols.defined if name not in symbols.shapes]
    while waiting:
        _spread(waiting, symbols, readers, evaluate, sink)
        _assume(symbols, readers, evaluate, sink)
        scalars = _scalars(symbols, evaluate, sink)
        waiting = [reader for name in scalars for reader in readers.get(name, []) if reader not in symbols.shapes]


def _assume(symbols: Symbols, readers: dict[str, list[str]], evaluate: Evaluate, sink: Sink) -> None:
    """Find shapes by assumptions about what is open, the weakest first, until none helps."""
    assume = 1
    while assume <= 3:
        found = False
        for name in [name for name in symbols.defined if name not in symbols.shapes]:
            if name not in symbols.shapes and _attempt(name, symbols, evaluate, sink, assume):
                found = True
                _spread(readers.get(name, []), symbols, readers, evaluate, sink)
        assume = 1 if found else assume + 1


def report_open(symbols: Symbols, sink: Sink) -> None:
    """Report the shapes that stayed open, unless other faults explain them."""
    open_ones = {name: one for name, one in symbols.defined.items() if name not in symbols.shapes and one.general}
    roots = [
        name
        for name, one in open_ones.items()
        if all(_names(s.right, symbols) & open_ones.keys() <= {name} for s in one.statements)
    ]
    for name in [*roots, *open_ones]:
        defined = open_ones[name]
        if not sink.faults:
            assert defined.general is not None
            steps = "".join(f"{axis.size}, " for axis in defined.sequences)
            sink.report(defined.general.left, rules_shapes.shape_open(name, f"{steps}n_{name.lower()}"))


def _spread(
    names: Iterable[str],
    symbols: Symbols,
    readers: dict[str, list[str]],
    evaluate: Evaluate,
    sink: Sink,
) -> None:
    queue = deque(names)
    waiting = set(queue)
    while queue:
        name = queue.popleft()
        waiting.discard(name)
        if name not in symbols.shapes and _attempt(name, symbols, evaluate, sink, 0):
            for reader in readers.get(name, []):
                if reader not in waiting and reader not in symbols.shapes:
                    waiting.add(reader)
                    queue.append(reader)


def _attempt(name: str, symbols: Symbols, evaluate: Evaluate, sink: Sink, assume: int) -> bool:
    """Try to find the shape of one variable from its equations.

    `assume` says what is assumed of things that are open: 0 nothing, 1 that they are vectors to a product and scalars
    where every index is named, 2 that they are scalars to a reduction too; at 3 the equations that read it are asked.
    """
    defined = symbols.defined[name]
    if assume == 3:
        return _attempt_by_use(defined, symbols, evaluate, sink)
    for statement in reversed(defined.statements):
        if assume and all(mentioned in symbols.shapes for mentioned in _names(statement.right, symbols)):
            continue  # it is a fault that leaves it open
        shape = _shape(statement, statement is defined.general, symbols, evaluate, sink, assume)
        if shape is not None:
            symbols.shapes[name] = shape
            return True
    return False


def _attempt_by_use(defined: Defined, symbols: Symbols, evaluate: Evaluate, sink: Sink) -> bool:
    """Try to find the shape of a variable, all of whose indices are named, from the equations that read it."""
    if defined.named < 1:
        return False
    work = Work(symbols, Sink(sink.source, quiet=True), evaluate, defined.name)
    others = [s for name, other in symbols.defined.items() if name != defined.name for s in other.statements]
    axes = used_axes(defined.name, len(defined.sequences), defined.named, others, work)
    known = tuple(axis for axis in axes if axis is not None)
    if len(known) < len(axes):
        return False
    symbols.shapes[defined.name] = known
    return True


def _shape(
    statement: Statement, general: bool, symbols: Symbols, evaluate: Evaluate, sink: Sink, assume: int
) -> Shape | None:
    """The shape that one equation says, None where it leaves it open."""
    work = Work(symbols, Sink(sink.source, quiet=True), evaluate, statement.name)
    work.vectors_assumed, work.reductions_assumed = assume > 0, assume > 1
    left = left_side(statement, symbols.defined[statement.name], work)
    if left is None or left.open:
        return None
    value = work.value(statement.right, left.scope)
    if value.axes is None or (value.number and not general):
        return None
    return tuple(index.axis for index in left.features) + value.axes


def _scalars(symbols: Symbols, evaluate: Evaluate, sink: Sink) -> list[str]:
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
            return [name for name in names if name in left]
        left -= wrong
        for name in wrong:
            del symbols.shapes[name]


def _is_scalar(name: str, symbols: Symbols, evaluate: Evaluate, sink: Sink) -> bool:
    """Whether a variable's general equation agrees that it is a scalar."""
    general = symbols.defined[name].general
    return general is not None and _shape(general, True, symbols, evaluate, sink, 0) == ()


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
