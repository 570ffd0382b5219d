"""The matrix products of a program: what each computes, its shape, in which loops it stands, what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy

from derive.emit.derivation.work import extents, steps, when_steps_are_many
from derive.expressions import AxisKind, Index, Ref, refs
from derive.program import (
    Apply,
    Assign,
    Contract,
    Gather,
    Loop,
    Point,
    Program,
    Reduce,
    Span,
    Statement,
    Value,
    View,
    Wanted,
)
from derive.schedule.stacking import SEPARATOR

Dims = tuple[Index, ...]


@dataclass(frozen=True, eq=False)
class Product:
    """A product of two arrays in a program: (m x k)(k x n), as many times as its loops run.

    Attributes:
        statement: what it is computed in.
        node: the product.
        loops: the loops around it, outer first.
    """

    statement: Assign
    node: Contract
    loops: tuple[Loop, ...] = ()

    @cached_property
    def batch(self) -> Dims:
        """What both have and is not summed: it counts products side by side."""
        return tuple(i for i in self.node.left.dims if i in self.node.right.dims and i not in self.node.over)

    @cached_property
    def rows(self) -> Dims:
        """What the left operand alone has."""
        return tuple(i for i in self.node.left.dims if i not in self.batch and i not in self.node.over)

    @cached_property
    def columns(self) -> Dims:
        """What the right operand alone has."""
        return tuple(i for i in self.node.right.dims if i not in self.batch and i not in self.node.over)

    @property
    def is_matrix(self) -> bool:
        """Whether it is a product of matrices, or of a matrix and a vector; else it is a sum of products of entries."""
        return bool(self.rows or self.columns)

    @cached_property
    def shape(self) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr, sympy.Expr]:
        """How many products side by side, m, k and n; in a loop's index where they change from step to step."""
        batch, m, k, n = (self._length(d) for d in (self.batch, self.rows, self.node.over, self.columns))
        return batch, m, k, n

    def _length(self, dims: Dims) -> sympy.Expr:
        return sympy.Mul(*(self._extents.get(index, index.axis.size) for index in dims))

    @cached_property
    def _extents(self) -> dict[Index, sympy.Expr]:
        return extents(self.statement)

    @cached_property
    def reads(self) -> tuple[frozenset[sympy.Basic], frozenset[sympy.Basic]]:
        """What each operand rests on: with a loop's index among them, it is another one in each step."""
        return _symbols(self.node.left), _symbols(self.node.right)

    @cached_property
    def times(self) -> sympy.Expr:
        """How often it is computed: the steps of its loops, times the products side by side; sequences are long."""
        return sympy.expand(steps(self.loops, when_steps_are_many(self.shape[0])))

    @cached_property
    def multiply_adds(self) -> sympy.Expr:
        """What it takes in all where sequences are long."""
        return sympy.expand(steps(self.loops, when_steps_are_many(sympy.Mul(*self.shape))))

    @cached_property
    def text(self) -> str:
        """What it computes in the letters of its equation: a shared letter is summed, the batch has none.

        `s[t,j] += V[j,k] h[t,k]`.
        """
        sign = "+=" if self.statement.adds else "="
        left, right = (self._operand(value) for value in (self.node.left, self.node.right))
        return f"{_spell(self.statement.equation.left)} {sign} {left} {right}"

    def _operand(self, value: Value) -> str:
        """An operand as the equation writes it, or the arrays that it is made of."""
        written = {ref.name: ref for ref in reversed(refs(self.statement.equation.right))}
        names = dict.fromkeys(v.name for v in _views(value))
        # A copy that lies the other way round has the entries of what the equation reads.
        names = dict.fromkeys(name if name in written else name.removesuffix(".T") for name in names)
        named = [_spell(written[name]) if name in written else shown(name) for name in names]
        return named[0] if len(named) == 1 else f"({' '.join(named)})"


def products(program: Program) -> tuple[Product, ...]:
    """Every product of a program in the order in which they stand, without what runs on request only."""
    return tuple(_products(program.body, ()))


def _products(body: Iterable[Statement], loops: tuple[Loop, ...]) -> Iterator[Product]:
    for statement in body:
        if isinstance(statement, Assign):
            yield from (Product(statement, node, loops) for node in contractions(statement.value))
        elif isinstance(statement, Loop):
            yield from _products(statement.body, (*loops, statement))
        elif hasattr(statement, "body") and not isinstance(statement, Wanted):
            yield from _products(statement.body, loops)


def contractions(value: Value) -> Iterator[Contract]:
    """The products in a value, inner ones first."""
    for part in _parts(value):
        yield from contractions(part)
    if isinstance(value, Contract):
        yield value


def _symbols(value: Value) -> frozenset[sympy.Basic]:
    """The symbols in the subscripts of a value's arrays."""
    found: set[sympy.Basic] = set()
    for view in _views(value):
        for subscript in view.subscripts:
            if isinstance(subscript, Point):
                found |= subscript.value.free_symbols
            elif isinstance(subscript, Span):
                found |= subscript.start.free_symbols | subscript.length.free_symbols
            elif isinstance(subscript, Gather):
                found |= _symbols(subscript.entries)
    return frozenset(found)


def _parts(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Apply):
        return value.arguments
    if isinstance(value, Contract):
        return value.left, value.right
    return (value.argument,) if isinstance(value, Reduce) else ()


def _views(value: Value) -> Iterator[View]:
    if isinstance(value, View):
        yield value
    for part in _parts(value):
        yield from _views(part)


def _spell(ref: Ref) -> str:
    """A reference without the axis of the batch."""
    kept = [s for s in ref.subscripts if not (isinstance(s, Index) and s.axis.kind is AxisKind.BATCH)]
    inside = ",".join(_spell(s) if isinstance(s, Ref) else "".join(str(s).split()) for s in kept)
    return f"{shown(ref.name)}[{inside}]" if inside else shown(ref.name)


def shown(name: str) -> str:
    """The name of a variable, or of several that lie one after the other.

    >>> shown("grad(i.arg)|grad(f.arg)|"), shown("U_i|U_f")
    ('grad(i|f.arg)', 'U_i|U_f')
    """
    parts = [part for part in name.split(SEPARATOR) if part]
    if len(parts) == 1:
        return parts[0]
    if all(part.startswith("grad(") for part in parts):
        return f"grad({shown(SEPARATOR.join(part.removeprefix('grad(')[:-1] for part in parts))})"
    ends = {part.partition(".")[2] for part in parts}
    if len(ends) == 1 and (end := ends.pop()):
        return f"{SEPARATOR.join(part.partition('.')[0] for part in parts)}.{end}"
    return SEPARATOR.join(parts)
