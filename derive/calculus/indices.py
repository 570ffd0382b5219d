"""Indices without capture: fresh names, substitution, and what holds of a subscript over a domain.

Every substitution of an index under a `Sum`, and every new index, goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import sympy

from derive.affine import at_least, split
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.system import Equation

FEATURE_NAMES = ("i", "j", "k", "l", "m", "n", "p", "q", "r", "u", "v")


def names_of(kind: AxisKind, axis: Axis) -> Iterator[str]:
    """The names that an index of an axis may take, best first, without end."""
    if kind is AxisKind.FEATURE:
        yield from FEATURE_NAMES
        stem = "i"
    else:
        stem = axis.name.lower() if axis.name.isidentifier() else "t"
        yield stem
    yield from (f"{stem}{n}" for n in range(1, 10**6))


def fresh(axis: Axis, taken: set[str]) -> Index:
    """A new index on the axis with the first name that is not taken; the name is taken afterwards."""
    name = next(name for name in names_of(axis.kind, axis) if name not in taken)
    taken.add(name)
    return _index(name, axis)


@lru_cache(maxsize=4096)
def _index(name: str, axis: Axis) -> Index:
    """One object per index, since comparing two that are equal takes long."""
    return Index(name, axis)


@lru_cache(maxsize=65536)
def indices(expression: sympy.Basic) -> tuple[Index, ...]:
    """The free indices of an expression, by name."""
    found = (symbol for symbol in expression.free_symbols if isinstance(symbol, Index))
    return tuple(sorted(found, key=lambda index: (index.name, index.axis.name)))


def bound(expression: sympy.Basic) -> tuple[Index, ...]:
    """The indices that `Sum`s in an expression bind, in the order of the tree."""
    return tuple(node.args[1] for node in sympy.preorder_traversal(expression) if isinstance(node, Sum))


def substitute(expression: sympy.Expr, values: Mapping[Index, sympy.Expr]) -> sympy.Expr:
    """The expression with free indices replaced; bound indices are renamed where a value would be captured."""
    incoming = {symbol.name for value in values.values() for symbol in value.free_symbols}
    clashing = [index for index in bound(expression) if index.name in incoming or index in values]
    if clashing:
        taken = incoming | {str(symbol) for symbol in expression.atoms(sympy.Symbol)} | {i.name for i in values}
        expression = expression.xreplace({index: fresh(index.axis, taken) for index in clashing})
    return expression.xreplace(dict(values))


def substitute_range(range_: Range, values: Mapping[Index, sympy.Expr]) -> Range:
    """The range with outer indices in its ends replaced."""
    return Range(range_.index, range_.first.xreplace(dict(values)), range_.last.xreplace(dict(values)))


def moved(equation: Equation, index: Index, offset: sympy.Expr, new: Index) -> Equation:
    """The equation with `new` for `index + offset`, its range moved along."""
    values = {index: new - offset}
    return replace(
        equation,
        subscripts=tuple(s.xreplace(values) for s in equation.subscripts),
        right=substitute(equation.right, values),
        domain=tuple(
            Range(new, r.first + offset, r.last + offset) if r.index == index else substitute_range(r, values)
            for r in equation.domain
        ),
    )


def relative(expression: sympy.Expr, place: Mapping[str, int], shift: sympy.Expr) -> sympy.Expr:
    """The expression with what it reads at literal steps read `shift` steps away.

    Args:
        expression: the right side of what holds at one step alone.
        place: of each variable the position of its subscript that counts these steps.
        shift: an index less the step at which the expression holds.
    """
    values: dict[sympy.Basic, sympy.Expr] = {}
    for ref in refs(expression):
        if ref.name in place and ref.subscripts[place[ref.name]].is_Integer:
            subscripts = list(ref.subscripts)
            subscripts[place[ref.name]] += shift
            values[ref] = Ref(ref.name, *subscripts)
    return expression.xreplace(values)


Ends = tuple[sympy.Expr, sympy.Expr]


def ends(subscript: sympy.Expr, domain: Iterable[Range]) -> Ends | None:
    """The least and the greatest value of a subscript over a domain; None for a look-up."""
    index, offset = split(subscript)
    if index is None:
        return None if looks_up(subscript) else (subscript, subscript)
    for range_ in domain:
        if range_.index is index:
            low = range_.first if is_fixed(range_.first) else _end(range_.first, domain, 0)
            high = range_.last if is_fixed(range_.last) else _end(range_.last, domain, 1)
            if low is None or high is None:
                return None
            return (low, high) if offset == 0 else (low + offset, high + offset)
    return None


def _end(end: sympy.Expr, domain: Iterable[Range], side: int) -> sympy.Expr | None:
    if isinstance(end, sympy.Max | sympy.Min):
        inside = [_end(argument, domain, side) for argument in end.args]
        return None if None in inside else end.func(*inside)
    found = ends(end, domain)
    return None if found is None else found[side]


@lru_cache(maxsize=65536)
def looks_up(subscript: sympy.Expr) -> bool:
    """Whether a subscript is chosen by data."""
    return any(isinstance(node, Ref) for node in sympy.preorder_traversal(subscript))


@lru_cache(maxsize=65536)
def is_fixed(end: sympy.Expr) -> bool:
    """Whether an end depends on no index."""
    return not any(isinstance(symbol, Index) for symbol in end.free_symbols)


def within(subscript: sympy.Expr, range_: Range, domain: Domain) -> bool:
    """Whether a subscript stays inside a range, provably, at every point of the domain.

    A look-up stays inside the whole range of its axis: that it does is checked where the data come in.
    """
    found = ends(subscript, domain)
    if found is None:
        return range_ == Range.whole(range_.index)
    if not (is_fixed(range_.first) and is_fixed(range_.last)):
        return False  # its ends are meant in indices of another equation
    return at_least(found[0], range_.first) and at_least(range_.last, found[1])


@lru_cache(maxsize=65536)
def disjoint(a: tuple[sympy.Expr, sympy.Expr] | None, b: tuple[sympy.Expr, sympy.Expr] | None) -> bool:
    """Whether two intervals have no value in common, provably."""
    return a is not None and b is not None and (at_least(b[0], a[1] + 1) or at_least(a[0], b[1] + 1))


def sole(equation: Equation, others: Iterable[Equation]) -> bool:
    """Whether no other equation adds to the cells of this one, provably."""
    return all(
        other is equation
        or any(
            disjoint(ends(mine, equation.domain), ends(theirs, other.domain))
            for mine, theirs in zip(equation.subscripts, other.subscripts, strict=True)
        )
        for other in others
    )


def solve(equation: Equation, ref: Ref) -> dict[Index, sympy.Expr] | None:
    """The values of an equation's indices at which its left side is `ref`; None where that needs more than a shift."""
    values: dict[Index, sympy.Expr] = {}
    for mine, theirs in zip(equation.subscripts, ref.subscripts, strict=True):
        index, offset = split(mine)
        if index is None:
            if mine != theirs:
                return None
            continue
        if index in values:
            return None
        values[index] = theirs - offset
    return values if all(range_.index in values for range_ in equation.domain) else None


def definition(ref: Ref, equations: tuple[Equation, ...], domain: Domain) -> sympy.Expr | None:
    """What `ref` is by the one equation that defines it there; None where no single one provably does."""
    for equation in equations:
        values = solve(equation, ref)
        if values is None:
            continue
        covered = len(equations) == 1 or all(within(values[r.index], r, domain) for r in equation.domain)
        if covered and sole(equation, equations):
            return substitute(equation.right, values)
    return None
