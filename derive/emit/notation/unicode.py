"""Forms as mathematics for a terminal: `∇h[t] = Wᵀ ((1 - h[t+1]²) ⊙ ∇h[t+1]) + Vᵀ ∇o[t]`."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache

from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.emit.notation.order import ONE, ZERO
from derive.emit.notation.plain import ATOM, MULTIPLY, POWER, Plain, Text, chained

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho _ sigma tau upsilon "
    "phi chi psi omega"
).split()
_CAPITAL = ("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega")
_LETTERS = {name: chr(0x3B1 + n) for n, name in enumerate(_GREEK)} | {"lam": "λ", "lamda": "λ", "inf": "∞"}
_LETTERS |= {name.capitalize(): chr(0x391 + _GREEK.index(name)) for name in _CAPITAL}
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307"}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LOWERED = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


class Unicode(Plain):
    """Mathematics in a terminal.

    Steps stay in brackets, since not every index has a lowered letter; a name becomes a Greek letter, or one with an
    accent, only where that is a single character.
    """

    comma = ","

    def line(self, line: forms.Line) -> str:
        """An equation, with the condition set apart."""
        conditions = "".join(f",   {self.condition(condition)}" for condition in line.conditions)
        sign = "+=" if line.adds else "="
        return f"{self.text(line.left)} {sign} {self.text(line.right)}{conditions}"

    def array(self, form: Form) -> Text:
        """Matrix products by juxtaposition, transposes raised."""
        match form:
            case forms.Product(factors):
                return " ".join(self.within(factor, POWER) for factor in factors), MULTIPLY
            case forms.Inner(left, right):
                return self.array(forms.Product((forms.Transpose(left), *chained(right))))
            case forms.Outer(left, right):
                return self.array(forms.Product((left, forms.Transpose(right))))
            case forms.Transpose(of):
                return self.within(of, ATOM) + "ᵀ", ATOM
        return super().array(form)

    def symbol(self, name: str) -> str:
        """A name, as a letter where it is one."""
        return _letter(name)

    def sign(self, sign: str) -> str:
        """A sign of comparison."""
        return {"<=": "≤", "==": "="}.get(sign, sign)

    def gradient(self, text: str, times: int) -> str:
        """The gradient of the loss by what `text` is."""
        return "∇" * times + text

    def multiply(self, form: forms.Multiply) -> str:
        """Scalars by juxtaposition, arrays with an element-wise sign."""
        # What comes last needs no brackets: `λ W h[t]`, `2 ∑ₜ l[t]`.
        least = [POWER] * len(form.scalars)
        if least and not form.arrays:
            least[-1] = MULTIPLY
        scalars = _juxtaposed([self.within(f, at) for f, at in zip(form.scalars, least, strict=True)])
        arrays = " ⊙ ".join(self.within(f, MULTIPLY if len(form.arrays) == 1 else POWER) for f in form.arrays)
        if scalars and len(form.arrays) > 1:
            arrays = f"({arrays})"
        text = " ".join(filter(None, (scalars, arrays))) or "1"
        return f"{text} / {self.divisor(form.divisors)}" if form.divisors else text

    def power(self, base: Form, exponent: Form) -> Text:
        """Whole exponents raised."""
        if isinstance(exponent, forms.Number) and exponent.value.q == 1:
            return self.within(base, ATOM) + str(exponent.value).translate(_RAISED), POWER
        return f"{self.within(base, ATOM)}^{self.within(exponent, ATOM)}", POWER

    def apply(self, name: str, arguments: tuple[Form, ...]) -> Text:
        """Functions by their names, but for roots, absolute values, sigmoids and conditions."""
        match name, arguments:
            case "sqrt", (forms.Variable() | forms.Symbol() as of,):
                return f"√{self.text(of)}", ATOM
            case "sqrt", (of,):
                return f"√({self.text(of)})", ATOM
            case "abs", (of,):
                return f"|{self.text(of)}|", ATOM
            case "norm2", (of,):
                return f"‖{self.text(of)}‖", ATOM
            case "sigmoid", _:
                return super().apply("σ", arguments)
            case "where", (forms.Compare() as condition, then, otherwise) if (then, otherwise) == (ONE, ZERO):
                return f"[{self.text(condition)}]", ATOM
        return super().apply(name, arguments)

    def reduce(self, form: forms.Reduce) -> Text:
        """A sum by its sign with the index below it."""
        if form.name != "sum" or not form.spans:
            return super().reduce(form)
        signs = "".join(f"∑{self._below(span)}" for span in form.spans)
        negative, body = isinstance(form.body, forms.Negative), form.body
        body = body.of if isinstance(body, forms.Negative) else body
        return f"{signs} {'-' if negative else ''}{self.within(body, MULTIPLY)}", MULTIPLY

    def _below(self, span: forms.Span) -> str:
        if span.first is not None and span.last is not None:
            return f"_{{{span.index}={self.subscript(span.first)}..{self.subscript(span.last)}}}"
        if all(letter in _LOWERED for letter in span.index):
            return "".join(_LOWERED[letter] for letter in span.index)
        return f"_{span.index}"

    def entry(self, of: Form, parts: tuple[Form, ...]) -> Text:
        """An entry; of a one-hot vector or the identity, the condition for 1."""
        match of, parts:
            case forms.OneHot(at), (index,):
                return f"[{self.text(index)} = {self.text(at)}]", ATOM
            case forms.Eye(), (row, column):
                return f"[{self.text(row)} = {self.text(column)}]", ATOM
            case forms.Variable(), _:
                return self.variable(_counted(of, parts)), ATOM
        return super().entry(of, parts)


def _counted(of: forms.Variable, parts: tuple[Form, ...]) -> forms.Variable:
    """An entry of a part as one of the whole: `z[t, n_h:][i]` is `z[t, i + n_h]`."""
    inner = iter(parts)
    entries: list[Form] = []
    for part in of.parts:
        if not isinstance(part, forms.Slice):
            entries.append(part)
        elif part.first is None:
            entries.append(next(inner))
        else:
            entries.append(forms.Add((next(inner), part.first)))
    return replace(of, parts=tuple(entries))


def _juxtaposed(factors: list[str]) -> str:
    # Two numbers beside each other would read as one, and a name before a bracket as a function.
    text = ""
    for factor in factors:
        close = not (factor[0].isdigit() or (factor[0] == "(" and text[-1:].isalnum()))
        text += ("" if not text else " " if close else " · ") + factor
    return text


@lru_cache(maxsize=4096)
def _letter(name: str) -> str:
    """The name with Greek letters and accents where they are one character each."""
    head, underscore, tail = name.partition("_")
    stem, dot, what = head.partition(".")
    for accent, mark in _ACCENTS.items():
        if stem.endswith(accent) and len(stem) == len(accent) + 1:
            composed = unicodedata.normalize("NFC", stem[0] + mark)
            if len(composed) == 1:
                stem = composed
    return _LETTERS.get(stem, stem) + dot + what + underscore + tail
