"""What right sides are made of: axes, indices, references and sums, as nodes of SymPy expressions.

Everything is immutable. No node rewrites itself, and none is made from text.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sympy
from sympy.core.symbol import Str


class AxisKind(enum.Enum):
    """What an axis counts."""

    SEQUENCE = "sequence"  # steps, from 1
    BATCH = "batch"  # examples, from 0
    FEATURE = "feature"  # entries, from 0


@dataclass(frozen=True)
class Axis:
    """A direction in which arrays extend.

    Attributes:
        size: how many entries: a SymPy expression in size symbols (`n_h`, `2*n_h`, `T`, `3`).
        kind: what is counted. Sequences count from 1, all else from 0.
    """

    size: sympy.Expr
    kind: AxisKind = AxisKind.FEATURE

    @property
    def first(self) -> sympy.Expr:
        """The first value of an index on this axis."""
        return sympy.Integer(1) if self.kind is AxisKind.SEQUENCE else sympy.Integer(0)

    @cached_property
    def last(self) -> sympy.Expr:
        """The last value of an index on this axis."""
        return self.size if self.kind is AxisKind.SEQUENCE else self.size - 1

    @property
    def name(self) -> str:
        """The size as text."""
        return str(self.size.name if self.size.is_Symbol else self.size)  # a symbol is printed slowly


def size_symbol(name: str) -> sympy.Symbol:
    """The symbol of a named size, a whole number >= 1. The name must be a checked identifier."""
    return sympy.Symbol(name, integer=True, positive=True)


_INDICES: dict[tuple[str, Axis], Index] = {}


class Index(sympy.Symbol):
    """A symbol that runs along an axis. Equal names on unequal axes are unequal symbols.

    >>> n_h = Axis(size_symbol("n_h"))
    >>> Index("i", n_h) == Index("i", n_h), Index("i", n_h) == Index("i", Axis(size_symbol("n_x")))
    (True, False)
    """

    __slots__ = ("axis",)
    axis: Axis

    def __new__(cls, name: str, axis: Axis) -> Index:
        """An index of that name on that axis; the same object each time, since SymPy compares those fastest."""
        self = _INDICES.get((name, axis))
        if self is None:
            self = _INDICES[name, axis] = sympy.Symbol.__xnew__(cls, name, integer=True)
            self.axis = axis
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.axis.size, self.axis.kind.value)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same object: there is one of each name and axis."""
        return self is other

    __hash__ = sympy.Symbol.__hash__

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What a copy is made from."""
        return (self.name, self.axis), {}


class Ref(sympy.Expr):
    """A variable at subscripts: `h[t-1, j]` is `Ref("h", t - 1, j)`, a scalar has no subscript.

    A subscript is an index plus a constant, an end (a constant affine in sizes), or a look-up, which is a `Ref` of
    integer data (`Ref("yhat", t, Ref("y", t))`). SymPy knows nothing about the value, so it rewrites nothing behind it.
    """

    is_commutative = True

    def __new__(cls, name: str | Str, *subscripts: sympy.Expr | int) -> Ref:
        """The variable `name` at these subscripts."""
        head = name if isinstance(name, Str) else Str(name)
        entries = (sympy.Integer(s) if isinstance(s, int) else s for s in subscripts)
        return sympy.Expr.__new__(cls, head, *entries)  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        """The variable's name."""
        return str(self.args[0].name)

    @property
    def subscripts(self) -> tuple[sympy.Expr, ...]:
        """The subscripts, in the order of the variable's axes."""
        return tuple(self.args[1:])

    def _sympystr(self, printer: Any) -> str:
        inner = ", ".join(printer._print(s) for s in self.subscripts)
        return f"{self.name}[{inner}]" if inner else self.name


class Sum(sympy.Expr):
    """`Sum(body, index, first, last)`: the sum of `body` over `index = first..last`, both ends included.

    One index a node; sums nest and never merge. SymPy's own `Sum` captures names and rewrites itself.
    Every bound index of a System is used by one `Sum` of an equation only, and by no range of its domain.
    """

    is_commutative = True

    def __new__(cls, body: sympy.Expr, index: Index, first: sympy.Expr, last: sympy.Expr) -> Sum:
        """The sum of `body`."""
        return sympy.Expr.__new__(cls, body, index, first, last)  # type: ignore[no-any-return]

    @property
    def body(self) -> sympy.Expr:
        """What is summed."""
        return self.args[0]

    @property
    def range(self) -> Range:
        """The bound index with its ends."""
        return Range(self.args[1], self.args[2], self.args[3])

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        """The symbols of the body and the ends, without the bound index."""
        ends: set[sympy.Basic] = self.args[2].free_symbols | self.args[3].free_symbols
        inside: set[sympy.Basic] = self.body.free_symbols - {self.args[1]}
        return ends | inside

    def _sympystr(self, printer: Any) -> str:
        body, index, first, last = map(printer._print, self.args)
        axis = self.args[1].axis
        whole = (self.args[2], self.args[3]) == (axis.first, axis.last)
        return f"sum({body}, {index})" if whole else f"sum({body}, ({index}, {first}, {last}))"


@dataclass(frozen=True)
class Range:
    """An index and its ends, both included: affine in sizes and in outer indices. Empty where `last < first`."""

    index: Index
    first: sympy.Expr
    last: sympy.Expr

    @classmethod
    def whole(cls, index: Index) -> Range:
        """The index over the whole of its axis."""
        return cls(index, index.axis.first, index.axis.last)

    @property
    def axis(self) -> Axis:
        """The axis that the index runs along."""
        return self.index.axis

    def __str__(self) -> str:
        """The range as a person writes it: `t = 1..T`."""
        return f"{self.index} = {self.first}..{self.last}"


Domain = tuple[Range, ...]


@lru_cache(maxsize=2**18)
def refs(expression: sympy.Basic) -> tuple[Ref, ...]:
    """Every `Ref` in an expression, subscripts included, in the order of the tree, repeats included."""
    inside = tuple(ref for argument in expression.args for ref in refs(argument))
    return (expression, *inside) if isinstance(expression, Ref) else inside
