"""One step of a model: the equations at a step, with what earlier steps left read from a state.

`v[t]` becomes `v`, and `v[t-k]` becomes `v@k`, a variable of its own, whether `v` is defined or given; the sequence's
axis is gone. A piece that holds from step 2 on, or at step 1 alone, and an equation that reads `t` as a number ask the
state how many steps there were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import at_least, split
from derive.calculus.before import answers_begun, copies
from derive.calculus.continuing import guarded, holds_earlier
from derive.calculus.indices import indices, looks_up, relative
from derive.calculus.reach import dependents, precedents
from derive.expressions import Axis, AxisKind, Index, Ref, Sum, refs
from derive.functions import equal, less_equal
from derive.schedule.beginning import beginning, lagged
from derive.system import Equation, Reduction, Role, System, Variable


@dataclass(frozen=True)
class Stepping:
    """A model's single step.

    Attributes:
        system: the step's equations and those of the first state.
        state: each lagged variable and its number of lags.
        outputs: the file's variables that a step computes.
        axis: the sequence along which it steps.
        counts: whether the state holds the number of steps, which the equations read as `now(axis)`.
    """

    system: System
    state: tuple[tuple[str, int], ...]
    outputs: tuple[str, ...]
    axis: Axis
    counts: bool = False


def now(axis: Axis) -> str:
    """The name of the number of the step itself."""
    return f"{axis.name}.now"


def stepping(system: System) -> Stepping | None:
    """The single step of a system; None where there is none."""
    found = step_or_reason(system)
    return None if isinstance(found, str) else found


def step_or_reason(system: System) -> Stepping | str:
    """The single step of a forward system, along the sequence on which no other sequence waits.

    Returns:
        The step, or why there is none, as a sentence.
    """
    axes = dict.fromkeys(a for v in system.variables for a in v.axes if a.kind is AxisKind.SEQUENCE)
    found: dict[Axis, Stepping | str] = {axis: _Step(answers_begun(system, axis), axis).found() for axis in axes}
    steps = {axis: step for axis, step in found.items() if isinstance(step, Stepping)}
    for axis, step in steps.items():
        mine = {v.name for v in system.variables if axis in v.axes}
        others = {v.name for v in system.with_role(Role.VAR) if set(v.axes) & set(axes) - {axis}} - mine
        if not others & dependents(system, mine):
            return step
    reasons = [reason for reason in found.values() if isinstance(reason, str)]
    return next(iter(steps.values()), None) or (reasons[-1] if reasons else "there is no sequence")


class _Refused(Exception):
    """An equation that needs more than a single step has; the message says what."""


@dataclass
class _Step:
    """The single step of a system along one sequence, on its way.

    Attributes:
        system: the forward system.
        axis: the sequence.
    """

    system: System
    axis: Axis
    made: list[Equation] = field(default_factory=list)
    starts: list[Equation] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        variables = self.system.variables
        self.place = {v.name: v.axes.index(self.axis) for v in variables if self.axis in v.axes}
        self.doubled = {v.name for v in variables if v.axes.count(self.axis) > 1}
        self.data = {v.name for v in variables if v.role.is_data}
        self.answers = {v.name for v in self.system.with_role(Role.LABEL, Role.TARGET)}
        self.given = copies(self.system, self.axis)  # x.padded[t] is x[t]
        self.table = {v.name: replace(v, axes=tuple(a for a in v.axes if a != self.axis)) for v in variables}

    def found(self) -> Stepping | str:
        for equation in self.system.equations:
            self._sort(equation)
        made, lags, absent = self._settled()
        computed = {e.target for e in made}
        state = tuple((v.name, lags[v.name]) for v in self.system.variables if v.name in lags)
        own = {v.name for v in self.system.with_role(Role.VAR)}
        outputs = tuple(n for n in self.system.by_name if n in own & computed & set(self.place) and n.isidentifier())
        if not state:
            return self._why() or f"nothing is carried from one step along {self.axis.name} to the next"
        left_out = (own & set(self.place)) - computed - self.given.keys() - dependents(self.system, absent)
        if left_out or not outputs:
            name = next((n for n in self.system.by_name if n in left_out & self.refused.keys()), None)
            return self.refused[name] if name else f"not all of what runs along {self.axis.name} is known at a step"
        starts = beginning(state, self.starts, made, self.table)
        if any(ref.name in self.place or ref.name in own - computed for e in starts for ref in refs(e.right)):
            return "the first state rests on more than a step has"
        before = tuple(
            replace(self.table[name], name=lagged(name, k), role=Role.VAR) for name, n in state for k in range(1, n + 1)
        )
        counter = Variable(now(self.axis), Role.CONST)
        counts = any(ref.name == counter.name for e in made for ref in refs(e.right))
        variables = (*self.table.values(), *before, *([counter] if counts else []))
        whole = replace(self.system, variables=variables, equations=(*made, *starts))
        return Stepping(whole, state, outputs, self.axis, counts)

    def _why(self) -> str:
        """Why a variable that runs along the sequence is not known at a step; an empty text where all are."""
        running = self.place.keys() - self.data
        for name in self.system.by_name:
            if name in self.refused and running & dependents(self.system, [name]):
                return self.refused[name]
        return ""

    # Equations at a step.

    def _sort(self, equation: Equation) -> None:
        """Put an equation among those of the step or of the first state, or refuse what it defines."""
        name = equation.target
        if name in self.given and not at_least(sympy.Integer(0), equation.subscripts[self.place[name]]):
            return
        try:
            self._place(equation)
        except _Refused as refusal:
            # One piece that needs more than a step has spoils all of its variable.
            self.refused.setdefault(name, str(refusal))

    def _place(self, equation: Equation) -> None:
        name = equation.target
        if name in self.doubled:
            raise _Refused(f"{name} has two indices along {self.axis.name}")
        if name not in self.place:
            if any(ref.name in self.place for ref in refs(equation.right)) or self._counts(equation.right):
                raise _Refused(f"{name} rests on all steps along {self.axis.name}")
            self.made.append(equation)
            return
        position = self.place[name]
        step = equation.subscripts[position]
        if step.is_Integer and step <= 0:
            own = self.given.get(name, name)
            rest = _without(equation.subscripts, position)
            self.starts.append(replace(equation, target=lagged(own, 1 - int(step)), subscripts=rest))
            return
        self.made.extend(self._at_a_step(equation, position))

    def _at_a_step(self, equation: Equation, position: int) -> list[Equation]:
        """The equation at one step, under the condition that the step lies in its range."""
        step = equation.subscripts[position]
        subscripts = _without(equation.subscripts, position)
        if step.is_Integer:
            right = self._fixed(equation, int(step))
            return self._guarded(replace(equation, subscripts=subscripts, right=right), equal(self._now, step))
        index, offset = split(step)
        own = next((r for r in equation.domain if r.index == index), None)
        if index is None or own is None or offset != 0 or looks_up(step):
            raise _Refused(f"{equation.target} has an equation of its own at {step}")
        right = self._shifted(equation.right, index)
        domain = tuple(r for r in equation.domain if r is not own)
        if any(index in r.first.free_symbols | r.last.free_symbols or r.axis == self.axis for r in domain):
            raise _Refused(f"{equation.target} reads a range of steps")
        # What derive itself made may end earlier, where nothing reads it any more.
        if own.last != self.axis.size and not self.table[equation.target].is_generated:
            raise _Refused(f"{equation.target} has another equation near the end")
        found = replace(equation, subscripts=subscripts, right=right, domain=domain)
        if own.first == 1 or not holds_earlier(self.system, equation, position, own.first):
            return [found]
        if not own.first.is_Integer:
            raise _Refused(f"{equation.target} has an equation from step {own.first} on")
        return self._guarded(found, less_equal(own.first, self._now))

    @property
    def _now(self) -> Ref:
        return Ref(now(self.axis))

    def _guarded(self, equation: Equation, condition: sympy.Expr) -> list[Equation]:
        """An equation under a condition."""
        if equation.reduction is not Reduction.SUM:
            raise _Refused(f"{equation.target} has equations of its own at its first steps")
        return [replace(equation, right=guarded(equation.right, condition))]

    def _counts(self, expression: sympy.Expr) -> bool:
        return self.axis.size in expression.free_symbols

    def _fixed(self, equation: Equation, step: int) -> sympy.Expr:
        """What stands at a literal step, as it is read at that step."""
        index = Index(f"{self.axis.name.lower()}.step", self.axis)
        return self._shifted(relative(equation.right, self.place, index - step), index)

    def _shifted(self, expression: sympy.Expr, index: Index) -> sympy.Expr:
        """An expression as it is at a step: no axis, lags as variables, the index as a number."""
        if isinstance(expression, Ref):
            return self._lagged(expression, index)
        if expression == index:
            return self._now
        if self._counts(expression) and not expression.args:
            raise _Refused(f"the length {self.axis.name} is read as a number")
        if not expression.args:
            return expression
        if isinstance(expression, Sum) and expression.range.axis == self.axis:
            raise _Refused(f"a sum runs over all steps along {self.axis.name}")
        return expression.func(*(self._shifted(a, index) if isinstance(a, sympy.Expr) else a for a in expression.args))

    def _lagged(self, ref: Ref, index: Index) -> Ref:
        name, subscripts = ref.name, list(ref.subscripts)
        if name in self.doubled:
            raise _Refused(f"{name} has two indices along {self.axis.name}")
        if name in self.place:
            own, offset = split(subscripts.pop(self.place[name]))
            name = self.given.get(name, name)
            if own != index or not offset.is_Integer:
                raise _Refused(f"{name} is read at other steps than this one and those just before")
            if offset > 0:
                raise _Refused(f"{name} is read {offset} step{'' if offset == 1 else 's'} ahead")
            name = lagged(name, -int(offset)) if offset != 0 else name
        for subscript in subscripts:
            if index in indices(subscript) and not looks_up(subscript):
                raise _Refused(f"the step chooses an entry of {name}")
        return Ref(name, *(self._shifted(s, index) if looks_up(s) else s for s in subscripts))

    # Which of them can be computed.

    def _settled(self) -> tuple[list[Equation], dict[str, int], set[str]]:
        """The equations that a step can compute, the lags that they read, and the answers that it does without."""
        absent = self.answers & set(self.place)
        while True:
            defined = {v.name for v in self.system.with_role(Role.VAR)} | absent
            made = _computable([e for e in self.made if e.target not in self.refused], defined)
            lags = _lags(made)
            missing = lags.keys() - {e.target for e in made} - self.data
            held = absent & (lags.keys() | self._rests_on(missing))
            if not held and not missing:
                return made, lags, absent
            if not held:
                self.refused |= self._unknown(made, missing)
            absent -= held  # a step takes the answers that later steps rest on

    def _rests_on(self, names: Iterable[str]) -> frozenset[str]:
        """What variables depend on at the step itself."""
        return precedents(replace(self.system, equations=tuple(self.made)), tuple(names))

    def _unknown(self, made: Iterable[Equation], missing: Iterable[str]) -> dict[str, str]:
        """The variables that rest on earlier steps of what no step computes."""
        return {
            e.target: self.refused.get(own, f"{own} is not known at a step")
            for e in made
            for own in sorted(missing)
            if any("@" in ref.name and ref.name.partition("@")[0] == own for ref in refs(e.right))
        }


def _without(subscripts: tuple[sympy.Expr, ...], position: int) -> tuple[sympy.Expr, ...]:
    return (*subscripts[:position], *subscripts[position + 1 :])


def _lags(equations: Iterable[Equation]) -> dict[str, int]:
    """The variables that are read at earlier steps, each with the greatest lag."""
    lags: dict[str, int] = {}
    for name in sorted({ref.name for e in equations for ref in refs(e.right) if "@" in ref.name}):
        own, _, lag = name.partition("@")
        lags[own] = max(lags.get(own, 0), int(lag))
    return lags


def _computable(equations: list[Equation], absent: set[str]) -> list[Equation]:
    """The equations that rest only on what a step has: not on what is absent and has no equation at a step."""
    while True:
        have = {e.target for e in equations}
        kept = [e for e in equations if all(ref.name not in absent or ref.name in have for ref in refs(e.right))]
        if len(kept) == len(equations):
            return kept
        equations = kept
