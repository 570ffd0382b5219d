"""A sequence that goes on: the system of a piece whose first steps read what an earlier piece left.

In comes a prepared model and what its later steps read of earlier ones; out comes one that reads these values at its
border, with two numbers: `T.fresh` is 1 where nothing came before, and `T.done` is how many steps did. A cell before
the first step is what was left, or what the file says it is; given data has such cells too. A piece of an equation that
holds from step 2 on, or at step 1 alone, holds at the steps of the whole sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import at_least, split
from derive.calculus.batch import batched_names
from derive.calculus.before import answers_begun, copies
from derive.calculus.indices import ends, fresh, looks_up, relative
from derive.expressions import Axis, Domain, Index, Range, Ref, Sum, refs
from derive.functions import equal, less_equal, where
from derive.system import Equation, Reduction, Role, System, Variable


def fresh_name(axis: Axis) -> str:
    """The number that is 1 where nothing came before."""
    return f"{axis.name}.fresh"


def done_name(axis: Axis) -> str:
    """The number of steps that came before."""
    return f"{axis.name}.done"


def before_name(name: str, lag: int) -> str:
    """What a variable was `lag` steps before the first one."""
    return f"{name}.before{lag}"


def guarded(expression: sympy.Expr, condition: sympy.Expr) -> sympy.Expr:
    """An expression where a condition holds, else 0; around sums the condition is a factor, which spreads over them."""
    return condition * expression if expression.has(Sum) else where(condition, expression, 0)


def holds_earlier(system: System, equation: Equation, position: int, first: sympy.Expr) -> bool:
    """Whether another piece of an equation's variable holds at a step from 1 on, and before its own first."""
    for other in system.defining[equation.target]:
        found = ends(other.subscripts[position], other.domain)
        if other is equation:
            continue
        if found is None or (at_least(found[1], sympy.Integer(1)) and found[0] != first):
            return True
    return False


def continued(system: System, axis: Axis, lags: Mapping[str, int]) -> System | str:
    """The system of a piece.

    Args:
        system: the prepared forward system of one example.
        axis: the sequence that is cut into pieces.
        lags: the variables and data that later steps read, each with the greatest lag.

    Returns:
        The system; or why there is none, as a sentence.
    """
    try:
        return _Continuing(answers_begun(system, axis), axis, dict(lags)).system_of_a_piece()
    except _Refused as refusal:
        return str(refusal)


class _Refused(Exception):
    """What a piece does not have; the message says it."""


