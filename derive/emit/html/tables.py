"""The tables of a page: what each name is, what is computed when and what it takes, what is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy
from markupsafe import Markup

from derive.emit.derivation import Row, Symbol, Work
from derive.emit.derivation.formulas import formula
from derive.emit.derivation.work import total
from derive.emit.html.formulas import inline, listed
from derive.emit.html.mathml import mathml
from derive.emit.latex.printer import Latex
from derive.emit.latex.tables import values
from derive.emit.notation import forms

SYMBOLS = ("symbol", "in the file", "values", "meaning")


@dataclass(frozen=True)
class Cells:
    """What one row of a table shows."""

    cells: tuple[Markup | str, ...]
    is_sum: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption."""

    caption: str
    titles: tuple[str, ...]
    rows: tuple[Cells, ...]


def symbol_rows(found: Iterable[Symbol], printer: Latex) -> list[Cells]:
    """A row for each name: its letter, how the file spells it, its values, its role with its comment."""
    return [
        Cells(
            (
                inline(symbol.form, printer),
                Markup("<code>{}</code>").format(symbol.name),
                Markup(mathml(values(symbol.shape, printer))),
                f"{symbol.role}: {symbol.comment}" if symbol.comment else symbol.role,
            )
        )
        for symbol in found
    ]


def work_tables(work: Work, printer: Latex) -> list[Table]:
    """What runs when, forward and backward, and what is kept between."""
    titles = ("runs", "computes", "multiply-adds", "entry by entry")
    found = [
        Table("Loss", titles, _costs(work.forward, printer)),
        Table("Gradient", titles, _costs(work.backward, printer)),
    ]
    if work.kept:
        caption = "Kept of the loss's values for the gradient"
        found.append(Table(caption, ("kept", "values", "numbers"), _memory(work, printer)))
    return found


def _costs(found: Iterable[Row], printer: Latex) -> tuple[Cells, ...]:
    found = tuple(found)
    cells = [
        Cells(
            (
                _where(row, printer),
                _listed_names(row.names, printer),
                _count(row.products, printer),
                _count(row.operations, printer),
            )
        )
        for row in found
    ]
    sums = [_count(count, printer) for count in total(found)]
    return (*cells, Cells(("in all", "", *sums), is_sum=True))


def _memory(work: Work, printer: Latex) -> tuple[Cells, ...]:
    cells = []
    for kept in work.kept:
        steps = listed([inline(forms.Symbol(index), printer) for index in kept.steps])
        where = Markup("in each step {}").format(steps) if steps else "once"
        cells.append(Cells((where, _listed_names(kept.names, printer), _count(kept.each, printer))))
    return (*cells, Cells(("in all", "", _count(work.memory, printer)), is_sum=True))


def _where(row: Row, printer: Latex) -> Markup | str:
    if not row.loops:
        return "a first or last step, apart" if row.edge else "all steps at once"
    told = (
        Markup("{} {}").format(inline(forms.Symbol(index), printer), "upwards" if up else "downwards")
        for index, up in row.loops
    )
    apart = ", a first or last step" if row.edge else ""
    return Markup("in each of {} steps, {}{}").format(_count(row.steps, printer), Markup(", then ").join(told), apart)


def _listed_names(names: Iterable[forms.Variable], printer: Latex) -> Markup:
    return listed([inline(name, printer) for name in names])


def _count(count: sympy.Expr, printer: Latex) -> Markup | str:
    return "" if count == 0 else inline(formula(count), printer)
