"""Given data has nothing outside of its steps: there it is 0, and so is what it looks up.

A term that is 0 there holds on a smaller domain; a sum of such terms runs over a smaller range. Where the data stands
in any other way, it is read through a generated variable that is defined outside too (`padding.py`).
"""

from __future__ import annotations

import ast
from dataclasses import replace

import sympy

from derive import functions
from derive.affine import at_least, split
from derive.expressions import Domain, Index, Range, Ref, Sum, refs
from derive.language import rules_sequences
from derive.language.affines import extremes
from derive.language.context import Work
from derive.language.looked import Looked, Ranges, forbidden, lookups, outside_at, units, vanishes
from derive.language.padding import Padding, start_of
from derive.language.problem import Problem
from derive.language.syntax import Statement
from derive.system import Equation, Reduction

Narrowed = dict[Index, Range]


def settle(equation: Equation, statement: Statement, work: Work, padding: Padding) -> list[Equation]:
    """The equations that say the same without reading data where there is none; generated ones come first."""
    ranges: Narrowed = {**work.ranges, **{reach.index: reach for reach in equation.domain}}
    if next(units(equation.right, ranges, work.symbols), None) is None:
        return [replace(equation, right=_unwrapped(equation.right))]
    settling = _Settling(statement, work, padding)
    for unit, place in forbidden(equation.right, ranges, work.symbols):
        settling.report(unit, rules_sequences.lookup_none(settling.text(unit), f"and stands {place}"))
    made = len(work.equations)
    if equation.reduction is Reduction.SUM:
        equations = _split(equation, ranges, settling)
    else:
        equations = [replace(equation, right=settling.inside(equation.right, ranges))]
    generated = [replace(e, text=equation.text, place=equation.place) for e in work.equations[made:]]
    return [replace(e, right=_unwrapped(e.right)) for e in [*generated, *equations]]


def _split(equation: Equation, ranges: Narrowed, settling: _Settling) -> list[Equation]:
    """Terms with equal domains make one equation; every cell of the target stays covered."""
    pieces: dict[Domain, list[sympy.Expr]] = {}
    for term in sympy.Add.make_args(equation.right):
        narrowed = settling.narrow(term, ranges, [reach.index for reach in equation.domain])
        domain = tuple(narrowed[reach.index] for reach in equation.domain)
        pieces.setdefault(domain, []).append(settling.inside(term, narrowed))
    if equation.domain not in pieces:
        pieces = {equation.domain: [sympy.Integer(0)], **pieces}
    whole = pieces.pop(equation.domain)
    first = replace(equation, right=sympy.Add(*whole))
    return [first, *(replace(equation, right=sympy.Add(*terms), domain=domain) for domain, terms in pieces.items())]


def _unwrapped(expression: sympy.Expr) -> sympy.Expr:
    """The expression without the marks of look-ups that are settled."""
    if not expression.has(Looked):
        return expression
    return expression.replace(lambda e: isinstance(e, Looked), lambda e: e.body)


