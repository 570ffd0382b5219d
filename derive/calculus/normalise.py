"""The textbook's form: every gradient stands at a plain index, its domain moved along, its indices named in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

import sympy

from derive.affine import split
from derive.calculus.indices import fresh, moved
from derive.calculus.ranges import nested
from derive.expressions import AxisKind, Domain, Index, Range, refs
from derive.system import Equation, Role, System, Variable


def move_domains(system: System) -> System:
    """`grad(h)[t-1] += ... over t = 1..T` becomes `grad(h)[t] += ... over t = 0..T-1`."""
    return _each_gradient(system, _moved)


def canonical_names(system: System) -> System:
    """Indices named in order: those of the left side first, then the summed ones; a domain in the same order."""
    taken = {v.name for v in system.variables}
    return _each_gradient(system, lambda equation, variable: canonical(equation, taken))


def _each_gradient(system: System, rule: Callable[[Equation, Variable], Equation]) -> System:
    roles = system.by_name
    equations = tuple(
        rule(equation, roles[equation.target]) if roles[equation.target].role is Role.GRAD else equation
        for equation in system.equations
    )
    return replace(system, equations=equations)


def _moved(equation: Equation, variable: Variable) -> Equation:
    seen: set[Index] = set()
    for subscript, axis in zip(equation.subscripts, variable.axes, strict=True):
        index, offset = split(subscript)
        if index is None or index in seen:
            continue
        seen.add(index)
        if offset == 0 and index.axis == axis:
            continue
        taken = {str(s) for s in equation.right.free_symbols} | {r.index.name for r in equation.domain}
        new = Index(index.name, axis) if index.axis != axis else index
        new = new if index.axis == axis else fresh(axis, taken)
        equation = moved(equation, index, offset, new)
        seen.add(new)
    return equation


def canonical(equation: Equation, taken: Iterable[str]) -> Equation:
    """The equation with its indices named in order, avoiding the taken names, and its domain in the same order."""
    domain = _ordered(equation)
    used = set(taken)
    names = {range_.index: fresh(range_.axis, used) for range_ in domain}
    if all(old == new for old, new in names.items()) and domain == equation.domain:
        return equation
    # Through fresh symbols, since a new name of one may be the old name of another.
    through = {old: sympy.Dummy() for old in names}
    back = {through[old]: new for old, new in names.items()}

    def rename(expression: sympy.Expr) -> sympy.Expr:
        return expression.xreplace(through).xreplace(back)

    return replace(
        equation,
        subscripts=tuple(map(rename, equation.subscripts)),
        right=rename(equation.right),
        domain=tuple(Range(names[r.index], rename(r.first), rename(r.last)) for r in domain),
    )


def _ordered(equation: Equation) -> Domain:
    """Sequences, batch, features; of each kind those of the left side first, then summed ones by where they stand.

    An end that uses an index then uses one before it.
    """
    left = [index for s in equation.subscripts for index in [split(s)[0]] if index is not None]
    kinds = list(AxisKind)

    def key(range_: Range) -> tuple[int, int, int, str, list[tuple[str, int, str]]]:
        first = left.index(range_.index) if range_.index in left else len(left)
        stands = _stands(range_.index, equation.right)
        # Sequences are summed in the order in which the largest array has them.
        place = max((n for _, n, _ in stands), default=0) if range_.axis.kind is AxisKind.SEQUENCE else 0
        return kinds.index(range_.axis.kind), first, place, range_.axis.name, stands

    return nested(tuple(sorted(equation.domain, key=key)))


def _stands(index: Index, expression: sympy.Expr) -> list[tuple[str, int, str]]:
    """Where an index stands, without its name: (variable, position, what is added), sorted."""
    return sorted(
        (ref.name, position, _spelled(split(subscript)[1]))
        for ref in refs(expression)
        for position, subscript in enumerate(ref.subscripts)
        if split(subscript)[0] == index
    )


@lru_cache(maxsize=4096)
def _spelled(offset: sympy.Expr) -> str:
    """What is added to an index, as text: there are few of them, and printing takes long."""
    return str(offset)
