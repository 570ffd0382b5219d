"""The order in which terms and factors are printed: the author's where there is a line of theirs, else the textbooks'.

SymPy orders by its own internals, which change between versions; here every key is made of names, steps and ranks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy

from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.system import Role, System

_NAME = re.compile(r"[A-Za-z_]\w*")

Key = tuple[object, ...]


class Order:
    """Puts terms and factors in order, and folds signs and numbers on the way.

    Args:
        system: gives the names their order where `text` does not.
        text: the line of the file that is printed, or an empty string.
        step: the steps of the left side; what stands at others is recurrent, and stands first in a gradient.
        indices: names of the left side's feature indices; in index notation `a[i] * b[j]` is in their order.
    """

    def __init__(
        self, system: System, text: str = "", step: tuple[Form, ...] = (), indices: tuple[str, ...] = ()
    ) -> None:
        """An order for one line."""
        self.system = system
        self.declared = system.position
        self.step = step
        self.indices = indices
        self.written: dict[str, int] = {}
        self.repeated: set[str] = set()
        for match in _NAME.finditer(text.partition("=")[2]):
            if match.group() in self.written:
                self.repeated.add(match.group())
            self.written.setdefault(match.group(), match.start())

    def add(self, terms: Iterable[Form]) -> Form:
        """The sum of the terms, nested sums opened."""
        flat: list[Form] = []
        for term in terms:
            negative = isinstance(term, forms.Negative) and isinstance(term.of, forms.Add)
            inner = term.of if isinstance(term, forms.Negative) and negative else term
            parts = inner.terms if isinstance(inner, forms.Add) else (inner,)
            flat.extend(negate(part) if negative else part for part in parts)
        if len(flat) > 1:
            flat = [term for term in flat if term != ZERO] or [ZERO]
        if len(flat) == 1:
            return flat[0]
        return forms.Add(tuple(sorted(flat, key=self._term))) if flat else ZERO

    def multiply(self, scalars: Iterable[Form], arrays: Iterable[Form] = ()) -> Form:
        """The element-wise product, nested products opened, signs and numbers collected, powers below 0 divided by."""
        factors = _Factors()
        for scalar in scalars:
            factors.take(scalar, factors.scalars)
        for array in arrays:
            factors.take(array, factors.arrays)
        return self._assemble(factors)

    def _assemble(self, factors: _Factors) -> Form:
        size = abs(factors.number)
        above, below = _placed(size)
        scalars = [*above, *self._sorted(factors.scalars)]
        arrays = self._sorted(factors.arrays)
        divisors = [*below, *self._sorted(factors.divisors)]
        product: Form
        if not divisors and len(scalars) + len(arrays) <= 1:
            product = (*scalars, *arrays, ONE)[0]
        else:
            product = forms.Multiply(tuple(scalars), tuple(arrays), tuple(divisors))
        return forms.Negative(product) if factors.number < 0 else product

    def _sorted(self, factors: list[Form]) -> list[Form]:
        return sorted(factors, key=self._factor) if len(factors) > 1 else factors

    def _term(self, form: Form) -> Key:
        inner = form.of if isinstance(form, forms.Negative) else form
        names = _variables(inner)
        if self.written:
            place = self._places(names)
            group = 0 if not names and isinstance(inner, forms.Number) else 1
        else:
            group = self._group(inner, names)
            place = tuple(sorted({self._declared(variable) for variable in names}))
        return (isinstance(form, forms.Negative), group, place, repr(inner))

    def _group(self, form: Form, names: list[forms.Variable]) -> int:
        """Numbers, parameters alone, what comes from another step, all else."""
        if not names:
            return 0
        roles = {self.system.by_name[v.name].role for v in names if v.name in self.system.by_name and not v.gradients}
        if not any(v.gradients for v in names) and roles <= {Role.PARAM, Role.CONST}:
            return 1
        return 2 if any(v.steps and self.step and v.steps != self.step for v in names) else 3

    def _places(self, variables: list[forms.Variable]) -> tuple[int, ...]:
        """Where the author has the names: those first that stand there once, since they tell which part it is."""
        names = _names(variables)
        once, often = (
            {self.written.get(n, 10**6) for n in part} for part in (names - self.repeated, names & self.repeated)
        )
        return (*sorted(once), *sorted(often))

    def _declared(self, variable: forms.Variable) -> int:
        position = self.declared.get(variable.name, len(self.declared))
        return position + variable.gradients * (len(self.declared) + 1)

    def _factor(self, form: Form) -> Key:
        """Numbers, scalars, matrices of parameters, then by the left side's indices; gradients behind their factors."""
        names = _variables(form)
        if not names:
            return (0, repr(form))
        rank = 2
        if isinstance(form, forms.Variable) and not form.steps and not form.gradients:
            rank = (0, 2, 1)[min(len(form.parts), 2)]
        used = {part.name for part in forms.walk(form) if isinstance(part, forms.Symbol)}
        left = next((n for n, index in enumerate(self.indices) if index in used), len(self.indices))
        if self.written:
            place = self._places(names)
        else:
            place = tuple(sorted({self._declared(variable) for variable in names}))
        first = 0 if self.written or rank < 2 else left
        compound = not isinstance(form, forms.Variable)
        tail = (place, compound) if self.written else (compound, place)
        return (1, rank, first, any(v.gradients for v in names), *tail, repr(form))


