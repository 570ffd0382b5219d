"""What can be proved of subscripts and ends, which are affine in sizes and indices. Sizes are at least 1."""

from __future__ import annotations

from functools import lru_cache

import sympy

from derive.expressions import AxisKind, Index


@lru_cache(maxsize=65536)
def coefficients(expression: sympy.Expr) -> tuple[tuple[tuple[sympy.Symbol, sympy.Expr], ...], sympy.Expr] | None:
    """An affine expression as ((symbol, coefficient), ...) and its constant; None where it is not affine."""
    terms: dict[sympy.Symbol, sympy.Expr] = {}
    constant: sympy.Expr = sympy.Integer(0)
    for term in sympy.Add.make_args(expression.expand()):
        factor, rest = term.as_coeff_Mul()
        if rest == 1:
            constant += factor
        elif rest.is_Symbol:
            terms[rest] = terms.get(rest, sympy.Integer(0)) + factor
        else:
            return None
    return tuple(sorted(terms.items(), key=lambda item: item[0].name)), constant


@lru_cache(maxsize=65536)
def at_least(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether `a >= b` can be proved for all sizes >= 1; of indices, only those of features are known to be >= 0.

    >>> from derive.expressions import size_symbol
    >>> T = size_symbol("T")
    >>> at_least(T, sympy.Integer(1)), at_least(T - 1, sympy.Integer(1))
    (True, False)

    A step may be 0 or less, where a variable starts:

    >>> from derive.expressions import Axis
    >>> t = Index("t", Axis(T, AxisKind.SEQUENCE))
    >>> at_least(t, sympy.Integer(0)), at_least(t + 1, t)
    (False, True)
    """
    a, b = _outward(a), _outward(b)
    if isinstance(a, sympy.Min):
        return all(at_least(x, b) for x in a.args)
    if isinstance(a, sympy.Max):
        return any(at_least(x, b) for x in a.args)
    if isinstance(b, sympy.Min):
        return any(at_least(a, x) for x in b.args)
    if isinstance(b, sympy.Max):
        return all(at_least(a, x) for x in b.args)
    parts = coefficients(a - b)
    if parts is None:
        return False
    terms, constant = parts
    if any(factor < 0 or (isinstance(symbol, Index) and _counts_steps(symbol)) for symbol, factor in terms):
        return False
    smallest = constant + sum(factor for symbol, factor in terms if not isinstance(symbol, Index))
    return bool(smallest >= 0)


def _counts_steps(index: Index) -> bool:
    return index.axis.kind is AxisKind.SEQUENCE


@lru_cache(maxsize=65536)
def plain(expression: sympy.Expr) -> sympy.Expr:
    """An end with like terms added."""
    return sympy.expand(expression)


@lru_cache(maxsize=65536)
def length(first: sympy.Expr, last: sympy.Expr) -> sympy.Expr:
    """How many numbers `first..last` are."""
    return sympy.expand(last - first + 1)


def _outward(expression: sympy.Expr) -> sympy.Expr:
    """`min(a, b) + c` as `min(a + c, b + c)`, and max likewise."""
    if isinstance(expression, sympy.Add):
        for term in expression.args:
            if isinstance(term, sympy.Min | sympy.Max):
                return term.func(*(a + (expression - term) for a in term.args))
    return expression


@lru_cache(maxsize=65536)
def split(subscript: sympy.Expr) -> tuple[Index | None, sympy.Expr]:
    """A subscript as its index and what is added to it; the index is None for an end or a look-up.

    >>> from derive.expressions import Axis, AxisKind, size_symbol
    >>> t = Index("t", Axis(size_symbol("T"), AxisKind.SEQUENCE))
    >>> split(t - 1)
    (t, -1)
    """
    indices = [term for term in sympy.Add.make_args(subscript) if isinstance(term, Index)]
    if len(indices) != 1:
        return None, subscript
    return indices[0], subscript - indices[0]


def when_long(end: sympy.Expr) -> int:
    """An end as a number when all sizes are large: the order of ends in a long sequence, of which an index is amid."""
    long, amid = sympy.Integer(10**6), sympy.Integer(5 * 10**5)
    return int(end.xreplace({symbol: amid if isinstance(symbol, Index) else long for symbol in end.free_symbols}))


def from_an_end(step: sympy.Expr, size: sympy.Expr) -> sympy.Expr:
    """How far a step is from 0, where it is a number, else from the last one; what is neither stays an expression.

    >>> from derive.expressions import size_symbol
    >>> T = size_symbol("T")
    >>> from_an_end(sympy.Integer(-2), T), from_an_end(T + 1, T)
    (-2, 1)
    """
    return step if step.is_Integer else sympy.expand(step - size)