class _Settling:
    """One equation on its way; the statement is for messages."""

    def __init__(self, statement: Statement, work: Work, padding: Padding) -> None:
        self.statement, self.work, self.padding = statement, work, padding
        self.symbols = work.symbols

    def narrow(self, term: sympy.Expr, ranges: Ranges, indices: list[Index]) -> Narrowed:
        """Ranges in which the parts that make the whole term 0 outside of the data lie inside."""
        narrowed = dict(ranges)
        for unit in list(units(term, ranges, self.symbols)):
            for ref in lookups(unit, narrowed, self.symbols):
                for position in outside_at(ref, narrowed, self.symbols):
                    index, offset = split(ref.subscripts[position])
                    if index in indices and not start_of(ref.name, self.symbols) and vanishes(term, unit):
                        inner = _narrowed(narrowed[index], offset, ranges)
                        narrowed[index] = inner if inner is not None else narrowed[index]
        return narrowed

    def inside(self, expression: sympy.Expr, ranges: Ranges) -> sympy.Expr:
        """The expression with everything that may lie outside read through a generated variable."""
        if next(units(expression, ranges, self.symbols), None) is None:
            return expression
        if isinstance(expression, Sum):
            return self._sum(expression, ranges)
        if isinstance(expression, (Ref, Looked, functions.equal)):
            found = lookups(expression, ranges, self.symbols)
            if found:
                return self._outside(expression, found, ranges)
            if isinstance(expression, Ref):
                self.report(expression, rules_sequences.none_as_number(self.text(expression)))
                return expression
        return expression.func(*(self.inside(argument, ranges) for argument in expression.args))

    def _sum(self, expression: Sum, ranges: Ranges) -> sympy.Expr:
        """A sum, its terms over smaller ranges where they are 0."""
        index = expression.range.index
        bodies: dict[Range, list[sympy.Expr]] = {}
        for term in sympy.Add.make_args(expression.body):
            narrowed = self.narrow(term, {**ranges, index: expression.range}, [index])
            bodies.setdefault(narrowed[index], []).append(self.inside(term, narrowed))
        return sympy.Add(*(Sum(sympy.Add(*terms), index, reach.first, reach.last) for reach, terms in bodies.items()))

    def _outside(self, unit: sympy.Expr, found: list[Ref], ranges: Ranges) -> sympy.Expr:
        """What stands for a part that may lie outside."""
        looking = [ref for ref in found if ref != unit]
        settled: sympy.Expr | None = None
        if not looking:
            assert isinstance(unit, Ref)
            settled = self.padding.real(unit, ranges)
        elif not any(start_of(ref.name, self.symbols) for ref in looking):
            settled = self._look(unit, looking, ranges)
        elif len(looking) == 1:
            settled = self.padding.started(unit, looking[0], ranges, self.work, self.inside)
        if settled is not None:
            return settled
        ref = (looking or [unit])[0]
        position = outside_at(ref, ranges, self.symbols)[0]
        size = self.symbols.sequences(ref.name)[position].size
        problem = rules_sequences.read_outside(self.text(ref), ref.name, f"1..{size}")
        if isinstance(ref.subscripts[position], Ref):
            problem = rules_sequences.node_of_none(self.text(ref), str(size).lower())
        self.report(unit, problem)
        return unit

    def _look(self, unit: sympy.Expr, found: list[Ref], ranges: Ranges) -> sympy.Expr | None:
        """A generated variable for a look-up: 0 everywhere, and the look-up where there is one.

        Where the steps with data and those of a range that depends on another index (`(t1, t+1, T)`) have no common
        range that can be written, and data alone is read along it, the variable has all steps that the range can have.
        """
        outside = [(ref, position) for ref in found for position in outside_at(ref, ranges, self.symbols)]
        wide = dict(ranges)
        for ref, position in outside:
            index, offset = split(ref.subscripts[position])
            if index is not None and _narrowed(ranges[index], offset, ranges) is None:
                if not all(
                    self.symbols.is_data(inner.name) for inner in refs(unit) if index in map(_mover, inner.subscripts)
                ):
                    return None
                wide[index] = _widest(ranges[index], ranges)
        ranges, narrowed = wide, dict(wide)
        for ref, position in outside:
            step = ref.subscripts[position]
            index, offset = split(step)
            if index is None:
                low, high = step - 1, self.symbols.sequences(ref.name)[position].size - step
                never = at_least(sympy.Integer(-1), low) or at_least(sympy.Integer(-1), high)
                return sympy.Integer(0) if never else None
            inner = _narrowed(narrowed[index], offset, ranges)
            if inner is None:
                return None
            narrowed[index] = inner
        return self.padding.look(unit, ranges, narrowed, self.work, self.inside)

    def text(self, unit: sympy.Expr) -> str:
        """A part as the file spells it, as far as that is known."""
        node = self._node(unit)
        return self.work.sink.source.short(node) if node is not None else str(unit).replace("'", "")

    def report(self, unit: sympy.Expr, problem: Problem) -> None:
        """Report a fault at the place where a part is read."""
        self.work.sink.report(self._node(unit) or self.statement.right, problem)

    def _node(self, unit: sympy.Expr) -> ast.AST | None:
        refs = [unit] if isinstance(unit, Ref) else [a for a in reversed(unit.args) if isinstance(a, Ref)]
        for ref in refs:
            for read in self.work.reads:
                steps = ref.subscripts[: len(read.steps)]
                if read.name == ref.name and read.steps == steps and _agree(read.entries, ref):
                    return read.node
        return None


def _agree(entries: tuple[sympy.Expr | None, ...], ref: Ref) -> bool:
    """Whether the entries that a reading names are those of a reference."""
    features = ref.subscripts[len(ref.subscripts) - len(entries) :] if entries else ()
    return all(entry is None or entry == found for entry, found in zip(entries, features, strict=False))


def _mover(subscript: sympy.Expr) -> Index | None:
    """The index with which a subscript moves, None for one that looks up."""
    return None if refs(subscript) else split(subscript)[0]


def _widest(reach: Range, ranges: Ranges) -> Range:
    """All the steps that an index may have, whatever the other indices are."""
    return Range(reach.index, extremes(reach.first, ranges)[0], extremes(reach.last, ranges)[1])


def _narrowed(reach: Range, offset: sympy.Expr, ranges: Ranges) -> Range | None:
    """The part of a range in which `index + offset` is a step of the data."""
    first, last = 1 - offset, reach.axis.size - offset
    least, most = extremes(reach.first, ranges)
    low = reach.first if at_least(least, first) else first if at_least(first, most) else None
    least, most = extremes(reach.last, ranges)
    high = reach.last if at_least(last, most) else last if at_least(least, last) else None
    return None if low is None or high is None else Range(reach.index, low, high)