class _Factors:
    """Numerator and denominator of a product in the making."""

    def __init__(self) -> None:
        self.number: sympy.Rational = sympy.Integer(1)
        self.scalars: list[Form] = []
        self.arrays: list[Form] = []
        self.divisors: list[Form] = []

    def take(self, form: Form, kind: list[Form]) -> None:
        match form:
            case forms.Number(value):
                self.number = self.number * value
            case forms.Negative(of):
                self.number = -self.number
                self.take(of, kind)
            case forms.Multiply(scalars, arrays, divisors):
                for factor in scalars:
                    self.take(factor, self.scalars)
                for factor in arrays:
                    self.take(factor, self.arrays)
                for factor in divisors:
                    self._divide(factor)
            case forms.Power(base, forms.Number(value)) if value < 0:
                self._divide(base if value == -1 else forms.Power(base, forms.Number(-value)))
            case _:
                kind.append(form)

    def _divide(self, form: Form) -> None:
        if isinstance(form, forms.Number):
            self.number = self.number / form.value
        else:
            self.divisors.append(form)


ZERO = forms.Number(sympy.Integer(0))
ONE = forms.Number(sympy.Integer(1))


def negate(form: Form) -> Form:
    """The form with the other sign."""
    return form.of if isinstance(form, forms.Negative) else forms.Negative(form)


def number(value: sympy.Rational) -> Form:
    """A number, its sign apart."""
    return forms.Negative(forms.Number(-value)) if value < 0 else forms.Number(value)


def is_decimal(value: sympy.Rational) -> bool:
    """Whether the number reads best with a decimal point: 0.9, but x / 2 and x / 3."""
    return value.q != 1 and 10**6 % value.q == 0 and not (value.p == 1 and value.q < 10)


def _placed(size: sympy.Rational) -> tuple[list[Form], list[Form]]:
    """A positive number as factors above and below the line."""
    if is_decimal(size):
        return [forms.Number(size)], []
    above: list[Form] = [forms.Number(sympy.Integer(size.p))] if size.p != 1 else []
    return above, [forms.Number(sympy.Integer(size.q))] if size.q != 1 else []


def _variables(form: Form) -> list[forms.Variable]:
    return [part for part in forms.walk(form) if isinstance(part, forms.Variable)]


def _names(variables: list[forms.Variable]) -> set[str]:
    return {variable.name for variable in variables}
