"""A value as a sequence of single operations, each into an array: the target, or a temporary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sympy

from derive.expressions import Index
from derive.program import Apply, Assign, Contract, Count, Gather, Reduce, Scalar, Span, Statement, Value, View
from derive.schedule.temporaries import Pool, temporary
from derive.system import Reduction

MINUS = Scalar(sympy.Integer(-1))
Leaf = View | Scalar | Count


class Operations:
    """The operations of one statement."""

    def __init__(self, statement: Assign, lengths: Mapping[Index, sympy.Expr], pool: Pool) -> None:
        """For a statement; `lengths` are those of all its dimensions."""
        self.statement, self.lengths, self.pool = statement, lengths, pool
        self.statements: list[Statement] = []
        self.taken: list[str] = []
        self.order = tuple(dict.fromkeys((*statement.target.dims, *lengths)))

    def finished(self) -> Iterator[Statement]:
        """The operations; their temporaries are free again."""
        for name in self.taken:
            self.pool.release(name)
        yield from self.statements

    def shallow(self, value: Value) -> Value:
        """A number as an expression of arrays."""
        if isinstance(value, Apply):
            return replace(value, arguments=tuple(self.shallow(a) for a in value.arguments))
        if isinstance(value, Reduce):
            return replace(value, argument=self.leaf(value.argument))
        if isinstance(value, Contract):
            return replace(value, left=self.leaf(value.left), right=self.leaf(value.right))
        return value

    def leaf(self, value: Value) -> Value:
        """The value as an array that is there, or as a number."""
        if isinstance(value, Scalar | Count) or (isinstance(value, View) and not is_copied(value)):
            return value
        if not value.dims:
            return self.shallow(value)
        out = self.temporary(value)
        self.into(value, out)
        return out

    def temporary(self, value: Value, dims: tuple[Index, ...] = ()) -> View:
        """An array for the value, with its dimensions in the order of `dims`; else in the target's."""
        dims = dims or tuple(i for i in self.order if i in value.dims)
        name = self.pool.take(tuple(self.lengths[i] for i in dims))
        self.taken.append(name)
        return temporary(name, dims, self.lengths)

    def put(self, out: View, value: Value, work: View | None = None) -> None:
        """One operation."""
        self.statements.append(
            replace(self.statement, target=out, value=value, adds=False, makes=False, scatters=False, work=work)
        )

    def negative(self, value: Value) -> Value:
        """Minus a leaf, as something that is added."""
        return Apply("mul", (MINUS, value), value.dims)

    def into(self, value: Value, out: View) -> None:
        """Write the value to `out`, whose entries it does not read."""
        if set(value.dims) != set(out.dims) and not isinstance(value, Scalar | Count | View):
            self.put(out, self.leaf(value))
        elif isinstance(value, Contract):
            self.put(out, replace(value, left=self.leaf(value.left), right=self.leaf(value.right)))
        elif isinstance(value, Reduce):
            self.reduce(value, out)
        elif isinstance(value, Apply):
            self.apply(value, out)
        else:
            self.put(out, value)

    def reduce(self, value: Reduce, out: View) -> None:
        """A sum or maximum; what goes by exponentials needs an array for them."""
        argument = self.leaf(value.argument)
        found = replace(value, argument=argument)
        exponentials = value.reduction in (Reduction.LOGSUMEXP, Reduction.NORMALISER)
        self.put(out, found, self.temporary(argument, argument.dims) if exponentials else None)

    def apply(self, value: Apply, out: View) -> None:
        """A function of the table, or arithmetic."""
        if value.function == "add":
            self.add(value.arguments, out)
        elif value.function == "mul":
            self.multiply(value, out)
        elif value.function == "pow":
            self.power(value, out)
        elif value.function == "where":
            condition, *branches = value.arguments
            self.put(out, replace(value, arguments=(condition, *map(self.leaf, branches))))
        else:
            self.put(out, replace(value, arguments=tuple(map(self.leaf, value.arguments))))

    def add(self, terms: Sequence[Value], out: View) -> None:
        """A sum: what takes work first, into `out`, then what is there, added or subtracted."""
        signed = [(opposite(t), True) if is_negated(t) else (t, False) for t in terms]
        hard = [s for s in signed if not is_leaf(s[0])]
        begun = next((s for s in hard if set(s[0].dims) == set(out.dims)), None)
        left = [(self.leaf(v), minus) for v, minus in signed if begun is None or v is not begun[0]]
        left.sort(key=lambda s: (len(s[0].dims) == 0, s[1]))
        if begun is not None:
            self.into(begun[0], out)
            negated = begun[1]
        else:
            first = min(left, key=lambda s: s[1])  # the first that is not subtracted
            second = next(s for s in left if s is not first)
            left = [s for s in left if s is not first and s is not second]
            if second[1]:
                self.put(out, Apply("subtract", (first[0], second[0]), out.dims))
            else:
                self.put(out, Apply("add", (first[0], second[0]), out.dims))
            negated = first[1]
            if negated:  # -a - b is -(a + b)
                self.statements.pop()
                self.put(out, Apply("add", (first[0], second[0]), out.dims))
        for value, minus in left:
            if minus == negated:
                self.put(out, Apply("add", (out, value), out.dims))
            elif negated:
                self.put(out, Apply("subtract", (value, out), out.dims))
                negated = False
            else:
                self.put(out, Apply("subtract", (out, value), out.dims))
        if negated:
            self.put(out, Apply("negative", (out,), out.dims))

    def multiply(self, value: Apply, out: View) -> None:
        """A product: small arrays with one another first, what takes work into `out`, then factor by factor."""
        scale = sympy.Mul(*(a.value for a in value.arguments if isinstance(a, Scalar)))
        above, below = _fraction([a for a in value.arguments if not isinstance(a, Scalar)])
        above = self.grouped(above, out)
        begun = next((v for v in above if not is_leaf(v) and set(v.dims) == set(out.dims)), None)
        factors = [self.leaf(v) for v in above if v is not begun]
        divisors = [self.leaf(v) for v in below]
        current: Value
        if begun is not None:
            self.into(begun, out)
            current = out
        elif factors:
            current = factors.pop(0)
        else:
            current, scale = Scalar(scale), sympy.S.One
            if not divisors:
                self.put(out, current)
                return
        number = [Scalar(scale)] if scale not in (1, -1) else []
        for factor in [*factors, *number]:
            self.put(out, Apply("mul", (current, factor), out.dims))
            current = out
        for divisor in divisors:
            self.put(out, Apply("divide", (current, divisor), out.dims))
            current = out
        if scale == -1:
            self.put(out, Apply("negative", (current,), out.dims))
        elif current is not out:
            self.put(out, current)

    def grouped(self, factors: list[Value], out: View) -> list[Value]:
        """Those factors that lack dimensions of the product multiplied together, where they have equal ones."""
        groups: dict[frozenset[Index], list[Value]] = {}
        for factor in factors:
            groups.setdefault(frozenset(factor.dims), []).append(factor)
        whole = frozenset(out.dims)
        found: list[Value] = []
        for dims, members in groups.items():
            if dims and dims != whole and len(members) > 1:
                order = tuple(i for i in self.order if i in dims)
                found.append(self.leaf(Apply("mul", tuple(members), order)))
            else:
                found += members
        return sorted(found, key=lambda v: (is_leaf(v), -len(v.dims)))

    def power(self, value: Apply, out: View) -> None:
        """A power: of small whole exponents by products."""
        base, exponent = self.leaf(value.arguments[0]), value.arguments[1]
        number = exponent.value if isinstance(exponent, Scalar) else None
        if number == 3:
            self.put(out, Apply("square", (base,), out.dims))
            self.put(out, Apply("mul", (out, base), out.dims))
        elif number is not None and number.is_number and number < 0:
            if number != -1:
                self.power(Apply("pow", (base, Scalar(-number)), value.dims), out)
                base = out
            self.put(out, Apply("divide", (Scalar(sympy.S.One), base), out.dims))
        elif number in (2, sympy.Rational(1, 2)):
            self.put(out, Apply("square" if number == 2 else "sqrt", (base,), out.dims))
        else:
            self.put(out, Apply("pow", (base, self.leaf(exponent)), out.dims))


