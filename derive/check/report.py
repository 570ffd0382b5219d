"""What a check found: for each array and each way of checking, how far apart, where, and both values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.emit.render import render
from derive.emit.shown import Shown
from derive.interpret import Array


@dataclass(frozen=True)
class Comparison:
    """One array against another that should equal it.

    Attributes:
        kind: what it is compared with (`finite differences`, `complex steps`, ...).
        name: the array.
        shape: its shape.
        error: the greatest difference, divided by the greatest entry of the array or, where the array is small, by a
            fraction of the model's greatest; see `compare`.
        bound: what the error may be.
        index: where the difference is greatest.
        value: the entry of the checked array there.
        reference: the entry that it should equal.
        note: why there is nothing to compare, or an empty string.
        step: the step of finite differences, for entries up to 1; 0 for all else.
    """

    kind: str
    name: str
    shape: tuple[int, ...]
    error: float
    bound: float
    index: tuple[int, ...]
    value: float
    reference: float
    note: str = ""
    step: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the error is within the bound; not a number is not."""
        return not self.note and bool(self.error <= self.bound)

    @property
    def entry(self) -> str:
        """The worst entry, spelled with its subscripts counted from 0."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name

    def __str__(self) -> str:
        """A line: which array, how far off, the worst entry and both values."""
        if self.note:
            return f"{self.name} against {self.kind}: {self.note}"
        verdict = "within" if self.ok else "beyond"
        return (
            f"{self.name} against {self.kind}: error {self.error:.1e}, {verdict} {self.bound:.0e}, "
            f"worst at {self.entry}: {self.value!r}, should be {self.reference!r}"
        )

    def as_dict(self) -> dict[str, Any]:
        """The comparison for JSON."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        numbers = {name: _plain(fields[name]) for name in ("error", "value", "reference")}
        return fields | numbers | {"shape": list(self.shape), "index": list(self.index), "ok": self.ok}


@dataclass(frozen=True)
class Row:
    """A line of the table: one gradient, by both ways of checking it.

    Attributes:
        array: the variable or keyword.
        shape: the shape of its gradient.
        differences: the error against finite differences.
        complex_steps: the error against complex steps.
        worst: the worst entry against finite differences, or against complex steps where those are what fails.
        value: the generated gradient there.
        reference: what it should be.
        ok: whether both are within their bounds.
    """

    array: str
    shape: tuple[int, ...]
    differences: float
    complex_steps: float
    worst: str
    value: float
    reference: float
    ok: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, under `TITLES`."""
        return (
            self.array,
            " ".join(map(str, self.shape)),
            f"{self.differences:.1e}",
            f"{self.complex_steps:.1e}",
            self.worst,
            f"{self.value:.9g}",
            f"{self.reference:.9g}",
            "ok" if self.ok else "WRONG",
        )

    def as_dict(self) -> dict[str, Any]:
        """The row for JSON."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        numbers = ("differences", "complex_steps", "value", "reference")
        return fields | {name: _plain(fields[name]) for name in numbers} | {"shape": list(self.shape)}


DIFFERENCES, COMPLEX = "finite differences", "complex steps"
TITLES = ("gradient", "shape", "differences", "complex", "worst entry", "is", "should be", "")
LEFT = ("gradient", "worst entry", "")  # the columns that are words, and begin at the left


