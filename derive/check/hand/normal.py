"""Normal forms: an expression as a sum of products, with bound indices named by where they stand.

Two expressions of one form are equal; of two forms nothing follows. A form is a dictionary from products, spelled as
text, to their coefficients.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import plain
from derive.calculus.indices import substitute
from derive.check.hand.products import Prod
from derive.expressions import Index, Range, Ref, Sum
from derive.functions import Comparison, Elementwise, equal, where

Form = dict[str, sympy.Expr]
Unfold = Callable[[Ref, bool], sympy.Expr | None]
MOST_TERMS = 600
MOST_WORK = 8_000
_MOST_ORDERS = 24


class TooLarge(Exception):
    """A form of too many terms, or too much work on the way to one."""


@dataclass(frozen=True)
class Product:
    """`coefficient * factors`, summed over ranges.

    Attributes:
        coefficient: a number.
        factors: references, functions, indices and sizes, repeated where squared; a negative power is one factor.
        ranges: what is summed, each index in this product alone.
    """

    coefficient: sympy.Expr = sympy.S.One
    factors: tuple[sympy.Expr, ...] = ()
    ranges: tuple[Range, ...] = ()

    def times(self, other: Product) -> Product:
        """The product of both, whose bound indices differ."""
        coefficient = self.coefficient * other.coefficient
        return Product(coefficient, self.factors + other.factors, self.ranges + other.ranges)

    def with_index(self, values: Mapping[Index, sympy.Expr]) -> Product:
        """The product with indices replaced."""
        ranges = tuple(Range(r.index, r.first.xreplace(values), r.last.xreplace(values)) for r in self.ranges)
        return Product(self.coefficient, tuple(substitute(f, values) for f in self.factors), ranges)


@dataclass
class Normaliser:
    """Makes forms.

    Attributes:
        unfold: what a reference stands for, given whether it stands inside of a function; None where it is an atom.
        work: how many parts have been looked at; beyond a bound it gives up, so that no line takes long.
    """

    unfold: Unfold
    work: int = 0
    _count: Iterator[int] = field(default_factory=itertools.count)

    def _spend(self) -> None:
        self.work += 1
        if self.work > MOST_WORK:
            raise TooLarge

    def form(self, expression: sympy.Expr, names: Mapping[Index, str] | None = None) -> Form:
        """The form of an expression, whose free indices have names."""
        return self._form(expression, names or {}, False)

    def _form(self, expression: sympy.Expr, names: Mapping[Index, str], inside: bool) -> Form:
        form: Form = {}
        products = self._products(expression, inside)
        if len(products) > MOST_TERMS:
            raise TooLarge
        for product in products:
            product = _gathered(_without_deltas(_shifted(product)))
            text = self._text(product, names)
            form[text] = form.get(text, sympy.Integer(0)) + product.coefficient
        return {text: coefficient for text, coefficient in form.items() if coefficient != 0}

    def _products(self, expression: sympy.Expr, inside: bool) -> list[Product]:
        """An expression multiplied out."""
        self._spend()
        if isinstance(expression, Ref):
            meant = self.unfold(expression, inside)
            return [Product(factors=(expression,))] if meant is None else self._products(meant, inside)
        if expression.is_Number:
            return [] if expression == 0 else [Product(expression)]
        if expression.is_Add:
            return [product for part in expression.args for product in self._products(part, inside)]
        if expression.is_Mul:
            return self._multiplied([self._products(part, inside) for part in expression.args])
        if isinstance(expression, Sum):
            return self._summed(expression, inside)
        if isinstance(expression, where) and isinstance(expression.args[0], Comparison):
            condition, one, other = expression.args  # a comparison is 1 or 0
            return self._products(other + condition * (one - other), inside)
        if expression.is_Pow and expression.exp.is_Integer:
            return self._power(expression, inside)
        return [Product(factors=(expression,))]

    def _multiplied(self, groups: Sequence[list[Product]]) -> list[Product]:
        found = [Product()]
        for group in groups:
            if len(found) * len(group) > MOST_TERMS:
                raise TooLarge
            found = [one.times(self._renamed(other)) for one in found for other in group]
        return found

    def _renamed(self, product: Product) -> Product:
        """The product with bound indices that nothing else has."""
        if not product.ranges:
            return product
        values = {r.index: self._index(r) for r in product.ranges}
        renamed = product.with_index(values)
        return replace(renamed, ranges=tuple(Range(values[r.index], r.first, r.last) for r in renamed.ranges))

    def _index(self, reach: Range) -> Index:
        return Index(f"#{next(self._count)}", reach.axis)

    def _summed(self, expression: Sum, inside: bool) -> list[Product]:
        reach = expression.range
        found: list[Product] = []
        for product in self._products(expression.body, inside):
            new = Range(self._index(reach), reach.first, reach.last)
            product = product.with_index({reach.index: new.index})
            if any(f.has(new.index) for f in product.factors) or any(
                end.has(new.index) for r in product.ranges for end in (r.first, r.last)
            ):
                found.append(replace(product, ranges=(new, *product.ranges)))
            else:
                count = plain(reach.last - reach.first + 1)
                found += self._multiplied([[product], self._products(count, inside)])
        return found

    def _power(self, expression: sympy.Expr, inside: bool) -> list[Product]:
        base, exponent = expression.args
        products = self._products(base, inside)
        if exponent > 0 and exponent <= 4:
            return self._multiplied([products] * int(exponent))
        if len(products) == 1 and not products[0].ranges:
            (only,) = products
            return [Product(only.coefficient**exponent, tuple(_raised(f, exponent) for f in only.factors))]
        return [Product(factors=(expression,))]

    # -- text ------------------------------------------------------------------------------------------------------

    def _text(self, product: Product, names: Mapping[Index, str]) -> str:
        """A product as text: the least of what the orders of its bound indices give."""
        indices = [reach.index for reach in product.ranges]
        if not indices:
            return self._spelled(product, names)
        signs = {index: self._sign(product, index, names) for index in indices}
        groups = [
            list(group) for _, group in itertools.groupby(sorted(indices, key=signs.__getitem__), signs.__getitem__)
        ]
        orders = itertools.product(*(itertools.permutations(group) for group in groups))
        return min(
            self._spelled(product, {**names, **{i: f"~{n}" for n, i in enumerate(itertools.chain(*order))}})
            for order in itertools.islice(orders, _MOST_ORDERS)
        )

    def _sign(self, product: Product, index: Index, names: Mapping[Index, str]) -> str:
        """Where a bound index stands, whatever the bound indices are called."""
        masked = {**names, **{reach.index: "?" for reach in product.ranges}, index: "*"}
        reach = next(r for r in product.ranges if r.index == index)
        ends = f"{self._key(reach.first, masked)}..{self._key(reach.last, masked)}"
        return f"{reach.axis.name}:{ends}:" + "|".join(
            sorted(self._key(f, masked) for f in product.factors if f.has(index))
        )

    def _spelled(self, product: Product, names: Mapping[Index, str]) -> str:
        factors = "*".join(sorted(self._key(f, names) for f in product.factors))
        ranges = sorted(
            f"{names[r.index]}:{r.axis.name}:{self._key(r.first, names)}..{self._key(r.last, names)}"
            for r in product.ranges
        )
        return f"{factors};{','.join(ranges)}"

    def _key(self, expression: sympy.Expr, names: Mapping[Index, str]) -> str:
        """A factor as text."""
        self._spend()
        if isinstance(expression, Index):
            return names.get(expression, f"{expression.name}:{expression.axis.name}")
        if isinstance(expression, Ref):
            return f"{expression.name}[{','.join(self._key(s, names) for s in expression.subscripts)}]"
        if expression.is_Symbol or expression.is_Number:
            return str(expression)
        if isinstance(expression, Elementwise):
            arguments = [self._form_text(argument, names) for argument in expression.args]
            if expression.row.name == "equal":
                arguments.sort()
            return f"{expression.row.name}({';'.join(arguments)})"
        if isinstance(expression, Prod):
            return self._product_text(expression, names)
        if expression.is_Add or expression.is_Mul:
            return (
                "("
                + ("+" if expression.is_Add else "*").join(sorted(self._key(a, names) for a in expression.args))
                + ")"
            )
        parts = ",".join(self._form_text(argument, names) for argument in expression.args)
        return f"{type(expression).__name__}({parts})"

    def _product_text(self, expression: Prod, names: Mapping[Index, str]) -> str:
        body, row, column, index, *others = expression.args
        depth = sum(name.startswith("^") for name in names.values())
        inner = {**names, **{i: f"^{depth + n}" for n, i in enumerate((row, column, index))}}
        return f"prod({self._form_text(body, inner)};{';'.join(self._key(o, names) for o in others)})"

    def _form_text(self, expression: sympy.Expr, names: Mapping[Index, str]) -> str:
        form = self._form(expression, names, True)
        return "+".join(f"{form[text]}*{text}" for text in sorted(form)) or "0"


def difference(one: Form, other: Form) -> Form:
    """What one form has more than another."""
    found = dict(one)
    for text, coefficient in other.items():
        found[text] = found.get(text, sympy.Integer(0)) - coefficient
    return {text: coefficient for text, coefficient in found.items() if coefficient != 0}


def _raised(factor: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    return sympy.Pow(factor, exponent)


def _gathered(product: Product) -> Product:
    """Equal factors as one power."""
    number, rest = sympy.Mul(*product.factors).as_coeff_Mul()
    factors = () if rest == 1 else sympy.Mul.make_args(rest)
    return replace(product, coefficient=product.coefficient * number, factors=tuple(factors))


def _shifted(product: Product) -> Product:
    """Every sum from the first value of its axis on."""
    for reach in product.ranges:
        offset = plain(reach.first - reach.axis.first)
        if offset != 0:
            moved = product.with_index({reach.index: reach.index + offset})
            ranges = tuple(
                Range(r.index, r.axis.first, plain(r.last - offset)) if r.index == reach.index else r
                for r in moved.ranges
            )
            factors = tuple(_plain_subscripts(factor) for factor in moved.factors)
            product = replace(moved, ranges=ranges, factors=factors)
    return product


def _plain_subscripts(expression: sympy.Expr) -> sympy.Expr:
    if isinstance(expression, Ref):
        return Ref(expression.name, *(plain(s) if not s.has(Ref) else s for s in expression.subscripts))
    if not expression.args or isinstance(expression, Index):
        return expression
    return expression.func(*(_plain_subscripts(argument) for argument in expression.args))


def _without_deltas(product: Product) -> Product:
    """A sum with a one-hot or a diagonal is the one entry that it picks; elsewhere the same entry has one name."""
    for factor in product.factors:
        if not isinstance(factor, equal):
            continue
        for index, value in (factor.args, reversed(factor.args)):
            reach = next((r for r in product.ranges if r.index == index), None)
            whole = reach is not None and (reach.first, reach.last) == (reach.axis.first, reach.axis.last)
            along = isinstance(value, Index) and isinstance(index, Index) and value.axis == index.axis
            if whole and value != index and (along or isinstance(value, Ref)) and not value.has(index):
                rest = tuple(f for f in product.factors if f is not factor)
                ranges = tuple(r for r in product.ranges if r.index != index)
                return _without_deltas(replace(product, factors=rest, ranges=ranges).with_index({index: value}))
    for factor in product.factors:
        if isinstance(factor, equal) and all(isinstance(a, Index) for a in factor.args):
            first, second = sorted(factor.args, key=lambda index: index.name)
            others = tuple(f if f is factor else f.xreplace({second: first}) for f in product.factors)
            if others != product.factors:
                return _without_deltas(replace(product, factors=others))
    return product
