"""What `loss_and_grad` keeps of the forward pass for the backward pass: formulas in the sizes, and bytes.

By segments of `checkpoint` steps it keeps the states between them, and of one segment at a time what it else keeps of
the whole sequence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from derive.bench.floor import Scheduled
from derive.bench.numbers import Numbers, spell
from derive.calculus.segment import Segment
from derive.emit.numpy.interface import kept_axes
from derive.expressions import AxisKind, size_symbol

CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Kept:
    """Arrays that lie along the same sequences.

    Attributes:
        names: the variables.
        steps: the lengths of the sequences, by name; none for what is kept once.
        batched: whether each example has its own.
        each: how many numbers they have together, in one step of one example.
    """

    names: tuple[str, ...]
    steps: tuple[str, ...]
    batched: bool
    each: sympy.Expr

    @property
    def where(self) -> str:
        """Which numbers these are: `each step of T, each example`."""
        told = [f"each step of {' and '.join(self.steps)}"] if self.steps else []
        return ", ".join((*told, *(["each example"] if self.batched else []))) or "once"


@dataclass(frozen=True)
class Segments:
    """What is kept by segments of `checkpoint` steps.

    Attributes:
        sequence: the size of the sequence that is cut.
        state: how many numbers the state between two segments has.
        numbers: how many a segment keeps, in its number of steps.
    """

    sequence: sympy.Expr
    state: sympy.Expr
    numbers: sympy.Expr

    @property
    def formula(self) -> sympy.Expr:
        """How many numbers are kept in all, for long sequences."""
        return sympy.expand(self.numbers + self.state * self.sequence / size_symbol(CHECKPOINT))


@dataclass(frozen=True)
class Memory:
    """What is kept, at some sizes. The arrays of the caller are not counted.

    Attributes:
        kept: the arrays, by the sequences along which they lie.
        numbers: how many numbers they have in all; a sequence with starts has their steps, too.
        sizes: every size by name.
        itemsize: how many bytes a number has.
        segments: what is kept with `checkpoint=`; None where the model's sequence cannot be cut.
    """

    kept: tuple[Kept, ...]
    numbers: sympy.Expr
    sizes: Mapping[str, int]
    itemsize: int
    segments: Segments | None = None

    @cached_property
    def _at(self) -> Numbers:
        return Numbers(self.sizes)

    @property
    def bytes(self) -> int:
        """How many bytes are kept in all."""
        return self.itemsize * self._at(self.numbers)

    def each(self, kept: Kept) -> int:
        """How many bytes some arrays have in one step of one example."""
        return self.itemsize * self._at(kept.each)

    def checkpointed(self, checkpoint: int | None = None) -> int | None:
        """How many bytes are kept with `checkpoint=`; None where the model's sequence cannot be cut.

        Args:
            checkpoint: the number of steps in a segment; about the root of all of them where it is not given.
        """
        if self.segments is None:
            return None
        steps = self._at(self.segments.sequence)
        each = min(steps, checkpoint or math.isqrt(steps - 1) + 1)
        one = Numbers({**self.sizes, CHECKPOINT: each})(self.segments.numbers)
        return self.itemsize * (one + -(-steps // each) * self._at(self.segments.state))

    def as_dict(self) -> dict[str, Any]:
        """For a program: formulas count numbers, the rest is bytes."""
        rows = [
            {
                "variables": list(kept.names),
                "steps": list(kept.steps),
                "for_each_example": kept.batched,
                "numbers_each": spell(kept.each),
                "bytes_each": self.each(kept),
            }
            for kept in self.kept
        ]
        found = {"kept": rows, "numbers": spell(self.numbers), "bytes": self.bytes}
        if self.segments is not None:
            found |= {"checkpoint_numbers": spell(self.segments.formula), "checkpoint_bytes": self.checkpointed()}
        return found

    def __str__(self) -> str:
        """A line for each group of arrays, one for all, and one for segments."""
        lines = [
            f"{kept.where}: {spell(kept.each)} numbers, {self.each(kept):,} bytes ({', '.join(kept.names)})"
            for kept in self.kept
        ]
        lines.append(f"in all: {spell(self.numbers)} numbers, {self.bytes:,} bytes")
        if self.segments is not None:
            formula = spell(self.segments.formula)
            lines.append(f"with checkpoint=True: {formula} numbers, {self.checkpointed():,} bytes")
        return "\n".join(lines)


def memory(
    programs: Scheduled, sizes: Mapping[str, int], dtype: Any = np.float32, segment: Segment | str = ""
) -> Memory:
    """What a model's `loss_and_grad` keeps of the forward pass.

    Args:
        programs: a model's programs.
        sizes: every size by name.
        dtype: of the numbers.
        segment: the system of a segment of its sequence; or why there is none.
    """
    system = programs.system
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for name in programs.kept:
        axes = system.by_name[name].axes
        along = tuple(axis.name for axis in axes if axis.kind is AxisKind.SEQUENCE)
        groups.setdefault((along, system.by_name[name].is_batched), []).append(name)
    rows = []
    for (along, batched), names in sorted(groups.items(), key=lambda item: (-len(item[0][0]), not item[0][1])):
        each = [
            sympy.Mul(*(axis.size for axis in system.by_name[name].axes if axis.kind is AxisKind.FEATURE))
            for name in names
        ]
        rows.append(Kept(tuple(names), along, batched, sympy.expand(sympy.Add(*each))))
    cells = [sympy.Mul(*(axis.size for axis in kept_axes(system, name))) for name in programs.kept]
    numbers = sympy.expand(sympy.Add(*cells))
    segments = None if isinstance(segment, str) else _segments(segment, numbers)
    return Memory(tuple(rows), numbers, dict(sizes), np.dtype(dtype).itemsize, segments)


def _segments(segment: Segment, numbers: sympy.Expr) -> Segments:
    """What is kept by segments, where of the whole sequence so many numbers are."""
    table, sequence = segment.system.by_name, segment.axis.size
    state = (sympy.Mul(*(axis.size for axis in table[cell.start].axes)) for cell in segment.cells)
    each = numbers.xreplace({sequence: size_symbol(CHECKPOINT)})
    return Segments(sequence, sympy.expand(sympy.Add(*state)), sympy.expand(each))