@dataclass(frozen=True, repr=False)
class Report(Shown):
    """All that one verification found.

    Attributes:
        model: the model's name.
        seed: what the data were drawn with.
        sizes: the size of every axis.
        step: the usual step of the finite differences, for entries up to 1; it grows with the entry.
        comparisons: every comparison made.
        nonfinite: where a NaN or an infinity first appears, or an empty string; nothing is compared then.
    """

    model: str
    seed: int
    sizes: dict[str, int]
    step: float
    comparisons: tuple[Comparison, ...]
    nonfinite: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything was within its bound, and something was compared."""
        return not self.nonfinite and bool(self.comparisons) and not self.failures

    @property
    def failures(self) -> tuple[Comparison, ...]:
        """The comparisons beyond their bounds, in order."""
        return tuple(comparison for comparison in self.comparisons if not comparison.ok)

    @property
    def rows(self) -> tuple[Row, ...]:
        """A line for each gradient."""
        by_kind = {(c.kind, c.name): c for c in self.comparisons}
        names = dict.fromkeys(c.name for c in self.comparisons if c.kind in (DIFFERENCES, COMPLEX))
        return tuple(_row(by_kind[DIFFERENCES, name], by_kind[COMPLEX, name]) for name in names)

    @property
    def others(self) -> tuple[Comparison, ...]:
        """The worst comparison of every other kind, in order."""
        kinds = dict.fromkeys(c.kind for c in self.comparisons if c.kind not in (DIFFERENCES, COMPLEX))
        return tuple(max((c for c in self.comparisons if c.kind == kind), key=_badness) for kind in kinds)

    @property
    def heading(self) -> str:
        """Of what and how, in a line above the table."""
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return f"{self.model}: {sizes}; seed {self.seed}; float64, finite differences of step {self.step:.1e}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """The lines below the table: every other kind of comparison, every failure in full, and whether all holds."""
        if self.nonfinite:
            return (f"FAILS: {self.nonfinite}",)
        others = (
            f"{other.kind}: {other.error:.1e} (at most {other.bound:.0e}), worst at {other.entry}"
            for other in self.others
            if not other.note
        )
        compared, failed = len(self.comparisons), len(self.failures)
        end = f"holds: {compared} comparisons" if self.ok else f"does not hold: {failed} of {compared}"
        return (*others, *(f"FAILS: {failure}" for failure in self.failures), end)

    def __bool__(self) -> bool:
        """Whether it holds."""
        return self.ok

    def __str__(self) -> str:
        """The heading, the table and the remarks, as `derive verify` prints them."""
        table = [TITLES, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = (
            "   ".join(
                cell.ljust(width) if title in LEFT else cell.rjust(width)
                for cell, width, title in zip(cells, widths, TITLES, strict=True)
            ).rstrip()
            for cells in table[: 0 if self.nonfinite else None]
        )
        return "\n".join([self.heading, *lines, *self.remarks])

    def _repr_html_(self) -> str:
        rows = [tuple(zip(TITLES, row.cells, strict=True)) for row in self.rows]
        values = {"heading": self.heading, "titles": TITLES, "left": LEFT, "rows": rows, "remarks": self.remarks}
        return render("html/report.j2", **values)

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "model": self.model,
            "ok": self.ok,
            "seed": self.seed,
            "sizes": dict(self.sizes),
            "step": self.step,
            "nonfinite": self.nonfinite,
            "rows": [row.as_dict() for row in self.rows],
            "comparisons": [comparison.as_dict() for comparison in self.comparisons],
        }


SMALL, ZERO = 1e-2, 1e-10


def compare(
    kind: str,
    name: str,
    value: Array | None,
    reference: Array,
    bound: float,
    largest: float = 0.0,
    small: float = SMALL,
) -> Comparison:
    """Compare two arrays; a value of None is one that is missing.

    The error is relative to the greatest entry of `value`. A small array may be what is left of terms as large as the
    model's others, and carries their rounding: below `small` of `largest`, the greatest of all arrays compared, the
    error is relative to that fraction of it. So a bound of 1e-12 still finds an error of 1e-6 of an array that is 1e-7
    of the greatest. An array that is zero to rounding (both below 1e-10 of `largest`) is compared on that scale.
    """
    if value is None:
        return Comparison(kind, name, (), np.inf, bound, (), np.nan, np.nan, "there is none")
    value, reference = np.asarray(value, dtype=float), np.asarray(reference, dtype=float)
    if value.shape != reference.shape:
        note = f"shape {value.shape}, should be {reference.shape}"
        return Comparison(kind, name, value.shape, np.inf, bound, (), np.nan, np.nan, note)
    if not value.size:
        return Comparison(kind, name, value.shape, 0.0, bound, (), 0.0, 0.0)
    with np.errstate(invalid="ignore"):
        difference = np.where(value == reference, 0.0, np.abs(value - reference))  # equal infinities are equal
    difference = np.where(np.isnan(difference), np.inf, difference)
    index = tuple(int(n) for n in np.unravel_index(int(np.argmax(difference)), value.shape))
    error = float(difference[index])
    scale = max(_greatest(value), small * largest)
    if max(_greatest(value), _greatest(reference)) <= ZERO * largest:
        scale = largest
    if scale > 0 and np.isfinite(error):
        error /= scale
    return Comparison(kind, name, value.shape, error, bound, index, float(value[index]), float(reference[index]))


def _greatest(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def _badness(comparison: Comparison) -> float:
    return np.inf if comparison.note else comparison.error / comparison.bound


def _row(differences: Comparison, steps: Comparison) -> Row:
    shown = steps if differences.ok and not steps.ok else differences
    return Row(
        differences.name,
        differences.shape,
        differences.error,
        steps.error,
        shown.entry,
        shown.value,
        shown.reference,
        differences.ok and steps.ok,
    )


def _plain(number: float) -> float | str:
    """A float that JSON can spell."""
    return float(number) if np.isfinite(number) else str(number)
