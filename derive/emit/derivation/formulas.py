"""Formulas in the sizes (how many numbers, how many steps) as forms, for any printer."""

from __future__ import annotations

import sympy

from derive.emit.notation import forms
from derive.emit.notation.entries import atom
from derive.emit.notation.forms import Form


def formula(expression: sympy.Expr) -> Form:
    """A polynomial in sizes with its common factors in front: `T*n_h*n_x + T*n_h*n_y` is `T n_h (n_x + n_y)`."""
    return _form(sympy.factor_terms(sympy.expand(expression)))


def _form(expression: sympy.Expr) -> Form:
    if isinstance(expression, sympy.Add):
        return forms.Add(tuple(_term(term) for term in sorted(expression.args, key=_key)))
    if isinstance(expression, sympy.Mul):
        over = [factor for factor in expression.args if _below(factor)]
        rest = sorted((factor for factor in expression.args if factor not in over), key=_factor_key)
        number = [f for f in rest if f.is_Rational and f.q != 1]
        divisors = [1 / f for f in over] + [sympy.Integer(f.q) for f in number]
        scalars = [sympy.Integer(f.p) if f in number else f for f in rest]
        scalars = [f for f in scalars if f != 1]
        return forms.Multiply(tuple(map(_form, scalars)), (), tuple(map(_form, divisors)))
    if isinstance(expression, sympy.Pow):
        return forms.Power(_form(expression.base), _form(expression.exp))
    if isinstance(expression, sympy.Max | sympy.Min):
        name = "max" if isinstance(expression, sympy.Max) else "min"
        return forms.Apply(name, tuple(map(_form, sorted(expression.args, key=_key))))
    return atom(expression)


def _term(term: sympy.Expr) -> Form:
    return forms.Negative(_form(-term)) if term.could_extract_minus_sign() else _form(term)


def _below(factor: sympy.Expr) -> bool:
    return bool(isinstance(factor, sympy.Pow) and factor.exp.is_negative)


def _key(term: sympy.Expr) -> tuple[int, str]:
    """The terms of the highest degree first, numbers last."""
    degree = sum(
        int(p.exp) if p.is_Pow and p.exp.is_Integer else 1 for p in sympy.Mul.make_args(term) if p.free_symbols
    )
    return -degree, str(term)


def _factor_key(factor: sympy.Expr) -> tuple[int, str]:
    """Numbers, lengths of sequences (capitals come first), other sizes, sums."""
    return 0 if factor.is_number else 2 if isinstance(factor, sympy.Add) else 1, str(factor)
