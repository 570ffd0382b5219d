"""Forms as text in the language's own syntax, as a hand derivation is written: `grad(h[T]) = V.T @ grad(o[T])`."""

from __future__ import annotations

import sympy

from derive.emit.notation import forms
from derive.emit.notation.forms import WHOLE, Form
from derive.emit.notation.order import is_decimal

ADD, MULTIPLY, POWER, ATOM = range(4)
Text = tuple[str, int]


class Plain:
    """The language's own syntax. A text comes with how tightly it binds, so that brackets stand where they must.

    Other printers override a method per kind of form.
    """

    comma = ", "

    def line(self, line: forms.Line) -> str:
        """An equation, with the condition behind it."""
        sign = "+=" if line.adds else "="
        conditions = "".join(f", {self.condition(condition)}" for condition in line.conditions)
        return f"{self.text(line.left)} {sign} {self.text(line.right)}{conditions}"

    def condition(self, condition: tuple[Form | None, str, Form]) -> str:
        """`1 <= t < T`: an end that is one below another prints as a strict bound."""
        first, index, last = condition
        before = "" if first is None else f"{self.subscript(first)} {self.sign('<=')} "
        sign, end = self.sign("<="), last
        match last:
            case forms.Add((*terms, forms.Negative(forms.Number(value)))) if value == 1:
                sign, end = "<", terms[0] if len(terms) == 1 else forms.Add(tuple(terms))
        return f"{before}{self.symbol(index)} {sign} {self.subscript(end)}"

    def text(self, form: Form) -> str:
        """A form as text."""
        return self.spell(form)[0]

    def within(self, form: Form, least: int) -> str:
        """A form, in brackets where it binds less tightly than `least`."""
        text, strength = self.spell(form)
        return text if strength >= least else f"({text})"

    def spell(self, form: Form) -> Text:
        """A form as text, and how tightly it binds."""
        match form:
            case forms.Variable():
                return self.variable(form), ATOM
            case forms.Symbol(name):
                return self.symbol(name), ATOM
            case forms.Number(value):
                return self.number(value)
            case forms.Add(terms):
                return self.add(terms), ADD
            case forms.Negative(of):
                return "-" + self.within(of, MULTIPLY), ADD
            case forms.Multiply():
                return self.multiply(form), MULTIPLY
            case forms.Power(base, exponent):
                return self.power(base, exponent)
            case forms.Apply(name, arguments):
                return self.apply(name, arguments)
            case forms.Compare(sign, left, right):
                return f"{self.text(left)} {self.sign(sign)} {self.text(right)}", ADD
            case forms.Reduce():
                return self.reduce(form)
            case forms.Entry(of, parts):
                return self.entry(of, parts)
            case forms.Slice(first, last):
                return ":".join("" if end is None else self.subscript(end) for end in (first, last)), ATOM
        return self.array(form)

    def array(self, form: Form) -> Text:
        """A form that stands in array notation alone."""
        match form:
            case forms.Product(factors):
                return " @ ".join(self.within(factor, POWER) for factor in factors), MULTIPLY
            case forms.Inner(left, right):
                return self.array(forms.Product((left, *chained(right))))
            case forms.Outer(left, right):
                return f"outer({self.text(left)}, {self.text(right)})", ATOM
            case forms.Transpose(of):
                return self.within(of, ATOM) + ".T", ATOM
            case forms.Diag(of):
                return f"diag({self.text(of)})", ATOM
            case forms.Eye(size):
                return f"eye({self.text(size)})", ATOM
            case forms.OneHot(at):
                return f"onehot({self.text(at)})", ATOM
        raise TypeError(f"no spelling for {type(form).__name__}")

    def number(self, value: sympy.Rational) -> Text:
        """A number: whole, with a decimal point where it ends soon, else a fraction."""
        strength = ATOM if value >= 0 else ADD
        if value.q == 1:
            return str(value), strength
        if is_decimal(value) or value in (sympy.Rational(1, 2), sympy.Rational(1, 4)):
            return f"{value.p / value.q:.10f}".rstrip("0"), strength
        return f"{value.p} / {value.q}", MULTIPLY if value >= 0 else ADD

    def symbol(self, name: str) -> str:
        """A variable, a size, an index or the name of a number."""
        return name

    def sign(self, sign: str) -> str:
        """A sign of comparison."""
        return sign

    def variable(self, variable: forms.Variable) -> str:
        """`grad(h[t, i])`."""
        parts = list(variable.parts)
        while parts and parts[-1] == WHOLE:
            parts.pop()
        inner = self.comma.join(self.subscript(s) for s in (*variable.steps, *parts))
        text = self.symbol(variable.name) + (f"[{inner}]" if inner else "")
        return self.gradient(text, variable.gradients)

    def gradient(self, text: str, times: int) -> str:
        """The gradient of the loss by what `text` is."""
        return "grad(" * times + text + ")" * times

    def subscript(self, form: Form) -> str:
        """A subscript, closed up: `t-1`, `2*n_h`."""
        match form:
            case forms.Add(terms):
                signed = (
                    "-" + self.subscript(term.of) if isinstance(term, forms.Negative) else "+" + self.subscript(term)
                    for term in terms
                )
                return "".join(signed).removeprefix("+")
            case forms.Multiply(scalars, arrays, ()):
                return "*".join(map(self.subscript, (*scalars, *arrays)))
        return self.text(form)

    def add(self, terms: tuple[Form, ...]) -> str:
        """Terms with their signs."""
        text = ""
        for term in terms:
            negative = isinstance(term, forms.Negative)
            inner = self.within(term.of if isinstance(term, forms.Negative) else term, MULTIPLY)
            text += (f" {'-' if negative else '+'} " if text else "-" if negative else "") + inner
        return text

    def multiply(self, form: forms.Multiply) -> str:
        """`a * b / c`."""
        text = " * ".join(self.within(f, POWER) for f in (*form.scalars, *form.arrays)) or "1"
        return f"{text} / {self.divisor(form.divisors)}" if form.divisors else text

    def divisor(self, divisors: tuple[Form, ...]) -> str:
        """What stands below the line."""
        if len(divisors) == 1:
            return self.within(divisors[0], POWER)
        return f"({self.multiply(forms.Multiply(divisors, ()))})"

    def power(self, base: Form, exponent: Form) -> Text:
        """`base**exponent`, without spaces: it belongs together."""
        return f"{self.within(base, ATOM)}**{self.within(exponent, ATOM)}", POWER

    def apply(self, name: str, arguments: tuple[Form, ...]) -> Text:
        """`name(a, b)`."""
        return f"{name}({', '.join(map(self.text, arguments))})", ATOM

    def reduce(self, form: forms.Reduce) -> Text:
        """`sum(body, t)`, `sum(body, (t, 2, T))`, or `sum(body)` of an array."""
        spans = "".join(f", {self.span(span)}" for span in form.spans)
        return f"{form.name}({self.text(form.body)}{spans})", ATOM

    def span(self, span: forms.Span) -> str:
        """A bound index, with its ends where they need saying."""
        if span.first is None or span.last is None:
            return span.index
        return f"({span.index}, {self.subscript(span.first)}, {self.subscript(span.last)})"

    def entry(self, of: Form, parts: tuple[Form, ...]) -> Text:
        """An entry of an expression."""
        return f"{self.within(of, ATOM)}[{self.comma.join(map(self.subscript, parts))}]", ATOM


def chained(form: Form) -> tuple[Form, ...]:
    """The factors of a matrix product, or the form alone."""
    return form.factors if isinstance(form, forms.Product) else (form,)