@dataclass
class _Continuing:
    system: System
    axis: Axis
    lags: dict[str, int]
    made: list[Equation] = field(default_factory=list)
    given: list[Variable] = field(default_factory=list)

    def __post_init__(self) -> None:
        variables = self.system.variables
        self.place = {v.name: v.axes.index(self.axis) for v in variables if self.axis in v.axes}
        self.doubled = {v.name for v in variables if v.axes.count(self.axis) > 1}
        self.copies = copies(self.system, self.axis)
        self.taken = {v.name for v in variables}
        self.held = {name: f"{name}.held" for name, lag in self.lags.items() if self._is_held(name, lag)}

    def system_of_a_piece(self) -> System:
        for name in self.lags:
            self._check(name)
        for equation in self.system.equations:
            if equation.target not in self.copies:
                self.made.extend(self._piece(equation))
        for name, lag in self.lags.items():
            if name in self.held:
                self._hold(name, lag)
            elif not self._given_by_number(name, lag):
                self._begin(name, lag)
        by_name = self.system.by_name
        own = [v for v in self.system.variables if v.name not in self.copies]
        held = [
            replace(by_name[name], name=new, role=Role.VAR, comment="", place=None) for name, new in self.held.items()
        ]
        numbers = [Variable(name(self.axis), Role.CONST) for name in (fresh_name, done_name)]
        read = {ref.name for e in self.made for ref in refs(e.right)}
        more = [v for v in (*numbers, *self.given) if v.name in read]
        at = max((n for n, v in enumerate(own) if v.role.is_given), default=-1) + 1
        variables = (*own[:at], *more, *held, *own[at:])
        return replace(self.system, variables=variables, equations=tuple(self.made))

    def _is_held(self, name: str, lag: int) -> bool:
        """Whether a variable has no cell of its own before the first step."""
        if self.system.by_name[name].role.is_data:
            return True
        begun = {e.subscripts[self.place[name]] for e in self.system.defining[name] if self._is_start(e)}
        missing = [k for k in range(1, lag + 1) if sympy.Integer(1 - k) not in begun]
        if missing and begun:
            raise _Refused(f"{name} is read {missing[0]} steps back, and has starts for fewer")
        return bool(missing)

    def _check(self, name: str) -> None:
        variable = self.system.by_name[name]
        if variable.is_generated:
            raise _Refused(f"{name} is made by derive, and is no array that a caller sees")
        if sum(a.kind is self.axis.kind for a in variable.axes) > 1:
            raise _Refused(f"{name} runs along several sequences")

    @property
    def _fresh(self) -> Ref:
        return Ref(fresh_name(self.axis))

    @property
    def _done(self) -> Ref:
        return Ref(done_name(self.axis))

    # What was before.

    def _given_by_number(self, name: str, lag: int) -> bool:
        """Whether a call can give the starts of a variable by its keyword."""
        starts = {v.start.step for v in self.system.variables if v.start is not None and v.start.of == name}
        return all(sympy.Integer(1 - k) in starts for k in range(1, lag + 1))

    def _before(self, name: str, k: int) -> Variable:
        """What a caller's state holds of a variable."""
        variable = self.system.by_name[name]
        axes = tuple(a for a in variable.axes if a != self.axis)
        is_batched = variable.role.is_data or name in batched_names(self.system)
        role = Role.INDEX if variable.classes is not None else Role.TARGET if is_batched else Role.CONST
        found = Variable(before_name(name, k), role, axes, variable.classes)
        self.given.append(found)
        return found

    def _cell(self, target: str, name: str, k: int, starts: list[Equation]) -> None:
        """The cell of a variable `k` steps before the first: what was left, or what the file says."""
        before = self._before(name, k)
        step = sympy.Integer(1 - k)
        mine = [e for e in starts if e.subscripts[self.place[e.target]] == step]
        if len(mine) > 1:
            raise _Refused(f"{name} has several equations at step {step}")
        if mine:
            (start,) = mine
            at = start.subscripts
            left = Ref(before.name, *at[1:])
            right = where(self._fresh, start.right, left) if start.right != 0 else left
            if start.right.has(Sum):
                right = self._fresh * start.right + (1 - self._fresh) * left
            self.made.append(replace(start, target=target, right=right))
            return
        indices = tuple(fresh(a, set(self.taken) | {f"{n}" for n in "bt"}) for a in before.axes)
        domain: Domain = tuple(map(Range.whole, indices))
        self.made.append(Equation(target, (step, *indices), Ref(before.name, *indices), domain))

    def _hold(self, name: str, lag: int) -> None:
        """Given data, or a variable that has no start, with the steps before the first."""
        variable = self.system.by_name[name]
        starts = [
            e
            for copy, own in self.copies.items()
            if own == name
            for e in self.system.defining[copy]
            if e.subscripts[self.place[copy]].is_Integer
        ]
        for k in range(lag, 0, -1):
            self._cell(self.held[name], name, k, starts)
        taken = set(self.taken)
        at = tuple(fresh(a, taken) for a in variable.axes)
        domain = tuple(map(Range.whole, at))
        self.made.append(Equation(self.held[name], at, Ref(name, *at), domain))

    def _begin(self, name: str, lag: int) -> None:
        """The starts of a variable that a call cannot give by a keyword."""
        starts = [e for e in self.made if e.target == name and self._is_start(e)]
        kept = {id(e) for e in starts}
        self.made = [e for e in self.made if id(e) not in kept]
        for k in range(lag, 0, -1):
            self._cell(name, name, k, starts)

    def _is_start(self, equation: Equation) -> bool:
        step = equation.subscripts[self.place[equation.target]] if equation.target in self.place else sympy.oo
        return bool(step.is_Integer and step <= 0)

    # Equations of a piece.

    def _piece(self, equation: Equation) -> list[Equation]:
        """An equation at the steps of a piece."""
        name = equation.target
        if name in self.doubled:
            raise _Refused(f"{name} has two indices along {self.axis.name}")
        if name not in self.place or self._is_start(equation):
            if any(r.axis == self.axis and r.first != 1 for r in equation.domain):
                raise _Refused(f"{name} reduces a part of the steps")
            return [replace(equation, right=self._value(equation.right))]
        position = self.place[name]
        step = equation.subscripts[position]
        if step.is_Integer:
            return [self._at_all_steps(equation, position)]
        index, offset = split(step)
        own = next((r for r in equation.domain if r.index == index), None)
        if index is None or own is None or offset != 0 or not own.first.is_Integer:
            raise _Refused(f"{name} has an equation of its own at {step}")
        if any(index in r.first.free_symbols | r.last.free_symbols for r in equation.domain):
            raise _Refused(f"{name} reads a range of steps")
        right = self._value(equation.right)
        if own.first > 1 and holds_earlier(self.system, equation, position, own.first):
            if equation.reduction is not Reduction.SUM:
                raise _Refused(f"{name} has equations of its own at its first steps")
            right = guarded(right, less_equal(own.first, index + self._done))
        whole = tuple(Range(r.index, sympy.Integer(1), r.last) if r is own else r for r in equation.domain)
        return [replace(equation, right=right, domain=whole)]

    def _at_all_steps(self, equation: Equation, position: int) -> Equation:
        """What holds at one step alone, as an equation at all steps under a condition."""
        step = equation.subscripts[position]
        index = fresh(self.axis, set(self.taken) | {str(s) for s in equation.right.atoms(sympy.Symbol)})
        right = self._value(relative(equation.right, self.place, index - step))
        subscripts = list(equation.subscripts)
        subscripts[position] = index
        return replace(
            equation,
            subscripts=tuple(subscripts),
            right=guarded(right, equal(step, index + self._done)),
            domain=(Range.whole(index), *equation.domain),
        )

    def _value(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression of a piece: held data before its first step, the step's own number in the whole sequence."""
        if isinstance(expression, Ref):
            return self._ref(expression)
        if isinstance(expression, Index) and expression.axis == self.axis:
            return expression + self._done
        if not expression.args:
            return expression
        if isinstance(expression, Sum):
            return self._sum(expression)
        return expression.func(*(self._value(a) if isinstance(a, sympy.Expr) else a for a in expression.args))

    def _sum(self, expression: Sum) -> sympy.Expr:
        range_, body = expression.range, self._value(expression.body)
        if range_.axis != self.axis:
            return Sum(body, range_.index, range_.first, range_.last)
        if not range_.first.is_Integer or range_.last != self.axis.size:
            raise _Refused(f"a sum runs over {range_}")
        if range_.first > 1:
            body = guarded(body, less_equal(range_.first, range_.index + self._done))
        return Sum(body, range_.index, sympy.Integer(1), range_.last)

    def _ref(self, ref: Ref) -> Ref:
        name, subscripts = ref.name, list(ref.subscripts)
        if name in self.doubled:
            raise _Refused(f"{name} has two indices along {self.axis.name}")
        if name in self.place:
            step = subscripts[self.place[name]]
            index, offset = split(step)
            is_end = step == self.axis.size
            if looks_up(step) or (index is None and not is_end):
                raise _Refused(f"{name} is read at step {step}")
            if index is not None and (not offset.is_Integer or offset > 0):
                raise _Refused(f"{name} is read ahead")
            name = self.copies.get(name, name)
            if not is_end and -offset > self.lags.get(name, 0):
                raise _Refused(f"{name} is read {-offset} back, which no state holds")
            name = self.held.get(name, name) if offset != 0 and not is_end else name  # x[t-1] is x.held[t-1]
        return Ref(name, *map(self._subscript, subscripts))

    def _subscript(self, subscript: sympy.Expr) -> sympy.Expr:
        return (
            subscript.xreplace({ref: self._ref(ref) for ref in refs(subscript)}) if looks_up(subscript) else subscript
        )
