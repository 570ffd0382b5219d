"""What is 0 outside of the given data: data itself, what it looks up, and comparisons with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy

from derive import functions
from derive.affine import at_least
from derive.expressions import Index, Range, Ref, Sum
from derive.functions import Elementwise
from derive.language.affines import extremes
from derive.language.symbols import Symbols

Ranges = Mapping[Index, Range]


class Looked(sympy.Expr):
    """`Looked(body, data)`: an expression subscripted by a look-up, 0 where that is none. Gone when a file is read."""

    is_commutative = True

    @property
    def body(self) -> sympy.Expr:
        """What is looked up."""
        return self.args[0]


def is_outside(ref: Ref, ranges: Ranges, symbols: Symbols) -> bool:
    """Whether data is read at a step that is not surely one of its own."""
    return bool(outside_at(ref, ranges, symbols))


def outside_at(ref: Ref, ranges: Ranges, symbols: Symbols) -> list[int]:
    """The sequences of data, by position, in which it is read at a step that is not surely one of its own."""
    if not symbols.is_data(ref.name):
        return []
    found: list[int] = []
    for position, axis in enumerate(symbols.sequences(ref.name)):
        low, high = extremes(ref.subscripts[position], ranges)
        if not (at_least(low, sympy.Integer(1)) and at_least(axis.size, high)):
            found.append(position)
    return found


def lookups(unit: sympy.Expr, ranges: Ranges, symbols: Symbols) -> list[Ref]:
    """The data of a unit that may lie outside."""
    if isinstance(unit, Ref) and symbols.is_data(unit.name) and not symbols.is_integer(unit.name):
        found = [unit] if is_outside(unit, ranges, symbols) else []
        candidates: tuple[sympy.Expr, ...] = unit.subscripts
    else:
        found = []
        candidates = unit.subscripts if isinstance(unit, Ref) else unit.args[isinstance(unit, Looked) :]
    for argument in candidates:
        if isinstance(argument, Ref) and symbols.is_integer(argument.name):
            if is_outside(argument, ranges, symbols):
                found.append(argument)
    return found


def units(expression: sympy.Expr, ranges: Ranges, symbols: Symbols) -> Iterator[sympy.Expr]:
    """The outermost parts of an expression that are 0 outside of the data and may lie there, in order, with repeats.

    Integer data that stands as a number is given as it is.
    """
    if isinstance(expression, (Ref, Looked, functions.equal)) and lookups(expression, ranges, symbols):
        yield expression
        return
    if isinstance(expression, Ref) and symbols.is_integer(expression.name) and is_outside(expression, ranges, symbols):
        yield expression
        return
    inner = ranges
    if isinstance(expression, Sum):
        inner = {**ranges, expression.range.index: expression.range}
    for argument in expression.args:
        yield from units(argument, inner, symbols)


def vanishes(expression: sympy.Expr, unit: sympy.Expr) -> bool:
    """Whether an expression is 0 where a part of it is 0."""
    if expression == unit:
        return True
    match expression:
        case sympy.Mul():
            return any(vanishes(factor, unit) for factor in expression.args)
        case sympy.Add():
            return all(vanishes(term, unit) for term in expression.args)
        case Sum():
            return vanishes(expression.body, unit)
        case sympy.Pow():
            return bool(expression.exp.is_positive) and vanishes(expression.base, unit)
        case functions.where():
            return vanishes(expression.args[1], unit) and vanishes(expression.args[2], unit)
        case Elementwise():
            return expression.row.arity == 1 and expression.row.at_zero == 0 and vanishes(expression.args[0], unit)
    return False


def forbidden(
    expression: sympy.Expr, ranges: Ranges, symbols: Symbols, place: str = ""
) -> Iterator[tuple[sympy.Expr, str]]:
    """Look-ups that can be none and stand under a log or in a denominator, with where they stand."""
    if isinstance(expression, (Ref, Looked)):
        real = isinstance(expression, Ref) and symbols.is_data(expression.name)
        if place and not real and lookups(expression, ranges, symbols):
            yield expression, place
            return
        if isinstance(expression, Ref):
            return
    inner = ranges
    if isinstance(expression, Sum):
        inner = {**ranges, expression.range.index: expression.range}
    if isinstance(expression, functions.log):
        place = "under a log"
    elif isinstance(expression, sympy.Pow) and expression.exp.is_negative:
        place = "in a denominator"
    for argument in expression.args:
        yield from forbidden(argument, inner, symbols, place)
