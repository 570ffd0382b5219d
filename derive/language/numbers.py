"""Arithmetic of numbers in a text, bounded: `9**9**9` must not be computed."""

from __future__ import annotations

import sympy

from derive import functions
from derive.language import bounds

MOST_BITS = 4096


class TooLarge(Exception):
    """A number would have too many digits."""


def raised(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """`base ** exponent`: a power with a number for exponent, else the function `power`."""
    # A root of `-n` stays what it is: SymPy would make a complex number of it.
    if not exponent.is_Rational or (base.is_negative and not base.is_number and not exponent.is_Integer):
        return functions.power(base, exponent)
    size = abs(int(exponent.p))
    bits = max((abs(int(n)).bit_length() for f in base.atoms(sympy.Rational) for n in (f.p, f.q)), default=0)
    if size * bits > MOST_BITS or size.bit_length() > 64:
        raise TooLarge
    return sympy.Pow(base, exponent)


def in_range(expression: sympy.Expr) -> bool:
    """Whether every number in an expression is one that can be computed with: neither infinite nor 0 by rounding."""
    most = 10**bounds.EXPONENT
    numbers = (abs(number) for number in expression.atoms(sympy.Rational) if number)
    return all(number.p <= most * number.q and number.q <= most * number.p for number in numbers)


def reciprocal(expression: sympy.Expr) -> sympy.Expr:
    """`1 / expression`."""
    return sympy.Pow(expression, -1)
