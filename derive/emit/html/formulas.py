"""Printed equations as pieces between which a browser may break a line, the outermost ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from derive.emit.html.mathml import mathml
from derive.emit.latex.layout import pieces
from derive.emit.latex.printer import WEAK, Latex, whole
from derive.emit.notation import forms
from derive.emit.notation.unicode import Unicode

_BETWEEN_SCALARS = r" \, "
Piece = tuple[float, Markup]


@dataclass(frozen=True)
class Formula:
    """A printed equation.

    Attributes:
        left: the left side.
        right: the sign and the right side, in pieces that wrap.
        condition: where it holds, or nothing.
        spoken: the whole in a line of text.
    """

    left: Markup
    right: Markup
    condition: Markup
    spoken: str


def formula(line: forms.Line, printer: Latex) -> Formula:
    """An equation in mathematics."""
    written = printer.equation(line)
    return Formula(
        Markup(mathml(whole(written.left), display=True)),
        _wrapping(f"{written.sign} {written.right}"),
        _wrapping(written.condition) if written.condition else Markup(),
        Unicode().line(line),
    )


def inline(form: forms.Form, printer: Latex) -> Markup:
    """A form in a line of text."""
    return Markup(mathml(whole(printer.text(form))))


def listed(items: Sequence[Markup]) -> Markup:
    """Formulas with commas, which stay on the line of what they stand behind."""
    last = len(items) - 1
    return Markup(" ").join(
        Markup('<span class="item">{}{}</span>').format(item, "," if place < last else "")
        for place, item in enumerate(items)
    )


def _wrapping(text: str) -> Markup:
    parts: list[Piece] = []
    begins = True
    # A narrow page breaks products of scalars too, which a sheet of paper does not.
    for depth, tex in pieces(text.replace(_BETWEEN_SCALARS, f" {WEAK}{_BETWEEN_SCALARS.strip()} ")):
        tex = " ".join(tex.split())
        parts.append((depth, Markup(mathml(tex, begins, display=True))))
        begins = tex.endswith((",", "(", "="))
    return _joined(_terms(parts))


def _terms(parts: Sequence[Piece]) -> list[Markup]:
    """Pieces broken apart; those of a term stand in a span, which goes to the next line as a whole where it can."""
    if len(parts) == 1:
        return [parts[0][1]]
    outer = min(depth for depth, _ in parts[1:])
    starts = [0, *(n for n, (depth, _) in enumerate(parts) if n and depth == outer), len(parts)]
    found = []
    for first, last in pairwise(starts):
        inner = _terms(parts[first:last])
        found.append(inner[0] if len(inner) == 1 else Markup('<span class="term">{}</span>').format(_joined(inner)))
    return found


def _joined(parts: Sequence[Markup]) -> Markup:
    return Markup("<wbr>").join(parts)
