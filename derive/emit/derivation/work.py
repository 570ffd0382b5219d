"""What runs step by step and what at once, what it takes, and what is kept: formulas in the sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sympy

from derive.affine import when_long
from derive.emit.notation import forms
from derive.expressions import AxisKind, Index
from derive.program import (
    Apply,
    Assign,
    Contract,
    Count,
    Gather,
    Loop,
    Program,
    Reduce,
    Scalar,
    Span,
    Statement,
    Value,
    View,
)
from derive.schedule.programs import Programs
from derive.system import Role, System

ZERO = sympy.S.Zero


@dataclass(frozen=True)
class Row:
    """What runs under the same loops.

    Attributes:
        loops: the index of each loop, outer first, and whether it ascends; none for what runs at once.
        names: what is computed there.
        products: multiply-adds of the matrix products: in a step of the innermost loop, or in all.
        operations: what is done entry by entry, as many.
        steps: how many steps the loops take together; 1 without a loop.
        edge: whether these are first and last steps of other rows' names, which run apart.
    """

    loops: tuple[tuple[str, bool], ...]
    names: tuple[forms.Variable, ...]
    products: sympy.Expr
    operations: sympy.Expr
    steps: sympy.Expr
    edge: bool = False


@dataclass(frozen=True)
class Kept:
    """Values of the forward pass that the gradient reads.

    Attributes:
        steps: the index of each sequence that they have; none for what is kept once.
        names: which they are.
        each: how many numbers, in each step.
        steps_taken: how many steps that is.
    """

    steps: tuple[str, ...]
    names: tuple[forms.Variable, ...]
    each: sympy.Expr
    steps_taken: sympy.Expr


@dataclass(frozen=True)
class Work:
    """What a model's loss and gradient take, for one example.

    Attributes:
        forward: the rows of the forward pass.
        backward: those of the gradient.
        kept: what the gradient needs of the forward pass.
    """

    forward: tuple[Row, ...]
    backward: tuple[Row, ...]
    kept: tuple[Kept, ...]

    @property
    def memory(self) -> sympy.Expr:
        """How many numbers are kept in all."""
        return sum((kept.each * kept.steps_taken for kept in self.kept), ZERO)


def total(rows: Iterable[Row]) -> tuple[sympy.Expr, sympy.Expr]:
    """The multiply-adds of matrix products in all, and the operations entry by entry."""
    rows = tuple(rows)
    return sum((r.products * r.steps for r in rows), ZERO), sum((r.operations * r.steps for r in rows), ZERO)


def work(system: System) -> Work:
    """What one example takes.

    Args:
        system: a model with its gradient, without a batch.
    """
    programs = Programs(system, "plain")
    kept = programs.kept
    return Work(
        _rows(system, programs.value(["loss", *kept])),
        _rows(system, programs.gradient),
        _kept(system, kept),
    )


@dataclass
class _Group:
    """What runs under the same loops, while it is being counted."""

    loops: tuple[Loop, ...]
    edge: bool = False
    targets: dict[str, None] = field(default_factory=dict)
    parts: dict[str, None] = field(default_factory=dict)  # what loops further in finish
    products: sympy.Expr = ZERO
    operations: sympy.Expr = ZERO


def _groups(program: Program) -> list[_Group]:
    """A program's statements by the loops around them: what is outside all loops first, then as it comes."""
    placed = list(_placed(program.body, ()))
    deepest: dict[str, int] = {}
    for loops, statement in placed:
        deepest[statement.target.name] = max(deepest.get(statement.target.name, 0), len(loops))
    found: dict[tuple[bool, tuple[tuple[Index, bool], ...]], _Group] = {(False, ()): _Group(())}
    for loops, statement in placed:
        name = statement.target.name
        runs = any(index.axis.kind is AxisKind.SEQUENCE for index in statement.target.dims)
        edge = len(loops) < deepest[name] and not runs
        key = edge, tuple((loop.index, loop.forward) for loop in loops)
        group = found.setdefault(key, _Group(loops, edge))
        if sum(map(_length, loops)) > sum(map(_length, group.loops)):
            group.loops = loops
        products, operations = counts(statement)
        (group.targets if edge or len(loops) == deepest[name] else group.parts)[name] = None
        group.products += products
        group.operations += operations
    return list(found.values())


def _length(loop: Loop) -> int:
    """How long a loop is where all sizes are large: one of two over the same index may leave out an end."""
    length = loop.last - loop.first + 1
    return int(length.subs({symbol: 100 for symbol in length.free_symbols}))


def _placed(body: Iterable[Statement], loops: tuple[Loop, ...]) -> Iterator[tuple[tuple[Loop, ...], Assign]]:
    for statement in body:
        if isinstance(statement, Assign):
            yield loops, statement
        elif isinstance(statement, Loop):
            yield from _placed(statement.body, (*loops, statement))
        elif hasattr(statement, "body"):
            yield from _placed(statement.body, loops)


def counts(statement: Assign) -> tuple[sympy.Expr, sympy.Expr]:
    """The multiply-adds of a statement's matrix products, and its operations entry by entry."""
    lengths = extents(statement)
    products, operations = _counted(statement.value, lengths)
    # What is added to what is there, besides what a product adds up itself.
    if statement.adds and not isinstance(statement.value, Contract):
        operations += _cells(statement.value.dims, lengths)
    return products, operations


def extents(statement: Assign) -> dict[Index, sympy.Expr]:
    """How far each index of a statement runs, where it does not run along its whole axis."""
    lengths: dict[Index, sympy.Expr] = {}
    _note_lengths(statement.target, lengths)
    _note_lengths(statement.value, lengths)
    return lengths


