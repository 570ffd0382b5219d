"""The tables of a document: what each name's values are, what is computed when and what it takes, what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from derive.emit.derivation import Row, Shape, Work
from derive.emit.derivation.formulas import formula
from derive.emit.derivation.work import total
from derive.emit.latex.printer import Latex, whole
from derive.emit.notation import forms


@dataclass(frozen=True)
class Cells:
    """A row of a table: where it is text with formulas, the rest formulas, in TeX; nothing for what is none."""

    where: str
    names: tuple[str, ...]
    products: str
    operations: str


def values(shape: Shape, printer: Latex) -> str:
    """The set that the values of a name are of."""
    if shape.counts:
        return r"\mathbb{N}"
    numbers = r"\mathbb{R}" if shape.last is None else rf"\{{0,\dots,{_text(shape.last, printer)}\}}"
    product = r" \times ".join(_text(size, printer) for size in shape.sizes)
    return f"{numbers}^{{{product}}}" if product else numbers


def costs(rows: Sequence[Row], printer: Latex) -> list[Cells]:
    """A row for each set of loops, then one for the whole."""
    cells = [
        Cells(
            _where(row, printer),
            tuple(map(printer.variable, row.names)),
            _count(row.products, printer),
            _count(row.operations, printer),
        )
        for row in rows
    ]
    products, operations = total(rows)
    return [*cells, Cells("in all", (), _count(products, printer), _count(operations, printer))]


def memory(work: Work, printer: Latex) -> list[Cells]:
    """A row for the values of each set of steps, then one for the whole."""
    cells = []
    for kept in work.kept:
        steps = ", ".join(f"${printer.symbol(index)}$" for index in kept.steps)
        where = f"in each step {steps}" if steps else "once"
        cells.append(Cells(where, tuple(map(printer.variable, kept.names)), _count(kept.each, printer), ""))
    return [*cells, Cells("in all", (), _count(work.memory, printer), "")] if cells else []


def _where(row: Row, printer: Latex) -> str:
    if not row.loops:
        return "a first or last step, apart" if row.edge else "all steps at once"
    told = (f"${printer.symbol(index)}$ {'upwards' if up else 'downwards'}" for index, up in row.loops)
    apart = ", a first or last step" if row.edge else ""
    return f"in each of ${_count(row.steps, printer)}$ steps, {', then '.join(told)}{apart}"


def _count(count: sympy.Expr, printer: Latex) -> str:
    return "" if count == 0 else _text(formula(count), printer)


def _text(form: forms.Form, printer: Latex) -> str:
    return whole(printer.text(form))
