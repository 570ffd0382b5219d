"""Sizes to measure at: those that a person names, and sensible ones for all others.

A sequence gets 100 steps, the batch 32 examples, what the data have 64 entries, all else 128. Where that would take too
long or too much memory (nested loops, a matrix for each step), the sizes that nobody named are halved in turn.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy

from derive.bench.cost import Cost
from derive.bench.numbers import Numbers
from derive.emit.numpy.interface import least_lengths
from derive.emit.numpy.sizes import spell
from derive.errors import DeriveError, Fault
from derive.expressions import AxisKind
from derive.system import Role, System

STEPS, EXAMPLES, GIVEN, HIDDEN = 100, 32, 64, 128
# What sizes that nobody named may lead to: numbers in memory, operations, and statements that are run one by one.
_MOST_NUMBERS, _MOST_OPERATIONS, _MOST_STATEMENTS = 64_000_000, 4_000_000_000, 60_000
# Below these no size is halved.
_LEAST = {AxisKind.SEQUENCE: 10, AxisKind.BATCH: 4, AxisKind.FEATURE: 8}


@dataclass(frozen=True)
class Known:
    """The sizes of a model.

    Attributes:
        kinds: what each size counts, by its name: sequences, then the batch, then features.
        given: the sizes of features and classes that the data have.
        measured: every length in the file, which must be at least 1, with sums and differences of sizes among them.
        least: the least number of steps of a sequence, and the cell that asks for it.
    """

    kinds: Mapping[str, AxisKind]
    given: frozenset[str]
    measured: tuple[sympy.Expr, ...]
    least: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, system: System) -> Known:
        """The sizes of a model with its batch."""
        axes = [axis for variable in system.variables for axis in variable.axes]
        kinds = {axis.size.name: axis.kind for axis in reversed(axes) if axis.size.is_Symbol}
        data = [v for v in system.variables if v.role.is_data]
        given = {axis.size for v in data for axis in v.axes} | {v.classes for v in data if v.classes is not None}
        names = {s.name for size in given for s in size.free_symbols}
        classes = [v.classes for v in system.variables if v.classes is not None]
        measured = tuple(dict.fromkeys((*(axis.size for axis in axes), *classes)))
        every = list(dict.fromkeys(s.name for size in measured for s in sorted(size.free_symbols, key=str)))
        every.sort(key=lambda name: list(AxisKind).index(kinds.get(name, AxisKind.FEATURE)))
        kinds = {name: kinds.get(name, AxisKind.FEATURE) for name in every}
        return cls(kinds, frozenset(names), measured, least_lengths(system))

    def usual(self) -> dict[str, int]:
        """A size for each name."""
        fixed = {AxisKind.SEQUENCE: STEPS, AxisKind.BATCH: EXAMPLES}
        return {n: fixed.get(kind, GIVEN if n in self.given else HIDDEN) for n, kind in self.kinds.items()}

    def told(self) -> str:
        """The sizes as `--sizes` takes them."""
        return ",".join(f"{name}={size}" for name, size in self.usual().items())


def parse(text: str, known: Known) -> dict[str, int]:
    """Sizes as they are written on the command line, `T=100,B=32`.

    Raises:
        DeriveError: it is written in another way, the model has no such size, or a size is no whole number from 1 on.
    """
    sizes: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\w+)\s*=\s*([0-9][0-9_]*)", part)
        if match is None:
            raise DeriveError(Fault(f"--sizes: {part!r} is no size", hint=f"write NAME=NUMBER: {known.told()}"))
        name = match[1]
        if name in sizes:
            raise DeriveError(Fault(f"--sizes: {name} is given twice"))
        sizes[name] = int(match[2])
    return sizes


def complete(sizes: Mapping[str, int], known: Known, cost: Cost) -> dict[str, int]:
    """All sizes of a model, those that are missing chosen so that a call takes seconds at most.

    Args:
        sizes: those that were named.
        known: the model's.
        cost: what the model takes.

    Raises:
        DeriveError: a size that the model has not, one that is too small, or more than this machine's memory.
    """
    for name, size in sizes.items():
        if name not in known.kinds:
            close = difflib.get_close_matches(name, known.kinds, 1)
            has = f"did you mean {close[0]!r}? " if close else ""
            raise DeriveError(Fault(f"the model has no size {name!r}", hint=f"{has}it has {', '.join(known.kinds)}"))
        least, cell = known.least.get(name, (1, ""))
        if size < least:
            why = f": it has a cell {cell}" if cell else ""
            raise DeriveError(Fault(f"{name} = {size} is too small", hint=f"at least {least}{why}"))
    found = {**known.usual(), **sizes}
    _check(found, known)
    free = [name for name in found if name not in sizes]
    while _is_much(found, cost) and (halved := _halved(found, free, known)):
        found = halved
    _check_memory(found, cost)
    return found


def _check(sizes: Mapping[str, int], known: Known) -> None:
    """Sums and differences of sizes are lengths, too."""
    numbers = Numbers(sizes)
    for size in known.measured:
        if numbers(size) < 1:
            names = sorted(symbol.name for symbol in size.free_symbols)
            at = ", ".join(f"{name} = {sizes[name]}" for name in names)
            raise DeriveError(Fault(f"{spell(size)} is {numbers(size)} where {at}", hint="an axis needs an entry"))


def _is_much(sizes: Mapping[str, int], cost: Cost) -> bool:
    numbers = Numbers(sizes)
    return (
        numbers(cost.cells) > _MOST_NUMBERS
        or numbers(cost.operations) > _MOST_OPERATIONS
        or numbers(cost.statements) > _MOST_STATEMENTS
    )


def _halved(sizes: Mapping[str, int], free: Sequence[str], known: Known) -> dict[str, int] | None:
    """The sizes with the most generous one halved; None where none can be."""

    def room(name: str) -> float:
        least = max(_LEAST[known.kinds[name]], known.least.get(name, (1, ""))[0])
        return sizes[name] / least

    for name in sorted(free, key=room, reverse=True):
        smaller = {**sizes, name: sizes[name] // 2}
        if room(name) >= 2 and all(Numbers(smaller)(size) >= 1 for size in known.measured):
            return smaller
    return None


def _check_memory(sizes: Mapping[str, int], cost: Cost) -> None:
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return  # a system that does not tell
    needed = 4 * Numbers(sizes)(cost.cells)
    if needed > there:
        told = f"these sizes take about {needed / 2**30:.0f} GiB, and the machine has {there / 2**30:.0f}"
        raise DeriveError(Fault(told, hint="smaller sizes: --sizes"))


def swept(system: System, known: Known) -> tuple[tuple[str, ...], ...]:
    """The sizes along which time is measured: all sequences together, and the width that most parameters have."""
    sequences = tuple(name for name, kind in known.kinds.items() if kind is AxisKind.SEQUENCE)
    widths = [n for n, kind in known.kinds.items() if kind is AxisKind.FEATURE and n not in known.given]
    along = [symbol.name for v in system.with_role(Role.PARAM) for a in v.axes for symbol in a.size.free_symbols]
    widths.sort(key=lambda name: -along.count(name))
    return tuple(names for names in (sequences, tuple(widths[:1])) if names)
