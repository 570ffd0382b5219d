"""`derive verify`: each model's report as a table, a line for each gradient, then what else was compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import Exit, print_json, warn

if TYPE_CHECKING:
    from rich.table import Table

    from derive.check.report import Report

WIDEST = 160


def verify_models(names: list[str], seed: int, as_json: bool) -> int:
    """Check every model, also behind one that fails: 1 where anything is beyond its bound."""
    from derive.check.gradients import verify

    models = [load(name) for name in names]
    reports: list[Report] = []
    for model in models:
        reports.append(verify(model, seed=seed))
        if not as_json:
            _print(reports[-1])
            warn(model.name, model.warnings())
    holds = all(report.ok for report in reports)
    if as_json:
        print_json({"holds": holds, "reports": [report.as_dict() for report in reports]})
    return Exit.HOLDS if holds else Exit.FAILS


def _print(report: Report) -> None:
    """Sizes, the table, the worst of every other kind of comparison, and every failure in full."""
    from rich.console import Console

    # The table takes the width that it needs: a value cut off says nothing.
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=WIDEST)
    console.print(report.heading)
    if not report.nonfinite:
        console.print(_table(report))
    console.print("\n".join(report.remarks) + "\n")


def _table(report: Report) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from derive.check.report import LEFT, TITLES

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in TITLES:
        table.add_column(title, no_wrap=True, justify="left" if title in LEFT else "right")
    for row in report.rows:
        *cells, verdict = row.cells
        table.add_row(*cells, Text(verdict, style="green" if row.ok else "bold red"))
    return table
