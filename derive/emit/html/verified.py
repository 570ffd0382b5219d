"""What verification found, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from derive.emit.html.tables import Cells, Table


class _Row(Protocol):
    @property
    def cells(self) -> tuple[str, ...]: ...


class _Report(Protocol):
    @property
    def heading(self) -> str: ...
    @property
    def rows(self) -> Sequence[_Row]: ...
    @property
    def remarks(self) -> tuple[str, ...]: ...
    @property
    def ok(self) -> bool: ...


@dataclass(frozen=True)
class Checked:
    """What verification found.

    Attributes:
        heading: of what and how.
        table: a row for each gradient.
        remarks: what else was compared, and last whether all holds.
        holds: whether it does.
    """

    heading: str
    table: Table
    remarks: tuple[str, ...]
    holds: bool


def checked(report: _Report, titles: tuple[str, ...]) -> Checked:
    """A report as a page shows it.

    Args:
        report: what was found.
        titles: what stands above its cells.
    """
    rows = tuple(Cells(row.cells) for row in report.rows)
    return Checked(report.heading, Table("", titles, rows), report.remarks, report.ok)
