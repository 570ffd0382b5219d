"""Who reads whom: the variables that a person named, and every read of one by another, at which steps and with what.

Generated variables are put in where they are read, and what depends on no data and has no steps (`A = W - W.T`) counts
as a parameter: it is written on an arrow, not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

import sympy

from derive.affine import split
from derive.calculus.indices import bound
from derive.emit.graph.deciding import is_of_steps
from derive.emit.graph.vanishing import counts
from derive.expressions import AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import Elementwise
from derive.system import Equation, Role, System, Variable

Subscripts = tuple[sympy.Expr, ...]
LOSS = "loss"


@dataclass(frozen=True)
class Read:
    """One variable read by another.

    Attributes:
        source: what is read.
        at: at which steps, a subscript per sequence of the source.
        target: what reads it.
        to: at which steps, a subscript per sequence of the target.
        domain: the ranges of all steps in these, outer first.
        within: (value, least, greatest): what must hold besides.
        when: conditions on steps, and whether they must hold or must not.
        labels: the parameters that the value meets in the product that it stands in.
    """

    source: str
    at: Subscripts
    target: str
    to: Subscripts
    domain: Domain = ()
    within: tuple[tuple[sympy.Expr, sympy.Expr, sympy.Expr], ...] = ()
    when: tuple[tuple[sympy.Expr, bool], ...] = ()
    labels: tuple[str, ...] = ()


def steps_of(variable: Variable, subscripts: Iterable[sympy.Expr]) -> Subscripts:
    """Those of the subscripts that count steps."""
    return tuple(s for s, axis in zip(subscripts, variable.axes, strict=True) if axis.kind is AxisKind.SEQUENCE)


def sequences_of(variable: Variable) -> tuple[str, ...]:
    """The names of a variable's sequences."""
    return tuple(axis.name for axis in variable.axes if axis.kind is AxisKind.SEQUENCE)


def weights(system: System) -> set[str]:
    """What is written on arrows: parameters, constants, and what is made of these alone; nothing that has steps."""
    found = {v.name for v in system.with_role(Role.PARAM, Role.CONST) if not sequences_of(v)}
    waiting = [v for v in system.with_role(Role.VAR) if not sequences_of(v) and v.name != LOSS]
    while True:
        more = {
            v.name
            for v in waiting
            if v.name not in found
            and all(ref.name in found for e in system.defining.get(v.name, ()) for ref in refs(e.right))
        }
        if not more:
            return found
        found |= more


def reads(system: System) -> tuple[Read, ...]:
    """Every read of a variable that is drawn, by another one, in the order of the equations."""
    walk = _Walk(system, weights(system))
    for equation in system.equations:
        variable = system.by_name[equation.target]
        if variable.is_generated or variable.name in walk.weights:
            continue
        own = tuple(r for r in equation.domain if r.axis.kind is AxisKind.SEQUENCE)
        start = Read("", (), equation.target, steps_of(variable, equation.subscripts), own)
        walk.expression(equation.right, start)
    return tuple(dict.fromkeys(walk.found))


def step_losses(system: System) -> tuple[Index, ...]:
    """The steps that the loss is a sum over, outer first; none where it is anything else besides.

    Parts that read no data count nothing here: the penalty on a parameter does not change where the loss comes from.
    """
    light, found = weights(system), set[tuple[str, ...]]()
    taken: tuple[Index, ...] = ()
    for equation in system.defining.get(LOSS, ()):
        for term in sympy.Add.make_args(equation.right):
            if all(ref.name in light for ref in refs(term)):
                continue
            taken = tuple(r.index for r in _summed(term)[0])
            found.add(tuple(index.axis.name for index in taken))
    return taken if len(found) == 1 else ()


def _summed(term: sympy.Expr) -> tuple[tuple[Range, ...], sympy.Expr]:
    """The sums over steps that a term begins with, factors aside, and what is summed."""
    ranges: list[Range] = []
    while True:
        sums = [factor for factor in sympy.Mul.make_args(term) if isinstance(factor, Sum)]
        others = [factor for factor in sympy.Mul.make_args(term) if not isinstance(factor, Sum)]
        if len(sums) != 1 or any(refs(factor) for factor in others):
            return tuple(ranges), term
        if sums[0].range.axis.kind is AxisKind.SEQUENCE:
            ranges.append(sums[0].range)
        term = sums[0].body


