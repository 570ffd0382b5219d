"""Generated variables that continue given data outside of its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from math import prod

import sympy

from derive.affine import at_least, split
from derive.expressions import Axis, Index, Ref
from derive.language import bounds
from derive.language.affines import ceiling, extremes, floor
from derive.language.context import Work
from derive.language.looked import Ranges
from derive.language.symbols import Symbols
from derive.language.values import Value
from derive.system import Equation, Role, Variable

Span = tuple[int, int]
Inside = Callable[[sympy.Expr, Ranges], sympy.Expr]  # an expression, what may lie outside in it read in another way


def start_of(name: str, symbols: Symbols) -> bool:
    """Whether a file says what data is before its first step."""
    return name in symbols.data_starts


@dataclass
class Padding:
    """The padded data of a file.

    Attributes:
        symbols: the names of the file.
        starts: what data is before its first step, by name and step.
        reach: of each padded variable and in each of its sequences, the first step and how far it goes beyond the last.
    """

    symbols: Symbols
    starts: dict[tuple[str, int], Value] = field(default_factory=dict)
    reach: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def real(self, ref: Ref, ranges: Ranges) -> sympy.Expr | None:
        """Real data that may be read outside; None where it cannot be said how far."""
        sequences = self.symbols.sequences(ref.name)
        steps = ref.subscripts[: len(sequences)]
        for step, axis in zip(steps, sequences, strict=True):
            if step.is_Integer and step <= 0:
                start = self.starts.get((ref.name, int(step)))
                return sympy.Integer(0) if start is None else _entry(start, ref.subscripts[1:])
            if split(step)[0] is None and at_least(step, axis.size + 1):
                return sympy.Integer(0)
        spans: list[Span] = []
        known = self.reach.get(ref.name, ((1, 0),) * len(sequences))
        for step, axis, (first, last) in zip(steps, sequences, known, strict=True):
            low, high = extremes(step, ranges)
            lowest, beyond = floor(low), ceiling(sympy.expand(high - axis.size))
            if lowest is None or beyond is None:
                return None
            spans.append((min(first, lowest), max(last, beyond)))
        if prod(1 - first + 1 + last for first, last in spans) > bounds.EQUATIONS:
            return None
        self.reach[ref.name] = tuple(spans)
        return Ref(f"{ref.name}.padded", *ref.subscripts)

    def equations(self, work: Work) -> tuple[list[Variable], list[Equation]]:
        """The padded variables: the data at its own steps, its start or 0 elsewhere."""
        variables: list[Variable] = []
        equations: list[Equation] = []
        for name, spans in self.reach.items():
            sequences, features = self.symbols.sequences(name), self.symbols.features(name) or ()
            variables.append(Variable(f"{name}.padded", Role.VAR, (*sequences, *features)))
            literals = [_literals(axis, span) for axis, span in zip(sequences, spans, strict=True)]
            for key in product(*literals):
                steps = tuple(
                    work.index(str(axis.size).lower(), axis) if literal is None else literal
                    for axis, literal in zip(sequences, key, strict=True)
                )
                at = tuple(work.fresh(axis) for axis in features)
                start = self.starts.get((name, int(key[0]))) if key[0] is not None and key[0].is_Integer else None
                right = sympy.Integer(0) if start is None else _entry(start, at)
                right = right if any(literal is not None for literal in key) else Ref(name, *steps, *at)
                domain = tuple(work.ranges[index] for index in (*steps, *at) if isinstance(index, Index))
                equations.append(Equation(f"{name}.padded", (*steps, *at), right, domain))
        return variables, equations

    def look(self, unit: sympy.Expr, ranges: Ranges, narrowed: Ranges, work: Work, inside: Inside) -> sympy.Expr:
        """A look-up as a variable: 0 on all of the ranges, and what is looked up on the narrowed ones."""
        looked = inside(unit, narrowed)
        own = work.free(unit)
        ends = [end for reach in (ranges, narrowed) for index in own for end in (reach[index].first, reach[index].last)]
        kept = work.free(unit, *ends)
        name = work.unused("look")
        work.variables.append(Variable(name, Role.VAR, tuple(index.axis for index in kept)))
        for right, reach in ((sympy.Integer(0), ranges), (looked, narrowed)):
            work.equations.append(Equation(name, tuple(kept), right, tuple(reach[index] for index in kept)))
        return Ref(name, *kept)

    def started(self, unit: sympy.Expr, ref: Ref, ranges: Ranges, work: Work, inside: Inside) -> sympy.Expr | None:
        """A look-up by data that has a start, as a variable over its steps; None where it has no such form."""
        index, offset = split(ref.subscripts[0])
        (axis,) = self.symbols.sequences(ref.name)
        if index is None:
            fixed = self._fixed(unit, ref)
            return None if fixed is None else inside(fixed, ranges)
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
            work.equations.append(Equation(name, (sympy.Integer(step), *kept), inside(right, ranges), domain))
        inner = work.index(str(axis.size).lower(), axis, None, axis.size if at_least(high, axis.size) else high)
        moved = inside(unit.xreplace({index: inner - offset}), {**ranges, inner: work.ranges[inner]})
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


def _literals(axis: Axis, span: Span) -> list[sympy.Expr | None]:
    """The steps of padded data in one sequence: literal ones before and behind the data, None for the data itself."""
    first, beyond = span
    after = [axis.size + step for step in range(1, beyond + 1)]
    return [*(sympy.Integer(step) for step in range(first, 1)), None, *after]
