r"""Forms as LaTeX: `\nabla_{\boldsymbol{h}^{(t)}} L = \mathbf{W}^{\top} \nabla_{\boldsymbol{a}^{(t+1)}} L + ...`.

A text holds the mark `BREAK` before every sign at which a line may be broken, and `WEAK` before those that bind more
tightly; `layout.py` breaks there or removes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from derive.emit.latex.names import Name, Names
from derive.emit.notation import forms
from derive.emit.notation.forms import Form, Slice
from derive.emit.notation.order import ONE, ZERO
from derive.emit.notation.plain import ADD, ATOM, MULTIPLY, POWER, Text, chained
from derive.emit.notation.unicode import Unicode
from derive.functions import TABLE

BREAK, WEAK = "\x01", "\x02"
Derivative = Literal["nabla", "partial", "delta"]
Time = Literal["superscript", "subscript"]
_TALL = (r"\sum", r"\frac", r"\begin", r"\Bigl")
_OPERATORS = {"log": r"\log", "exp": r"\exp", "max": r"\max", "sum": r"\operatorname{sum}"}


@dataclass(frozen=True)
class Written:
    """An equation: its two sides and where it holds, with marks for breaks."""

    left: str
    right: str
    condition: str = ""
    sign: str = "="


class Latex(Unicode):
    """The mathematics of a textbook.

    Args:
        names: how each name is printed.
        derivative: how a gradient is written.
        time: where the step stands.
    """

    comma = ","

    def __init__(self, names: Names, derivative: Derivative = "nabla", time: Time = "superscript") -> None:
        """A printer of one system's forms."""
        self.names = names
        self.derivative = derivative
        self.time = time

    def equation(self, line: forms.Line) -> Written:
        """The sides of an equation."""
        conditions = rf",\ {BREAK}".join(map(self.condition, line.conditions))
        return Written(
            self.text(line.left), self.text(_signed(line.right)), conditions, r"\mathrel{+}=" if line.adds else "="
        )

    def symbol(self, name: str) -> str:
        """A scalar's name: an index, a size."""
        return _lowered(self.names[name].entry(), self.names[name].below)

    def sign(self, sign: str) -> str:
        """A sign of comparison."""
        return {"<=": r"\le", "==": "="}.get(sign, sign)

    def within(self, form: Form, least: int) -> str:
        """A form, in brackets where it binds less tightly than `least`."""
        text, strength = self.spell(form)
        return text if strength >= least else bracketed(text)

    def subscript(self, form: Form) -> str:
        """A subscript: a product by juxtaposition."""
        match form:
            case forms.Multiply(scalars, arrays, ()):
                return r"\,".join(map(self.subscript, (*scalars, *arrays)))
        return whole(super().subscript(form))

    def variable(self, variable: forms.Variable) -> str:
        """A variable, or the gradient of the loss by it, at its step and entries."""
        return self._raised(variable, "")

    def _raised(self, variable: forms.Variable, exponent: str) -> str:
        """A variable with something more in its superscript, as a transpose is."""
        if not variable.gradients:
            return self._plain(variable, exponent)
        text = self._gradient(variable)
        return f"{bracketed(text)}^{{{exponent}}}" if exponent else text

    def _plain(self, variable: forms.Variable, exponent: str = "") -> str:
        name = self.names[variable.name]
        return self._placed(name, name.array(), name.entry(), name.below, variable, exponent)

    def _placed(self, name: Name, array: str, entry: str, below: str, variable: forms.Variable, exponent: str) -> str:
        steps = ",".join(map(self.subscript, variable.steps))
        raised = (f"({steps})" if steps and self.time == "superscript" else "") + exponent
        lowered = [steps] if steps and self.time == "subscript" else []
        parts = self._parts(variable)
        if not parts:
            return _lowered(array, ",".join(filter(None, (below, *lowered))), raised)
        # An entry of a letter with a subscript of its own stands outside brackets: `W_{hh}` has more than two indices.
        if below or len(parts) < name.rank or any(isinstance(part, Slice) for part in variable.parts):
            if below:
                inner = _lowered(
                    array, ",".join((below, *lowered)), raised.removesuffix(exponent) if exponent else raised
                )
                return _lowered(f"[{inner}]", ",".join(parts), exponent)
            return _lowered(array, ",".join((*lowered, *parts)), raised)
        return _lowered(entry, ",".join((*lowered, *parts)), raised)

    def _parts(self, variable: forms.Variable) -> list[str]:
        parts = list(variable.parts)
        while parts and parts[-1] == forms.WHOLE:
            parts.pop()
        return [self.subscript(part) for part in parts]

    def _gradient(self, variable: forms.Variable) -> str:
        name, loss = self.names[variable.name], self.symbol("loss")
        parts = self._parts(variable)
        if self.derivative == "delta":
            return self._delta(variable, name)
        if self.derivative == "partial" or name.rank == 0:
            by = self._plain(forms.Variable(variable.name, variable.steps, variable.parts))
            return rf"\frac{{\partial {loss}}}{{\partial {by}}}"
        by = self._plain(forms.Variable(variable.name, variable.steps))
        text = rf"\nabla_{{{by}}} {loss}"
        return f"({text})_{{{','.join(parts)}}}" if parts else text

    def _delta(self, variable: forms.Variable, name: Name) -> str:
        of = _lowered(name.entry(), name.below)
        letter = r"\delta" if name.rank == 0 else r"\boldsymbol{\delta}"
        steps, parts = ",".join(map(self.subscript, variable.steps)), self._parts(variable)
        if self.time == "subscript":
            letter = letter if not parts or any(isinstance(part, Slice) for part in variable.parts) else r"\delta"
            return _lowered(letter, ",".join(filter(None, (steps, *parts))), of)
        text = _lowered(letter, of, f"({steps})" if steps else "")
        return _lowered(f"[{text}]", ",".join(parts)) if parts else text

    def is_open(self, form: Form) -> bool:
        r"""Whether what follows a form would be read as a part of it: `\nabla_h L x`."""
        return isinstance(form, forms.Variable) and form.gradients > 0 and self.variable(form).startswith(r"\nabla")

    def array(self, form: Form) -> Text:
        """Matrix products by juxtaposition, transposes raised."""
        match form:
            case forms.Product(factors):
                return " ".join(self._factors(factors, POWER)), MULTIPLY
            case forms.Inner(left, right):
                return self.array(forms.Product((forms.Transpose(left), *chained(right))))
            case forms.Outer(left, right):
                return self.array(forms.Product((left, forms.Transpose(right))))
            case forms.Transpose(forms.Variable() as of):
                return self._raised(of, r"\top"), ATOM
            case forms.Transpose(of):
                return rf"{self.within(of, ATOM)}^{{\top}}", ATOM
            case forms.Diag(of):
                return rf"\operatorname{{diag}}{bracketed(self.text(of))}", ATOM
            case forms.Eye(size):
                return rf"\mathbf{{I}}_{{{self.subscript(size)}}}", ATOM
            case forms.OneHot(at):
                return rf"\operatorname{{onehot}}({self.text(at)})", ATOM
        return super().array(form)

    def _factors(self, factors: tuple[Form, ...], least: int) -> list[str]:
        return [
            bracketed(self.text(factor))
            if self.is_open(factor) and n < len(factors) - 1
            else self.within(factor, least)
            for n, factor in enumerate(factors)
        ]

    def add(self, terms: tuple[Form, ...]) -> str:
        """Terms with their signs; a line may break before each."""
        text = ""
        for term in map(_signed, terms):
            negative = isinstance(term, forms.Negative)
            inner = self.within(term.of if isinstance(term, forms.Negative) else term, MULTIPLY)
            text += (f" {BREAK}{'-' if negative else '+'} " if text else "-" if negative else "") + inner
        return text

    def multiply(self, form: forms.Multiply) -> str:
        """Scalars by juxtaposition, arrays with an element-wise sign, divisors below a line."""
        scalars = self._factors((*form.scalars, ONE) if form.arrays else form.scalars, POWER)
        scalars = scalars[:-1] if form.arrays else scalars
        text = ""
        for factor in scalars:
            text += (r" \cdot " if text and factor[0].isdigit() else r" \, " if text else "") + factor
        arrays = f" {WEAK}\\odot ".join(self._factors(form.arrays, MULTIPLY if len(form.arrays) == 1 else POWER))
        if text and len(form.arrays) > 1:
            arrays = bracketed(arrays)
        text = r" \, ".join(filter(None, (text, arrays))) or "1"
        if not form.divisors:
            return text
        below = (
            self.multiply(forms.Multiply(form.divisors, ())) if len(form.divisors) > 1 else self.text(form.divisors[0])
        )
        # A long numerator stays on the line, where it can be broken.
        if len(text) > 160 and text.count(BREAK) + text.count(WEAK) > 1:
            return rf"\frac{{1}}{{{whole(below)}}} {bracketed(text)}"
        return rf"\frac{{{whole(text)}}}{{{whole(below)}}}"

    def power(self, base: Form, exponent: Form) -> Text:
        """Exponents raised; of a matrix, with a sign that says that it is element by element."""
        plain = isinstance(base, forms.Symbol) or (
            isinstance(base, forms.Variable) and not base.steps and not base.gradients
        )
        text = self.text(base) if plain and not self._is_matrix(base) else bracketed(self.text(base))
        circle = r"\odot " if self._is_matrix(base) else ""
        return f"{text}^{{{circle}{whole(self.text(exponent))}}}", POWER

    def _is_matrix(self, form: Form) -> bool:
        return (
            isinstance(form, forms.Variable)
            and self.names[form.name].rank - sum(not isinstance(part, Slice) for part in form.parts) > 1
        )

    def apply(self, name: str, arguments: tuple[Form, ...]) -> Text:
        """Functions as the table of functions spells them."""
        texts = [self.text(argument) for argument in arguments]
        match name, arguments:
            case "where", (_, then, otherwise) if (then, otherwise) == (ONE, ZERO):
                return rf"\mathbf{{1}}_{{{whole(texts[0])}}}", ATOM
            case "where", _:
                return rf"\begin{{cases}} {whole(self._cases(arguments))} \end{{cases}}", ATOM
            case "norm2", _:
                return rf"\lVert {texts[0]} \rVert_2", ATOM
        clash = {"sigmoid": r"\sigma", "softplus": r"\zeta"}
        row = TABLE[name].row if name in TABLE else None
        if row is None or (name in clash and self.names.has_letter(clash[name])):
            return operator(name) + bracketed(f", {BREAK}".join(texts)), ATOM
        if row.latex.endswith("({0})"):
            return row.latex[: -len("({0})")].format() + bracketed(texts[0]), ATOM
        if name == "log":
            return rf"\log {self.within(arguments[0], ATOM)}", MULTIPLY
        return row.latex.format(*map(whole, texts)), ATOM

    def _cases(self, arguments: tuple[Form, ...]) -> str:
        """The rows of a choice; one in the place of `otherwise` goes on with more rows."""
        condition, then, otherwise = arguments
        when = self.text(condition) + ("" if isinstance(condition, forms.Compare) else r" \ne 0")
        match otherwise:
            case forms.Apply("where", more):
                rest = self._cases(more)
            case _:
                rest = rf"{self.text(otherwise)} & \text{{otherwise}}"
        return rf"{self.text(then)} & \text{{if }} {when} \\ {rest}"

    def reduce(self, form: forms.Reduce) -> Text:
        """A sum by its sign; other reductions by their names, with the index below."""
        if form.name == "logsumexp" and form.spans:
            total = forms.Reduce("sum", forms.Apply("exp", (form.body,)), form.spans)
            return rf"\log {self.within(total, MULTIPLY)}", MULTIPLY
        if form.name != "sum" or not form.spans:
            return operator(form.name) + self._over(form.spans) + bracketed(self.text(form.body)), ATOM
        negative, body = isinstance(form.body, forms.Negative), form.body
        body = body.of if isinstance(body, forms.Negative) else body
        signs = " ".join(rf"\sum{self._under(span)}" for span in form.spans)
        text = self.within(body, MULTIPLY)
        return f"{signs} {bracketed('-' + text) if negative else text}", MULTIPLY

    def _over(self, spans: tuple[forms.Span, ...]) -> str:
        """The indices of one operator: several stand side by side, their ranges as conditions."""
        if len(spans) == 1:
            return self._under(spans[0])
        told = [
            self.symbol(span.index)
            if span.first is None or span.last is None
            else rf"{self.subscript(span.first)} \le {self.symbol(span.index)} \le {self.subscript(span.last)}"
            for span in spans
        ]
        return f"_{{{', '.join(told)}}}" if told else ""

    def _under(self, span: forms.Span) -> str:
        if span.first is None or span.last is None:
            return f"_{{{self.symbol(span.index)}}}"
        return f"_{{{self.symbol(span.index)}={self.subscript(span.first)}}}^{{{self.subscript(span.last)}}}"

    def entry(self, of: Form, parts: tuple[Form, ...]) -> Text:
        """An entry; of a one-hot vector or the identity, the condition for 1."""
        match of, parts:
            case forms.OneHot(at), (index,):
                return rf"\mathbf{{1}}_{{{self.text(index)} = {self.text(at)}}}", ATOM
            case forms.Eye(), (row, column):
                return rf"\mathbf{{1}}_{{{self.text(row)} = {self.text(column)}}}", ATOM
            case forms.Variable(), _:
                return super().entry(of, parts)
        text = self.within(of, ATOM)
        text = text if text.endswith(")") else bracketed(text)
        return f"{text}_{{{','.join(map(self.subscript, parts))}}}", ATOM

    def spell(self, form: Form) -> Text:
        """A form as text, and how tightly it binds."""
        match form:
            case forms.Negative(of):
                return "-" + self.within(of, MULTIPLY), ADD
            case forms.Number(value) if value.q != 1 and value >= 0:
                text, _ = super().spell(form)
                return (rf"\frac{{{value.p}}}{{{value.q}}}" if "/" in text else text), POWER
        return super().spell(form)


def _signed(form: Form) -> Form:
    """A sum of negative terms as a negative sum."""
    match form:
        case forms.Reduce("sum", forms.Negative(of), (_, *_)):
            return forms.Negative(replace(form, body=of))
    return form


def operator(name: str) -> str:
    """A function's name, upright."""
    escaped = name.replace("_", r"\_")
    return _OPERATORS.get(name, rf"\operatorname{{{escaped}}}")


def bracketed(text: str) -> str:
    """A text in brackets of its height; they grow by name and not by measure, so that a line can break inside."""
    if any(tall in text for tall in _TALL):
        return rf"\Bigl( {text} \Bigr)"
    return rf"\bigl( {text} \bigr)" if "(" in text.replace("^{(", "") else f"({text})"


def _lowered(text: str, below: str, above: str = "") -> str:
    return text + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def whole(text: str) -> str:
    """A text that stands where no line can break."""
    return text.replace(BREAK, "").replace(WEAK, "")