class _Walk:
    """Goes through right sides and notes what they read."""

    def __init__(self, system: System, weights: set[str]) -> None:
        self.system, self.weights = system, weights
        self.found: list[Read] = []
        self.open: list[str] = []
        self.numbers = count(1)
        self.losses = step_losses(system)

    def expression(self, expression: sympy.Expr, read: Read) -> None:
        """Notes what an expression reads.

        Args:
            expression: of the target's right side.
            read: what holds of every read in it.
        """
        if isinstance(expression, Ref):
            self.ref(expression, read)
        elif isinstance(expression, Sum):
            self.sum(expression, read)
        elif isinstance(expression, sympy.Mul):
            own = {factor.name for factor in expression.args if isinstance(factor, Ref)} & self.weights
            inside = replace(read, labels=self.sorted(own)) if own else read
            # Where a factor is 0 the others are not read.
            zero = [(f, counts(f, self.system)) for f in expression.args if isinstance(f, Ref)]
            for factor in expression.args:
                when = tuple(pair for other, pairs in zero if other is not factor for pair in pairs)
                self.expression(factor, replace(inside, when=(*inside.when, *when)))
        elif isinstance(expression, Elementwise) and len(expression.args) == 3 and is_of_steps(expression.args[0]):
            condition, then, otherwise = expression.args
            self.expression(then, replace(read, when=(*read.when, (condition, True))))
            self.expression(otherwise, replace(read, when=(*read.when, (condition, False))))
        else:
            for argument in expression.args:
                if isinstance(argument, sympy.Expr):
                    self.expression(argument, read)

    def sum(self, expression: Sum, read: Read) -> None:
        """A sum over steps has their range; one that the loss begins with is the loss at these steps."""
        range_ = expression.range
        if range_.axis.kind is AxisKind.SEQUENCE:
            read = replace(read, domain=(*read.domain, range_))
            place = len(read.to)
            if read.target == LOSS and not self.open and place < len(self.losses) and not read.source:
                if range_.axis == self.losses[place].axis:
                    read = replace(read, to=(*read.to, range_.index))
        self.expression(expression.body, read)

    def ref(self, ref: Ref, read: Read) -> None:
        """A read of a variable; of a generated one, the reads of what it stands for."""
        variable = self.system.by_name[ref.name]
        inside = read
        if ref.name in self.weights:
            inside = replace(read, labels=self.sorted({ref.name}))
        elif variable.role is not Role.START and not variable.is_generated:
            self.found.append(replace(read, source=ref.name, at=steps_of(variable, ref.subscripts)))
            inside = replace(read, labels=())
        elif variable.is_generated and ref.name not in self.open:
            self.open.append(ref.name)
            for equation in self.system.defining.get(ref.name, ()):
                self.put_in(equation, variable, ref, read)
            self.open.pop()
            inside = replace(read, labels=())
        for subscript, axis in zip(ref.subscripts, variable.axes, strict=True):
            # A step that is looked up is where an arrow begins, and no value.
            if axis.kind is not AxisKind.SEQUENCE:
                for look in refs(subscript):
                    self.ref(look, inside)

    def put_in(self, equation: Equation, variable: Variable, ref: Ref, read: Read) -> None:
        """The reads of a generated variable's equation, at the steps at which it is read."""
        names = {r.index for r in equation.domain} | set(bound(equation.right))
        own = {index: Index(f"{index.name}.{next(self.numbers)}", index.axis) for index in sorted(names, key=str)}
        values: dict[sympy.Basic, sympy.Expr] = {}
        within = list(read.within)
        for mine, theirs in zip(
            steps_of(variable, equation.subscripts), steps_of(variable, ref.subscripts), strict=True
        ):
            index, offset = split(mine)
            if index is not None and own[index] not in values:
                values[own[index]] = theirs - offset
            elif index is None:
                within.append((theirs, mine, mine))
        domain = list(read.domain)
        for range_ in equation.domain:
            if range_.axis.kind is AxisKind.SEQUENCE:
                first, last = (end.xreplace(own).xreplace(values) for end in (range_.first, range_.last))
                index = own[range_.index]
                if index in values:
                    within.append((values[index], first, last))
                else:
                    domain.append(Range(index, first, last))
        inside = replace(read, domain=tuple(domain), within=tuple(within))
        self.expression(equation.right.xreplace(own).xreplace(values), inside)

    def sorted(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names in the order of the file."""
        return tuple(sorted(names, key=self.system.position.__getitem__))