def is_leaf(value: Value) -> bool:
    """Whether it is there: an array's part, a number."""
    return isinstance(value, Scalar | Count) or (isinstance(value, View) and not is_copied(value))


def is_copied(view: View) -> bool:
    """Whether NumPy copies what it shows: entries that are looked up, a diagonal."""
    along = [s.index for s in view.subscripts if isinstance(s, Span)]
    return len(along) != len(set(along)) or any(isinstance(s, Gather) for s in view.subscripts)


def is_negated(value: Value) -> bool:
    """Whether it is -1 times something."""
    return (
        isinstance(value, Apply)
        and value.function == "mul"
        and any(isinstance(a, Scalar) and a.value.is_number and a.value.is_negative for a in value.arguments)
        and len([a for a in value.arguments if isinstance(a, Scalar)]) == 1
    )


def opposite(value: Value) -> Value:
    """What -1 times it is."""
    assert isinstance(value, Apply)
    factors: list[Value] = []
    for argument in value.arguments:
        if isinstance(argument, Scalar):
            argument = Scalar(-argument.value)
            if argument.value == 1:
                continue
        factors.append(argument)
    return factors[0] if len(factors) == 1 else replace(value, arguments=tuple(factors))


def _fraction(factors: Sequence[Value]) -> tuple[list[Value], list[Value]]:
    """Numerators and denominators."""
    above: list[Value] = []
    below: list[Value] = []
    for factor in factors:
        if isinstance(factor, Apply) and factor.function == "pow":
            base, exponent = factor.arguments
            if isinstance(exponent, Scalar) and exponent.value.is_number and exponent.value < 0:
                one = exponent.value == -1
                below.append(base if one else replace(factor, arguments=(base, Scalar(-exponent.value))))
                continue
        above.append(factor)
    return above, below
