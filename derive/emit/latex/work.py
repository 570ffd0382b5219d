"""What runs step by step and what at once, how many multiply-adds its matrix products take, and what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sympy

from derive.emit.latex.printer import Latex
from derive.emit.notation import forms
from derive.expressions import AxisKind, Index
from derive.program import Apply, Assign, Contract, Loop, Program, Reduce, Statement, Value, spans
from derive.schedule.programs import Programs
from derive.system import Role, System


@dataclass
class Group:
    """What runs under the same loops.

    Attributes:
        loops: the loops around it, outer first: the index, and whether it ascends.
        targets: the variables that are computed there, in order.
        products: multiply-adds of the matrix products, in a pass of the innermost loop.
    """

    loops: tuple[tuple[Index, bool], ...]
    targets: dict[str, None] = field(default_factory=dict)
    products: sympy.Expr = sympy.S.Zero


@dataclass(frozen=True)
class Row:
    """A group in LaTeX: where it runs, what it computes, and its multiply-adds (nothing for none) for how much."""

    where: str
    names: tuple[str, ...]
    products: str
    per: str


@dataclass(frozen=True)
class Work:
    """What a model's loss and gradient take.

    Attributes:
        forward: the groups of the forward pass.
        backward: those of the gradient's.
        kept: what the gradient needs of the forward pass, in mathematics.
        memory: how many numbers that is, in mathematics.
    """

    forward: tuple[Row, ...]
    backward: tuple[Row, ...]
    kept: tuple[str, ...]
    memory: str


def work(system: System, printer: Latex) -> Work:
    """What one example takes.

    Args:
        system: a model with its gradient, without a batch.
        printer: for the names.
    """
    programs = Programs(system, "plain")
    kept = programs.kept
    memory = sum((_cells(system, name) for name in kept), sympy.S.Zero)
    return Work(
        _rows(system, programs.value(["loss", *kept]), printer),
        _rows(system, programs.gradient, printer),
        tuple(_name(system, name, printer) for name in kept),
        _formula(memory, printer),
    )


def groups(program: Program) -> list[Group]:
    """A program's statements by the loops around them: what is outside all loops first, then as it comes."""
    found: dict[tuple[tuple[Index, bool], ...], Group] = {(): Group(())}
    for loops, statement in _placed(program.body, ()):
        group = found.setdefault(loops, Group(loops))
        group.targets[statement.target.name] = None
        group.products += sum((_size(product) for product in _products(statement.value)), sympy.S.Zero)
    return [group for group in found.values() if group.targets]


def _placed(
    body: Iterable[Statement], loops: tuple[tuple[Index, bool], ...]
) -> Iterator[tuple[tuple[tuple[Index, bool], ...], Assign]]:
    for statement in body:
        if isinstance(statement, Assign):
            yield loops, statement
        elif isinstance(statement, Loop):
            yield from _placed(statement.body, (*loops, (statement.index, statement.forward)))
        elif hasattr(statement, "body"):
            yield from _placed(statement.body, loops)


def _products(value: Value) -> Iterator[Contract]:
    if isinstance(value, Contract):
        yield value
        yield from (*_products(value.left), *_products(value.right))
    elif isinstance(value, Apply):
        for argument in value.arguments:
            yield from _products(argument)
    elif isinstance(value, Reduce):
        yield from _products(value.argument)


def _size(product: Contract) -> sympy.Expr:
    """The multiply-adds of one product: one for each value of all its indices together."""
    lengths = {span.index: span.length for span in spans(product)}
    used = dict.fromkeys((*product.left.dims, *product.right.dims))
    return sympy.prod([lengths.get(index, index.axis.size) for index in used])


def _cells(system: System, name: str) -> sympy.Expr:
    return sympy.prod([axis.size for axis in system.by_name[name].axes if axis.kind is not AxisKind.BATCH])


def _rows(system: System, program: Program, printer: Latex) -> tuple[Row, ...]:
    rows = []
    inside: set[str] = set()
    found = groups(program)
    for group in found:
        inside |= set(group.targets) if group.loops else set()
    deepest = max(len(group.loops) for group in found)
    for group in found:
        if group.loops and len(group.loops) < deepest and group.products == 0 and _repeats(group, found):
            continue
        # The first and the last step of what is in a loop may stand outside it.
        names = [name for name in group.targets if name in system.by_name and (group.loops or name not in inside)]
        shown = dict.fromkeys(_name(system, name, printer) for name in names)
        if shown:
            rows.append(Row(_where(group, printer), tuple(shown), _formula(group.products, printer), _per(group)))
    return tuple(rows)


def _repeats(group: Group, found: Iterable[Group]) -> bool:
    """Whether all that it computes is an edge of what runs under more loops."""
    deeper = (other for other in found if len(other.loops) > len(group.loops))
    return any(group.targets.keys() <= other.targets.keys() for other in deeper)


def _where(group: Group, printer: Latex) -> str:
    if not group.loops:
        return "all steps at once"
    told = (f"${printer.symbol(index.name)}$ {'upwards' if up else 'downwards'}" for index, up in group.loops)
    return "step by step, " + ", then ".join(told)


def _per(group: Group) -> str:
    return "in each step" if group.loops else "in all"


def _name(system: System, name: str, printer: Latex) -> str:
    of = name.removeprefix("grad(").removesuffix(")") if system.by_name[name].role is Role.GRAD else name
    start = system.by_name[of].start
    if start is None:
        return printer.variable(forms.Variable(of, gradients=int(of != name)))
    return printer.variable(forms.Variable(start.of, (_step(start.step),), gradients=int(of != name)))


def _step(step: sympy.Expr) -> forms.Form:
    terms = [forms.Number(t) if t.is_Rational else forms.Symbol(str(t)) for t in sympy.Add.make_args(step)]
    terms.sort(key=lambda term: isinstance(term, forms.Number))
    return terms[0] if len(terms) == 1 else forms.Add(tuple(terms))


def _formula(expression: sympy.Expr, printer: Latex) -> str:
    expanded = sympy.expand(expression)
    if expanded == 0:
        return ""
    names = {symbol: printer.symbol(symbol.name) for symbol in expanded.free_symbols}
    return str(sympy.latex(expanded, symbol_names=names))
