"""A segment of a sequence: the system whose gradient is that of its own steps and of all that follow.

What follows a segment reaches its equations through its last states alone, so the gradient of

    total = loss + sum(left * last state),   left = the cotangent of that state, from the right

with respect to the segment's parameters is its part of the whole gradient, and with respect to its first states it is
what the segment before it needs. A loss is a sum over the steps, with terms at the end besides: those count in the last
segment alone (`T.last` is 1 there), and a `T` that is read as a number is the whole sequence's (`T.whole`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sympy

from derive.calculus.batch import add_batch
from derive.calculus.continuing import before_name
from derive.calculus.indices import fresh
from derive.calculus.lengths import sequences
from derive.calculus.reach import dependents, precedents
from derive.calculus.terms import Term, terms
from derive.expressions import Axis, AxisKind, Range, Ref, Sum, refs
from derive.functions import where
from derive.system import Equation, Reduction, Role, System, Variable

TOTAL = "loss.total"


def last_name(axis: Axis) -> str:
    """The number that is 1 in the last segment, else 0."""
    return f"{axis.name}.last"


def whole_name(axis: Axis) -> str:
    """The number of steps of all segments."""
    return f"{axis.name}.whole"


def left_name(name: str, lag: int) -> str:
    """The cotangent of a variable at the last step (lag 1), or `lag - 1` steps before it, from all that follows."""
    return f"{name}.left{lag}"


@dataclass(frozen=True)
class Cell:
    """A part of what a segment leaves to the next.

    Attributes:
        name: the variable.
        lag: how many steps back the next segment's first step reads it.
        start: the given variable that it is at the start of a segment.
        left: the given variable that is its cotangent at the end.
    """

    name: str
    lag: int
    start: str
    left: str


@dataclass(frozen=True)
class Segment:
    """The system of a segment.

    Attributes:
        system: of a whole batch, with `TOTAL`, without its gradient.
        axis: the sequence that is cut.
        cells: what is kept between segments, in the order of the state, the oldest first.
        data: the given data of which a segment reads steps before its first, each with how many.
    """

    system: System
    axis: Axis
    cells: tuple[Cell, ...]
    data: tuple[tuple[str, int], ...]

    @property
    def least(self) -> int:
        """How many steps a segment has at least, so that its state lies inside of it."""
        return max(lag for lag in (*(cell.lag for cell in self.cells), *(lags for _, lags in self.data)))

    @property
    def starts(self) -> tuple[str, ...]:
        """What a segment reads of the steps before it, and has a gradient: the cells' and real data's."""
        inputs = [before_name(name, k) for name, lags in self.data for k in range(lags, 0, -1)]
        real = [name for name in inputs if self.system.by_name[name].role is Role.INPUT]
        return (*(cell.start for cell in self.cells), *real)


def segmented(piece: System, axis: Axis, state: Mapping[str, int]) -> Segment | str:
    """The system of a segment.

    Args:
        piece: the system of a piece that goes on from a state, of one example.
        axis: its sequence.
        state: what later steps read of earlier ones, each with the greatest lag.

    Returns:
        The system; or why there is none, as a sentence.
    """
    needed = precedents(piece, ["loss"])
    piece = replace(piece, equations=tuple(e for e in piece.equations if e.target in needed))
    carried = {name: lags for name, lags in state.items() if name in needed}
    if not carried:
        return f"the loss needs nothing that is carried from one step along {axis.name} to the next"
    try:
        return _Cut(piece, axis).segment(carried)
    except _Refused as refusal:
        return str(refusal)


class _Refused(Exception):
    """What cannot be cut; the message says why."""


class _Cut:
    """One run over a piece."""

    def __init__(self, piece: System, axis: Axis) -> None:
        self.axis = axis
        others = [a.name for a in sequences(piece) if a != axis]
        if others:
            raise _Refused(f"there is another sequence, {others[0]}")
        self.piece = piece
        self.place = {v.name: v.axes.index(axis) for v in piece.variables if axis in v.axes}
        # A sum over the steps rests on them whatever it sums: there are more of them than a segment has.
        counting = {e.target for e in piece.equations if e.target not in self.place and self._sums(e)}
        reached = counting | dependents(piece, counting | self.place.keys())
        if "loss" not in reached:
            raise _Refused("the loss rests on none of its steps")
        # What is there once and rests on the steps: it must rest on the last ones alone.
        self.late = {v.name for v in piece.with_role(Role.VAR) if v.name in reached and v.name not in self.place}
        self.late.discard("loss")
        over = {e.target for e in piece.equations if e.target in self.late and self._sums(e)}
        self.whole = (self.late & dependents(piece, over)) if over else frozenset[str]()

    def _sums(self, equation: Equation) -> bool:
        """Whether an equation goes over the steps."""
        return any(r.axis == self.axis for r in (*equation.domain, *_bound(equation.right)))

    def segment(self, state: Mapping[str, int]) -> Segment:
        """The system of a segment."""
        for equation in self.piece.equations:
            self._check(equation)
        equations = [made for e in self.piece.equations for made in (self._loss(e) if e.target == "loss" else [e])]
        equations = [replace(e, right=self._counted(e.right)) for e in equations]
        cells = self._cells(state)
        data = tuple((name, lags) for name, lags in state.items() if self.piece.by_name[name].role.is_data)
        variables = tuple(self._given(v, cells, data) for v in self.piece.variables)
        read = {ref.name for e in equations for ref in refs(e.right)}
        numbers = tuple(Variable(n(self.axis), Role.CONST) for n in (last_name, whole_name) if n(self.axis) in read)
        system = replace(self.piece, variables=(*numbers, *variables), equations=tuple(equations))
        return Segment(_with_total(add_batch(system, parted=True), self.axis, cells), self.axis, cells, data)

    # What may not be.

    def _check(self, equation: Equation) -> None:
        """No step reads what rests on all of them, or on the last one."""
        name = equation.target
        if name in self.place:
            if any(r.axis == self.axis for r in _bound(equation.right)):
                raise _Refused(f"{name} goes over all steps")
            self._check_step(name, equation.right)
        classes = self.piece.by_name[name].classes
        if classes is not None and self.axis.size in classes.free_symbols:
            raise _Refused(f"{name} names steps")

    def _check_step(self, name: str, right: sympy.Expr) -> None:
        """What stands at each step reads no end of the sequence."""
        for ref in refs(right):
            if ref.name in self.late:
                raise _Refused(f"{name} reads {ref.name}, which rests on the last step")
            if ref.name in self.place and ref.subscripts[self.place[ref.name]] == self.axis.size:
                raise _Refused(f"{name} reads {ref.name} at the last step")

    # The loss.

    def _loss(self, equation: Equation) -> list[Equation]:
        """The loss's terms: those of each step, and those of the end, which count in the last segment."""
        if equation.reduction is not Reduction.SUM:
            raise _Refused("the loss is no sum over steps")
        over = [r for r in equation.domain if r.axis == self.axis]
        right = self._inlined(equation.right)
        found = terms(right)
        steps = [term for term in found if self._is_of_steps(over, term)]
        if len(steps) == len(found) and right == equation.right:
            return [equation]
        last = Ref(last_name(self.axis))
        ends = [term for term in found if term not in steps]
        return [
            *(replace(equation, right=_summed(term)) for term in steps),
            *(replace(equation, right=_summed(replace(term, body=where(last, term.body, 0)))) for term in ends),
        ]

    def _inlined(self, right: sympy.Expr) -> sympy.Expr:
        """The loss with numbers that are sums over the steps put in: `nll / T` is a sum, too."""
        for _ in range(len(self.whole) + 1):
            for ref in dict.fromkeys(refs(right)):
                if ref.name in self.whole:
                    equation, *others = self.piece.defining[ref.name]
                    if others or equation.domain or equation.subscripts or equation.reduction is not Reduction.SUM:
                        raise _Refused(f"{ref.name} rests on all steps")
                    right = right.xreplace({ref: equation.right})
        return right

    def _is_of_steps(self, over: list[Range], term: Term) -> bool:
        """Whether a term of the loss is a sum over the steps; it may not rest on all of them in any other way."""
        if any(r.axis == self.axis for r in _bound(term.body)):
            raise _Refused("the loss is no sum over steps")
        ranges = [*over, *(r for r in term.ranges if r.axis == self.axis)]
        if not ranges:
            return False
        if len(ranges) > 1:
            raise _Refused("the loss compares steps with one another")
        if (ranges[0].first, ranges[0].last) != (self.axis.first, self.axis.last):
            raise _Refused(f"the loss sums over {ranges[0]}")
        self._check_step("the loss", term.body)
        return True

    def _counted(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression in which the length, where it is read as a number, is that of all segments."""
        if expression == self.axis.size:
            return Ref(whole_name(self.axis))
        if isinstance(expression, Ref) or not expression.args:
            return expression
        if isinstance(expression, Sum):
            return Sum(self._counted(expression.body), *expression.args[1:])
        return expression.func(*(self._counted(a) if isinstance(a, sympy.Expr) else a for a in expression.args))

    # The state.

    def _cells(self, state: Mapping[str, int]) -> tuple[Cell, ...]:
        """What is kept between segments."""
        variables = self.piece.by_name
        starts = {(v.start.of, v.start.step): v.name for v in variables.values() if v.start is not None}
        found = []
        for name, lags in state.items():
            if variables[name].role.is_data:
                continue
            if self.place[name] != 0:
                raise _Refused(f"{name} has another axis before {self.axis.name}")
            for lag in range(lags, 0, -1):
                start = before_name(name, lag)
                start = start if start in variables else starts.get((name, sympy.Integer(1 - lag)), start)
                if start not in variables:
                    raise _Refused(f"{name} has no start {lag} steps back")
                found.append(Cell(name, lag, start, left_name(name, lag)))
        return tuple(found)

    def _given(self, variable: Variable, cells: Iterable[Cell], data: Iterable[tuple[str, int]]) -> Variable:
        """What was before a segment has a gradient where what it is of has one."""
        before = {cell.start: self.piece.by_name[cell.name] for cell in cells}
        before |= {before_name(name, k): self.piece.by_name[name] for name, lags in data for k in range(1, lags + 1)}
        own = before.get(variable.name)
        if own is None or variable.role is Role.START:
            return variable
        if own.role.is_data:
            return replace(variable, role=own.role)
        if variable.role is Role.CONST:
            raise _Refused(f"{own.name} is the same for all examples")
        return replace(variable, role=Role.INPUT)


def _with_total(system: System, axis: Axis, cells: Iterable[Cell]) -> System:
    """The system of a batch with what a segment's gradient is the gradient of."""
    given: list[Variable] = []
    added: list[Equation] = []
    for cell in cells:
        variable = system.by_name[cell.name]
        if not variable.is_batched:
            raise _Refused(f"{cell.name} is the same for all examples")
        taken = {v.name for v in system.variables}
        inner = tuple(Range.whole(fresh(a, taken)) for a in variable.axes if a != axis)
        at = tuple(r.index for r in inner)
        given.append(Variable(cell.left, Role.TARGET, tuple(r.axis for r in inner)))
        right = Ref(cell.left, *at) * Ref(cell.name, axis.size - (cell.lag - 1), *at)
        added.append(Equation(TOTAL, (), right, tuple(sorted(inner, key=_outer))))
    # A gradient's equations are in the order of these from the last one on: whole arrays come before one step of them.
    equations = (*added, *system.equations, Equation(TOTAL, (), Ref("loss"), ()))
    return replace(system, variables=(*given, *system.variables, Variable(TOTAL, Role.VAR)), equations=equations)


def _outer(range_: Range) -> bool:
    """A batch's index is outermost in a domain."""
    return range_.axis.kind is not AxisKind.BATCH


def _summed(term: Term) -> sympy.Expr:
    body = term.body
    for range_ in reversed(term.ranges):
        body = Sum(body, range_.index, range_.first, range_.last)
    return body


def _bound(expression: sympy.Expr) -> list[Range]:
    return [node.range for node in sympy.preorder_traversal(expression) if isinstance(node, Sum)]
