"""Generated variables that continue given data outside of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from derive.affine import at_least, split
from derive.expressions import Axis, Index, Range, Ref
from derive.language.affines import extremes
from derive.language.context import Work
from derive.language.looked import Ranges
from derive.language.symbols import Symbols
from derive.language.values import Value
from derive.system import Equation, Role, Variable


def start_of(name: str, symbols: Symbols) -> bool:
    """Whether a file says what data is before its first step."""
    return name in symbols.data_starts


@dataclass
class Padding:
    """The padded data of a file.

    Attributes:
        symbols: the names of the file.
        starts: what data is before its first step, by name and step.
        reach: of each padded variable the first step and how far it goes beyond the last.
    """

    symbols: Symbols
    starts: dict[tuple[str, int], Value] = field(default_factory=dict)
    reach: dict[str, tuple[int, int]] = field(default_factory=dict)

    def real(self, ref: Ref, ranges: Ranges) -> sympy.Expr | None:
        """Real data that may be read outside; None where it cannot be said how far."""
        (axis,) = self.symbols.sequences(ref.name)
        step = ref.subscripts[0]
        low, high = extremes(step, ranges)
        if step.is_Integer and step <= 0:
            start = self.starts.get((ref.name, int(step)))
            return sympy.Integer(0) if start is None else _entry(start, ref.subscripts[1:])
        beyond = sympy.expand(high - axis.size)
        if split(step)[0] is None and at_least(step, axis.size + 1):
            return sympy.Integer(0)
        if not beyond.is_Integer:
            beyond = sympy.Integer(0) if at_least(axis.size, high) else beyond
        if not low.is_Integer:
            low = sympy.Integer(1) if at_least(low, sympy.Integer(1)) else _floor(low)
        if not (beyond.is_Integer and low is not None and low.is_Integer):
            return None
        first, last = self.reach.get(ref.name, (1, 0))
        self.reach[ref.name] = min(first, int(low)), max(last, int(beyond))
        return Ref(f"{ref.name}.padded", *ref.subscripts)

    def equations(self, work: Work) -> tuple[list[Variable], list[Equation]]:
        """The padded variables: the data at its own steps, its start or 0 elsewhere."""
        variables: list[Variable] = []
        equations: list[Equation] = []
        for name, (first, beyond) in self.reach.items():
            padded, (axis,) = f"{name}.padded", self.symbols.sequences(name)
            features = self.symbols.features(name) or ()
            variables.append(Variable(padded, Role.VAR, (axis, *features)))
            for step in range(first, 1):
                start = self.starts.get((name, step))
                at, domain = _cell(features, work)
                right = sympy.Integer(0) if start is None else _entry(start, at)
                equations.append(Equation(padded, (sympy.Integer(step), *at), right, domain))
            index = work.index(str(axis.size).lower(), axis)
            at, domain = _cell(features, work)
            equations.append(Equation(padded, (index, *at), Ref(name, index, *at), (work.ranges[index], *domain)))
            for step in range(1, beyond + 1):
                at, domain = _cell(features, work)
                equations.append(Equation(padded, (axis.size + step, *at), sympy.Integer(0), domain))
        return variables, equations

    def look(self, unit: sympy.Expr, ranges: Ranges, narrowed: Ranges, work: Work) -> sympy.Expr:
        """A look-up as a variable: 0 on all of the ranges, and what is looked up on the narrowed ones."""
        kept = work.free(unit)
        name = work.unused("look")
        work.variables.append(Variable(name, Role.VAR, tuple(index.axis for index in kept)))
        for right, reach in ((sympy.Integer(0), ranges), (unit, narrowed)):
            work.equations.append(Equation(name, tuple(kept), right, tuple(reach[index] for index in kept)))
        return Ref(name, *kept)

    def started(self, unit: sympy.Expr, found: list[Ref], ranges: Ranges, work: Work) -> sympy.Expr | None:
        """A look-up by data that has a start, as a variable over its steps; None where it has no such form."""
        (ref,) = found
        index, offset = split(ref.subscripts[0])
        (axis,) = self.symbols.sequences(ref.name)
        if index is None:
            return self._fixed(unit, ref)
        low, high = extremes(ref.subscripts[0], ranges)
        beyond = sympy.expand(high - axis.size)
        if not low.is_Integer or not (beyond.is_Integer or at_least(axis.size, high)):
            return None
        kept = [symbol for symbol in work.free(unit) if symbol != index]
        name = work.unused("look")
        work.variables.append(Variable(name, Role.VAR, (axis, *(symbol.axis for symbol in kept))))
        domain = tuple(ranges[symbol] for symbol in kept)
        for step in range(int(low), 1):
            right = self._at(unit, ref, index, offset, step)
            if right is None:
                return None
            work.equations.append(Equation(name, (sympy.Integer(step), *kept), right, domain))
        inner = work.index(str(axis.size).lower(), axis, None, axis.size if at_least(high, axis.size) else high)
        moved = unit.xreplace({index: inner - offset})
        work.equations.append(Equation(name, (inner, *kept), moved, (work.ranges[inner], *domain)))
        for step in range(1, int(beyond) + 1 if beyond.is_Integer else 1):
            work.equations.append(Equation(name, (axis.size + step, *kept), sympy.Integer(0), domain))
        return Ref(name, ref.subscripts[0], *kept)

    def _at(self, unit: sympy.Expr, ref: Ref, index: Index, offset: sympy.Expr, step: int) -> sympy.Expr | None:
        """A look-up at a step before the data."""
        start = self.starts.get((ref.name, step))
        if start is None:
            return sympy.Integer(0)
        fixed = unit.xreplace({ref: start.entry(())})
        there = step - offset
        if index in fixed.free_symbols and not at_least(index.axis.size, there):
            return None
        return fixed.xreplace({index: there})

    def _fixed(self, unit: sympy.Expr, ref: Ref) -> sympy.Expr | None:
        """A look-up at a literal step."""
        step = ref.subscripts[0]
        if not (step.is_Integer and step <= 0):
            (axis,) = self.symbols.sequences(ref.name)
            return sympy.Integer(0) if at_least(step, axis.size + 1) else None
        start = self.starts.get((ref.name, int(step)))
        return sympy.Integer(0) if start is None else unit.xreplace({ref: start.entry(())})


def _entry(start: Value, at: tuple[sympy.Expr, ...]) -> sympy.Expr:
    return start.entry(at if start.axes else ())


def _cell(features: tuple[Axis, ...], work: Work) -> tuple[tuple[Index, ...], tuple[Range, ...]]:
    """Fresh indices for the features of one step."""
    at = tuple(work.fresh(axis) for axis in features)
    return at, tuple(work.ranges[index] for index in at)


def _floor(low: sympy.Expr) -> sympy.Expr | None:
    """A whole number that an end is surely not below: `T - 2` is -1 or more."""
    for bound in range(0, -9, -1):
        if at_least(low, sympy.Integer(bound)):
            return sympy.Integer(bound)
    return None