def _note_lengths(value: Value, lengths: dict[Index, sympy.Expr]) -> None:
    """How far each index of a value runs."""
    if isinstance(value, View):
        for subscript in value.subscripts:
            if isinstance(subscript, Span):
                lengths[subscript.index] = subscript.length
            elif isinstance(subscript, Gather):
                _note_lengths(subscript.entries, lengths)
    elif isinstance(value, Count):
        lengths[value.index] = value.length
    elif isinstance(value, Apply):
        for argument in value.arguments:
            _note_lengths(argument, lengths)
    elif isinstance(value, Contract):
        _note_lengths(value.left, lengths)
        _note_lengths(value.right, lengths)
    elif isinstance(value, Reduce):
        _note_lengths(value.argument, lengths)


def _counted(value: Value, lengths: Mapping[Index, sympy.Expr]) -> tuple[sympy.Expr, sympy.Expr]:
    match value:
        case Contract(left, right):
            inner = [_counted(side, lengths) for side in (left, right)]
            own = _cells(dict.fromkeys((*left.dims, *right.dims)), lengths)
            return own + sum(p for p, _ in inner), sum((o for _, o in inner), ZERO)
        case Apply(name, arguments, dims):
            inner = [_counted(argument, lengths) for argument in arguments]
            times = len(arguments) - 1 if name in ("add", "mul") else 1
            # A product of numbers alone is made once, before anything runs.
            own = ZERO if all(isinstance(a, Scalar) for a in arguments) else times * _cells(dims, lengths)
            return sum((p for p, _ in inner), ZERO), own + sum(o for _, o in inner)
        case Reduce(_, argument):
            products, operations = _counted(argument, lengths)
            return products, operations + _cells(argument.dims, lengths)
    return ZERO, ZERO


def _cells(dims: Iterable[Index], lengths: Mapping[Index, sympy.Expr]) -> sympy.Expr:
    return sympy.prod([lengths.get(index, index.axis.size) for index in dims])


def _rows(system: System, program: Program) -> tuple[Row, ...]:
    rows = []
    for group in _groups(program):
        targets = _spoken_of([name for name in group.targets or group.parts if name in system.by_name])
        names = tuple(dict.fromkeys(_name(system, name) for name in targets))
        products, operations = (when_steps_are_many(count) for count in (group.products, group.operations))
        if products != 0 or operations != 0 or (names and not group.edge):
            loops = tuple((loop.index.name, loop.forward) for loop in group.loops)
            rows.append(Row(loops, names, products, operations, steps(group.loops), group.edge))
    return tuple(rows)


def when_steps_are_many(count: sympy.Expr) -> sympy.Expr:
    """A count where sequences are so long that their first and last steps do not meet: `min(T - 2, 0)` is 0 there."""

    def least(*ends: sympy.Expr) -> sympy.Expr:
        first = min(ends, key=when_long)
        return first if first.is_number else sympy.Min(*ends)

    return sympy.expand(count.replace(sympy.Min, least))


def _spoken_of(targets: list[str]) -> list[str]:
    """The names that a file has, or its gradients; others only where there is none of them."""
    own = [name for name in targets if "." not in name.removeprefix("grad(").removesuffix(")")]
    own += [name for name in targets if name not in own and name.rpartition(".")[2].rstrip(")").lstrip("-").isdigit()]
    return own or targets


def steps(loops: tuple[Loop, ...], each: sympy.Expr = sympy.S.One) -> sympy.Expr:
    """How many steps some loops take together, or what they add up to; an inner one may end where the outer one is."""
    count = each
    for loop in reversed(loops):
        if loop.index in count.free_symbols:
            count = sympy.expand(sympy.summation(count, (loop.index, loop.first, loop.last)))
        else:
            count *= loop.last - loop.first + 1
    return sympy.expand(count)


def _kept(system: System, names: Iterable[str]) -> tuple[Kept, ...]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        axes = [axis for axis in system.by_name[name].axes if axis.kind is AxisKind.SEQUENCE]
        groups.setdefault(tuple(axis.name.lower() for axis in axes), []).append(name)
    rows = []
    for steps, group in sorted(groups.items(), key=lambda item: -len(item[0])):
        along = system.by_name[group[0]].axes
        taken = sympy.prod([axis.size for axis in along if axis.kind is AxisKind.SEQUENCE])
        each = sum((_features(system, name) for name in group), ZERO)
        rows.append(Kept(steps, tuple(_name(system, name) for name in group), sympy.expand(each), taken))
    return tuple(rows)


def _features(system: System, name: str) -> sympy.Expr:
    return sympy.prod([axis.size for axis in system.by_name[name].axes if axis.kind is AxisKind.FEATURE])


def _name(system: System, name: str) -> forms.Variable:
    of = name.removeprefix("grad(").removesuffix(")") if system.by_name[name].role is Role.GRAD else name
    start = system.by_name[of].start
    if start is None:
        return forms.Variable(of, gradients=int(of != name))
    return forms.Variable(start.of, (_step(start.step),), gradients=int(of != name))


def _step(step: sympy.Expr) -> forms.Form:
    terms = [forms.Number(t) if t.is_Rational else forms.Symbol(str(t)) for t in sympy.Add.make_args(step)]
    terms.sort(key=lambda term: isinstance(term, forms.Number))
    return terms[0] if len(terms) == 1 else forms.Add(tuple(terms))
