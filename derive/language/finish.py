"""The last touch on an equation: every index gets a name that people read, unique within the equation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import sympy

from derive.expressions import AxisKind, Index, Range, Sum
from derive.system import Equation

_LETTERS = ("i", "j", "k", "l", "m", "n", "p", "q", "r", "s", "u", "v")


def finish(equation: Equation, taken: frozenset[str], steps: frozenset[str]) -> Equation:
    """An equation with readable index names.

    Args:
        equation: the equation, its indices still with an apostrophe and a number.
        taken: the names that mean something else in the file.
        steps: the names of the indices of sequences, which no index of features is given.
    """
    apart = _apart(equation.right, set())
    indices = {reach.index for reach in equation.domain} | apart.atoms(Index)
    for reach in equation.domain:
        indices |= (reach.first.atoms(Index)) | (reach.last.atoms(Index))
    order = sorted(indices, key=lambda index: _made(index))
    names = _names(order, taken, steps)
    mapping = {index: Index(names[index], index.axis) for index in order}
    domain = tuple(
        Range(mapping[r.index], r.first.xreplace(mapping), r.last.xreplace(mapping)) for r in equation.domain
    )
    subscripts = tuple(subscript.xreplace(mapping) for subscript in equation.subscripts)
    return replace(equation, subscripts=subscripts, right=apart.xreplace(mapping), domain=domain)


def _made(index: Index) -> tuple[int, int]:
    """When an index was made; copies come after all others."""
    _, number, *copy = index.name.split("'")
    return int(copy[0]) if copy else 0, int(number)


def _names(order: list[Index], taken: frozenset[str], steps: frozenset[str]) -> dict[Index, str]:
    """A name for each index: its own where it has one and is the first, else the next free letter."""
    names: dict[Index, str] = {}
    used = set(taken)
    for index in order:
        own = index.name.partition("'")[0]
        if own and own not in used:
            names[index] = own
            used.add(own)
    for index in order:
        if index not in names:
            avoided = used if index.axis.kind is AxisKind.SEQUENCE else used | steps
            name = next(name for name in _candidates(index) if name not in avoided)
            names[index] = name
            used.add(name)
    return names


def _candidates(index: Index) -> Iterator[str]:
    """Names to choose from: letters for features, `t1`, `t2`, ... for steps."""
    if index.axis.kind is AxisKind.SEQUENCE:
        stem = str(index.axis.size).lower()
        yield stem
        yield from (f"{stem}{n}" for n in count(1))
    yield from _LETTERS
    yield from (f"{letter}{n}" for n in count(1) for letter in _LETTERS[:5])


def _apart(expression: sympy.Expr, seen: set[Index]) -> sympy.Expr:
    """The expression with no index bound by two sums."""
    if not expression.args or not isinstance(expression, sympy.Expr):
        return expression
    if isinstance(expression, Sum):
        reach = expression.range
        body = _apart(expression.body, seen)
        index = reach.index
        if index in seen:
            copy = Index(f"{index.name}'{len(seen)}", index.axis)
            body, index = body.xreplace({index: copy}), copy
        seen.add(index)
        return Sum(body, index, reach.first, reach.last)
    arguments = [_apart(argument, seen) for argument in expression.args]
    changed = any(new is not old for new, old in zip(arguments, expression.args, strict=True))
    return expression.func(*arguments) if changed else expression
